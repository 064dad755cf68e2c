//! The volatile engine.
use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::mvcc::Raw;
use super::{Batch, Range};
use crate::{Bytes, KvError};

/// A sorted map behind a lock.
#[derive(Default)]
pub(crate) struct Memory(RwLock<BTreeMap<Vec<u8>, Bytes>>);

impl Raw for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        Ok(self.0.read().get(key).cloned())
    }

    fn chunk(&self, range: Range<'_>, reverse: bool, limit: usize) -> Result<Vec<(Bytes, Bytes)>, KvError> {
        let map = self.0.read();
        let items = map.range::<[u8], _>(range).map(|(k, v)| (Bytes::from(k.as_slice()), Bytes::clone(v)));
        Ok(if reverse { items.rev().take(limit).collect() } else { items.take(limit).collect() })
    }

    fn apply(&self, batch: &Batch) -> Result<(), KvError> {
        let mut map = self.0.write();
        for (key, entry) in batch {
            match entry {
                Some(value) => map.insert(key.clone(), Bytes::clone(value)),
                None => map.remove(key),
            };
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), KvError> {
        Ok(())
    }
}
