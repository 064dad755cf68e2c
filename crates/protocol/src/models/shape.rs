//! Bringing a map into the form of its model.
use serde_json::{Map, Value};

use super::table::{Fallback, Field, Kind, Model};

/// Where a reply with a project has the stored one; no client gets to see it.
pub(crate) const RAW_PROJECT: &str = "$raw";
/// Most levels of related documents that are looked into.
const MAX_DEPTH: usize = 8;

/// Shapes a model by its declaration: only declared fields, in declared order, unset ones with their fallback. Models
/// that take any field pass through. Fields that are `sensitive` are blanked unless the caller may see them.
#[must_use]
pub fn shape(name: &str, map: Map<String, Value>, sensitive: bool) -> Map<String, Value> {
    let model = super::find(name);
    debug_assert!(model.is_some(), "no model is named {name}");
    match model {
        Some(model) => by(model, map, sensitive),
        None => Map::new(),
    }
}

fn by(model: &Model, mut map: Map<String, Value>, sensitive: bool) -> Map<String, Value> {
    if model.any {
        match model.name {
            "document" => stored(&mut map, ("$tableId", "$collectionId"), 0),
            "row" => stored(&mut map, ("$collectionId", "$tableId"), 0),
            _ => {}
        }
        return map;
    }
    let mut out = Map::with_capacity(model.fields.len());
    for field in model.fields {
        let (key, value) = taken(&mut map, field);
        let value = match value {
            Value::Null => unset(field),
            _ if field.sensitive && !sensitive => Value::String(String::new()),
            value => nested(field, value, sensitive),
        };
        out.insert(key, value);
    }
    // The stored project, for old clients; taken out again when the format is known.
    if model.name == "project"
        && let Some(raw) = map.swap_remove(RAW_PROJECT)
    {
        out.insert(RAW_PROJECT.to_owned(), raw);
    }
    out
}

/// Takes a field out of the map; its own name first, then the name it has elsewhere. The key's allocation is kept.
fn taken(map: &mut Map<String, Value>, field: &Field) -> (String, Value) {
    if let Some(entry) = map.swap_remove_entry(field.name) {
        return entry;
    }
    let value = field.source.and_then(|name| map.swap_remove(name));
    (field.name.to_owned(), value.unwrap_or_default())
}

fn unset(field: &Field) -> Value {
    match field.fallback {
        _ if field.nullable => Value::Null,
        Fallback::Usual if field.list => Value::Array(Vec::new()),
        Fallback::Usual => match field.kind {
            Kind::Text | Kind::Datetime => Value::String(String::new()),
            Kind::Integer | Kind::Float => 0.into(),
            Kind::Boolean => false.into(),
            Kind::Json | Kind::Of(_) => Value::Null,
        },
        Fallback::Null => Value::Null,
        Fallback::Bool(b) => b.into(),
        Fallback::Int(i) => i.into(),
        Fallback::Text(s) => s.into(),
        Fallback::Texts(list) => list.iter().map(|s| Value::from(*s)).collect(),
        Fallback::EmptyList => Value::Array(Vec::new()),
        Fallback::EmptyObject => Value::Object(Map::new()),
    }
}

fn nested(field: &Field, value: Value, sensitive: bool) -> Value {
    let Kind::Of(models) = field.kind else { return value };
    match value {
        Value::Array(items) if field.list => items.into_iter().map(|item| one_of(models, item, sensitive)).collect(),
        // An empty list stands for an empty object where an object is due.
        Value::Array(items) if items.is_empty() => Value::Object(Map::new()),
        value => one_of(models, value, sensitive),
    }
}

fn one_of(models: &[&'static Model], value: Value, sensitive: bool) -> Value {
    match value {
        Value::Object(map) => match choose(models, &map) {
            Some(model) => Value::Object(by(model, map, sensitive)),
            None => Value::Object(map),
        },
        other => other,
    }
}

/// The one of several models that a map is of.
#[must_use]
pub fn choose(models: &[&'static Model], map: &Map<String, Value>) -> Option<&'static Model> {
    match models {
        [only] => Some(only),
        _ => models.iter().find(|m| applies(m, map)).copied(),
    }
}

fn applies(model: &Model, map: &Map<String, Value>) -> bool {
    model.when.iter().all(|(key, values)| map.get(*key).and_then(Value::as_str).is_some_and(|v| values.contains(&v)))
}

/// Documents and rows keep every field; internal ones go, `$sequence` is a text, and the collection's id has the name
/// of the vocabulary (`ids`: the other one's, the own one's). Related documents alike.
fn stored(map: &mut Map<String, Value>, ids: (&str, &str), depth: usize) {
    map.shift_remove("$collection");
    map.shift_remove("$tenant");
    if let Some(id) = map.shift_remove(ids.0) {
        map.entry(ids.1).or_insert(id);
    }
    match map.get_mut("$sequence") {
        None => {
            map.insert("$sequence".to_owned(), Value::String(String::new()));
        }
        Some(Value::String(_)) => {}
        Some(Value::Null) => *map.entry("$sequence").or_insert(Value::Null) = Value::String(String::new()),
        Some(other) => *other = Value::String(other.to_string()),
    }
    if depth == MAX_DEPTH {
        return;
    }
    for value in map.values_mut() {
        match value {
            Value::Object(inner) => related(inner, ids, depth),
            Value::Array(items) => {
                for item in items {
                    let Value::Object(inner) = item else { break };
                    related(inner, ids, depth);
                }
            }
            _ => {}
        }
    }
}

/// What has an id and permissions is a document; other objects are data.
fn related(map: &mut Map<String, Value>, ids: (&str, &str), depth: usize) {
    if map.contains_key("$id") && map.contains_key("$permissions") {
        stored(map, ids, depth + 1);
    }
}
