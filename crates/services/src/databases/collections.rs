//! Collections and tables.
use access::Action;
use database::{Collection, CollectionSpec, DbError, MAX_WIDTH, NewDocument, Update, row_width};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, lists, params};
use serde_json::{Map, Value, json};

use super::attributes::{inline, model};
use super::indexes;
use super::place::{self, Place, shelf, store_name};
use super::words::{about, engine, model as word};
use crate::support::{Listing, OWN, base, find, object, page};

params! {
    pub(crate) struct Create {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: true }, optional;
        document_security: bool = "documentSecurity" | "rowSecurity", Check::Bool, or Bool(false);
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        attributes: Vec<Value> = "attributes" | "columns", Check::List(&Check::JsonObject, 100), or EmptyList;
        indexes: Vec<Value> = "indexes", Check::List(&Check::JsonObject, 100), or EmptyList;
    }
}
params! {
    pub(crate) struct List {
        database_id: String = "databaseId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::COLLECTIONS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
    }
}
params! {
    pub(crate) struct Change {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        name: Option<String> = "name", Check::Text { min: 1, max: 128 }, optional;
        permissions: Option<Vec<String>> = "permissions", Check::Permissions { create: true }, optional;
        document_security: bool = "documentSecurity" | "rowSecurity", Check::Bool, or Bool(false);
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        purge: bool = "purge", Check::Bool, or Bool(false);
    }
}

