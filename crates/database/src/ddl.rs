//! Changes of schemas.
use std::sync::Arc;

use crate::catalog::{self, Schema, Stored};
use crate::engine::Writer;
use crate::jobs::{Build, Job, Portion, TAKEN};
use crate::record::damaged;
use crate::relations::Relation;
use crate::scan::Range;
use crate::{Attribute, Collection, CollectionSpec, DbError, Index, IndexKind, Namespace, Order, Status, checks, keys};

impl Writer<'_, '_> {
    /// Makes a collection with its attributes and indexes.
    pub fn create_collection(&mut self, ns: Namespace, spec: CollectionSpec) -> Result<Arc<Collection>, DbError> {
        if catalog::id_of(&*self.tx, ns, &spec.name)?.is_some() {
            return Err(DbError::Exists("collection"));
        }
        let next = catalog::number(&*self.tx, &keys::meta("collection"))? + 1;
        let id = u32::try_from(next).map_err(|_| DbError::Limit("No more collections can be made".to_owned()))?;
        self.tx.put(keys::meta("collection"), next.to_be_bytes().to_vec());
        self.tx.put(keys::name(ns.0, &spec.name), next.to_be_bytes().to_vec());
        let mut stored = Stored {
            collection: Collection {
                namespace: ns,
                id,
                name: spec.name,
                permissions: spec.permissions,
                document_security: spec.document_security,
                attributes: Vec::new(),
                indexes: Vec::new(),
                version: 0,
            },
            next_attribute: 1,
            next_index: 1,
        };
        for attribute in spec.attributes {
            add_attribute(&mut stored, attribute)?;
        }
        for index in spec.indexes {
            add_index(&mut stored, index)?;
        }
        self.save(stored)
    }

