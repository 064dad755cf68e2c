//! The store: opening, putting, reading and removing of blobs.
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::{Bytes, BytesMut};
use crypto::{Digests, Keyring};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use crate::derived::Derived;
use crate::device::Device;
use crate::error::{Result, StorageError};
use crate::format::{HEADER, Header, Mode};
use crate::ingest::Ingest;
use crate::local::{self, Local};
use crate::moving::Moving;
use crate::name::{self, UNIQUE_DIGITS, UploadId};
use crate::read::{self, ByteStream, Reader};
use crate::scan::ClamdConfig;
use crate::types::{BlobMeta, BlobRef, Limits, PutOptions, StorageConfig};

/// Bytes of a part of a large object on the local device.
const LOCAL_PART: usize = 256 << 10;
/// Bytes of a part on other devices: S3 takes none that are smaller, and at most 10,000.
pub(crate) const REMOTE_PART: usize = 8 << 20;
/// Parts of larger files are larger, up to this.
const LARGEST_PART: usize = 64 << 20;
/// Most parts of an object of the S3 protocol.
const MOST_PARTS: u64 = 10_000;

/// The bytes of files. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct BlobStore {
    pub(crate) inner: Arc<Inner>,
    derived: Option<Arc<Derived>>,
}

pub(crate) struct Inner {
    shelf: ArcSwap<Shelf>,
    pub(crate) staging: Arc<dyn ObjectStore>,
    pub(crate) local: Option<Local>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) scanner: Option<ClamdConfig>,
    pub(crate) limits: Limits,
}

/// Where blobs are at the moment.
pub(crate) struct Shelf {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Bytes of a part of a large object.
    pub(crate) part: usize,
    /// While blobs are moved.
    pub(crate) moving: Option<Moving>,
}

impl Shelf {
    /// The shelf of a device, `folder` being that of the local one.
    pub(crate) fn on(device: &Device, folder: &std::path::Path) -> Result<Self> {
        Ok(Self { store: device.open(folder)?, part: Self::part(device), moving: None })
    }

    /// Bytes of a part on a device.
    fn part(device: &Device) -> usize {
        if device.is_remote() { REMOTE_PART } else { LOCAL_PART }
    }

    /// Bytes of a part of an object of about `size` bytes: no device takes any number of parts. `None` when it does not fit into the largest.
    fn part_for(&self, size: u64) -> Option<usize> {
        if self.part < REMOTE_PART {
            return Some(self.part);
        }
        // Compression may make a file a little longer, and so does encryption.
        let least = (size + size / 512).div_ceil(MOST_PARTS - 1);
        let mib = usize::try_from(least.div_ceil(1 << 20)).ok()? << 20;
        (mib <= LARGEST_PART).then(|| mib.max(self.part))
    }
}

/// A blob as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Name of the object.
    pub key: String,
    /// Bytes it occupies.
    pub size_stored: u64,
    /// When it was written, as the device says.
    pub modified: std::time::SystemTime,
}

impl BlobStore {
    /// Opens the store, making its folders when they are absent.
    ///
    /// # Errors
    /// `Io` when a folder cannot be made or entered.
    pub fn open(config: StorageConfig) -> Result<Self> {
        let staging = config.root.join("staging");
        local::private_folder(&staging)?;
        let folder = config.root.join("blobs");
        let shelf = Shelf::on(&config.device, &folder)?;
        let stage = local::object_store(&staging)?;
        let local = Local { staging, blobs: folder };
        let StorageConfig { keyring, scanner, limits, .. } = config;
        Ok(Self { inner: Arc::new(Inner { shelf: ArcSwap::from_pointee(shelf), staging: stage, local: Some(local), keyring, scanner, limits }), derived: None })
    }

    /// A store on any two object stores: one for blobs, a near one for staged chunks. Durability is theirs.
    #[must_use]
    pub fn on(blobs: Arc<dyn ObjectStore>, staging: Arc<dyn ObjectStore>, keyring: Arc<Keyring>, scanner: Option<ClamdConfig>, limits: Limits) -> Self {
        let shelf = ArcSwap::from_pointee(Shelf { store: blobs, part: REMOTE_PART, moving: None });
        Self { inner: Arc::new(Inner { shelf, staging, local: None, keyring, scanner, limits }), derived: None }
    }

    /// Keeps what is made of files in `derived`; it goes with them.
    #[must_use]
    pub fn with_derived(self, derived: Derived) -> Self {
        Self { derived: Some(Arc::new(derived)), ..self }
    }

    /// What is made of files, if that is kept.
    #[must_use]
    pub fn derived(&self) -> Option<&Derived> {
        self.derived.as_deref()
    }

    /// Where blobs are at the moment.
    pub(crate) fn shelf(&self) -> Arc<Shelf> {
        self.inner.shelf.load_full()
    }

    /// From now on blobs are there.
    pub(crate) fn put_on(&self, shelf: Shelf) {
        self.inner.shelf.store(Arc::new(shelf));
    }

