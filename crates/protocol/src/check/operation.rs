//! One operation of a transaction.
use serde_json::{Map, Value};

use super::numbers::numeric;

/// Actions in the order messages list them.
pub(super) const ACTIONS: [&str; 10] =
    ["create", "update", "upsert", "delete", "increment", "decrement", "bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete"];

/// Checks form, not existence: the handler looks the resources up.
pub(super) fn check(value: &Value, tables: bool) -> Result<(), String> {
    let none = Map::new();
    let map = match value {
        Value::Object(map) => map,
        Value::Array(_) => &none,
        _ => return Err("Value must be an array".into()),
    };
    let (collection, document) = if tables { ("tableId", "rowId") } else { ("collectionId", "documentId") };
    let required = ["databaseId", "action", collection];
    if let Some(key) = required.iter().find(|k| !map.contains_key(**k)) {
        return Err(format!("Missing required key: {key}"));
    }
    if let Some(key) = required.iter().find(|k| !filled(map.get(**k))) {
        // The hyphen is U+2011 here and a plain one below, as in the reference.
        return Err(format!("Key '{key}' must be a non\u{2011}empty string"));
    }
    let action = map.get("action").and_then(Value::as_str).unwrap_or_default();
    if !ACTIONS.contains(&action) {
        return Err(format!("Key 'action' must be one of: {}", ACTIONS.join(", ")));
    }
    let bulk = action.starts_with("bulk");
    if !bulk && !map.contains_key(document) {
        return Err(format!("Key '{document}' is required for action '{action}'"));
    }
    if map.contains_key(document) && !filled(map.get(document)) {
        return Err(format!("Key '{document}' must be a non-empty string"));
    }
    data(map, action, tables)
}

fn filled(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|s| !s.trim_ascii().is_empty())
}

fn data(map: &Map<String, Value>, action: &str, tables: bool) -> Result<(), String> {
    let none = Map::new();
    let data = match map.get("data") {
        None if action == "delete" => return Ok(()),
        None => return Err("Missing required key: data".into()),
        Some(Value::Object(data)) => data,
        Some(Value::Array(_)) => &none,
        Some(_) => return Err("Key 'data' must be an array".into()),
    };
    let is_array = |key: &str| data.get(key).is_some_and(|v| v.is_array() || v.is_object());
    if matches!(action, "bulkUpdate" | "bulkDelete") {
        if !data.contains_key("queries") {
            return Err(format!("Key 'queries' is required in data for {action}"));
        }
        if !is_array("queries") {
            return Err(format!("Key 'queries' must be an array for {action}"));
        }
    }
    if action == "bulkUpdate" {
        if !data.contains_key("data") {
            return Err(format!("Key 'data' is required in data for {action}"));
        }
        if !is_array("data") {
            return Err(format!("Key 'data.data' must be an array for {action}"));
        }
    }
    if matches!(action, "increment" | "decrement") {
        let key = if tables { "column" } else { "attribute" };
        if !data.contains_key(key) {
            return Err(format!("Key '{key}' is required in data for {action}"));
        }
        let is_number = |v: &Value| v.is_number() || v.as_str().is_some_and(|s| numeric(s).is_some());
        if data.get("value").is_some_and(|v| !is_number(v)) {
            return Err(format!("Key 'value' must be a numeric value for {action}"));
        }
    }
    Ok(())
}
