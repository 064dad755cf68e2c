//! A collection as an open transaction sees it: the committed documents with the transaction's operations on top.
//!
//! Staged values are shown as they were sent: defaults, dates and the sequence come with the commit.
use std::collections::HashMap;
use std::sync::Arc;

use database::{Collection, DbError, Find, Total, meets};
use kernel::{Cx, Result};
use protocol::spec::Vocab;
use protocol::{Query, Timestamp};
use serde_json::{Map, Number, Value};

use super::log::{self, Action, Operation};
use super::store;
use crate::databases::documents::model::view;
use crate::databases::documents::read::kept;
use crate::databases::place::Place;

type Fields = Map<String, Value>;

enum Step {
    Put(Fields),
    Merge(Fields),
    PutOrMerge(Fields),
    Remove,
    Add(String, Number),
    MergeWhere(Vec<Query>, Fields),
    RemoveWhere(Vec<Query>),
}

/// What a transaction does to one collection.
pub(in crate::databases) struct Overlay {
    collection: Arc<Collection>,
    now: Timestamp,
    steps: Vec<Step>,
    /// Steps about one document, by its id.
    by_id: HashMap<String, Vec<usize>>,
    /// Ids in the order they first came.
    order: Vec<String>,
    /// Steps about all documents that match.
    general: Vec<usize>,
}

impl Overlay {
    /// The overlay of a transaction that the caller sees and that is still open; otherwise nothing lies over the collection.
    pub(in crate::databases) fn of(cx: &Cx<'_>, transaction_id: &str, place: &Place) -> Result<Self> {
        let mut overlay =
            Self { collection: place.schema.clone(), now: cx.now(), steps: Vec::new(), by_id: HashMap::new(), order: Vec::new(), general: Vec::new() };
        let reader = cx.read();
        let transaction = reader.get(&cx.access(), &*cx.collection(store::NAME)?, transaction_id)?;
        if let Some(transaction) = transaction.filter(|t| store::is_pending(t)) {
            for op in log::read(cx, &reader, transaction.sequence)?.into_iter().filter(|op| op.store == place.schema.name) {
                overlay.add(op);
            }
        }
        Ok(overlay)
    }

    fn add(&mut self, op: Operation) {
        let id = op.document_id;
        match (op.action, op.data) {
            (Action::Create, Value::Object(data)) => self.single(own_id(&data).unwrap_or(id), Step::Put(data)),
            (Action::Update, Value::Object(data)) => self.single(id, Step::Merge(data)),
            (Action::Upsert, Value::Object(data)) => self.single(own_id(&data).unwrap_or(id), Step::PutOrMerge(data)),
            (Action::Delete, _) => self.single(id, Step::Remove),
            (Action::Increment | Action::Decrement, Value::Object(data)) => {
                let name = ["attribute", "column"].iter().find_map(|k| data.get(*k)?.as_str()).unwrap_or_default().to_owned();
                let by = amount(&data, op.action == Action::Decrement);
                self.single(id, Step::Add(name, by));
            }
            (Action::BulkCreate | Action::BulkUpsert, Value::Array(documents)) => {
                for document in documents {
                    let Value::Object(data) = document else { continue };
                    let Some(id) = own_id(&data) else { continue };
                    self.single(id, if op.action == Action::BulkCreate { Step::Put(data) } else { Step::PutOrMerge(data) });
                }
            }
            (Action::BulkUpdate, Value::Object(mut data)) => {
                let filters = filters(&data);
                if let Some(Value::Object(values)) = data.get_mut("data").map(Value::take) {
                    self.many(Step::MergeWhere(filters, values));
                }
            }
            (Action::BulkDelete, Value::Object(data)) => self.many(Step::RemoveWhere(filters(&data))),
            _ => {}
        }
    }

    /// Whether the transaction leaves a document, or with `None` the whole collection, as it is.
    pub(in crate::databases) fn leaves(&self, id: Option<&str>) -> bool {
        self.general.is_empty() && id.map_or(self.by_id.is_empty(), |id| !self.by_id.contains_key(id))
    }

    fn single(&mut self, id: String, step: Step) {
        let at = self.steps.len();
        self.steps.push(step);
        match self.by_id.get_mut(&id) {
            Some(list) => list.push(at),
            None => {
                self.order.push(id.clone());
                self.by_id.insert(id, vec![at]);
            }
        }
    }

    fn many(&mut self, step: Step) {
        self.general.push(self.steps.len());
        self.steps.push(step);
    }

    /// A document after all steps; `committed` is what it is without them.
    fn replay(&self, id: &str, committed: Option<Fields>) -> Option<Fields> {
        let own = self.by_id.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut at: Vec<usize> = own.iter().chain(&self.general).copied().collect();
        at.sort_unstable();
        at.into_iter().filter_map(|i| self.steps.get(i)).fold(committed, |now, step| step.apply(self, id, now))
    }

    /// Whether a document meets filters; they were checked when they came.
    fn meets(&self, filters: &[Query], map: &Fields) -> bool {
        meets(&self.collection, filters, map, self.now).unwrap_or(false)
    }

