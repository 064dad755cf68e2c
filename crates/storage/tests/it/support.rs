//! Stores, files and calls that the tests share.
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use crypto::Keyring;
use futures_util::{Stream, TryStreamExt as _, stream};
use object_store::ObjectStoreExt as _;
use object_store::memory::InMemory;
use storage::{BlobMeta, BlobRef, BlobStore, Compression, Limits, PutOptions, Result, StorageConfig, UploadId};

pub(crate) const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;
/// Payload bytes of a segment, and bytes of the footer, as the format has them.
pub(crate) const SEGMENT: usize = 64 * KIB;
pub(crate) const HEADER: usize = 256;
pub(crate) const FOOTER: usize = 64;

/// Every way a file can be stored.
pub(crate) const WAYS: [(Compression, bool); 6] = [
    (Compression::None, false),
    (Compression::None, true),
    (Compression::Gzip, false),
    (Compression::Gzip, true),
    (Compression::Zstd, false),
    (Compression::Zstd, true),
];

pub(crate) fn way((compression, encrypt): (Compression, bool)) -> PutOptions {
    PutOptions { compression, encrypt, ..PutOptions::default() }
}

pub(crate) fn keyring(secret: &str) -> Arc<Keyring> {
    Arc::new(Keyring::new(&[secret.to_owned()]).unwrap())
}

pub(crate) fn upload(file: &str) -> UploadId {
    UploadId::new("p", "7", file).unwrap()
}

/// Bytes that no compressor makes smaller, another series for each seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut out: Vec<u8> = std::iter::repeat_with(&mut next).take(len / 8 + 1).flatten().collect();
    out.truncate(len);
    out
}

/// Text and noise by turns: some blocks shrink, some do not, and no two stretches are alike.
pub(crate) fn mixed(len: usize, seed: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 400 * KIB);
    let mut line = seed;
    while out.len() < len {
        let text = std::iter::from_fn(|| {
            line += 1;
            Some(format!("line {line} of the file\n").into_bytes())
        });
        out.extend(text.take(40_000).flatten());
        out.extend(noise(300 * KIB, line));
    }
    out.truncate(len);
    out
}

/// A body that comes in pieces of `step` bytes.
pub(crate) fn pieces(bytes: &[u8], step: usize) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let all = Bytes::copy_from_slice(bytes);
    let starts = (0..all.len()).step_by(step);
    stream::iter(starts.map(move |at| Ok(all.slice(at..all.len().min(at + step)))))
}

/// A store in memory whose objects can be looked at and changed behind its back.
pub(crate) struct Memory {
    pub(crate) store: BlobStore,
    pub(crate) blobs: Arc<InMemory>,
    pub(crate) staging: Arc<InMemory>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self::with_keys(keyring("secret"))
    }

    pub(crate) fn with_keys(keys: Arc<Keyring>) -> Self {
        let (blobs, staging) = (Arc::new(InMemory::new()), Arc::new(InMemory::new()));
        let store = BlobStore::on(blobs.clone(), staging.clone(), keys, None, Limits::default());
        Self { store, blobs, staging }
    }

    /// The same objects, other keys.
    pub(crate) fn seen_with(&self, keys: Arc<Keyring>) -> BlobStore {
        BlobStore::on(self.blobs.clone(), self.staging.clone(), keys, None, Limits::default())
    }

    pub(crate) async fn put(&self, id: &str, bytes: &[u8], how: (Compression, bool)) -> BlobMeta {
        put(&self.store, id, bytes, how).await
    }

    pub(crate) async fn object(&self, key: &str) -> Vec<u8> {
        self.blobs.get(&key.into()).await.unwrap().bytes().await.unwrap().to_vec()
    }

    pub(crate) async fn set(&self, key: &str, object: &[u8]) {
        self.blobs.put(&key.into(), Bytes::copy_from_slice(object).into()).await.unwrap();
    }
}

/// A store in a folder.
pub(crate) struct Folder {
    pub(crate) store: BlobStore,
    dir: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (root, device) = (dir.path().to_owned(), storage::Device::Local);
        let config = StorageConfig { root, device, keyring: keyring("secret"), scanner: None, limits: Limits::default() };
        Self { store: BlobStore::open(config).unwrap(), dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Everything that is not a folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut out, mut todo) = (Vec::new(), vec![self.path().to_owned()]);
        while let Some(folder) = todo.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(std::result::Result::unwrap) {
                if entry.file_type().unwrap().is_dir() { todo.push(entry.path()) } else { out.push(entry.path()) }
            }
        }
        out
    }
}

pub(crate) async fn put(store: &BlobStore, id: &str, bytes: &[u8], how: (Compression, bool)) -> BlobMeta {
    store.put_single(&upload(id), pieces(bytes, 100_000), Some(bytes.len() as u64), u64::MAX, &way(how)).await.unwrap()
}

/// What a read gives before it ends, and how it ends.
pub(crate) async fn read(store: &BlobStore, blob: &BlobRef, range: Option<Range<u64>>) -> (Vec<u8>, Result<()>) {
    let mut out = Vec::new();
    let mut pieces = match store.read(blob, range).await {
        Ok(pieces) => pieces,
        Err(e) => return (out, Err(e)),
    };
    loop {
        match pieces.try_next().await {
            Ok(Some(piece)) => {
                assert!(piece.len() <= MIB && !piece.is_empty());
                out.extend_from_slice(&piece);
            }
            Ok(None) => return (out, Ok(())),
            Err(e) => {
                assert!(pieces.try_next().await.is_ok_and(|p| p.is_none()), "an error is the last item");
                return (out, Err(e));
            }
        }
    }
}

pub(crate) async fn get(store: &BlobStore, blob: &BlobRef, range: Option<Range<u64>>) -> Vec<u8> {
    let (bytes, end) = read(store, blob, range).await;
    end.unwrap();
    bytes
}

/// Names of the blobs that are visible.
pub(crate) async fn names(store: &BlobStore) -> Vec<String> {
    let mut names: Vec<String> = store.list("p", None).unwrap().map_ok(|b| b.key).try_collect().await.unwrap();
    names.sort();
    names
}

pub(crate) fn is_damaged<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(storage::StorageError::Corrupt { .. }))
}
