//! What clients send for documents: data, permissions, and who may say what.
use std::sync::Arc;

use access::{Access, Action};
use database::{Collection, check_operators, internal_time};
use kernel::{Cx, Error, Result};
use protocol::{ErrorKind, Timestamp};
use serde_json::{Map, Value};

use crate::databases::words::{engine, pick};

/// Attributes of the server in data, which a client may send back but not set.
const IGNORED: [&str; 6] = ["$id", "$sequence", "$databaseId", "$collectionId", "$tableId", "$permissions"];

/// Data of one document.
#[derive(Clone, Debug, Default)]
pub(in crate::databases) struct Input {
    /// Attributes.
    pub(in crate::databases) data: Map<String, Value>,
    /// `$id` as sent.
    pub(in crate::databases) id: Option<String>,
    /// `$permissions` as sent.
    pub(in crate::databases) permissions: Option<Value>,
    /// `$createdAt`, from servers only.
    pub(in crate::databases) created_at: Option<Timestamp>,
    /// `$updatedAt`, from servers only.
    pub(in crate::databases) updated_at: Option<Timestamp>,
}

/// An object as sent: also as JSON text, also as a list, whose positions then are keys.
pub(in crate::databases) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => object(value),
            _ => Map::new(),
        },
        Value::Array(items) => items.into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Map::new(),
    }
}

/// Splits data into attributes and what is the server's. Dates are taken from servers and ignored from clients.
pub(in crate::databases) fn split(cx: &Cx<'_>, mut data: Map<String, Value>) -> Result<Input> {
    let mut input =
        Input { id: data.get("$id").and_then(Value::as_str).map(str::to_owned), permissions: data.get("$permissions").cloned(), ..Input::default() };
    for key in IGNORED {
        data.shift_remove(key);
    }
    for (key, slot) in [("$createdAt", &mut input.created_at), ("$updatedAt", &mut input.updated_at)] {
        if let Some(value) = data.shift_remove(key)
            && cx.privileged()
        {
            *slot = date(cx, key, &value)?;
        }
    }
    input.data = data;
    Ok(input)
}

fn date(cx: &Cx<'_>, key: &str, value: &Value) -> Result<Option<Timestamp>> {
    if value.is_null() {
        return Ok(None);
    }
    internal_time(key, value, cx.now()).map(Some).map_err(|e| engine(cx, e))
}

/// Data with an operator that cannot be read are refused as a whole, before anything is looked for.
pub(in crate::databases) fn refuse_operators(schema: &Collection, data: &Map<String, Value>) -> Result<()> {
    check_operators(schema, data).map_err(|why| Error::with(ErrorKind::GeneralBadRequest, why))
}

/// Permissions inside of data, checked as the parameter of that name is.
pub(in crate::databases) fn inner_permissions(value: Option<&Value>) -> Result<Option<Vec<String>>> {
    let Some(value) = value.filter(|v| !v.is_null()) else { return Ok(None) };
    let refused = |why: String| Error::with(ErrorKind::GeneralBadRequest, why.strip_suffix(" or null").unwrap_or(&why).to_owned());
    let checked = protocol::Check::Permissions { create: false }.apply(value.clone()).map_err(refused)?;
    Ok(checked.as_array().map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
}

/// The first required attribute that data do not give: replacing a document needs them all, also where they have values already.
pub(in crate::databases) fn require_all(cx: &Cx<'_>, schema: &Arc<Collection>, data: &Map<String, Value>) -> Result<()> {
    let missing = schema.attributes.iter().find(|a| a.required && data.get(&a.key).is_none_or(Value::is_null));
    match missing {
        Some(a) => {
            let kind = pick(cx, ErrorKind::DocumentInvalidStructure, ErrorKind::RowInvalidStructure);
            Err(Error::with(kind, format!("Invalid document structure: Missing required attribute \"{}\"", a.key)))
        }
        None => Ok(()),
    }
}

/// Whether a caller may do something with a document: by the collection or, where they count, by its own permissions.
pub(in crate::databases) fn allowed(access: &Access, collection: &Collection, own: &[String], action: Action) -> bool {
    access.allows(&collection.permissions, action) || (collection.document_security && access.allows(own, action))
}
