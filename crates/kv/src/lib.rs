//! An ordered, transactional key-value store: one trait for engines, one committer, several engines.
//!
//! * [`Store::read`] gives a consistent [`Snapshot`] of the last acknowledged commit; reading needs no lock.
//! * [`Store::write`] runs a closure on the single committer thread, with read-your-writes, and returns after the data
//!   is on disk (fsync). Closures that arrive together share one batch and one sync (group commit).
//! * Keys are ordered bytewise. Build them with [`key`], the order-preserving tuple encoding.
//! * [`convert()`] copies a store from one engine to another.
//!
//! # What is promised
//!
//! * **Durable**: when `write` answers `Ok`, the transaction survives a crash of the process and a power cut.
//! * **Atomic**: all of a transaction or nothing, also across crashes; a group is one engine batch.
//! * **Serializable**: closures run one after another, each on the state its predecessor left.
//! * **A failed commit is invisible**: when the disk fails, every caller of the group gets [`KvError::Io`], readers go
//!   on with the last acknowledged state, and the store takes writes again as soon as the disk does (with sled, whose
//!   failed writes cannot be given up, after a restart). Should the process
//!   end between the failure and that repair, the transaction may turn up after the restart – whole, never in part.
//!
//! # Limits
//!
//! Keys have 1 to [`MAX_KEY`] bytes, values at most [`MAX_VALUE`] bytes. A transaction is held in memory until it is
//! committed. Long-lived snapshots keep overwritten values alive (in memory for the engines without snapshots of their
//! own, on disk for the others): drop them soon.
//!
//! # Layout of the folder
//!
//! `LOCK` (held while open), `store/FORMAT` (engine and version; `FORMAT.new` until the engine's files are on disk),
//! `store/engine/` (the engine's files).
mod bytes;
mod committer;
mod convert;

mod engine;
mod error;
mod folder;
pub mod key;
mod merge;
mod queue;
mod snapshot;
mod store;
mod tx;

use std::ops::Bound;

pub use bytes::Bytes;
pub use convert::{Converted, convert};
pub use error::KvError;
pub use folder::engine_of;
pub use snapshot::Snapshot;
pub use store::{Options, Stats, Store};
pub use tx::WriteTx;

/// Most bytes of a key.
pub const MAX_KEY: usize = u16::MAX as usize;
/// Most bytes of a value: 256 MiB.
pub const MAX_VALUE: usize = 256 << 20;

/// Which engine keeps the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// LSM tree, the default.
    Fjall,
    /// B+ tree, with an extra `sync_data` on its file because its own flush does not fsync.
    Sled,
    /// Volatile, for tests.
    Memory,
}

impl EngineKind {
    /// The name in configuration, on the command line and in the format marker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fjall => "fjall",
            Self::Sled => "sled",
            Self::Memory => "memory",
        }
    }
}

impl std::fmt::Display for EngineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for EngineKind {
    type Err = KvError;
    fn from_str(s: &str) -> Result<Self, KvError> {
        [Self::Fjall, Self::Sled, Self::Memory]
            .into_iter()
            .find(|k| k.name() == s)
            .ok_or_else(|| KvError::Unusable(format!("unknown engine \"{s}\": use fjall, sled or memory")))
    }
}

/// One step of a scan.
pub type Item = Result<(Bytes, Bytes), KvError>;

/// What can be read: a snapshot, or a transaction in progress.
pub trait Read {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError>;
    /// Ascending (or, with `reverse`, descending) scan between two bounds; lazy. An inverted range is empty. After an
    /// error the scan ends.
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a>;

    /// Scans all keys that start with `prefix`.
    fn prefix<'a>(&'a self, prefix: &[u8], reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        match key::prefix_end(prefix) {
            Some(end) => self.scan(Bound::Included(prefix), Bound::Excluded(&end), reverse),
            None => self.scan(Bound::Included(prefix), Bound::Unbounded, reverse),
        }
    }
}
