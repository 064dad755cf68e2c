//! Adding operations to a transaction.
use access::Access;
use database::{Document, Namespace};
use kernel::{Cx, Error, Result, Tx};
use protocol::{Check, ErrorKind};
use serde_json::{Map, Value};

use super::log::{self, Operation};
use super::store::{self, MAX_OPERATIONS};
use crate::databases::place::Place;
use crate::support::OWN;

pub(in crate::databases) use super::log::Action;

/// How a transaction that cannot take operations is answered; it depends on the route.
#[derive(Clone, Copy, Debug)]
pub(in crate::databases) enum Closed {
    /// 404 when it is not there, 400 `transaction_not_ready` when it is finished.
    Named,
    /// 404 when it is not there, a bad request when it is finished.
    Half,
    /// A bad request in both cases.
    Plain,
}

impl Closed {
    fn missing(self, id: &str) -> Error {
        match self {
            Self::Named | Self::Half => store::missing(id),
            Self::Plain => Self::bad(),
        }
    }
    fn finished(self) -> Error {
        match self {
            Self::Named => ErrorKind::TransactionNotReady.into(),
            Self::Half | Self::Plain => Self::bad(),
        }
    }
    fn bad() -> Error {
        // The hyphen is U+2011, as clients know the sentence.
        Error::with(ErrorKind::GeneralBadRequest, "Invalid or non\u{2011}pending transaction")
    }
}

/// Adds one operation of a documents route: `document_id` is empty for bulk operations.
pub(in crate::databases) fn one(cx: &Cx<'_>, transaction_id: &str, place: &Place, action: Action, document_id: &str, data: Value) -> Result<()> {
    let numeric = matches!(action, Action::Increment | Action::Decrement);
    // Bulk creation shares its route with creation.
    let plain = numeric || (action.is_bulk() && action != Action::BulkCreate);
    let closed = if plain { Closed::Plain } else { Closed::Named };
    let op = Operation::new(place, action, document_id, data, cx.now());
    all(cx, transaction_id, closed, vec![op]).map(drop)
}

/// A transaction that takes operations, or why it does not.
pub(super) fn open(cx: &Cx<'_>, transaction_id: &str, closed: Closed, more: usize) -> Result<std::sync::Arc<Document>> {
    let found = cx.read().get(&cx.access(), &*cx.collection(store::NAME)?, transaction_id)?;
    let transaction = found.ok_or_else(|| closed.missing(transaction_id))?;
    check(&transaction, closed, more, cx.now())?;
    Ok(transaction)
}

/// A transaction that takes files.
pub(crate) fn open_transaction(cx: &Cx<'_>, transaction_id: &str, more: usize) -> Result<std::sync::Arc<Document>> {
    open(cx, transaction_id, Closed::Named, more)
}

/// Counts files as operations of a transaction that takes them, in the transaction of the store that keeps them.
pub(crate) fn count_staged(tx: &mut Tx<'_, '_, '_>, ns: Namespace, access: &Access, id: &str, more: usize, now: protocol::Timestamp) -> Result<()> {
    let coll = tx.collection(ns, store::NAME)?;
    let transaction = tx.db.get(access, &coll, id)?.ok_or_else(|| store::missing(id))?;
    check(&transaction, Closed::Named, more, now)?;
    if more > 0 {
        let total = transaction.int("operations").saturating_add(i64::try_from(more).unwrap_or(MAX_OPERATIONS));
        store::set(tx, &coll, id, Map::from_iter([("operations".to_owned(), total.into())]), now)?;
    }
    Ok(())
}

fn check(transaction: &Document, closed: Closed, more: usize, now: protocol::Timestamp) -> Result<()> {
    if !store::is_pending(transaction) {
        return Err(closed.finished());
    }
    store::check_time(transaction, now)?;
    let existing = transaction.int("operations");
    if existing.saturating_add(i64::try_from(more).unwrap_or(i64::MAX)) > MAX_OPERATIONS {
        let text = format!("Transaction already has {existing} operations, adding {more} would exceed the maximum of {MAX_OPERATIONS}");
        return Err(Error::with(ErrorKind::TransactionLimitExceeded, text));
    }
    Ok(())
}

/// Adds operations; all or none. Returns the transaction with the number it then has.
pub(super) fn all(cx: &Cx<'_>, transaction_id: &str, closed: Closed, operations: Vec<Operation>) -> Result<Document> {
    for op in operations.iter().filter(|op| !op.action.is_bulk()) {
        check_id(&op.document_id)?;
    }
    let (ns, now, access, id) = (cx.ns(), cx.now(), cx.access(), transaction_id.to_owned());
    let with_ids: Vec<(String, Operation)> = operations.into_iter().map(|op| (cx.new_id(), op)).collect();
    cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        let transaction = tx.db.get(&access, &coll, &id)?.ok_or_else(|| closed.missing(&id))?;
        check(&transaction, closed, with_ids.len(), now)?;
        let total = transaction.int("operations").saturating_add(i64::try_from(with_ids.len()).unwrap_or(MAX_OPERATIONS));
        let logs = log::collection(tx, ns)?;
        for (log_id, mut op) in with_ids {
            if !op.action.is_bulk() && op.action != Action::Create {
                let coll = tx.collection(ns, &op.store)?;
                op.seen = log::fingerprint(tx.db.get(&OWN, &coll, &op.document_id)?.as_deref());
            }
            log::add(tx, &logs, transaction.sequence, log_id, op)?;
        }
        let data = Map::from_iter([("operations".to_owned(), total.into())]);
        let done = store::set(tx, &coll, &id, data, now)?;
        // The answer still has the time of the change before.
        Ok(Document { updated_at: transaction.updated_at, ..done })
    })
}

pub(super) fn check_id(id: &str) -> Result<()> {
    Check::CustomId.apply(id.into()).map(drop).map_err(|why| Error::with(ErrorKind::GeneralBadRequest, why))
}
