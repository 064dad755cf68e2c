//! Chunks on their way to a file.
//!
//! A chunk is an object of its own in the staging folder, named by its start and the announced total, sealed like a finished
//! file (under a data key of its own) and without compression, so its length follows from the stored one. A chunk is durable
//! and complete, or absent. Sending it again replaces it. Where chunks overlap, the one that starts earlier gives the bytes.
use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _};

use crate::error::{Result, StorageError};
use crate::format::{FOOTER, Layout, Mode};
use crate::ingest::Ingest;
use crate::name::{self, UploadId};
use crate::read::Reader;
use crate::source::Source;
use crate::store::BlobStore;
use crate::types::{BlobMeta, BlobRef, CHUNK_BYTES, Compression, PutOptions, Staged, StagedChunk};

/// A staged chunk.
#[derive(Clone, PartialEq)]
struct Chunk {
    start: u64,
    end: u64,
    total: u64,
    written: SystemTime,
    blob: BlobRef,
}

/// Digits of the numbers in names: all of u64.
const DIGITS: usize = 20;
/// Bytes of a part of a chunk's object.
const STAGED_PART: usize = 256 << 10;
/// Chunks any upload may have, besides those of the size clients send: each is a file, and each is looked at when another comes.
const CHUNKS: usize = 1_000;
/// Chunks of an upload for each of the usual size.
const CHUNKS_FOR_EACH: u64 = 4;
/// How often a file is put together anew because a chunk was sent again meanwhile.
const AGAIN: usize = 3;

fn chunk_key(upload: &UploadId, start: u64, total: u64) -> String {
    format!("{}/{start:0DIGITS$}-{total:0DIGITS$}", upload.staging_prefix())
}

impl Chunk {
    /// From its object; `None` for anything that is no chunk.
    fn of(object: &ObjectMeta) -> Option<Self> {
        let (start, total) = object.location.filename()?.split_once('-')?;
        if start.len() != DIGITS || total.len() != DIGITS {
            return None;
        }
        let (start, total) = (start.parse::<u64>().ok()?, total.parse().ok()?);
        let len = Layout::of_stored(object.size, Mode::Sealed)?.payload.checked_sub(FOOTER as u64)?;
        let blob = BlobRef { key: object.location.to_string(), size_original: len, size_stored: object.size, encrypted: true };
        Some(Self { start, end: start.checked_add(len)?, total, written: object.last_modified.into(), blob })
    }
}

/// A piece of a file that is put together.
enum Piece {
    Staged(BlobRef, Range<u64>),
    /// Bytes of the chunk that is just being sent.
    Given(Range<u64>),
}

/// Bytes `range` of a stream.
fn cut(body: Source, range: Range<u64>) -> impl Stream<Item = Result<Bytes>> + Send {
    let mut at = 0_u64;
    body.map_err(StorageError::Source).try_filter_map(move |mut piece| {
        let end = at + piece.len() as u64;
        let within = |n: u64| usize::try_from(n.clamp(at, end) - at).unwrap_or(0);
        let wanted = within(range.start)..within(range.end);
        at = end;
        std::future::ready(Ok((!wanted.is_empty()).then(|| {
            piece.truncate(wanted.end);
            piece.split_off(wanted.start)
        })))
    })
}

/// Most chunks of a file of `total` bytes.
fn most_chunks(total: u64) -> usize {
    CHUNKS.saturating_add(usize::try_from(total.div_ceil(CHUNK_BYTES).saturating_mul(CHUNKS_FOR_EACH)).unwrap_or(usize::MAX))
}

fn summary(chunks: &[Chunk]) -> Staged {
    Staged { total: chunks.first().map_or(0, |c| c.total), chunks: chunks.iter().map(|c| c.start..c.end).collect() }
}

/// Which bytes of which chunk make up the file, in order; `None` when some are missing.
fn assemble(chunks: Vec<Chunk>) -> Option<Vec<(BlobRef, Range<u64>)>> {
    let total = chunks.first()?.total;
    let mut at = 0;
    let mut pieces = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        if chunk.start > at {
            return None;
        }
        if chunk.end > at {
            pieces.push((chunk.blob, at - chunk.start..chunk.end - chunk.start));
            at = chunk.end;
        }
    }
    (at == total).then_some(pieces)
}