    /// Changes permissions and document security.
    pub fn update_collection(&mut self, coll: &Collection, permissions: Vec<String>, document_security: bool) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        stored.collection.permissions = permissions;
        stored.collection.document_security = document_security;
        self.save(stored)
    }

    /// Drops a collection; its keys are removed here or, when there are many in this transaction, in the background.
    pub fn drop_collection(&mut self, coll: &Collection) -> Result<(), DbError> {
        let schema = self.context().schema(coll)?;
        let coll = &schema.collection;
        self.tx.delete(keys::name(coll.namespace.0, &coll.name));
        self.tx.delete(keys::base(keys::table::CATALOG, coll.id));
        self.change_catalog();
        self.watch_dropped(&schema, None);
        self.delete_relations(&schema)?;
        if let Some(reached) = self.remove_some(coll.id, &[], self.inline_left())? {
            self.leave(&Job::Drop(coll.id), reached);
        }
        Ok(())
    }

    /// Adds an attribute; checks limits; existing documents read its default-less null.
    pub fn create_attribute(&mut self, coll: &Collection, attribute: Attribute) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        let needed = attribute.kind.is_spatial() && attribute.required && stored.collection.is_app_data();
        if needed && self.context().stats(coll.id)?.count > 0 {
            // Unlike other types, the reference keeps these from being absent.
            return Err(DbError::Structure("Failed to add required spatial column: existing rows present. Make the column optional.".to_owned()));
        }
        checks::attribute(&stored.collection, &attribute)?;
        add_attribute(&mut stored, attribute)?;
        self.save(stored)
    }

    /// Replaces an attribute's definition (same id); with another key it is a rename, which indexes follow.
    pub fn update_attribute(&mut self, coll: &Collection, key: &str, mut attribute: Attribute) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        let taken = |k: &str| stored.collection.attributes.iter().any(|a| a.key.eq_ignore_ascii_case(k) && a.key != key);
        if taken(&attribute.key) {
            return Err(DbError::Exists("attribute"));
        }
        checks::changed_attribute(&stored.collection, key, &attribute)?;
        if let Some(old) = stored.collection.attribute(key) {
            self.check_stored_sizes(coll.id, old, &attribute)?;
        }
        let Some(old) = stored.collection.attributes.iter_mut().find(|a| a.key == key) else { return Err(DbError::NotFound) };
        attribute.id = old.id;
        if attribute.options.is_null() {
            attribute.options = std::mem::take(&mut old.options);
        }
        let new_key = attribute.key.clone();
        *old = attribute;
        if new_key != key {
            for named in stored.collection.indexes.iter_mut().flat_map(|i| &mut i.attributes).filter(|a| *a == key) {
                named.clone_from(&new_key);
            }
        }
        self.save(stored)
    }

    /// Removes an attribute and shortens or drops indexes on it.
    pub fn delete_attribute(&mut self, coll: &Collection, key: &str) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        if let Some(relation) = stored.collection.attribute(key).and_then(Relation::of) {
            return self.delete_relation(coll, &relation);
        }
        let schema = self.context().schema(coll)?;
        self.watch_dropped(&schema, Some(key));
        let before = stored.collection.attributes.len();
        stored.collection.attributes.retain(|a| a.key != key);
        if stored.collection.attributes.len() == before {
            return Err(DbError::NotFound);
        }
        let mut shortened = Vec::new();
        for mut index in std::mem::take(&mut stored.collection.indexes) {
            if !index.attributes.iter().any(|a| a == key) {
                stored.collection.indexes.push(index);
                continue;
            }
            self.sweep_index(coll.id, &index)?;
            let keep: Vec<bool> = index.attributes.iter().map(|a| a != key).collect();
            retain_at(&mut index.attributes, &keep);
            retain_at(&mut index.orders, &keep);
            retain_at(&mut index.lengths, &keep);
            let of_others = &schema.collection.indexes;
            let twin = of_others.iter().chain(&stored.collection.indexes).any(|other| other.status != Status::Failed && is_twin(other, &index));
            if !index.attributes.is_empty() && !twin {
                shortened.push(add_index(&mut stored, index)?);
            }
        }
        let mut saved = self.save(stored)?;
        for id in shortened {
            saved = self.fill(&saved, id)?;
        }
        Ok(saved)
    }

    /// Adds an index and fills it from existing documents: at once when they are few, in the background otherwise.
    /// The index that comes back says so by its status; a unique one that cannot be is `failed` and says why.
    pub fn create_index(&mut self, coll: &Collection, index: Index) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        checks::index(&stored.collection, &index)?;
        let id = add_index(&mut stored, index)?;
        let saved = self.save(stored)?;
        self.fill(&saved, id)
    }

    /// Removes an index.
    pub fn delete_index(&mut self, coll: &Collection, key: &str) -> Result<Arc<Collection>, DbError> {
        let mut stored = self.stored_schema(coll)?;
        let at = stored.collection.indexes.iter().position(|i| i.key == key).ok_or(DbError::NotFound)?;
        let index = stored.collection.indexes.remove(at);
        self.sweep_index(coll.id, &index)?;
        self.save(stored)
    }

    pub(crate) fn stored_schema(&self, coll: &Collection) -> Result<Stored, DbError> {
        Ok(self.context().schema(coll)?.stored())
    }

    /// Writes a schema, as a new version.
    pub(crate) fn save(&mut self, mut stored: Stored) -> Result<Arc<Collection>, DbError> {
        stored.collection.version += 1;
        let bytes = serde_json::to_vec(&stored).map_err(|e| damaged(&e.to_string()))?;
        self.tx.put(keys::base(keys::table::CATALOG, stored.collection.id), bytes);
        self.change_catalog();
        Ok(Schema::new(stored).collection)
    }

    /// Keys that may still be removed in this transaction; what is beyond is left to the background.
    fn inline_left(&self) -> u64 {
        self.shared.options.inline_rows.saturating_sub(self.removed)
    }

    /// Removes all keys with a prefix, now or in the background.
    pub(crate) fn sweep(&mut self, prefix: Vec<u8>) -> Result<(), DbError> {
        let reached = self.sweep_some(&prefix, &[], self.inline_left())?;
        if let Some(reached) = reached {
            self.leave(&Job::Sweep(prefix), reached);
        }
        Ok(())
    }

    /// Removes up to so many keys with a prefix after a key; the last one removed, `None` when none is left. Going on from there spares the store
    /// a walk over all that is removed already.
    pub(crate) fn sweep_some(&mut self, prefix: &[u8], after: &[u8], most: u64) -> Result<Option<Vec<u8>>, DbError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut range = Range::prefix(prefix.to_vec());
        if after.starts_with(prefix) {
            range.from = [after, &[0]].concat();
        }
        let mut found = range.scan(&*self.tx, false).map(|i| i.map(|(k, _)| k)).take(most.saturating_add(1)).collect::<Result<Vec<_>, _>>()?;
        let more = found.len() > most;
        found.truncate(most);
        self.removed = self.removed.saturating_add(found.len() as u64);
        let reached = more.then(|| found.last().map_or_else(|| after.to_vec(), |last| last.to_vec()));
        for key in found {
            self.tx.delete(key.to_vec());
        }
        Ok(reached)
    }

    /// Removes up to so many keys of a dropped collection after a key; as [`Writer::sweep_some`].
    pub(crate) fn remove_some(&mut self, coll: u32, after: &[u8], most: u64) -> Result<Option<Vec<u8>>, DbError> {
        let before = self.removed;
        let first = after.first().and_then(|t| keys::table::OF_COLLECTION.iter().position(|table| table == t)).unwrap_or(0);
        for table in keys::table::OF_COLLECTION.into_iter().skip(first) {
            let left = most.saturating_sub(self.removed - before);
            if let Some(reached) = self.sweep_some(&keys::base(table, coll), after, left)? {
                return Ok(Some(reached));
            }
        }
        Ok(None)
    }

    fn sweep_index(&mut self, coll: u32, index: &Index) -> Result<(), DbError> {
        self.tx.delete(Job::Build { collection: coll, index: index.id }.key());
        if index.kind != IndexKind::Fulltext {
            return self.sweep(keys::index(coll, index.id));
        }
        self.tx.delete(Job::Enter { collection: coll, index: index.id }.key());
        self.sweep(keys::waiting(coll, index.id))?;
        self.sweep(keys::text(coll, index.id))
    }

    /// Fills a new index.
    fn fill(&mut self, coll: &Arc<Collection>, index: u16) -> Result<Arc<Collection>, DbError> {
        let job = Build { collection: coll.id, index, after: 0 };
        if self.context().stats(coll.id)?.count > self.shared.options.inline_rows {
            let saved = self.set_index(coll.id, index, Status::Processing, String::new())?;
            self.leave_build(&job);
            return saved.ok_or(DbError::CollectionNotFound);
        }
        match self.build_some(&job, Portion::ALL) {
            Ok(_) => Ok(coll.clone()),
            Err(DbError::Unique(_)) => self.fail_index(coll.id, index, TAKEN)?.ok_or(DbError::CollectionNotFound),
            Err(e) => Err(e),
        }
    }

    /// Marks an index as failed and removes what there is of it.
    pub(crate) fn fail_index(&mut self, coll: u32, index: u16, why: &str) -> Result<Option<Arc<Collection>>, DbError> {
        self.sweep(keys::index(coll, index))?;
        self.sweep(keys::waiting(coll, index))?;
        self.sweep(keys::text(coll, index))?;
        self.set_index(coll, index, Status::Failed, why.to_owned())
    }

    /// Sets the state of an index; `None` when the collection or the index is gone.
    pub(crate) fn set_index(&mut self, coll: u32, index: u16, status: Status, error: String) -> Result<Option<Arc<Collection>>, DbError> {
        let Some(schema) = catalog::load(&*self.tx, coll)? else { return Ok(None) };
        let mut stored = schema.stored();
        let Some(found) = stored.collection.indexes.iter_mut().find(|i| i.id == index) else { return Ok(None) };
        found.status = status;
        found.error = error;
        self.save(stored).map(Some)
    }
}

