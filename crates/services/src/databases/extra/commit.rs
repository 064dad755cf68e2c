//! A transaction in one request: all operations, or none.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::Value;

use crate::databases::transactions::at_once;
use crate::support::base;

params! {
    pub(crate) struct Documents {
        operations: Vec<Value> = "operations", Check::List(&Check::Operation { tables: false }, 0), or EmptyList;
        commit: bool = "commit", Check::Bool, or Bool(false);
    }
}
params! {
    pub(crate) struct Rows {
        operations: Vec<Value> = "operations", Check::List(&Check::Operation { tables: true }, 0), or EmptyList;
        commit: bool = "commit", Check::Bool, or Bool(false);
    }
}

endpoint! {
    /// Does all operations in one transaction, or none. `commit` must be true.
    COMMIT: Post "/v1/ferrite/databases/transactions" => 201 "transaction" by documents(Documents);
    sdk ["databases.commitOperations"] auth [Admin, Key, Session, Jwt] scope ["documents.write"] groups [NotConsole]
}
endpoint! {
    /// Does all operations in one transaction, or none. `commit` must be true.
    COMMIT_TABLES: Post "/v1/ferrite/tablesdb/transactions" => 201 "transaction" by rows(Rows); vocab Tables
    sdk ["tablesDB.commitOperations"] auth [Admin, Key, Session, Jwt] scope ["documents.write", "rows.write"] groups [NotConsole]
}

fn documents(cx: &mut Cx<'_>, p: Documents) -> Result<Reply> {
    run(cx, p.operations, p.commit)
}

fn rows(cx: &mut Cx<'_>, p: Rows) -> Result<Reply> {
    run(cx, p.operations, p.commit)
}

fn run(cx: &mut Cx<'_>, operations: Vec<Value>, commit: bool) -> Result<Reply> {
    if !commit {
        return Err(Error::with(ErrorKind::GeneralBadRequest, "commit must be true: a transaction of several requests is made at its own route"));
    }
    Ok(Reply::Model("transaction", base(&at_once(cx, operations)?)))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&COMMIT, &COMMIT_TABLES];
