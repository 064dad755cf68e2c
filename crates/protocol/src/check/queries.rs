//! Queries of typed lists: whitelisted attributes, values of the right type, paging.
use serde_json::Value;

use super::{Check, ListQueries, text};
use crate::query::{Method, Query};

/// Longest raw query, in characters.
pub(super) const MAX_TEXT: usize = 4096;
/// Most raw queries of one request.
pub(super) const MAX_COUNT: usize = 100;
/// Most queries of a typed list; the reference sets no bound.
const MAX_TYPED: usize = 1000;
/// Most values of one filter.
const MAX_VALUES: usize = 500;

/// Checks a list of query texts. Without a list description only limit and offset are known.
pub(super) fn typed(list: Option<&ListQueries>, value: Value) -> Result<Value, String> {
    let items = match value {
        Value::Array(items) => items,
        Value::Object(map) => map.into_iter().map(|(_, v)| v).collect(),
        _ => return Err("Queries must be an array".into()),
    };
    if items.len() > MAX_TYPED {
        return Err("Invalid queries".into());
    }
    for item in &items {
        let Value::String(s) = item else {
            return Err(format!("Invalid query: Query must be a string, got {}", crate::query::php_type(item)));
        };
        let query = Query::parse(s).map_err(|why| format!("Invalid query: {why}"))?;
        judge(list, &query)?;
    }
    Ok(Value::Array(items))
}

/// Children first, as in the reference: their faults are named before their parent's.
fn judge(list: Option<&ListQueries>, query: &Query) -> Result<(), String> {
    for child in &query.nested {
        judge(list, child)?;
    }
    let method = query.method;
    let verdict = match (method, list) {
        (Method::Limit, _) => limit(query),
        (Method::Offset, _) => offset(query),
        (Method::Select, Some(list)) if list.select => select(query),
        (Method::Select, _) | (_, None) => return Err(format!("Invalid query method: {method}")),
        (Method::CursorAfter | Method::CursorBefore, _) => cursor(query),
        (Method::OrderRandom, _) => Ok(()),
        (Method::OrderAsc | Method::OrderDesc, Some(list)) => order(list, &query.attribute),
        (_, Some(list)) => filter(list, query),
    };
    verdict.map_err(|why| format!("Invalid query: {why}"))
}

fn limit(query: &Query) -> Result<(), String> {
    bounded(query, Check::Int { min: 1, max: i64::MAX }, "limit")
}

fn offset(query: &Query) -> Result<(), String> {
    bounded(query, Check::Int { min: 0, max: i64::MAX }, "offset")
}

fn bounded(query: &Query, range: Check, what: &str) -> Result<(), String> {
    let value = query.value().cloned().unwrap_or_default();
    // Not a slip of ours: both methods name a non-number "limit".
    let value = Check::Number.apply(value).map_err(|why| format!("Invalid limit: {why}"))?;
    range.apply(value).map(|_| ()).map_err(|why| format!("Invalid {what}: {why}"))
}

fn cursor(query: &Query) -> Result<(), String> {
    match query.text() {
        Some(id) if text::is_key(id, 36) => Ok(()),
        _ => Err(format!("Invalid cursor: {}", Check::Uid.describe())),
    }
}

/// Any attribute may be selected: what a model lacks is left out of the answer.
fn select(query: &Query) -> Result<(), String> {
    if query.values.is_empty() {
        return Err("No attributes selected".into());
    }
    let mut seen = std::collections::HashSet::new();
    for value in &query.values {
        let Value::String(name) = value else {
            return Err(format!("Attribute selection must be a string, got {}", crate::query::php_type(value)));
        };
        if !seen.insert(name) {
            return Err("Duplicate attributes selected".into());
        }
    }
    Ok(())
}

fn kind_of<'a>(list: &'a ListQueries, attribute: &str) -> Option<&'a str> {
    list.filters.iter().find(|(name, _)| *name == attribute).map(|(_, kind)| *kind)
}

