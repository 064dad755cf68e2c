//! What a bucket has beyond the API: kept in its record, set through routes of our own, shown by them alone.
use std::sync::Arc;

use database::{DbError, Document, Namespace, Update, Writer};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint, schema};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::place::{self, shelf};
use crate::support::{OWN, object};

params! {
    pub(crate) struct Change {
        bucket_id: String = "bucketId", Check::Uid, required;
        deduplicate: bool = "deduplicate", Check::Bool, required;
    }
}
params! {
    pub(crate) struct Of { bucket_id: String = "bucketId", Check::Uid, required; }
}

endpoint! {
    /// Tells what a bucket has beyond the API.
    GET: Get "/v1/ferrite/storage/buckets/:bucketId" => 200 "any" by get(Of);
    sdk ["storage.getBucketAdditions"] auth [Admin, Key] scope ["buckets.read"] groups [NotConsole]
}
endpoint! {
    /// Sets whether a bucket keeps equal content once: an upload of what is there already is answered with the file that is there, if its sender may
    /// read that.
    UPDATE: Patch "/v1/ferrite/storage/buckets/:bucketId" => 200 "any" by update(Change);
    sdk ["storage.updateBucketAdditions"] auth [Admin, Key] scope ["buckets.write"] groups [NotConsole]
}

fn view(bucket: &Document) -> Reply {
    Reply::Model("any", object(json!({"bucketId": bucket.id, "deduplicate": deduplicates(bucket)})))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    Ok(view(&*place::bucket(cx, &p.bucket_id)?))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let bucket = place::bucket(cx, &p.bucket_id)?;
    let (ns, now, id) = (cx.ns(), cx.now(), bucket.id.clone());
    let done = cx.write(move |tx| {
        let missing = || Error::from(ErrorKind::StorageBucketNotFound);
        let coll = tx.collection(ns, "buckets")?;
        let bucket = tx.db.get(&OWN, &coll, &id)?.ok_or_else(missing)?;
        let files = tx.collection(ns, &shelf(&bucket)).map_err(|_| missing())?;
        // Buckets of older releases do not have it.
        let index = schema::FILES.indexes.iter().find(|i| i.key() == BY_CONTENT && files.index(BY_CONTENT).is_none());
        if let Some(index) = index.filter(|_| p.deduplicate) {
            tx.db.create_index(&files, index.build(now))?;
        }
        Ok(set(tx.db, ns, &bucket, "deduplicate", p.deduplicate.into())?)
    })?;
    Ok(view(&done))
}

/// Index that finds files by content.
const BY_CONTENT: &str = "_key_sha256";

/// A file of a bucket that keeps equal content once, with the content of a new one, if the caller may read it.
pub(super) fn twin(
    db: &Writer<'_, '_>,
    access: &access::Access,
    files: &database::Collection,
    new: &Map<String, Value>,
) -> Result<Option<Arc<Document>>, DbError> {
    let (Some(sum), Some(size)) = (new.get("sha256").and_then(Value::as_str), new.get("sizeOriginal").and_then(Value::as_i64)) else { return Ok(None) };
    match db.find_one(access, files, vec![protocol::Query::equal("sha256", sum), protocol::Query::equal("sizeOriginal", size)]) {
        // Who may read nothing here.
        Err(DbError::Unauthorized(_)) => Ok(None),
        found => found,
    }
}

/// Attribute of the record.
const KEY: &str = "additions";

/// Whether equal content is kept once.
pub(super) fn deduplicates(bucket: &Document) -> bool {
    bucket.value(KEY).get("deduplicate").and_then(Value::as_bool).unwrap_or(false)
}

/// The record of a bucket by sequence, through one of its numbers.
fn by_sequence(db: &Writer<'_, '_>, ns: Namespace, bucket: i64) -> Result<Option<Arc<Document>>, DbError> {
    match db.collection(ns, "buckets")? {
        Some(coll) => db.find_one(&OWN, &coll, vec![protocol::Query::equal("$sequence", bucket.to_string())]),
        None => Ok(None),
    }
}

/// Whether references to the files of a bucket are still being filled in.
pub(super) fn is_filling(db: &Writer<'_, '_>, ns: Namespace, bucket: i64) -> Result<bool, DbError> {
    let found = by_sequence(db, ns, bucket)?;
    Ok(found.is_some_and(|b| b.value(KEY).get("filling").and_then(Value::as_i64).unwrap_or(0) > 0))
}

/// Counts the declarations whose references are being filled in; a bucket that is gone has none.
pub(super) fn count_filling(db: &mut Writer<'_, '_>, ns: Namespace, bucket: i64, by: i64) -> Result<(), DbError> {
    let Some(record) = by_sequence(db, ns, bucket)? else { return Ok(()) };
    let filling = record.value(KEY).get("filling").and_then(Value::as_i64).unwrap_or(0) + by;
    set(db, ns, &record, "filling", filling.max(0).into()).map(drop)
}

/// Sets one of them.
pub(super) fn set(db: &mut Writer<'_, '_>, ns: Namespace, bucket: &Document, name: &str, value: Value) -> Result<Document, DbError> {
    let coll = db.collection(ns, "buckets")?.ok_or(DbError::CollectionNotFound)?;
    let mut all: Map<String, Value> = object(bucket.value(KEY).clone());
    all.insert(name.to_owned(), value);
    let data = Map::from_iter([(KEY.to_owned(), Value::Object(all))]);
    let update = Update { data, permissions: None, updated_at: bucket.updated_at, created_at: None, touch: false, unless_newer: None };
    Ok(db.update(&OWN, &coll, &bucket.id, update)?.document)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET, &UPDATE];
