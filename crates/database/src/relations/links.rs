//! Who belongs to whom.
use std::sync::Arc;

use access::{Access, Action};
use serde_json::Value;

use super::Relation;
use crate::catalog::{self, Schema};
use crate::engine::Writer;
use crate::keys::{self, Part};
use crate::reading::Context;
use crate::record::{View, damaged};
use crate::scan::{self, Sequences};
use crate::{Collection, DbError, Document};

impl Context<'_> {
    /// The collection on the other side.
    pub(crate) fn other(&self, relation: &Relation) -> Result<Arc<Schema>, DbError> {
        self.schema_of(relation.target)?.ok_or(DbError::CollectionNotFound)
    }

    /// Sequences of a document's partners, in order: by sequence or, for many-to-many, as they were linked.
    pub(crate) fn partners(&self, collection: u32, relation: &Relation, document: &Document) -> Result<Vec<u64>, DbError> {
        if relation.is_linked() {
            return self.linked(collection, relation.attribute, document.sequence);
        }
        if relation.is_stored() {
            let id = document.value(&relation.key).as_str().unwrap_or_default();
            return Ok(self.sequence(relation.target, id)?.into_iter().collect());
        }
        let other = self.other(relation)?;
        let twin = other.relations.iter().find(|r| r.key == relation.twin).and_then(|r| r.index);
        let Some(index) = twin else { return Ok(Vec::new()) };
        let mut prefix = keys::index(relation.target, index);
        keys::push_part(&mut prefix, Part::Text(&document.id), false);
        let mut found = Vec::new();
        for row in scan::unique(self.kv, &prefix, Sequences::ALL)?.chain(scan::postings(self.kv, &prefix, Sequences::ALL, false)) {
            found.push(row?.sequence);
        }
        self.note_entries(found.len() as u64);
        Ok(found)
    }

    /// What a document is linked with, in the order of linking.
    pub(crate) fn linked(&self, collection: u32, attribute: u16, sequence: u64) -> Result<Vec<u64>, DbError> {
        let mut found = Vec::new();
        for item in self.kv.prefix(&keys::links_of(collection, attribute, sequence), false) {
            let (key, value) = item?;
            found.push((keys::number(&value).unwrap_or(0), keys::sequence_of(&key).ok_or_else(|| damaged("link"))?));
        }
        self.note_entries(found.len() as u64);
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, sequence)| sequence).collect())
    }

    /// Id of a document by its sequence.
    pub(crate) fn id_of(&self, collection: u32, sequence: u64) -> Result<Option<String>, DbError> {
        Ok(match self.record(collection, sequence)? {
            Some(bytes) => Some(View::new(sequence, &bytes)?.id.to_owned()),
            None => None,
        })
    }
}

/// Whether a caller may read a document.
pub(super) fn readable(access: &Access, collection: &Collection, permissions: &[String]) -> bool {
    access.allows(&collection.permissions, Action::Read) || (collection.document_security && access.allows(permissions, Action::Read))
}

impl Writer<'_, '_> {
    /// A document by id; `None` when there is none.
    pub(super) fn document_of(&self, schema: &Schema, id: &str) -> Result<Option<Document>, DbError> {
        match self.context().sequence(schema.collection.id, id)? {
            Some(sequence) => self.document_at(schema, sequence).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn document_at(&self, schema: &Schema, sequence: u64) -> Result<Document, DbError> {
        let bytes = self.context().record(schema.collection.id, sequence)?.ok_or_else(|| damaged("document of a link"))?;
        View::new(sequence, &bytes)?.document(&schema.collection, None, self.shared.sealer())
    }

    /// Sets what a document stores about its partner. With an access, a change needs the right to update.
    pub(super) fn point(
        &mut self,
        schema: &Schema,
        sequence: u64,
        key: &str,
        id: Option<&str>,
        at: Option<protocol::Timestamp>,
        access: Option<&Access>,
    ) -> Result<(), DbError> {
        let collection = &schema.collection;
        let before = self.context().record(collection.id, sequence)?.ok_or_else(|| damaged("document of a link"))?;
        let old = View::new(sequence, &before)?.document(collection, None, self.shared.sealer())?;
        if old.value(key).as_str() == id {
            return Ok(());
        }
        if let Some(access) = access {
            self.permit(access, collection, Action::Update, &old.permissions)?;
        }
        let mut new = old.clone();
        new.data.insert(key.to_owned(), id.map_or(Value::Null, Value::from));
        new.updated_at = at.unwrap_or(new.updated_at);
        self.replace(schema, &before, &old, &new).map(drop)
    }

    /// Links two documents; nothing happens when they are.
    pub(super) fn link(&mut self, collection: u32, relation: &Relation, sequence: u64, partner: u64) -> Result<(), DbError> {
        let key = keys::link(collection, relation.attribute, sequence, partner);
        if kv::Read::get(&*self.tx, &key)?.is_some() {
            return Ok(());
        }
        let number = catalog::number(&*self.tx, &keys::meta("link"))? + 1;
        self.tx.put(keys::meta("link"), number.to_be_bytes().to_vec());
        let twin = self.twin_of(relation)?;
        self.tx.put(key, number.to_be_bytes().to_vec());
        self.tx.put(keys::link(relation.target, twin, partner, sequence), number.to_be_bytes().to_vec());
        Ok(())
    }

    /// Takes a link away.
    pub(super) fn unlink(&mut self, collection: u32, relation: &Relation, sequence: u64, partner: u64) -> Result<(), DbError> {
        let twin = self.twin_of(relation)?;
        self.tx.delete(keys::link(collection, relation.attribute, sequence, partner));
        self.tx.delete(keys::link(relation.target, twin, partner, sequence));
        Ok(())
    }

    fn twin_of(&self, relation: &Relation) -> Result<u16, DbError> {
        let other = self.schema_of(relation.target)?;
        other.relations.iter().find(|r| r.key == relation.twin).map(|r| r.attribute).ok_or_else(|| damaged("relationship without twin"))
    }
}
