//! Ways that are looked up before they are weighed: the words of a search, the cells of a place.
use protocol::Query;
use protocol::query::Method;

use super::{Candidate, Chosen, Path, Planner};
use crate::index::IndexPlan;
use crate::record::damaged;
use crate::scan::Range;
use crate::spatial::{Condition, Cover, is_inside};
use crate::words::{self, Hits, Search};
use crate::{DbError, IndexKind, Kind, keys};

impl Planner<'_, '_> {
    /// One candidate for each condition that such an index answers, unless it finds too much.
    pub(super) fn found(&self) -> Result<Vec<Candidate>, DbError> {
        let mut candidates = Vec::new();
        for (condition, q) in self.request.conditions.iter().enumerate() {
            let hits = match q.method {
                Method::Search => self.words(q)?,
                _ => self.cells(q)?,
            };
            candidates.extend(hits.map(|(at, hits)| self.candidate(condition, at, hits)));
        }
        Ok(candidates)
    }

    fn candidate(&self, condition: usize, at: usize, hits: Hits) -> Candidate {
        let mut covered = self.uncovered();
        if let Some(c) = covered.get_mut(condition) {
            *c = hits.exact;
        }
        let rows = hits.sequences.len() as u64;
        let reverse = self.by_sequence();
        let path = Path::Found { at, sequences: hits.sequences, reverse: reverse == Some(true) };
        Candidate { chosen: Chosen { path, covered, ordered: reverse.is_some(), visible: false }, reads: rows, rows }
    }

    /// Full text.
    fn words(&self, q: &Query) -> Result<Option<(usize, Hits)>, DbError> {
        let (Some(text), Some((at, index))) = (q.text(), self.index_on(q, IndexKind::Fulltext)) else { return Ok(None) };
        Ok(words::find(self.cx, self.schema.collection.id, index.id, &Search::parse(text), self.worth())?.map(|hits| (at, hits)))
    }

    /// A place.
    fn cells(&self, q: &Query) -> Result<Option<(usize, Hits)>, DbError> {
        let Some((at, index)) = self.index_on(q, IndexKind::Spatial) else { return Ok(None) };
        let kind = index.pieces.first().map_or(Kind::Json, |p| p.source.kind());
        let condition = Condition::new(kind, q).map_err(DbError::Query)?;
        let Some(areas) = condition.and_then(|c| c.areas()) else { return Ok(None) };
        let cover = Cover::new(&areas, kind == Kind::Point);
        Ok(self.inside(index, &cover)?.map(|sequences| (at, Hits { sequences, exact: false })))
    }

    /// Documents entered under the cells of a cover.
    fn inside(&self, index: &IndexPlan, cover: &Cover) -> Result<Option<Vec<u64>>, DbError> {
        let base = keys::index(self.schema.collection.id, index.id);
        let mut left = self.worth();
        let mut found = Vec::new();
        for (from, to) in &cover.ranges {
            let range = Range { from: keys::with_sequence(base.clone(), *from), to: keys::after(&keys::with_sequence(base.clone(), *to)) };
            for item in range.scan(self.cx.kv, false) {
                let (key, _) = item?;
                let cell = key.get(base.len()..).and_then(keys::number).ok_or_else(|| damaged("cell"))?;
                let Some(rest) = left.checked_sub(1) else { return Ok(None) };
                left = rest;
                self.cx.note_entries(1);
                if is_inside(cover, cell) {
                    found.push(keys::sequence_of(&key).ok_or_else(|| damaged("cell"))?);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(Some(found))
    }

    /// The usable index of a kind on a query's attribute.
    fn index_on(&self, q: &Query, kind: IndexKind) -> Option<(usize, &IndexPlan)> {
        let is = |i: &IndexPlan| i.kind == kind && i.ready && matches!(i.pieces.as_slice(), [p] if p.key == q.attribute);
        self.schema.indexes.iter().enumerate().find(|(_, i)| is(i))
    }

    /// How many entries are worth reading. All of them must be before the first row is known; where documents alone give the
    /// wanted order, a page of frequent matches is found sooner by looking at documents until there are enough.
    fn worth(&self) -> u64 {
        match (self.by_sequence(), self.request.enough) {
            (Some(_), Some(enough)) => enough.saturating_mul(self.all).saturating_mul(2).isqrt().max(super::MAX_PROBE),
            _ => u64::MAX,
        }
    }
}
