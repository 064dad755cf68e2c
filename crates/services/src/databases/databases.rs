//! Databases.
use database::{DbError, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint, schema};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, lists, params};
use serde_json::{Map, Value, json};

use super::place::{self, shelf};
use super::words::named;
use crate::support::{Listing, OWN, base, find, object, page};

params! {
    pub(crate) struct Create {
        database_id: String = "databaseId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        enabled: bool = "enabled", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::DATABASES), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of { database_id: String = "databaseId", Check::Uid, required; }
}
params! {
    pub(crate) struct Change {
        database_id: String = "databaseId", Check::Uid, required;
        name: Option<String> = "name", Check::Text { min: 1, max: 128 }, optional;
        enabled: bool = "enabled", Check::Bool, or Bool(true);
    }
}

endpoint! {
    /// Creates a database.
    CREATE: Post "/v1/databases" => 201 "database" by create(Create);
    sdk ["databases.create"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].create" audit "database.create" on "database/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Creates a database.
    CREATE_TABLES: Post "/v1/tablesdb" => 201 "database" by create(Create); vocab Tables
    sdk ["tablesDB.create"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].create" audit "database.create" on "database/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Lists databases.
    LIST: Get "/v1/databases" => 200 "databaseList" by list(List);
    sdk ["databases.list"] auth [Admin, Key] scope ["databases.read"] groups [NotConsole]
}
endpoint! {
    /// Lists databases.
    LIST_TABLES: Get "/v1/tablesdb" => 200 "databaseList" by list(List); vocab Tables
    sdk ["tablesDB.list"] auth [Admin, Key] scope ["databases.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a database.
    GET: Get "/v1/databases/:databaseId" => 200 "database" by get(Of);
    sdk ["databases.get"] auth [Admin, Key] scope ["databases.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a database.
    GET_TABLES: Get "/v1/tablesdb/:databaseId" => 200 "database" by get(Of); vocab Tables
    sdk ["tablesDB.get"] auth [Admin, Key] scope ["databases.read"] groups [NotConsole]
}
endpoint! {
    /// Changes a database.
    UPDATE: Put "/v1/databases/:databaseId" => 200 "database" by update(Change);
    sdk ["databases.update"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].update" audit "database.update" on "database/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Changes a database.
    UPDATE_TABLES: Put "/v1/tablesdb/:databaseId" => 200 "database" by update(Change); vocab Tables
    sdk ["tablesDB.update"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].update" audit "database.update" on "database/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a database with everything in it.
    DELETE: Delete "/v1/databases/:databaseId" => 204 "none" by delete(Of);
    sdk ["databases.delete"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].delete" audit "database.delete" on "database/{request.databaseId}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a database with everything in it.
    DELETE_TABLES: Delete "/v1/tablesdb/:databaseId" => 204 "none" by delete(Of); vocab Tables
    sdk ["tablesDB.delete"] auth [Admin, Key] scope ["databases.write"]
    event "databases.[databaseId].delete" audit "database.delete" on "database/{request.databaseId}"
    groups [NotConsole]
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.database_id));
    let kind = if cx.vocab() == Vocab::Tables { "tablesdb" } else { "legacy" };
    let data = object(json!({"name": p.name, "enabled": p.enabled, "type": kind, "search": format!("{id} {}", p.name)}));
    let new = NewDocument { id: id.clone(), permissions: Vec::new(), data, created_at: now, updated_at: now };
    let database = cx.write(move |tx| {
        let coll = tx.collection(ns, "databases")?;
        let database = tx.create(&OWN, &coll, new).map_err(|e| match e {
            DbError::Duplicate => named(ErrorKind::DatabaseAlreadyExists, &id),
            e => e.into(),
        })?;
        tx.db.create_collection(ns, schema::COLLECTIONS.named(shelf(&database), now))?;
        Ok(database)
    })?;
    Ok(Reply::Model("database", base(&database)))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("databases")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &OWN, &coll, &request, "Database")?;
    let items = found.documents.iter().map(|d| base(d)).collect();
    Ok(Reply::list("databaseList", "databases", "database", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    Ok(Reply::Model("database", base(&*place::database(cx, &p.database_id)?)))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let old = place::database(cx, &p.database_id)?;
    let (ns, now, id) = (cx.ns(), cx.now(), old.id.clone());
    let name = p.name.unwrap_or_else(|| old.str("name").to_owned());
    let data: Map<String, Value> = object(json!({"name": name, "enabled": p.enabled, "search": format!("{id} {name}")}));
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "databases")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: false, unless_newer: None };
        tx.update(&OWN, &coll, &id, update).map_err(|e| gone(e, &id))
    })?;
    Ok(Reply::Model("database", base(&done.document)))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let database = place::database(cx, &p.database_id)?;
    let (ns, id) = (cx.ns(), database.id.clone());
    let prefix = format!("{}_collection_", shelf(&database));
    let shelf = shelf(&database);
    cx.write(move |tx| {
        let coll = tx.collection(ns, "databases")?;
        tx.delete(&OWN, &coll, &id, None).map_err(|e| gone(e, &id))?;
        for store in tx.db.collections(ns)? {
            if store.name == shelf || store.name.starts_with(&prefix) {
                tx.db.drop_collection(&store)?;
            }
        }
        Ok(())
    })?;
    cx.event_payload("database", base(&database));
    Ok(Reply::Empty)
}

fn gone(e: DbError, id: &str) -> Error {
    match e {
        DbError::NotFound => named(ErrorKind::DatabaseNotFound, id),
        e => e.into(),
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE, &CREATE_TABLES, &LIST_TABLES, &GET_TABLES, &UPDATE_TABLES, &DELETE_TABLES];
