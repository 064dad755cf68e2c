//! One transaction of a handler: the engine's writer plus a record of whose cached identity or project it touches.
use std::sync::Arc;

use access::Access;
use database::{Collection, DbError, Document, Namespace, NewDocument, Update, Updated, Writer};
use protocol::Timestamp;

use crate::jobs::NewJob;

/// What must be forgotten once the transaction is durable.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) users: Vec<(Namespace, String)>,
    pub(crate) projects: bool,
    /// Accounts that were made, whatever made them.
    pub(crate) made_users: Vec<Document>,
    pub(crate) jobs: bool,
}

/// A transaction in progress. Reads come from [`Tx::db`]; changes go through the methods here.
pub struct Tx<'w, 'a, 'tx> {
    /// The engine's writer, for reads and changes of schema.
    pub db: &'w mut Writer<'a, 'tx>,
    pub(crate) touched: Touched,
}

impl<'w, 'a, 'tx> Tx<'w, 'a, 'tx> {
    pub(crate) fn new(db: &'w mut Writer<'a, 'tx>) -> Self {
        Self { db, touched: Touched::default() }
    }

    /// A collection by name; [`DbError::CollectionNotFound`] when absent.
    pub fn collection(&self, ns: Namespace, name: &str) -> Result<Arc<Collection>, DbError> {
        self.db.collection(ns, name)?.ok_or(DbError::CollectionNotFound)
    }

    /// Makes a document.
    pub fn create(&mut self, access: &Access, coll: &Collection, new: NewDocument) -> Result<Document, DbError> {
        let doc = self.db.create(access, coll, new)?;
        self.note(coll, &doc);
        if coll.name == "users" {
            self.touched.made_users.push(doc.clone());
        }
        Ok(doc)
    }

    /// Changes a document.
    pub fn update(&mut self, access: &Access, coll: &Collection, id: &str, update: Update) -> Result<Updated, DbError> {
        let done = self.db.update(access, coll, id, update)?;
        self.note(coll, &done.document);
        Ok(done)
    }

    /// Removes a document and returns its last state.
    pub fn delete(&mut self, access: &Access, coll: &Collection, id: &str, unless_newer: Option<Timestamp>) -> Result<Document, DbError> {
        let doc = self.db.delete(access, coll, id, unless_newer)?;
        self.note(coll, &doc);
        Ok(doc)
    }

    /// Queues a job: it exists exactly when this transaction does.
    pub fn enqueue(&mut self, job: NewJob) -> Result<(), DbError> {
        job.queue(self.db)?;
        self.touched.jobs = true;
        Ok(())
    }

    /// Removes an app's document; related ones that change as well change at that time.
    pub fn delete_at(&mut self, access: &Access, coll: &Collection, id: &str, unless_newer: Option<Timestamp>, at: Timestamp) -> Result<Document, DbError> {
        self.db.delete_at(access, coll, id, unless_newer, Some(at))
    }

    /// Forget what is cached about a user, for changes that no document of theirs shows.
    pub fn touch_user(&mut self, ns: Namespace, user_id: &str) {
        self.touched.users.push((ns, user_id.to_owned()));
    }

    fn note(&mut self, coll: &Collection, doc: &Document) {
        match coll.name.as_str() {
            "users" => self.touch_user(coll.namespace, &doc.id),
            "sessions" | "memberships" => {
                let user = doc.str("userId").to_owned();
                self.touch_user(coll.namespace, &user);
            }
            "projects" | "keys" | "platforms" | "devKeys" | "webhooks" => self.touched.projects = true,
            _ => {}
        }
    }
}
