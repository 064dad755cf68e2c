//! From the ids of a request to the database, the collection and its schema.
use std::sync::Arc;

use database::{Collection, DbError, Document, Reader};
use kernel::{Cx, Result};
use protocol::{ErrorKind, Query};

use super::words::{about, named};
use crate::support::OWN;

/// A collection with the database it is in.
pub(crate) struct Place {
    /// Document of the database.
    pub(crate) database: Arc<Document>,
    /// Document of the collection.
    pub(crate) collection: Arc<Document>,
    /// Schema and permissions.
    pub(crate) schema: Arc<Collection>,
}

impl Place {
    /// Id of an attribute or index, as index models and events have it.
    pub(crate) fn item_id(&self, key: &str) -> String {
        format!("{}_{}_{key}", self.database.sequence, self.collection.sequence)
    }

    /// Whether the database was made as one of tables.
    pub(crate) fn is_of_tables(&self) -> bool {
        is_of_tables(&self.database)
    }

    /// Whether its documents' own permissions count.
    pub(crate) fn secures_documents(&self) -> bool {
        self.schema.document_security
    }
}

/// Whether a database was made as one of tables.
pub(crate) fn is_of_tables(database: &Document) -> bool {
    database.str("type") == "tablesdb"
}

/// Name of the engine's collection that holds the collections of a database.
pub(crate) fn shelf(database: &Document) -> String {
    format!("database_{}", database.sequence)
}

/// Name of the engine's collection that holds the documents of a collection.
pub(crate) fn store_name(database: &Document, collection: &Document) -> String {
    format!("database_{}_collection_{}", database.sequence, collection.sequence)
}

/// The database and collection whose documents a collection of the engine holds; `None` for the server's own, and when they are gone.
pub(super) fn of_store(reader: &Reader, store: &Arc<Collection>) -> std::result::Result<Option<Place>, DbError> {
    let numbers = store.name.strip_prefix("database_").and_then(|rest| rest.split_once("_collection_"));
    let Some((database, collection)) = numbers else { return Ok(None) };
    let numbered = |name: &str, number: &str| match reader.collection(store.namespace, name)? {
        Some(shelf) => reader.find_one(&OWN, &shelf, vec![Query::equal("$sequence", number)]),
        None => Ok(None),
    };
    let Some(database) = numbered("databases", database)? else { return Ok(None) };
    let Some(collection) = numbered(&shelf(&database), collection)? else { return Ok(None) };
    Ok(Some(Place { database, collection, schema: store.clone() }))
}

/// A database, or 404; clients do not see disabled ones.
pub(super) fn database(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    database_in(cx, &cx.read(), id)
}

fn database_in(cx: &Cx<'_>, reader: &Reader, id: &str) -> Result<Arc<Document>> {
    let found = reader.get(&OWN, &*cx.collection("databases")?, id)?;
    found.filter(|d| d.bool("enabled") || cx.privileged()).ok_or_else(|| named(ErrorKind::DatabaseNotFound, id))
}

/// A collection of a database, or 404; clients do not see disabled ones.
pub(super) fn place(cx: &Cx<'_>, database_id: &str, collection_id: &str) -> Result<Place> {
    place_in(cx, &cx.read(), database_id, collection_id)
}

/// [`place`] in a state that is then read further.
pub(super) fn place_in(cx: &Cx<'_>, reader: &Reader, database_id: &str, collection_id: &str) -> Result<Place> {
    let missing = || about(cx, ErrorKind::CollectionNotFound, ErrorKind::TableNotFound, collection_id);
    let database = database_in(cx, reader, database_id)?;
    let shelf = reader.collection(cx.ns(), &shelf(&database))?.ok_or_else(missing)?;
    let found = reader.get(&OWN, &shelf, collection_id)?;
    let collection = found.filter(|c| c.bool("enabled") || cx.privileged()).ok_or_else(missing)?;
    let schema = reader.collection(cx.ns(), &store_name(&database, &collection))?.ok_or_else(missing)?;
    Ok(Place { database, collection, schema })
}
