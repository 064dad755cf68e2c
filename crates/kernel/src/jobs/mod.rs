//! Work that is done after the answer, and again until it is done: mails, webhooks. A job is a document of the console's table `jobs`, written in
//! the transaction that causes it, so that neither exists without the other. See `docs/adr/0007-jobs-in-the-store.md`.
mod handlers;
mod queue;

use access::Access;
use database::{Document, NewDocument};
use protocol::Timestamp;
use serde_json::{Map, Value, json};

pub use handlers::{Handler, Outcome, Policy};
pub use queue::{Counts, Jobs};

use crate::app::App;
use crate::error::{Error, Result};

const WHY: Access = Access::System("the server's own queue");
/// Collection of the console's namespace.
const TABLE: &str = "jobs";
/// Purpose under which payloads are sealed: they hold links and codes that open accounts.
const SEAL: &str = "job";
/// Longest text kept about a failure, characters.
const MAX_ERROR: usize = 1_000;

/// States of a job; one that is done is gone.
pub mod state {
    /// To be done at `nextAt`.
    pub const WAITING: &str = "waiting";
    /// Being done.
    pub const RUNNING: &str = "running";
    /// Given up; kept for people to look at and to try again.
    pub const FAILED: &str = "failed";
}

/// A job to be written, with its payload sealed; made by [`App::job`] before the transaction, queued in it by [`Tx::enqueue`](crate::Tx::enqueue).
#[derive(Clone, Debug)]
pub struct NewJob {
    id: String,
    data: Map<String, Value>,
    now: Timestamp,
}

impl NewJob {
    /// Its id: stable over all attempts, so that a receiver can know a job it has seen.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Not before this time.
    #[must_use]
    pub fn not_before(mut self, at: Timestamp) -> Self {
        self.data.insert("nextAt".into(), at.format().into());
        self
    }

    /// Useless after this time: what is not done by then is given up.
    #[must_use]
    pub fn until(mut self, at: Timestamp) -> Self {
        self.data.insert("until".into(), at.format().into());
        self
    }

    /// What people are told that the job is for, e.g. the receiver of a mail; nothing secret.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.data.insert("about".into(), text.chars().take(255).collect::<String>().into());
        self
    }

    /// Writes it, in a transaction of the engine; the worker sees it within a second.
    pub fn queue(self, db: &mut database::Writer<'_, '_>) -> std::result::Result<(), database::DbError> {
        let coll = db.collection(database::Namespace(0), TABLE)?.ok_or(database::DbError::CollectionNotFound)?;
        db.create(&WHY, &coll, self.document()).map(drop)
    }

    fn document(self) -> NewDocument {
        NewDocument { id: self.id, permissions: Vec::new(), data: self.data, created_at: self.now, updated_at: self.now }
    }
}

/// A job in hand.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id, the same at every attempt.
    pub id: String,
    /// Kind, e.g. `mail`.
    pub kind: String,
    /// Project it belongs to.
    pub project_id: String,
    /// What it is about, for people.
    pub about: String,
    /// The handler's own data.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// After which it is useless.
    pub until: Option<Timestamp>,
}

impl Job {
    fn from_document(app: &App, doc: &Document) -> Result<Self> {
        let text = app.keyring.open_text(SEAL, doc.str("payload")).map_err(Error::internal)?;
        Ok(Self {
            id: doc.id.clone(),
            kind: doc.str("kind").to_owned(),
            project_id: doc.str("projectId").to_owned(),
            about: doc.str("about").to_owned(),
            payload: serde_json::from_str(&text).map_err(Error::internal)?,
            attempt: u32::try_from(doc.int("attempts")).unwrap_or(u32::MAX),
            created_at: doc.created_at,
            until: doc.time("until"),
        })
    }
}

impl App {
    /// Prepares a job of a kind for a project; `payload` is sealed and reaches the handler as it is.
    pub fn job(&self, kind: &'static str, project_id: &str, payload: &Value) -> Result<NewJob> {
        let now = self.now();
        let sealed = self.keyring.seal_text(SEAL, &payload.to_string()).map_err(Error::internal)?;
        let data =
            json!({"kind": kind, "projectId": project_id, "payload": sealed, "state": state::WAITING, "attempts": 0, "nextAt": now.format(), "error": ""});
        let Value::Object(data) = data else { return Err(Error::internal("a job is an object")) };
        Ok(NewJob { id: self.new_id(), data, now })
    }
}
