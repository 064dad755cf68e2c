//! Adding many operations at once.
use std::collections::{HashMap, HashSet};

use access::Action as Right;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value};

use super::log::Operation;
use super::overlay::Overlay;
use super::stage::{self, Action, Closed};
use crate::databases::documents::{input, related};
use crate::databases::place::{self, Place};
use crate::databases::words::named;
use crate::support::base;

params! {
    pub(crate) struct Documents {
        transaction_id: String = "transactionId", Check::Uid, required;
        operations: Vec<Value> = "operations", Check::List(&Check::Operation { tables: false }, 0), or EmptyList;
    }
}
params! {
    pub(crate) struct Rows {
        transaction_id: String = "transactionId", Check::Uid, required;
        operations: Vec<Value> = "operations", Check::List(&Check::Operation { tables: true }, 0), or EmptyList;
    }
}

endpoint! {
    /// Adds operations to a transaction.
    CREATE: Post "/v1/databases/transactions/:transactionId/operations" => 201 "transaction" by documents(Documents);
    sdk ["databases.createOperations"] auth [Admin, Key, Session, Jwt] scope ["documents.write"] groups [NotConsole]
}
endpoint! {
    /// Adds operations to a transaction.
    CREATE_TABLES: Post "/v1/tablesdb/transactions/:transactionId/operations" => 201 "transaction" by rows(Rows); vocab Tables
    sdk ["tablesDB.createOperations"] auth [Admin, Key, Session, Jwt] scope ["documents.write", "rows.write"] groups [NotConsole]
}

fn documents(cx: &mut Cx<'_>, p: Documents) -> Result<Reply> {
    create(cx, &p.transaction_id, p.operations)
}

fn rows(cx: &mut Cx<'_>, p: Rows) -> Result<Reply> {
    create(cx, &p.transaction_id, p.operations)
}

fn create(cx: &Cx<'_>, transaction_id: &str, operations: Vec<Value>) -> Result<Reply> {
    refuse_none(&operations)?;
    stage::open(cx, transaction_id, Closed::Half, operations.len())?;
    let staged = judged(cx, transaction_id, operations)?;
    let transaction = stage::all(cx, transaction_id, Closed::Half, staged)?;
    Ok(Reply::Model("transaction", base(&transaction)))
}

fn refuse_none(operations: &[Value]) -> Result<()> {
    if operations.is_empty() { Err(Error::with(ErrorKind::GeneralBadRequest, "Operations array cannot be empty")) } else { Ok(()) }
}

/// Operations that are not staged at all: looked at in the same way, with nothing under them.
pub(super) fn unstaged(cx: &Cx<'_>, operations: Vec<Value>) -> Result<Vec<Operation>> {
    refuse_none(&operations)?;
    let most = usize::try_from(super::store::MAX_OPERATIONS).unwrap_or(usize::MAX);
    if operations.len() > most {
        let text = format!("A transaction has at most {most} operations, {} were sent", operations.len());
        return Err(Error::with(ErrorKind::TransactionLimitExceeded, text));
    }
    judged(cx, "", operations)
}

fn judged(cx: &Cx<'_>, transaction_id: &str, operations: Vec<Value>) -> Result<Vec<Operation>> {
    let mut judge = Judge { cx, transaction_id, places: HashMap::new(), made: HashSet::new() };
    let judged = operations.into_iter().map(|op| judge.operation(op)).collect::<Result<Vec<_>>>()?;
    judged.iter().filter(|op| !op.action.is_bulk()).try_for_each(|op| stage::check_id(&op.document_id))?;
    Ok(judged)
}

/// Looks at the operations of one request in order: the collections they name, the documents they need, and the caller's rights.
struct Judge<'c, 'r> {
    cx: &'c Cx<'r>,
    transaction_id: &'c str,
    /// Collections met so far, with what the transaction has done to them before this request.
    places: HashMap<(String, String), (Place, Overlay)>,
    /// Documents made by earlier operations of this request: engine's collection and id.
    made: HashSet<(String, String)>,
}

impl Judge<'_, '_> {
    fn operation(&mut self, value: Value) -> Result<Operation> {
        let cx = self.cx;
        let mut map = if let Value::Object(map) = value { map } else { Map::new() };
        let (collection_key, document_key) = if cx.vocab() == Vocab::Tables { ("tableId", "rowId") } else { ("collectionId", "documentId") };
        let mut text = |key: &str| map.get_mut(key).map(Value::take).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let action = Action::parse(&text("action")).ok_or(ErrorKind::GeneralBadRequest)?;
        let (key, document_id) = ((text("databaseId"), text(collection_key)), text(document_key));
        let data = map.get_mut("data").map(Value::take).unwrap_or_default();
        if action.is_bulk() && !cx.privileged() {
            return Err(ErrorKind::UserUnauthorized.into());
        }
        if !self.places.contains_key(&key) {
            let place = place::place(cx, &key.0, &key.1)
                .map_err(|e| if e.kind() == ErrorKind::TableNotFound { named(ErrorKind::CollectionNotFound, &key.1) } else { e })?;
            let overlay = Overlay::of(cx, self.transaction_id, &place)?;
            self.places.insert(key.clone(), (place, overlay));
        }
        let (place, overlay) = self.places.get(&key).ok_or_else(|| Error::internal("the collection was just found"))?;
        if action.is_bulk() && related::has_any(&place.schema) {
            let text = format!("Bulk operations are not supported for {collection_key} with relationship attributes");
            return Err(Error::with(ErrorKind::GeneralBadRequest, text));
        }
        if !action.is_bulk() {
            let made = self.made.contains(&(place.schema.name.clone(), document_id.clone()));
            single(cx, place, overlay, action, &document_id, &data, made)?;
        }
        let document_id = if action.is_bulk() { String::new() } else { cx.custom_id(&document_id) };
        let op = Operation::new(place, action, &document_id, super::perform::readable(data), cx.now());
        if action == Action::Create {
            self.made.insert((op.store.clone(), document_id));
        }
        Ok(op)
    }
}

/// Whether an operation on one document may be added: the document is there and the caller has the right.
fn single(cx: &Cx<'_>, place: &Place, overlay: &Overlay, action: Action, id: &str, data: &Value, made: bool) -> Result<()> {
    let present = if action == Action::Create { None } else { overlay.get(cx, place, id)? };
    if present.is_none() && !made && !matches!(action, Action::Create | Action::Upsert) {
        return Err(named(ErrorKind::DocumentNotFound, id));
    }
    if cx.privileged() {
        return Ok(());
    }
    let right = match action {
        Action::Create => Right::Create,
        Action::Delete => Right::Delete,
        Action::Upsert if present.is_none() => Right::Create,
        _ => Right::Update,
    };
    let own: Vec<String> = strings(present.as_ref().and_then(|map| map.get("$permissions")));
    // Nobody is given the right to create by a document, so its permissions never count for that.
    if !input::allowed(&cx.access(), &place.schema, &own, right) {
        return Err(ErrorKind::UserUnauthorized.into());
    }
    cx.check_own_roles(&strings(data.get("$permissions")))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &CREATE_TABLES];
