//! Relationships: attributes (columns) that name documents of another collection, with a twin over there.
use database::{Collection, DbError, OnDelete, Relation, RelationKind, RelationSpec};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, params};

use super::{change, model};
use crate::databases::collections::change_schema;
use crate::databases::place::{self, Place};
use crate::databases::words::{about, pick};

const TYPES: Check = Check::Enum(&["oneToOne", "manyToOne", "manyToMany", "oneToMany"]);
const RULES: Check = Check::Enum(&["cascade", "restrict", "setNull"]);

params! {
    pub(crate) struct Create {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        related_id: String = "relatedCollectionId" | "relatedTableId", Check::Uid, required;
        kind: String = "type", TYPES, required;
        two_way: bool = "twoWay", Check::Bool, or Bool(false);
        key: Option<String> = "key", Check::Nullable(&Check::Key { max: 36 }), optional;
        two_way_key: Option<String> = "twoWayKey", Check::Nullable(&Check::Key { max: 36 }), optional;
        on_delete: String = "onDelete", RULES, or Str("restrict");
    }
}
params! {
    pub(crate) struct Update {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
        on_delete: Option<String> = "onDelete", RULES, optional;
        new_key: Option<String> = "newKey", Check::Nullable(&Check::Key { max: 36 }), optional;
    }
}
params! {
    pub(crate) struct UpdateColumn {
        database_id: String = "databaseId", Check::Uid, required;
        collection_id: String = "collectionId" | "tableId", Check::Uid, required;
        key: String = "key", Check::Key { max: 36 }, required;
        on_delete: Option<String> = "onDelete", Check::Nullable(&RULES), optional;
        new_key: Option<String> = "newKey", Check::Nullable(&Check::Key { max: 36 }), optional;
    }
}

endpoint! {
    /// Creates a relationship attribute.
    CREATE: Post "/v1/databases/:databaseId/collections/:collectionId/attributes/relationship" => 202 "attributeRelationship" by create(Create);
    sdk ["databases.createRelationshipAttribute"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].attributes.[attributeId].create"
    audit "attribute.create" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Creates a relationship column.
    CREATE_COLUMN: Post "/v1/tablesdb/:databaseId/tables/:tableId/columns/relationship" => 202 "columnRelationship" by create(Create); vocab Tables
    sdk ["tablesDB.createRelationshipColumn"] auth [Admin, Key] scope ["tables.write", "collections.write", "columns.write", "attributes.write"]
    event "databases.[databaseId].tables.[tableId].columns.[columnId].create"
    audit "column.create" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Changes a relationship attribute.
    UPDATE: Patch "/v1/databases/:databaseId/collections/:collectionId/attributes/relationship/:key" => 200 "attributeRelationship" by update(Update);
    old ["/v1/databases/:databaseId/collections/:collectionId/attributes/:key/relationship"]
    sdk ["databases.updateRelationshipAttribute"] auth [Admin, Key] scope ["collections.write"]
    event "databases.[databaseId].collections.[collectionId].attributes.[attributeId].update"
    audit "attribute.update" on "database/{request.databaseId}/collection/{request.collectionId}" groups [NotConsole]
}
endpoint! {
    /// Changes a relationship column.
    UPDATE_COLUMN: Patch "/v1/tablesdb/:databaseId/tables/:tableId/columns/:key/relationship" => 200 "columnRelationship" by update_column(UpdateColumn);
    vocab Tables
    sdk ["tablesDB.updateRelationshipColumn"] auth [Admin, Key] scope ["tables.write", "collections.write", "columns.write", "attributes.write"]
    event "databases.[databaseId].tables.[tableId].columns.[columnId].update"
    audit "column.update" on "database/{request.databaseId}/table/{request.collectionId}" groups [NotConsole]
}

fn taken(vocab: Vocab, key: &str) -> Error {
    crate::databases::words::named(super::wanted::pick(vocab, ErrorKind::AttributeAlreadyExists, ErrorKind::ColumnAlreadyExists), key)
}

