//! What the original's workers tell the console once a schema change is done: here it mostly is done when it is answered, and told
//! right behind; of an index over many documents it is told once the background has filled it.
use std::sync::Arc;
use std::time::Duration;

use database::{Collection, Index, Namespace};
use kernel::{App, Cx, PendingEvent, Result};
use protocol::Query;
use serde_json::{Map, Value};

use super::indexes;
use super::place::{self, Place};
use crate::support::OWN;

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
    if !cx.app.bus.is_idle() {
        cx.tell_sequel(event(place, item, done, key, (model, payload)));
    }
}

/// How long the background waits before it tells of an index: the event of the request that made it comes some moments after its commit, and should be first.
const BEHIND: Duration = Duration::from_millis(200);

/// An index that was filled in the background is done, well or not. Takes [`BEHIND`]; for the thread that filled it.
pub(crate) fn index_built(app: &App, store: &Arc<Collection>, index: &Index) -> Result<()> {
    if app.bus.is_idle() {
        return Ok(());
    }
    let reader = app.db.read();
    let Some(place) = place::of_store(&reader, store)? else { return Ok(()) };
    // A namespace is numbered like its project.
    let projects = app.collection(Namespace(0), "projects")?;
    let Some(project) = reader.find_one(&OWN, &projects, vec![Query::equal("$sequence", store.namespace.0)])? else { return Ok(()) };
    let model = if place.is_of_tables() { "columnIndex" } else { "index" };
    std::thread::sleep(BEHIND);
    app.tell(&project.id, event(&place, Item::Index, Done::Available, &index.key, (model, indexes::view(&place, index))));
    Ok(())
}

fn event(place: &Place, item: Item, done: Done, key: &str, (model, payload): (&'static str, Map<String, Value>)) -> PendingEvent {
    let (template, name) = match (item, done) {
        (Item::Attribute, Done::Available) => ("databases.[databaseId].collections.[collectionId].attributes.[attributeId].update", "attributeId"),
        (Item::Attribute, Done::Gone) => ("databases.[databaseId].collections.[collectionId].attributes.[attributeId].delete", "attributeId"),
        (Item::Index, Done::Available) => ("databases.[databaseId].collections.[collectionId].indexes.[indexId].update", "indexId"),
        (Item::Index, Done::Gone) => ("databases.[databaseId].collections.[collectionId].indexes.[indexId].delete", "indexId"),
    };
    let values = vec![("databaseId", place.database.id.clone()), ("collectionId", place.collection.id.clone()), (name, place.item_id(key))];
    PendingEvent { template, values, model, payload, roles: Vec::new() }
}

/// The state that the request's own event tells while it is not done.
pub(super) fn in_state(mut map: Map<String, Value>, status: &str) -> Map<String, Value> {
    map.insert("status".into(), status.into());
    map
}
