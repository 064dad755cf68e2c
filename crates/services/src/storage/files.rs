//! Files: what is known of them.
use access::Action;
use database::{DbError, Update, Writer};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, lists, params};
use serde_json::{Map, json};

use super::model::{self, Change, announce, view};
use super::place;
use crate::support::{Listing, OWN, checked, find, page};

params! {
    pub(crate) struct List {
        bucket_id: String = "bucketId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::FILES), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
    }
}
params! {
    pub(crate) struct Rename {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        name: Option<String> = "name", Check::Text { min: 1, max: 128 }, optional;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: true }, optional;
    }
}

endpoint! {
    /// Lists the files of a bucket that the caller may read.
    LIST: Get "/v1/storage/buckets/:bucketId/files" => 200 "fileList" by list(List);
    sdk ["storage.listFiles"] auth [Admin, Session, Key, Jwt] scope ["files.read"] groups [NotConsole]
}
endpoint! {
    /// Gets what is known of a file.
    GET: Get "/v1/storage/buckets/:bucketId/files/:fileId" => 200 "file" by get(Of);
    sdk ["storage.getFile"] auth [Admin, Session, Key, Jwt] scope ["files.read"] groups [NotConsole]
}
endpoint! {
    /// Changes the name and the permissions of a file.
    UPDATE: Put "/v1/storage/buckets/:bucketId/files/:fileId" => 200 "file" by update(Rename);
    sdk ["storage.updateFile"] auth [Admin, Session, Key, Jwt] scope ["files.write"]
    event "buckets.[bucketId].files.[fileId].update" audit "file.update" on "file/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Deletes a file.
    DELETE: Delete "/v1/storage/buckets/:bucketId/files/:fileId" => 204 "none" by delete(Of);
    sdk ["storage.deleteFile"] auth [Admin, Session, Key, Jwt] scope ["files.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "buckets.[bucketId].files.[fileId].delete" audit "file.delete" on "file/{request.fileId}" groups [NotConsole]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    place.require(cx, Action::Read)?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &cx.access(), &place.files, &request, "File")?;
    let items = found.documents.iter().map(|d| view(d)).collect();
    Ok(Reply::list("fileList", "files", "file", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let file = place::place(cx, &p.bucket_id)?.readable(cx, &p.file_id)?;
    Ok(Reply::Model("file", view(&file)))
}

fn update(cx: &mut Cx<'_>, p: Rename) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    place.require(cx, Action::Update)?;
    let old = place.file(cx, &p.file_id)?;
    let permissions = p.permissions.as_deref().map(|list| checked(cx, list)).transpose()?;
    place.require_of(cx, &old, Action::Update)?;
    let mut data = Map::new();
    if let Some(name) = p.name {
        data.insert("search".into(), format!("{} {name}", old.id).into());
        data.insert("name".into(), name.into());
    }
    let (ns, now, files, id, access) = (cx.ns(), cx.now(), place.files.name.clone(), old.id.clone(), cx.access());
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, &files).map_err(|_| Error::from(ErrorKind::StorageBucketNotFound))?;
        let update = Update { data, permissions, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&access, &coll, &id, update).map_err(gone)
    })?;
    announce(cx, &place, Change::Update, &done.document);
    Ok(Reply::Model("file", view(&done.document)))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    place.require(cx, Action::Delete)?;
    place.require_of(cx, &*place.file(cx, &p.file_id)?, Action::Delete)?;
    let (ns, files, id, bucket, access) = (cx.ns(), place.files.name.clone(), p.file_id, place.bucket.id.clone(), cx.access());
    let file = cx.write(move |tx| {
        let coll = tx.collection(ns, &files).map_err(|_| Error::from(ErrorKind::StorageBucketNotFound))?;
        let file = tx.delete(&access, &coll, &id, None).map_err(gone)?;
        grow(tx, ns, &bucket, -file.int("sizeActual"))?;
        Ok(file)
    })?;
    // The record is gone for good; bytes that outlive a crash here are orphans, which the collector finds.
    let removed = match model::blob(&file) {
        Some(blob) => cx.block_on(cx.app.blobs.delete(&blob.key)),
        None => cx.block_on(cx.app.blobs.abort(&place.upload_id(cx, &file.id)?)),
    };
    if let Err(e) = removed {
        tracing::warn!(error = %e, "the bytes of a deleted file stay until the collector of orphans runs");
    }
    announce(cx, &place, Change::Delete, &file);
    Ok(Reply::Empty)
}

/// Adds to the size of a bucket, in the transaction that changes its files.
pub(super) fn grow(tx: &mut kernel::Tx<'_, '_, '_>, ns: database::Namespace, bucket: &str, by: i64) -> Result<()> {
    if resize(tx.db, ns, bucket, by)? { Ok(()) } else { Err(ErrorKind::StorageBucketNotFound.into()) }
}

/// [`grow`] in a transaction of the engine; whether there is such a bucket.
pub(super) fn resize(db: &mut Writer<'_, '_>, ns: database::Namespace, bucket: &str, by: i64) -> Result<bool, DbError> {
    let Some(coll) = db.collection(ns, "buckets")? else { return Ok(false) };
    let Some(old) = db.get(&OWN, &coll, bucket)? else { return Ok(false) };
    let total = old.int("totalSize").saturating_add(by).max(0);
    let data = crate::support::object(json!({"totalSize": total}));
    let update = Update { data, permissions: None, updated_at: old.updated_at, created_at: None, touch: false, unless_newer: None };
    db.update(&OWN, &coll, bucket, update).map(|_| true)
}

/// What went wrong with the record of a file.
pub(super) fn gone(e: DbError) -> Error {
    match e {
        DbError::NotFound => ErrorKind::StorageFileNotFound.into(),
        e => e.into(),
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &UPDATE, &DELETE];
