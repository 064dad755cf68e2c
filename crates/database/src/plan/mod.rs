//! Chooses how to find documents: which keys to read, in which order, and what is left to check.
mod found;
mod union;
mod usable;

use std::sync::Arc;

use kv::Read;
use protocol::Query;
use protocol::query::Method;
use serde_json::Value;

use crate::DbError;
use crate::catalog::Schema;
use crate::reading::Context;
use crate::record::View;
use crate::scan::{Range, Sequences};
use crate::select::CursorRow;
use crate::visibility::Visibility;
use crate::{Considered, explain, index};
use usable::Usable;

pub(crate) use union::once;

/// Most ranges an index is asked for in one list.
const MAX_RANGES: usize = 512;
/// Most entries counted to compare two ways.
const MAX_PROBE: u64 = 2048;
/// What reading an index entry costs; the unit.
const ENTRY: u64 = 1;
/// What reading a record in a scan costs.
const SCAN: u64 = 2;
/// What fetching a record by key costs.
const FETCH: u64 = 16;
/// How many rows are read for one that matches, when nothing is known.
const GUESS: u64 = 8;
/// Documents looked at to tell how many of an index's the caller may read.
const SAMPLE: usize = 4;

/// The order wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// None; for counting.
    Any,
    /// By sequence.
    Sequence { reverse: bool },
    /// By fields (`true` descending), then by sequence.
    Fields { fields: Vec<(String, bool)>, reverse: bool },
    /// Shuffled by a seed.
    Random(u64),
}

/// How rows come out of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// One range in the order of its values; `outer` reverses them, `inner` the sequences of equal ones.
    Ordered { outer: bool, inner: bool },
    /// Ranges of fixed values each, merged by sequence.
    Merged { reverse: bool },
    /// In no particular order.
    Loose,
}

impl Walk {
    /// Whether rows come in the order of the keys, forwards or backwards, or may come so.
    pub(crate) fn is_by_key(self) -> bool {
        match self {
            Self::Loose => true,
            Self::Ordered { outer, inner } => outer == inner,
            Self::Merged { .. } => false,
        }
    }
}

/// A way to the documents.
#[derive(Clone, Debug)]
pub(crate) enum Path {
    Nothing,
    Ids(Vec<String>),
    Documents {
        within: Sequences,
        reverse: bool,
    },
    Roles {
        roles: Vec<String>,
        reverse: bool,
    },
    /// `fixed` is what the keys of an ordered walk start with, the first `skip` parts. `counted` are the sequences of all entries, in their order, when
    /// they were read already to count them.
    Index {
        at: usize,
        ranges: Vec<Range>,
        walk: Walk,
        fixed: Vec<u8>,
        skip: usize,
        counted: Option<Arc<[u64]>>,
    },
    /// Entries of an index with fixed values that the roles may read as well, by sequence. `counted` as with an index alone.
    Both {
        roles: Vec<String>,
        at: usize,
        ranges: Vec<Range>,
        reverse: bool,
        counted: Option<Arc<[u64]>>,
    },
    /// What a full-text or spatial index gave.
    Found {
        at: usize,
        sequences: Vec<u64>,
        reverse: bool,
    },
    /// What any of these ways finds; by sequence when all of them are.
    Union {
        branches: Vec<Path>,
        sorted: bool,
        reverse: bool,
    },
}

/// A chosen path and what it settles.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) path: Path,
    /// For each condition, whether every row of the path meets it.
    pub(crate) covered: Vec<bool>,
    /// Rows come in the wanted order.
    pub(crate) ordered: bool,
    /// All rows may be read.
    pub(crate) visible: bool,
}

impl Chosen {
    /// Whether all entries were read already, to count them.
    fn is_counted(&self) -> bool {
        matches!(self.path, Path::Index { counted: Some(_), walk, .. } if walk.is_by_key())
    }
}

/// What is asked for.
pub(crate) struct Request<'q> {
    pub(crate) conditions: Vec<&'q Query>,
    pub(crate) wanted: Wanted,
    /// Rows that are enough when they come in order; `None` when all must be seen.
    pub(crate) enough: Option<u64>,
    /// Rows that are given back, with those left out before them.
    pub(crate) page: u64,
    /// Where the page starts.
    pub(crate) cursor: Option<&'q CursorRow>,
}

/// Takes conjunctions apart.
pub(crate) fn conditions(filters: &[Query]) -> Vec<&Query> {
    fn add<'q>(q: &'q Query, out: &mut Vec<&'q Query>) {
        match q.method {
            Method::And => q.nested.iter().for_each(|n| add(n, out)),
            _ => out.push(q),
        }
    }
    let mut out = Vec::new();
    filters.iter().for_each(|q| add(q, &mut out));
    out
}

