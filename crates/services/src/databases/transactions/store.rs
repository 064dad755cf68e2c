//! Transactions as they are stored.
use std::sync::Arc;

use access::Access;
use database::{Collection, DbError, Document, Update};
use kernel::{Cx, Error, Result, Tx};
use protocol::{ErrorKind, Timestamp};
use serde_json::{Map, Value};

use super::log;
use crate::databases::words::named;
use crate::support::OWN;

/// Most operations of one transaction.
pub(super) const MAX_OPERATIONS: i64 = 100;

/// Name of the collection of transactions.
pub(super) const NAME: &str = "transactions";

/// A transaction the caller may see, or 404.
pub(super) fn get(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    cx.read().get(&cx.access(), &*cx.collection(NAME)?, id)?.ok_or_else(|| missing(id))
}

/// 404.
pub(super) fn missing(id: &str) -> Error {
    named(ErrorKind::TransactionNotFound, id)
}

/// Whether operations may still be added.
pub(super) fn is_pending(transaction: &Document) -> bool {
    transaction.str("status") == "pending"
}

/// Refuses a transaction whose time is over.
pub(super) fn check_time(transaction: &Document, now: Timestamp) -> Result<()> {
    match transaction.time("expiresAt") {
        Some(end) if now > end => Err(ErrorKind::TransactionExpired.into()),
        _ => Ok(()),
    }
}

/// Sets fields of a transaction.
pub(super) fn set(tx: &mut Tx<'_, '_, '_>, coll: &Collection, id: &str, data: Map<String, Value>, now: Timestamp) -> Result<Document, DbError> {
    let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
    Ok(tx.update(&OWN, coll, id, update)?.document)
}

/// Ends a transaction: it keeps its state, its operations go.
pub(super) fn end(tx: &mut Tx<'_, '_, '_>, coll: &Collection, transaction: &Document, status: &str, now: Timestamp) -> Result<Document, DbError> {
    log::clear(tx, coll.namespace, transaction.sequence)?;
    let data = Map::from_iter([("status".to_owned(), status.into())]);
    set(tx, coll, &transaction.id, data, now)
}

/// Removes a transaction with its operations.
pub(super) fn remove(tx: &mut Tx<'_, '_, '_>, access: &Access, coll: &Collection, transaction: &Document) -> Result<(), DbError> {
    tx.delete(access, coll, &transaction.id, None)?;
    log::clear(tx, coll.namespace, transaction.sequence)
}
