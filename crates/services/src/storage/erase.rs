//! Removing the bytes of files whose records went in a transaction: a job, written in that transaction.
use std::sync::Arc;

use database::DbError;
use kernel::App;
use kernel::jobs::{Job, Outcome, Policy};
use serde_json::{Value, json};
use storage::{StorageError, UploadId};

/// Kind of the job.
pub(crate) const KIND: &str = "files.erase";
/// A device that is away for a day is waited for.
pub(crate) const POLICY: Policy = super::removal::POLICY;
/// Most names in one job.
const MOST: usize = 500;

/// What is to go.
#[derive(Debug, Default)]
pub(super) struct Erase {
    /// Names of stored bytes.
    pub(super) blobs: Vec<String>,
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
    for key in list("blobs").iter().filter_map(Value::as_str) {
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
