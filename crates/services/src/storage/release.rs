//! Files that nothing names any more go; what cannot be settled in the transaction that took the last reference is a job.
use std::sync::Arc;

use database::{DbError, Namespace, Writer};
use kernel::jobs::{Job, Outcome, Policy};
use kernel::{App, NewJob};
use serde_json::{Value, json};

use super::additions;
use super::erase::Erase;
use super::references::{self, Gone, Loose};

/// Kind of the job.
pub(crate) const KIND: &str = "files.release";
/// Patient enough for references of a large collection to be filled in.
pub(crate) const POLICY: Policy = Policy { attempts: 200, first_wait: 1, longest_wait: 600, at_once: 1 };

pub(super) fn job(app: &App, payload: &Value) -> Result<NewJob, DbError> {
    app.job(KIND, "", payload).map_err(|e| DbError::internal(e.0.message))
}

/// Removes those of the files that nothing names. While references to a bucket are still being filled in, this is not known of its files: it waits.
pub(super) fn files(db: &mut Writer<'_, '_>, app: &App, loose: Loose) -> Result<(), DbError> {
    let mut erase = Erase::default();
    let mut later: Vec<Value> = Vec::new();
    for ((ns, bucket, file), id) in loose {
        let ns = Namespace(ns);
        let Some(references) = references::all(db, ns)? else { continue };
        if additions::is_filling(db, ns, bucket)? {
            later.push(json!([ns.0, bucket, file, id]));
        } else if !references::is_named(db, &references, bucket, file)? {
            references::remove(db, ns, bucket, file, &id, &mut erase)?;
        }
    }
    if !later.is_empty() {
        job(app, &json!({"files": later}))?.queue(db)?;
    }
    erase.queue(app, db)
}

/// Goes on with what one transaction could not settle.
pub(crate) fn run(app: &Arc<App>, job: &Job) -> Outcome {
    let done = match Gone::from_payload(&job.payload) {
        Some(gone) => rest(app, gone),
        None => again(app, &job.payload),
    };
    match done {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::Retry("references are still being filled in".into()),
        Err(e) => Outcome::Retry(e.0.cause.unwrap_or_else(|| e.0.message.into_owned())),
    }
}

fn rest(app: &Arc<App>, gone: Gone) -> kernel::Result<bool> {
    let gone = Arc::new(gone);
    loop {
        let (gone, inner) = (Arc::clone(&gone), Arc::clone(app));
        let more = app.write(move |tx| {
            let mut loose = Loose::new();
            let more = gone.some(tx.db, &mut loose)?;
            files(tx.db, &inner, loose)?;
            Ok(more)
        })?;
        if !more {
            return Ok(true);
        }
    }
}

fn again(app: &Arc<App>, payload: &Value) -> kernel::Result<bool> {
    let mut loose = Loose::new();
    for file in payload.get("files").and_then(Value::as_array).into_iter().flatten() {
        let number = |at: usize| file.get(at).and_then(Value::as_i64).unwrap_or_default();
        let id = file.get(3).and_then(Value::as_str).unwrap_or_default().to_owned();
        loose.insert((u32::try_from(number(0)).unwrap_or_default(), number(1), number(2)), id);
    }
    let inner = Arc::clone(app);
    app.write(move |tx| {
        for (ns, bucket, _) in loose.keys() {
            if additions::is_filling(tx.db, Namespace(*ns), *bucket)? {
                return Ok(false);
            }
        }
        files(tx.db, &inner, loose)?;
        Ok(true)
    })
}
