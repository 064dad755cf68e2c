//! Streams of rows out of the store: documents, index entries, postings.
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::iter::Peekable;
use std::ops::Bound;
use std::sync::Arc;

use kv::{Bytes, Item, Read};

use crate::index::split;
use crate::plan;
use crate::record::damaged;
use crate::{DbError, keys};

/// A document found; the record when it came along.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) sequence: u64,
    pub(crate) record: Option<Bytes>,
}

/// Rows, lazily.
pub(crate) type Rows<'a> = Box<dyn Iterator<Item = Result<Row, DbError>> + 'a>;

/// Keys from a first (included) to a last (excluded).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: Vec<u8>,
    pub(crate) to: Vec<u8>,
}

impl Range {
    /// All keys with a prefix.
    pub(crate) fn prefix(prefix: Vec<u8>) -> Self {
        let to = keys::after(&prefix);
        Self { from: prefix, to }
    }

    /// Lazy scan of it.
    pub(crate) fn scan<'a>(&self, kv: &'a dyn Read, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        kv.scan(Bound::Included(&self.from), Bound::Excluded(&self.to), reverse)
    }
}

/// Bounds on sequences, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequences {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Sequences {
    pub(crate) const ALL: Self = Self { from: 0, to: u64::MAX };

    /// What comes after a sequence in a direction.
    pub(crate) fn beyond(self, sequence: u64, reverse: bool) -> Self {
        match (reverse, sequence) {
            (true, 0) | (false, u64::MAX) => Self { from: 1, to: 0 },
            (true, s) => Self { to: self.to.min(s - 1), ..self },
            (false, s) => Self { from: self.from.max(s + 1), ..self },
        }
    }

    pub(crate) fn contains(self, sequence: u64) -> bool {
        (self.from..=self.to).contains(&sequence)
    }
}

/// Documents of a collection in order of sequence, with their records.
pub(crate) fn documents(kv: &dyn Read, collection: u32, within: Sequences, reverse: bool) -> Rows<'_> {
    let (from, to) = (keys::document(collection, within.from), keys::document(collection, within.to));
    Box::new(kv.scan(Bound::Included(&from), Bound::Included(&to), reverse).map(|item| {
        let (key, value) = item?;
        let sequence = keys::sequence_of(&key).ok_or_else(|| damaged("document key"))?;
        Ok(Row { sequence, record: Some(value) })
    }))
}

/// Entries under a prefix that is followed by nothing but the sequence.
pub(crate) fn postings<'a>(kv: &'a dyn Read, prefix: &[u8], within: Sequences, reverse: bool) -> Rows<'a> {
    let (from, to) = (keys::with_sequence(prefix.to_vec(), within.from), keys::with_sequence(prefix.to_vec(), within.to));
    Box::new(kv.scan(Bound::Included(&from), Bound::Included(&to), reverse).map(|item| {
        let sequence = keys::sequence_of(&item?.0).ok_or_else(|| damaged("posting"))?;
        Ok(Row { sequence, record: None })
    }))
}

/// The one entry of a unique index under exactly this key.
pub(crate) fn unique<'a>(kv: &'a dyn Read, key: &[u8], within: Sequences) -> Result<Rows<'a>, DbError> {
    let found = kv.get(key)?.and_then(|v| keys::number(&v)).filter(|s| within.contains(*s));
    Ok(Box::new(found.into_iter().map(|sequence| Ok(Row { sequence, record: None }))))
}

/// Entries of ranges one after another; `once` leaves out rows seen before.
pub(crate) fn loose<'a>(kv: &'a dyn Read, ranges: Vec<Range>, once: bool) -> Rows<'a> {
    let mut seen = HashSet::new();
    let rows = ranges.into_iter().flat_map(move |r| r.scan(kv, false)).map(|item| {
        let (key, value) = item?;
        Ok(Row { sequence: split(&key, &value)?.1, record: None })
    });
    if once { Box::new(rows.filter(move |row: &Result<Row, _>| row.as_ref().map_or(true, |r| seen.insert(r.sequence)))) } else { Box::new(rows) }
}

/// Entries that were read in the order of their keys already, as a walk gives them; `None` when they are not enough for it. `once` leaves out rows seen before.
pub(crate) fn counted<'a>(entries: &Arc<[u64]>, walk: plan::Walk, from_cursor: bool, once: bool) -> Option<Rows<'a>> {
    if !walk.is_by_key() || (from_cursor && walk != plan::Walk::Loose) {
        return None;
    }
    let mut entries = entries.to_vec();
    if once {
        let mut seen = HashSet::new();
        entries.retain(|s| seen.insert(*s));
    }
    if matches!(walk, plan::Walk::Ordered { outer: true, .. }) {
        entries.reverse();
    }
    Some(Box::new(entries.into_iter().map(|sequence| Ok(Row { sequence, record: None }))))
}

/// Sequences that were read already, in their order.
pub(crate) fn sorted<'a>(sequences: &[u64], within: Sequences, reverse: bool) -> Rows<'a> {
    let mut found: Vec<u64> = sequences.iter().copied().filter(|s| within.contains(*s)).collect();
    found.sort_unstable();
    found.dedup();
    if reverse {
        found.reverse();
    }
    Box::new(found.into_iter().map(|sequence| Ok(Row { sequence, record: None })))
}

/// Merges streams ordered by sequence into one, without repeats.
pub(crate) fn union<'a>(mut streams: Vec<Rows<'a>>, reverse: bool) -> Rows<'a> {
    if streams.len() == 1 {
        return streams.pop().unwrap_or_else(|| Box::new(std::iter::empty()));
    }
    Box::new(Union { streams, heads: BinaryHeap::new(), reverse, started: false, last: None })
}

