//! Operators on lists. Elements are compared by their text, as the reference's store does.
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use protocol::Timestamp;
use protocol::check::numeric;
use serde_json::Value;

use super::{Method, Operator, cannot, only_for};
use crate::Attribute;
use crate::structure::element_typed;

/// Most elements one operator brings along.
const MAX_VALUES: usize = 10_000;
const CONDITIONS: [&str; 8] = ["equal", "notEqual", "greaterThan", "greaterThanEqual", "lessThan", "lessThanEqual", "isNull", "isNotNull"];

pub(super) fn apply(a: &Attribute, op: &Operator, old: &Value, now: Timestamp) -> Result<Value, String> {
    suits(a, op)?;
    let list: Vec<Value> = old.as_array().cloned().unwrap_or_default();
    let list = match op.method {
        Method::ArrayAppend => joined(list, elements(a, &op.values, now)?),
        Method::ArrayPrepend => joined(elements(a, &op.values, now)?, list),
        Method::ArrayInsert => insert(a, op, list, now)?,
        Method::ArrayRemove => {
            let gone = op.values.first().map(text);
            list.into_iter().filter(|v| Some(text(v)) != gone).collect()
        }
        Method::ArrayUnique => unique(list),
        Method::ArrayIntersect | Method::ArrayDiff => {
            let named: HashSet<Cow<'_, str>> = op.values.iter().map(text).collect();
            list.into_iter().filter(|v| named.contains(&text(v)) == (op.method == Method::ArrayIntersect)).collect()
        }
        _ => list.into_iter().filter(|v| passes(op, v)).collect(),
    };
    Ok(Value::Array(list))
}

/// Whether the operator can be used on the attribute, and with these values.
fn suits(a: &Attribute, op: &Operator) -> Result<(), String> {
    let method = op.method;
    if !a.array {
        return Err(match method {
            Method::ArrayIntersect | Method::ArrayDiff => format!("Cannot use {} operator on non-array attribute '{}'", method.as_str(), a.key),
            _ => only_for(method, "array", a),
        });
    }
    if op.values.len() > MAX_VALUES {
        return Err(format!("Array size {} exceeds maximum allowed size of {MAX_VALUES} for array operations", op.values.len()));
    }
    match method {
        Method::ArrayInsert if op.values.len() != 2 => Err(format!("{}: requires exactly 2 values (index and value)", cannot(method))),
        Method::ArrayRemove if op.values.is_empty() => Err(format!("{}: requires a value to remove", cannot(method))),
        Method::ArrayIntersect if op.values.is_empty() => Err(format!("{} operator requires a non-empty array value", method.as_str())),
        Method::ArrayFilter => condition(op),
        _ => Ok(()),
    }
}

fn condition(op: &Operator) -> Result<(), String> {
    if !(1..=2).contains(&op.values.len()) {
        return Err(format!("{}: requires 1 or 2 values (condition and optional comparison value)", cannot(op.method)));
    }
    match op.values.first().and_then(Value::as_str) {
        None => Err(format!("{}: condition must be a string", cannot(op.method))),
        Some(c) if !CONDITIONS.contains(&c) => Err(format!("Invalid array filter condition '{c}'. Must be one of: {}", CONDITIONS.join(", "))),
        Some(_) => Ok(()),
    }
}

/// New elements must be of the attribute's type.
fn elements(a: &Attribute, values: &[Value], now: Timestamp) -> Result<Vec<Value>, String> {
    values.iter().map(|v| fitting(a, v, now)).collect()
}

fn fitting(a: &Attribute, value: &Value, now: Timestamp) -> Result<Value, String> {
    if value.is_null() && !a.required {
        return Ok(Value::Null);
    }
    element_typed(a, value.clone(), now).map_err(|why| format!("Attribute \"{}\" has invalid type. {why}", a.key))
}

fn joined(mut first: Vec<Value>, second: Vec<Value>) -> Vec<Value> {
    first.extend(second);
    first
}

fn insert(a: &Attribute, op: &Operator, mut list: Vec<Value>, now: Timestamp) -> Result<Vec<Value>, String> {
    let [at, value] = op.values.as_slice() else { return Ok(list) };
    let at = at.as_u64().ok_or_else(|| format!("{}: index must be a non-negative integer", cannot(op.method)))?;
    match usize::try_from(at) {
        Ok(at) if at <= list.len() => list.insert(at, fitting(a, value, now)?),
        _ => return Err(format!("{}: index {at} is out of bounds for array of length {}", cannot(op.method), list.len())),
    }
    Ok(list)
}

/// Each element once, in order of their texts: what the reference's store makes of it.
fn unique(list: Vec<Value>) -> Vec<Value> {
    let mut list = list;
    list.sort_by(order);
    list.dedup_by(|a, b| text(a) == text(b));
    list
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64().partial_cmp(&y.as_f64()).unwrap_or(Ordering::Equal).then_with(|| text(a).cmp(&text(b))),
        (Value::Null, _) | (_, Value::Null) => b.is_null().cmp(&a.is_null()),
        _ => text(a).to_lowercase().cmp(&text(b).to_lowercase()).then_with(|| text(a).cmp(&text(b))),
    }
}

fn passes(op: &Operator, value: &Value) -> bool {
    let with = op.values.get(1).filter(|v| !v.is_null());
    let compare = |wanted: fn(Ordering) -> bool| match with {
        Some(w) if !value.is_null() => decimal(value).partial_cmp(&decimal(w)).is_some_and(wanted),
        _ => false,
    };
    match op.values.first().and_then(Value::as_str).unwrap_or_default() {
        "isNull" => value.is_null(),
        "isNotNull" => !value.is_null(),
        "equal" => with.is_some_and(|w| !value.is_null() && text(w) == text(value)),
        "notEqual" => with.is_some_and(|w| !value.is_null() && text(w) != text(value)),
        "greaterThan" => compare(Ordering::is_gt),
        "greaterThanEqual" => compare(Ordering::is_ge),
        "lessThan" => compare(Ordering::is_lt),
        _ => compare(Ordering::is_le),
    }
}

/// Texts as they are, the rest as JSON. A null is told from the text `null` by a mark no JSON starts with.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(s) => Cow::Borrowed(s),
        Value::Null => Cow::Borrowed("\u{0}null"),
        other => Cow::Owned(other.to_string()),
    }
}

/// As a number; what is none counts as zero.
fn decimal(value: &Value) -> f64 {
    let number = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => numeric(s).and_then(|n| n.as_f64()),
        _ => None,
    };
    number.unwrap_or(0.0)
}
