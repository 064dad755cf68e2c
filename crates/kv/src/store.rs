//! The store's handle.
use crate::{EngineKind, KvError, Snapshot, WriteTx};
use std::path::Path;

/// Bounds of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cache of the engine, bytes.
    pub cache_bytes: u64,
    /// Write buffer, bytes.
    pub write_buffer_bytes: u64,
}
impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, write_buffer_bytes: 16 << 20 }
    }
}
/// Figures.
#[derive(Clone, Debug, Default)]
pub struct Stats {}
/// The store; clone is cheap.
#[derive(Clone)]
pub struct Store(());
impl Store {
    /// Opens.
    pub fn open(_kind: EngineKind, _dir: &Path, _options: Options) -> Result<Self, KvError> {
        todo!()
    }
    /// Last committed state.
    pub fn read(&self) -> Snapshot {
        todo!()
    }
    /// One transaction.
    pub fn write<R, E, F>(&self, _f: F) -> Result<R, E>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<KvError> + Send + 'static,
    {
        todo!()
    }
}
