//! Making a document or replacing one.
use access::Action;
use database::{DbError, NewDocument, Update, Updated, Writer, is_hidden};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Timestamp, params};
use serde_json::Value;
use std::sync::Arc;

use super::create::Failure;
use super::expanded::{self, Shown};
use super::input::{self, Input};
use super::model::{self, Change, announce};
use super::update::{failed, require_payload};
use super::{related, staged};
use crate::databases::place::{self, Place};
use crate::support::{OWN, checked, for_new};

params! {
    pub(crate) struct Put {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::CustomId, required;
        data: Value = "data", Check::JsonObject, or EmptyList;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: false }, optional;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Creates a document or replaces it; attributes not named keep their values.
    UPSERT: Put "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId" => 200 "document" by upsert(Put);
    sdk ["databases.upsertDocument"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].collections.[collectionId].documents.[documentId].upsert"
    audit "document.upsert" on "database/{request.databaseId}/collection/{request.collectionId}/document/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Creates a row or replaces it; columns not named keep their values.
    UPSERT_ROW: Put "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId" => 200 "row" by upsert(Put); vocab Tables
    sdk ["tablesDB.upsertRow"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].tables.[tableId].rows.[rowId].upsert"
    audit "row.upsert" on "database/{request.databaseId}/table/{request.collectionId}/row/{response.$id}" groups [NotConsole]
}

/// A document to be made or replaced, all checks but the engine's done.
pub(in crate::databases) struct Wanted {
    pub(in crate::databases) id: String,
    pub(in crate::databases) input: Input,
    /// Permissions as sent; otherwise those there are, or `for_new`.
    pub(in crate::databases) permissions: Option<Vec<String>>,
    pub(in crate::databases) for_new: Vec<String>,
    pub(in crate::databases) now: Timestamp,
    pub(in crate::databases) unless_newer: Option<Timestamp>,
}

/// Creates or replaces inside a transaction: whichever it is, under the permission that it needs. It is a change, too, when not all that the document may
/// have is named, though what is not named stays.
pub(in crate::databases) fn apply(
    w: &mut Writer<'_, '_>,
    access: &access::Access,
    schema: &Arc<database::Collection>,
    wanted: Wanted,
) -> Result<Updated, DbError> {
    let Wanted { id, input, permissions, for_new, now, unless_newer } = wanted;
    let updated_at = input.updated_at.unwrap_or(now);
    if w.get(&OWN, schema, &id)?.is_some() {
        let touch = schema.attributes.iter().any(|a| !is_hidden(a) && !input.data.contains_key(&a.key));
        let update = Update { data: input.data, permissions, updated_at, created_at: input.created_at, touch, unless_newer };
        let done = w.update(access, schema, &id, update)?;
        return Ok(Updated { changed: done.changed || touch, ..done });
    }
    let new = NewDocument { id, permissions: permissions.unwrap_or(for_new), data: input.data, created_at: input.created_at.unwrap_or(now), updated_at };
    Ok(Updated { document: w.create(access, schema, new)?, changed: true })
}

/// Clients are judged before their values are. An update that changes nothing needs no right to change, so the engine judges those whose values are whole.
fn may_write(cx: &Cx<'_>, place: &Place, id: &str, changes: bool) -> Result<()> {
    let (access, present) = (cx.access(), cx.read().get(&OWN, &place.schema, id)?);
    let may = match &present {
        None => access.allows(&place.schema.permissions, Action::Create),
        Some(_) if !changes => true,
        Some(d) => input::allowed(&access, &place.schema, &d.permissions, Action::Update),
    };
    if may { Ok(()) } else { Err(ErrorKind::UserUnauthorized.into()) }
}

fn upsert(cx: &mut Cx<'_>, p: Put) -> Result<Reply> {
    let newer = cx.request_timestamp()?;
    // A list of one is that one, a longer one is nothing.
    if p.data.as_array().is_some_and(|list| list.len() > 1) {
        require_payload(cx, true, None)?;
    }
    let data = input::object(p.data);
    require_payload(cx, data.is_empty(), p.permissions.as_ref())?;
    let place: Place = place::place(cx, &p.database_id, &p.collection_id)?;
    let mut input = input::split(cx, data)?;
    let permissions = match p.permissions {
        Some(list) => Some(checked(cx, &list)?),
        None => None,
    };
    related::prepare(cx, &place.schema, &mut input.data, false)?;
    if let Some(transaction) = &p.transaction_id {
        let id = cx.custom_id(&p.document_id);
        return staged::upsert(cx, transaction, &place, &id, input, permissions);
    }
    input::refuse_operators(&place.schema, &input.data)?;
    let for_new = for_new(cx, None)?;
    let judged = input::require_all(cx, &place.schema, &input.data);
    if !cx.privileged() {
        may_write(cx, &place, &p.document_id, judged.is_err())?;
    }
    judged?;
    let id = cx.custom_id(&p.document_id);
    let shown = Shown::written(&place, &input.data, true);
    let wanted = Wanted { id: id.clone(), input, permissions, for_new, now: cx.now(), unless_newer: newer };
    let (access, schema) = (cx.access(), place.schema.clone());
    let done: Result<_, Failure> = cx.app.db.write(move |w| Ok(apply(w, &access, &schema, wanted)?.document));
    let document = done.map_err(|Failure(e)| failed(cx, e, &id))?;
    announce(cx, &place, Change::Upsert, &document);
    Ok(Reply::Model(model::item(cx), expanded::written(cx, &place, &document, &shown)))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&UPSERT, &UPSERT_ROW];
