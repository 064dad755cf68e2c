//! Which documents have a word: sequences in blocks.
//!
//! `text(collection, index) word first-sequence` → the differences of the further sequences, varints. Blocks of a word do not overlap. A document has
//! some fifty words; one key for each would be nearly all that is written for it. So its words wait (see [`crate::waiting`]) until those of many
//! documents are entered together, which costs one block for each word, not one key for each word of each document.
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use kv::Read;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::record::{Cursor, damaged, put_varint};
use crate::{DbError, keys};

/// Sequences of a block; a full one is not written again when later documents come.
const BLOCK: usize = 256;

/// Bytes of last blocks that are kept in memory.
const TAILS_BYTES: u64 = 8 << 20;

/// Writes that changes come to: `None` removes the key.
pub(crate) type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// A block as stored and read: its key and its sequences.
pub(crate) type Block = (Vec<u8>, Vec<u64>);

/// Appends the sequences of a block, ascending.
pub(crate) fn read(key: &[u8], value: &[u8], out: &mut Vec<u64>) -> Result<(), DbError> {
    let mut last = keys::sequence_of(key).ok_or_else(|| damaged("posting"))?;
    out.push(last);
    let mut rest = Cursor(value);
    while !rest.0.is_empty() {
        last = rest.varint().and_then(|step| last.checked_add(step)).ok_or_else(|| damaged("posting"))?;
        out.push(last);
    }
    Ok(())
}

fn write(prefix: &[u8], sequences: &[u64], out: &mut Writes) {
    for block in sequences.chunks(BLOCK) {
        let Some((first, rest)) = block.split_first() else { continue };
        let mut value = Vec::with_capacity(rest.len() * 2);
        let mut last = *first;
        for sequence in rest {
            put_varint(&mut value, sequence - last);
            last = *sequence;
        }
        out.push((keys::with_sequence(prefix.to_vec(), *first), Some(value)));
    }
}

/// The block that a sequence belongs to if it is in any: the last one that begins at it or before.
pub(crate) fn block_of(kv: &dyn Read, prefix: &[u8], sequence: u64) -> Result<Option<Block>, DbError> {
    let (from, to) = (keys::with_sequence(prefix.to_vec(), 0), keys::with_sequence(prefix.to_vec(), sequence));
    let Some(found) = kv.scan(Bound::Included(&from), Bound::Included(&to), true).next() else { return Ok(None) };
    let (key, value) = found?;
    let mut sequences = Vec::new();
    read(&key, &value, &mut sequences)?;
    Ok(Some((key.to_vec(), sequences)))
}

/// Where the block after a sequence begins.
fn next_begin(kv: &dyn Read, prefix: &[u8], sequence: u64) -> Result<Option<u64>, DbError> {
    let (from, to) = (keys::with_sequence(prefix.to_vec(), sequence), keys::with_sequence(prefix.to_vec(), u64::MAX));
    match kv.scan(Bound::Excluded(&from), Bound::Included(&to), false).next() {
        Some(item) => keys::sequence_of(&item?.0).map(Some).ok_or_else(|| damaged("posting")),
        None => Ok(None),
    }
}

/// Adds (`true`) and removes (`false`) sequences, ascending, of the word that `prefix` ends in. What is there already, or gone already, stays so.
/// `tail` is the last block of the word, if it is known. Whether the last block was written: then it is what [`tail_of`] says.
pub(crate) fn change(kv: &dyn Read, prefix: &[u8], tail: Option<Block>, changes: &[(u64, bool)], out: &mut Writes) -> Result<bool, DbError> {
    let mut rest = changes.iter().copied().peekable();
    let mut tail = Some(if tail.is_some() { tail } else { block_of(kv, prefix, u64::MAX)? });
    while let Some((sequence, _)) = rest.peek().copied() {
        // Documents that come are later than all there are: the last block is enough for them.
        let belongs = |block: &Option<Block>| block.as_ref().is_none_or(|(_, sequences)| sequences.first().is_some_and(|first| *first <= sequence));
        let (block, next) = match tail.take_if(|block| belongs(block)) {
            Some(block) => (block, None),
            None => (block_of(kv, prefix, sequence)?, next_begin(kv, prefix, sequence)?),
        };
        let of_block: Vec<(u64, bool)> = std::iter::from_fn(|| rest.next_if(|(s, _)| next.is_none_or(|next| *s < next))).collect();
        let (key, sequences) = block.unzip();
        let mut sequences = sequences.unwrap_or_default();
        let later = |(s, add): &(u64, bool)| *add && sequences.last().is_none_or(|last| s > last);
        if of_block.iter().all(later) {
            // A full block stays as it is.
            if sequences.len() >= BLOCK {
                sequences.clear();
            }
            sequences.extend(of_block.iter().map(|(s, _)| *s));
            write(prefix, &sequences, out);
            continue;
        }
        if let Some(key) = key {
            out.push((key, None));
        }
        write(prefix, &merged(&sequences, &of_block), out);
    }
    Ok(tail.is_none())
}

