//! Removing the bytes of files whose records went in a transaction: a job, written in that transaction.
use std::sync::Arc;

use database::{DbError, Document};
use kernel::App;
use kernel::jobs::{Job, Outcome, Policy};
use serde_json::{Value, json};
use storage::{StorageError, UploadId};

use super::model;
use crate::support::object;

/// Kind of the job.
pub(crate) const KIND: &str = "files.erase";
/// A device that is away for a day is waited for.
pub(crate) const POLICY: Policy = super::removal::POLICY;
/// Most names in one job.
const MOST: usize = 100;

/// What is to go.
#[derive(Debug, Default)]
pub(super) struct Erase {
    /// Names of stored bytes.
    pub(super) blobs: Vec<String>,
    /// Files that went by themselves, of which those who may have seen them are told.
    pub(super) gone: Vec<Value>,
    /// Folders of chunks that were never put together: project, bucket and folder.
    pub(super) chunks: Vec<[String; 3]>,
}

impl Erase {
    /// Writes the jobs for it.
    pub(super) fn queue(self, app: &App, db: &mut database::Writer<'_, '_>) -> Result<(), DbError> {
        let mut write = |payload: Value, name: &str| {
            let project = name.split('/').next().unwrap_or_default();
            let job = app.job(KIND, project, &payload).map_err(|e| DbError::internal(e.0.message))?;
            job.about(name).queue(db)
        };
        for blobs in self.blobs.chunks(MOST) {
            write(json!({"blobs": blobs}), blobs.first().map_or("", String::as_str))?;
        }
        for gone in self.gone.chunks(MOST) {
            let key = |file: &Value| file.get("blob").and_then(Value::as_str).unwrap_or_default().to_owned();
            write(json!({"gone": gone}), &gone.first().map(key).unwrap_or_default())?;
        }
        for chunks in self.chunks.chunks(MOST) {
            write(json!({"chunks": chunks}), &chunks.first().map_or_else(String::new, |c| c.join("/")))?;
        }
        Ok(())
    }
}

/// Removes them; what is gone already is no error.
pub(crate) fn run(app: &Arc<App>, job: &Job) -> Outcome {
    let list = |key: &str| job.payload.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut left = Vec::new();
    let mut note = |name: &str, done: Result<(), StorageError>| match done {
        Ok(()) | Err(StorageError::NotFound) => {}
        Err(e) => left.push(format!("{name}: {e}")),
    };
    let gone = list("gone");
    if job.attempt == 1 {
        tell(app, &job.project_id, &gone);
    }
    let blobs = gone.iter().filter_map(|file| file.get("blob")).cloned().chain(list("blobs")).collect::<Vec<_>>();
    for key in blobs.iter().filter_map(Value::as_str) {
        note(key, app.runtime.block_on(app.blobs.delete(key)));
    }
    for folder in list("chunks") {
        let text = |at: usize| folder.get(at).and_then(Value::as_str).unwrap_or_default();
        let done = UploadId::new(text(0), text(1), text(2)).and_then(|upload| app.runtime.block_on(app.blobs.abort(&upload)));
        note(text(2), done);
    }
    match left.first() {
        None => Outcome::Done,
        Some(first) => Outcome::Retry(format!("{} of them stay: {first}", left.len())),
    }
}

/// What the job tells of a file that went, and to whom.
pub(super) fn obituary(bucket: &Document, file: &Document, secured: bool) -> Value {
    json!({
        "blob": model::blob(file).map(|b| b.key), "bucketId": bucket.id, "fileId": file.id, "file": model::view(file),
        "roles": model::listeners(bucket, file, secured),
    })
}

/// Tells of files that went, as of those that somebody deleted.
fn tell(app: &App, project: &str, gone: &[Value]) {
    let Ok(Some(project)) = app.project(project) else { return };
    for file in gone {
        let text = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let roles = file.get("roles").and_then(Value::as_array).into_iter().flatten().filter_map(|r| r.as_str().map(str::to_owned)).collect();
        let payload = object(file.get("file").cloned().unwrap_or_default());
        app.announce(&project, model::event(model::Change::Delete, text("bucketId"), text("fileId"), payload, roles));
    }
}
