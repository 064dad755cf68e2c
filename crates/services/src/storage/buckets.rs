//! Buckets: what files they take, and how those are kept.
use access::Action;
use database::{DbError, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint, schema};
use protocol::check::thousands;
use protocol::{Check, ErrorKind, lists, params};
use serde_json::{Map, Value, json};

use super::place::{self, shelf, tree};
use super::removal;
use crate::support::{Listing, OWN, base, find, object, page};

params! {
    pub(crate) struct Create {
        bucket_id: String = "bucketId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: true }, optional;
        file_security: bool = "fileSecurity", Check::Bool, or Bool(false);
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        maximum_file_size: Option<i64> = "maximumFileSize", Check::Int64, optional;
        allowed_file_extensions: Vec<String> = "allowedFileExtensions", Check::List(&Check::Text { min: 1, max: 64 }, 100), or EmptyList;
        compression: String = "compression", Check::Enum(&["none", "gzip", "zstd"]), or Str("none");
        encryption: bool = "encryption", Check::Bool, or Bool(true);
        antivirus: bool = "antivirus", Check::Bool, or Bool(true);
        transformations: bool = "transformations", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Change {
        bucket_id: String = "bucketId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: true }, optional;
        file_security: bool = "fileSecurity", Check::Bool, or Bool(false);
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        maximum_file_size: Option<i64> = "maximumFileSize", Check::Int64, optional;
        allowed_file_extensions: Vec<String> = "allowedFileExtensions", Check::List(&Check::Text { min: 1, max: 64 }, 100), or EmptyList;
        compression: String = "compression", Check::Enum(&["none", "gzip", "zstd"]), or Str("none");
        encryption: bool = "encryption", Check::Bool, or Bool(true);
        antivirus: bool = "antivirus", Check::Bool, or Bool(true);
        transformations: bool = "transformations", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::BUCKETS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of { bucket_id: String = "bucketId", Check::Uid, required; }
}

endpoint! {
    /// Creates a bucket.
    CREATE: Post "/v1/storage/buckets" => 201 "bucket" by create(Create);
    sdk ["storage.createBucket"] auth [Admin, Key] scope ["buckets.write"]
    event "buckets.[bucketId].create" audit "bucket.create" on "bucket/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Lists buckets.
    LIST: Get "/v1/storage/buckets" => 200 "bucketList" by list(List);
    sdk ["storage.listBuckets"] auth [Admin, Key] scope ["buckets.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a bucket.
    GET: Get "/v1/storage/buckets/:bucketId" => 200 "bucket" by get(Of);
    sdk ["storage.getBucket"] auth [Admin, Key] scope ["buckets.read"] groups [NotConsole]
}
endpoint! {
    /// Changes a bucket. Files that are there stay as they were stored.
    UPDATE: Put "/v1/storage/buckets/:bucketId" => 200 "bucket" by update(Change);
    sdk ["storage.updateBucket"] auth [Admin, Key] scope ["buckets.write"]
    event "buckets.[bucketId].update" audit "bucket.update" on "bucket/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a bucket with its files.
    DELETE: Delete "/v1/storage/buckets/:bucketId" => 204 "none" by delete(Of);
    sdk ["storage.deleteBucket"] auth [Admin, Key] scope ["buckets.write"]
    event "buckets.[bucketId].delete" audit "bucket.delete" on "bucket/{request.bucketId}"
    groups [NotConsole]
}

/// The largest file a bucket is to take, within what the server takes.
fn largest(cx: &Cx<'_>, wanted: Option<i64>) -> Result<Option<i64>> {
    let limit = i64::try_from(cx.app.settings.storage_limit).unwrap_or(i64::MAX);
    match wanted {
        Some(n) if !(1..=limit).contains(&n) => {
            let text = format!("Invalid `maximumFileSize` param: Value must be a valid range between 1 and {}", thousands(limit));
            Err(Error::with(ErrorKind::GeneralArgumentInvalid, text))
        }
        other => Ok(other),
    }
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let size = largest(cx, p.maximum_file_size)?.unwrap_or_else(|| i64::try_from(cx.app.settings.storage_limit).unwrap_or(i64::MAX));
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.bucket_id));
    let permissions = access::expand(&p.permissions.unwrap_or_default(), &Action::ALL);
    let file_security = p.file_security;
    let data = object(json!({
        "name": p.name,
        "enabled": p.enabled,
        "fileSecurity": file_security,
        "maximumFileSize": size,
        "allowedFileExtensions": p.allowed_file_extensions,
        "compression": p.compression,
        "encryption": p.encryption,
        "antivirus": p.antivirus,
        "transformations": p.transformations,
        "totalSize": 0,
        "search": format!("{id} {}", p.name),
    }));
    let bucket = cx.write(move |tx| {
        let coll = tx.collection(ns, "buckets")?;
        let new = NewDocument { id, permissions: permissions.clone(), data, created_at: now, updated_at: now };
        let bucket = tx
            .create(&OWN, &coll, new)
            .map_err(|e| if matches!(e, DbError::Duplicate) { ErrorKind::StorageBucketAlreadyExists.into() } else { Error::from(e) })?;
        let mut spec = schema::FILES.named(shelf(&bucket), now);
        (spec.permissions, spec.document_security) = (permissions, file_security);
        tx.db.create_collection(ns, spec)?;
        Ok(bucket)
    })?;
    Ok(Reply::Model("bucket", base(&bucket)))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("buckets")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &OWN, &coll, &request, "Bucket")?;
    let items = found.documents.iter().map(|d| base(d)).collect();
    Ok(Reply::list("bucketList", "buckets", "bucket", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    Ok(Reply::Model("bucket", base(&*place::bucket(cx, &p.bucket_id)?)))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let size = largest(cx, p.maximum_file_size)?;
    let old = place::place(cx, &p.bucket_id)?;
    let (ns, now, id, file_security) = (cx.ns(), cx.now(), old.bucket.id.clone(), p.file_security);
    let permissions = p.permissions.map_or_else(|| old.bucket.permissions.clone(), |list| access::expand(&list, &Action::ALL));
    let data: Map<String, Value> = object(json!({
        "name": p.name,
        "enabled": p.enabled,
        "fileSecurity": file_security,
        "maximumFileSize": size.unwrap_or_else(|| i64::try_from(cx.app.settings.storage_limit).unwrap_or(i64::MAX)),
        "allowedFileExtensions": p.allowed_file_extensions,
        "compression": p.compression,
        "encryption": p.encryption,
        "antivirus": p.antivirus,
        "transformations": p.transformations,
        "search": format!("{id} {}", p.name),
    }));
    let files = old.files;
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "buckets")?;
        let update = Update { data, permissions: Some(permissions.clone()), updated_at: now, created_at: None, touch: false, unless_newer: None };
        let done = tx.update(&OWN, &coll, &id, update).map_err(gone)?;
        tx.db.update_collection(&files, permissions, file_security)?;
        Ok(done)
    })?;
    Ok(Reply::Model("bucket", base(&done.document)))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    let (ns, id, files) = (cx.ns(), place.bucket.id.clone(), place.files.clone());
    // No file can be reached from then on; their bytes go while nobody waits for it.
    let bytes = removal::job(cx.app, &cx.project.id, Some(&tree(&place.bucket)))?;
    cx.write(move |tx| {
        let coll = tx.collection(ns, "buckets")?;
        tx.delete(&OWN, &coll, &id, None).map_err(gone)?;
        tx.enqueue(bytes)?;
        Ok(tx.db.drop_collection(&files)?)
    })?;
    cx.event_payload("bucket", base(&place.bucket));
    Ok(Reply::Empty)
}

fn gone(e: DbError) -> Error {
    match e {
        DbError::NotFound => ErrorKind::StorageBucketNotFound.into(),
        e => e.into(),
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE];
