//! A transaction in progress: the writes of its group laid over the last commit.
use std::collections::BTreeMap;
use std::ops::Bound;

use crate::engine::{Batch, range_is_empty};
use crate::merge::Merged;
use crate::snapshot::Published;
use crate::{Bytes, Item, KvError, MAX_KEY, MAX_VALUE, Read};

/// What runs after a commit; gets the number of the commit.
pub(crate) type Hook = Box<dyn FnOnce(u64) + Send>;

/// The uncommitted writes of a group.
#[derive(Default)]
pub(crate) struct Overlay {
    pub(crate) writes: Batch,
    /// Rough size of `writes`; only grows, so that a group always ends.
    pub(crate) bytes: usize,
}

/// How to take one step back.
enum Undo {
    /// A key had this entry in the overlay (`None`: no entry).
    Entry(Vec<u8>, Option<Option<Bytes>>),
    /// A savepoint: keeps hooks registered before it apart from those after it.
    Mark,
}

/// A transaction in progress on the committer thread: sees committed state plus its own writes.
pub struct WriteTx<'a> {
    base: &'a Published,
    overlay: &'a mut Overlay,
    undo: Vec<Undo>,
    hooks: Vec<(usize, Hook)>,
    refused: Option<(usize, KvError)>,
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(base: &'a Published, overlay: &'a mut Overlay) -> Self {
        Self { base, overlay, undo: Vec::new(), hooks: Vec::new(), refused: None }
    }

    /// Sets a key. A key or value beyond the limits ([`MAX_KEY`], [`MAX_VALUE`]) makes the whole transaction end in
    /// [`KvError::Aborted`].
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.put_bytes(key, value.into());
    }

    /// Sets a key to a value that was read, without copying it.
    pub fn put_bytes(&mut self, key: Vec<u8>, value: Bytes) {
        if value.len() > MAX_VALUE {
            return self.refuse(format!("a value of {} bytes; at most {MAX_VALUE} are allowed", value.len()));
        }
        self.set(key, Some(value));
    }

    /// Removes a key; nothing happens when it is absent.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.set(key, None);
    }

    /// Remembers the present state, to which [`WriteTx::rollback_to`] can return.
    pub fn savepoint(&mut self) -> usize {
        self.undo.push(Undo::Mark);
        self.undo.len()
    }

    /// Undoes everything written since `savepoint`, and forgets the hooks registered since. The savepoint stays valid;
    /// later ones do not.
    pub fn rollback_to(&mut self, savepoint: usize) {
        while self.undo.len() > savepoint {
            if let Some(Undo::Entry(key, before)) = self.undo.pop() {
                match before {
                    Some(entry) => self.overlay.writes.insert(key, entry),
                    None => self.overlay.writes.remove(&key),
                };
            }
        }
        self.hooks.retain(|(at, _)| *at < savepoint);
        if self.refused.as_ref().is_some_and(|(at, _)| *at >= savepoint) {
            self.refused = None;
        }
    }

    /// Runs after the commit became visible and durable, before the caller is answered, on the committer thread. Must be quick.
    pub fn on_commit(&mut self, f: Box<dyn FnOnce(u64) + Send>) {
        self.hooks.push((self.undo.len(), f));
    }

    /// Ends the transaction well: its hooks, or why it may not commit.
    pub(crate) fn finish(mut self) -> Result<Vec<Hook>, KvError> {
        match self.refused.take() {
            Some((_, e)) => {
                self.discard();
                Err(e)
            }
            None => Ok(self.hooks.into_iter().map(|(_, hook)| hook).collect()),
        }
    }

    /// Ends the transaction and takes its writes out of the group.
    pub(crate) fn discard(mut self) {
        self.rollback_to(0);
    }

    fn set(&mut self, key: Vec<u8>, entry: Option<Bytes>) {
        if key.is_empty() || key.len() > MAX_KEY {
            return self.refuse(format!("a key of {} bytes; 1 to {MAX_KEY} are allowed", key.len()));
        }
        self.overlay.bytes += key.len() + entry.as_ref().map_or(0, |v| v.len()) + 64;
        let before = self.overlay.writes.insert(key.clone(), entry);
        self.undo.push(Undo::Entry(key, before));
    }

    fn refuse(&mut self, why: String) {
        if self.refused.is_none() {
            self.refused = Some((self.undo.len(), KvError::Aborted(why)));
        }
    }
}

impl Read for WriteTx<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        match self.overlay.writes.get(key) {
            Some(entry) => Ok(entry.clone()),
            None => self.base.get(key),
        }
    }

    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        if range_is_empty((from, to)) {
            return Box::new(std::iter::empty());
        }
        let base = self.base.scan(from, to, reverse);
        let mut writes = range_of(&self.overlay.writes, from, to).peekable();
        if writes.peek().is_none() {
            return base;
        }
        let writes = range_of(&self.overlay.writes, from, to).map(|(k, v)| (Bytes::from(k.as_slice()), v.clone()));
        if reverse { Box::new(Merged::new(base, writes.rev(), true)) } else { Box::new(Merged::new(base, writes, false)) }
    }
}

fn range_of<'m>(
    map: &'m BTreeMap<Vec<u8>, Option<Bytes>>,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
) -> std::collections::btree_map::Range<'m, Vec<u8>, Option<Bytes>> {
    map.range::<[u8], _>((from, to))
}