    fn blobs(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner.shelf.load().store)
    }

    /// Where a blob lies on the local disk, if that is where blobs are.
    fn file_of(&self, key: &str) -> Option<PathBuf> {
        let local = self.inner.local.as_ref().filter(|_| self.is_local())?;
        Some(local.blobs.join(name::path(key).ok()?.as_ref()))
    }

    /// Whether everything is on the local disk.
    pub(crate) fn is_local(&self) -> bool {
        // During a move to the local disk some are still elsewhere.
        let shelf = self.inner.shelf.load();
        self.inner.local.is_some() && shelf.part == LOCAL_PART && shelf.moving.is_none()
    }

    /// Whether a scanner is asked about files of buckets that want it.
    #[must_use]
    pub fn scans(&self) -> bool {
        self.inner.scanner.is_some()
    }

    /// The folder of the local device.
    #[must_use]
    pub fn blobs_folder(&self) -> PathBuf {
        self.inner.local.as_ref().map(|l| l.blobs.clone()).unwrap_or_default()
    }

    /// Stores a file whose bytes come in one go, in one pass and with one synced write: nothing is staged. `expected` is its
    /// length when it is known, `max_len` bounds it in any case. Nothing is visible before everything, the scan included, went well.
    ///
    /// # Errors
    /// `TooLarge`, `Truncated`, `Source`, `Virus`, `ScannerUnavailable`, `NoSpace`, `Io`; nothing stays behind.
    pub async fn put_single(
        &self,
        upload: &UploadId,
        body: impl Stream<Item = std::io::Result<Bytes>> + Send,
        expected: Option<u64>,
        max_len: u64,
        options: &PutOptions,
    ) -> Result<BlobMeta> {
        self.put(upload, body.map_err(StorageError::Source), options, expected, max_len).await
    }

    pub(crate) async fn put(
        &self,
        upload: &UploadId,
        body: impl Stream<Item = Result<Bytes>> + Send,
        options: &PutOptions,
        expected: Option<u64>,
        max: u64,
    ) -> Result<BlobMeta> {
        let max = max.min(self.inner.limits.max_file);
        // Held until the end: a move to another device waits for uploads to the old one.
        let shelf = self.shelf();
        let part = shelf.part_for(expected.unwrap_or(0)).ok_or(StorageError::TooLarge { limit: LARGEST_PART as u64 * MOST_PARTS })?;
        let work = Ingest {
            store: &shelf.store,
            keyring: &self.inner.keyring,
            key: upload.blob_key(&crypto::random_hex(UNIQUE_DIGITS)),
            mode: read::mode(options.encrypt),
            compression: options.compression,
            describe: true,
            scanner: self.inner.scanner.as_ref().filter(|_| options.antivirus),
            expected,
            min: 0,
            max,
            part,
        };
        let done = work.run(body).await?;
        let (md5, sha256) = done.encoded.digests.unwrap_or_default();
        Ok(BlobMeta {
            key: done.key,
            size_original: done.encoded.size,
            size_stored: done.encoded.stored,
            md5: hex::encode(md5),
            sha256: hex::encode(sha256),
            mime: done.sniffer.unwrap_or_default().finish(&options.file_name).to_owned(),
            compression: options.compression,
            encrypted: options.encrypt,
            format: done.encoded.format,
        })
    }

    /// The file, or bytes `range` of it, as a stream of authenticated pieces of at most 1 MiB. Memory is bounded whatever the
    /// size: two windows of 512 KiB, or two blocks with their compressed forms. An error in the stream is its last item.
    ///
    /// # Errors
    /// `InvalidRange` unless `range` lies within the file; `NotFound`, `Corrupt`, `Io` about its beginning.
    pub async fn read(&self, blob: &BlobRef, range: Option<Range<u64>>) -> Result<ByteStream> {
        let all = 0..blob.size_original;
        let range = range.unwrap_or_else(|| all.clone());
        if range.start > range.end || range.end > all.end {
            return Err(StorageError::InvalidRange);
        }
        let reader = Reader::open(&self.blobs(), &self.inner.keyring, blob, range == all).await?;
        reader.on_file(self.file_of(&blob.key)).await.stream(range).await
    }

    /// The whole file in memory, if it has at most `limit` bytes. The cheapest way for small ones: one fetch, opened in place.
    ///
    /// # Errors
    /// `TooLarge`, `NotFound`, `Corrupt`, `Io`.
    pub async fn read_all(&self, blob: &BlobRef, limit: u64) -> Result<Bytes> {
        if blob.size_original > limit {
            return Err(StorageError::TooLarge { limit });
        }
        let mut pieces = self.read(blob, None).await?;
        let Some(first) = pieces.try_next().await? else { return Ok(Bytes::new()) };
        let Some(second) = pieces.try_next().await? else { return Ok(first) };
        let mut out = BytesMut::with_capacity(usize::try_from(blob.size_original).map_err(|_| StorageError::TooLarge { limit })?);
        out.extend_from_slice(&first);
        out.extend_from_slice(&second);
        while let Some(piece) = pieces.try_next().await? {
            out.extend_from_slice(&piece);
        }
        Ok(out.freeze())
    }

    /// Removes a blob.
    ///
    /// # Errors
    /// `Io`; a blob that is not there is no error, as a removal may be repeated.
    pub async fn delete(&self, key: &str) -> Result<()> {
        if let Some(derived) = &self.derived {
            derived.forget(key);
        }
        match self.blobs().delete(&name::path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Removes everything of a bucket, or of a project: blobs and staged chunks. May be repeated after an error.
    ///
    /// # Errors
    /// `InvalidId`, `Io`.
    pub async fn delete_tree(&self, project: &str, bucket: Option<&str>) -> Result<()> {
        let prefix = name::prefix(project, bucket)?;
        if let Some(derived) = &self.derived {
            derived.forget_tree(project, bucket);
        }
        self.inner.delete_all(&self.inner.staging, &prefix).await?;
        self.inner.delete_all(&self.blobs(), &prefix).await?;
        if let Some(local) = &self.inner.local {
            for folder in [&local.staging, &local.blobs] {
                local.forget_folder(folder, prefix.as_ref()).await;
            }
        }
        Ok(())
    }

    /// Whether a blob is there.
    ///
    /// # Errors
    /// `Io`.
    pub async fn exists(&self, key: &str) -> Result<bool> {
        match self.blobs().head(&name::path(key)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// What a blob says about itself, checked by its own keys and sums. For tools that have no record of it.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt`, `Io`.
    pub async fn stat(&self, key: &str) -> Result<BlobRef> {
        let path = name::path(key)?;
        let size_stored = self.blobs().head(&path).await?.size;
        let bad = |what| StorageError::corrupt(key, what);
        if size_stored < HEADER as u64 {
            return Err(bad("header cut off"));
        }
        let head = self.blobs().get_range(&path, 0..HEADER as u64).await?;
        let header = Header::decode(key, &head).map_err(bad)?;
        let mut blob = BlobRef { key: key.to_owned(), size_original: 0, size_stored, encrypted: header.mode == Mode::Sealed };
        blob.size_original = Reader::size(&self.blobs(), &self.inner.keyring, &blob).await?;
        Ok(blob)
    }

    /// Reads every byte of a blob and compares the digest of the file with the one written with it.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt`, `Io`.
    pub async fn verify(&self, blob: &BlobRef) -> Result<()> {
        let footer = Reader::open(&self.blobs(), &self.inner.keyring, blob, false).await.map(Arc::new)?.footer().await?;
        let mut digests = Digests::sha256_alone();
        let mut pieces = self.read(blob, None).await?;
        while let Some(piece) = pieces.try_next().await? {
            digests.update(&piece);
        }
        let (_, sha256) = digests.finish();
        if footer.sha256.is_none_or(|d| d != sha256) || footer.size != blob.size_original {
            return Err(StorageError::corrupt(&blob.key, "digest of the file"));
        }
        Ok(())
    }

    /// Blobs of a project (of one of its buckets), in no order; what a collector of orphans compares with the documents.
    ///
    /// # Errors
    /// `InvalidId`; `Io` in the stream.
    pub fn list(&self, project: &str, bucket: Option<&str>) -> Result<BoxStream<'static, Result<StoredKey>>> {
        let prefix = name::prefix(project, bucket)?;
        let objects = self.blobs().list(Some(&prefix));
        Ok(objects
            .map_ok(|o| StoredKey { key: o.location.to_string(), size_stored: o.size, modified: o.last_modified.into() })
            .map_err(StorageError::from)
            .boxed())
    }

    /// Writes, reads and removes a small object in both places: tells whether files can be kept at this moment.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn probe(&self) -> Result<()> {
        probe(&self.inner.staging).await?;
        probe(&self.blobs()).await
    }

    /// Version line of the virus scanner; `None` when none is configured.
    ///
    /// # Errors
    /// `ScannerUnavailable`.
    pub async fn scanner_version(&self) -> Result<Option<String>> {
        match &self.inner.scanner {
            Some(clamd) => clamd.version().await.map(Some),
            None => Ok(None),
        }
    }
}

/// Writes, reads and removes a small object.
pub(crate) async fn probe(store: &Arc<dyn ObjectStore>) -> Result<()> {
    let path = name::path(&format!("probe-{}", crypto::random_hex(UNIQUE_DIGITS)))?;
    store.put(&path, Bytes::from_static(b"probe").into()).await?;
    let read = store.get(&path).await?.bytes().await;
    store.delete(&path).await?;
    if read? != b"probe"[..] {
        return Err(StorageError::corrupt(path.as_ref(), "the probe"));
    }
    Ok(())
}

impl Inner {
    pub(crate) async fn delete_all(&self, store: &Arc<dyn ObjectStore>, prefix: &Path) -> Result<()> {
        let found = store.list(Some(prefix)).map_ok(|o| o.location).boxed();
        let mut gone = store.delete_stream(found);
        while let Some(done) = gone.next().await {
            match done {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }
}
