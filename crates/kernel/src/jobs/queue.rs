//! Taking jobs, doing them, and writing down what came of it.
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use database::{DbError, Document, Find, Namespace, Update};
use parking_lot::{Condvar, Mutex, RwLock};
use protocol::{Query, QueryMethod, Timestamp};
use serde_json::{Map, Value, json};

use super::{Handler, Job, MAX_ERROR, Outcome, Policy, TABLE, WHY, state};
use crate::app::App;
use crate::error::{Error, Result};

/// A handler and how its jobs are tried.
type Registered = (Arc<dyn Handler>, Policy);

/// The queue's part in memory: who does what, how many are at work, and a bell.
#[derive(Default)]
pub struct Jobs {
    handlers: RwLock<HashMap<&'static str, Registered>>,
    running: Mutex<HashMap<String, usize>>,
    rung: Mutex<bool>,
    bell: Condvar,
}

/// How many jobs of a kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting or being done.
    pub waiting: u64,
    /// Given up.
    pub failed: u64,
}

impl Jobs {
    /// Says who does the jobs of a kind.
    pub fn register(&self, kind: &'static str, policy: Policy, handler: Arc<dyn Handler>) {
        self.handlers.write().insert(kind, (handler, policy));
    }

    /// Tells the worker that there is something to do.
    pub fn ring(&self) {
        *self.rung.lock() = true;
        self.bell.notify_all();
    }

    /// Waits for [`ring`](Self::ring), at most so long.
    pub fn wait(&self, longest: Duration) {
        let mut rung = self.rung.lock();
        if !*rung {
            self.bell.wait_for(&mut rung, longest);
        }
        *rung = false;
    }

    /// How many are being done now.
    #[must_use]
    pub fn at_work(&self) -> usize {
        self.running.lock().values().sum()
    }

    fn kinds(&self) -> Vec<(&'static str, Policy)> {
        self.handlers.read().iter().map(|(kind, (_, policy))| (*kind, *policy)).collect()
    }

    fn room(&self, kind: &str, at_once: usize) -> usize {
        at_once.saturating_sub(self.running.lock().get(kind).copied().unwrap_or(0))
    }

    fn count(&self, kind: &str, by: isize) {
        let mut running = self.running.lock();
        let n = running.entry(kind.to_owned()).or_default();
        *n = n.saturating_add_signed(by);
    }
}

fn at(now: Timestamp) -> Value {
    now.format().into()
}

fn change(data: Value, now: Timestamp) -> Update {
    let data: Map<String, Value> = match data {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None }
}

