//! Where the engine calls the rules of documents, queries and definitions.
use protocol::Timestamp;
use serde_json::{Map, Value};

use crate::{Attribute, Collection, DbError, Document, Find, Index, definitions, operators, queries, structure};

/// Values of a new document: defaults applied, checked, normalised.
pub(crate) fn create(collection: &Collection, data: Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    structure::validate_create(collection, data, now)
}

/// Changed values: operators applied to the present ones, checked, normalised.
pub(crate) fn update(collection: &Collection, old: &Document, mut data: Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, DbError> {
    let results = operators::resolve(collection, old, &mut data, now)?;
    let mut data = structure::validate_update(collection, data, now)?;
    data.extend(results);
    Ok(data)
}

/// A list request.
pub(crate) fn queries(collection: &Collection, find: &Find) -> Result<(), DbError> {
    queries::validate(collection, find)
}

/// A new attribute.
pub(crate) fn attribute(collection: &Collection, attribute: &Attribute) -> Result<(), DbError> {
    definitions::check_attribute(collection, attribute)
}

/// The new state of the attribute that had this key.
pub(crate) fn changed_attribute(collection: &Collection, key: &str, attribute: &Attribute) -> Result<(), DbError> {
    definitions::check_change(collection, key, attribute)
}

/// A new index.
pub(crate) fn index(collection: &Collection, index: &Index) -> Result<(), DbError> {
    let checked =
        if collection.is_app_data() { definitions::validate_index(collection, index, "attribute") } else { definitions::check_index(collection, index) };
    checked.map_err(DbError::from)
}
