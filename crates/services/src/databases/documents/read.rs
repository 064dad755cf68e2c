//! Getting and listing documents.
use database::{DbError, Find, Total, validate_selects};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::format::ALL_RELATED;
use protocol::{Check, ErrorKind, Query, QueryMethod, params};
use serde_json::{Map, Value};

use super::{model, staged};
use crate::databases::place;
use crate::databases::transactions::overlay::Overlay;
use crate::databases::words::{about, engine, model as word};

/// Totals are counted up to this.
const COUNT_CAP: u64 = 5_000;

params! {
    pub(crate) struct One {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        document_id: String = "documentId" | "rowId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
    }
}
params! {
    pub(crate) struct List {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
        transaction_id: Option<String> = "transactionId", Check::Nullable(&Check::Uid), optional;
        total: bool = "total", Check::Bool, or Bool(true);
        ttl: i64 = "ttl", Check::Int { min: 0, max: 86_400 }, or Int(0);
    }
}

endpoint! {
    /// Gets a document.
    GET: Get "/v1/databases/:databaseId/collections/:collectionId/documents/:documentId" => 200 "document" by get(One);
    sdk ["databases.getDocument"] auth [Admin, Session, Key, Jwt] scope ["documents.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a row.
    GET_ROW: Get "/v1/tablesdb/:databaseId/tables/:tableId/rows/:rowId" => 200 "row" by get(One); vocab Tables
    sdk ["tablesDB.getRow"] auth [Admin, Session, Key, Jwt] scope ["rows.read", "documents.read"] groups [NotConsole]
}
endpoint! {
    /// Lists documents the caller may read.
    LIST: Get "/v1/databases/:databaseId/collections/:collectionId/documents" => 200 "documentList" by list(List);
    sdk ["databases.listDocuments"] auth [Admin, Session, Key, Jwt] scope ["documents.read"] groups [NotConsole]
}
endpoint! {
    /// Lists rows the caller may read.
    LIST_ROWS: Get "/v1/tablesdb/:databaseId/tables/:tableId/rows" => 200 "rowList" by list(List); vocab Tables
    sdk ["tablesDB.listRows"] auth [Admin, Session, Key, Jwt] scope ["rows.read", "documents.read"] groups [NotConsole]
}

/// Parsed queries. What old formats add about relationships selects nothing where there are none.
pub(super) fn parse(texts: &[String]) -> Result<Vec<Query>> {
    let mut queries = Query::parse_all(texts).map_err(|why| Error::with(ErrorKind::GeneralQueryInvalid, why))?;
    queries.retain_mut(|q| {
        let asked = q.values.len();
        if q.method == QueryMethod::Select {
            q.values.retain(|v| v.as_str() != Some(ALL_RELATED));
        }
        // A selection of nothing stays: it is an error.
        asked == q.values.len() || !q.values.is_empty()
    });
    Ok(queries)
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let reader = cx.read();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let select = if p.queries.is_empty() { None } else { selection(cx, &place, &p.queries)? };
    if let Some(transaction) = &p.transaction_id {
        let map = staged::present(cx, transaction, &place, &p.document_id)?;
        return Ok(Reply::Model(model::item(cx), kept(map, select.as_deref())));
    }
    let found = reader.get(&cx.access(), &place.schema, &p.document_id).map_err(|e| engine(cx, e))?;
    let document = found.ok_or_else(|| about(cx, ErrorKind::DocumentNotFound, ErrorKind::RowNotFound, &p.document_id))?;
    Ok(Reply::Model(model::item(cx), kept(model::view(cx, &place, &document), select.as_deref())))
}

/// What a selection keeps, and what the server knows of a document.
pub(in crate::databases) fn kept(mut map: Map<String, Value>, select: Option<&[String]>) -> Map<String, Value> {
    if let Some(keys) = select.filter(|keys| !keys.iter().any(|k| k == "*")) {
        map.retain(|k, _| k.starts_with('$') || keys.contains(k));
    }
    map
}

/// What a `select` keeps; `None` for everything. The queries are checked as those of a list are.
fn selection(cx: &Cx<'_>, place: &place::Place, texts: &[String]) -> Result<Option<Vec<String>>> {
    let queries = parse(texts)?;
    validate_selects(&place.schema, &queries).map_err(|e| engine(cx, e))?;
    let find = Find::from_queries(queries, 0).map_err(|e| engine(cx, e))?;
    Ok(find.select.filter(|keys| !keys.iter().any(|k| k == "*")))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let reader = cx.read();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let seed = u64::from_le_bytes(crypto::random_bytes());
    let mut find = Find::from_queries(parse(&p.queries)?, seed).map_err(|e| engine(cx, e))?;
    find.total = if p.total { Total::Capped(COUNT_CAP) } else { Total::None };
    if p.ttl > 0 {
        // Lists are fresh at any age a client allows.
        cx.header("X-Appwrite-Cache", "miss");
    }
    let refused = |e| match (e, &find.cursor) {
        (DbError::CursorNotFound, Some(cursor)) => {
            let text = format!("{} '{}' for the 'cursor' value not found.", word(cx, "Document", "Row"), cursor.id);
            Error::with(ErrorKind::GeneralCursorNotFound, text)
        }
        (e, _) => engine(cx, e),
    };
    let (items, total) = match &p.transaction_id {
        Some(transaction) => Overlay::of(cx, transaction, &place)?.find(cx, &place, &find).map_err(refused)?,
        None => {
            let found = reader.find(&cx.access(), &place.schema, &find).map_err(refused)?;
            (found.documents.iter().map(|d| model::view(cx, &place, d)).collect(), found.total)
        }
    };
    let (list, key) = (word(cx, "documentList", "rowList"), word(cx, "documents", "rows"));
    Ok(Reply::list(list, key, model::item(cx), items, total))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&GET, &LIST, &GET_ROW, &LIST_ROWS];
