//! Uploads: whole files, and files that come in chunks.
//!
//! Bytes first, then the record: a file that is listed as complete has all its bytes on the disk. Between the two a crash leaves bytes without a
//! record, which the collector of orphans removes.
use std::sync::Arc;

use access::Action;
use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, FileContent, FilePart, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};
use storage::source::{self, Source};
use storage::{BlobMeta, CHUNK_BYTES, Compression, PutOptions, Staged, StorageError, UploadId};

use super::additions;
use super::failure::{failed, too_large};
use super::files::{gone, grow};
use super::model::{self, Change, announce, is_complete, view};
use super::place::{self, Place, run};
use super::range::ContentRange;
use super::{sender, staged};
use crate::support::{OWN, for_new, object};

params! {
    pub(crate) struct Create {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::CustomId, required;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: false }, optional;
    }
}

endpoint! {
    /// Creates a file, from its whole content or from chunks of it in any order.
    CREATE: Post "/v1/storage/buckets/:bucketId/files" => 201 "file" by create(Create);
    sdk ["storage.createFile"] auth [Admin, Session, Key, Jwt] scope ["files.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId},chunkId:{chunkId}"]
    event "buckets.[bucketId].files.[fileId].create" audit "file.create" on "file/{response.$id}" groups [NotConsole]
}

/// A file on its way in.
struct Upload {
    place: Place,
    id: String,
    key: UploadId,
    name: String,
    permissions: Vec<String>,
    /// Most bytes the bucket takes.
    limit: u64,
    /// The transaction that it waits for.
    transaction: Option<Arc<Document>>,
    /// Who sends it, when it comes in parts.
    sender: Option<String>,
}

impl Upload {
    /// The record of the file so far, where this upload keeps it.
    fn find(&self, cx: &Cx<'_>) -> Result<Option<Arc<Document>>> {
        match &self.transaction {
            Some(transaction) => staged::find(cx, transaction, &self.place, &self.id),
            None => self.place.find(cx, &self.id),
        }
    }
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    place.require(cx, Action::Create)?;
    let permissions = for_new(cx, p.permissions)?;
    let part = take(cx).ok_or_else(|| Error::from(ErrorKind::StorageFileEmpty))?;
    let chunk = match cx.request_headers().get("content-range") {
        Some(header) => Some(ContentRange::parse(header).ok_or_else(|| Error::from(ErrorKind::StorageInvalidContentRange))?),
        None => None,
    };
    let id = match &chunk {
        Some(range) => chunk_id(cx, &p.file_id, range.len == part.len)?,
        None => cx.custom_id(&p.file_id),
    };
    check_extension(&place, &part.filename)?;
    let limit = u64::try_from(place.bucket.int("maximumFileSize")).unwrap_or(0).min(cx.app.settings.storage_limit);
    if chunk.as_ref().map_or(part.len, |c| c.total).max(part.len) > limit {
        return Err(too_large());
    }
    let mut key = place.upload_id(cx, &id)?;
    let transaction = staged::transaction(cx)?;
    if let Some(transaction) = &transaction {
        if place.find(cx, &id)?.is_some() {
            return Err(ErrorKind::StorageFileAlreadyExists.into());
        }
        key = key.staged_as(&staged::folder(transaction.sequence, &id)).map_err(|e| failed(&e))?;
    }
    let mut upload = Upload { place, id, key, name: part.filename, permissions, limit, transaction, sender: None };
    if chunk.is_some() {
        upload.sender = Some(sender::of_part(cx, &upload.place, &upload.id, upload.find(cx)?.as_deref())?);
    }
    match chunk {
        None => whole(cx, upload, part.content, part.len, 1, false),
        Some(range) if part.len != range.len => Err(ErrorKind::StorageInvalidContentRange.into()),
        Some(range) => chunked(cx, upload, part.content, &range),
    }
}

/// The part of the form that is the file.
fn take(cx: &mut Cx<'_>) -> Option<FilePart> {
    // GraphQL clients number their files.
    let at = ["file", "file[]", "file[0]", "0"].iter().find_map(|name| cx.files.iter().position(|f| f.field == *name))?;
    Some(cx.files.swap_remove(at))
}

/// Which file a chunk belongs to: the header wins over the parameter. Some clients send `unique()` in both with their first chunk, which is taken
/// when the chunk is as long as it says.
fn chunk_id(cx: &Cx<'_>, param: &str, honest: bool) -> Result<String> {
    let header = cx.request_headers().get("x-appwrite-id").filter(|id| *id != "unique()" || !honest);
    match header {
        Some(id) if Check::Uid.apply(id.into()).is_err() => Err(ErrorKind::StorageInvalidAppwriteId.into()),
        Some(id) => Ok(id.to_owned()),
        None => Ok(cx.custom_id(param)),
    }
}

fn check_extension(place: &Place, name: &str) -> Result<()> {
    let mut allowed = place.bucket.strings("allowedFileExtensions").peekable();
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    if allowed.peek().is_none() || allowed.any(|a| a.eq_ignore_ascii_case(extension)) {
        return Ok(());
    }
    Err(Error::with(ErrorKind::StorageFileTypeUnsupported, "File extension not allowed"))
}

