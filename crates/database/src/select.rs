//! From matching rows to a page: cursor, offset, limit, sorting, counting.
use kv::Bytes;

use crate::catalog::Schema;
use crate::find::{Find, Total};
use crate::index::{IndexPlan, Source, push_raw};
use crate::plan::Wanted;
use crate::reading::Context;
use crate::record::{Raw, View, damaged};
use crate::scan::Row;
use crate::{Collection, DbError, keys};

/// A page that is sorted keeps the records of so many rows; of deeper ones it keeps ranks, and reads what it shows once more.
const MAX_RECORDS: u64 = 1_000;

/// The document of a cursor.
#[derive(Clone, Debug)]
pub(crate) struct CursorRow {
    pub(crate) sequence: u64,
    record: Bytes,
}

impl CursorRow {
    /// Where it stands, or would stand, among entries that start with `fixed`, the first `skip` parts of an index.
    pub(crate) fn index_key(&self, index: &IndexPlan, fixed: &[u8], skip: usize) -> Result<Vec<u8>, DbError> {
        let view = View::new(self.sequence, &self.record)?;
        let mut key = fixed.to_vec();
        for piece in index.pieces.iter().skip(skip) {
            push_raw(&mut key, piece.source.raw(&view)?, piece.descending);
        }
        Ok(key)
    }
}

/// The order of a list and where its page starts.
pub(crate) struct Place {
    pub(crate) wanted: Wanted,
    pub(crate) cursor: Option<CursorRow>,
}

impl Place {
    /// Nowhere in particular.
    pub(crate) fn anywhere() -> Self {
        Self { wanted: Wanted::Any, cursor: None }
    }

    /// Of a request. Pages before a cursor are read backwards.
    pub(crate) fn of(cx: &Context<'_>, schema: &Schema, find: &Find) -> Result<Self, DbError> {
        let flip = find.cursor.as_ref().is_some_and(|c| c.before);
        let collection = &schema.collection;
        let mut cursor = None;
        if let Some(c) = &find.cursor {
            let sequence = cx.sequence(collection.id, &c.id)?.ok_or(DbError::CursorNotFound)?;
            let record = cx.record(collection.id, sequence)?.ok_or(DbError::CursorNotFound)?;
            let view = View::new(sequence, &record)?;
            for (key, _) in &find.orders {
                if let Some(source) = Source::of(collection, key)
                    && source.raw(&view)?.is_none()
                {
                    return Err(DbError::OrderNull(format!("Order attribute '{key}' is empty")));
                }
            }
            cursor = Some(CursorRow { sequence, record });
        }
        if let Some(seed) = find.random {
            return Ok(Self { wanted: Wanted::Random(seed), cursor: None });
        }
        let mut fields = Vec::new();
        let mut reverse = flip;
        for (key, descending) in &find.orders {
            let descending = *descending != flip;
            if key == "$sequence" {
                reverse = descending;
                break;
            }
            if !fields.iter().any(|(k, _)| k == key) {
                fields.push((key.clone(), descending));
            }
        }
        let wanted = if fields.is_empty() { Wanted::Sequence { reverse } } else { Wanted::Fields { fields, reverse } };
        Ok(Self { wanted, cursor })
    }

    /// Bytes that sort as the wanted order does.
    fn rank(&self, collection: &Collection, sequence: u64, view: Option<&View<'_>>) -> Result<Vec<u8>, DbError> {
        let mut out = Vec::new();
        let reverse = match &self.wanted {
            Wanted::Any => false,
            Wanted::Sequence { reverse } => *reverse,
            Wanted::Random(seed) => {
                out.extend_from_slice(&shuffle(sequence ^ seed).to_be_bytes());
                false
            }
            Wanted::Fields { fields, reverse } => {
                let view = view.ok_or_else(|| damaged("row without record"))?;
                for (key, descending) in fields {
                    let raw = match Source::of(collection, key) {
                        Some(source) => source.raw(view)?,
                        None => None,
                    };
                    push_rank(&mut out, raw, *descending)?;
                }
                *reverse
            }
        };
        out.extend_from_slice(&(if reverse { !sequence } else { sequence }).to_be_bytes());
        Ok(out)
    }
}

