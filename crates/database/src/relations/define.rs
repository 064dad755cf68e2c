//! Making, changing and removing relationships. Both sides change together.
use std::sync::Arc;

use protocol::Timestamp;
use serde_json::Value;

use super::{OnDelete, Relation, RelationKind, status};
use crate::catalog::{Schema, Stored};
use crate::ddl::add_attribute;
use crate::engine::Writer;
use crate::{Attribute, Collection, DbError, Kind, checks, keys};

/// A relationship to be made.
#[derive(Clone, Debug)]
pub struct RelationSpec {
    /// Key of the attribute.
    pub key: String,
    /// How many belong together.
    pub kind: RelationKind,
    /// Whether the other collection gets an attribute as well.
    pub two_way: bool,
    /// Its key.
    pub two_way_key: String,
    /// What becomes of partners of deleted documents.
    pub on_delete: OnDelete,
    /// Ids by which clients know the two collections.
    pub own_id: String,
    /// See [`own_id`](Self::own_id).
    pub related_id: String,
    /// Now.
    pub at: Timestamp,
}

/// Which of the two attributes of a new relationship has a key that is taken.
pub(crate) const TWIN_EXISTS: DbError = DbError::Exists("related attribute");

impl Writer<'_, '_> {
    /// Makes a relationship: an attribute here and its twin in the related collection. Existing documents have no partners.
    pub fn create_relation(&mut self, coll: &Collection, related: &Collection, spec: &RelationSpec) -> Result<Arc<Collection>, DbError> {
        let mut own = self.stored_schema(coll)?;
        let mut other = if coll.id == related.id { None } else { Some(self.stored_schema(related)?) };
        // No client's key looks like this.
        let hidden = format!("~{}~{}", coll.id, own.next_attribute);
        let mut parent = Relation {
            key: spec.key.clone(),
            attribute: 0,
            kind: spec.kind,
            is_parent: true,
            two_way: spec.two_way,
            related: spec.related_id.clone(),
            two_way_key: spec.two_way_key.clone(),
            on_delete: spec.on_delete,
            target: related.id,
            twin: if spec.two_way { spec.two_way_key.clone() } else { hidden },
            index: None,
        };
        let mut child = Relation {
            key: parent.twin.clone(),
            is_parent: false,
            related: spec.own_id.clone(),
            two_way_key: spec.key.clone(),
            target: coll.id,
            twin: spec.key.clone(),
            ..parent.clone()
        };
        add(&mut own, &mut parent, spec.at)?;
        add(other.as_mut().unwrap_or(&mut own), &mut child, spec.at).map_err(|e| if matches!(e, DbError::Exists(_)) { TWIN_EXISTS } else { e })?;
        if let Some(other) = other {
            self.save(other)?;
        }
        self.save(own)
    }

    /// Renames a relationship or gives it another rule for deletes.
    pub fn update_relation(
        &mut self,
        coll: &Collection,
        key: &str,
        new_key: Option<&str>,
        on_delete: Option<OnDelete>,
        at: Timestamp,
    ) -> Result<Arc<Collection>, DbError> {
        let mut own = self.stored_schema(coll)?;
        let relation = own.collection.attribute(key).and_then(Relation::of).ok_or(DbError::NotFound)?;
        let new_key = new_key.unwrap_or(key);
        if own.collection.attributes.iter().any(|a| a.key.eq_ignore_ascii_case(new_key) && a.key != key) {
            return Err(DbError::Exists("attribute"));
        }
        let on_delete = on_delete.unwrap_or(relation.on_delete);
        change(&mut own, key, |r| Relation { key: new_key.to_owned(), on_delete, ..r }, Some(at));
        let twin = |r: Relation| Relation { two_way_key: new_key.to_owned(), twin: new_key.to_owned(), on_delete, ..r };
        if relation.target == coll.id {
            change(&mut own, &relation.twin, twin, None);
        } else {
            let mut other = self.schema_of(relation.target)?.stored();
            change(&mut other, &relation.twin, twin, None);
            self.save(other)?;
        }
        self.save(own)
    }

    /// Removes both sides of a relationship, with all links.
    pub(crate) fn delete_relation(&mut self, coll: &Collection, relation: &Relation) -> Result<Arc<Collection>, DbError> {
        let mut own = self.stored_schema(coll)?;
        self.remove_side(&mut own, &relation.key)?;
        if relation.target == coll.id {
            self.remove_side(&mut own, &relation.twin)?;
        } else if let Some(schema) = self.context().schema_of(relation.target)? {
            let mut other = schema.stored();
            self.remove_side(&mut other, &relation.twin)?;
            self.save(other)?;
        }
        self.save(own)
    }

    /// Removes what other collections have of the relationships of one that is dropped.
    pub(crate) fn delete_relations(&mut self, schema: &Schema) -> Result<(), DbError> {
        for relation in schema.relations.iter().filter(|r| r.target != schema.collection.id) {
            let Some(other) = self.context().schema_of(relation.target)? else { continue };
            let mut other = other.stored();
            self.remove_side(&mut other, &relation.twin)?;
            self.save(other)?;
        }
        Ok(())
    }

    fn remove_side(&mut self, stored: &mut Stored, key: &str) -> Result<(), DbError> {
        let Some(at) = stored.collection.attributes.iter().position(|a| a.key == key) else { return Ok(()) };
        let attribute = stored.collection.attributes.remove(at);
        let Some(relation) = Relation::of(&attribute) else { return Ok(()) };
        if let Some(index) = relation.index {
            self.sweep(keys::index(stored.collection.id, index))?;
        }
        if relation.is_linked() {
            self.sweep(keys::links(stored.collection.id, attribute.id))?;
        }
        Ok(())
    }

    /// The schema of a collection that a relationship names.
    pub(crate) fn schema_of(&self, id: u32) -> Result<Arc<Schema>, DbError> {
        self.context().schema_of(id)?.ok_or(DbError::CollectionNotFound)
    }
}

/// Adds one side.
fn add(stored: &mut Stored, relation: &mut Relation, at: Timestamp) -> Result<(), DbError> {
    if relation.is_stored() {
        if stored.next_index >= keys::CREATED {
            return Err(DbError::Limit("No more indexes can be made".to_owned()));
        }
        relation.index = Some(stored.next_index);
        stored.next_index += 1;
    }
    let attribute = Attribute {
        id: 0,
        key: relation.key.clone(),
        kind: Kind::Relationship,
        size: 0,
        required: false,
        array: false,
        default: Value::Null,
        format: String::new(),
        elements: Vec::new(),
        min: Value::Null,
        max: Value::Null,
        encrypt: false,
        options: relation.options(),
        status: status(relation),
        error: String::new(),
        created_at: at,
        updated_at: at,
    };
    checks::attribute(&stored.collection, &attribute)?;
    add_attribute(stored, attribute)
}

fn change(stored: &mut Stored, key: &str, apply: impl FnOnce(Relation) -> Relation, at: Option<Timestamp>) {
    let Some(attribute) = stored.collection.attributes.iter_mut().find(|a| a.key == key) else { return };
    let Some(relation) = Relation::of(attribute).map(apply) else { return };
    attribute.options = relation.options();
    attribute.key = relation.key;
    attribute.updated_at = at.unwrap_or(attribute.updated_at);
}