fn body(content: &FileContent) -> Source {
    match content {
        FileContent::Memory(kept) => source::pieces(kept.pieces.clone()),
        FileContent::Spooled(file) => source::file(file.0.clone()),
    }
}

fn options(upload: &Upload) -> PutOptions {
    let bucket = &upload.place.bucket;
    PutOptions {
        compression: Compression::from_name(bucket.str("compression")).unwrap_or_default(),
        encrypt: bucket.bool("encryption"),
        antivirus: bucket.bool("antivirus"),
        file_name: upload.name.clone(),
        keep_staging: true,
    }
}

/// Whether storing a file needs the disk alone.
fn light(cx: &Cx<'_>, options: &PutOptions) -> bool {
    !(options.antivirus && cx.app.blobs.scans())
}

/// A file that comes at once.
fn whole(cx: &mut Cx<'_>, upload: Upload, content: FileContent, len: u64, chunks: u64, resent: bool) -> Result<Reply> {
    if let Some(file) = upload.find(cx)? {
        return present(cx, &file, resent);
    }
    let options = options(&upload);
    let put = cx.app.blobs.put_single(&upload.key, body(&content), Some(len), upload.limit, &options);
    let meta = run(cx, light(cx, &options), put).map_err(|e| failed(&e))?;
    drop(content);
    finish(cx, &upload, meta, chunks)
}

/// The answer to an upload whose file is there: parts may be sent again, whole files may not.
fn present(cx: &mut Cx<'_>, file: &Document, resent: bool) -> Result<Reply> {
    if !resent {
        return Err(ErrorKind::StorageFileAlreadyExists.into());
    }
    cx.no_event();
    cx.status = 200;
    Ok(Reply::Model("file", view(file)))
}

/// A part of a file.
fn chunked(cx: &mut Cx<'_>, upload: Upload, content: FileContent, range: &ContentRange) -> Result<Reply> {
    let chunks = range.total.div_ceil(CHUNK_BYTES).max(1);
    match upload.find(cx)? {
        Some(file) if is_complete(&file) => return present(cx, &file, true),
        None if range.len == range.total => return whole(cx, upload, content, range.len, chunks, true),
        _ => {}
    }
    if let Some(reply) = last(cx, &upload, &content, range, chunks)? {
        return Ok(reply);
    }
    let staged = cx.app.blobs.stage_chunk(&upload.key, range.start, range.total, Some(range.len), body(&content), range.len);
    let staged = run(cx, true, staged).map_err(|e| failed(&e))?.staged;
    drop(content);
    if !staged.is_complete() {
        return progress(cx, &upload, &staged, chunks);
    }
    // Parts that come at the same time may all find the file complete; one of them puts it together.
    let app = Arc::clone(cx.app);
    let _turn = app.turn((cx.ns(), &upload.place.files.name, &upload.id));
    if let Some(file) = upload.find(cx)?.filter(|f| is_complete(f)) {
        return present(cx, &file, true);
    }
    let meta = cx.block_on(app.blobs.finish(&upload.key, &options(&upload))).map_err(|e| refused(cx, &upload, &e))?;
    complete(cx, &upload, meta, chunks)
}

/// The part that makes a file complete, if this is it: it goes straight into the file instead of being staged first.
fn last(cx: &mut Cx<'_>, upload: &Upload, content: &FileContent, range: &ContentRange, chunks: u64) -> Result<Option<Reply>> {
    let app = Arc::clone(cx.app);
    let staged = run(cx, true, app.blobs.staged(&upload.key)).map_err(|e| failed(&e))?;
    if staged.total != range.total || staged.received() + range.len < range.total {
        return Ok(None);
    }
    let _turn = app.turn((cx.ns(), &upload.place.files.name, &upload.id));
    if let Some(file) = upload.find(cx)?.filter(|f| is_complete(f)) {
        return present(cx, &file, true).map(Some);
    }
    let options = options(upload);
    let given = range.start..range.start + range.len;
    let put = app.blobs.finish_with(&upload.key, given, range.total, body(content), &options);
    match run(cx, light(cx, &options), put) {
        Ok(Some(meta)) => complete(cx, upload, meta, chunks).map(Some),
        // A part that was replaced meanwhile is read again when this one is staged, too.
        Ok(None) | Err(StorageError::Corrupt { .. }) => Ok(None),
        Err(e) => Err(refused(cx, upload, &e)),
    }
}

/// The answer to an upload that was not taken; of one with a virus nothing stays.
fn refused(cx: &Cx<'_>, upload: &Upload, e: &StorageError) -> Error {
    if matches!(e, StorageError::Virus(_)) {
        forget(cx, &upload.key);
    }
    failed(e)
}

