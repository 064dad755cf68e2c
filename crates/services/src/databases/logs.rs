//! What happened to databases and collections, from the audit log.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, QueryMethod, params};

use super::place;

params! {
    pub(crate) struct Database {
        database_id: String = "databaseId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
    }
}
params! {
    pub(crate) struct Collection {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
    }
}

endpoint! {
    /// Lists what happened to a database, newest first.
    DATABASE: Get "/v1/databases/:databaseId/logs" => 200 "logList" by database(Database);
    sdk ["databases.listLogs"] auth [Admin] scope ["databases.read"] groups [NotConsole]
}
endpoint! {
    /// Lists what happened to a collection, newest first.
    COLLECTION: Get "/v1/databases/:databaseId/collections/:collectionId/logs" => 200 "logList" by collection(Collection);
    sdk ["databases.listCollectionLogs"] auth [Admin] scope ["collections.read"] groups [NotConsole]
}
endpoint! {
    /// Lists what happened to a table, newest first.
    TABLE: Get "/v1/tablesdb/:databaseId/tables/:tableId/logs" => 200 "logList" by collection(Collection); vocab Tables
    sdk ["tablesDB.listTableLogs"] auth [Admin] scope ["tables.read", "collections.read"] groups [NotConsole]
}

/// Entries about a resource under any of its names.
pub(super) fn of(cx: &Cx<'_>, names: &[String], queries: Vec<String>) -> Result<Reply> {
    let names = names.iter().map(|n| n.as_str().into()).collect();
    crate::users::logs::of(cx, Query::new(QueryMethod::Equal, "resource", names), queries, true)
}

fn database(cx: &mut Cx<'_>, p: Database) -> Result<Reply> {
    let database = place::database(cx, &p.database_id)?;
    of(cx, &[format!("database/{}", database.id)], p.queries)
}

fn collection(cx: &mut Cx<'_>, p: Collection) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    let (database, id) = (&place.database.id, &place.collection.id);
    of(cx, &[format!("database/{database}/collection/{id}"), format!("database/{database}/table/{id}")], p.queries)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&DATABASE, &COLLECTION, &TABLE];
