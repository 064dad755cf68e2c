//! Enters the words that wait into the postings, those of many documents together.
//!
//! Only this job writes postings. It prepares its writes on a snapshot; the transaction puts them in and settles the notes it worked from. A document
//! that changed in between keeps a note that says what the postings have by now.
use std::collections::HashMap;
use std::sync::Arc;

use kv::{Bytes, Read};

use crate::engine::{Shared, Writer};
use crate::jobs::Job;
use crate::postings::{self, Tail, Tails, Writes};
use crate::record::damaged;
use crate::waiting::{self, AT_ONCE, MOST, MOST_BYTES, Note};
use crate::{DbError, catalog, keys};

/// Notes as they were read.
struct Batch {
    notes: Vec<(Vec<u8>, Bytes)>,
    /// Whether these are all that wait.
    all: bool,
}

/// Words, as their blocks begin, with their new last blocks.
type NewTails = Vec<(Vec<u8>, Option<Tail>)>;

/// One batch of an index.
pub(crate) fn enter(shared: &Arc<Shared>, collection: u32, index: u16) -> Result<(), DbError> {
    let snapshot = shared.store.read();
    let batch = Batch::read(&snapshot, collection, index)?;
    let (writes, tails) = batch.writes(&snapshot, &shared.tails, collection, index)?;
    drop(snapshot);
    match shared.write(move |w| w.enter(collection, index, writes, batch)) {
        Ok(true) => tails.into_iter().for_each(|(prefix, tail)| shared.tails.set(prefix, tail)),
        Ok(false) => {}
        Err(e) => {
            // What has become of it is not for sure.
            shared.tails.clear();
            return Err(e);
        }
    }
    Ok(())
}

impl Batch {
    fn read(kv: &dyn Read, collection: u32, index: u16) -> Result<Self, DbError> {
        let (mut notes, mut bytes) = (Vec::new(), 0);
        for item in waiting::notes(kv, collection, index)? {
            if notes.len() >= AT_ONCE * MOST || bytes >= AT_ONCE * MOST_BYTES {
                return Ok(Self { notes, all: false });
            }
            let (key, value) = item?;
            bytes += value.len();
            notes.push((key.to_vec(), value));
        }
        Ok(Self { notes, all: true })
    }

    /// What the notes come to, and which blocks will be the last ones of their words.
    fn writes(&self, kv: &dyn Read, known: &Tails, collection: u32, index: u16) -> Result<(Writes, NewTails), DbError> {
        let mut changes: HashMap<&[u8], Vec<(u64, bool)>> = HashMap::new();
        // By sequence, and what a document has no longer before what it has.
        for (key, value) in &self.notes {
            let sequence = keys::sequence_of(key).ok_or_else(|| damaged("waiting words"))?;
            let note = Note::read(value)?;
            for word in waiting::unpack(note.posted) {
                changes.entry(word).or_default().push((sequence, false));
            }
            for word in waiting::unpack(note.current) {
                let of_word = changes.entry(word).or_default();
                match of_word.last_mut() {
                    Some((last, there)) if *last == sequence => *there = true,
                    _ => of_word.push((sequence, true)),
                }
            }
        }
        // Neighbours among the words are neighbours in the store.
        let mut changes: Vec<_> = changes.into_iter().collect();
        changes.sort_unstable_by_key(|(word, _)| *word);
        let base = keys::text(collection, index);
        let (mut writes, mut tails) = (Writes::new(), Vec::new());
        for (word, changes) in changes {
            let word = std::str::from_utf8(word).map_err(|_| damaged("waiting words"))?;
            let prefix = postings::of_word(&base, word);
            if postings::change(kv, &prefix, known.get(&prefix)?, &changes, &mut writes)? {
                let tail = postings::tail_of(&prefix, &writes);
                tails.push((prefix, tail));
            }
        }
        Ok((writes, tails))
    }
}

impl Writer<'_, '_> {
    /// Whether the writes were put in.
    fn enter(&mut self, collection: u32, index: u16, writes: Writes, batch: Batch) -> Result<bool, DbError> {
        let job = Job::Enter { collection, index }.key();
        if self.tx.get(&job)?.is_none() {
            return Ok(false);
        }
        let there = catalog::load(&*self.tx, collection)?.is_some_and(|schema| schema.indexes.iter().any(|i| i.id == index));
        if !there || batch.all {
            self.tx.delete(job);
        }
        if !there {
            return Ok(false);
        }
        for (key, value) in writes {
            match value {
                Some(value) => self.tx.put(key, value),
                None => self.tx.delete(key),
            }
        }
        let last = batch.notes.last().and_then(|(key, _)| keys::sequence_of(key));
        for (key, value) in batch.notes {
            self.settle(collection, index, key, &value)?;
        }
        if let Some(last) = last {
            self.entered_to(collection, index, last)?;
        }
        Ok(true)
    }

    /// Brings a note up to what has been entered.
    fn settle(&mut self, collection: u32, index: u16, key: Vec<u8>, entered: &Bytes) -> Result<(), DbError> {
        let now = self.tx.get(&key)?;
        if now.as_ref() == Some(entered) {
            self.tx.delete(key);
            return Ok(());
        }
        let entered = Note::read(entered)?;
        // Where the note is gone the document has again the words that the postings had.
        let current = now.as_deref().map(Note::read).transpose()?.map_or(entered.posted, |note| note.current);
        self.put_note(collection, index, key, Note { posted: entered.current, current })
    }
}
