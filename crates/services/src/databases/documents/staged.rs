//! Documents routes inside a transaction: the operation is kept for the commit and the answer shows what is known so far.
use access::Permission;
use kernel::{Cx, Reply, Result};
use protocol::ErrorKind;
use serde_json::{Map, Value};

use super::input::{self, Input};
use super::model;
use crate::databases::place::Place;
use crate::databases::transactions::overlay::{Overlay, dress};
use crate::databases::transactions::stage::{self, Action};
use crate::databases::words::{about, engine, model as word};
use crate::support::denied;

/// Attributes with what belongs to the server, as a transaction keeps them.
pub(super) fn joined(id: Option<&str>, input: Input, permissions: Option<Vec<String>>) -> Map<String, Value> {
    let mut data = input.data;
    for (key, date) in [("$createdAt", input.created_at), ("$updatedAt", input.updated_at)] {
        if let Some(date) = date {
            data.insert(key.into(), date.format().into());
        }
    }
    if let Some(id) = id {
        data.insert("$id".into(), id.into());
    }
    if let Some(permissions) = permissions {
        data.insert("$permissions".into(), permissions.into());
    }
    data
}

/// Keeps the making of a document.
pub(super) fn create(cx: &mut Cx<'_>, transaction: &str, place: &Place, id: &str, input: Input, permissions: Vec<String>) -> Result<Reply> {
    cx.no_event();
    if !cx.access().allows(&place.schema.permissions, access::Action::Create) {
        return Err(denied(cx, &place.schema.permissions, access::Action::Create));
    }
    let data = joined(Some(id), input, Some(permissions));
    stage::one(cx, transaction, place, Action::Create, id, Value::Object(data.clone()))?;
    Ok(Reply::Model(model::item(cx), dress(cx, place, data)))
}

/// Keeps a change of a document that the transaction sees.
pub(super) fn update(cx: &mut Cx<'_>, transaction: &str, place: &Place, id: &str, input: Input, permissions: Option<Vec<String>>) -> Result<Reply> {
    cx.no_event();
    let mut map = present(cx, transaction, place, id)?;
    let data = joined(None, input, permissions);
    stage::one(cx, transaction, place, Action::Update, id, Value::Object(data.clone()))?;
    map.extend(data);
    Ok(Reply::Model(model::item(cx), map))
}

/// Keeps the making or replacing of a document; it keeps its permissions or gets those of a new one.
pub(super) fn upsert(cx: &mut Cx<'_>, transaction: &str, place: &Place, id: &str, input: Input, permissions: Option<Vec<String>>) -> Result<Reply> {
    cx.no_event();
    let permissions = match (permissions, Overlay::of(cx, transaction, place)?.get(cx, place, id).map_err(|e| engine(cx, e))?) {
        (Some(list), _) => list,
        (None, Some(old)) => input::inner_permissions(old.get("$permissions"))?.unwrap_or_default(),
        (None, None) => cx.identity().map(|i| Permission::owner(&i.user.id)).unwrap_or_default(),
    };
    let data = joined(Some(id), input, Some(permissions));
    stage::one(cx, transaction, place, Action::Upsert, id, Value::Object(data.clone()))?;
    cx.status = 201;
    Ok(Reply::Model(model::item(cx), dress(cx, place, data)))
}

/// Keeps the removal of a document that the transaction sees.
pub(super) fn delete(cx: &mut Cx<'_>, transaction: &str, place: &Place, id: &str) -> Result<Reply> {
    cx.no_event();
    present(cx, transaction, place, id)?;
    stage::one(cx, transaction, place, Action::Delete, id, Value::Object(Map::new()))?;
    Ok(Reply::Empty)
}

/// Keeps a step of a number. The answer shows the step, not the sum.
pub(super) fn step(cx: &mut Cx<'_>, transaction: &str, place: &Place, id: &str, action: Action, data: Map<String, Value>) -> Result<Reply> {
    cx.no_event();
    let mut map = Map::new();
    map.insert("$id".into(), id.into());
    if let Some(name) = data.get("attribute").and_then(Value::as_str) {
        map.insert(name.to_owned(), data.get("value").cloned().unwrap_or_default());
    }
    stage::one(cx, transaction, place, action, id, Value::Object(data))?;
    Ok(Reply::Model(model::item(cx), dress(cx, place, map)))
}

/// Keeps a bulk operation; `total` is what can be said about it now.
pub(super) fn bulk(cx: &mut Cx<'_>, transaction: &str, place: &Place, action: Action, data: Value, total: usize) -> Result<Reply> {
    cx.no_event();
    stage::one(cx, transaction, place, action, "", data)?;
    cx.status = 200;
    let (list, key) = (word(cx, "documentList", "rowList"), word(cx, "documents", "rows"));
    Ok(Reply::list(list, key, model::item(cx), Vec::new(), total as u64))
}

/// Documents of a bulk operation with settled ids.
pub(super) fn many(documents: Vec<(String, Input, Option<Vec<String>>)>) -> Value {
    documents.into_iter().map(|(id, input, permissions)| Value::Object(joined(Some(&id), input, permissions))).collect()
}

/// A document as the transaction sees it, or 404.
pub(super) fn present(cx: &Cx<'_>, transaction: &str, place: &Place, id: &str) -> Result<Map<String, Value>> {
    let found = Overlay::of(cx, transaction, place)?.get(cx, place, id).map_err(|e| engine(cx, e))?;
    found.ok_or_else(|| about(cx, ErrorKind::DocumentNotFound, ErrorKind::RowNotFound, id))
}
