//! Many documents at once, for servers.
use std::collections::HashSet;
use std::sync::Arc;

use database::{DbError, Find, NewDocument, Update, Updated, Writer};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::batches::{Bulk, NO_LIMIT, Outcome};
use super::create::Failure;
use super::input::{self, Input};
use super::model::{self, Change, announce};
use super::read::parse;
use super::upsert::{self, Wanted};
use super::{related, staged};
use crate::databases::place::{self, Place};
use crate::databases::transactions::stage::Action;
use crate::databases::usage::count_written;
use crate::databases::words::{about, engine, model as word, named, pick};
use crate::support::checked;

params! {
    pub(crate) struct Upsert {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        documents: Vec<Value> = "documents" | "rows", Check::List(&Check::JsonObject, 100), required;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}
params! {
    pub(crate) struct Patch {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        data: Value = "data", Check::JsonObject, or EmptyList;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}
params! {
    pub(crate) struct Delete {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Creates or replaces many documents.
    UPSERT: Put "/v1/databases/:databaseId/collections/:collectionId/documents" => 200 "documentList" by upsert(Upsert);
    sdk ["databases.upsertDocuments"] auth [Admin, Key] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "document.create" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Creates or replaces many rows.
    UPSERT_ROWS: Put "/v1/tablesdb/:databaseId/tables/:tableId/rows" => 200 "rowList" by upsert(Upsert); vocab Tables
    sdk ["tablesDB.upsertRows"] auth [Admin, Key] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "row.create" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Changes all documents that match.
    UPDATE: Patch "/v1/databases/:databaseId/collections/:collectionId/documents" => 200 "documentList" by update(Patch);
    sdk ["databases.updateDocuments"] auth [Admin, Key] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "documents.update" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Changes all rows that match.
    UPDATE_ROWS: Patch "/v1/tablesdb/:databaseId/tables/:tableId/rows" => 200 "rowList" by update(Patch); vocab Tables
    sdk ["tablesDB.updateRows"] auth [Admin, Key] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "rows.update" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Deletes all documents that match.
    DELETE: Delete "/v1/databases/:databaseId/collections/:collectionId/documents" => 200 "documentList" by delete(Delete);
    sdk ["databases.deleteDocuments"] auth [Admin, Key] scope ["documents.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "documents.delete" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Deletes all rows that match.
    DELETE_ROWS: Delete "/v1/tablesdb/:databaseId/tables/:tableId/rows" => 200 "rowList" by delete(Delete); vocab Tables
    sdk ["tablesDB.deleteRows"] auth [Admin, Key] scope ["rows.write", "documents.write"]
    limit 60 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "rows.delete" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

/// Users hold the scope that single documents need, so they get this far: they do not see the database here.
fn servers_only(cx: &Cx<'_>, database_id: &str) -> Result<()> {
    if cx.privileged() { Ok(()) } else { Err(named(ErrorKind::DatabaseNotFound, database_id)) }
}

/// What is related to documents is written with one of them at a time.
fn refuse_related(cx: &Cx<'_>, place: &Place, action: &str) -> Result<()> {
    if !related::has_any(&place.schema) {
        return Ok(());
    }
    let attributes = if action == "create" { word(cx, "attributes", "columns") } else { "attributes" };
    let family = word(cx, "databases", "tablesDB");
    Err(Error::with(ErrorKind::GeneralBadRequest, format!("Bulk {action} is not supported for {family} with relationship {attributes}")))
}

/// The answer: so many documents, the first of them. Of these alone it is told, as in the original.
fn reply(cx: &mut Cx<'_>, place: &Place, change: Change, done: &Outcome) -> Reply {
    cx.no_event();
    let untold = done.total.saturating_sub(done.shown.len() as u64);
    if untold > 0 || done.total == 0 {
        count_written(cx, &place.database, untold);
    }
    for document in &done.shown {
        announce(cx, place, change, document);
    }
    let items: Vec<Map<String, Value>> = done.shown.iter().map(|d| model::view(cx, place, d)).collect();
    let (list, key) = (word(cx, "documentList", "rowList"), word(cx, "documents", "rows"));
    Reply::list(list, key, model::item(cx), items, done.total)
}

/// One of many documents: its id and permissions stand in its data.
fn one(cx: &Cx<'_>, value: Value) -> Result<(String, Input, Option<Vec<String>>)> {
    let input = input::split(cx, input::object(value))?;
    let id = match &input.id {
        None => cx.new_id(),
        Some(id) => {
            Check::CustomId.apply(id.as_str().into()).map_err(|why| Error::with(ErrorKind::GeneralBadRequest, why))?;
            cx.custom_id(id)
        }
    };
    let permissions = match input::inner_permissions(input.permissions.as_ref())? {
        Some(list) => Some(checked(cx, &list)?),
        None => None,
    };
    Ok((id, input, permissions))
}

/// Creates many documents.
pub(super) fn create(cx: &mut Cx<'_>, database_id: &str, collection_id: &str, documents: Vec<Value>, transaction: Option<&str>) -> Result<Reply> {
    if !cx.privileged() {
        return Err(ErrorKind::GeneralUnauthorizedScope.into());
    }
    let place = place::place(cx, database_id, collection_id)?;
    refuse_related(cx, &place, "create")?;
    let now = cx.now();
    let documents = documents.into_iter().map(|value| one(cx, value)).collect::<Result<Vec<_>>>()?;
    if let Some(transaction) = transaction {
        let total = documents.len();
        return staged::bulk(cx, transaction, &place, Action::BulkCreate, staged::many(documents), total);
    }
    let mut new = Vec::with_capacity(documents.len());
    for (id, input, permissions) in documents {
        let updated_at = input.updated_at.unwrap_or(now);
        new.push(NewDocument { id, permissions: permissions.unwrap_or_default(), data: input.data, created_at: input.created_at.unwrap_or(now), updated_at });
    }
    let (access, schema) = (cx.access(), place.schema.clone());
    let made: Result<Outcome, Failure> = cx.app.db.write(move |w| new.into_iter().map(|n| Ok(w.create(&access, &schema, n)?)).collect());
    let made = made.map_err(|Failure(e)| failed(cx, e))?;
    cx.status = 201;
    Ok(reply(cx, &place, Change::Create, &made))
}

/// The original does not say which document is there already.
fn failed(cx: &Cx<'_>, e: DbError) -> Error {
    match e {
        DbError::Duplicate | DbError::Unique(_) => about(cx, ErrorKind::DocumentAlreadyExists, ErrorKind::RowAlreadyExists, ""),
        e => engine(cx, e),
    }
}

fn upsert(cx: &mut Cx<'_>, p: Upsert) -> Result<Reply> {
    servers_only(cx, &p.database_id)?;
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    refuse_related(cx, &place, "upsert")?;
    let documents = p.documents.into_iter().map(|value| one(cx, value)).collect::<Result<Vec<_>>>()?;
    if let Some(transaction) = &p.transaction_id {
        let total = documents.len();
        return staged::bulk(cx, transaction, &place, Action::BulkUpsert, staged::many(documents), total);
    }
    let mut wanted = Vec::with_capacity(documents.len());
    for (id, input, permissions) in documents {
        input::refuse_operators(&place.schema, &input.data)?;
        input::require_all(cx, &place.schema, &input.data)?;
        wanted.push(Wanted { id, input, permissions, for_new: Vec::new(), now: cx.now(), unless_newer: None });
    }
    let (access, schema) = (cx.access(), place.schema.clone());
    let done: Result<Outcome, Failure> = cx.app.db.write(move |w| {
        let (mut outcome, mut seen) = (Outcome::default(), HashSet::new());
        for one in wanted {
            let Updated { document, changed } = upsert::apply(w, &access, &schema, one)?;
            // Of those that stay as they are nothing is told, and they may come twice.
            if changed {
                if !seen.insert(document.id.clone()) {
                    return Err(Failure(DbError::Duplicate));
                }
                outcome.add(document);
            }
        }
        Ok(outcome)
    });
    let done = done.map_err(|Failure(e)| failed(cx, e))?;
    Ok(reply(cx, &place, Change::Upsert, &done))
}

/// The documents that queries mean: all that match, unless they say how many.
fn meant(cx: &Cx<'_>, queries: &[String]) -> Result<Find> {
    let queries = parse(queries)?;
    let limited = queries.iter().any(|q| q.method == protocol::QueryMethod::Limit);
    let mut find = Find::from_queries(queries, 0).map_err(|e| engine(cx, e))?;
    if !limited {
        find.limit = NO_LIMIT;
    }
    Ok(find)
}

fn update(cx: &mut Cx<'_>, p: Patch) -> Result<Reply> {
    servers_only(cx, &p.database_id)?;
    let data = input::object(p.data);
    if data.is_empty() {
        return Err(pick(cx, ErrorKind::DocumentMissingPayload, ErrorKind::RowMissingPayload).into());
    }
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    refuse_related(cx, &place, "update")?;
    let input = input::split(cx, data)?;
    let permissions = match input::inner_permissions(input.permissions.as_ref())? {
        Some(list) => Some(checked(cx, &list)?),
        None => None,
    };
    let find = meant(cx, &p.queries)?;
    if let Some(transaction) = &p.transaction_id {
        let data = json!({"queries": p.queries, "data": staged::joined(None, input, permissions)});
        return staged::bulk(cx, transaction, &place, Action::BulkUpdate, data, 0);
    }
    input::refuse_operators(&place.schema, &input.data)?;
    let (access, schema, now) = (cx.access(), place.schema.clone(), cx.now());
    let change = Update {
        data: input.data,
        permissions,
        updated_at: input.updated_at.unwrap_or(now),
        created_at: input.created_at,
        touch: true,
        unless_newer: cx.request_timestamp()?,
    };
    let work = Arc::new(move |w: &mut Writer<'_, '_>, id: &str| Ok(w.update(&access, &schema, id, change.clone())?.document));
    let bulk = Bulk { db: cx.app.db.clone(), schema: place.schema.clone(), find, work };
    let done = bulk.run().map_err(|Failure(e)| failed(cx, e))?;
    Ok(reply(cx, &place, Change::Update, &done))
}

fn delete(cx: &mut Cx<'_>, p: Delete) -> Result<Reply> {
    servers_only(cx, &p.database_id)?;
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    refuse_related(cx, &place, "delete")?;
    let find = meant(cx, &p.queries)?;
    if let Some(transaction) = &p.transaction_id {
        return staged::bulk(cx, transaction, &place, Action::BulkDelete, json!({"queries": p.queries}), 0);
    }
    let (access, schema, newer) = (cx.access(), place.schema.clone(), cx.request_timestamp()?);
    let work = Arc::new(move |w: &mut Writer<'_, '_>, id: &str| w.delete(&access, &schema, id, newer));
    let bulk = Bulk { db: cx.app.db.clone(), schema: place.schema.clone(), find, work };
    let gone = bulk.run().map_err(|Failure(e)| failed(cx, e))?;
    Ok(reply(cx, &place, Change::Delete, &gone))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&UPSERT, &UPDATE, &DELETE, &UPSERT_ROWS, &UPDATE_ROWS, &DELETE_ROWS];
