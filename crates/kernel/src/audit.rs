//! The audit log: who did what. Entries are buffered and written in batches, so that a request does not wait for its own log.
use std::sync::Arc;

use access::Access;
use database::{Namespace, NewDocument};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde_json::{Map, Value};

use crate::app::App;

/// One entry to be written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Project.
    pub namespace: Namespace,
    /// Fields of the `audit` table.
    pub data: Map<String, Value>,
    /// When it happened.
    pub at: Timestamp,
}

/// Entries waiting to be written; at most [`MAX_WAITING`].
#[derive(Default)]
pub struct Audit(Mutex<Vec<Entry>>);

const MAX_WAITING: usize = 10_000;

impl Audit {
    /// Adds an entry. When the writer cannot keep up the oldest are kept and new ones are dropped with a warning.
    pub fn push(&self, entry: Entry) {
        let mut waiting = self.0.lock();
        if waiting.len() >= MAX_WAITING {
            tracing::warn!("audit log is behind; an entry was dropped");
            return;
        }
        waiting.push(entry);
    }

    /// How many entries wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.lock().len()
    }

    fn drain(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.0.lock())
    }
}

/// Writes what is waiting, in one transaction. Called about once a second, before reading logs, and at shutdown.
pub fn flush(app: &Arc<App>) {
    flush_now(app);
}

/// See [`flush`].
pub fn flush_now(app: &App) {
    let entries = app.audit.drain();
    if entries.is_empty() {
        return;
    }
    let ids: Vec<String> = entries.iter().map(|_| app.new_id()).collect();
    let result = app.write(move |tx| {
        for (id, entry) in ids.into_iter().zip(entries) {
            let Some(coll) = tx.db.collection(entry.namespace, "audit")? else { continue };
            let new = NewDocument { id, permissions: Vec::new(), data: entry.data, created_at: entry.at, updated_at: entry.at };
            tx.create(&Access::system("audit log"), &coll, new)?;
        }
        Ok(())
    });
    if let Err(e) = result {
        tracing::error!(error = ?e, "audit entries could not be written");
    }
}
