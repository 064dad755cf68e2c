//! Records and decoded documents, bounded in bytes, right for every snapshot.
//!
//! A writer marks what it touches *before* it commits: the entry goes, and nothing is entered for that document until the
//! transaction is over. Readers enter only what they read from the newest commit. So an entry always shows the state of
//! every commit since it was entered, and readers of older snapshots pass it by.
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Value;

use crate::Document;

/// Collection and sequence.
pub(crate) type Key = (u32, u64);

#[derive(Clone)]
struct Entry {
    /// First commit it is known to be the state of.
    since: u64,
    /// Version of the schema it was decoded with.
    schema: u32,
    document: Arc<Document>,
}

#[derive(Clone)]
struct Bytes;
impl Weighter<Key, Entry> for Bytes {
    fn weight(&self, _: &Key, e: &Entry) -> u64 {
        let d = &e.document;
        let data: usize = d.data.iter().map(|(k, v)| k.len() + 64 + size(v)).sum();
        (160 + d.id.len() + d.permissions.iter().map(|p| p.len() + 24).sum::<usize>() + data) as u64
    }
}

fn size(v: &Value) -> usize {
    match v {
        Value::String(s) => s.len(),
        Value::Array(a) => a.iter().map(|v| 32 + size(v)).sum(),
        Value::Object(m) => m.iter().map(|(k, v)| k.len() + 64 + size(v)).sum(),
        _ => 0,
    }
}

/// A record as stored, for what only looks at some of its values.
#[derive(Clone)]
struct Stored {
    since: u64,
    bytes: kv::Bytes,
}

impl Weighter<Key, Stored> for Bytes {
    fn weight(&self, _: &Key, e: &Stored) -> u64 {
        e.bytes.len() as u64 + 96
    }
}

/// The cache.
pub(crate) struct Documents {
    cache: Cache<Key, Entry, Bytes>,
    records: Cache<Key, Stored, Bytes>,
    /// Where documents of ids were seen: hints that are checked on the document found, so they need no care.
    places: Cache<u64, u64>,
    hasher: RandomState,
    /// Documents of transactions in progress, with how many touch them.
    busy: Mutex<HashMap<Key, u32>>,
}

impl Documents {
    pub(crate) fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / 2048).unwrap_or(usize::MAX).max(16);
        Self {
            cache: Cache::with_weighter(items, bytes / 2, Bytes),
            records: Cache::with_weighter(items, bytes / 2, Bytes),
            places: Cache::new(items),
            hasher: RandomState::new(),
            busy: Mutex::default(),
        }
    }

    /// The document as of `version`, if kept.
    pub(crate) fn get(&self, key: Key, version: u64, schema: u32) -> Option<Arc<Document>> {
        self.cache.get(&key).filter(|e| e.since <= version && e.schema == schema).map(|e| e.document)
    }

    /// The document of an id as of `version`, if kept.
    pub(crate) fn by_id(&self, collection: u32, id: &str, version: u64, schema: u32) -> Option<Arc<Document>> {
        let sequence = self.places.get(&self.hasher.hash_one((collection, id)))?;
        self.get((collection, sequence), version, schema).filter(|d| d.id == id)
    }

    /// Keeps a document read at `version`, when that still is the newest commit.
    pub(crate) fn put(&self, key: Key, version: u64, schema: u32, newest: impl FnOnce() -> u64, document: &Arc<Document>) {
        let busy = self.busy.lock();
        if !busy.contains_key(&key) && newest() == version {
            self.places.insert(self.hasher.hash_one((key.0, document.id.as_str())), key.1);
            self.cache.insert(key, Entry { since: version, schema, document: document.clone() });
        }
    }

    /// The record as of `version`, if kept.
    pub(crate) fn record(&self, key: Key, version: u64) -> Option<kv::Bytes> {
        self.records.get(&key).filter(|e| e.since <= version).map(|e| e.bytes)
    }

    /// Keeps a record read at `version`, as [`Documents::put`]. The bytes are copied: what the store gives may hold a
    /// whole block of its file.
    pub(crate) fn put_record(&self, key: Key, version: u64, newest: impl FnOnce() -> u64, record: &kv::Bytes) {
        let bytes = kv::Bytes::from(&record[..]);
        let busy = self.busy.lock();
        if !busy.contains_key(&key) && newest() == version {
            self.records.insert(key, Stored { since: version, bytes });
        }
    }

    /// A transaction is about to change a document.
    pub(crate) fn begin(&self, key: Key) {
        let mut busy = self.busy.lock();
        *busy.entry(key).or_default() += 1;
        self.cache.remove(&key);
        self.records.remove(&key);
    }

    /// The transaction is over, well or not.
    pub(crate) fn end(&self, keys: &[Key]) {
        let mut busy = self.busy.lock();
        for key in keys {
            if let Some(n) = busy.get_mut(key) {
                *n -= 1;
                if *n == 0 {
                    busy.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;

    fn doc(id: &str) -> Arc<Document> {
        let t = Timestamp(0);
        Arc::new(Document { id: id.into(), sequence: 1, created_at: t, updated_at: t, permissions: Vec::new(), data: serde_json::Map::new() })
    }

    #[test]
    fn stale_readers_do_not_spoil_it() {
        let c = Documents::new(1 << 20);
        c.put((1, 1), 5, 1, || 5, &doc("a"));
        assert!(c.get((1, 1), 5, 1).is_some() && c.get((1, 1), 6, 1).is_some());
        assert!(c.get((1, 1), 4, 1).is_none(), "older snapshots may have had another state");
        c.begin((1, 1));
        c.put((1, 1), 5, 1, || 5, &doc("a"));
        assert!(c.get((1, 1), 5, 1).is_none(), "nothing is entered while a transaction is on it");
        c.end(&[(1, 1)]);
        c.put((1, 1), 5, 1, || 6, &doc("a"));
        assert!(c.get((1, 1), 6, 1).is_none(), "what was read before the last commit is not entered");
        c.put((1, 1), 6, 1, || 6, &doc("b"));
        assert_eq!(c.get((1, 1), 6, 1).unwrap().id, "b");
    }
}
