//! Raising and lowering a number, atomically.
use database::{Attribute, DbError, Document, Kind, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::input;
use super::model::{self, Change, announce};
use super::staged;
use super::update::failed;
use crate::databases::place;
use crate::databases::transactions::stage::Action;
use crate::databases::words::{model as word, pick};
use crate::support::{OWN, object};

params! {
    pub(crate) struct Raise {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        attribute: String = "attribute" | "column", Check::Key { max: 36 }, required;
        value: Value = "value", Check::Number, or Int(1);
        bound: Option<Value> = "max", Check::Nullable(&Check::Number), optional;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}
params! {
    pub(crate) struct Lower {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        attribute: String = "attribute" | "column", Check::Key { max: 36 }, required;
        value: Value = "value", Check::Number, or Int(1);
        bound: Option<Value> = "min", Check::Nullable(&Check::Number), optional;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}

endpoint! {
    /// Raises a number of a document, up to a maximum if given.
    INCREMENT: Patch "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId/:attribute/increment" => 200 "document" by raise(Raise);
    sdk ["databases.incrementDocumentAttribute"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].collections.[collectionId].documents.[documentId].update"
    audit "documents.update" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Lowers a number of a document, down to a minimum if given.
    DECREMENT: Patch "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId/:attribute/decrement" => 200 "document" by lower(Lower);
    sdk ["databases.decrementDocumentAttribute"] auth [Admin, Session, Key, Jwt] scope ["documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].collections.[collectionId].documents.[documentId].update"
    audit "documents.update" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Raises a number of a row, up to a maximum if given.
    INCREMENT_ROW: Patch "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId/:column/increment" => 200 "row" by raise(Raise); vocab Tables
    sdk ["tablesDB.incrementRowColumn"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].tables.[tableId].rows.[rowId].update"
    audit "rows.update" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Lowers a number of a row, down to a minimum if given.
    DECREMENT_ROW: Patch "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId/:column/decrement" => 200 "row" by lower(Lower); vocab Tables
    sdk ["tablesDB.decrementRowColumn"] auth [Admin, Session, Key, Jwt] scope ["rows.write", "documents.write"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"]
    event "databases.[databaseId].tables.[tableId].rows.[rowId].update"
    audit "rows.update" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

/// A step up or down with its bound.
#[derive(Clone, Debug)]
pub(in crate::databases) struct Step {
    pub(in crate::databases) attribute: String,
    pub(in crate::databases) by: Value,
    pub(in crate::databases) bound: Option<Value>,
    pub(in crate::databases) down: bool,
}

fn raise(cx: &mut Cx<'_>, p: Raise) -> Result<Reply> {
    let wanted = Step { attribute: p.attribute, by: p.value, bound: p.bound, down: false };
    step(cx, &p.database_id, &p.collection_id, &p.document_id, wanted, p.transaction_id.as_deref())
}

fn lower(cx: &mut Cx<'_>, p: Lower) -> Result<Reply> {
    let wanted = Step { attribute: p.attribute, by: p.value, bound: p.bound, down: true };
    step(cx, &p.database_id, &p.collection_id, &p.document_id, wanted, p.transaction_id.as_deref())
}

impl Step {
    /// The step as an operator: those are not held to the attribute's own bounds.
    pub(in crate::databases) fn operator(&self) -> Value {
        let method = if self.down { "decrement" } else { "increment" };
        json!({"method": method, "values": [self.by]}).to_string().into()
    }
}

/// Why a step cannot be made.
pub(in crate::databases) enum Refusal {
    Engine(DbError),
    NotANumber,
    Beyond,
}
impl From<DbError> for Refusal {
    fn from(e: DbError) -> Self {
        Self::Engine(e)
    }
}

fn step(cx: &mut Cx<'_>, database_id: &str, collection_id: &str, id: &str, step: Step, transaction: Option<&str>) -> Result<Reply> {
    let place = place::place(cx, database_id, collection_id)?;
    if let Some(transaction) = transaction {
        let action = if step.down { Action::Decrement } else { Action::Increment };
        let bound = if step.down { "min" } else { "max" };
        let data = json!({"attribute": step.attribute, "value": step.by, bound: step.bound});
        return staged::step(cx, transaction, &place, id, action, object(data));
    }
    if step.by.as_f64().is_none_or(|by| by <= 0.0) {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, "Value must be numeric and greater than 0"));
    }
    let Some(attribute) = place.schema.attribute(&step.attribute).cloned() else {
        // The original leaves the place of the key unfilled; clients compare the text.
        return Err(pick(cx, ErrorKind::AttributeNotFound, ErrorKind::ColumnNotFound).into());
    };
    let (access, schema, own_id, now, wanted) = (cx.access(), place.schema.clone(), id.to_owned(), cx.now(), step.clone());
    let done: Result<_, Refusal> = cx.app.db.write(move |w| {
        let old = w.get(&OWN, &schema, &own_id)?.ok_or(DbError::NotFound)?;
        // Judged before the value is: what bounds refuse tells of it.
        if !input::allowed(&access, &schema, &old.permissions, access::Action::Update) {
            return Err(DbError::Unauthorized(String::new()).into());
        }
        next(&old, &attribute, &wanted)?;
        let data: Map<String, Value> = std::iter::once((attribute.key.clone(), wanted.operator())).collect();
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        Ok(w.update(&access, &schema, &own_id, update)?.document)
    });
    let document = done.map_err(|e| refused(cx, e, id, &step))?;
    announce(cx, &place, Change::Update, &document);
    Ok(Reply::Model(model::item(cx), model::view(cx, &place, &document)))
}

fn refused(cx: &Cx<'_>, e: Refusal, id: &str, step: &Step) -> Error {
    let (family, key) = (word(cx, "databases", "tablesDB"), &step.attribute);
    match e {
        // The original tells of the attribute here, too.
        Refusal::Engine(DbError::NotFound) => pick(cx, ErrorKind::AttributeNotFound, ErrorKind::ColumnNotFound).into(),
        Refusal::Engine(e) => failed(cx, e, id),
        Refusal::NotANumber => {
            Error::with(pick(cx, ErrorKind::AttributeTypeInvalid, ErrorKind::ColumnTypeInvalid), format!("{family} \"{key}\" is not a number"))
        }
        Refusal::Beyond => {
            let end = if step.down { "minimum" } else { "maximum" };
            let bound = step.bound.as_ref().map_or_else(|| "its type".to_owned(), Value::to_string);
            let kind = pick(cx, ErrorKind::AttributeLimitExceeded, ErrorKind::ColumnLimitExceeded);
            Error::with(kind, format!("{family} \"{key}\" has reached the {end} value of {bound}"))
        }
    }
}

/// The value after a step, or why there is none.
pub(in crate::databases) fn next(old: &Document, attribute: &Attribute, step: &Step) -> Result<Value, Refusal> {
    if attribute.array || !matches!(attribute.kind, Kind::Integer | Kind::Bigint | Kind::Double) {
        return Err(Refusal::NotANumber);
    }
    let present = old.value(&attribute.key);
    let beyond = |value: f64| step.bound.as_ref().and_then(Value::as_f64).is_some_and(|bound| if step.down { value < bound } else { value > bound });
    if let (false, Some(by)) = (attribute.kind == Kind::Double, step.by.as_i64()) {
        let now = present.as_i64().unwrap_or(0);
        let value = if step.down { now.checked_sub(by) } else { now.checked_add(by) };
        let value = value.ok_or(Refusal::Beyond)?;
        #[expect(clippy::cast_precision_loss, reason = "bounds far beyond 2^53 need no exactness")]
        return if beyond(value as f64) { Err(Refusal::Beyond) } else { Ok(value.into()) };
    }
    let (now, by) = (present.as_f64().unwrap_or(0.0), step.by.as_f64().unwrap_or(0.0));
    let value = if step.down { now - by } else { now + by };
    if beyond(value) || !value.is_finite() { Err(Refusal::Beyond) } else { Ok(value.into()) }
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&INCREMENT, &DECREMENT, &INCREMENT_ROW, &DECREMENT_ROW];
