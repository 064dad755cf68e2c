//! Changing a document.
use database::{DbError, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::Value;

use super::create::Failure;
use super::expanded::{self, Shown};
use super::input;
use super::model::{self, Change, announce};
use super::{related, staged};
use crate::databases::place;
use crate::databases::words::{about, engine, pick};
use crate::support::checked;

params! {
    pub(crate) struct Patch {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        data: Value = "data", Check::JsonObject, or EmptyList;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: false }, optional;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Changes a document; attributes not named stay.
    UPDATE: Patch "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId" => 200 "document" by update(Patch);
    sdk ["databases.updateDocument"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].collections.[collectionId].documents.[documentId].update"
    audit "document.update" on "database/{request.databaseId}/collection/{request.collectionId}/document/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Changes a row; columns not named stay.
    UPDATE_ROW: Patch "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId" => 200 "row" by update(Patch); vocab Tables
    sdk ["tablesDB.updateRow"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].tables.[tableId].rows.[rowId].update"
    audit "row.update" on "database/{request.databaseId}/table/{request.collectionId}/row/{response.$id}" groups [NotConsole]
}

/// Nothing to change is an error.
pub(super) fn require_payload(cx: &Cx<'_>, data_is_empty: bool, permissions: Option<&Vec<String>>) -> Result<()> {
    if data_is_empty && permissions.is_none() {
        return Err(pick(cx, ErrorKind::DocumentMissingPayload, ErrorKind::RowMissingPayload).into());
    }
    Ok(())
}

/// An engine failure about one document, with its id.
pub(super) fn failed(cx: &Cx<'_>, e: DbError, id: &str) -> Error {
    match e {
        DbError::NotFound => about(cx, ErrorKind::DocumentNotFound, ErrorKind::RowNotFound, id),
        DbError::Duplicate | DbError::Unique(_) => about(cx, ErrorKind::DocumentAlreadyExists, ErrorKind::RowAlreadyExists, id),
        e => engine(cx, e),
    }
}

fn update(cx: &mut Cx<'_>, p: Patch) -> Result<Reply> {
    let newer = cx.request_timestamp()?;
    let data = input::object(p.data);
    require_payload(cx, data.is_empty(), p.permissions.as_ref())?;
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let mut input = input::split(cx, data)?;
    let inner = if p.permissions.is_none() { input::inner_permissions(input.permissions.as_ref())? } else { None };
    let permissions = match p.permissions.or(inner) {
        Some(list) => Some(checked(cx, &list)?),
        None => None,
    };
    related::prepare(cx, &place.schema, &mut input.data, false)?;
    if let Some(transaction) = &p.transaction_id {
        return staged::update(cx, transaction, &place, &p.document_id, input, permissions);
    }
    input::refuse_operators(&place.schema, &input.data)?;
    let shown = Shown::written(&place, &input.data, false);
    let update = Update {
        data: input.data,
        permissions,
        updated_at: input.updated_at.unwrap_or_else(|| cx.now()),
        created_at: input.created_at,
        touch: false,
        unless_newer: newer,
    };
    let (access, schema, id) = (cx.access(), place.schema.clone(), p.document_id.clone());
    let done: Result<_, Failure> = cx.app.db.write(move |w| Ok(w.update(&access, &schema, &id, update)?));
    let document = done.map_err(|Failure(e)| failed(cx, e, &p.document_id))?.document;
    announce(cx, &place, Change::Update, &document);
    Ok(Reply::Model(model::item(cx), expanded::written(cx, &place, &document, &shown)))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&UPDATE, &UPDATE_ROW];
