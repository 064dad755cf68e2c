//! Whether documents fit their collection: required values, unknown keys, types, formats; defaults; stored forms.
//!
//! The reference looks for missing required values first (in schema order), then for unknown keys, then at the values in
//! the order they were sent; the first fault is the answer.
mod spatial;
mod value;

use protocol::Timestamp;
use protocol::check::Check;
use serde_json::{Map, Value};

use crate::{Attribute, Collection, DbError};

use value::element;
pub(crate) use value::{in_range, is_wide, range_of, text_fits, text_limit, text_wanted, typed as element_typed, value_date};

/// Values of a new document: defaults for absent or null ones, checked, in stored form. `now` is what `now` and
/// `yesterday` in datetimes refer to.
pub(crate) fn validate_create(collection: &Collection, mut data: Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    for a in collection.live() {
        let missing = data.get(&a.key).is_none_or(Value::is_null);
        if missing && !a.default.is_null() {
            data.insert(a.key.clone(), a.default.clone());
        } else if missing && a.required {
            return Err(missing_required(&a.key));
        }
    }
    known(collection, &data)?;
    normalize(collection, data, now)
}

/// Values of a change: only those given count. Null takes an attribute back to its default.
pub(crate) fn validate_update(collection: &Collection, mut data: Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    for a in collection.live() {
        match data.get_mut(&a.key) {
            Some(v) if v.is_null() && !a.default.is_null() => v.clone_from(&a.default),
            Some(Value::Null) if a.required => return Err(missing_required(&a.key)),
            _ => {}
        }
    }
    known(collection, &data)?;
    normalize(collection, data, now)
}

/// A time a caller wants as `$createdAt` or `$updatedAt`.
///
/// # Errors
/// [`DbError::Structure`] when it is no date between the years 1000 and 9999.
pub fn internal_time(key: &str, value: &Value, now: Timestamp) -> Result<Timestamp, DbError> {
    value.as_str().and_then(|s| value::date(s, now)).ok_or_else(|| wrong(key, "type", &Check::AttributeDatetime.describe()))
}

/// A fault in a document, in the words all of them start with.
pub(crate) fn fault(message: &str) -> DbError {
    DbError::Structure(format!("Invalid document structure: {message}"))
}

fn missing_required(key: &str) -> DbError {
    fault(&format!("Missing required attribute \"{key}\""))
}

/// `label` is `format` for attributes with a format of their own, `type` otherwise.
fn wrong(key: &str, label: &str, why: &str) -> DbError {
    fault(&format!("Attribute \"{key}\" has invalid {label}. {why}"))
}

fn known(collection: &Collection, data: &Map<String, Value>) -> Result<(), DbError> {
    match data.keys().find(|k| collection.live_attribute(k).is_none()) {
        Some(k) => Err(fault(&format!("Unknown attribute: \"{k}\""))),
        None => Ok(()),
    }
}

fn normalize(collection: &Collection, data: Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    data.into_iter()
        .map(|(key, value)| {
            let value = match collection.live_attribute(&key) {
                Some(a) => stored(a, value, now)?,
                None => value,
            };
            Ok((key, value))
        })
        .collect()
}

/// The stored form of one value. Null is for optional attributes; that required ones have a value is known here.
fn stored(a: &Attribute, value: Value, now: Timestamp) -> Result<Value, DbError> {
    // Dates are of a format all by themselves, which is not called one.
    let label = if matches!(a.format.as_str(), "" | "datetime") { "type" } else { "format" };
    if value.is_null() {
        return Ok(value);
    }
    if !a.array || value::is_free(a.kind) {
        return element(a, value, now).map_err(|why| wrong(&a.key, label, &why));
    }
    let Value::Array(items) = value else { return Err(fault(&format!("Attribute \"{}\" must be an array", a.key))) };
    let check = |(at, item): (usize, Value)| match item {
        Value::Null if !a.required => Ok(Value::Null),
        item => element(a, item, now).map_err(|why| wrong(&format!("{}['{at}']", a.key), label, &why)),
    };
    items.into_iter().enumerate().map(check).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

#[cfg(test)]
pub(crate) mod tests;
