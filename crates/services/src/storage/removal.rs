//! Removing the bytes of a bucket, or of a project: a job, written in the transaction that removes their records, and done again until all are gone.
use std::sync::Arc;

use kernel::jobs::{Job, Outcome, Policy};
use kernel::{App, NewJob, Result};
use serde_json::{Value, json};

/// Kind of the job.
pub(crate) const KIND: &str = "files.remove";
/// A device that is away for a day is waited for.
pub(crate) const POLICY: Policy = Policy { attempts: 40, first_wait: 5, longest_wait: 3_600, at_once: 2 };

/// The job for the folder `tree` of a project's files, or for all of them.
pub(crate) fn job(app: &App, project: &str, tree: Option<&str>) -> Result<NewJob> {
    Ok(app.job(KIND, project, &json!({"tree": tree}))?.about(tree.unwrap_or("all files")))
}

/// Removes them; what is gone already is no error.
pub(crate) fn run(app: &Arc<App>, job: &Job) -> Outcome {
    let tree = job.payload.get("tree").and_then(Value::as_str);
    match app.runtime.block_on(app.blobs.delete_tree(&job.project_id, tree)) {
        Ok(()) => Outcome::Done,
        Err(storage::StorageError::InvalidId(id)) => Outcome::GiveUp(format!("no folder has this name: {id:?}")),
        Err(e) => Outcome::Retry(e.to_string()),
    }
}