endpoint! {
    /// Creates a collection, with attributes and indexes if given.
    CREATE: Post "/v1/databases/:databaseId/collections" => 201 "collection" by create(Create);
    sdk ["databases.createCollection"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].create" audit "collection.create" on "database/{request.databaseId}/collection/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Creates a table, with columns and indexes if given.
    CREATE_TABLE: Post "/v1/tablesdb/:databaseId/tables" => 201 "table" by create(Create); vocab Tables
    sdk ["tablesDB.createTable"] auth [Admin, Key] scope ["tables.write", "collections.write"]
    event "databases.[databaseId].tables.[tableId].create" audit "table.create" on "database/{request.databaseId}/table/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Lists collections.
    LIST: Get "/v1/databases/:databaseId/collections" => 200 "collectionList" by list(List);
    sdk ["databases.listCollections"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Lists tables.
    LIST_TABLES: Get "/v1/tablesdb/:databaseId/tables" => 200 "tableList" by list(List); vocab Tables
    sdk ["tablesDB.listTables"] auth [Admin, Key] scope ["tables.read", "collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a collection.
    GET: Get "/v1/databases/:databaseId/collections/:collectionId" => 200 "collection" by get(Of);
    sdk ["databases.getCollection"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a table.
    GET_TABLE: Get "/v1/tablesdb/:databaseId/tables/:tableId" => 200 "table" by get(Of); vocab Tables
    sdk ["tablesDB.getTable"] auth [Admin, Key] scope ["tables.read", "collections.read"] groups [NotConsole]
}
endpoint! {
    /// Changes a collection.
    UPDATE: Put "/v1/databases/:databaseId/collections/:collectionId" => 200 "collection" by update(Change);
    sdk ["databases.updateCollection"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].update" audit "collection.update" on "database/{request.databaseId}/collection/{request.collectionId}"
    groups [NotConsole]
}
endpoint! {
    /// Changes a table.
    UPDATE_TABLE: Put "/v1/tablesdb/:databaseId/tables/:tableId" => 200 "table" by update(Change); vocab Tables
    sdk ["tablesDB.updateTable"] auth [Admin, Key] scope ["tables.write", "collections.write"]
    event "databases.[databaseId].tables.[tableId].update" audit "table.update" on "database/{request.databaseId}/table/{request.collectionId}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a collection with its documents.
    DELETE: Delete "/v1/databases/:databaseId/collections/:collectionId" => 204 "none" by delete(Of);
    sdk ["databases.deleteCollection"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].delete" audit "collection.delete" on "database/{request.databaseId}/collection/{request.collectionId}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a table with its rows.
    DELETE_TABLE: Delete "/v1/tablesdb/:databaseId/tables/:tableId" => 204 "none" by delete(Of); vocab Tables
    sdk ["tablesDB.deleteTable"] auth [Admin, Key] scope ["tables.write", "collections.write"]
    event "databases.[databaseId].tables.[tableId].delete" audit "table.delete" on "database/{request.databaseId}/table/{request.collectionId}"
    groups [NotConsole]
}

/// Fields of `collection` and `table`.
fn view(place: &Place) -> Map<String, Value> {
    let mut map = base(&place.collection);
    let schema = &place.schema;
    map.insert("$permissions".into(), schema.permissions.clone().into());
    map.insert("databaseId".into(), place.database.id.as_str().into());
    map.insert("documentSecurity".into(), schema.document_security.into());
    map.insert("attributes".into(), schema.attributes.iter().filter(|a| !database::is_hidden(a)).map(|a| Value::Object(model::view(a))).collect());
    map.insert("indexes".into(), schema.indexes.iter().map(|i| Value::Object(indexes::view(place, i))).collect());
    map.insert("bytesMax".into(), MAX_WIDTH.into());
    map.insert("bytesUsed".into(), row_width(schema).into());
    map
}

/// Permissions with `write` spelled out.
fn expand(permissions: &[String]) -> Vec<String> {
    access::expand(permissions, &Action::ALL)
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let database = place::database(cx, &p.database_id)?;
    let now = cx.now();
    let attributes = inline::attributes(&p.attributes, now)?;
    let indexes = inline::indexes(&p.indexes, &attributes, now)?;
    let (ns, id) = (cx.ns(), cx.custom_id(&p.collection_id));
    let data = json!({"name": p.name, "enabled": p.enabled, "documentSecurity": p.document_security, "search": format!("{id} {}", p.name)});
    let new = NewDocument { id: id.clone(), permissions: Vec::new(), data: object(data), created_at: now, updated_at: now };
    let permissions = expand(&p.permissions.unwrap_or_default());
    let document_security = p.document_security;
    let (parent, vocab) = (database.clone(), cx.vocab());
    let taken = about(cx, ErrorKind::CollectionAlreadyExists, ErrorKind::TableAlreadyExists, &id);
    let (collection, schema) = cx.write(move |tx| {
        let shelf = tx.collection(ns, &shelf(&parent))?;
        let collection = tx.create(&OWN, &shelf, new).map_err(|e| if matches!(e, DbError::Duplicate) { taken } else { e.into() })?;
        let spec = CollectionSpec { name: store_name(&parent, &collection), permissions, document_security, attributes, indexes };
        let schema = tx.db.create_collection(ns, spec).map_err(|e| kernel::db_error(e, vocab))?;
        Ok((collection, schema))
    })?;
    cx.in_tables_database = place::is_of_tables(&database);
    // The answer to the creation shows nothing yet of what was made with it.
    let bare = Collection { attributes: Vec::new(), indexes: Vec::new(), ..(*schema).clone() };
    let map = view(&Place { database, collection: collection.into(), schema: bare.into() });
    Ok(Reply::Model(word(cx, "collection", "table"), map))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let database = place::database(cx, &p.database_id)?;
    let shelf = cx.collection(&shelf(&database))?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let label = word(cx, "Collection", "Table");
    let found = page(cx, &OWN, &shelf, &request, label)?;
    let reader = cx.read();
    let mut items = Vec::with_capacity(found.documents.len());
    for collection in found.documents {
        if let Some(schema) = reader.collection(cx.ns(), &store_name(&database, &collection))? {
            items.push(Value::Object(view(&Place { database: database.clone(), collection, schema })));
        }
    }
    let mut map = Map::new();
    map.insert("total".into(), found.total.into());
    map.insert(word(cx, "collections", "tables").into(), Value::Array(items));
    Ok(Reply::Model(word(cx, "collectionList", "tableList"), map))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    Ok(Reply::Model(word(cx, "collection", "table"), view(&place)))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let old = place::place(cx, &p.database_id, &p.collection_id)?;
    let (ns, now, id) = (cx.ns(), cx.now(), old.collection.id.clone());
    let name = p.name.unwrap_or_else(|| old.collection.str("name").to_owned());
    let data = object(json!({"name": name, "enabled": p.enabled, "documentSecurity": p.document_security, "search": format!("{id} {name}")}));
    let permissions = p.permissions.map_or_else(|| old.schema.permissions.clone(), |list| expand(&list));
    let changed = permissions != old.schema.permissions;
    // What is kept of lists ends with a change of what may be seen, or when it is asked for.
    let renewed = changed || p.document_security != old.schema.document_security || p.purge;
    let document_security = p.document_security;
    let (parent, schema) = (old.database.clone(), old.schema.clone());
    let missing = about(cx, ErrorKind::CollectionNotFound, ErrorKind::TableNotFound, &id);
    let (collection, schema) = cx.write(move |tx| {
        let shelf = tx.collection(ns, &shelf(&parent))?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: changed, unless_newer: None };
        let done = tx.update(&OWN, &shelf, &id, update).map_err(|e| if matches!(e, DbError::NotFound) { missing } else { e.into() })?;
        let schema = if renewed { tx.db.update_collection(&schema, permissions, document_security)? } else { schema };
        Ok((done.document, schema))
    })?;
    let place = Place { database: old.database, collection: collection.into(), schema };
    cx.in_tables_database = place.is_of_tables();
    Ok(Reply::Model(word(cx, "collection", "table"), view(&place)))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let (ns, id) = (cx.ns(), place.collection.id.clone());
    let (parent, schema) = (place.database.clone(), place.schema.clone());
    let missing = about(cx, ErrorKind::CollectionNotFound, ErrorKind::TableNotFound, &id);
    cx.write(move |tx| {
        let shelf = tx.collection(ns, &shelf(&parent))?;
        tx.delete(&OWN, &shelf, &id, None).map_err(|e| if matches!(e, DbError::NotFound) { missing } else { e.into() })?;
        Ok(tx.db.drop_collection(&schema)?)
    })?;
    cx.in_tables_database = place.is_of_tables();
    let name = word(cx, "collection", "table");
    cx.event_payload(name, view(&place));
    Ok(Reply::Empty)
}

/// Applies a change of schema to a collection as it is inside the transaction.
pub(super) fn change_schema<F>(cx: &Cx<'_>, place: &Place, change: F) -> Result<std::sync::Arc<Collection>>
where
    F: FnOnce(&mut kernel::Tx<'_, '_, '_>, &Collection) -> Result<std::sync::Arc<Collection>, Error> + Send + 'static,
{
    let (ns, name) = (cx.ns(), place.schema.name.clone());
    cx.write(move |tx| {
        let current = tx.collection(ns, &name)?;
        change(tx, &current)
    })
    .map_err(|e| if cx.vocab() == Vocab::Tables && e.kind() == ErrorKind::CollectionNotFound { engine(cx, DbError::CollectionNotFound) } else { e })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE, &CREATE_TABLE, &LIST_TABLES, &GET_TABLE, &UPDATE_TABLE, &DELETE_TABLE];
