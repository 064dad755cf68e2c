//! Files of transactions: uploaded and stored, but seen by nobody until the commit makes their records, in the transaction of the store that does
//! the rest of it. A rollback, or time, takes them away.
use std::sync::Arc;

use access::Access;
use database::{Collection, DbError, Document, Find, Namespace, NewDocument, Update, Writer};
use kernel::{App, Cx, Error, Result, Tx};
use protocol::{Check, ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use super::additions;
use super::erase::Erase;
use super::files::grow;
use super::model::{self, Change, announce, is_complete};
use super::place::{self, Place};
use crate::databases::{count_staged, open_transaction};
use crate::support::{OWN, object};

/// Name of the collection of such files.
const NAME: &str = "stagedFiles";
/// Most of one transaction that are looked at; it has fewer operations.
const MOST: u64 = 1_000;

/// The transaction that an upload names with `transactionId`, which the API does not have: open, and the caller's.
pub(super) fn transaction(cx: &Cx<'_>) -> Result<Option<Arc<Document>>> {
    let Some(value) = cx.undeclared.get("transactionId").filter(|v| !v.is_null()) else { return Ok(None) };
    let invalid = |why: String| Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `transactionId` param: {why}"));
    let id = Check::Uid.apply(value.clone()).map_err(invalid)?;
    open_transaction(cx, id.as_str().unwrap_or_default(), 0).map(Some)
}

/// Folder of the chunks of a transaction's file: longer than an id may be, so that it is no other file's.
pub(super) fn folder(transaction: u64, file: &str) -> String {
    format!("uploads-of-transaction-{transaction:020}-{file}")
}

/// A file of a transaction as the record that it will be.
fn file(staged: &Document) -> Document {
    let permissions = staged.value("permissions").as_array().into_iter().flatten().filter_map(|p| p.as_str().map(str::to_owned)).collect();
    Document { id: staged.str("fileId").to_owned(), permissions, data: object(staged.value("data").clone()), ..staged.clone() }
}

fn filters(transaction: u64, bucket: u64, id: &str) -> Vec<Query> {
    vec![Query::equal("transaction", transaction), Query::equal("bucket", bucket), Query::equal("fileId", id)]
}

/// A file of a transaction by id.
pub(super) fn find(cx: &Cx<'_>, transaction: &Document, place: &Place, id: &str) -> Result<Option<Arc<Document>>> {
    let found = cx.read().find_one(&OWN, &*cx.collection(NAME)?, filters(transaction.sequence, place.bucket.sequence, id))?;
    Ok(found.map(|d| Arc::new(file(&d))))
}

/// What is to be kept of a file that is being uploaded.
pub(super) struct Upload {
    pub(super) transaction: Arc<Document>,
    pub(super) bucket: Arc<Document>,
    /// Name of the collection of the bucket's files.
    pub(super) files: String,
    pub(super) id: String,
    pub(super) permissions: Vec<String>,
    /// The record, complete.
    pub(super) data: Map<String, Value>,
    /// A file of the bucket with the same content does as well.
    pub(super) deduplicate: bool,
}

/// Keeps a file, or changes that of one which is arriving where `applies` says so. The first part counts as an operation of the transaction.
pub(super) fn save(cx: &Cx<'_>, upload: Upload, applies: impl Fn(&Document) -> bool + Send + 'static) -> Result<Arc<Document>> {
    let (ns, now, access, new_id) = (cx.ns(), cx.now(), cx.access(), cx.new_id());
    cx.write(move |tx| {
        let files = tx.collection(ns, &upload.files).map_err(|_| Error::from(ErrorKind::StorageBucketNotFound))?;
        let coll = tx.collection(ns, NAME)?;
        let old = tx.db.find_one(&OWN, &coll, filters(upload.transaction.sequence, upload.bucket.sequence, &upload.id))?;
        if let Some(old) = old.as_ref().map(|d| file(d)).filter(|f| !applies(f)) {
            return Ok(Arc::new(old));
        }
        let twin = if upload.deduplicate { additions::twin(tx.db, &access, &files, &upload.data)? } else { None };
        if let Some(twin) = twin {
            count_staged(tx, ns, &access, &upload.transaction.id, 0, now)?;
            if let Some(old) = &old {
                tx.delete(&OWN, &coll, &old.id, None)?;
            }
            return Ok(twin);
        }
        count_staged(tx, ns, &access, &upload.transaction.id, usize::from(old.is_none()), now)?;
        let staged = match old {
            Some(old) => {
                let data = object(json!({"data": upload.data}));
                tx.update(&OWN, &coll, &old.id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?
                    .document
            }
            None => {
                let data = object(json!({
                    "transaction": upload.transaction.sequence, "bucket": upload.bucket.sequence, "bucketId": upload.bucket.id,
                    "fileId": upload.id, "permissions": upload.permissions, "data": upload.data,
                }));
                tx.create(&OWN, &coll, NewDocument { id: new_id, permissions: Vec::new(), data, created_at: now, updated_at: now })?
            }
        };
        Ok(Arc::new(file(&staged)))
    })
}

fn all(db: &Writer<'_, '_>, coll: &Collection, transaction: u64) -> Result<Vec<Arc<Document>>, DbError> {
    Ok(db.find(&OWN, coll, &Find { filters: vec![Query::equal("transaction", transaction)], limit: MOST, ..Find::default() })?.documents)
}

/// Makes the records of a transaction's files, with the rights of who commits.
pub(crate) fn commit(tx: &mut Tx<'_, '_, '_>, ns: Namespace, access: &Access, transaction: u64, now: Timestamp) -> Result<Vec<Document>> {
    let coll = tx.collection(ns, NAME)?;
    let mut made = Vec::new();
    for staged in all(tx.db, &coll, transaction)? {
        let file = file(&staged);
        if !is_complete(&file) {
            // The transaction stays as it is: the rest of the file may still come.
            let text = format!("The file \"{}\" of the transaction has not arrived completely", file.id);
            return Err(Error::with(ErrorKind::TransactionNotReady, text));
        }
        let missing = || Error::from(ErrorKind::StorageBucketNotFound);
        let buckets = tx.collection(ns, "buckets")?;
        let bucket = tx.db.get(&OWN, &buckets, staged.str("bucketId"))?.filter(|b| i64::try_from(b.sequence) == Ok(staged.int("bucket")));
        let bucket = bucket.filter(|b| b.bool("enabled") || matches!(access, Access::System(_))).ok_or_else(missing)?;
        let files = tx.collection(ns, &place::shelf(&bucket)).map_err(|_| missing())?;
        let size = file.int("sizeActual");
        let new = NewDocument { id: file.id, permissions: file.permissions, data: file.data, created_at: now, updated_at: now };
        made.push(
            tx.create(access, &files, new).map_err(|e| if matches!(e, DbError::Duplicate) { ErrorKind::TransactionConflict.into() } else { Error::from(e) })?,
        );
        grow(tx, ns, &bucket.id, size)?;
        tx.delete(&OWN, &coll, &staged.id, None)?;
    }
    Ok(made)
}

/// Tells of files that a commit has made.
pub(crate) fn tell(cx: &mut Cx<'_>, files: &[Document]) {
    for file in files {
        if let Ok(place) = place::place(cx, file.str("bucketId")) {
            announce(cx, &place, Change::Create, file);
        }
    }
}

/// Forgets the files of a transaction; their bytes go with a job.
pub(crate) fn discard(db: &mut Writer<'_, '_>, app: &App, ns: Namespace, project: &str, transaction: u64) -> Result<(), DbError> {
    let Some(coll) = db.collection(ns, NAME)? else { return Ok(()) };
    let mut erase = Erase::default();
    for staged in all(db, &coll, transaction)? {
        let file = file(&staged);
        match model::blob(&file) {
            Some(blob) => erase.blobs.push(blob.key),
            None => erase.chunks.push([project.to_owned(), staged.int("bucket").to_string(), folder(transaction, &file.id)]),
        }
        db.delete(&OWN, &coll, &staged.id, None)?;
    }
    erase.queue(app, db)
}
