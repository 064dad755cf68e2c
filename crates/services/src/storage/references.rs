//! Documents that name files: attributes can be declared to, and then a file goes with the last document that names it.
//!
//! A record for each name (`fileReferences`) is made and removed in the transaction that changes the document, by a watcher of the engine, so that
//! no way to change a document passes it by: single, bulk, staged, cascading, dropping an attribute or a collection. Where very many go at once, a
//! job that is written in the same transaction does the rest.
use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Access, Action};
use database::{Collection, DbError, Document, Find, Namespace, NewDocument, WatchedChange, Writer};
use kernel::App;
use protocol::Query;
use serde_json::{Value, json};

use super::declared::Declared;
use super::erase::{Erase, obituary};
use super::files::resize;
use super::model::is_complete;
use super::release;
use crate::support::{OWN, object};

/// Name of the collection of references.
const NAME: &str = "fileReferences";
/// References that are removed at once.
pub(super) const PORTION: u64 = 1_000;

/// Files that may have lost their last reference: namespace, bucket and file, with the id.
pub(super) type Loose = BTreeMap<(u32, i64, i64), String>;

/// Follows changes of values that name files.
pub(crate) fn changed(app: &App, db: &mut Writer<'_, '_>, changes: Vec<WatchedChange>) -> Result<(), DbError> {
    let mut loose = Loose::new();
    for change in changes {
        match change {
            WatchedChange::Values { collection, attribute, sequence, before, after, access } => {
                let Some(declared) = Declared::of(&attribute) else { continue };
                let at = At { collection: &collection, attribute: attribute.id, sequence };
                forget(db, &at, &after, &mut loose)?;
                for id in after.iter().filter(|id| !before.contains(id)) {
                    let file = nameable(db, &collection, &declared, id, &access)?.ok_or_else(|| declared.unknown(&attribute.key))?;
                    note(db, app, &at, &declared, &file)?;
                }
            }
            WatchedChange::Dropped { collection, attribute } => {
                let all = Gone { namespace: collection.namespace, collection: collection.id, attribute: attribute.id, release: true };
                all.some_or_later(db, app, &mut loose)?;
            }
        }
    }
    release::files(db, app, loose)
}

/// A place where files are named.
pub(super) struct At<'c> {
    pub(super) collection: &'c Collection,
    pub(super) attribute: u16,
    pub(super) sequence: u64,
}

/// A file that the caller may hand to a document: one they may delete, where it goes with the document, else one they may read.
pub(super) fn nameable(db: &Writer<'_, '_>, collection: &Collection, declared: &Declared, id: &str, access: &Access) -> Result<Option<Arc<Document>>, DbError> {
    let Some(files) = db.collection(collection.namespace, &declared.shelf())? else { return Ok(None) };
    let action = if declared.release { Action::Delete } else { Action::Read };
    let file = db.get(&OWN, &files, id)?.filter(|f| is_complete(f));
    Ok(file.filter(|f| access.allows(&files.permissions, action) || (files.document_security && access.allows(&f.permissions, action))))
}

/// The collection of references; none while a project is being removed.
pub(super) fn all(db: &Writer<'_, '_>, ns: Namespace) -> Result<Option<Arc<Collection>>, DbError> {
    db.collection(ns, NAME)
}

