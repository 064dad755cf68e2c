//! What the original's workers tell the console once a schema change is done: here it is done when it is answered, so it is told right behind.
use kernel::{Cx, PendingEvent};
use serde_json::{Map, Value};

use super::place::Place;

/// What was changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Attribute,
    Index,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Done {
    Available,
    Gone,
}

/// Tells that a change of an attribute or index, announced by the request's own event, is done. Names are those of collections in both
/// vocabularies, each followed by its twin of tables.
pub(super) fn tell(cx: &mut Cx<'_>, place: &Place, item: Item, done: Done, key: &str, (model, payload): (&'static str, Map<String, Value>)) {
    if cx.app.bus.is_idle() {
        return;
    }
    let (template, name) = match (item, done) {
        (Item::Attribute, Done::Available) => ("databases.[databaseId].collections.[collectionId].attributes.[attributeId].update", "attributeId"),
        (Item::Attribute, Done::Gone) => ("databases.[databaseId].collections.[collectionId].attributes.[attributeId].delete", "attributeId"),
        (Item::Index, Done::Available) => ("databases.[databaseId].collections.[collectionId].indexes.[indexId].update", "indexId"),
        (Item::Index, Done::Gone) => ("databases.[databaseId].collections.[collectionId].indexes.[indexId].delete", "indexId"),
    };
    let values = vec![("databaseId", place.database.id.clone()), ("collectionId", place.collection.id.clone()), (name, place.item_id(key))];
    cx.tell_sequel(PendingEvent { template, values, model, payload, roles: Vec::new() });
}

/// The state that the request's own event tells while it is not done.
pub(super) fn in_state(mut map: Map<String, Value>, status: &str) -> Map<String, Value> {
    map.insert("status".into(), status.into());
    map
}