    /// One document as the caller sees it.
    pub(in crate::databases) fn get(&self, cx: &Cx<'_>, place: &Place, id: &str) -> Result<Option<Fields>, DbError> {
        let committed = cx.read().get(&cx.access(), &place.schema, id)?.map(|d| view(cx, place, &d));
        Ok(self.replay(id, committed).map(|map| dress(cx, place, map)))
    }

    /// A page: the committed one with the steps applied; new documents follow at its end. The total counts the documents the transaction names.
    pub(in crate::databases) fn find(&self, cx: &Cx<'_>, place: &Place, find: &Find) -> Result<(Vec<Fields>, u64), DbError> {
        let (reader, access) = (cx.read_in_time(), cx.access());
        let found = reader.find(&access, &place.schema, &Find { select: None, ..find.clone() })?;
        let meets = |map: &Fields| self.meets(&find.filters, map);
        let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
        let is_end = find.cursor.is_none() && found.documents.len() < limit;
        let mut page: Vec<Fields> = found.documents.iter().filter_map(|d| self.replay(&d.id, Some(view(cx, place, d)))).filter(meets).collect();
        let mut total = found.total;
        for id in &self.order {
            let committed = reader.get(&access, &place.schema, id)?.map(|d| view(cx, place, &d));
            let before = committed.as_ref().is_some_and(meets);
            let after = self.replay(id, committed).filter(meets);
            match (before, after) {
                (true, None) => total = total.saturating_sub(1),
                (false, Some(map)) => {
                    total = total.saturating_add(1);
                    if is_end && page.len() < limit {
                        page.push(map);
                    }
                }
                _ => {}
            }
        }
        let page = page.into_iter().map(|map| kept(dress(cx, place, map), find.select.as_deref())).collect();
        Ok((page, if find.total == Total::None { 0 } else { total }))
    }
}

impl Step {
    fn apply(&self, overlay: &Overlay, id: &str, now: Option<Fields>) -> Option<Fields> {
        let named = |mut map: Fields| {
            map.insert("$id".into(), id.into());
            map
        };
        match self {
            Self::Put(data) => Some(named(data.clone())),
            Self::Merge(data) => now.map(|map| merged(map, data)),
            Self::PutOrMerge(data) => Some(named(merged(now.unwrap_or_default(), data))),
            Self::Remove => None,
            Self::Add(name, by) => now.map(|mut map| {
                let sum = sum(map.get(name), by);
                map.insert(name.clone(), sum);
                map
            }),
            Self::MergeWhere(filters, data) => now.map(|map| if overlay.meets(filters, &map) { merged(map, data) } else { map }),
            Self::RemoveWhere(filters) => now.filter(|map| !overlay.meets(filters, map)),
        }
    }
}

fn merged(mut map: Fields, data: &Fields) -> Fields {
    map.extend(data.iter().filter(|(k, _)| *k != "$id").map(|(k, v)| (k.clone(), v.clone())));
    map
}

fn own_id(data: &Fields) -> Option<String> {
    data.get("$id").and_then(Value::as_str).map(str::to_owned)
}

/// The queries of a bulk operation; they were checked when it came.
fn filters(data: &Fields) -> Vec<Query> {
    let texts: Vec<String> = data.get("queries").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Query::parse_all(&texts).unwrap_or_default().into_iter().filter(Query::is_filter).collect()
}

/// By how much a value grows; 1 when not said. Numbers may come as text.
pub(super) fn amount(data: &Fields, down: bool) -> Number {
    let by = match data.get("value") {
        Some(Value::Number(n)) => n.clone(),
        Some(Value::String(s)) => {
            s.trim().parse::<i64>().map(Number::from).ok().or_else(|| s.trim().parse().ok().and_then(Number::from_f64)).unwrap_or_else(|| 1.into())
        }
        _ => 1.into(),
    };
    if !down {
        return by;
    }
    let negative = by.as_i64().and_then(i64::checked_neg).map(Number::from);
    negative.or_else(|| by.as_f64().and_then(|f| Number::from_f64(-f))).unwrap_or(by)
}

fn sum(value: Option<&Value>, by: &Number) -> Value {
    let zero = Number::from(0);
    let now = match value {
        Some(Value::Number(n)) => n,
        _ => &zero,
    };
    let whole = now.as_i64().zip(by.as_i64()).and_then(|(a, b)| a.checked_add(b));
    whole.map_or_else(|| (now.as_f64().unwrap_or(0.0) + by.as_f64().unwrap_or(0.0)).into(), Value::from)
}

/// Adds what every document has, as far as it is known before the commit.
pub(in crate::databases) fn dress(cx: &Cx<'_>, place: &Place, mut map: Fields) -> Fields {
    let parent = if cx.vocab() == Vocab::Tables { "$tableId" } else { "$collectionId" };
    map.insert("$databaseId".into(), place.database.id.as_str().into());
    map.insert(parent.into(), place.collection.id.as_str().into());
    map.entry("$sequence").or_insert_with(|| "".into());
    map
}