/// A path and how much there is to it.
struct Candidate {
    chosen: Chosen,
    /// Entries or records to read when all are read.
    reads: u64,
    /// Rows that come out.
    rows: u64,
}

/// Chooses.
pub(crate) fn choose(cx: &Context<'_>, schema: &Schema, visibility: &Visibility<'_>, request: &Request<'_>) -> Result<Chosen, DbError> {
    let planner = Planner { cx, schema, visibility, request, all: cx.stats(schema.collection.id)?.count };
    #[cfg(test)]
    if let Some(forced) = testing::pick(&planner)? {
        return Ok(forced);
    }
    if let Some(chosen) = planner.ids() {
        cx.think("the ids are given", Vec::new);
        return Ok(chosen);
    }
    let mut indexes = planner.indexes();
    if let Some(at) = indexes.iter().position(|i| i.unique) {
        cx.think("a unique index finds one document for each value", Vec::new);
        return Ok(indexes.swap_remove(at).chosen);
    }
    let mut candidates = vec![planner.documents()];
    match planner.roles()? {
        Some(None) => {
            cx.think("none of the caller's roles may read a document", Vec::new);
            return Ok(planner.nothing());
        }
        Some(Some(roles)) => candidates.push(roles),
        None => {}
    }
    candidates.extend(planner.found()?);
    if candidates.len() == 1 && indexes.iter().filter(|i| i.narrowing()).count() == 1 {
        // Nothing to weigh: the one index that narrows gives the order, too, and the documents alone would not.
        let by_sequence = candidates.iter().any(|c| c.chosen.ordered);
        if let Some(at) = indexes.iter().position(|i| i.chosen.ordered && (i.equal > 0 || (i.ranged && !by_sequence))) {
            cx.think("the only index that narrows, and it gives the order", Vec::new);
            return Ok(indexes.swap_remove(at).chosen);
        }
    }
    indexes.sort_by_key(|i| (std::cmp::Reverse(i.equal), !i.ranged));
    let mut matching = candidates.iter().skip(1).map(|c| c.rows).min();
    for mut index in indexes {
        let rows = if index.narrowing() { planner.count(&mut index, &candidates, matching)? } else { None };
        if let Some(rows) = rows {
            matching = Some(matching.map_or(rows, |m| m.min(rows)));
        }
        let unknown = if index.narrowing() { MAX_PROBE.max(planner.all / 4) } else { planner.all };
        let rows = rows.unwrap_or(unknown);
        candidates.extend(planner.both(&candidates, &index, rows)?);
        candidates.push(Candidate { chosen: index.chosen, reads: rows, rows });
    }
    let unions = planner.unions(&candidates, matching)?;
    candidates.extend(unions);
    cx.think("the least cost of those considered", || candidates.iter().map(|c| planner.considered(c, matching)).collect());
    let best = candidates.into_iter().min_by_key(|c| planner.cost(c, matching));
    Ok(best.map_or_else(|| planner.nothing(), |c| c.chosen))
}

struct Planner<'p, 'a> {
    cx: &'p Context<'a>,
    schema: &'p Schema,
    visibility: &'p Visibility<'p>,
    request: &'p Request<'p>,
    /// Documents there are.
    all: u64,
}

impl Planner<'_, '_> {
    fn uncovered(&self) -> Vec<bool> {
        vec![false; self.request.conditions.len()]
    }

    fn nothing(&self) -> Chosen {
        Chosen { path: Path::Nothing, covered: vec![true; self.request.conditions.len()], ordered: true, visible: true }
    }

    /// By `$id`.
    fn ids(&self) -> Option<Chosen> {
        let (at, q) = self.request.conditions.iter().enumerate().find(|(_, q)| q.method == Method::Equal && q.attribute == "$id")?;
        let mut ids: Vec<String> = q.values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut covered = self.uncovered();
        if let Some(c) = covered.get_mut(at) {
            *c = true;
        }
        let ordered = self.request.wanted == Wanted::Any || ids.len() < 2;
        Some(Chosen { path: Path::Ids(ids), covered, ordered, visible: false })
    }

    /// Direction when the wanted order is that of sequences.
    fn by_sequence(&self) -> Option<bool> {
        match &self.request.wanted {
            Wanted::Any => Some(false),
            Wanted::Sequence { reverse } => Some(*reverse),
            Wanted::Fields { .. } | Wanted::Random(_) => None,
        }
    }

    /// Whether every row of a path is a match.
    fn sure(&self, chosen: &Chosen) -> bool {
        chosen.covered.iter().all(|c| *c) && (chosen.visible || matches!(self.visibility, Visibility::All))
    }

