//! Lists of attributes and indexes: a few dozen items that are part of the schema, so queries run over them in memory.
use std::cmp::Ordering;

use database::Find;
use kernel::{Error, Result};
use protocol::{ErrorKind, Query, QueryMethod};
use serde_json::{Map, Value};

type Item = Map<String, Value>;

/// Items in the order they were made, filtered, sorted and paged; and how many match. `id` is the field cursors name.
pub(super) fn select(all: Vec<Item>, id: &str, queries: &[String], total: bool, label: &str) -> Result<(Vec<Item>, u64)> {
    let parsed = Query::parse_all(queries).map_err(|why| Error::with(ErrorKind::GeneralQueryInvalid, why))?;
    // Without a limit a client sees the whole schema.
    let limited = parsed.iter().any(|q| q.method == QueryMethod::Limit);
    let find = Find::from_queries(parsed, 0)?;
    let mut items: Vec<Item> = all.into_iter().filter(|item| find.filters.iter().all(|q| matches(q, item))).collect();
    let count = if total { items.len() as u64 } else { 0 };
    for (attribute, descending) in find.orders.iter().rev() {
        let value = |item: &Item| field(item, attribute).clone();
        items.sort_by(|a, b| if *descending { compare(&value(b), &value(a)) } else { compare(&value(a), &value(b)) });
    }
    if let Some(cursor) = &find.cursor {
        let at = items.iter().position(|i| field(i, id).as_str() == Some(cursor.id.as_str()));
        let missing = || Error::with(ErrorKind::GeneralCursorNotFound, format!("{label} '{}' for the 'cursor' value not found.", cursor.id));
        let at = at.ok_or_else(missing)?;
        if cursor.before {
            items.truncate(at);
            let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
            items.drain(..items.len().saturating_sub(limit));
        } else {
            items.drain(..=at);
        }
    }
    let offset = usize::try_from(find.offset).unwrap_or(usize::MAX).min(items.len());
    items.drain(..offset);
    if limited {
        items.truncate(usize::try_from(find.limit).unwrap_or(usize::MAX));
    }
    Ok((items, count))
}

fn field<'a>(item: &'a Item, name: &str) -> &'a Value {
    item.get(name).or_else(|| if name == "$id" { item.get("key") } else { None }).unwrap_or(&Value::Null)
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// The conditions the typed lists allow.
fn matches(q: &Query, item: &Item) -> bool {
    use QueryMethod as M;
    let value = field(item, &q.attribute);
    let first = q.values.first().unwrap_or(&Value::Null);
    let text = || value.as_str().unwrap_or("").to_lowercase();
    let wanted = || q.values.iter().filter_map(Value::as_str).map(str::to_lowercase);
    match q.method {
        M::And => q.nested.iter().all(|n| matches(n, item)),
        M::Or => q.nested.iter().any(|n| matches(n, item)),
        M::IsNull => value.is_null(),
        M::IsNotNull => !value.is_null(),
        M::Equal => q.values.iter().any(|v| v == value),
        M::NotEqual => value != first,
        M::LessThan => compare(value, first) == Ordering::Less,
        M::LessThanEqual => compare(value, first) != Ordering::Greater,
        M::GreaterThan => compare(value, first) == Ordering::Greater,
        M::GreaterThanEqual => compare(value, first) != Ordering::Less,
        M::Between => compare(value, first) != Ordering::Less && q.values.get(1).is_some_and(|to| compare(value, to) != Ordering::Greater),
        M::StartsWith => wanted().any(|w| text().starts_with(&w)),
        M::EndsWith => wanted().any(|w| text().ends_with(&w)),
        M::Contains | M::ContainsAny => match value {
            Value::Array(items) => q.values.iter().any(|v| items.contains(v)),
            _ => wanted().any(|w| text().contains(&w)),
        },
        _ => true,
    }
}
