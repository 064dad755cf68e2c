//! Figures about documents: counts, sums, means, extremes, of all that match or by groups.
use database::{Aggregate, Figure, Group};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value};

use super::filters;
use crate::databases::place;
use crate::databases::words::engine;

params! {
    pub(crate) struct Ask {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId", Check::Uid, required;
        aggregates: Vec<String> = "aggregates", Check::List(&Check::Text { min: 1, max: 64 }, 20), or EmptyList;
        group_by: Vec<String> = "groupBy", Check::List(&Check::Text { min: 1, max: 36 }, 5), or EmptyList;
        queries: Vec<String> = "queries", Check::QueryTexts, or EmptyList;
    }
}

endpoint! {
    /// Tells figures of the documents (rows) that match and that the caller may read: `count`, `sum(key)`, `avg(key)`, `min(key)`, `max(key)`,
    /// `distinct(key)`, of all or by groups.
    AGGREGATE: Get "/v1/ferrite/databases/:databaseId/collections/:collectionId/aggregate" => 200 "any" by aggregate(Ask);
    sdk ["databases.aggregate"] auth [Admin, Session, Key, Jwt] scope ["documents.read", "rows.read"]
    limit 120 per 60 by ["ip:{ip},method:{method},url:{url},userId:{userId}"] groups [NotConsole]
}

/// `sum(price)` and the like.
fn figure(text: &str) -> Option<Figure> {
    if text == "count" {
        return Some(Figure::Count);
    }
    let (name, rest) = text.split_once('(')?;
    let key = rest.strip_suffix(')').filter(|k| !k.is_empty())?.to_owned();
    Some(match name {
        "sum" => Figure::Sum(key),
        "avg" => Figure::Avg(key),
        "min" => Figure::Min(key),
        "max" => Figure::Max(key),
        "distinct" => Figure::Distinct(key),
        _ => return None,
    })
}

fn aggregate(cx: &mut Cx<'_>, mut p: Ask) -> Result<Reply> {
    let reader = cx.read_in_time();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    if p.aggregates.is_empty() {
        p.aggregates.push("count".to_owned());
    }
    let unknown = |text: &str| {
        let words = format!("Invalid aggregate \"{text}\". It must be one of: count, sum(key), avg(key), min(key), max(key), distinct(key)");
        Error::with(ErrorKind::GeneralArgumentInvalid, words)
    };
    let figures = p.aggregates.iter().map(|text| figure(text).ok_or_else(|| unknown(text))).collect::<Result<Vec<_>>>()?;
    let asked = Aggregate { filters: filters(cx, &p.queries)?, group_by: p.group_by, figures };
    let groups = reader.aggregate(&cx.access(), &place.schema, &asked).map_err(|e| engine(cx, e))?;
    let item = |group: Group| {
        let by: Map<String, Value> = asked.group_by.iter().cloned().zip(group.by).collect();
        let mut map: Map<String, Value> = p.aggregates.iter().cloned().zip(group.figures).collect();
        map.insert("by".into(), Value::Object(by));
        Value::Object(map)
    };
    let total = groups.len();
    let items: Vec<Value> = groups.into_iter().map(item).collect();
    Ok(Reply::Model("any", Map::from_iter([("total".to_owned(), total.into()), ("groups".to_owned(), items.into())])))
}

pub(in crate::databases) const ENDPOINTS: &[&Endpoint] = &[&AGGREGATE];