    /// What a path costs, when about `matching` documents match.
    fn cost(&self, c: &Candidate, matching: Option<u64>) -> u64 {
        let sure = self.sure(&c.chosen);
        let ordered = c.chosen.ordered;
        let seen = match self.request.enough {
            Some(n) if ordered && sure => c.rows.min(n),
            Some(n) if ordered => c.rows.min(n.saturating_mul(matching.map_or(GUESS, |m| (c.rows / m.max(1)).max(1)))),
            _ => c.rows,
        };
        let all = if c.chosen.is_counted() { 0 } else { c.reads };
        let reads = if seen < c.rows { all.saturating_mul(seen) / c.rows } else { all };
        if matches!(c.chosen.path, Path::Documents { .. }) {
            return reads.saturating_mul(SCAN);
        }
        let fetched = if sure && ordered { seen.min(self.request.page) } else { seen };
        reads.saturating_mul(ENTRY).saturating_add(fetched.saturating_mul(FETCH))
    }

    fn considered(&self, c: &Candidate, matching: Option<u64>) -> Considered {
        Considered { way: explain::way(self.schema, &c.chosen.path), ordered: c.chosen.ordered, reads: c.reads, cost: self.cost(c, matching) }
    }

    /// Entries of an index, counted as far as it matters; `None` when there are more. When these are all, the index keeps them.
    fn count(&self, index: &mut Usable, others: &[Candidate], matching: Option<u64>) -> Result<Option<u64>, DbError> {
        let thousand = Candidate { chosen: index.chosen.clone(), reads: 1_000, rows: 1_000 };
        let each = self.cost(&thousand, matching).div_ceil(1_000).max(1);
        let best = others.iter().map(|c| self.cost(c, matching)).min().unwrap_or(u64::MAX);
        let mut limit = (best / each).saturating_add(1);
        if let Some(n) = self.request.enough
            && others.iter().any(|c| c.chosen.ordered && !self.sure(&c.chosen))
        {
            // How far an ordered path must be read depends on how rare matches are. Beyond this many they are frequent
            // enough for it to win. No more is worth counting than reading all of another path costs.
            let worst = others.iter().map(|c| c.reads.saturating_mul(if matches!(c.chosen.path, Path::Documents { .. }) { SCAN } else { ENTRY + FETCH })).min();
            limit = limit.max(n.saturating_mul(self.all).isqrt() + 1).min((worst.unwrap_or(u64::MAX) / each).saturating_add(1));
        }
        let limit = limit.min(MAX_PROBE);
        let Path::Index { ranges, counted, .. } = &mut index.chosen.path else { return Ok(None) };
        let found = probe(self.cx.kv, ranges, limit)?;
        let seen = found.len() as u64;
        self.cx.note_entries(seen);
        if seen >= limit {
            return Ok(None);
        }
        *counted = Some(found.into());
        Ok(Some(seen))
    }

    /// An index together with what the caller's roles may read: only keys are read to find what is in both.
    fn both(&self, candidates: &[Candidate], index: &Usable, rows: u64) -> Result<Option<Candidate>, DbError> {
        let Path::Index { at, ranges, counted, .. } = &index.chosen.path else { return Ok(None) };
        let Some(of_roles) = candidates.iter().find(|c| matches!(c.chosen.path, Path::Roles { .. })) else { return Ok(None) };
        let Path::Roles { roles, reverse } = &of_roles.chosen.path else { return Ok(None) };
        if !index.complete || index.equal == 0 {
            return Ok(None);
        }
        let path = Path::Both { roles: roles.clone(), at: *at, ranges: ranges.clone(), reverse: *reverse, counted: counted.clone() };
        let chosen = Chosen { path, covered: index.chosen.covered.clone(), ordered: of_roles.chosen.ordered, visible: true };
        let by_chance = (of_roles.rows.saturating_mul(rows) / self.all.max(1)).min(rows);
        let common = by_chance.max(counted.as_ref().map_or(Ok(0), |entries| self.readable(entries))?);
        let more = if counted.is_some() { 0 } else { rows };
        Ok(Some(Candidate { chosen, reads: of_roles.rows.saturating_add(more), rows: common }))
    }

    /// About how many of these documents the caller may read, told by a few of them. Who asks for a value mostly asks for what is their own, so that
    /// what an index gives and what the roles give have more in common than chance would have it.
    fn readable(&self, sequences: &[u64]) -> Result<u64, DbError> {
        let step = (sequences.len() / SAMPLE).max(1);
        let (mut looked_at, mut shown) = (0, 0);
        for sequence in sequences.iter().step_by(step).take(SAMPLE) {
            if let Some(bytes) = self.cx.record(self.schema.collection.id, *sequence)? {
                looked_at += 1;
                shown += u64::from(self.visibility.shows(&View::new(*sequence, &bytes)?));
            }
        }
        Ok(sequences.len() as u64 * shown / looked_at.max(1))
    }