fn merged(sequences: &[u64], changes: &[(u64, bool)]) -> Vec<u64> {
    let mut all: BTreeMap<u64, bool> = sequences.iter().map(|s| (*s, true)).collect();
    all.extend(changes.iter().copied());
    all.into_iter().filter_map(|(sequence, there)| there.then_some(sequence)).collect()
}

/// Last blocks of words, as they were written last. Nearly all that is written about is late in them, and to find them in the store costs more than all the
/// rest. Nobody but the job that enters words changes any, so they are right as long as every transaction of it that went well is noted here.
pub(crate) struct Tails(Cache<Vec<u8>, Arc<Tail>, Weight>);

/// Key and value of a block.
pub(crate) type Tail = (Vec<u8>, Vec<u8>);

#[derive(Clone)]
struct Weight;
impl Weighter<Vec<u8>, Arc<Tail>> for Weight {
    fn weight(&self, prefix: &Vec<u8>, tail: &Arc<Tail>) -> u64 {
        (160 + prefix.len() + tail.0.len() + tail.1.len()) as u64
    }
}

impl Tails {
    pub(crate) fn new() -> Self {
        Self(Cache::with_weighter(16_384, TAILS_BYTES, Weight))
    }

    /// The last block of a word, if it is known.
    pub(crate) fn get(&self, prefix: &[u8]) -> Result<Option<Block>, DbError> {
        let Some(tail) = self.0.get(prefix) else { return Ok(None) };
        let mut sequences = Vec::new();
        read(&tail.0, &tail.1, &mut sequences)?;
        Ok(Some((tail.0.clone(), sequences)))
    }

    /// Notes the last block of a word, or that it is not known.
    pub(crate) fn set(&self, prefix: Vec<u8>, tail: Option<Tail>) {
        match tail {
            Some(tail) => self.0.insert(prefix, Arc::new(tail)),
            None => {
                self.0.remove(&prefix);
            }
        }
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }
}

/// The block that was written last, if it is one of the word that `prefix` ends in and was not removed.
pub(crate) fn tail_of(prefix: &[u8], writes: &Writes) -> Option<Tail> {
    let (key, value) = writes.last().filter(|(key, _)| key.starts_with(prefix))?;
    Some((key.clone(), value.clone()?))
}

/// How many sequences a block has.
pub(crate) fn len(value: &[u8]) -> usize {
    1 + value.iter().filter(|byte| **byte < 0x80).count()
}

/// Where the postings of a word are.
pub(crate) fn of_word(base: &[u8], word: &str) -> Vec<u8> {
    let mut prefix = base.to_vec();
    keys::push_text(&mut prefix, word, false);
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(kv: &dyn Read, prefix: &[u8]) -> Vec<u64> {
        let mut out = Vec::new();
        for item in crate::scan::Range::prefix(prefix.to_vec()).scan(kv, false) {
            let (key, value) = item.unwrap();
            let before = out.len();
            read(&key, &value, &mut out).unwrap();
            assert_eq!(out.len() - before, len(&value));
            assert!(out.len() - before <= BLOCK);
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn blocks_hold_what_was_added_and_not_removed(steps in proptest::collection::vec(proptest::collection::btree_map(0_u64..2_000, any::<bool>(), 0..700), 1..6), known: bool) {
            let dir = tempfile::tempdir().unwrap();
            let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
            let prefix = of_word(&keys::text(1, 2), "word");
            let mut model = std::collections::BTreeSet::new();
            let tails = Tails::new();
            for changes in steps {
                // What another word has come to stands before.
                let mut writes = vec![(of_word(&keys::text(1, 2), "other"), Some(vec![1]))];
                let list: Vec<(u64, bool)> = changes.iter().map(|(s, add)| (*s, *add)).collect();
                let tail = if known { tails.get(&prefix).unwrap() } else { None };
                if change(&store.read(), &prefix, tail, &list, &mut writes).unwrap() {
                    tails.set(prefix.clone(), tail_of(&prefix, &writes));
                }
                store.write(move |tx| -> Result<(), kv::KvError> {
                    for (key, value) in writes {
                        match value {
                            Some(value) => tx.put(key, value),
                            None => tx.delete(key),
                        }
                    }
                    Ok(())
                }).unwrap();
                if let Some(tail) = tails.get(&prefix).unwrap() {
                    prop_assert_eq!(Some(tail), block_of(&store.read(), &prefix, u64::MAX).unwrap());
                }
                for (sequence, add) in changes {
                    if add { model.insert(sequence); } else { model.remove(&sequence); }
                }
                let stored = all(&store.read(), &prefix);
                prop_assert!(stored.iter().copied().eq(model.iter().copied()));
            }
        }
    }
}
