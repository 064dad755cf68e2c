//! Filters on documents that are not stored (yet).
use protocol::{Query, Timestamp};
use serde_json::{Map, Value};

use crate::filter::Filter;
use crate::record::{self, View};
use crate::{Collection, DbError, Document, structure};

/// Whether a document of these values (and of `$id`, `$createdAt`, `$updatedAt` among them) meets filters, as it would in a
/// list. Values are taken as they would be stored; encrypted ones are not known.
///
/// # Errors
/// [`DbError::Query`] for filters that cannot be.
pub fn meets(collection: &Collection, filters: &[Query], values: &Map<String, Value>, now: Timestamp) -> Result<bool, DbError> {
    if filters.is_empty() {
        return Ok(true);
    }
    let text = |key: &str| values.get(key).and_then(Value::as_str);
    let time = |key: &str| text(key).and_then(Timestamp::parse).unwrap_or(Timestamp(0));
    let mut data = Map::new();
    for a in collection.attributes.iter().filter(|a| !a.encrypt) {
        let Some(value) = values.get(&a.key) else { continue };
        let value = if a.array { value.clone() } else { structure::element_typed(a, value.clone(), now).unwrap_or_else(|_| value.clone()) };
        data.insert(a.key.clone(), value);
    }
    let sequence = text("$sequence").and_then(|s| s.parse().ok()).unwrap_or(0);
    let document = Document {
        id: text("$id").unwrap_or_default().to_owned(),
        sequence,
        created_at: time("$createdAt"),
        updated_at: time("$updatedAt"),
        permissions: Vec::new(),
        data,
    };
    let bytes = record::encode(collection, &document, None)?;
    Filter::new(collection, &filters.iter().collect::<Vec<_>>())?.matches(&View::new(sequence, &bytes)?)
}
