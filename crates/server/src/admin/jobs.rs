//! Looking after the queue of jobs: what waits, what was given up and why.
use std::sync::Arc;

use kernel::App;
use kernel::jobs::state;
use serde_json::{Value, json};

use super::command::explain;

/// Most jobs shown.
const SHOWN: u64 = 1_000;

pub(super) fn list(app: &Arc<App>, failed: bool) -> Result<Value, String> {
    let found = app.list_jobs(failed.then_some(state::FAILED), SHOWN).map_err(|e| explain(&e))?;
    let items: Vec<Value> = found
        .iter()
        .map(|j| {
            json!({"id": j.id, "kind": j.str("kind"), "projectId": j.str("projectId"), "about": j.str("about"), "state": j.str("state"), "attempts": j.int("attempts"),
                "created": j.created_at.format(), "next": j.value("nextAt"), "error": j.str("error")})
        })
        .collect();
    Ok(json!({"jobs": items}))
}

pub(super) fn retry(app: &Arc<App>, id: &str) -> Result<Value, String> {
    match app.retry_job(id).map_err(|e| explain(&e))? {
        true => Ok(json!({"id": id})),
        false => Err(format!("there is no job {id} that was given up; `ferrite jobs list --failed` shows those there are")),
    }
}

pub(super) fn drop_one(app: &Arc<App>, id: &str) -> Result<Value, String> {
    app.remove_job(id).map_err(|e| explain(&e))?;
    Ok(json!({"id": id}))
}
