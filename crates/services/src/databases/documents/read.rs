//! Getting and listing documents.
use database::{DbError, Find, Reader, Selection, Total, validate_selects};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::format::ALL_RELATED;
use protocol::{Check, ErrorKind, Query, QueryMethod, params};
use serde_json::{Map, Value};

use super::{expanded, model, related, staged, written};
use crate::databases::place::{self, Place};
use crate::databases::transactions::overlay::Overlay;
use crate::databases::usage::count_read;
use crate::databases::words::{about, engine, model as word};

/// Totals are counted up to this.
pub(in crate::databases) const COUNT_CAP: u64 = 5_000;

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

/// Parsed queries.
pub(in crate::databases) fn parse(texts: &[String]) -> Result<Vec<Query>> {
    Query::parse_all(texts).map_err(|why| Error::with(ErrorKind::GeneralQueryInvalid, why))
}

/// Parsed queries of a read. What old formats select without knowing the relationships is spelled out.
fn parse_in(reader: &Reader, place: &Place, texts: &[String]) -> Result<Vec<Query>> {
    let mut queries = parse(texts)?;
    for q in queries.iter_mut().filter(|q| q.method == QueryMethod::Select && q.values.iter().any(|v| v == ALL_RELATED)) {
        let all = reader.all_related(&place.schema)?;
        q.values.retain(|v| v != ALL_RELATED);
        q.values.extend(all.into_iter().map(Value::from));
    }
    Ok(queries)
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let reader = cx.read();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let select = if p.queries.is_empty() { None } else { selection(cx, &reader, &place, &p.queries)? };
    let own = select.as_ref().and_then(|s| s.own.as_deref());
    if let Some(transaction) = &p.transaction_id
        && !Overlay::of(cx, transaction, &place)?.leaves(Some(&p.document_id))
    {
        let map = staged::present(cx, transaction, &place, &p.document_id)?;
        return Ok(Reply::Model(model::item(cx), kept(map, own)));
    }
    let found = reader.get(&cx.access(), &place.schema, &p.document_id).map_err(|e| engine(cx, e))?;
    let document = found.ok_or_else(|| about(cx, ErrorKind::DocumentNotFound, ErrorKind::RowNotFound, &p.document_id))?;
    count_read(cx, &place.database, 1);
    if select.is_none()
        && let Some(style) = written::style(cx, &place)
    {
        return Ok(Reply::Written(written::one(style, &place, &document).into()));
    }
    let map = match select.as_ref().filter(|s| s.names_related()) {
        Some(selection) => expanded::read(cx, &place, &reader, vec![document], selection).map(|maps| maps.into_iter().next().unwrap_or_default())?,
        None => model::view(cx, &place, &document),
    };
    Ok(Reply::Model(model::item(cx), kept_with(map, &place, select.as_ref())))
}

/// What a selection keeps, and what the server knows of a document.
pub(in crate::databases) fn kept(mut map: Map<String, Value>, select: Option<&[String]>) -> Map<String, Value> {
    if let Some(keys) = select.filter(|keys| !keys.iter().any(|k| k == "*")) {
        map.retain(|k, _| k.starts_with('$') || keys.contains(k));
    }
    map
}

/// [`kept`], with the relationships that are named.
fn kept_with(mut map: Map<String, Value>, place: &Place, select: Option<&Selection>) -> Map<String, Value> {
    if let Some((keys, selection)) = select.and_then(|s| Some((s.own.as_deref()?, s))).filter(|(keys, _)| !keys.iter().any(|k| k == "*")) {
        let named = |k: &String| place.schema.relations().any(|r| r.key == *k) && selection.names(k);
        map.retain(|k, _| k.starts_with('$') || keys.contains(k) || named(k));
    }
    map
}

/// What a `select` keeps; `None` for everything. The queries are checked as those of a list are.
fn selection(cx: &Cx<'_>, reader: &Reader, place: &Place, texts: &[String]) -> Result<Option<Selection>> {
    let queries = parse_in(reader, place, texts)?;
    validate_selects(&place.schema, &queries).map_err(|e| engine(cx, e))?;
    let find = Find::from_queries(queries, 0).map_err(|e| engine(cx, e))?;
    Ok(find.select.map(|names| Selection::new(&place.schema, &names)))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let reader = cx.read_in_time();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let seed = u64::from_le_bytes(crypto::random_bytes());
    let queries = parse_in(&reader, &place, &p.queries)?;
    let selects: Vec<Query> = queries.iter().filter(|q| q.method == QueryMethod::Select).cloned().collect();
    let mut find = Find::from_queries(queries, seed).map_err(|e| engine(cx, e))?;
    find.total = if p.total { Total::Capped(COUNT_CAP) } else { Total::None };
    let selection = match &find.select {
        Some(names) if related::has_any(&place.schema) => {
            validate_selects(&place.schema, &selects).map_err(|e| engine(cx, e))?;
            Some(Selection::new(&place.schema, names))
        }
        _ => None,
    };
    if let Some(selection) = &selection {
        find.select = Some(selection.own.clone().unwrap_or_else(|| vec!["*".to_owned()]));
    }
    let cursor = find.cursor.clone();
    let refused = |e| match (e, &cursor) {
        (DbError::CursorNotFound, Some(cursor)) => {
            let text = format!("{} '{}' for the 'cursor' value not found.", word(cx, "Document", "Row"), cursor.id);
            Error::with(ErrorKind::GeneralCursorNotFound, text)
        }
        (e, _) => engine(cx, e),
    };
    let mut hit = false;
    let overlay = p.transaction_id.as_ref().map(|transaction| Overlay::of(cx, transaction, &place)).transpose()?;
    let style = written::style(cx, &place);
    let (items, total) = match overlay.filter(|o| !o.leaves(None)) {
        Some(overlay) => overlay.find(cx, &place, &find).map_err(refused)?,
        None => {
            let found = match p.ttl {
                0 => reader.find(&cx.access(), &place.schema, &find).map(|page| (page, false)),
                ttl => reader.find_kept(&cx.access(), &place.schema, &find, cx.now(), ttl),
            };
            let (found, kept) = found.map_err(refused)?;
            hit = kept;
            if let Some(style) = style {
                let text = written::list(style, &place, &found.documents, found.total);
                count_read(cx, &place.database, found.documents.len() as u64);
                tell_cache(cx, p.ttl, hit);
                return Ok(Reply::Written(text.into()));
            }
            let items = match &selection {
                Some(selection) if selection.names_related() => expanded::read(cx, &place, &reader, found.documents, selection)?,
                _ => found.documents.iter().map(|d| model::view(cx, &place, d)).collect(),
            };
            (items, found.total)
        }
    };
    count_read(cx, &place.database, items.len() as u64);
    tell_cache(cx, p.ttl, hit);
    let (list, key) = (word(cx, "documentList", "rowList"), word(cx, "documents", "rows"));
    Ok(Reply::list(list, key, model::item(cx), items, total))
}

/// Says whether a list that may be kept was.
fn tell_cache(cx: &mut Cx<'_>, ttl: i64, hit: bool) {
    if ttl > 0 {
        cx.header("X-Appwrite-Cache", if hit { "hit" } else { "miss" });
    }
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&GET, &LIST, &GET_ROW, &LIST_ROWS];
