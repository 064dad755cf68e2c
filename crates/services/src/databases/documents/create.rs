//! Making one document, or many at once.
use database::{DbError, NewDocument};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value};

use super::expanded::{self, Shown};
use super::model::{self, Change, announce};
use super::{bulk, input, related, staged};
use crate::databases::place;
use crate::databases::words::{about, engine, model as word, pick};
use crate::support::{denied, for_new};

params! {
    pub(crate) struct Create {
        database_id: String = "databaseId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::CustomId, or Str("");
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        data: Value = "data", Check::JsonObject, or EmptyList;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: false }, optional;
        documents: Vec<Value> = "documents" | "rows", Check::List(&Check::JsonObject, 100), or EmptyList;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Creates a document; servers also create many at once.
    CREATE: Post "/v1/databases/:databaseId/collections/:collectionId/documents" => 201 "document" by create(Create);
    sdk ["databases.createDocument", "databases.createDocuments"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "document.create" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Creates a row; servers also create many at once.
    CREATE_ROW: Post "/v1/tablesdb/:databaseId/tables/:tableId/rows" => 201 "row" by create(Create); vocab Tables
    sdk ["tablesDB.createRow", "tablesDB.createRows"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    audit "row.create" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let data = input::object(p.data);
    check_form(cx, &data, &p.documents, &p.document_id, p.permissions.is_some())?;
    if !p.documents.is_empty() {
        return bulk::create(cx, &p.database_id, &p.collection_id, p.documents, p.transaction_id.as_deref());
    }
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let mut input = input::split(cx, data)?;
    let permissions = for_new(cx, p.permissions)?;
    if related::has_any(&place.schema) {
        if !cx.access().allows(&place.schema.permissions, access::Action::Create) {
            return Err(denied(cx, &place.schema.permissions, access::Action::Create));
        }
        related::prepare(cx, &place.schema, &mut input.data, true)?;
    }
    let now = cx.now();
    let id = cx.custom_id(&p.document_id);
    if let Some(transaction) = &p.transaction_id {
        return staged::create(cx, transaction, &place, &id, input, permissions);
    }
    let shown = Shown::written(&place, &input.data, false);
    let updated_at = input.updated_at.unwrap_or(now);
    let new = NewDocument { id: id.clone(), permissions, data: input.data, created_at: input.created_at.unwrap_or(now), updated_at };
    let (access, schema) = (cx.access(), place.schema.clone());
    let made: Result<_, Failure> = cx.app.db.write(move |w| Ok(w.create(&access, &schema, new)?));
    let document = made.map_err(|Failure(e)| match e {
        DbError::Duplicate | DbError::Unique(_) => about(cx, ErrorKind::DocumentAlreadyExists, ErrorKind::RowAlreadyExists, &id),
        DbError::Unauthorized(_) if !related::has_any(&place.schema) => denied(cx, &place.schema.permissions, access::Action::Create),
        e => engine(cx, e),
    })?;
    announce(cx, &place, Change::Create, &document);
    Ok(Reply::Model(model::item(cx), expanded::written(cx, &place, &document, &shown)))
}

/// An engine failure that leaves a transaction.
pub(super) struct Failure(pub(super) DbError);
impl From<DbError> for Failure {
    fn from(e: DbError) -> Self {
        Self(e)
    }
}

/// One document or many, not both; what goes with which.
fn check_form(cx: &Cx<'_>, data: &Map<String, Value>, documents: &[Value], id: &str, permissions: bool) -> Result<()> {
    let bad = |text: String| Err(Error::with(ErrorKind::GeneralBadRequest, text));
    let missing = pick(cx, ErrorKind::DocumentMissingData, ErrorKind::RowMissingData);
    let (one, many, id_name) = (word(cx, "document", "row"), word(cx, "documents", "rows"), word(cx, "documentId", "rowId"));
    if data.is_empty() && documents.is_empty() {
        return Err(missing.into());
    }
    if !data.is_empty() && !documents.is_empty() {
        return bad(format!("You can only send one of the following parameters: data, {many}"));
    }
    if !data.is_empty() && id.is_empty() {
        let name = word(cx, "Document", "Row");
        return Err(Error::with(missing, format!("{name} ID is required when creating a single {one}.")));
    }
    if !documents.is_empty() && !id.is_empty() {
        return bad(format!("Param \"{id_name}\" is not allowed when creating multiple {many}, set \"$id\" on each instead."));
    }
    if !documents.is_empty() && permissions {
        return bad(format!("Param \"permissions\" is disallowed when creating multiple {many}, set \"$permissions\" on each instead"));
    }
    Ok(())
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &CREATE_ROW];
