//! Listing, getting and deleting attributes.
use database::{Attribute, DbError};
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, lists, models, params};
use serde_json::{Map, Value};

use super::{change, model};
use crate::databases::collections::change_schema;
use crate::databases::sequels::{self, Done, Item, in_state};
use crate::databases::words::{about, engine, model as word};
use crate::databases::{memory, place};

params! {
    pub(crate) struct List {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::ATTRIBUTES), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
    }
}

endpoint! {
    /// Lists a collection's attributes.
    LIST: Get "/v1/databases/:databaseId/collections/:collectionId/attributes" => 200 "attributeList" by list(List);
    sdk ["databases.listAttributes"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Lists a table's columns.
    LIST_COLUMNS: Get "/v1/tablesdb/:databaseId/tables/:tableId/columns" => 200 "columnList" by list(List); vocab Tables
    sdk ["tablesDB.listColumns"] auth [Admin, Key] scope ["tables.read", "collections.read", "columns.read", "attributes.read"] groups [NotConsole]
}
endpoint! {
    /// Gets an attribute.
    GET: Get "/v1/databases/:databaseId/collections/:collectionId/attributes/:key" => 200 "attributeString" by get(One);
    sdk ["databases.getAttribute"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a column.
    GET_COLUMN: Get "/v1/tablesdb/:databaseId/tables/:tableId/columns/:key" => 200 "columnString" by get(One); vocab Tables
    sdk ["tablesDB.getColumn"] auth [Admin, Key] scope ["tables.read", "collections.read", "columns.read", "attributes.read"] groups [NotConsole]
}
endpoint! {
    /// Deletes an attribute; indexes on it are shortened or dropped.
    DELETE: Delete "/v1/databases/:databaseId/collections/:collectionId/attributes/:key" => 204 "none" by delete(One);
    sdk ["databases.deleteAttribute"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].attributes.[attributeId].update"
    audit "attribute.delete" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Deletes a column; indexes on it are shortened or dropped.
    DELETE_COLUMN: Delete "/v1/tablesdb/:databaseId/tables/:tableId/columns/:key" => 204 "none" by delete(One); vocab Tables
    sdk ["tablesDB.deleteColumn"] auth [Admin, Key] scope ["tables.write", "collections.write", "columns.write", "attributes.write"]
    event "databases.[databaseId].tables.[tableId].columns.[columnId].update"
    audit "column.delete" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let all: Vec<Map<String, Value>> = place.schema.attributes.iter().filter(|a| !database::is_hidden(a)).map(model::listed).collect();
    let label = word(cx, "Attribute", "Column");
    let (items, total) = memory::select(all, "key", &p.queries, p.total, label)?;
    let mut map = Map::new();
    map.insert("total".into(), total.into());
    map.insert(word(cx, "attributes", "columns").into(), items.into_iter().map(Value::Object).collect());
    Ok(Reply::Model(word(cx, "attributeList", "columnList"), map))
}

/// The model of one attribute, by its type.
fn reply(cx: &Cx<'_>, attribute: &Attribute) -> Reply {
    let map = model::view(attribute);
    let plain = word(cx, "attributeString", "columnString");
    let name = models::item_name(word(cx, "attributeList", "columnList"), &map).unwrap_or(plain);
    Reply::Model(name, map)
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    Ok(reply(cx, change::find(cx, &place, &p.key)?))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let old = change::find(cx, &place, &p.key)?;
    let missing = about(cx, ErrorKind::AttributeNotFound, ErrorKind::ColumnNotFound, &p.key);
    let key = p.key.clone();
    let vocab = cx.vocab();
    change_schema(cx, &place, move |tx, current| {
        tx.db.delete_attribute(current, &key).map_err(|e| if matches!(e, DbError::NotFound) { missing } else { kernel::db_error(e, vocab) })
    })
    .map_err(|e| if e.kind() == ErrorKind::CollectionNotFound { engine(cx, DbError::CollectionNotFound) } else { e })?;
    if let Reply::Model(name, map) = reply(cx, old) {
        cx.event_payload(name, in_state(map.clone(), "deleting"));
        sequels::tell(cx, &place, Item::Attribute, Done::Gone, &p.key, (name, in_state(map, "deleting")));
    }
    change::name_event(cx, &place, &p.key);
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &DELETE, &LIST_COLUMNS, &GET_COLUMN, &DELETE_COLUMN];
