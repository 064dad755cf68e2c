//! Removing projects: the records of the console at once, what is in the project step by step. A note of what is still to be removed is made
//! in the transaction that makes the project unreachable, so that a stop in between loses nothing.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::Access;
use database::{DbError, Document, Find, Namespace, NewDocument, Update};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::project::CONSOLE;
use crate::schema;
use crate::tx::Tx;

const WHY: Access = Access::System("what a deleted project leaves is removed");
/// Table of the notes.
const NOTES: &str = "removals";
/// Most records of one kind that a project has.
const MOST: u64 = 100_000;
/// So long after the first time everything is removed once more: a request that was under way may have left something behind.
const AGAIN_SECONDS: i64 = 600;

impl App {
    /// Removes a project and all that makes it reachable; 404 when it is not there. The rest is [`App::sweep_projects`]' to remove.
    pub fn delete_project(&self, id: &str) -> Result<()> {
        if id == CONSOLE {
            return Err(ErrorKind::ProjectNotFound.into());
        }
        let (id, now) = (id.to_owned(), self.now());
        self.write(move |tx| delete_in(tx, &id, now))
    }

    /// Removes all projects of an organization.
    pub fn delete_projects_of(&self, team: &str) -> Result<()> {
        let (team, now) = (team.to_owned(), self.now());
        self.write(move |tx| {
            let projects = tx.collection(Namespace(0), "projects")?;
            let all = Find { filters: vec![Query::equal("teamId", team)], limit: MOST, ..Find::default() };
            for project in tx.db.find(&WHY, &projects, &all)?.documents {
                delete_in(tx, &project.id, now)?;
            }
            Ok(())
        })
    }

    /// Removes what deleted projects left, until it is done or `ending` is set; how many were worked on.
    pub fn sweep_projects(&self, ending: &AtomicBool) -> Result<u64> {
        let mut done = 0;
        for note in self.notes(Vec::new())? {
            let due = !note.bool("swept") || note.created_at.plus_seconds(AGAIN_SECONDS) <= self.now();
            if due && !ending.load(Ordering::Relaxed) && self.sweep(&note, ending, false)? {
                done += 1;
            }
        }
        Ok(done)
    }

    /// How many deleted projects wait for what they left to be removed.
    pub fn removals_waiting(&self) -> Result<u64> {
        Ok(self.notes(Vec::new())?.iter().filter(|note| !note.bool("swept")).count() as u64)
    }

    /// Removes what a deleted project of this id left, so that a new one starts empty.
    pub(crate) fn make_room(&self, id: &str) -> Result<()> {
        for note in self.notes(vec![Query::equal("projectId", id)])? {
            self.sweep(&note, &AtomicBool::new(false), true)?;
        }
        Ok(())
    }

    fn notes(&self, filters: Vec<Query>) -> Result<Vec<Arc<Document>>> {
        let notes = self.collection(Namespace(0), NOTES)?;
        Ok(self.db.read().find(&WHY, &notes, &Find { filters, limit: MOST, ..Find::default() })?.documents)
    }

    /// One project's collections, then its bytes; whether it came to the end. The note goes the second time, or when `last`.
    fn sweep(&self, note: &Document, ending: &AtomicBool, last: bool) -> Result<bool> {
        let id = note.str("projectId");
        // Nobody else removes what has this id: it may be a new project's by then.
        let _turn = self.turn(("removal", id));
        let notes = self.collection(Namespace(0), NOTES)?;
        let Some(note) = self.db.read().get(&WHY, &notes, &note.id)? else { return Ok(false) };
        let ns = Namespace(u32::try_from(note.int("namespace")).map_err(Error::internal)?);
        for collection in self.db.read().collections(ns)?.into_iter().filter(|_| ns != Namespace(0)) {
            if ending.load(Ordering::Relaxed) {
                return Ok(false);
            }
            self.write(move |tx| match tx.db.collection(ns, &collection.name)? {
                Some(c) => Ok(tx.db.drop_collection(&c)?),
                None => Ok(()),
            })?;
        }
        self.runtime.block_on(self.blobs.delete_tree(id, None)).map_err(Error::internal)?;
        self.close_note(&note, last || note.bool("swept"))?;
        tracing::info!(project = id, "removed what a deleted project left");
        Ok(true)
    }

    fn close_note(&self, note: &Document, over: bool) -> Result<()> {
        let (id, now) = (note.id.clone(), self.now());
        self.write(move |tx| {
            let notes = tx.collection(Namespace(0), NOTES)?;
            let data = object(json!({"swept": true}));
            let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
            let done = if over { tx.delete(&WHY, &notes, &id, None).map(|_| ()) } else { tx.update(&WHY, &notes, &id, update).map(|_| ()) };
            match done {
                Ok(()) | Err(DbError::NotFound) => Ok(()),
                Err(e) => Err(e.into()),
            }
        })
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(m) => m,
        _ => Map::new(),
    }
}

/// The project's record and those of the console that are its own go: keys, platforms and whatever else names it. The rest is noted.
fn delete_in(tx: &mut Tx<'_, '_, '_>, id: &str, now: Timestamp) -> Result<()> {
    let projects = tx.collection(Namespace(0), "projects")?;
    let gone = tx.delete(&WHY, &projects, id, None).map_err(|e| match e {
        DbError::NotFound => Error::from(ErrorKind::ProjectNotFound),
        e => e.into(),
    })?;
    for table in schema::CONSOLE.iter().filter(|t| t.name != NOTES && t.attributes.iter().any(|a| a.0 == "projectId")) {
        let coll = tx.collection(Namespace(0), table.name)?;
        let own = Find { filters: vec![Query::equal("projectId", id)], limit: MOST, ..Find::default() };
        for record in tx.db.find(&WHY, &coll, &own)?.documents {
            tx.delete(&WHY, &coll, &record.id, None)?;
        }
    }
    let namespace = gone.int("namespace");
    let notes = tx.collection(Namespace(0), NOTES)?;
    let data = object(json!({"projectId": id, "namespace": namespace, "swept": false}));
    tx.create(&WHY, &notes, NewDocument { id: format!("n{namespace}"), permissions: Vec::new(), data, created_at: now, updated_at: now })?;
    Ok(())
}
