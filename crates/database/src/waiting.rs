//! Documents whose words are not in the postings yet.
//!
//! A document that comes, changes or goes is noted here with the words the postings have for it and the words it has now: one key, whatever the
//! number of words. Searches read what waits beside the postings; [`crate::enter`] enters it when there is enough.
use std::collections::HashMap;
use std::ops::Bound;

use kv::Read;
use memchr::memmem;
use parking_lot::Mutex;

use crate::catalog::Schema;
use crate::engine::Writer;
use crate::index::IndexPlan;
use crate::jobs::Job;
use crate::record::{Cursor, View, damaged, put_bytes};
use crate::{DbError, IndexKind, keys};

/// So many documents,
pub(crate) const MOST: usize = 1_000;
/// or notes of so many bytes may wait: a search reads all that do. Then they are entered together.
pub(crate) const MOST_BYTES: usize = 512 << 10;
/// Where documents come faster than they are entered, so many times as much is entered at once, as the blocks of frequent words are then written less often;
/// not more, as other writers wait for the transaction.
pub(crate) const AT_ONCE: usize = 2;

/// Packs words into one piece: each between zero bytes, which no word has.
pub(crate) fn pack<'w>(words: impl Iterator<Item = &'w str>) -> Vec<u8> {
    let mut out = Vec::new();
    for word in words {
        if out.is_empty() {
            out.push(0);
        }
        out.extend_from_slice(word.as_bytes());
        out.push(0);
    }
    out
}

/// The words of a pack.
pub(crate) fn unpack(packed: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inner = packed.strip_prefix(&[0]).and_then(|rest| rest.strip_suffix(&[0]));
    inner.into_iter().flat_map(|words| words.split(|byte| *byte == 0))
}

/// What waits for one document, both packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Note<'a> {
    /// Words the postings have it under.
    pub(crate) posted: &'a [u8],
    /// Words it has.
    pub(crate) current: &'a [u8],
}

impl<'a> Note<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, DbError> {
        let mut rest = Cursor(value);
        let posted = rest.bytes().ok_or_else(|| damaged("waiting words"))?;
        Ok(Self { posted, current: rest.0 })
    }

    /// As stored; `None` when there is nothing to do.
    pub(crate) fn value(self) -> Option<Vec<u8>> {
        if self.posted == self.current {
            return None;
        }
        let mut out = Vec::with_capacity(self.posted.len() + self.current.len() + 3);
        put_bytes(&mut out, self.posted);
        out.extend_from_slice(self.current);
        Some(out)
    }
}

/// Which documents wait in an index, and which of some words each has.
pub(crate) struct Waiting(Vec<(u64, Vec<bool>)>);

impl Waiting {
    /// Looks for patterns, each a word as packed or the begin of one.
    pub(crate) fn read(kv: &dyn Read, collection: u32, index: u16, patterns: &[Vec<u8>]) -> Result<Self, DbError> {
        let finders: Vec<_> = patterns.iter().map(memmem::Finder::new).collect();
        let mut all = Vec::new();
        for item in notes(kv, collection, index)? {
            let (key, value) = item?;
            let current = Note::read(&value)?.current;
            let has = finders.iter().map(|f| f.find(current).is_some()).collect();
            all.push((keys::sequence_of(&key).ok_or_else(|| damaged("waiting words"))?, has));
        }
        Ok(Self(all))
    }

    /// Whether a document has a word; `None` when it does not wait and the postings say it.
    pub(crate) fn has(&self, sequence: u64, word: usize) -> Option<bool> {
        let at = self.0.binary_search_by_key(&sequence, |(s, _)| *s).ok()?;
        self.0.get(at)?.1.get(word).copied()
    }

    /// Waiting documents that have a word.
    pub(crate) fn with(&self, word: usize) -> impl Iterator<Item = u64> {
        self.0.iter().filter(move |(_, has)| has.get(word).copied().unwrap_or(false)).map(|(sequence, _)| *sequence)
    }
}

/// The first sequence that may have a note. Engines keep the keys that were removed for a while, and a scan walks over them: notes are made and removed
/// for every document, so that those before the first one are not looked at.
pub(crate) fn first(kv: &dyn Read, collection: u32, index: u16) -> Result<u64, DbError> {
    Ok(kv.get(&keys::waiting(collection, index))?.and_then(|v| keys::number(&v)).unwrap_or(0))
}

/// All notes of an index, by sequence.
pub(crate) fn notes(kv: &dyn Read, collection: u32, index: u16) -> Result<Box<dyn Iterator<Item = kv::Item> + '_>, DbError> {
    let all = keys::waiting(collection, index);
    let from = keys::with_sequence(all.clone(), first(kv, collection, index)?);
    Ok(kv.scan(Bound::Included(&from), Bound::Excluded(&keys::after(&all)), false))
}

/// About how much waits in each index that was written to since the start.
#[derive(Default)]
pub(crate) struct Counts(Mutex<HashMap<(u32, u16), Count>>);

#[derive(Clone, Copy, Default)]
struct Count {
    notes: usize,
    bytes: usize,
}