    fn documents(&self) -> Candidate {
        let reverse = self.by_sequence();
        let (within, covered) = self.sequences();
        let path = Path::Documents { within, reverse: reverse == Some(true) };
        let rows = self.all.min(within.to.saturating_sub(within.from).saturating_add(1));
        Candidate { chosen: Chosen { path, covered, ordered: reverse.is_some(), visible: false }, reads: rows, rows }
    }

    /// What the caller's roles may read, when the caller is bound by them: `Some(None)` when that is nothing.
    fn roles(&self) -> Result<Option<Option<Candidate>>, DbError> {
        let Visibility::Roles(held) = self.visibility else { return Ok(None) };
        let (mut roles, mut rows) = (Vec::new(), 0_u64);
        for role in held.iter() {
            let n = self.cx.role_count(self.schema.collection.id, role)?;
            if n > 0 {
                roles.push(role.to_owned());
                rows += n;
            }
        }
        if roles.is_empty() {
            return Ok(Some(None));
        }
        let reverse = self.by_sequence();
        let path = Path::Roles { roles, reverse: reverse == Some(true) };
        let chosen = Chosen { path, covered: self.uncovered(), ordered: reverse.is_some(), visible: true };
        Ok(Some(Some(Candidate { chosen, reads: rows, rows })))
    }

    /// Bounds on `$sequence`.
    fn sequences(&self) -> (Sequences, Vec<bool>) {
        let mut within = Sequences::ALL;
        let mut covered = self.uncovered();
        for (q, covered) in self.request.conditions.iter().zip(&mut covered) {
            let number = |at: usize| q.values.get(at).and_then(sequence_value);
            if q.attribute != "$sequence" {
                continue;
            }
            let (from, to) = match (q.method, number(0), number(1)) {
                (Method::Equal, Some(n), _) if q.values.len() == 1 => (n, n),
                (Method::GreaterThan, Some(n), _) => (n.saturating_add(1), u64::MAX),
                (Method::GreaterThanEqual, Some(n), _) => (n, u64::MAX),
                (Method::LessThan, Some(n), _) if n > 0 => (0, n - 1),
                (Method::LessThanEqual, Some(n), _) => (0, n),
                (Method::Between, Some(a), Some(b)) => (a, b),
                _ => continue,
            };
            within = Sequences { from: within.from.max(from), to: within.to.min(to) };
            *covered = true;
        }
        (within, covered)
    }
}

/// Sequences of entries, up to a limit.
fn probe(kv: &dyn Read, ranges: &[Range], limit: u64) -> Result<Vec<u64>, DbError> {
    let mut found = Vec::new();
    for range in ranges {
        for item in range.scan(kv, false) {
            let (key, value) = item?;
            found.push(index::split(&key, &value)?.1);
            if found.len() as u64 >= limit {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

fn sequence_value(v: &Value) -> Option<u64> {
    match v {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

/// Takes any of the possible ways, so that tests can compare them all.
#[cfg(test)]
pub(crate) mod testing {
    use std::cell::Cell;

    use super::{Chosen, DbError, Planner};

    thread_local! {
        /// Which way to take, and how many there were.
        pub(crate) static PICK: Cell<(Option<usize>, usize)> = const { Cell::new((None, 0)) };
    }

    pub(super) fn pick(planner: &Planner<'_, '_>) -> Result<Option<Chosen>, DbError> {
        let (Some(wish), _) = PICK.get() else { return Ok(None) };
        let mut all = Vec::new();
        all.extend(planner.ids());
        all.push(planner.documents().chosen);
        match planner.roles()? {
            Some(Some(c)) => {
                let roles = [c];
                for mut index in planner.indexes() {
                    all.extend(planner.both(&roles, &index, 1)?.map(|c| c.chosen));
                    planner.count(&mut index, &[], None)?;
                    all.extend(planner.both(&roles, &index, 1)?.map(|c| c.chosen));
                }
                all.extend(roles.map(|c| c.chosen));
            }
            Some(None) => all.push(planner.nothing()),
            None => {}
        }
        all.extend(planner.found()?.into_iter().map(|c| c.chosen));
        all.extend(planner.indexes().into_iter().map(|u| u.chosen));
        // And as they are after their entries were counted.
        for mut index in planner.indexes() {
            planner.count(&mut index, &[], None)?;
            all.push(index.chosen);
        }
        all.extend(planner.unions(&[], None)?.into_iter().map(|c| c.chosen));
        PICK.set((Some(wish), all.len()));
        let at = wish % all.len();
        Ok(Some(all.swap_remove(at)))
    }
}
