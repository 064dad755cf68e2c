//! Documents with their related ones, as the API shows them.
use std::sync::Arc;

use database::{Document, Related, Relation, Selection, Tree};
use kernel::Cx;
use protocol::spec::Vocab;
use serde_json::{Map, Value};

use super::model::fields;
use crate::databases::place::Place;

/// How an answer shows relationships.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// What was selected.
    Selected,
    /// All. Single partners that are not there are shown where they were sent; `all` shows them everywhere.
    Written { sent: Vec<(String, Value)>, all: bool },
}

impl Shown {
    /// What data that are to be written say about relationships.
    pub(super) fn written(place: &Place, data: &Map<String, Value>, all: bool) -> Self {
        let keys = place.schema.relations().filter(|r| !r.is_hidden());
        Self::Written { sent: keys.filter_map(|r| data.get(&r.key).map(|v| (r.key.clone(), v.clone()))).collect(), all }
    }
}

/// A document that was written, with all that is related to it.
pub(super) fn written(cx: &Cx<'_>, place: &Place, document: &Document, shown: &Shown) -> Map<String, Value> {
    let plain = || fields(cx, &place.schema, &place.collection.id, &place.database.id, document);
    if !super::related::has_any(&place.schema) {
        return plain();
    }
    let trees = cx.read().expand(&cx.access(), &place.schema, vec![Arc::new(document.clone())], None);
    match trees.ok().and_then(|trees| trees.into_iter().next()) {
        Some(tree) => render(cx, place, &tree, shown),
        // So much is related that it cannot be shown; the document is written.
        None => plain(),
    }
}

/// Documents that were read, with what is selected of related ones.
pub(super) fn read(
    cx: &Cx<'_>,
    place: &Place,
    reader: &database::Reader,
    found: Vec<Arc<Document>>,
    selection: &Selection,
) -> kernel::Result<Vec<Map<String, Value>>> {
    let trees = reader.expand(&cx.access(), &place.schema, found, Some(selection))?;
    Ok(trees.iter().map(|tree| render(cx, place, tree, &Shown::Selected)).collect())
}

fn render(cx: &Cx<'_>, place: &Place, tree: &Tree, shown: &Shown) -> Map<String, Value> {
    let mut map = one(cx, place, tree, matches!(shown, Shown::Selected));
    let Shown::Written { sent, all } = shown else { return map };
    for relation in place.schema.relations().filter(Relation::is_stored) {
        let sent = sent.iter().find(|(key, _)| *key == relation.key).map(|(_, value)| value);
        match (sent, map.get(&relation.key)) {
            (None, Some(Value::Null)) if !all => drop(map.shift_remove(&relation.key)),
            // Named, but not there.
            (Some(Value::String(id)), Some(Value::Null)) if !id.is_empty() => drop(map.insert(relation.key.clone(), nobody(cx, place, &relation.related))),
            _ => {}
        }
    }
    map
}

fn one(cx: &Cx<'_>, place: &Place, tree: &Tree, reading: bool) -> Map<String, Value> {
    let collection_id = if tree.collection_id.is_empty() { &place.collection.id } else { &tree.collection_id };
    let mut map = fields(cx, &tree.collection, collection_id, &place.database.id, &tree.document);
    if let Some(keep) = &tree.keep {
        map.retain(|k, _| k.starts_with('$') || keep.contains(k));
    }
    for (key, related) in &tree.related {
        let value = match related {
            Related::Removed => {
                map.shift_remove(key);
                continue;
            }
            Related::Missing if reading => Value::Array(Vec::new()),
            Related::Missing => {
                let id = tree.collection.relations().find(|r| r.key == *key).map(|r| r.related).unwrap_or_default();
                nobody(cx, place, &id)
            }
            Related::One(tree) => Value::Object(one(cx, place, tree, reading)),
            Related::Many(trees) => trees.iter().map(|tree| Value::Object(one(cx, place, tree, reading))).collect(),
        };
        map.insert(key.clone(), value);
    }
    map
}

/// What stands for a document that is not there, in answers to writes.
fn nobody(cx: &Cx<'_>, place: &Place, collection_id: &str) -> Value {
    let parent = if cx.vocab() == Vocab::Tables { "$tableId" } else { "$collectionId" };
    let fields = [("$databaseId", place.database.id.as_str()), (parent, collection_id), ("$sequence", "")];
    Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect())
}
