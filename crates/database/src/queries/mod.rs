//! Whether queries fit a collection, in the reference's words.
mod filter;

use std::collections::HashSet;

use protocol::Query;
use protocol::check::{Check, is_key, numeric, thousands};
use protocol::query::Method;
use serde_json::Value;

use crate::{Collection, DbError, Find, IndexKind, Status};

/// Longest id a cursor may name.
const MAX_ID: usize = 36;
/// Attributes every document has, as far as `select` may name them.
const INTERNAL: [&str; 7] = ["$id", "$sequence", "$collection", "$tenant", "$createdAt", "$updatedAt", "$permissions"];

/// Queries of a list as they were sent; the first fault is the answer.
///
/// # Errors
/// [`DbError::Query`].
pub fn validate_queries(collection: &Collection, queries: &[Query]) -> Result<(), DbError> {
    queries.iter().filter(|q| q.method.is_cursor()).take(1).try_for_each(cursor)?;
    queries.iter().try_for_each(|q| one(collection, q))?;
    queries.iter().try_for_each(|q| searchable(collection, q))
}

/// Queries of a single document: selections only.
///
/// # Errors
/// [`DbError::Query`].
pub fn validate_selects(collection: &Collection, queries: &[Query]) -> Result<(), DbError> {
    queries.iter().try_for_each(|q| match q.method {
        Method::Select => one(collection, q),
        other => Err(DbError::Query(format!("Invalid query method: {other}"))),
    })
}

/// What of a list request depends on the collection; the rest was looked at when the queries were split up.
pub(crate) fn validate(collection: &Collection, find: &Find) -> Result<(), DbError> {
    find.filters.iter().try_for_each(|q| one(collection, q))?;
    find.orders.iter().try_for_each(|(key, _)| order(collection, key).map_err(|why| invalid(&why)))?;
    find.select.iter().flatten().try_for_each(|key| selected(collection, key).map_err(|why| invalid(&why)))?;
    if collection.is_app_data() {
        // The server's own lists search small collections without an index, too.
        find.filters.iter().try_for_each(|q| searchable(collection, q))?;
    }
    Ok(())
}

/// The id a cursor names.
pub(crate) fn cursor(q: &Query) -> Result<(), DbError> {
    match q.text() {
        Some(id) if is_key(id, MAX_ID) => Ok(()),
        _ => Err(DbError::Query(format!("Invalid cursor: {}", Check::Uid.describe()))),
    }
}

/// The number of a `limit` or `offset`; numeric texts count.
pub(crate) fn count(q: &Query) -> Result<u64, DbError> {
    let (name, least) = if q.method == Method::Limit { ("limit", 1) } else { ("offset", 0) };
    let number = match q.value() {
        Some(Value::Number(n)) => Some(n.clone()),
        Some(Value::String(s)) => numeric(s),
        _ => None,
    };
    // Both call it a limit here.
    let number = number.ok_or_else(|| invalid(&format!("Invalid limit: {}", Check::Number.describe())))?;
    let fits = number.as_i64().and_then(|n| u64::try_from(n).ok()).filter(|n| *n >= least);
    fits.ok_or_else(|| invalid(&format!("Invalid {name}: Value must be a valid range between {least} and {}", thousands(i64::MAX))))
}

/// What a `select` names, without looking at a collection.
pub(crate) fn selection(q: &Query) -> Result<Vec<String>, DbError> {
    if q.values.is_empty() {
        return Err(invalid("No attributes selected"));
    }
    let mut seen = HashSet::with_capacity(q.values.len());
    let names = q.values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>();
    if names.iter().all(|n| seen.insert(n.as_str())) { Ok(names) } else { Err(invalid("Duplicate attributes selected")) }
}

/// A query's fault, in the words all but a few start with.
pub(crate) fn invalid(why: &str) -> DbError {
    DbError::Query(format!("Invalid query: {why}"))
}

fn one(collection: &Collection, q: &Query) -> Result<(), DbError> {
    q.nested.iter().try_for_each(|n| one(collection, n))?;
    match q.method {
        Method::Limit | Method::Offset => count(q).map(drop),
        // Told with the prefix that only the first cursor of a list goes without.
        Method::CursorAfter | Method::CursorBefore => cursor(q).map_err(|e| invalid(&e.to_string())),
        Method::Select => selection(q)?.iter().try_for_each(|key| selected(collection, key)).map_err(|why| invalid(&why)),
        Method::OrderAsc | Method::OrderDesc => order(collection, &q.attribute).map_err(|why| invalid(&why)),
        Method::OrderRandom => Ok(()),
        _ => {
            filter::check(collection, q).map_err(|why| invalid(&why))?;
            // These come from where the conditions are built, with nothing before them.
            filter::geometry(collection, q).map_err(DbError::Query)
        }
    }
}

fn not_found(key: &str) -> String {
    format!("Attribute not found in schema: {key}")
}

/// The first part of a key with dots: what comes after it is of a related collection.
fn top(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

fn is_field(collection: &Collection, key: &str) -> bool {
    matches!(key, "$id" | "$sequence" | "$createdAt" | "$updatedAt") || collection.live_attribute(key).is_some()
}

fn selected(collection: &Collection, key: &str) -> Result<(), String> {
    if key == "*" || is_field(collection, key) {
        return Ok(());
    }
    let top = top(key);
    if INTERNAL.contains(&top) || top == "*" || is_field(collection, top) { Ok(()) } else { Err(not_found(top)) }
}

fn order(collection: &Collection, key: &str) -> Result<(), String> {
    if is_field(collection, key) {
        return Ok(());
    }
    let top = top(key);
    Err(if top != key && is_field(collection, top) { format!("Cannot order by nested attribute: {top}") } else { not_found(top) })
}

/// `search` needs a full-text index on exactly its attribute.
fn searchable(collection: &Collection, q: &Query) -> Result<(), DbError> {
    q.nested.iter().try_for_each(|n| searchable(collection, n))?;
    if !matches!(q.method, Method::Search | Method::NotSearch) {
        return Ok(());
    }
    let usable = |i: &crate::Index| i.kind == IndexKind::Fulltext && i.status == Status::Available && i.attributes == [q.attribute.as_str()];
    if collection.indexes.iter().any(usable) {
        return Ok(());
    }
    Err(DbError::Query(format!("Searching by attribute \"{}\" requires a fulltext index.", q.attribute)))
}

#[cfg(test)]
mod tests;
