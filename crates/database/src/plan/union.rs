//! `or`: a list of ways, one for each branch, whose rows are put together.
use protocol::Query;
use protocol::query::Method;

use super::{Candidate, Chosen, MAX_PROBE, Path, Planner, Request, Walk, Wanted, conditions};
use crate::DbError;
use crate::index::IndexPlan;
use crate::scan::Rows;

/// Most branches that are looked up one by one; more are checked on documents.
const MAX_BRANCHES: usize = 32;

impl Planner<'_, '_> {
    /// The `or` conditions each branch of which narrows by itself.
    pub(super) fn unions(&self, others: &[Candidate], matching: Option<u64>) -> Result<Vec<Candidate>, DbError> {
        let mut found = Vec::new();
        for (at, q) in self.request.conditions.iter().enumerate() {
            if q.method == Method::Or && q.nested.len() <= MAX_BRANCHES {
                found.extend(self.union(at, q, others, matching)?);
            }
        }
        Ok(found)
    }

    fn union(&self, at: usize, q: &Query, others: &[Candidate], matching: Option<u64>) -> Result<Option<Candidate>, DbError> {
        let wanted = match &self.request.wanted {
            by_sequence @ Wanted::Sequence { .. } => by_sequence.clone(),
            _ => Wanted::Any,
        };
        // What must hold besides helps each branch to find an index.
        let rest: Vec<&Query> = self.request.conditions.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, q)| *q).collect();
        let mut covered = vec![true; self.request.conditions.len()];
        let (mut branches, mut rows) = (Vec::with_capacity(q.nested.len()), 0_u64);
        for branch in &q.nested {
            let mut all = conditions(std::slice::from_ref(branch));
            let own = all.len();
            all.extend(&rest);
            let request = Request { conditions: all, wanted: wanted.clone(), enough: self.request.enough, page: self.request.page, cursor: None };
            let planner = Planner { cx: self.cx, schema: self.schema, visibility: self.visibility, request: &request, all: self.all };
            let Some(best) = planner.branch(own, others, matching)? else { return Ok(None) };
            let (mine, besides) = best.chosen.covered.split_at(own.min(best.chosen.covered.len()));
            let mut besides = besides.iter();
            for (i, covered) in covered.iter_mut().enumerate() {
                *covered &= if i == at { mine.iter().all(|c| *c) } else { besides.next().is_some_and(|c| *c) };
            }
            rows = rows.saturating_add(best.rows);
            branches.push(best.chosen.path);
        }
        let sorted = branches.iter().all(|path| is_sorted(path, &self.schema.indexes));
        let ordered = self.request.wanted == Wanted::Any || (sorted && self.by_sequence().is_some());
        let path = Path::Union { branches, sorted, reverse: matches!(wanted, Wanted::Sequence { reverse: true }) };
        Ok(Some(Candidate { chosen: Chosen { path, covered, ordered, visible: false }, reads: rows, rows: rows.min(self.all) }))
    }

    /// The way of one branch that reads least; it must use one of the branch's `own` first conditions.
    fn branch(&self, own: usize, others: &[Candidate], matching: Option<u64>) -> Result<Option<Candidate>, DbError> {
        if let Some(chosen) = self.ids() {
            let rows = if let Path::Ids(ids) = &chosen.path { ids.len() as u64 } else { 0 };
            return Ok(Some(Candidate { chosen, reads: rows, rows }));
        }
        let mut ways = Vec::new();
        for mut index in self.indexes().into_iter().filter(super::usable::Usable::narrowing) {
            if !self.uses(&index.chosen, own) {
                continue;
            }
            let rows = if index.unique { Some(1) } else { self.count(&mut index, others, matching)? };
            let rows = rows.unwrap_or_else(|| MAX_PROBE.max(self.all / 4));
            ways.push(Candidate { chosen: index.chosen, reads: rows, rows });
        }
        ways.extend(self.found()?.into_iter().filter(|_| own > 0));
        Ok(ways.into_iter().min_by_key(|c| c.rows))
    }

    /// Whether an index is on an attribute that one of the first conditions is about. Otherwise all branches would read the same.
    fn uses(&self, chosen: &Chosen, own: usize) -> bool {
        let Path::Index { at, skip, .. } = &chosen.path else { return false };
        let Some(index) = self.schema.indexes.get(*at) else { return false };
        self.request.conditions.iter().take(own).any(|q| index.pieces.iter().take(skip + 1).any(|p| p.key == q.attribute))
    }
}

/// Whether rows of a branch come by sequence.
fn is_sorted(path: &Path, indexes: &[IndexPlan]) -> bool {
    match path {
        Path::Ids(_) | Path::Found { .. } => true,
        Path::Index { at, walk, skip, .. } => match walk {
            Walk::Merged { .. } => true,
            Walk::Ordered { .. } => indexes.get(*at).is_some_and(|i| i.pieces.len() == *skip),
            Walk::Loose => false,
        },
        _ => false,
    }
}

/// Rows of streams, each once, in no order.
pub(crate) fn once<'a>(streams: Vec<Rows<'a>>) -> Rows<'a> {
    let mut seen = std::collections::HashSet::new();
    Box::new(streams.into_iter().flatten().filter(move |row| row.as_ref().map_or(true, |r| seen.insert(r.sequence))))
}
