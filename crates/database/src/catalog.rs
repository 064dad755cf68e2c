//! Stored schemas and how they are found.
use std::collections::HashMap;
use std::sync::Arc;

use kv::Read;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use crate::index::IndexPlan;
use crate::relations::Relation;
use crate::{Attribute, Collection, DbError, Namespace, Status, keys, record};

/// Most schemas kept decoded; when full, all are forgotten.
const MAX_CACHED: usize = 4096;

/// A collection as stored: what callers see and the numbers that must never be given twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) collection: Collection,
    pub(crate) next_attribute: u16,
    pub(crate) next_index: u16,
}

/// A collection made ready for use.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) collection: Arc<Collection>,
    pub(crate) next_attribute: u16,
    pub(crate) next_index: u16,
    /// Indexes that writers keep up, the built-in ones included.
    pub(crate) indexes: Vec<IndexPlan>,
    /// Relationships, the hidden ones included.
    pub(crate) relations: Vec<Relation>,
    /// Attributes of which the watcher wants to hear.
    pub(crate) watched: Vec<Attribute>,
}

impl Schema {
    pub(crate) fn new(stored: Stored) -> Self {
        let c = &stored.collection;
        let kept = c.indexes.iter().filter(|i| matches!(i.status, Status::Available | Status::Processing));
        let mut indexes: Vec<_> = kept.map(|i| IndexPlan::new(c, i)).collect();
        let relations: Vec<Relation> = c.relations().collect();
        indexes.extend(relations.iter().filter_map(Relation::plan));
        indexes.push(IndexPlan::time("$createdAt", keys::CREATED));
        indexes.push(IndexPlan::time("$updatedAt", keys::UPDATED));
        let watched = c.attributes.iter().filter(|a| a.watched().is_some()).cloned().collect();
        Self { watched, collection: Arc::new(stored.collection), next_attribute: stored.next_attribute, next_index: stored.next_index, indexes, relations }
    }

    pub(crate) fn stored(&self) -> Stored {
        Stored { collection: Collection::clone(&self.collection), next_attribute: self.next_attribute, next_index: self.next_index }
    }
}

/// A number stored under a key; 0 when absent.
pub(crate) fn number(kv: &dyn Read, key: &[u8]) -> Result<u64, DbError> {
    Ok(kv.get(key)?.and_then(|v| keys::number(&v)).unwrap_or(0))
}

/// Id of the collection of a name.
pub(crate) fn id_of(kv: &dyn Read, ns: Namespace, name: &str) -> Result<Option<u32>, DbError> {
    let id = kv.get(&keys::name(ns.0, name))?.and_then(|v| keys::number(&v));
    Ok(id.and_then(|n| u32::try_from(n).ok()))
}

/// Reads a schema.
pub(crate) fn load(kv: &dyn Read, id: u32) -> Result<Option<Schema>, DbError> {
    let Some(bytes) = kv.get(&keys::base(keys::table::CATALOG, id))? else { return Ok(None) };
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|e| record::damaged(&format!("schema of collection {id}: {e}")))?;
    Ok(Some(Schema::new(stored)))
}

/// Decoded schemas of the newest commits.
///
/// As with documents (see [`crate::cache`]), a writer marks the catalog as changing before it commits, and readers enter
/// only what they read from the newest commit. What is known holds for every commit from `since` on.
#[derive(Default)]
pub(crate) struct Cache(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// Transactions in progress that change schemas.
    changing: u32,
    since: u64,
    by_name: HashMap<Namespace, HashMap<String, Arc<Schema>>>,
    by_id: HashMap<u32, Arc<Schema>>,
}

/// The state that is read.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub(crate) kv: &'a dyn Read,
    /// Number of its commit; `None` for a transaction in progress.
    pub(crate) version: Option<u64>,
    pub(crate) store: &'a kv::Store,
}

impl Cache {
    /// The schema of an id.
    pub(crate) fn by_id(&self, state: State<'_>, id: u32) -> Result<Option<Arc<Schema>>, DbError> {
        {
            let known = self.0.read();
            if known.holds(state.version)
                && let Some(schema) = known.by_id.get(&id)
            {
                return Ok(Some(schema.clone()));
            }
        }
        let Some(schema) = load(state.kv, id)?.map(Arc::new) else { return Ok(None) };
        self.keep(state, &schema);
        Ok(Some(schema))
    }

    /// The schema of a name.
    pub(crate) fn by_name(&self, state: State<'_>, ns: Namespace, name: &str) -> Result<Option<Arc<Schema>>, DbError> {
        {
            let known = self.0.read();
            if known.holds(state.version)
                && let Some(schema) = known.by_name.get(&ns).and_then(|names| names.get(name))
            {
                return Ok(Some(schema.clone()));
            }
        }
        match id_of(state.kv, ns, name)? {
            Some(id) => self.by_id(state, id),
            None => Ok(None),
        }
    }

    fn keep(&self, state: State<'_>, schema: &Arc<Schema>) {
        let mut known = self.0.write();
        // A transaction sees schemas as the newest commit has them, unless one is being changed.
        let newest = state.store.read().version();
        if known.changing > 0 || state.version.is_some_and(|v| v != newest) {
            return;
        }
        if known.by_id.len() >= MAX_CACHED {
            known.forget();
        }
        // Everything kept is of the newest commit, so it holds at least from this one on.
        known.since = known.since.max(newest);
        let c = &schema.collection;
        known.by_id.insert(c.id, schema.clone());
        known.by_name.entry(c.namespace).or_default().insert(c.name.clone(), schema.clone());
    }

    /// A transaction is about to change a schema.
    pub(crate) fn begin(&self) {
        let mut known = self.0.write();
        known.changing += 1;
        known.forget();
    }

    /// So many changes are over, well or not.
    pub(crate) fn end(&self, changes: u32) {
        if changes > 0 {
            self.0.write().changing -= changes;
        }
    }
}

impl Known {
    /// Whether it may be used for a state: that of a commit, or of a transaction in progress.
    fn holds(&self, version: Option<u64>) -> bool {
        self.changing == 0 && version.is_none_or(|v| v >= self.since)
    }

    fn forget(&mut self) {
        self.by_name.clear();
        self.by_id.clear();
        self.since = 0;
    }
}
