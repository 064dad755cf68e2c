//! Making and changing an attribute: what all types share.
use database::{Attribute, DbError, Kind};
use kernel::{Cx, Error, Reply, Result};
use protocol::spec::Vocab;
use protocol::{ErrorKind, Timestamp};
use serde_json::Value;

use super::model;
use super::wanted::{Wanted, check_changed, check_new, pick};
use crate::databases::collections::change_schema;
use crate::databases::place;
use crate::databases::sequels::{self, Done, Item, in_state};
use crate::databases::words::{about, engine, named};

/// Makes an attribute. The answer says `processing` as clients expect; it is there already.
pub(super) fn create(cx: &mut Cx<'_>, database_id: &str, collection_id: &str, wanted: Wanted) -> Result<Reply> {
    let place = place::place(cx, database_id, collection_id)?;
    let attribute = wanted.build(cx.now());
    check_new(&attribute, cx.vocab())?;
    let (vocab, key) = (cx.vocab(), attribute.key.clone());
    let id = place.collection.id.clone();
    let schema = change_schema(cx, &place, move |tx, current| tx.db.create_attribute(current, attribute).map_err(|e| refused(e, vocab, &key, &id)))?;
    let made = schema.attributes.last().ok_or_else(|| Error::internal("the attribute is missing"))?;
    Ok(made_reply(cx, &place, made))
}

/// The answer about a new attribute, and what is told of it.
pub(super) fn made_reply(cx: &mut Cx<'_>, place: &place::Place, made: &Attribute) -> Reply {
    let (name, map) = (cx.spec.reply.model, model::view(made));
    name_event(cx, place, &made.key);
    sequels::tell(cx, place, Item::Attribute, Done::Available, &made.key, (name, map.clone()));
    Reply::Model(name, in_state(map, "processing"))
}

/// Tells which attribute the event is about.
pub(super) fn name_event(cx: &mut Cx<'_>, place: &place::Place, key: &str) {
    cx.in_tables_database = place.is_of_tables();
    for name in ["columnId", "attributeId"] {
        cx.event_value(name, place.item_id(key));
    }
}

/// An engine's refusal, named.
pub(super) fn refused(e: DbError, vocab: Vocab, key: &str, collection: &str) -> Error {
    match e {
        DbError::Exists(_) => named(pick(vocab, ErrorKind::AttributeAlreadyExists, ErrorKind::ColumnAlreadyExists), key),
        DbError::NotFound => named(pick(vocab, ErrorKind::AttributeNotFound, ErrorKind::ColumnNotFound), key),
        DbError::Limit(_) => named(pick(vocab, ErrorKind::AttributeLimitExceeded, ErrorKind::ColumnLimitExceeded), collection),
        e => kernel::db_error(e, vocab),
    }
}

/// An attribute by key, or 404.
pub(in crate::databases) fn find<'a>(cx: &Cx<'_>, place: &'a place::Place, key: &str) -> Result<&'a Attribute> {
    place.schema.attribute(key).filter(|a| !database::is_hidden(a)).ok_or_else(|| about(cx, ErrorKind::AttributeNotFound, ErrorKind::ColumnNotFound, key))
}

/// What a change names besides the attribute.
pub(super) struct Where<'a> {
    pub(super) database_id: &'a str,
    pub(super) collection_id: &'a str,
    pub(super) key: &'a str,
    pub(super) new_key: Option<String>,
}

/// Changes an attribute. `apply` gives what the route's type would make of it.
pub(super) fn update(cx: &mut Cx<'_>, at: Where<'_>, apply: impl FnOnce(&Attribute) -> Wanted) -> Result<Reply> {
    let place = place::place(cx, at.database_id, at.collection_id)?;
    let old = find(cx, &place, at.key)?;
    if old.kind == Kind::Relationship {
        return Err(about(cx, ErrorKind::AttributeTypeInvalid, ErrorKind::ColumnTypeInvalid, at.key));
    }
    let wanted = Wanted { key: at.new_key.unwrap_or_else(|| old.key.clone()), ..apply(old) };
    let attribute = changed(old, wanted, cx.now());
    check_changed(&attribute, cx.vocab())?;
    let (vocab, key, new_key) = (cx.vocab(), at.key.to_owned(), attribute.key.clone());
    let id = place.collection.id.clone();
    // Looking whether stored texts fit a smaller size takes long: writers do not wait for that.
    let _measured = cx.app.db.measure(&place.schema, at.key, attribute.size).map_err(|e| engine(cx, e))?;
    let schema = change_schema(cx, &place, move |tx, current| tx.db.update_attribute(current, &key, attribute).map_err(|e| refused(e, vocab, &key, &id)))?;
    let done = schema.attribute(&new_key).ok_or_else(|| Error::internal("the attribute is missing"))?;
    let mut map = model::view(done);
    name_event(cx, &place, &new_key);
    // The original forgets here that it is not encrypted.
    if done.kind.is_text() && !done.encrypt {
        map.insert("encrypt".into(), Value::Null);
    }
    Ok(Reply::Model(cx.spec.reply.model, map))
}

/// What an attribute becomes. Its type stays: like the original, which compares no types, the route of another type changes what both have.
fn changed(old: &Attribute, wanted: Wanted, now: Timestamp) -> Attribute {
    let (kind, format) = (wanted.kind, wanted.format);
    let built = Wanted { kind: old.kind, array: old.array, encrypt: old.encrypt, ..wanted }.build(now);
    if kind == old.kind && (format == old.format || !kind.is_text()) {
        return Attribute { id: old.id, created_at: old.created_at, ..built };
    }
    let sized = |kind| matches!(kind, Kind::String | Kind::Varchar);
    let ranged = matches!(old.format.as_str(), "intRange" | "floatRange");
    let bound = |new: Value, bound: &Value| if !ranged || new.is_null() || is_limit(&new) { bound.clone() } else { bound_of(old.kind, &new) };
    Attribute {
        id: old.id,
        created_at: old.created_at,
        size: if format.is_empty() && sized(kind) && sized(old.kind) { built.size } else { old.size },
        min: bound(built.min, &old.min),
        max: bound(built.max, &old.max),
        elements: if old.format == "enum" { built.elements } else { old.elements.clone() },
        format: old.format.clone(),
        ..built
    }
}

/// A bound as a number of a type.
#[expect(clippy::cast_possible_truncation, reason = "a bound beyond all integers is the last integer")]
fn bound_of(kind: Kind, bound: &Value) -> Value {
    match (kind, bound.as_i64(), bound.as_f64()) {
        (Kind::Double, _, Some(float)) => float.into(),
        (_, None, Some(float)) => (float as i64).into(),
        _ => bound.clone(),
    }
}

/// Whether a bound is that of a type, which says nothing of another type's.
fn is_limit(bound: &Value) -> bool {
    matches!(bound.as_i64(), Some(i64::MIN | i64::MAX)) || bound.as_f64().is_some_and(|f| f.abs() == f64::MAX)
}

/// A default that may be null.
pub(super) fn or_null<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Into::into)
}