pub(crate) fn add_attribute(stored: &mut Stored, mut attribute: Attribute) -> Result<(), DbError> {
    if stored.collection.attributes.iter().any(|a| a.key.eq_ignore_ascii_case(&attribute.key)) {
        return Err(DbError::Exists("attribute"));
    }
    attribute.id = stored.next_attribute;
    stored.next_attribute = stored.next_attribute.checked_add(1).ok_or_else(|| DbError::Limit("No more attributes can be made".to_owned()))?;
    stored.collection.attributes.push(attribute);
    Ok(())
}

fn add_index(stored: &mut Stored, mut index: Index) -> Result<u16, DbError> {
    if stored.collection.indexes.iter().any(|i| i.key.eq_ignore_ascii_case(&index.key)) {
        return Err(DbError::Exists("index"));
    }
    if stored.next_index >= keys::CREATED {
        return Err(DbError::Limit("No more indexes can be made".to_owned()));
    }
    index.id = stored.next_index;
    index.status = Status::Available;
    index.error = String::new();
    stored.next_index += 1;
    stored.collection.indexes.push(index);
    Ok(stored.next_index - 1)
}

/// Whether two indexes do the same: of one of them writers keep up every entry for nothing.
fn is_twin(a: &Index, b: &Index) -> bool {
    let orders =
        |index: &Index| -> Vec<Order> { (0..index.attributes.len()).map(|at| index.orders.get(at).copied().flatten().unwrap_or(Order::Asc)).collect() };
    a.kind == b.kind && a.attributes == b.attributes && orders(a) == orders(b)
}

/// Keeps the elements of which the flag says so; lists shorter than the flags keep what they have.
fn retain_at<T>(list: &mut Vec<T>, keep: &[bool]) {
    let mut flags = keep.iter();
    list.retain(|_| flags.next().copied().unwrap_or(true));
}
