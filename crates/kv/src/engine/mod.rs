//! What the store asks of an engine, and the engines.
#[cfg(test)]
mod faults;
mod fjall;
mod fjall_flushed;
mod fjall_journal;
mod memory;
mod mvcc;
mod sled;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Weak};

use crate::{Bytes, EngineKind, Item, KvError, Options};

/// Writes of one commit: `None` removes the key.
pub(crate) type Batch = BTreeMap<Vec<u8>, Option<Bytes>>;

/// Bounds of a scan.
pub(crate) type Range<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// One committed state, readable from any thread for as long as it is held.
pub(crate) trait View: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError>;
    /// Lazy scan; `range` is not empty.
    fn scan<'a>(&'a self, range: Range<'_>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a>;
}

/// An open engine. Only the committer thread calls it; views go to everybody.
pub(crate) trait Engine: Send + Sync {
    /// The state of the last successful commit, whose number is `version`.
    fn view(&self, version: u64) -> Arc<dyn View>;

    /// Applies a batch atomically and makes it durable; its number will be `version`. After an error the engine's
    /// state is unknown: views made before stay right, but nothing may be committed until it was reopened with
    /// [`Engine::rescue`].
    fn commit(&self, version: u64, batch: &Batch) -> Result<(), KvError>;

    /// After a failed commit: what reopening must take back.
    fn rescue(&self) -> Rescue;

    /// Called when nothing was committed for a moment: a good one to put files in order. Must return soon. Whether to call again after the next moment
    /// without a commit.
    fn rest(&self) -> bool {
        false
    }

    /// Called once before an engine without a failure is dropped: what makes the next opening faster. Nothing may depend on it.
    fn close(&self) {}

    /// Whether a failure has left the engine so that only a new process can open it again.
    fn stuck(&self) -> bool {
        false
    }

    /// Dies when the engine and all its views are dropped, hence its files closed.
    fn alive(&self) -> Weak<()>;
}

/// How to take an unacknowledged batch back when an engine is reopened after a failed commit.
#[derive(Clone, Debug)]
pub(crate) enum Rescue {
    /// Cut everything from this sequence number on off the journal.
    CutJournal(u64),
    /// Write these values back.
    WriteBack(Batch),
}

/// Opens (or creates) an engine in a folder of its own.
pub(crate) fn open(kind: EngineKind, dir: &Path, options: &Options, rescue: Option<&Rescue>) -> Result<Arc<dyn Engine>, KvError> {
    Ok(match kind {
        EngineKind::Fjall => Arc::new(fjall::Fjall::open(dir, options, rescue)?),
        EngineKind::Sled => {
            let engine = mvcc::Mvcc::new(sled::Sled::open(dir, options)?);
            if let Some(Rescue::WriteBack(batch)) = rescue {
                engine.write_back(batch)?;
            }
            Arc::new(engine)
        }
        EngineKind::Memory => memory(),
    })
}

/// A volatile engine.
pub(crate) fn memory() -> Arc<dyn Engine> {
    Arc::new(mvcc::Mvcc::new(memory::Memory::default()))
}

/// Whether a range can hold no key at all; the maps and engines below panic on inverted ranges.
pub(crate) fn range_is_empty((from, to): Range<'_>) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(a), Bound::Included(b)) => a > b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
    }
}