struct Union<'a> {
    streams: Vec<Rows<'a>>,
    heads: BinaryHeap<Reverse<(u64, usize)>>,
    reverse: bool,
    started: bool,
    last: Option<u64>,
}

impl Union<'_> {
    fn pull(&mut self, at: usize) -> Result<(), DbError> {
        if let Some(row) = self.streams.get_mut(at).and_then(Iterator::next) {
            let sequence = row?.sequence;
            self.heads.push(Reverse((if self.reverse { !sequence } else { sequence }, at)));
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Row>, DbError> {
        if !self.started {
            self.started = true;
            for at in 0..self.streams.len() {
                self.pull(at)?;
            }
        }
        while let Some(Reverse((rank, at))) = self.heads.pop() {
            self.pull(at)?;
            if self.last != Some(rank) {
                self.last = Some(rank);
                return Ok(Some(Row { sequence: if self.reverse { !rank } else { rank }, record: None }));
            }
        }
        Ok(None)
    }
}

impl Iterator for Union<'_> {
    type Item = Result<Row, DbError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

/// Rows that are in both of two streams ordered by sequence.
pub(crate) fn both<'a>(mut a: Rows<'a>, mut b: Rows<'a>, reverse: bool) -> Rows<'a> {
    let mut left: Option<u64> = None;
    Box::new(std::iter::from_fn(move || {
        let behind = |x: u64, y: u64| if reverse { x > y } else { x < y };
        let mut right = match b.next()? {
            Ok(row) => row,
            Err(e) => return Some(Err(e)),
        };
        loop {
            while left.is_none_or(|l| behind(l, right.sequence)) {
                match a.next()? {
                    Ok(row) => left = Some(row.sequence),
                    Err(e) => return Some(Err(e)),
                }
            }
            if left == Some(right.sequence) {
                return Some(Ok(right));
            }
            right = match b.next()? {
                Ok(row) => row,
                Err(e) => return Some(Err(e)),
            };
        }
    }))
}

/// Entries of one range in the order of their values (`outer` reverses it), rows with the same values in the order of
/// their sequences (`inner` reverses that). Starts after the place `after`: key of the values and a sequence.
pub(crate) fn walk<'a>(kv: &'a dyn Read, mut range: Range, outer: bool, inner: bool, after: Option<(Vec<u8>, u64)>) -> Result<Rows<'a>, DbError> {
    let mut group = None;
    if let Some((values, sequence)) = after {
        let same = Range::prefix(values);
        if same.from >= range.from && same.to <= range.to {
            group = Some(rest_of_group(kv, &same, sequence, inner)?);
        }
        match outer {
            false => range.from = same.to.max(range.from),
            true => range.to = same.from.min(range.to),
        }
    }
    let entries = (range.from < range.to).then(|| range.scan(kv, outer).peekable());
    Ok(Box::new(Walk { kv, range, outer, inner, entries, group }))
}

/// Entries with the values of `same` beyond a sequence.
fn rest_of_group<'a>(kv: &'a dyn Read, same: &Range, sequence: u64, reverse: bool) -> Result<Box<dyn Iterator<Item = Item> + 'a>, DbError> {
    let beyond = Sequences::ALL.beyond(sequence, reverse);
    if let Some(value) = kv.get(&same.from)? {
        let inside = keys::number(&value).is_some_and(|s| beyond.contains(s));
        return Ok(Box::new(inside.then(|| Ok((Bytes::from(same.from.as_slice()), value))).into_iter()));
    }
    let (from, to) = (keys::with_sequence(same.from.clone(), beyond.from), keys::with_sequence(same.from.clone(), beyond.to));
    Ok(kv.scan(Bound::Included(&from), Bound::Included(&to), reverse))
}

struct Walk<'a> {
    kv: &'a dyn Read,
    range: Range,
    outer: bool,
    inner: bool,
    entries: Option<Peekable<Box<dyn Iterator<Item = Item> + 'a>>>,
    group: Option<Box<dyn Iterator<Item = Item> + 'a>>,
}

impl Walk<'_> {
    fn advance(&mut self) -> Result<Option<Row>, DbError> {
        loop {
            if let Some(group) = &mut self.group {
                if let Some(item) = group.next() {
                    let (key, value) = item?;
                    return Ok(Some(Row { sequence: split(&key, &value)?.1, record: None }));
                }
                self.group = None;
            }
            let Some(entries) = &mut self.entries else { return Ok(None) };
            let Some(item) = entries.next() else { return Ok(None) };
            let (key, value) = item?;
            let (parts, sequence) = split(&key, &value)?;
            if self.outer == self.inner {
                return Ok(Some(Row { sequence, record: None }));
            }
            let values = key.get(..parts).unwrap_or(&key);
            let alone = match entries.peek() {
                Some(Ok((next, _))) => !next.starts_with(values),
                Some(Err(e)) => return Err(e.clone().into()),
                None => true,
            };
            if alone {
                return Ok(Some(Row { sequence, record: None }));
            }
            // Several rows share these values: take them in the other direction, then go on beyond them.
            let same = Range::prefix(values.to_vec());
            match self.outer {
                false => self.range.from = same.to.clone(),
                true => self.range.to = same.from.clone(),
            }
            self.group = Some(same.scan(self.kv, self.inner));
            self.entries = (self.range.from < self.range.to).then(|| self.range.scan(self.kv, self.outer).peekable());
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Row, DbError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}
