//! An ordered, transactional key-value store: one trait for engines, one committer, several engines.
//!
//! * [`Store::read`] gives a consistent [`Snapshot`] of the last acknowledged commit; reading needs no lock.
//! * [`Store::write`] runs a closure on the single committer thread, with read-your-writes, and returns after the data
//!   is on disk (fsync). Closures that arrive together share one batch and one sync (group commit).
//! * Keys are ordered bytewise. Build them with [`key`], the order-preserving tuple encoding.
#![allow(unused_variables, clippy::todo, reason = "skeleton")]
pub mod key;

use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

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

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KvError {
    /// The disk or the engine failed; nothing of the transaction was acknowledged. Retrying may help once space is back.
    #[error("storage failure: {0}")]
    Io(String),
    /// The store was shut down.
    #[error("the store is closed")]
    Closed,
    /// The data on disk is damaged or of an unknown, newer version.
    #[error("damaged store: {0}")]
    Corrupt(String),
}

impl KvError {
    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Io(_))
    }
}

/// Cheap-to-clone bytes of a stored value.
pub type Bytes = Arc<[u8]>;

/// One step of a scan.
pub type Item = Result<(Vec<u8>, Bytes), KvError>;

/// What can be read: a snapshot, or a transaction in progress.
pub trait Read {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError>;
    /// Ascending (or, with `reverse`, descending) scan between two bounds; lazy.
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a>;
}

/// The state as of one commit. Clone is cheap. Long-lived snapshots cost disk space: do not keep them.
#[derive(Clone)]
pub struct Snapshot(());
impl Snapshot {
    /// Number of the commit this snapshot shows; grows by one with every committed group.
    pub fn version(&self) -> u64 {
        todo!()
    }
}
impl Read for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        todo!()
    }
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        todo!()
    }
}

/// A transaction in progress on the committer thread: sees committed state plus its own writes.
pub struct WriteTx<'a>(&'a ());
impl WriteTx<'_> {
    /// Sets a key.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        todo!()
    }
    /// Removes a key; nothing happens when it is absent.
    pub fn delete(&mut self, key: Vec<u8>) {
        todo!()
    }
    /// Remembers the present state, to which [`WriteTx::rollback_to`] can return.
    pub fn savepoint(&mut self) -> usize {
        todo!()
    }
    /// Undoes everything written since `savepoint`.
    pub fn rollback_to(&mut self, savepoint: usize) {
        todo!()
    }
    /// Runs after the commit became visible and durable, before the caller is answered, on the committer thread. Must be quick.
    pub fn on_commit(&mut self, f: Box<dyn FnOnce(u64) + Send>) {
        todo!()
    }
}
impl Read for WriteTx<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        todo!()
    }
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        todo!()
    }
}

/// Tuning of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cache of the engine in bytes.
    pub cache_bytes: u64,
    /// Most transactions that share one sync.
    pub group_max: usize,
}
impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20, group_max: 512 }
    }
}

/// An open store; clone is cheap, all clones are the same store.
#[derive(Clone)]
pub struct Store(());
impl Store {
    /// Opens (or creates) the store in `dir`.
    pub fn open(kind: EngineKind, dir: &Path, options: Options) -> Result<Self, KvError> {
        todo!()
    }
    /// A volatile store.
    pub fn memory() -> Self {
        todo!()
    }
    /// The state of the last acknowledged commit.
    pub fn read(&self) -> Snapshot {
        todo!()
    }
    /// Runs `f` as one atomic transaction; blocks until it is durable. `Err` from `f` writes nothing.
    /// A panic in `f` is answered as an error and writes nothing; the store goes on.
    pub fn write<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<KvError> + Send + 'static,
    {
        todo!()
    }
    /// Flushes and stops the committer; later calls answer [`KvError::Closed`].
    pub fn close(&self) -> Result<(), KvError> {
        todo!()
    }
    /// Bytes on disk and other figures for doctor and metrics.
    pub fn disk_bytes(&self) -> u64 {
        todo!()
    }
}
