//! Making and changing an attribute: what all types share.
use database::{Attribute, DbError};
use kernel::{Cx, Error, Reply, Result};
use protocol::ErrorKind;
use protocol::spec::Vocab;
use serde_json::Value;

use super::model;
use super::wanted::{Wanted, check_changed, check_new, pick};
use crate::databases::collections::change_schema;
use crate::databases::place;
use crate::databases::words::{about, named};

/// Makes an attribute. The answer says `processing` as clients expect; it is there already.
pub(super) fn create(cx: &mut Cx<'_>, database_id: &str, collection_id: &str, wanted: Wanted) -> Result<Reply> {
    let place = place::place(cx, database_id, collection_id)?;
    let attribute = wanted.build(cx.now());
    check_new(&attribute, cx.vocab())?;
    let (vocab, key) = (cx.vocab(), attribute.key.clone());
    let id = place.collection.id.clone();
    let schema = change_schema(cx, &place, move |tx, current| tx.db.create_attribute(current, attribute).map_err(|e| refused(e, vocab, &key, &id)))?;
    let made = schema.attributes.last().ok_or_else(|| Error::internal("the attribute is missing"))?;
    let mut map = model::view(made);
    cx.settled = map.insert("status".into(), "processing".into()).is_some_and(|status| status == "available");
    name_event(cx, &place, &made.key);
    Ok(Reply::Model(cx.spec.reply.model, map))
}

/// Tells which attribute the event is about.
pub(super) fn name_event(cx: &mut Cx<'_>, place: &place::Place, key: &str) {
    cx.event_value(if cx.vocab() == Vocab::Tables { "columnId" } else { "attributeId" }, place.item_id(key));
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

/// Changes an attribute through the route of its type. `apply` gives what it shall be from what it is.
pub(super) fn update(cx: &mut Cx<'_>, at: Where<'_>, apply: impl FnOnce(&Attribute) -> Wanted) -> Result<Reply> {
    let place = place::place(cx, at.database_id, at.collection_id)?;
    let old = find(cx, &place, at.key)?;
    let wanted = apply(old);
    let same_format = matches!(wanted.format, "" | "intRange" | "floatRange") && matches!(old.format.as_str(), "" | "intRange" | "floatRange" | "datetime");
    if wanted.kind != old.kind || !(same_format || wanted.format == old.format) {
        return Err(about(cx, ErrorKind::AttributeTypeInvalid, ErrorKind::ColumnTypeInvalid, at.key));
    }
    let wanted = Wanted { array: old.array, encrypt: old.encrypt, key: at.new_key.unwrap_or_else(|| old.key.clone()), ..wanted };
    let attribute = Attribute { id: old.id, created_at: old.created_at, ..wanted.build(cx.now()) };
    check_changed(&attribute, cx.vocab())?;
    let (vocab, key, new_key) = (cx.vocab(), at.key.to_owned(), attribute.key.clone());
    let id = place.collection.id.clone();
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

/// A default that may be null.
pub(super) fn or_null<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Into::into)
}
