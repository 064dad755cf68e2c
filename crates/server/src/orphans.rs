//! Collector of orphans: bytes of files that no record names. A crash between bytes and record leaves them, and so does one during the
//! removal of a bucket.
//!
//! Records without bytes are not touched: a file whose upload stopped keeps its record, although its staged chunks are gone after two
//! days. Clients see from the record how far the upload got, may start it again under the same id, and may delete it.
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use access::Access;
use database::Namespace;
use futures_util::TryStreamExt as _;
use kernel::App;
use storage::StoredKey;

const WHY: Access = Access::System("the server looks for bytes without a record");

/// Removes the blobs of a project that were written before `before` and that no file names, until `ending` is set; answers how many.
/// A blob of which this cannot be told for sure stays.
pub(crate) fn collect(app: &Arc<App>, project: &str, ns: Namespace, before: SystemTime, ending: &AtomicBool) -> u64 {
    let mut removed = 0;
    let mut blobs = match app.blobs.list(project, None) {
        Ok(blobs) => blobs,
        Err(e) => {
            tracing::warn!(error = %e, project, "stored files could not be listed");
            return 0;
        }
    };
    while !ending.load(Ordering::Relaxed) {
        match app.runtime.block_on(blobs.try_next()) {
            Ok(Some(blob)) => match judge(app, ns, &blob, before) {
                ControlFlow::Continue(gone) => removed += u64::from(gone),
                ControlFlow::Break(()) => break,
            },
            Ok(None) => break,
            Err(e) => {
                tracing::warn!(error = %e, project, "stored files could not be listed to the end");
                break;
            }
        }
    }
    removed
}

/// Removes a blob if it is an orphan; breaks off when the records cannot be read.
fn judge(app: &App, ns: Namespace, blob: &StoredKey, before: SystemTime) -> ControlFlow<(), bool> {
    if blob.modified >= before {
        return ControlFlow::Continue(false);
    }
    match is_orphan(app, ns, &blob.key) {
        Ok(false) => ControlFlow::Continue(false),
        Ok(true) => match app.runtime.block_on(app.blobs.delete(&blob.key)) {
            Ok(()) => {
                tracing::info!(key = blob.key, bytes = blob.size_stored, "removed bytes that no file names");
                ControlFlow::Continue(true)
            }
            Err(e) => {
                tracing::warn!(error = %e, key = blob.key, "bytes that no file names could not be removed");
                ControlFlow::Continue(false)
            }
        },
        Err(e) => {
            tracing::warn!(error = ?e.0, key = blob.key, "the record of a stored file could not be read");
            ControlFlow::Break(())
        }
    }
}

/// Whether no file names the blob `key`; names that the store of files never gives are nobody's orphans.
fn is_orphan(app: &App, ns: Namespace, key: &str) -> kernel::Result<bool> {
    let Some((bucket, file)) = place(key) else { return Ok(false) };
    // Looked up after the blob was seen: a record made in between is found.
    let reader = app.db.read();
    let Some(files) = reader.collection(ns, &format!("bucket_{bucket}"))? else { return Ok(true) };
    let record = reader.get(&WHY, &files, file)?;
    Ok(record.is_none_or(|r| r.value("blob").get("key").and_then(serde_json::Value::as_str) != Some(key)))
}

/// Sequence of the bucket and id of the file in the name of a blob, `<project>/<sequence>/<file>-<unique>`.
fn place(key: &str) -> Option<(u64, &str)> {
    let mut parts = key.split('/');
    let (_, bucket, name, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    let (file, unique) = name.rsplit_once('-')?;
    (!file.is_empty() && unique.len() == 16 && unique.bytes().all(|b| b.is_ascii_hexdigit())).then_some((bucket.parse().ok()?, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::housekeeping::tests::{app, ids, put};
    use kernel::schema;
    use kernel::{NewProject, Registry};
    use serde_json::json;
    use std::time::Duration;
    use storage::{BlobMeta, PutOptions, UploadId};

    /// Stores bytes as an upload does, without a record.
    fn store(app: &App, bucket: &str, file: &str) -> BlobMeta {
        let upload = UploadId::new("p", bucket, file).unwrap();
        let body = storage::source::bytes(bytes::Bytes::from_static(b"hello"));
        app.runtime.block_on(app.blobs.put_single(&upload, body, None, 100, &PutOptions::default())).unwrap()
    }

    fn keys(app: &App) -> Vec<String> {
        let list = app.blobs.list("p", None).unwrap();
        let mut keys: Vec<String> = app.runtime.block_on(list.map_ok(|b| b.key).try_collect()).unwrap();
        keys.sort();
        keys
    }

    #[test]
    fn orphans_go_and_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (app, _runtime) = app(dir.path(), Registry::default());
        let ns = app.create_project(NewProject { id: "p".into(), ..NewProject::default() }).unwrap().namespace;
        let now = app.now();
        app.write(move |tx| {
            tx.db.create_collection(ns, schema::FILES.named("bucket_7".into(), now))?;
            Ok(())
        })
        .unwrap();
        let (live, dashed, again) = (store(&app, "7", "live"), store(&app, "7", "with-dash"), store(&app, "7", "live"));
        let (lost, pending, bucket) = (store(&app, "7", "lost"), store(&app, "7", "pending"), store(&app, "8", "live"));
        for (id, blob) in [("live", Some(&live)), ("with-dash", Some(&dashed)), ("pending", None)] {
            let blob = blob.map(|b| json!({"key": b.key, "format": b.format}));
            put(&app, ns, "bucket_7", id, &json!({"bucketId": "b", "name": id, "blob": blob}));
        }
        // No name of the store: not ours to remove.
        std::fs::write(dir.path().join("files/blobs/p/7/notes.txt"), b"x").unwrap();

        let go_on = AtomicBool::new(false);
        let hour = Duration::from_secs(3_600);
        assert_eq!(collect(&app, "p", ns, SystemTime::now() - hour, &go_on), 0, "what is young stays");
        assert_eq!(collect(&app, "p", ns, SystemTime::now() + hour, &AtomicBool::new(true)), 0, "a server that ends does not start it");
        assert_eq!(collect(&app, "p", ns, SystemTime::now() + hour, &go_on), 4);
        let mut left = vec![live.key, dashed.key, "p/7/notes.txt".to_owned()];
        left.sort();
        assert_eq!(keys(&app), left);
        for gone in [again, lost, pending, bucket] {
            assert!(!app.runtime.block_on(app.blobs.exists(&gone.key)).unwrap(), "{}", gone.key);
        }
        assert_eq!(ids(&app, ns, "bucket_7").len(), 3, "records stay");
        assert_eq!(collect(&app, "p", ns, SystemTime::now() + hour, &go_on), 0);
    }

    #[test]
    fn names_of_blobs() {
        assert_eq!(place("p/12/a-b-0123456789abcdef"), Some((12, "a-b")));
        for other in ["p/12/a", "p/12/a-0123", "p/x/a-0123456789abcdef", "12/a-0123456789abcdef", "p/12/c/a-0123456789abcdef", "p/12/-0123456789abcdef", ""] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
