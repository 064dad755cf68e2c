//! Relationships in the data of new and changed documents: ids and whole documents, linked, made, changed, taken apart.
use access::Access;
use protocol::Timestamp;
use protocol::query::php_type;
use serde_json::{Map, Value};

use super::links::readable;
use super::{Given, Relation, RelationKind, bounded};
use crate::catalog::Schema;
use crate::engine::Writer;
use crate::{DbError, Document, NewDocument, Update};

/// How far below the document of the request a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(u8);

impl Level {
    pub(crate) const TOP: Self = Self(0);
    /// Relationships of documents this far below are not looked at.
    const LAST: Self = Self(2);

    fn below(self) -> Self {
        Self(self.0.saturating_add(1))
    }
    pub(crate) fn is_last(self) -> bool {
        self.0 >= Self::LAST.0
    }
}

/// The id a document is to store, because the one above it says so: key and id.
pub(crate) type Preset = Option<(String, String)>;

/// The document that names others.
pub(crate) struct Owner<'o> {
    pub(crate) access: &'o Access,
    pub(crate) id: &'o str,
    /// What documents made with it inherit.
    pub(crate) permissions: &'o [String],
    pub(crate) at: Timestamp,
    pub(crate) level: Level,
    pub(crate) is_new: bool,
    pub(crate) unless_newer: Option<Timestamp>,
}

const WRONG: &str = "Invalid relationship value. Must be either a document, document ID, or an array of documents or document IDs.";

fn refuse<T>(text: impl Into<String>) -> Result<T, DbError> {
    Err(DbError::Relationship(text.into()))
}

/// The id an item names.
fn id_in(item: &Value) -> Option<&str> {
    match item {
        Value::String(id) => Some(id),
        Value::Object(map) => map.get("$id").and_then(Value::as_str),
        _ => None,
    }
}

fn list_of(relation: &Relation, is_new: bool, value: Value) -> Result<Option<Vec<Value>>, DbError> {
    match value {
        Value::Array(items) => Ok(Some(items)),
        Value::Null if is_new => Ok(None),
        Value::String(_) if is_new => refuse("Invalid relationship value. Must be either an array of documents or document IDs, document ID given."),
        Value::Object(_) if is_new => refuse("Invalid relationship value. Must be either an array of documents or document IDs, document given."),
        _ if is_new => refuse(WRONG),
        other => {
            debug_assert!(relation.is_list());
            let given = if other.is_object() { "object" } else { php_type(&other) };
            refuse(format!("Invalid relationship value. Must be either an array of documents or document IDs, {given} given."))
        }
    }
}

/// What is wrong with a value for a single partner.
fn not_one(relation: &Relation, is_new: bool, value: &Value) -> DbError {
    let text = match (value, relation.kind) {
        (Value::Array(_), _) if is_new => "Invalid relationship value. Must be either a document ID or a document, array given.",
        _ if is_new => WRONG,
        (Value::Array(_), RelationKind::OneToOne) if !relation.two_way => {
            "Invalid relationship value. Must be either a document, document ID or null. Array given."
        }
        (_, RelationKind::OneToOne) => "Invalid relationship value. Must be either a document, document ID or null.",
        (Value::Array(_), _) => "Invalid relationship value. Must be either a document ID or a document, array given.",
        _ => "Invalid relationship value.",
    };
    DbError::Relationship(text.to_owned())
}

