//! Documents as the API shows them, and their events.
use database::{Collection, Document, Kind, Relation};
use kernel::Cx;
use kernel::PendingEvent;
use protocol::spec::Vocab;
use serde_json::{Map, Value};

use crate::databases::place::Place;

/// Model name of an item.
pub(in crate::databases) fn item(cx: &Cx<'_>) -> &'static str {
    if cx.vocab() == Vocab::Tables { "row" } else { "document" }
}

/// Fields of a document or row: what the server knows of it, then its data. Of relationships there are the ids that it stores.
pub(in crate::databases) fn view(cx: &Cx<'_>, place: &Place, doc: &Document) -> Map<String, Value> {
    fields(cx, &place.schema, &place.collection.id, &place.database.id, doc)
}

/// [`view`] of a document of any collection of a database.
pub(super) fn fields(cx: &Cx<'_>, schema: &Collection, collection_id: &str, database_id: &str, doc: &Document) -> Map<String, Value> {
    let mut map = Map::with_capacity(doc.data.len() + 8);
    map.insert("$id".into(), doc.id.as_str().into());
    map.insert("$sequence".into(), doc.sequence.to_string().into());
    let parent = if cx.vocab() == Vocab::Tables { "$tableId" } else { "$collectionId" };
    map.insert(parent.into(), collection_id.into());
    map.insert("$databaseId".into(), database_id.into());
    map.insert("$createdAt".into(), doc.created_at.format().into());
    map.insert("$updatedAt".into(), doc.updated_at.format().into());
    map.insert("$permissions".into(), doc.permissions.clone().into());
    map.extend(doc.data.iter().map(|(k, v)| (k.clone(), v.clone())));
    // A list that was never set is empty.
    for a in &schema.attributes {
        if a.kind == Kind::Relationship {
            if !Relation::of(a).is_some_and(|r| r.is_stored() && !r.is_hidden()) {
                map.shift_remove(&a.key);
            }
        } else if a.array
            && let Some(value @ Value::Null) = map.get_mut(&a.key)
        {
            *value = Value::Array(Vec::new());
        }
    }
    map
}

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::databases) enum Change {
    Create,
    Update,
    Upsert,
    Delete,
}

impl Change {
    fn template(self, vocab: Vocab) -> &'static str {
        match (self, vocab) {
            (Self::Create, Vocab::Collections) => "databases.[databaseId].collections.[collectionId].documents.[documentId].create",
            (Self::Update, Vocab::Collections) => "databases.[databaseId].collections.[collectionId].documents.[documentId].update",
            (Self::Upsert, Vocab::Collections) => "databases.[databaseId].collections.[collectionId].documents.[documentId].upsert",
            (Self::Delete, Vocab::Collections) => "databases.[databaseId].collections.[collectionId].documents.[documentId].delete",
            (Self::Create, Vocab::Tables) => "databases.[databaseId].tables.[tableId].rows.[rowId].create",
            (Self::Update, Vocab::Tables) => "databases.[databaseId].tables.[tableId].rows.[rowId].update",
            (Self::Upsert, Vocab::Tables) => "databases.[databaseId].tables.[tableId].rows.[rowId].upsert",
            (Self::Delete, Vocab::Tables) => "databases.[databaseId].tables.[tableId].rows.[rowId].delete",
        }
    }
}

/// Tells of a change of one document: to those who may read the collection, and to those the document names where that counts.
pub(in crate::databases) fn announce(cx: &mut Cx<'_>, place: &Place, change: Change, doc: &Document) {
    cx.no_event();
    if !cx.is_heard() {
        return;
    }
    let (collection, document) = if cx.vocab() == Vocab::Tables { ("tableId", "rowId") } else { ("collectionId", "documentId") };
    let own: &[String] = if place.secures_documents() { &doc.permissions } else { &[] };
    let mut roles: Vec<String> = place.schema.permissions.iter().chain(own).filter_map(|p| access::Action::Read.role_in(p)).map(str::to_owned).collect();
    roles.sort_unstable();
    roles.dedup();
    let mut payload = view(cx, place, doc);
    place.schema.relations().for_each(|r| drop(payload.shift_remove(&r.key)));
    cx.emit(PendingEvent {
        template: change.template(cx.vocab()),
        values: vec![("databaseId", place.database.id.clone()), (collection, place.collection.id.clone()), (document, doc.id.clone())],
        model: item(cx),
        payload,
        roles,
    });
}
