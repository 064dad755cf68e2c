//! Indexes.
use database::{DbError, Index, IndexKind, Order, Status};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, lists, params};
use serde_json::{Map, Value, json};

use super::attributes::inline;
use super::attributes::model::status_name;
use super::attributes::wanted::pick;
use super::collections::change_schema;
use super::memory;
use super::place::{self, Place};
use super::sequels::{self, Done, Item, in_state};
use super::words::{about, model as word, named};
use crate::support::object;

params! {
    pub(crate) struct Create {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
        kind: String = "type", Check::Enum(&["key", "fulltext", "unique", "spatial"]), required;
        attributes: Vec<String> = "attributes" | "columns", Check::List(&Check::IndexedKey { max: 36 }, 100), required;
        orders: Vec<String> = "orders", Check::List(&Check::EnumLoose(&["asc", "desc"]), 100), or EmptyList;
        lengths: Vec<Value> = "lengths", Check::List(&Check::Nullable(&Check::Int32), 100), or EmptyList;
    }
}
params! {
    pub(crate) struct List {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::INDEXES), or EmptyList;
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
    /// Creates an index; it is filled from the documents there are.
    CREATE: Post "/v1/databases/:databaseId/collections/:collectionId/indexes" => 202 "index" by create(Create);
    sdk ["databases.createIndex"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].indexes.[indexId].create"
    audit "index.create" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Creates an index; it is filled from the rows there are.
    CREATE_TABLE: Post "/v1/tablesdb/:databaseId/tables/:tableId/indexes" => 202 "columnIndex" by create(Create); vocab Tables
    sdk ["tablesDB.createIndex"] auth [Admin, Key] scope ["tables.write", "collections.write", "indexes.write"]
    event "databases.[databaseId].tables.[tableId].indexes.[indexId].create"
    audit "index.create" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Lists a collection's indexes.
    LIST: Get "/v1/databases/:databaseId/collections/:collectionId/indexes" => 200 "indexList" by list(List);
    sdk ["databases.listIndexes"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Lists a table's indexes.
    LIST_TABLE: Get "/v1/tablesdb/:databaseId/tables/:tableId/indexes" => 200 "columnIndexList" by list(List); vocab Tables
    sdk ["tablesDB.listIndexes"] auth [Admin, Key] scope ["tables.read", "collections.read", "indexes.read"] groups [NotConsole]
}
endpoint! {
    /// Gets an index.
    GET: Get "/v1/databases/:databaseId/collections/:collectionId/indexes/:key" => 200 "index" by get(One);
    sdk ["databases.getIndex"] auth [Admin, Key] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Gets an index.
    GET_TABLE: Get "/v1/tablesdb/:databaseId/tables/:tableId/indexes/:key" => 200 "columnIndex" by get(One); vocab Tables
    sdk ["tablesDB.getIndex"] auth [Admin, Key] scope ["tables.read", "collections.read", "indexes.read"] groups [NotConsole]
}
endpoint! {
    /// Deletes an index.
    DELETE: Delete "/v1/databases/:databaseId/collections/:collectionId/indexes/:key" => 204 "none" by delete(One);
    sdk ["databases.deleteIndex"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].indexes.[indexId].update"
    audit "index.delete" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Deletes an index.
    DELETE_TABLE: Delete "/v1/tablesdb/:databaseId/tables/:tableId/indexes/:key" => 204 "none" by delete(One); vocab Tables
    sdk ["tablesDB.deleteIndex"] auth [Admin, Key] scope ["tables.write", "collections.write", "indexes.write"]
    event "databases.[databaseId].tables.[tableId].indexes.[indexId].update"
    audit "index.delete" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

/// An index kind by its wire name.
pub(super) fn kind(name: &str) -> Option<IndexKind> {
    Some(match name {
        "key" => IndexKind::Key,
        "unique" => IndexKind::Unique,
        "fulltext" => IndexKind::Fulltext,
        "spatial" => IndexKind::Spatial,
        _ => return None,
    })
}

fn kind_name(kind: IndexKind) -> &'static str {
    match kind {
        IndexKind::Key => "key",
        IndexKind::Unique => "unique",
        IndexKind::Fulltext => "fulltext",
        IndexKind::Spatial => "spatial",
    }
}

/// Fields of `index` and `columnIndex`.
pub(super) fn view(place: &Place, index: &Index) -> Map<String, Value> {
    let id = place.item_id(&index.key);
    let order = |o: &Option<Order>| match o {
        Some(Order::Asc) => "ASC",
        Some(Order::Desc) => "DESC",
        None => "",
    };
    let orders: Vec<&str> = index.orders.iter().map(order).collect();
    let lengths: Vec<i64> = (0..index.attributes.len()).map(|i| index.lengths.get(i).copied().flatten().unwrap_or(0)).collect();
    object(json!({
        "$id": id, "$createdAt": index.created_at.format(), "$updatedAt": index.updated_at.format(), "key": index.key, "type": kind_name(index.kind),
        "status": status_name(index.status), "error": index.error, "attributes": index.attributes, "lengths": lengths, "orders": orders,
    }))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let now = cx.now();
    for name in p.attributes.iter().filter(|n| !n.starts_with('$')) {
        let attribute = place.schema.attribute(name).ok_or_else(|| about(cx, ErrorKind::AttributeUnknown, ErrorKind::ColumnUnknown, name))?;
        if attribute.status != Status::Available {
            return Err(about(cx, ErrorKind::AttributeNotAvailable, ErrorKind::ColumnNotAvailable, name));
        }
    }
    let index = Index {
        id: 0,
        key: p.key,
        kind: kind(&p.kind).unwrap_or(IndexKind::Key),
        attributes: p.attributes,
        orders: p.orders.iter().map(|o| inline::order(o)).collect(),
        lengths: p.lengths.iter().map(Value::as_i64).collect(),
        status: Status::Available,
        error: String::new(),
        created_at: now,
        updated_at: now,
    };
    let (vocab, key, id) = (cx.vocab(), index.key.clone(), place.collection.id.clone());
    let schema = change_schema(cx, &place, move |tx, current| tx.db.create_index(current, index).map_err(|e| refused(e, vocab, &key, &id)))?;
    let made = schema.indexes.last().ok_or_else(|| Error::internal("the index is missing"))?;
    cx.in_tables_database = place.is_of_tables();
    let (name, map) = (cx.spec.reply.model, view(&place, made));
    if made.status != Status::Processing {
        sequels::tell(cx, &place, Item::Index, Done::Available, &made.key, (name, map.clone()));
    }
    Ok(Reply::Model(name, in_state(map, "processing")))
}

fn refused(e: DbError, vocab: Vocab, key: &str, collection: &str) -> Error {
    match e {
        DbError::Exists(_) => named(pick(vocab, ErrorKind::IndexAlreadyExists, ErrorKind::ColumnIndexAlreadyExists), key),
        DbError::NotFound => named(pick(vocab, ErrorKind::IndexNotFound, ErrorKind::ColumnIndexNotFound), key),
        DbError::Limit(_) => named(pick(vocab, ErrorKind::IndexLimitExceeded, ErrorKind::ColumnIndexLimitExceeded), collection),
        e => kernel::db_error(e, vocab),
    }
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let all = place.schema.indexes.iter().map(|i| view(&place, i)).collect();
    let (items, total) = memory::select(all, "key", &p.queries, p.total, "Index")?;
    let (list, item) = (word(cx, "indexList", "columnIndexList"), word(cx, "index", "columnIndex"));
    Ok(Reply::list(list, "indexes", item, items, total))
}

fn find<'a>(cx: &Cx<'_>, place: &'a Place, key: &str) -> Result<&'a Index> {
    place.schema.index(key).ok_or_else(|| about(cx, ErrorKind::IndexNotFound, ErrorKind::ColumnIndexNotFound, key))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let index = find(cx, &place, &p.key)?;
    Ok(Reply::Model(word(cx, "index", "columnIndex"), view(&place, index)))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let old = view(&place, find(cx, &place, &p.key)?);
    let (vocab, key, id) = (cx.vocab(), p.key.clone(), place.collection.id.clone());
    change_schema(cx, &place, move |tx, current| tx.db.delete_index(current, &key).map_err(|e| refused(e, vocab, &key, &id)))?;
    let name = word(cx, "index", "columnIndex");
    cx.in_tables_database = place.is_of_tables();
    cx.event_payload(name, in_state(old.clone(), "deleting"));
    sequels::tell(cx, &place, Item::Index, Done::Gone, &p.key, (name, in_state(old, "deleted")));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &DELETE, &CREATE_TABLE, &LIST_TABLE, &GET_TABLE, &DELETE_TABLE];