/// Makes the record of a file that came in parts; then the parts go.
fn complete(cx: &mut Cx<'_>, upload: &Upload, meta: BlobMeta, chunks: u64) -> Result<Reply> {
    let reply = finish(cx, upload, meta, chunks)?;
    forget(cx, &upload.key);
    Ok(reply)
}

/// Drops staged chunks that are of no more use.
fn forget(cx: &Cx<'_>, key: &UploadId) {
    if let Err(e) = cx.block_on(cx.app.blobs.abort(key)) {
        tracing::warn!(error = %e, "chunks of a finished upload stay until the next sweep");
    }
}

/// Notes how much of a file has arrived.
fn progress(cx: &mut Cx<'_>, upload: &Upload, staged: &Staged, chunks: u64) -> Result<Reply> {
    let mut numbers: Vec<u64> = staged.chunks.iter().map(|c| c.start / CHUNK_BYTES).collect();
    numbers.dedup();
    // Chunks of other sizes than the usual one may have more numbers than there is to come.
    let arrived = (numbers.len() as u64).min(chunks - 1);
    let mut data = model::pending(staged.total, chunks, arrived);
    data.insert("blob".into(), upload.sender.as_deref().into());
    let file = save(cx, upload, data, 0, move |old| !is_complete(old) && old.int("chunksUploaded") <= i64::try_from(arrived).unwrap_or(i64::MAX))?;
    cx.no_event();
    Ok(Reply::Model("file", view(&file)))
}

/// Makes the record of a file whose bytes are in place; without a record, and where the bucket has the same content already, the bytes go again.
fn finish(cx: &mut Cx<'_>, upload: &Upload, meta: BlobMeta, chunks: u64) -> Result<Reply> {
    let mut data = model::stored(&meta, chunks);
    if let (Some(blob), Some(sender)) = (data.get_mut("blob").and_then(Value::as_object_mut), &upload.sender) {
        blob.insert("sender".into(), sender.as_str().into());
    }
    let size = i64::try_from(meta.size_stored).unwrap_or(i64::MAX);
    let file = save(cx, upload, data, size, |old| !is_complete(old));
    let ours = file.as_ref().is_ok_and(|f| model::blob(f).is_some_and(|b| b.key == meta.key));
    if !ours && let Err(e) = cx.block_on(cx.app.blobs.delete(&meta.key)) {
        tracing::warn!(error = %e, "bytes without a record stay until the collector of orphans runs");
    }
    let file = file?;
    if !ours && file.id != upload.id {
        return present(cx, &file, true);
    }
    if !ours {
        return Err(ErrorKind::StorageFileAlreadyExists.into());
    }
    if upload.transaction.is_some() {
        cx.no_event();
    } else {
        announce(cx, &upload.place, Change::Create, &file);
    }
    Ok(Reply::Model("file", view(&file)))
}

/// Creates the record of a file, or changes that of one that is arriving where `applies` says so; who may see it was settled by its first part.
fn save(cx: &Cx<'_>, upload: &Upload, mut data: Map<String, Value>, grown: i64, applies: impl Fn(&Document) -> bool + Send + 'static) -> Result<Arc<Document>> {
    let (ns, now, files, id) = (cx.ns(), cx.now(), upload.place.files.name.clone(), upload.id.clone());
    let (bucket, permissions, name) = (upload.place.bucket.id.clone(), upload.permissions.clone(), upload.name.clone());
    let access = additions::deduplicates(&upload.place.bucket).then(|| cx.access());
    let named = object(json!({"bucketId": bucket, "search": format!("{id} {name}"), "name": name}));
    if let Some(transaction) = &upload.transaction {
        data.extend(named);
        let (transaction, bucket) = (transaction.clone(), upload.place.bucket.clone());
        return staged::save(cx, staged::Upload { transaction, bucket, files, id, permissions, data, deduplicate: access.is_some() }, applies);
    }
    cx.write(move |tx| {
        let coll = tx.collection(ns, &files).map_err(|_| Error::from(ErrorKind::StorageBucketNotFound))?;
        let old = tx.db.get(&OWN, &coll, &id)?;
        if let Some(old) = old.as_ref().filter(|old| !applies(old)) {
            return Ok(old.clone());
        }
        if let Some(access) = &access
            && let Some(twin) = additions::twin(tx.db, access, &coll, &data)?
        {
            // Its parts have been announced under an id that is not needed any more.
            if old.is_some() {
                tx.delete(&OWN, &coll, &id, None).map_err(gone)?;
            }
            return Ok(twin);
        }
        let file = match old {
            Some(_) => {
                let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
                tx.update(&OWN, &coll, &id, update).map_err(gone)?.document
            }
            None => {
                data.extend(named);
                let new = NewDocument { id, permissions, data, created_at: now, updated_at: now };
                tx.create(&OWN, &coll, new)
                    .map_err(|e| if matches!(e, DbError::Duplicate) { ErrorKind::StorageFileAlreadyExists.into() } else { Error::from(e) })?
            }
        };
        if grown != 0 {
            grow(tx, ns, &bucket, grown)?;
        }
        Ok(Arc::new(file))
    })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE];
