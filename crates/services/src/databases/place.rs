//! From the ids of a request to the database, the collection and its schema.
use std::sync::Arc;

use database::{Collection, Document};
use kernel::{Cx, Result};
use protocol::ErrorKind;

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
    /// Whether its documents' own permissions count.
    pub(crate) fn secures_documents(&self) -> bool {
        self.schema.document_security
    }
}

/// Name of the engine's collection that holds the collections of a database.
pub(super) fn shelf(database: &Document) -> String {
    format!("database_{}", database.sequence)
}

/// Name of the engine's collection that holds the documents of a collection.
pub(super) fn store_name(database: &Document, collection: &Document) -> String {
    format!("database_{}_collection_{}", database.sequence, collection.sequence)
}

/// A database, or 404; clients do not see disabled ones.
pub(super) fn database(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    let found = cx.read().get(&OWN, &*cx.collection("databases")?, id)?;
    found.filter(|d| d.bool("enabled") || cx.privileged()).ok_or_else(|| named(ErrorKind::DatabaseNotFound, id))
}

/// A collection of a database, or 404; clients do not see disabled ones.
pub(super) fn place(cx: &Cx<'_>, database_id: &str, collection_id: &str) -> Result<Place> {
    let missing = || about(cx, ErrorKind::CollectionNotFound, ErrorKind::TableNotFound, collection_id);
    let database = database(cx, database_id)?;
    let reader = cx.read();
    let shelf = reader.collection(cx.ns(), &shelf(&database))?.ok_or_else(missing)?;
    let found = reader.get(&OWN, &shelf, collection_id)?;
    let collection = found.filter(|c| c.bool("enabled") || cx.privileged()).ok_or_else(missing)?;
    let schema = reader.collection(cx.ns(), &store_name(&database, &collection))?.ok_or_else(missing)?;
    Ok(Place { database, collection, schema })
}