/// Refuses a relationship that the collection has in another form.
fn check_others(cx: &Cx<'_>, schema: &Collection, p: &Create, key: &str, two_way_key: &str) -> Result<()> {
    for relation in schema.relations().filter(|r| !r.is_hidden()) {
        if relation.key.eq_ignore_ascii_case(key) {
            return Err(taken(cx.vocab(), key));
        }
        if relation.related != p.related_id {
            continue;
        }
        if relation.two_way_key.eq_ignore_ascii_case(two_way_key) {
            return Err(taken(cx.vocab(), if p.two_way_key.is_some() { two_way_key } else { key }));
        }
        if relation.kind == RelationKind::ManyToMany && p.kind == RelationKind::ManyToMany.name() {
            let parent = if cx.vocab() == Vocab::Tables { "table" } else { "collection" };
            let text = format!("Creating more than one \"manyToMany\" relationship on the same {parent} is currently not permitted.");
            return Err(Error::with(pick(cx, ErrorKind::AttributeAlreadyExists, ErrorKind::ColumnAlreadyExists), text));
        }
    }
    Ok(())
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let reader = cx.read();
    let place = place::place_in(cx, &reader, &p.database_id, &p.collection_id)?;
    let related = place::place_in(cx, &reader, &p.database_id, &p.related_id)?;
    let key = p.key.clone().unwrap_or_else(|| p.related_id.clone());
    let two_way_key = p.two_way_key.clone().unwrap_or_else(|| p.collection_id.clone());
    check_others(cx, &place.schema, &p, &key, &two_way_key)?;
    let unknown = || Error::internal("a relationship of an unknown kind");
    let spec = RelationSpec {
        key: key.clone(),
        kind: RelationKind::from_name(&p.kind).ok_or_else(unknown)?,
        two_way: p.two_way,
        two_way_key: two_way_key.clone(),
        on_delete: OnDelete::from_name(&p.on_delete).ok_or_else(unknown)?,
        own_id: place.collection.id.clone(),
        related_id: related.collection.id.clone(),
        at: cx.now(),
    };
    let (vocab, id, related_id) = (cx.vocab(), place.collection.id.clone(), related.collection.id.clone());
    let (ns, wanted_key, other) = (cx.ns(), key.clone(), related.schema.name.clone());
    let schema = change_schema(cx, &place, move |tx, current| {
        let related = tx.collection(ns, &other)?;
        tx.db.create_relation(current, &related, &spec).map_err(|e| match e {
            DbError::Exists("attribute") => taken(vocab, &spec.key),
            DbError::Exists(_) => taken(vocab, &spec.two_way_key),
            DbError::Limit(_) => change::refused(e, vocab, &wanted_key, if id == related_id { &id } else { &related_id }),
            e => kernel::db_error(e, vocab),
        })
    })?;
    let made = schema.attribute(&key).ok_or_else(|| Error::internal("the attribute is missing"))?;
    Ok(change::made_reply(cx, &place, made))
}

fn update(cx: &mut Cx<'_>, p: Update) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    apply(cx, &place, &p.key, p.new_key, p.on_delete)
}

fn update_column(cx: &mut Cx<'_>, p: UpdateColumn) -> Result<Reply> {
    let place = place::place(cx, &p.database_id, &p.collection_id)?;
    apply(cx, &place, &p.key, p.new_key, p.on_delete)
}

fn apply(cx: &mut Cx<'_>, place: &Place, key: &str, new_key: Option<String>, on_delete: Option<String>) -> Result<Reply> {
    let old = change::find(cx, place, key)?;
    if Relation::of(old).is_none() {
        return Err(about(cx, ErrorKind::AttributeTypeInvalid, ErrorKind::ColumnTypeInvalid, key));
    }
    let (vocab, now, own, rule) = (cx.vocab(), cx.now(), key.to_owned(), on_delete.as_deref().and_then(OnDelete::from_name));
    let shown = new_key.clone().unwrap_or_else(|| own.clone());
    let schema = change_schema(cx, place, move |tx, current| {
        tx.db.update_relation(current, &own, new_key.as_deref(), rule, now).map_err(|e| match e {
            DbError::Exists(_) => taken(vocab, new_key.as_deref().unwrap_or(&own)),
            e => change::refused(e, vocab, &own, ""),
        })
    })?;
    let done = schema.attribute(&shown).ok_or_else(|| Error::internal("the attribute is missing"))?;
    change::name_event(cx, place, &shown);
    Ok(Reply::Model(cx.spec.reply.model, model::view(done)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &UPDATE, &CREATE_COLUMN, &UPDATE_COLUMN];
