//! Conditions checked on records.
use std::cmp::Ordering;

use protocol::Query;
use protocol::query::Method;
use serde_json::Value;

use crate::record::View;
use crate::{Collection, DbError};

/// Whether a record meets all conditions.
pub(crate) fn all(conditions: &[&Query], collection: &Collection, view: &View<'_>) -> Result<bool, DbError> {
    for q in conditions {
        if !matches(q, collection, view)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn matches(q: &Query, collection: &Collection, view: &View<'_>) -> Result<bool, DbError> {
    match q.method {
        Method::And | Method::Or => {
            for n in &q.nested {
                if matches(n, collection, view)? == (q.method == Method::Or) {
                    return Ok(q.method == Method::Or);
                }
            }
            return Ok(q.method == Method::And);
        }
        _ => {}
    }
    let value = view.field(collection, &q.attribute)?;
    let first = q.values.first().unwrap_or(&Value::Null);
    let cmp = |v: &Value| compare(&value, v);
    Ok(match q.method {
        Method::IsNull => value.is_null(),
        Method::IsNotNull => !value.is_null(),
        _ if value.is_null() => false,
        Method::Equal => q.values.iter().any(|v| cmp(v) == Some(Ordering::Equal)),
        Method::NotEqual => cmp(first) != Some(Ordering::Equal),
        Method::LessThan => cmp(first) == Some(Ordering::Less),
        Method::LessThanEqual => matches!(cmp(first), Some(Ordering::Less | Ordering::Equal)),
        Method::GreaterThan => cmp(first) == Some(Ordering::Greater),
        Method::GreaterThanEqual => matches!(cmp(first), Some(Ordering::Greater | Ordering::Equal)),
        Method::Contains | Method::ContainsAny => match value.as_ref() {
            Value::Array(items) => q.values.iter().any(|v| items.contains(v)),
            Value::String(s) => q.values.iter().filter_map(Value::as_str).any(|v| s.to_lowercase().contains(&v.to_lowercase())),
            _ => false,
        },
        _ => true,
    })
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