impl BlobStore {
    /// Stages a chunk: bytes `start..` of a file of `total` bytes. Chunks may come in any order, at the same time, of any size
    /// and more than once. The chunk is durable when this returns; it is always encrypted, whatever the bucket asks for.
    ///
    /// `expected` is the length the chunk must have, when it is known; `max_len` bounds it in any case.
    ///
    /// # Errors
    /// `InvalidRange` when `start` is beyond `total`; `TooLarge`, `Truncated`, `Source` about the body; `TotalChanged` when other
    /// chunks were sent for another total; `TooManyChunks`; `NoSpace`, `Io`. After an error the upload is what it was before.
    pub async fn stage_chunk(
        &self,
        upload: &UploadId,
        start: u64,
        total: u64,
        expected: Option<u64>,
        body: impl Stream<Item = std::io::Result<Bytes>> + Send,
        max_len: u64,
    ) -> Result<StagedChunk> {
        let room = total.checked_sub(start).ok_or(StorageError::InvalidRange)?;
        if total > self.inner.limits.max_file {
            return Err(StorageError::TooLarge { limit: self.inner.limits.max_file });
        }
        let others = self.chunks(upload).await?;
        same_total(&others, total)?;
        let limit = most_chunks(total);
        if others.len() >= limit && others.iter().all(|c| c.start != start) {
            return Err(StorageError::TooManyChunks { limit });
        }
        let work = Ingest {
            store: &self.inner.staging,
            keyring: &self.inner.keyring,
            key: chunk_key(upload, start, total),
            mode: Mode::Sealed,
            compression: Compression::None,
            describe: false,
            scanner: None,
            expected,
            // An empty body is a chunk only of an empty file.
            min: u64::from(total > 0),
            max: max_len.min(room),
            part: STAGED_PART,
        };
        let done = work.run(body.map_err(StorageError::Source)).await?;
        let chunks = self.chunks(upload).await?;
        if let Err(e) = same_total(&chunks, total) {
            // Two first chunks with different totals at the same time: neither may stay unnoticed.
            self.inner.staging.delete(&name::path(&done.key)?).await?;
            return Err(e);
        }
        Ok(StagedChunk { index: start / CHUNK_BYTES + 1, len: done.encoded.size, staged: summary(&chunks) })
    }

    /// Which bytes of an upload are there; no chunks at all when nothing is known of it.
    ///
    /// # Errors
    /// `Io`.
    pub async fn staged(&self, upload: &UploadId) -> Result<Staged> {
        Ok(summary(&self.chunks(upload).await?))
    }

    /// Chunks in order of start; of two with the same start the longer first.
    async fn chunks(&self, upload: &UploadId) -> Result<Vec<Chunk>> {
        let folder = name::path(&upload.staging_prefix())?;
        let mut chunks: Vec<Chunk> = self.inner.staging.list(Some(&folder)).try_filter_map(|o| std::future::ready(Ok(Chunk::of(&o)))).try_collect().await?;
        chunks.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
        Ok(chunks)
    }

    /// Makes the file of an upload whose bytes have all arrived, in one pass over them: scan, digests, type, compression,
    /// encryption, durable put. Nothing is visible under the new key before all of that went well. May be repeated after any
    /// error, and after a crash: the chunks go last (see [`PutOptions::keep_staging`]).
    ///
    /// # Errors
    /// `NotFound` without any chunk, `Incomplete`, `TotalChanged`, `Virus`, `ScannerUnavailable`, `Corrupt` (a staged chunk), `NoSpace`, `Io`.
    pub async fn finish(&self, upload: &UploadId, options: &PutOptions) -> Result<BlobMeta> {
        let mut tries = 0;
        let meta = loop {
            let chunks = self.chunks(upload).await?;
            match self.put_together(upload, chunks.clone(), options).await {
                // A client that sends a chunk again replaces what is being read: the rest does not fit to the beginning.
                Err(StorageError::Corrupt { .. }) if tries < AGAIN && self.chunks(upload).await? != chunks => tries += 1,
                done => break done?,
            }
        };
        if !options.keep_staging
            && let Err(e) = self.abort(upload).await
        {
            tracing::warn!(error = %e, "staged chunks of a finished upload stay until the next sweep");
        }
        Ok(meta)
    }

