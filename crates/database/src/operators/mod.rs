//! Operators: changes that depend on the present value, such as `{"method":"increment","values":[1]}`, sent in place of a
//! value (as an object or as its JSON text).
mod apply;
mod list;
mod number;

use protocol::Timestamp;
use protocol::query::php_type;
use serde_json::{Map, Value};

use crate::structure::fault;
use crate::{Attribute, Collection, DbError, Document, Kind};

/// Longest text looked at for being an operator.
const MAX_TEXT: usize = 1 << 20;

/// Declares [`Method`] from one table.
macro_rules! methods {
    ($($name:ident = $wire:literal,)*) => {
        /// What an operator does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Method { $($name,)* }
        impl Method {
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$name),)* _ => None }
            }
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
        }
    };
}

methods! {
    Increment = "increment",
    Decrement = "decrement",
    Multiply = "multiply",
    Divide = "divide",
    Modulo = "modulo",
    Power = "power",
    StringConcat = "stringConcat",
    StringReplace = "stringReplace",
    ArrayAppend = "arrayAppend",
    ArrayPrepend = "arrayPrepend",
    ArrayInsert = "arrayInsert",
    ArrayRemove = "arrayRemove",
    ArrayUnique = "arrayUnique",
    ArrayIntersect = "arrayIntersect",
    ArrayDiff = "arrayDiff",
    ArrayFilter = "arrayFilter",
    Toggle = "toggle",
    DateAddDays = "dateAddDays",
    DateSubDays = "dateSubDays",
    DateSetNow = "dateSetNow",
}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operator {
    pub(crate) method: Method,
    pub(crate) values: Vec<Value>,
}

impl Operator {
    /// Reads a value that is an operator; `None` when it is a plain one. The error is about an operator that is known but
    /// malformed.
    pub(crate) fn read(value: &Value) -> Result<Option<Self>, String> {
        let decoded;
        let map = match value {
            Value::Object(map) => map,
            // A quick look spares decoding of nearly all texts.
            Value::String(s) if s.len() <= MAX_TEXT && s.trim_ascii_start().starts_with('{') && s.contains("method") => {
                let Ok(Value::Object(map)) = serde_json::from_str(s) else { return Ok(None) };
                decoded = map;
                &decoded
            }
            _ => return Ok(None),
        };
        let Some(method) = map.get("method").and_then(Value::as_str).and_then(Method::from_name) else { return Ok(None) };
        if let Some(other) = map.get("attribute").filter(|v| !v.is_null() && !v.is_string()) {
            return Err(format!("Invalid operator attribute. Must be a string, got {}", php_type(other)));
        }
        let values = match map.get("values") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values.clone(),
            Some(Value::Object(map)) => map.values().cloned().collect(),
            Some(other) => return Err(format!("Invalid operator values. Must be an array, got {}", php_type(other))),
        };
        Ok(Some(Self { method, values }))
    }
}

/// Looks for malformed operators in the data of a change; the text is that of 400 `general_bad_request`.
///
/// # Errors
/// Names the first attribute that has one.
pub fn check_operators(collection: &Collection, data: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in data {
        if takes_operators(collection, key) {
            Operator::read(value).map_err(|why| format!("Invalid operator for attribute \"{key}\": {why}"))?;
        }
    }
    Ok(())
}

/// Whether a change of a value depends on the present one.
#[must_use]
pub fn has_operators(collection: &Collection, data: &Map<String, Value>) -> bool {
    data.iter().any(|(key, value)| takes_operators(collection, key) && matches!(Operator::read(value), Ok(Some(_))))
}

/// Relationships are written in other ways, internal keys not at all.
fn takes_operators(collection: &Collection, key: &str) -> bool {
    !key.starts_with('$') && collection.attribute(key).is_none_or(|a| a.kind != Kind::Relationship)
}

/// Takes the operators out of the data of a change and works them out on the document as it is. Only an app's documents
/// have them: a user's name that looks like one is a name.
pub(crate) fn resolve(collection: &Collection, old: &Document, data: &mut Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    let mut results = Map::new();
    if !collection.is_app_data() {
        return Ok(results);
    }
    for (key, value) in data.iter() {
        if !takes_operators(collection, key) {
            continue;
        }
        let operator = Operator::read(value).map_err(|why| DbError::Structure(format!("Invalid operator for attribute \"{key}\": {why}")))?;
        let Some(operator) = operator else { continue };
        let Some(a) = collection.live_attribute(key) else { return Err(fault(&format!("Unknown attribute: \"{key}\""))) };
        results.insert(key.clone(), apply::apply(a, &operator, old.value(key), now).map_err(|why| fault(&why))?);
    }
    data.retain(|key, _| !results.contains_key(key));
    Ok(results)
}

/// The start of most messages.
fn cannot(method: Method) -> String {
    format!("Cannot apply {} operator", method.as_str())
}

fn only_for(method: Method, what: &str, a: &Attribute) -> String {
    format!("{} to non-{what} field '{}'", cannot(method), a.key)
}

#[cfg(test)]
mod tests;