fn top(attribute: &str) -> &str {
    attribute.split('.').next().unwrap_or_default()
}

fn order(list: &ListQueries, attribute: &str) -> Result<(), String> {
    if kind_of(list, attribute).is_some() {
        return Ok(());
    }
    let name = top(attribute);
    if name != attribute && kind_of(list, name).is_some() {
        return Err(format!("Cannot order by nested attribute: {name}"));
    }
    Err(format!("Attribute not found in schema: {name}"))
}

fn filter(list: &ListQueries, query: &Query) -> Result<(), String> {
    use Method as M;
    let method = query.method;
    let named = || upper_first(method.as_str());
    match method {
        M::And | M::Or => {
            if !query.nested.iter().all(Query::is_filter) {
                return Err(format!("{} queries can only contain filter queries", named()));
            }
            if query.nested.len() < 2 {
                return Err(format!("{} queries require at least two queries", named()));
            }
            return Ok(());
        }
        M::ElemMatch => return Err("elemMatch is not supported by the database".into()),
        M::IsNull | M::IsNotNull => {}
        M::Between | M::NotBetween => {
            if query.values.len() != 2 {
                return Err(format!("{} queries require exactly two values.", named()));
            }
        }
        _ if method.is_distance() => {
            if query.values.len() != 1 || query.value().and_then(Value::as_array).is_none_or(|v| v.len() != 3) {
                return Err("Distance query requires [[geometry, distance]] parameters".into());
            }
        }
        M::Equal | M::Contains | M::ContainsAny | M::ContainsAll | M::NotContains | M::Exists | M::NotExists => at_least_one(query)?,
        _ if method.is_spatial() => at_least_one(query)?,
        _ => {
            if query.values.len() != 1 {
                return Err(format!("{} queries require exactly one value.", named()));
            }
        }
    }
    values_fit(list, query)
}

fn at_least_one(query: &Query) -> Result<(), String> {
    match query.value() {
        None => {}
        Some(Value::Array(inner)) if inner.is_empty() => {}
        Some(Value::Object(inner)) if inner.is_empty() => {}
        Some(_) => return Ok(()),
    }
    Err(format!("{} queries require at least one value.", upper_first(query.method.as_str())))
}

fn values_fit(list: &ListQueries, query: &Query) -> Result<(), String> {
    use Method as M;
    let method = query.method;
    let (name, kind) = match kind_of(list, &query.attribute) {
        Some(kind) => (query.attribute.as_str(), kind),
        None => {
            let name = top(&query.attribute);
            (name, kind_of(list, name).ok_or_else(|| format!("Attribute not found in schema: {name}"))?)
        }
    };
    if matches!(method, M::Exists | M::NotExists) {
        return Ok(());
    }
    if query.values.len() > MAX_VALUES {
        return Err(format!("Query on attribute has greater than {MAX_VALUES} values: {name}"));
    }
    if method.is_spatial() {
        return Err(format!("Spatial query \"{method}\" cannot be applied on non-spatial attribute: {name}"));
    }
    let (base, array) = kind.strip_suffix("[]").map_or((kind, false), |base| (base, true));
    if !query.values.iter().all(|v| is_of(base, v)) {
        return Err(format!("Query value is invalid for attribute \"{name}\""));
    }
    let containing = matches!(method, M::Contains | M::ContainsAny | M::ContainsAll | M::NotContains);
    if !array && containing && base != "string" {
        let word = if method == M::NotContains { "notContains" } else { "contains" };
        return Err(format!("Cannot query {word} on attribute \"{name}\" because it is not an array, string, or object."));
    }
    if array && !containing && !matches!(method, M::IsNull | M::IsNotNull) {
        return Err(format!("Cannot query {method} on attribute \"{name}\" because it is an array."));
    }
    Ok(())
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "integer" => value.is_i64(),
        "double" => value.is_number(),
        "boolean" => value.is_boolean(),
        "datetime" => Check::Datetime.apply(value.clone()).is_ok(),
        _ => value.is_string(),
    }
}

fn upper_first(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