impl Writer<'_, '_> {
    /// Whether values for relationships say something else than what is.
    pub(crate) fn relinks(&self, schema: &Schema, given: &Given, old: &Document) -> Result<bool, DbError> {
        for (at, value) in given {
            let Some(relation) = schema.relations.get(*at) else { continue };
            if !relation.is_list() {
                let named = id_in(value).filter(|id| !id.is_empty());
                if old.value(&relation.key).as_str() != named || !(value.is_null() || value.is_string() || value.is_object()) {
                    return Ok(true);
                }
                continue;
            }
            let Value::Array(items) = value else {
                list_of(relation, false, value.clone())?;
                continue;
            };
            let partners = self.context().partners(schema.collection.id, relation, old)?;
            if partners.len() != items.len() {
                return Ok(true);
            }
            for (sequence, item) in partners.iter().zip(items) {
                if self.context().id_of(relation.target, *sequence)?.as_deref() != id_in(item) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Deals with single partners: what the document is to store.
    pub(crate) fn resolve(&mut self, schema: &Schema, owner: &Owner<'_>, given: &mut Given, old: Option<&Document>) -> Result<Map<String, Value>, DbError> {
        let mut columns = Map::new();
        if owner.level.is_last() {
            given.clear();
        }
        for (at, value) in std::mem::take(given) {
            let Some(relation) = schema.relations.get(at) else { continue };
            if relation.is_list() {
                given.push((at, value));
                continue;
            }
            if !(value.is_null() || value.is_string() || value.is_object()) {
                return Err(not_one(relation, owner.is_new, &value));
            }
            let present = old.and_then(|d| d.value(&relation.key).as_str());
            if relation.is_exclusive()
                && relation.two_way
                && let Some(present) = present.filter(|p| Some(*p) != id_in(&value))
            {
                self.part(relation, owner, present, value.is_null())?;
            }
            if value.as_str().is_some_and(|id| Some(id) == present) {
                continue;
            }
            let id = match value {
                Value::Object(map) => Some(self.put(relation, owner, map, relation.is_exclusive() && relation.two_way)?),
                Value::String(id) => self.point_at(relation, owner, &id)?.then_some(id),
                _ => None,
            };
            columns.insert(relation.key.clone(), id.map_or(Value::Null, Value::from));
        }
        Ok(columns)
    }

    /// The partner a document had no longer names it. Who just takes the partner away needs the right to change it.
    fn part(&mut self, relation: &Relation, owner: &Owner<'_>, partner: &str, asked: bool) -> Result<(), DbError> {
        let other = self.schema_of(relation.target)?;
        let Some(sequence) = self.context().sequence(relation.target, partner)? else { return Ok(()) };
        let document = self.document_at(&other, sequence)?;
        if document.value(&relation.twin).as_str() != Some(owner.id) {
            return Ok(());
        }
        self.point(&other, sequence, &relation.twin, None, Some(owner.at), asked.then_some(owner.access))
    }

    /// Whether the document may store this id. Partners that store an id themselves are told of it.
    fn point_at(&mut self, relation: &Relation, owner: &Owner<'_>, id: &str) -> Result<bool, DbError> {
        let other = self.schema_of(relation.target)?;
        let Some(partner) = self.document_of(&other, id)? else { return Ok(false) };
        let mutual = relation.is_exclusive() && relation.two_way;
        if !readable(owner.access, &other.collection, &partner.permissions) {
            // New documents may name what their author cannot see.
            return Ok(owner.is_new && !mutual);
        }
        if mutual {
            self.claim(relation, &partner, owner.id)?;
            self.point(&other, partner.sequence, &relation.twin, Some(owner.id), None, Some(owner.access))?;
        }
        Ok(true)
    }

    /// A partner that belongs to another document cannot be taken.
    fn claim(&self, relation: &Relation, partner: &Document, owner: &str) -> Result<(), DbError> {
        match partner.value(&relation.twin).as_str() {
            Some(present) if present != owner => Err(DbError::Unique(relation.key.clone())),
            _ => Ok(()),
        }
    }

    /// Makes or changes a document that came inside of another; its id.
    fn put(&mut self, relation: &Relation, owner: &Owner<'_>, mut map: Map<String, Value>, points_back: bool) -> Result<String, DbError> {
        let other = self.schema_of(relation.target)?;
        let Some(id) = map.get("$id").and_then(Value::as_str).map(str::to_owned) else { return refuse(WRONG) };
        let permissions: Option<Vec<String>> =
            map.get("$permissions").and_then(Value::as_array).map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        let time = |key: &str| map.get(key).and_then(Value::as_str).and_then(Timestamp::parse);
        let (created_at, updated_at) = (time("$createdAt"), time("$updatedAt").unwrap_or(owner.at));
        map.retain(|key, _| !key.starts_with('$'));
        let preset = points_back.then(|| (relation.twin.clone(), owner.id.to_owned()));
        match self.document_of(&other, &id)? {
            Some(present) => {
                if !readable(owner.access, &other.collection, &present.permissions) {
                    return Err(DbError::Duplicate);
                }
                if points_back && relation.is_exclusive() {
                    self.claim(relation, &present, owner.id)?;
                }
                let update = Update { data: map, permissions, updated_at, created_at, touch: false, unless_newer: owner.unless_newer };
                self.update_at(owner.access, &other.collection, &id, update, owner.level.below(), preset)?;
            }
            None => {
                let permissions = permissions.unwrap_or_else(|| owner.permissions.to_vec());
                let new = NewDocument { id: id.clone(), permissions, data: map, created_at: created_at.unwrap_or(owner.at), updated_at };
                self.create_at(owner.access, &other.collection, new, owner.level.below(), preset)?;
            }
        }
        Ok(id)
    }

    /// Deals with lists of partners: afterwards the document, which is there by now, has exactly these.
    pub(crate) fn relate(&mut self, schema: &Schema, owner: &Owner<'_>, sequence: u64, given: Given) -> Result<(), DbError> {
        for (at, value) in given {
            let Some(relation) = schema.relations.get(at) else { continue };
            if !relation.is_list() {
                continue;
            }
            let Some(items) = list_of(relation, owner.is_new, value)? else { continue };
            let collection = schema.collection.id;
            let other = self.schema_of(relation.target)?;
            if !owner.is_new {
                self.leave_out(schema, relation, owner, sequence, &items)?;
            }
            for item in items {
                let id = match item {
                    Value::String(id) => id,
                    Value::Object(map) => self.put(relation, owner, map, !relation.is_linked())?,
                    _ if owner.is_new => return refuse(WRONG),
                    _ => return refuse("Invalid relationship value. Must be either a document or document ID."),
                };
                let Some(partner) = self.document_of(&other, &id)? else { continue };
                if !readable(owner.access, &other.collection, &partner.permissions) {
                    continue;
                }
                if relation.is_linked() {
                    self.link(collection, relation, sequence, partner.sequence)?;
                } else {
                    self.point(&other, partner.sequence, &relation.twin, Some(owner.id), None, Some(owner.access))?;
                }
            }
        }
        Ok(())
    }

    /// Takes away the partners that a list does not name.
    fn leave_out(&mut self, schema: &Schema, relation: &Relation, owner: &Owner<'_>, sequence: u64, items: &[Value]) -> Result<(), DbError> {
        let other = self.schema_of(relation.target)?;
        let document = self.document_at(schema, sequence)?;
        let mut kept = std::collections::HashSet::new();
        for id in items.iter().filter_map(id_in) {
            kept.extend(self.context().sequence(relation.target, id)?);
        }
        let partners = self.context().partners(schema.collection.id, relation, &document)?;
        bounded(partners.len().saturating_sub(kept.len()))?;
        for partner in partners {
            if kept.contains(&partner) {
                continue;
            }
            if relation.is_linked() {
                self.unlink(schema.collection.id, relation, sequence, partner)?;
            } else {
                self.point(&other, partner, &relation.twin, None, Some(owner.at), None)?;
            }
        }
        Ok(())
    }
}
