//! Stored schemas and how they are found.
use std::collections::HashMap;
use std::sync::Arc;

use kv::Read;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use crate::index::IndexPlan;
use crate::{Collection, DbError, IndexKind, Namespace, Status, keys, record};

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
}

impl Schema {
    pub(crate) fn new(stored: Stored) -> Self {
        let c = &stored.collection;
        let kept = c.indexes.iter().filter(|i| matches!(i.status, Status::Available | Status::Processing) && i.kind != IndexKind::Spatial);
        let mut indexes: Vec<_> = kept.map(|i| IndexPlan::new(c, i)).collect();
        indexes.push(IndexPlan::time("$createdAt", keys::CREATED));
        indexes.push(IndexPlan::time("$updatedAt", keys::UPDATED));
        Self { collection: Arc::new(stored.collection), next_attribute: stored.next_attribute, next_index: stored.next_index, indexes }
    }

    pub(crate) fn stored(&self) -> Stored {
        Stored { collection: Collection::clone(&self.collection), next_attribute: self.next_attribute, next_index: self.next_index }
    }
}

/// Number that changes with every change of any schema.
pub(crate) fn version(kv: &dyn Read) -> Result<u64, DbError> {
    number(kv, &keys::meta("catalog"))
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

/// Decoded schemas as of one catalog version, which committed states alone fill.
#[derive(Default)]
pub(crate) struct Cache(RwLock<Known>);

#[derive(Default)]
struct Known {
    version: u64,
    by_name: HashMap<(Namespace, String), u32>,
    by_id: HashMap<u32, Arc<Schema>>,
}

impl Cache {
    /// The schema of an id; reads of committed states (`fill`) are remembered.
    pub(crate) fn by_id(&self, kv: &dyn Read, version: u64, id: u32, fill: bool) -> Result<Option<Arc<Schema>>, DbError> {
        {
            let known = self.0.read();
            if known.version == version
                && let Some(schema) = known.by_id.get(&id)
            {
                return Ok(Some(schema.clone()));
            }
        }
        let Some(schema) = load(kv, id)?.map(Arc::new) else { return Ok(None) };
        if fill {
            self.keep(version, |known| {
                known.by_id.insert(id, schema.clone());
            });
        }
        Ok(Some(schema))
    }

    /// The schema of a name.
    pub(crate) fn by_name(&self, kv: &dyn Read, version: u64, ns: Namespace, name: &str, fill: bool) -> Result<Option<Arc<Schema>>, DbError> {
        let key = (ns, name.to_owned());
        let known = {
            let known = self.0.read();
            (known.version == version).then(|| known.by_name.get(&key).copied()).flatten()
        };
        let id = match known {
            Some(id) => id,
            None => {
                let Some(id) = id_of(kv, ns, name)? else { return Ok(None) };
                if fill {
                    self.keep(version, |known| {
                        known.by_name.insert(key, id);
                    });
                }
                id
            }
        };
        self.by_id(kv, version, id, fill)
    }

    fn keep(&self, version: u64, f: impl FnOnce(&mut Known)) {
        let mut known = self.0.write();
        if known.version > version {
            return;
        }
        if known.version < version || known.by_id.len() >= MAX_CACHED || known.by_name.len() >= MAX_CACHED {
            *known = Known { version, ..Known::default() };
        }
        f(&mut known);
    }
}