impl App {
    /// Puts back what was in hand when the server ended without a word: whether it was done is unknown, so it is done again.
    pub fn recover_jobs(&self) -> Result<u64> {
        let now = self.now();
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), TABLE)?;
            let find = Find { filters: vec![Query::equal("state", state::RUNNING)], limit: 100_000, ..Find::default() };
            let left = tx.db.find(&WHY, &coll, &find)?.documents;
            for job in &left {
                tx.update(&WHY, &coll, &job.id, change(json!({"state": state::WAITING, "nextAt": now.format()}), now))?;
            }
            Ok(left.len() as u64)
        })
    }

    /// Takes jobs that are due, as many of each kind as there is room for. Each is noted as tried before it is done, so that one that ends the
    /// process does not do so for ever. What is taken must be given to [`run_job`](Self::run_job).
    pub fn take_jobs(&self) -> Result<Vec<Job>> {
        let mut taken = Vec::new();
        for (kind, policy) in self.jobs.kinds() {
            let room = self.jobs.room(kind, policy.at_once);
            if room == 0 {
                continue;
            }
            let due = self.due(kind, room)?;
            if due.is_empty() {
                continue;
            }
            for doc in self.mark_running(due)? {
                match Job::from_document(self, &doc) {
                    Ok(job) => {
                        self.jobs.count(kind, 1);
                        taken.push(job);
                    }
                    // Sealed under a secret that is not set any more.
                    Err(e) => self.settle(&doc.id, kind, u32::MAX, Outcome::GiveUp(format!("the job cannot be read: {}", cause(&e))))?,
                }
            }
        }
        Ok(taken)
    }

    fn due(&self, kind: &str, limit: usize) -> Result<Vec<Arc<Document>>> {
        let coll = self.collection(Namespace(0), TABLE)?;
        let filters =
            vec![Query::equal("state", state::WAITING), Query::equal("kind", kind), Query::new(QueryMethod::LessThanEqual, "nextAt", vec![at(self.now())])];
        let find = Find { filters, orders: vec![("nextAt".into(), false)], limit: limit as u64, ..Find::default() };
        Ok(self.db.read().find(&WHY, &coll, &find)?.documents)
    }

    fn mark_running(&self, due: Vec<Arc<Document>>) -> Result<Vec<Document>> {
        let now = self.now();
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), TABLE)?;
            let mut out = Vec::with_capacity(due.len());
            for seen in due {
                let Some(doc) = tx.db.get(&WHY, &coll, &seen.id)?.filter(|d| d.str("state") == state::WAITING) else { continue };
                let data = json!({"state": state::RUNNING, "attempts": doc.int("attempts") + 1});
                out.push(tx.update(&WHY, &coll, &doc.id, change(data, now))?.document);
            }
            Ok(out)
        })
    }

    /// Does a job that was taken and writes down what came of it.
    pub fn run_job(self: &Arc<Self>, job: &Job) {
        let outcome = if job.until.is_some_and(|u| u <= self.now()) {
            Outcome::GiveUp("its time was over before it could be done".into())
        } else {
            let handler = self.jobs.handlers.read().get(job.kind.as_str()).map(|(h, _)| h.clone());
            match handler {
                Some(h) => catch_unwind(AssertUnwindSafe(|| h.run(self, job))).unwrap_or_else(|_| Outcome::Retry("the attempt panicked; see the log".into())),
                None => Outcome::Retry("nobody does jobs of this kind".into()),
            }
        };
        self.jobs.count(&job.kind, -1);
        if let Err(e) = self.settle(&job.id, &job.kind, job.attempt, outcome) {
            // It stays "running" and is done again after a restart.
            tracing::error!(job = job.id, kind = job.kind, cause = cause(&e), "what came of a job could not be written");
        }
        self.jobs.ring();
    }

    fn settle(&self, id: &str, kind: &str, attempt: u32, outcome: Outcome) -> Result<()> {
        let now = self.now();
        let policy = self.jobs.handlers.read().get(kind).map(|(_, p)| *p);
        let (error, wait) = match outcome {
            Outcome::Done => {
                tracing::debug!(job = id, kind, attempt, "done");
                return self.remove_job(id);
            }
            Outcome::Retry(why) => (why, policy.and_then(|p| p.wait(attempt))),
            Outcome::GiveUp(why) => (why, None),
        };
        let error: String = error.chars().take(MAX_ERROR).collect();
        let data = match wait {
            Some(seconds) => {
                tracing::warn!(job = id, kind, attempt, again_in = seconds, error, "a job failed");
                json!({"state": state::WAITING, "nextAt": now.plus_seconds(seconds).format(), "error": error})
            }
            None => {
                tracing::error!(job = id, kind, attempt, error, "a job failed for good; `ferrite jobs` shows it");
                json!({"state": state::FAILED, "error": error})
            }
        };
        let id = id.to_owned();
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), TABLE)?;
            match tx.update(&WHY, &coll, &id, change(data, now)) {
                Ok(_) | Err(DbError::NotFound) => Ok(()),
                Err(e) => Err(e.into()),
            }
        })
    }

    /// Removes a job, done or not wanted any more.
    pub fn remove_job(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), TABLE)?;
            match tx.delete(&WHY, &coll, &id, None) {
                Ok(_) | Err(DbError::NotFound) => Ok(()),
                Err(e) => Err(e.into()),
            }
        })
    }

    /// Gives a job that was given up another full round of attempts; whether there was such a job.
    pub fn retry_job(&self, id: &str) -> Result<bool> {
        let (now, id) = (self.now(), id.to_owned());
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), TABLE)?;
            if tx.db.get(&WHY, &coll, &id)?.is_none_or(|d| d.str("state") != state::FAILED) {
                return Ok(false);
            }
            let data = json!({"state": state::WAITING, "attempts": 0, "nextAt": now.format(), "until": null});
            tx.update(&WHY, &coll, &id, change(data, now))?;
            tx.touched.jobs = true;
            Ok(true)
        })
    }

    /// How many jobs of a kind there are.
    pub fn count_jobs(&self, kind: &str) -> Result<Counts> {
        let coll = self.collection(Namespace(0), TABLE)?;
        let reader = self.db.read();
        let of = |s: &str| -> Result<u64> { Ok(reader.count(&WHY, &coll, &[Query::equal("state", s), Query::equal("kind", kind)], None)?) };
        Ok(Counts { waiting: of(state::WAITING)? + of(state::RUNNING)?, failed: of(state::FAILED)? })
    }

    /// Jobs in a state, or all, oldest first; their payloads stay sealed.
    pub fn list_jobs(&self, wanted: Option<&str>, limit: u64) -> Result<Vec<Arc<Document>>> {
        let coll = self.collection(Namespace(0), TABLE)?;
        let filters = wanted.map(|s| Query::equal("state", s)).into_iter().collect();
        Ok(self.db.read().find(&WHY, &coll, &Find { filters, limit, ..Find::default() })?.documents)
    }

    /// Takes and does what is due, here and now, until nothing is; for tests and for commands on a stopped server. How many were done.
    pub fn run_due_jobs(self: &Arc<Self>) -> Result<usize> {
        let mut done = 0;
        loop {
            let taken = self.take_jobs()?;
            if taken.is_empty() {
                return Ok(done);
            }
            done += taken.len();
            taken.iter().for_each(|job| self.run_job(job));
        }
    }
}

fn cause(e: &Error) -> String {
    e.0.cause.as_deref().unwrap_or(&e.0.message).to_owned()
}