    async fn put_together(&self, upload: &UploadId, chunks: Vec<Chunk>, options: &PutOptions) -> Result<BlobMeta> {
        let staged = summary(&chunks);
        if chunks.is_empty() {
            return Err(StorageError::NotFound);
        }
        same_total(&chunks, staged.total)?;
        let pieces = assemble(chunks).ok_or_else(|| StorageError::Incomplete { received: staged.received(), total: staged.total })?;
        let store = self.clone();
        let parts = stream::iter(pieces).then(move |(blob, range)| {
            let store = store.clone();
            async move { Reader::open(&store.inner.staging, &store.inner.keyring, &blob, true).await?.stream(range).await }
        });
        self.put(upload, parts.try_flatten(), options, Some(staged.total), staged.total).await
    }

    /// As [`finish`](Self::finish), with one more chunk that is not staged but given: `range` of a file of `total` bytes. `None` when others are
    /// missing; then nothing was done and the chunk is to be staged.
    ///
    /// # Errors
    /// As `finish`; the staged chunks stay.
    pub async fn finish_with(&self, upload: &UploadId, range: Range<u64>, total: u64, body: Source, options: &PutOptions) -> Result<Option<BlobMeta>> {
        let mut chunks = self.chunks(upload).await?;
        same_total(&chunks, total)?;
        // What was sent before at the same place is replaced, as by staging.
        chunks.retain(|c| c.start != range.start);
        let given = BlobRef { key: String::new(), size_original: 0, size_stored: 0, encrypted: true };
        chunks.push(Chunk { start: range.start, end: range.end, total, written: SystemTime::UNIX_EPOCH, blob: given });
        chunks.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
        let Some(pieces) = assemble(chunks) else { return Ok(None) };
        let mut body = Some(body);
        let (store, mut parts) = (self.clone(), Vec::with_capacity(pieces.len()));
        for (blob, range) in pieces {
            parts.push(if blob.key.is_empty() { Piece::Given(range) } else { Piece::Staged(blob, range) });
        }
        let parts = stream::iter(parts).then(move |piece| {
            let (store, body) = (store.clone(), if matches!(piece, Piece::Given(_)) { body.take() } else { None });
            async move {
                match piece {
                    Piece::Staged(blob, range) => Reader::open(&store.inner.staging, &store.inner.keyring, &blob, true).await?.stream(range).await,
                    Piece::Given(range) => Ok(cut(body.ok_or(StorageError::InvalidRange)?, range).boxed()),
                }
            }
        });
        self.put(upload, parts.try_flatten(), options, Some(total), total).await.map(Some)
    }

    /// Forgets what is staged of an upload; nothing staged is no error.
    ///
    /// # Errors
    /// `Io`.
    pub async fn abort(&self, upload: &UploadId) -> Result<()> {
        let folder = name::path(&upload.staging_prefix())?;
        self.inner.delete_all(&self.inner.staging, &folder).await?;
        if let Some(local) = &self.inner.local {
            local.forget_folder(&local.staging, folder.as_ref()).await;
        }
        Ok(())
    }

    /// Removes uploads whose newest chunk is older than `before`, and what interrupted writes left behind before then.
    /// Answers how many uploads were removed.
    ///
    /// # Errors
    /// `Io`.
    pub async fn sweep_staging(&self, before: SystemTime) -> Result<usize> {
        let mut newest: std::collections::BTreeMap<String, SystemTime> = std::collections::BTreeMap::new();
        let mut objects = self.inner.staging.list(None);
        while let Some(object) = objects.next().await.transpose()? {
            let Some((folder, _)) = object.location.as_ref().rsplit_once('/') else { continue };
            let when = SystemTime::from(object.last_modified);
            newest.entry(folder.to_owned()).and_modify(|n| *n = (*n).max(when)).or_insert(when);
        }
        let mut removed = 0;
        for (folder, _) in newest.into_iter().filter(|(_, when)| *when < before) {
            let [project, bucket, file] = folder.split('/').collect::<Vec<_>>()[..] else { continue };
            // What no upload made stays.
            let Ok(upload) = UploadId::new(project, bucket, file) else { continue };
            self.abort(&upload).await?;
            removed += 1;
        }
        if let Some(local) = &self.inner.local {
            local.sweep(before).await?;
        }
        Ok(removed)
    }
}

fn same_total(chunks: &[Chunk], given: u64) -> Result<()> {
    match chunks.iter().find(|c| c.total != given) {
        Some(other) => Err(StorageError::TotalChanged { staged: other.total, given }),
        None => Ok(()),
    }
}
