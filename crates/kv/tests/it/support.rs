//! Stores for tests.
use std::ops::Bound;

use kv::{EngineKind, KvError, Options, Read, Store, WriteTx};
use tempfile::TempDir;

/// A store in a folder that goes with it.
pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    kind: EngineKind,
}

/// Small bounds, so that engines flush.
pub(crate) fn options() -> Options {
    Options { cache_bytes: 1 << 20, write_buffer_bytes: 64 << 10 }
}

pub(crate) fn open(kind: EngineKind) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(kind, folder.path(), options()).unwrap();
    Place { store, folder, kind }
}

impl Place {
    /// Closes and opens it again; a volatile store stays as it is.
    pub(crate) fn reopen(&mut self) {
        if self.kind != EngineKind::Memory {
            self.store.close();
            self.store = Store::open(self.kind, self.folder.path(), options()).unwrap();
        }
    }
}

/// A transaction that ends well.
pub(crate) fn commit(store: &Store, work: impl FnOnce(&mut WriteTx<'_>) + Send + 'static) {
    let done: Result<(), KvError> = store.write(move |tx| {
        work(tx);
        Ok(())
    });
    done.unwrap();
}

/// Writes pairs in one transaction.
pub(crate) fn put(store: &Store, pairs: &[(&str, &str)]) {
    let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.as_bytes().to_vec(), v.as_bytes().to_vec())).collect();
    commit(store, move |tx| pairs.into_iter().for_each(|(k, v)| tx.put(k, v)));
}

pub(crate) fn get(view: &dyn Read, key: &str) -> Option<String> {
    view.get(key.as_bytes()).unwrap().map(|v| String::from_utf8(v.to_vec()).unwrap())
}

/// All keys as one text, in the direction asked for.
pub(crate) fn keys(view: &dyn Read, from: Bound<&str>, to: Bound<&str>, reverse: bool) -> String {
    let items = view.scan(from.map(str::as_bytes), to.map(str::as_bytes), reverse);
    items.map(|i| String::from_utf8(i.unwrap().0.to_vec()).unwrap()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn all(view: &dyn Read) -> String {
    keys(view, Bound::Unbounded, Bound::Unbounded, false)
}