/// Appends a value so that bytes sort as values do; unlike index keys, texts are kept whole and lists count.
fn push_rank(out: &mut Vec<u8>, raw: Option<Raw<'_>>, descending: bool) -> Result<(), DbError> {
    let text;
    let part = match raw {
        None => keys::Part::Null,
        Some(Raw::Bool(b)) => keys::Part::Bool(b),
        Some(Raw::Int(i)) => keys::Part::Int(i),
        Some(Raw::Float(f)) => keys::Part::Float(f),
        Some(Raw::Time(t)) => keys::Part::Int(t.0),
        Some(Raw::Text(s)) => keys::Part::Text(s),
        Some(other) => {
            text = other.value(None).unwrap_or_default().to_string();
            keys::Part::Text(&text)
        }
    };
    keys::push(out, part, descending);
    Ok(())
}

/// Mixes bits (splitmix64): a different order for every seed.
fn shuffle(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Collects a page out of the rows shown to it.
pub(crate) struct Selection<'p> {
    place: Option<&'p Place>,
    ordered: bool,
    skip: u64,
    limit: u64,
    /// Count up to this many; 0 = do not count.
    cap: u64,
    counted: u64,
    /// What sorts before is not on the page.
    start: Option<Option<Vec<u8>>>,
    /// Rows, with their ranks when they must be sorted.
    rows: Vec<(Vec<u8>, Row)>,
}

impl<'p> Selection<'p> {
    pub(crate) fn new(find: &Find, place: &'p Place, ordered: bool, total: Total) -> Self {
        let cap = match total {
            Total::None => 0,
            Total::Capped(n) => n,
            Total::Exact => u64::MAX,
        };
        let start = (place.cursor.is_some() && (!ordered || !matches!(place.wanted, Wanted::Sequence { .. }))).then_some(None);
        Self { place: Some(place), ordered, skip: find.offset, limit: find.limit, cap, counted: 0, start, rows: Vec::new() }
    }

    /// Counts only.
    pub(crate) fn counter(cap: u64) -> Self {
        Self { place: None, ordered: true, skip: 0, limit: 0, cap, counted: 0, start: None, rows: Vec::new() }
    }

    /// Whether rows are of use only with their records.
    pub(crate) fn wants_records(&self) -> bool {
        let sorts = !self.ordered || self.start.is_some();
        sorts && self.place.is_some_and(|p| matches!(p.wanted, Wanted::Fields { .. }))
    }

    /// Takes a matching row; `false` when no more are needed.
    pub(crate) fn take(&mut self, collection: &Collection, row: Row) -> Result<bool, DbError> {
        self.counted += 1;
        let counting = self.counted < self.cap;
        let Some(place) = self.place else { return Ok(counting) };
        let rank = if self.ordered && self.start.is_none() { Vec::new() } else { rank(place, collection, &row)? };
        if let Some(start) = &mut self.start {
            if start.is_none()
                && let Some(c) = &place.cursor
            {
                *start = Some(place.rank(collection, c.sequence, Some(&View::new(c.sequence, &c.record)?))?);
            }
            if start.as_ref().is_some_and(|s| rank <= *s) {
                return Ok(true);
            }
        }
        if self.ordered {
            if self.skip > 0 {
                self.skip -= 1;
            } else if (self.rows.len() as u64) < self.limit {
                self.rows.push((rank, row));
            }
            return Ok(counting || (self.rows.len() as u64) < self.limit);
        }
        let record = row.record.filter(|_| self.skip.saturating_add(self.limit) <= MAX_RECORDS);
        self.rows.push((rank, Row { record, ..row }));
        self.prune();
        Ok(true)
    }

    /// Forgets rows that cannot be on the page any more.
    fn prune(&mut self) {
        let needed = usize::try_from(self.skip.saturating_add(self.limit)).unwrap_or(usize::MAX);
        if self.rows.len() > needed.saturating_mul(2).saturating_add(1024) {
            self.rows.select_nth_unstable_by(needed, |a, b| a.0.cmp(&b.0));
            self.rows.truncate(needed);
        }
    }

    /// The page's rows and how many matched.
    pub(crate) fn finish(mut self) -> (Vec<(u64, Option<Bytes>)>, u64) {
        if !self.ordered {
            self.rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(self.rows.len());
            self.rows.drain(..skip);
            self.rows.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        }
        (self.rows.into_iter().map(|(_, r)| (r.sequence, r.record)).collect(), self.counted.min(self.cap))
    }
}

fn rank(place: &Place, collection: &Collection, row: &Row) -> Result<Vec<u8>, DbError> {
    match &row.record {
        Some(bytes) => place.rank(collection, row.sequence, Some(&View::new(row.sequence, bytes)?)),
        None => place.rank(collection, row.sequence, None),
    }
}