/// Keeps that a document names a file; keeping it twice is keeping it once.
pub(super) fn note(db: &mut Writer<'_, '_>, app: &App, at: &At<'_>, declared: &Declared, file: &Document) -> Result<(), DbError> {
    let Some(references) = all(db, at.collection.namespace)? else { return Ok(()) };
    let id = format!("{}-{}-{}-{}-{}", at.collection.id, at.attribute, at.sequence, declared.bucket, file.sequence);
    let data = object(json!({
        "collection": at.collection.id, "attribute": at.attribute, "document": at.sequence,
        "bucket": declared.bucket, "file": file.sequence, "fileId": file.id, "release": declared.release,
    }));
    let now = app.now();
    match db.create(&OWN, &references, NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now }) {
        Ok(_) | Err(DbError::Duplicate) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Forgets what a document names, but for the files of the ids `kept`.
fn forget(db: &mut Writer<'_, '_>, at: &At<'_>, kept: &[String], loose: &mut Loose) -> Result<(), DbError> {
    let Some(references) = all(db, at.collection.namespace)? else { return Ok(()) };
    let filters = vec![Query::equal("collection", at.collection.id), Query::equal("attribute", at.attribute), Query::equal("document", at.sequence)];
    let found = db.find(&OWN, &references, &Find { filters, limit: u64::from(u32::MAX), ..Find::default() })?.documents;
    for reference in found.iter().filter(|r| !kept.iter().any(|k| k == r.str("fileId"))) {
        take(db, &references, reference, true, loose)?;
    }
    Ok(())
}

/// Removes a reference. The file may go if the reference and whoever removes it say so.
fn take(db: &mut Writer<'_, '_>, references: &Collection, reference: &Document, release: bool, loose: &mut Loose) -> Result<(), DbError> {
    db.delete(&OWN, references, &reference.id, None)?;
    if release && reference.bool("release") {
        loose.insert((references.namespace.0, reference.int("bucket"), reference.int("file")), reference.str("fileId").to_owned());
    }
    Ok(())
}

/// Whether anything names a file.
pub(super) fn is_named(db: &Writer<'_, '_>, references: &Collection, bucket: i64, file: i64) -> Result<bool, DbError> {
    Ok(db.find_one(&OWN, references, vec![Query::equal("bucket", bucket), Query::equal("file", file)])?.is_some())
}

/// All references of an attribute that is no more, or no more declared.
pub(super) struct Gone {
    pub(super) namespace: Namespace,
    pub(super) collection: u32,
    pub(super) attribute: u16,
    /// Whether the files go, too.
    pub(super) release: bool,
}

impl Gone {
    /// Removes a portion of them; whether there are more.
    pub(super) fn some(&self, db: &mut Writer<'_, '_>, loose: &mut Loose) -> Result<bool, DbError> {
        let Some(references) = all(db, self.namespace)? else { return Ok(false) };
        let filters = vec![Query::equal("collection", self.collection), Query::equal("attribute", self.attribute)];
        let found = db.find(&OWN, &references, &Find { filters, limit: PORTION, ..Find::default() })?.documents;
        for reference in &found {
            take(db, &references, reference, self.release, loose)?;
        }
        Ok(found.len() as u64 == PORTION)
    }

    /// Removes a portion of them and leaves the rest to a job.
    pub(super) fn some_or_later(&self, db: &mut Writer<'_, '_>, app: &App, loose: &mut Loose) -> Result<(), DbError> {
        if self.some(db, loose)? {
            let payload = json!({"namespace": self.namespace.0, "collection": self.collection, "attribute": self.attribute, "release": self.release});
            release::job(app, &payload)?.queue(db)?;
        }
        Ok(())
    }

    pub(super) fn from_payload(payload: &Value) -> Option<Self> {
        let number = |key: &str| payload.get(key).and_then(Value::as_u64);
        Some(Self {
            namespace: Namespace(u32::try_from(number("namespace")?).ok()?),
            collection: u32::try_from(number("collection")?).ok()?,
            attribute: u16::try_from(number("attribute")?).ok()?,
            release: payload.get("release").and_then(Value::as_bool)?,
        })
    }
}

/// Removes a file that nothing names any more; its bytes go with `erase`.
pub(super) fn remove(db: &mut Writer<'_, '_>, ns: Namespace, bucket: i64, file: i64, id: &str, erase: &mut Erase) -> Result<(), DbError> {
    let Some(files) = db.collection(ns, &format!("bucket_{bucket}"))? else { return Ok(()) };
    // Another file may have the id by now.
    let Some(record) = db.get(&OWN, &files, id)?.filter(|f| i64::try_from(f.sequence) == Ok(file)) else { return Ok(()) };
    db.delete(&OWN, &files, id, None)?;
    resize(db, ns, record.str("bucketId"), -record.int("sizeActual"))?;
    if let Some(bucket) = db.collection(ns, "buckets")?.map(|buckets| db.get(&OWN, &buckets, record.str("bucketId"))).transpose()?.flatten() {
        erase.gone.push(obituary(&bucket, &record, files.document_security));
    }
    Ok(())
}
