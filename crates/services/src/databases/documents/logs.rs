//! What happened to a document, from the audit log.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};

use crate::databases::logs::of;
use crate::databases::place;
use crate::databases::words::about;
use crate::support::OWN;

params! {
    pub(crate) struct List {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
    }
}

endpoint! {
    /// Lists what happened to a document, newest first.
    LIST: Get "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId/logs" => 200 "logList" by list(List);
    sdk ["databases.listDocumentLogs"] auth [Admin] scope ["documents.read"] groups [NotConsole]
}
endpoint! {
    /// Lists what happened to a row, newest first.
    LIST_ROW: Get "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId/logs" => 200 "logList" by list(List); vocab Tables
    sdk ["tablesDB.listRowLogs"] auth [Admin] scope ["rows.read", "documents.read"] groups [NotConsole]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    cx.read().get(&OWN, &place.schema, &p.document_id)?.ok_or_else(|| about(cx, ErrorKind::DocumentNotFound, ErrorKind::RowNotFound, &p.document_id))?;
    let (database, collection, id) = (&place.database.id, &place.collection.id, &p.document_id);
    let names = [format!("database/{database}/collection/{collection}/document/{id}"), format!("database/{database}/table/{collection}/row/{id}")];
    of(cx, &names, p.queries)
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&LIST, &LIST_ROW];
