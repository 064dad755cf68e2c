//! What the engine tells about changes that were not asked for in so many words.
use std::sync::{Arc, Weak};

use database::{Collection, DbError, Index, WatchedChange, Writer};
use kernel::App;

use crate::{databases, storage};

/// Hands on what the engine tells; knows the application weakly, which owns the engine.
pub(crate) struct Watcher(Weak<App>);

impl Watcher {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self(Arc::downgrade(app))
    }
}

impl database::Watcher for Watcher {
    fn changed(&self, db: &mut Writer<'_, '_>, changes: Vec<WatchedChange>) -> Result<(), DbError> {
        match self.0.upgrade() {
            Some(app) => storage::references::changed(&app, db, changes),
            None => Ok(()),
        }
    }

    fn built(&self, collection: &Arc<Collection>, index: &Index) {
        let Some(app) = self.0.upgrade() else { return };
        if let Err(e) = databases::index_built(&app, collection, index) {
            tracing::warn!(error = ?e, collection = collection.name, index = index.key, "nobody was told that an index is done");
        }
    }
}
