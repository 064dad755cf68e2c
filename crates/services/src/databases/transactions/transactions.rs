//! Making, finding and removing transactions.
use access::Permission;
use database::{DbError, NewDocument};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Timestamp, lists, params};
use serde_json::json;

use super::store;
use crate::storage::staged;
use crate::support::{Listing, base, find, object, page};

params! {
    pub(crate) struct Create { ttl: i64 = "ttl", Check::Int { min: 60, max: 3_600 }, or Int(300); }
}
params! {
    pub(crate) struct List { queries: Vec<String> = "queries", Check::Queries(&lists::TRANSACTIONS), or EmptyList; }
}
params! {
    pub(crate) struct Of { transaction_id: String = "transactionId", Check::Uid, required; }
}

endpoint! {
    /// Creates a transaction.
    CREATE: Post "/v1/databases/transactions" => 201 "transaction" by create(Create);
    sdk ["databases.createTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write"] groups [NotConsole]
}
endpoint! {
    /// Creates a transaction.
    CREATE_TABLES: Post "/v1/tablesdb/transactions" => 201 "transaction" by create(Create); vocab Tables
    sdk ["tablesDB.createTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write", "rows.write"] groups [NotConsole]
}
endpoint! {
    /// Lists transactions.
    LIST: Get "/v1/databases/transactions" => 200 "transactionList" by list(List);
    sdk ["databases.listTransactions"] auth [Admin, Key, Session, Jwt] scope ["rows.read"] groups [NotConsole]
}
endpoint! {
    /// Lists transactions.
    LIST_TABLES: Get "/v1/tablesdb/transactions" => 200 "transactionList" by list(List); vocab Tables
    sdk ["tablesDB.listTransactions"] auth [Admin, Key, Session, Jwt] scope ["documents.read", "rows.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a transaction.
    GET: Get "/v1/databases/transactions/:transactionId" => 200 "transaction" by get(Of);
    sdk ["databases.getTransaction"] auth [Admin, Key, Session, Jwt] scope ["rows.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a transaction.
    GET_TABLES: Get "/v1/tablesdb/transactions/:transactionId" => 200 "transaction" by get(Of); vocab Tables
    sdk ["tablesDB.getTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.read", "rows.read"] groups [NotConsole]
}
endpoint! {
    /// Deletes a transaction with what it was to do.
    DELETE: Delete "/v1/databases/transactions/:transactionId" => 204 "none" by delete(Of);
    sdk ["databases.deleteTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write"] groups [NotConsole]
}
endpoint! {
    /// Deletes a transaction with what it was to do.
    DELETE_TABLES: Delete "/v1/tablesdb/transactions/:transactionId" => 204 "none" by delete(Of); vocab Tables
    sdk ["tablesDB.deleteTransaction"] auth [Admin, Key, Session, Jwt] scope ["documents.write", "rows.write"] groups [NotConsole]
}

/// A transaction of the caller.
pub(super) fn record(cx: &Cx<'_>, status: &str, operations: usize, end: Timestamp) -> NewDocument {
    let permissions = cx.identity().map(|i| Permission::owner(&i.user.id)).unwrap_or_default();
    let data = object(json!({"status": status, "operations": operations, "expiresAt": end.format()}));
    NewDocument { id: cx.new_id(), permissions, data, created_at: cx.now(), updated_at: cx.now() }
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let ns = cx.ns();
    let new = record(cx, "pending", 0, cx.now().plus_seconds(p.ttl));
    let made = cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        Ok(tx.create(&crate::support::OWN, &coll, new)?)
    })?;
    Ok(Reply::Model("transaction", base(&made)))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection(store::NAME)?;
    let request = find(cx, Listing::new(p.queries, true), Vec::new())?;
    let found = page(cx, &cx.access(), &coll, &request, "Transaction")?;
    let items = found.documents.iter().map(|d| base(d)).collect();
    Ok(Reply::list("transactionList", "transactions", "transaction", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    Ok(Reply::Model("transaction", base(&*store::get(cx, &p.transaction_id)?)))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let (ns, access, id) = (cx.ns(), cx.access(), store::get(cx, &p.transaction_id)?.id.clone());
    let (app, project) = (std::sync::Arc::clone(cx.app), cx.project.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, store::NAME)?;
        let transaction = tx.db.get(&access, &coll, &id)?.ok_or_else(|| store::missing(&id))?;
        staged::discard(tx.db, &app, ns, &project, transaction.sequence)?;
        store::remove(tx, &access, &coll, &transaction).map_err(|e| if matches!(e, DbError::NotFound) { store::missing(&id) } else { e.into() })
    })?;
    Ok(Reply::Empty)
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &DELETE, &CREATE_TABLES, &LIST_TABLES, &GET_TABLES, &DELETE_TABLES];
