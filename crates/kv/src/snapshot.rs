//! Consistent reads of one committed state.
use std::ops::Bound;
use std::sync::Arc;

use crate::engine::{View, range_is_empty};
use crate::{Bytes, Item, KvError, Read};

/// A committed state that readers may pick up.
pub(crate) struct Published {
    pub(crate) version: u64,
    pub(crate) view: Arc<dyn View>,
}

/// The state as of one commit. Clone is cheap. Long-lived snapshots cost disk space: do not keep them.
#[derive(Clone)]
pub struct Snapshot(pub(crate) Arc<Published>);

impl Snapshot {
    /// Number of the commit this snapshot shows; grows by one with every committed group. Counting starts anew with
    /// every opening of the store.
    pub fn version(&self) -> u64 {
        self.0.version
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({})", self.0.version)
    }
}

impl Read for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        self.0.get(key)
    }
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        self.0.scan(from, to, reverse)
    }
}

impl Read for Published {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        self.view.get(key)
    }
    fn scan<'a>(&'a self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        if range_is_empty((from, to)) {
            return Box::new(std::iter::empty());
        }
        self.view.scan((from, to), reverse)
    }
}

/// Stands in for an engine that is gone: closed for good, or being reopened after a failure.
pub(crate) struct Gone(pub(crate) KvError);

impl View for Gone {
    fn get(&self, _: &[u8]) -> Result<Option<Bytes>, KvError> {
        Err(self.0.clone())
    }
    fn scan<'a>(&'a self, _: crate::engine::Range<'_>, _: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        Box::new(std::iter::once_with(|| Err(self.0.clone())))
    }
}