impl Counts {
    /// Counts a note; whether there is enough to be entered. Counting starts anew then.
    fn add(&self, kv: &dyn Read, (collection, index): (u32, u16), bytes: usize, most: usize) -> Result<bool, DbError> {
        let mut counts = self.0.lock();
        let count = match counts.entry((collection, index)) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(left_over(kv, collection, index)?),
        };
        count.notes += 1;
        count.bytes += bytes;
        let enough = count.notes >= most || count.bytes >= MOST_BYTES;
        if enough {
            *count = Count::default();
        }
        Ok(enough)
    }
}

/// What waits since before the start.
fn left_over(kv: &dyn Read, collection: u32, index: u16) -> Result<Count, DbError> {
    let mut count = Count::default();
    for item in notes(kv, collection, index)?.take(MOST) {
        count.notes += 1;
        count.bytes += item?.1.len();
    }
    Ok(count)
}

impl Writer<'_, '_> {
    /// Notes the words of a document that comes, changes or goes.
    pub(crate) fn change_words(&mut self, schema: &Schema, before: Option<&View<'_>>, after: Option<&View<'_>>) -> Result<(), DbError> {
        let coll = schema.collection.id;
        for plan in schema.indexes.iter().filter(|i| i.kind == IndexKind::Fulltext) {
            let had = before.map(|view| plan.words(view)).transpose()?.unwrap_or_default();
            let has = after.map(|view| plan.words(view)).transpose()?.unwrap_or_default();
            let Some(sequence) = before.or(after).map(|view| view.sequence).filter(|_| had != has) else { continue };
            let key = keys::with_sequence(keys::waiting(coll, plan.id), sequence);
            // A new document has no note yet.
            let noted = if before.is_some() { self.tx.get(&key)? } else { None };
            let posted = noted.as_deref().map(Note::read).transpose()?.map_or(had.as_slice(), |note| note.posted);
            self.put_note(coll, plan.id, key, Note { posted, current: &has })?;
        }
        Ok(())
    }

    /// Notes the words of a document that was there before the index; the number of words.
    pub(crate) fn fill_words(&mut self, coll: u32, plan: &IndexPlan, view: &View<'_>) -> Result<usize, DbError> {
        if plan.kind != IndexKind::Fulltext {
            return Ok(0);
        }
        let words = plan.words(view)?;
        let key = keys::with_sequence(keys::waiting(coll, plan.id), view.sequence);
        // One that changed since the index was made has its note.
        if self.tx.get(&key)?.is_none() {
            self.put_note(coll, plan.id, key, Note { posted: &[], current: &words })?;
        }
        Ok(unpack(&words).count())
    }

    /// Writes a note and has the background enter what waits once there is enough.
    pub(crate) fn put_note(&mut self, coll: u32, index: u16, key: Vec<u8>, note: Note<'_>) -> Result<(), DbError> {
        let Some(value) = note.value() else {
            self.tx.delete(key);
            return Ok(());
        };
        let most = self.shared.options.waiting_documents;
        if self.shared.waiting.add(&*self.tx, (coll, index), value.len(), most)? {
            self.leave(&Job::Enter { collection: coll, index }, Vec::new());
        }
        let sequence = keys::sequence_of(&key).ok_or_else(|| damaged("waiting words"))?;
        if sequence < first(&*self.tx, coll, index)? {
            self.first_note(coll, index, sequence);
        }
        self.tx.put(key, value);
        Ok(())
    }

    /// Says that no document before `sequence` has a note.
    fn first_note(&mut self, coll: u32, index: u16, sequence: u64) {
        self.tx.put(keys::waiting(coll, index), sequence.to_be_bytes().to_vec());
    }

    /// Documents up to `last` have been entered: only what changed in the meantime has a note there.
    pub(crate) fn entered_to(&mut self, coll: u32, index: u16, last: u64) -> Result<(), DbError> {
        let all = keys::waiting(coll, index);
        let (from, to) = (keys::with_sequence(all.clone(), first(&*self.tx, coll, index)?), keys::with_sequence(all, last));
        let left = self.tx.scan(Bound::Included(&from), Bound::Included(&to), false).next().transpose()?;
        let next = match left {
            Some((key, _)) => keys::sequence_of(&key).ok_or_else(|| damaged("waiting words"))?,
            None => last.saturating_add(1),
        };
        self.first_note(coll, index, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_give_back_their_words() {
        for words in [&[][..], &[""], &["a"], &["a", "京都", "z"]] {
            let packed = pack(words.iter().copied());
            assert!(unpack(&packed).eq(words.iter().map(|w| w.as_bytes())), "{words:?}");
        }
    }

    #[test]
    fn notes_that_say_nothing_are_not_kept() {
        let (a, b) = (pack(["a"].into_iter()), pack(["b"].into_iter()));
        assert_eq!(Note { posted: &a, current: &a }.value(), None);
        let value = Note { posted: &a, current: &b }.value().unwrap();
        assert_eq!(Note::read(&value).unwrap(), Note { posted: &a, current: &b });
    }
}
