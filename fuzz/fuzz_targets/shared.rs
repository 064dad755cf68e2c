//! Reads an object in every manner: an error of damage, or as many bytes as the record says. Anything else is a finding.
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use crypto::Keyring;
use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use object_store::memory::InMemory;
use storage::{BlobRef, BlobStore, Limits, Result, StorageError};

pub const KEY: &str = "p/7/f-0123456789abcdef";

fn sound<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(StorageError::Corrupt { .. }) => None,
        Err(e) => panic!("{e:?}"),
    }
}

/// Stores `object` and reads it with a record that says `size` bytes.
pub fn read(object: Vec<u8>, size: u64, encrypted: bool) {
    static KEYS: OnceLock<Arc<Keyring>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| Arc::new(Keyring::new(&["secret".to_owned()]).expect("a secret")));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (blobs, blob) = (Arc::new(InMemory::new()), BlobRef { key: KEY.into(), size_original: size, size_stored: object.len() as u64, encrypted });
        blobs.put(&KEY.into(), Bytes::from(object).into()).await.expect("memory takes it");
        let store = BlobStore::on(blobs, Arc::new(InMemory::new()), keys.clone(), None, Limits::default());
        sound(store.stat(KEY).await);
        sound(store.verify(&blob).await);
        for range in [None, Some(size / 2..size)] {
            let wanted = range.clone().map_or(size, |r| r.end - r.start);
            let Some(pieces) = sound(store.read(&blob, range).await) else { continue };
            let len = pieces.try_fold(0, |len, piece| std::future::ready(Ok(len + piece.len() as u64))).await;
            if let Some(len) = sound(len) {
                assert_eq!(len, wanted);
            }
        }
    });
}
