//! Deleting a document.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};

use super::create::Failure;
use super::model::{Change, announce};
use super::staged;
use super::update::failed;
use crate::databases::place;

params! {
    pub(crate) struct One {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Deletes a document.
    DELETE: Delete "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId" => 204 "none" by delete(One);
    sdk ["databases.deleteDocument"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].collections.[collectionId].documents.[documentId].delete"
    audit "document.delete" on "database/{request.databaseId}/collection/{request.collectionId}/document/{request.documentId}" groups [NotConsole]
}
endpoint! {
    /// Deletes a row.
    DELETE_ROW: Delete "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId" => 204 "none" by delete(One); vocab Tables
    sdk ["tablesDB.deleteRow"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].tables.[tableId].rows.[rowId].delete"
    audit "row.delete" on "database/{request.databaseId}/table/{request.collectionId}/row/{request.documentId}" groups [NotConsole]
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let newer = cx.request_timestamp()?;
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    if let Some(transaction) = &p.transaction_id {
        return staged::delete(cx, transaction, &place, &p.document_id);
    }
    let (access, schema, id, now) = (cx.access(), place.schema.clone(), p.document_id.clone(), cx.now());
    let gone: Result<_, Failure> = cx.app.db.write(move |w| Ok(w.delete_at(&access, &schema, &id, newer, Some(now))?));
    let document = gone.map_err(|Failure(e)| failed(cx, e, &p.document_id))?;
    announce(cx, &place, Change::Delete, &document);
    Ok(Reply::Empty)
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&DELETE, &DELETE_ROW];
