//! Values that somebody wants to hear of: references to what lies outside of the collection, which has to go or to come with them.
//!
//! An attribute is watched when its options say `watched`. What a transaction did to watched values is told to the one [`Watcher`] of the
//! database at the end of the transaction, inside of it, so that what follows from it is done with it or not at all.
use std::sync::Arc;

use access::Access;
use serde_json::Value;

use crate::catalog::Schema;
use crate::engine::Writer;
use crate::{Attribute, Collection, DbError, Document, Index};

/// Key of the options that make an attribute a watched one; what is below it is the watcher's own.
pub const WATCHED: &str = "watched";

/// What happened to watched values.
#[derive(Clone, Debug)]
pub enum Change {
    /// Those of one attribute of one document; empty where there is none.
    Values {
        /// The collection.
        collection: Arc<Collection>,
        /// The attribute.
        attribute: Attribute,
        /// Sequence of the document.
        sequence: u64,
        /// What there was.
        before: Vec<String>,
        /// What there is.
        after: Vec<String>,
        /// Who did it.
        access: Access,
    },
    /// Those of all documents of a collection, which was dropped, or which lost the attribute.
    Dropped {
        /// The collection.
        collection: Arc<Collection>,
        /// The attribute.
        attribute: Attribute,
    },
}

/// Hears of watched values, and of what the background has done.
pub trait Watcher: Send + Sync {
    /// What one transaction did, in order. An error undoes it.
    fn changed(&self, writer: &mut Writer<'_, '_>, changes: Vec<Change>) -> Result<(), DbError>;

    /// An index that the background filled is available, or failed; its status says which. Told once, after that is durable; not if the process ends in between. The thread of the background waits for it.
    fn built(&self, collection: &Arc<Collection>, index: &Index) {
        let _ = (collection, index);
    }
}

impl Attribute {
    /// What the watcher keeps about a watched attribute.
    #[must_use]
    pub fn watched(&self) -> Option<&Value> {
        self.options.get(WATCHED).filter(|v| !v.is_null())
    }
}

/// The texts of a value or of a list; empty ones name nothing.
pub fn texts(value: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    match value {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

impl Writer<'_, '_> {
    /// Notes what becomes of the watched values of a document.
    pub(crate) fn watch(&mut self, schema: &Schema, access: &Access, before: Option<&Document>, after: Option<&Document>) {
        for attribute in &schema.watched {
            let of = |d: Option<&Document>| d.map(|d| texts(d.value(&attribute.key))).unwrap_or_default();
            let (before_values, after_values) = (of(before), of(after));
            if let Some(document) = after.or(before).filter(|_| before_values != after_values) {
                self.watched.push(Change::Values {
                    collection: schema.collection.clone(),
                    attribute: attribute.clone(),
                    sequence: document.sequence,
                    before: before_values,
                    after: after_values,
                    access: access.clone(),
                });
            }
        }
    }

    /// Notes that watched attributes are no more.
    pub(crate) fn watch_dropped(&mut self, schema: &Schema, key: Option<&str>) {
        for attribute in schema.watched.iter().filter(|a| key.is_none_or(|k| a.key == k)) {
            self.watched.push(Change::Dropped { collection: schema.collection.clone(), attribute: attribute.clone() });
        }
    }

    /// Tells the watcher, until what it does changes nothing that is watched.
    pub(crate) fn tell_watcher(&mut self) -> Result<(), DbError> {
        while !self.watched.is_empty() {
            let changes = std::mem::take(&mut self.watched);
            let Some(watcher) = self.shared.watcher.get().cloned() else { return Ok(()) };
            watcher.changed(self, changes)?;
        }
        Ok(())
    }
}
