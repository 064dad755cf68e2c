//! Ending a transaction: commit or rollback.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use database::Document;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Timestamp, params};
use serde_json::Value;

use super::perform::{self, Done, Performer, Task};
use super::{log, operations, store};
use crate::databases::documents::model::announce;
use crate::databases::place::{self, Place};
use crate::support::{OWN, base};

params! {
    pub(crate) struct Change {
        transaction_id: String = "transactionId", Check::Uid, required;
        commit: bool = "commit", Check::Bool, or Bool(false);
        rollback: bool = "rollback", Check::Bool, or Bool(false);
    }
}

endpoint! {
    /// Commits or rolls back a transaction.
    UPDATE: Patch "/v1/databases/transactions/:transactionId" => 200 "transaction" by update(Change);
    sdk ["databases.updateTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write"] groups [NotConsole]
}
endpoint! {
    /// Commits or rolls back a transaction.
    UPDATE_TABLES: Patch "/v1/tablesdb/transactions/:transactionId" => 200 "transaction" by update(Change); vocab Tables
    sdk ["tablesDB.updateTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write", "rows.write"] groups [NotConsole]
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    match (p.commit, p.rollback) {
        (false, false) => return Err(Error::with(ErrorKind::GeneralBadRequest, "Either commit or rollback must be true")),
        (true, true) => return Err(Error::with(ErrorKind::GeneralBadRequest, "Cannot commit and rollback at the same time")),
        _ => {}
    }
    let transaction = open(store::get(cx, &p.transaction_id)?)?;
    store::check_time(&transaction, cx.now())?;
    if p.rollback {
        return Ok(Reply::Model("transaction", base(&end(cx, &transaction, "failed")?)));
    }
    loop {
        let operations = log::read(cx, &cx.read(), transaction.sequence)?;
        let count = operations.len();
        let done = match perform::tasks(cx, operations) {
            Ok(tasks) => commit(cx, &transaction, tasks, count),
            Err(e) => Err(e),
        };
        match done {
            Ok(Some((committed, done))) => {
                tell(cx, done);
                return Ok(Reply::Model("transaction", base(&committed)));
            }
            // An operation came in between: once more, with all.
            Ok(None) => {}
            Err(e) => return Err(failed(cx, &transaction, e)),
        }
    }
}

/// Does operations that were never staged, all or none, and keeps a record of it: a transaction that is over.
pub(in crate::databases) fn at_once(cx: &mut Cx<'_>, operations: Vec<Value>) -> Result<Document> {
    let mut operations = operations::unstaged(cx, operations)?;
    // Nobody can come between: there is nothing that an operation was made for long ago.
    operations.iter_mut().for_each(|op| op.at = Timestamp(i64::MAX));
    let count = operations.len();
    let tasks = perform::tasks(cx, operations)?;
    let (ns, now, access, vocab) = (cx.ns(), cx.now(), cx.access(), cx.vocab());
    let record = super::transactions::record(cx, "committed", count, now);
    let (transaction, done) = cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        let done = Performer { tx: &mut *tx, ns, access, vocab, now, own: HashSet::new(), collections: HashMap::new() }.all(tasks)?;
        Ok((tx.create(&OWN, &coll, record)?, done))
    })?;
    tell(cx, done);
    Ok(transaction)
}

fn open(transaction: Arc<Document>) -> Result<Arc<Document>> {
    if store::is_pending(&transaction) { Ok(transaction) } else { Err(ErrorKind::TransactionNotReady.into()) }
}

/// Does everything and ends the transaction, or nothing. `None` when there are other operations than the `count` that were prepared.
fn commit(cx: &Cx<'_>, transaction: &Document, tasks: Vec<Task>, count: usize) -> Result<Option<(Document, Vec<Done>)>> {
    let (ns, now, access, vocab, id) = (cx.ns(), cx.now(), cx.access(), cx.vocab(), transaction.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        let current = open(tx.db.get(&OWN, &coll, &id)?.ok_or_else(|| store::missing(&id))?)?;
        if log::read_in(tx, ns, current.sequence)?.len() != count {
            return Ok(None);
        }
        let done = Performer { tx: &mut *tx, ns, access, vocab, now, own: HashSet::new(), collections: HashMap::new() }.all(tasks)?;
        Ok(Some((store::end(tx, &coll, &current, "committed", now)?, done)))
    })
}

/// Notes that a transaction cannot be committed, and passes on why. One that met a failure of the server may be tried again.
fn failed(cx: &Cx<'_>, transaction: &Document, e: Error) -> Error {
    if e.kind().status() >= 500 || e.kind() == ErrorKind::TransactionNotReady || e.kind() == ErrorKind::TransactionNotFound {
        return e;
    }
    match end(cx, transaction, "failed") {
        Ok(_) => e,
        Err(worse) => worse,
    }
}

fn end(cx: &Cx<'_>, transaction: &Document, status: &'static str) -> Result<Document> {
    let (ns, now, id) = (cx.ns(), cx.now(), transaction.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        let current = open(tx.db.get(&OWN, &coll, &id)?.ok_or_else(|| store::missing(&id))?)?;
        Ok(store::end(tx, &coll, &current, status, now)?)
    })
}

/// Tells of every change, as single requests would.
fn tell(cx: &mut Cx<'_>, done: Vec<Done>) {
    if !cx.is_heard() {
        return;
    }
    let mut places: HashMap<(String, String), Option<Place>> = HashMap::new();
    for Done { database_id, collection_id, change, document } in done {
        let place = places.entry((database_id, collection_id)).or_insert_with_key(|(d, c)| place::place(cx, d, c).ok());
        if let Some(place) = place {
            announce(cx, place, change, &document);
        }
    }
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&UPDATE, &UPDATE_TABLES];
