//! Snapshots for engines that have none: the values that commits overwrote are kept in memory for as long as a view
//! needs them.
//!
//! The engine always holds the newest state. A commit first records what it will overwrite, then applies its batch. A
//! reader looks in the opposite order: first at the engine, then at the records. So if it met a newer value, the record
//! of the older one is there already, and if it met the old value, the record says the same: no lock spans the two.
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use super::{Batch, Engine, Range, Rescue, View, range_is_empty};
use crate::merge::Merged;
use crate::{Bytes, Item, KvError};

/// Items of the first chunk of a scan; most scans are short.
const FIRST_CHUNK: usize = 32;
/// Later chunks grow up to this.
const MAX_CHUNK: usize = 512;

/// An engine without snapshots.
pub(crate) trait Raw: Send + Sync + 'static {
    /// The newest value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError>;
    /// The first `limit` entries of a range in the given direction. Each entry is as new as the call or newer.
    fn chunk(&self, range: Range<'_>, reverse: bool, limit: usize) -> Result<Vec<(Bytes, Bytes)>, KvError>;
    /// Applies a batch; atomic with regard to crashes.
    fn apply(&self, batch: &Batch) -> Result<(), KvError>;
    /// Makes everything applied durable.
    fn sync(&self) -> Result<(), KvError>;
    /// See [`Engine::stuck`].
    fn stuck(&self) -> bool {
        false
    }
}

/// Overwritten values and who needs them.
#[derive(Default)]
struct History {
    /// For each key the commits that changed it, ascending, each with the value before.
    old: BTreeMap<Vec<u8>, Vec<(u64, Option<Bytes>)>>,
    /// The keys of each recorded commit, ascending.
    log: VecDeque<(u64, Vec<Vec<u8>>)>,
    /// Number of views per version.
    live: BTreeMap<u64, usize>,
}

impl History {
    /// The value a view at `version` must see, if that is not the engine's.
    fn correction(changes: &[(u64, Option<Bytes>)], version: u64) -> Option<&Option<Bytes>> {
        changes.iter().find(|(v, _)| *v > version).map(|(_, before)| before)
    }

    fn record(&mut self, version: u64, before: &Batch) {
        for (key, value) in before {
            self.old.entry(key.clone()).or_default().push((version, value.clone()));
        }
        self.log.push_back((version, before.keys().cloned().collect()));
    }

    fn release(&mut self, version: u64) {
        if let Some(count) = self.live.get_mut(&version) {
            *count -= 1;
            if *count == 0 {
                self.live.remove(&version);
            }
        }
        self.prune();
    }

    /// Forgets what no view needs: a change is of use only to views from before it.
    fn prune(&mut self) {
        let Some(oldest) = self.live.keys().next().copied() else { return };
        while self.log.front().is_some_and(|(version, _)| *version <= oldest) {
            let Some((version, keys)) = self.log.pop_front() else { return };
            for key in keys {
                if let Some(changes) = self.old.get_mut(&key) {
                    changes.retain(|(v, _)| *v > version);
                    if changes.is_empty() {
                        self.old.remove(&key);
                    }
                }
            }
        }
    }
}

struct Inner<R> {
    raw: R,
    history: RwLock<History>,
    /// Last field: dies after the engine is closed.
    alive: Arc<()>,
}

/// An engine with snapshots made of one without.
pub(crate) struct Mvcc<R> {
    inner: Arc<Inner<R>>,
    /// What the last commit, if it failed, may have overwritten.
    unacknowledged: Mutex<Batch>,
}

impl<R: Raw> Mvcc<R> {
    pub(crate) fn new(raw: R) -> Self {
        let inner = Inner { raw, history: RwLock::default(), alive: Arc::default() };
        Self { inner: Arc::new(inner), unacknowledged: Mutex::default() }
    }

    /// Writes without history; for an engine nobody reads yet.
    pub(crate) fn write_back(&self, batch: &Batch) -> Result<(), KvError> {
        self.inner.raw.apply(batch)?;
        self.inner.raw.sync()
    }
}

