//! Files as they are kept and as the API shows them, and their events.
use access::Action;
use database::Document;
use kernel::{Cx, PendingEvent};
use serde_json::{Map, Value, json};
use storage::{BlobMeta, BlobRef};

use super::place::Place;
use crate::support::{base, object};

/// Fields of a file.
pub(super) fn view(file: &Document) -> Map<String, Value> {
    base(file)
}

/// Whether all of a file has arrived and its bytes are in place.
pub(super) fn is_complete(file: &Document) -> bool {
    file.value("blob").is_object()
}

/// What a record says about a stored file.
pub(super) fn stored(meta: &BlobMeta, chunks: u64) -> Map<String, Value> {
    object(json!({
        "signature": meta.md5,
        "sha256": meta.sha256,
        "mimeType": meta.mime,
        "sizeOriginal": meta.size_original,
        "sizeActual": meta.size_stored,
        "compression": meta.compression.name(),
        "encryption": meta.encrypted,
        "chunksTotal": chunks,
        "chunksUploaded": chunks,
        "blob": {"key": meta.key, "format": meta.format},
    }))
}

/// What a record says about a file whose parts are still arriving.
pub(super) fn pending(total: u64, chunks: u64, arrived: u64) -> Map<String, Value> {
    object(json!({
        "signature": "",
        "mimeType": "",
        "sizeOriginal": total,
        "sizeActual": 0,
        "compression": "",
        "encryption": false,
        "chunksTotal": chunks,
        "chunksUploaded": arrived,
    }))
}

/// Where the bytes of a complete file are.
pub(super) fn blob(file: &Document) -> Option<BlobRef> {
    let size = |key| u64::try_from(file.int(key)).ok();
    Some(BlobRef {
        key: file.value("blob").get("key")?.as_str()?.to_owned(),
        size_original: size("sizeOriginal")?,
        size_stored: size("sizeActual")?,
        encrypted: file.bool("encryption"),
    })
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Create,
    Update,
    Delete,
}

/// Tells of a change of a file: to those who may read the bucket, and to those the file names where that counts.
pub(super) fn announce(cx: &mut Cx<'_>, place: &Place, change: Change, file: &Document) {
    cx.no_event();
    if !cx.is_heard() {
        return;
    }
    let own: &[String] = if place.secures_files() { &file.permissions } else { &[] };
    let mut roles: Vec<String> = place.bucket.permissions.iter().chain(own).filter_map(|p| Action::Read.role_in(p)).map(str::to_owned).collect();
    roles.sort_unstable();
    roles.dedup();
    cx.emit(PendingEvent {
        template: match change {
            Change::Create => "buckets.[bucketId].files.[fileId].create",
            Change::Update => "buckets.[bucketId].files.[fileId].update",
            Change::Delete => "buckets.[bucketId].files.[fileId].delete",
        },
        values: vec![("bucketId", place.bucket.id.clone()), ("fileId", file.id.clone())],
        model: "file",
        payload: view(file),
        roles,
    });
}