impl<R: Raw> Engine for Mvcc<R> {
    fn view(&self, version: u64) -> Arc<dyn View> {
        *self.inner.history.write().live.entry(version).or_default() += 1;
        Arc::new(MvccView { inner: Arc::clone(&self.inner), version })
    }

    fn commit(&self, version: u64, batch: &Batch) -> Result<(), KvError> {
        let raw = &self.inner.raw;
        let before = batch.keys().map(|key| Ok((key.clone(), raw.get(key)?))).collect::<Result<Batch, KvError>>()?;
        self.inner.history.write().record(version, &before);
        *self.unacknowledged.lock() = before;
        raw.apply(batch)?;
        raw.sync()?;
        self.unacknowledged.lock().clear();
        Ok(())
    }

    fn rescue(&self) -> Rescue {
        Rescue::WriteBack(self.unacknowledged.lock().clone())
    }

    fn stuck(&self) -> bool {
        self.inner.raw.stuck()
    }

    fn alive(&self) -> Weak<()> {
        Arc::downgrade(&self.inner.alive)
    }
}

struct MvccView<R: Raw> {
    inner: Arc<Inner<R>>,
    version: u64,
}

impl<R: Raw> Drop for MvccView<R> {
    fn drop(&mut self) {
        self.inner.history.write().release(self.version);
    }
}

impl<R: Raw> View for MvccView<R> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        let newest = self.inner.raw.get(key)?;
        let history = self.inner.history.read();
        let correction = history.old.get(key).and_then(|changes| History::correction(changes, self.version));
        Ok(correction.map_or(newest, Option::clone))
    }

    fn scan<'a>(&'a self, (from, to): Range<'_>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        Box::new(Scan {
            view: self,
            from: from.map(<[u8]>::to_vec),
            to: to.map(<[u8]>::to_vec),
            reverse,
            limit: FIRST_CHUNK,
            ready: Vec::new().into_iter(),
            done: false,
        })
    }
}

/// A scan that fetches and corrects chunk by chunk.
struct Scan<'a, R: Raw> {
    view: &'a MvccView<R>,
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    reverse: bool,
    limit: usize,
    ready: std::vec::IntoIter<(Bytes, Bytes)>,
    done: bool,
}

impl<R: Raw> Scan<'_, R> {
    fn refill(&mut self) -> Result<(), KvError> {
        let (from, to) = (self.from.clone(), self.to.clone());
        let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
        if range_is_empty(range) {
            self.done = true;
            return Ok(());
        }
        let chunk = self.view.inner.raw.chunk(range, self.reverse, self.limit)?;
        // The chunk answers for the range up to its last key only.
        let mut covered = range;
        match chunk.last() {
            Some((last, _)) if chunk.len() == self.limit => {
                if self.reverse {
                    covered.0 = Bound::Included(last);
                    self.to = Bound::Excluded(last.to_vec());
                } else {
                    covered.1 = Bound::Included(last);
                    self.from = Bound::Excluded(last.to_vec());
                }
            }
            _ => self.done = true,
        }
        let corrections = self.corrections(covered);
        self.limit = (self.limit * 2).min(MAX_CHUNK);
        self.ready = if corrections.is_empty() {
            chunk.into_iter()
        } else {
            let merged = Merged::new(chunk.into_iter().map(Ok), corrections.into_iter(), self.reverse);
            merged.collect::<Result<Vec<_>, _>>()?.into_iter()
        };
        Ok(())
    }

    /// The recorded values this view must see instead of the engine's, in the direction of the scan.
    fn corrections(&self, range: Range<'_>) -> Vec<(Bytes, Option<Bytes>)> {
        let history = self.view.inner.history.read();
        let mut found: Vec<_> = history
            .old
            .range::<[u8], _>(range)
            .filter_map(|(key, changes)| History::correction(changes, self.view.version).map(|before| (Bytes::from(key.as_slice()), before.clone())))
            .collect();
        if self.reverse {
            found.reverse();
        }
        found
    }
}

impl<R: Raw> Iterator for Scan<'_, R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.next() {
                return Some(Ok(item));
            }
            if self.done {
                return None;
            }
            if let Err(e) = self.refill() {
                self.done = true;
                return Some(Err(e));
            }
        }
    }
}
