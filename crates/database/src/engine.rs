//! The engine's handle, readers and writers.
#![allow(unused_variables, clippy::todo, reason = "skeleton")]
use std::sync::Arc;

use access::Access;
use protocol::Query;

use crate::{Attribute, Collection, CollectionSpec, DbError, Document, Find, Index, Namespace, NewDocument, Page, Update, Updated};

/// Bounds of the engine's caches.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decoded documents kept in memory, in bytes.
    pub document_cache_bytes: u64,
}
impl Default for Options {
    fn default() -> Self {
        Self { document_cache_bytes: 48 << 20 }
    }
}

/// The engine; clone is cheap.
#[derive(Clone)]
pub struct Database(());
impl Database {
    /// Opens the engine on a store; migrates older layouts, refuses newer ones.
    pub fn open(store: kv::Store, options: Options) -> Result<Self, DbError> {
        todo!()
    }
    /// The last committed state.
    pub fn read(&self) -> Reader {
        todo!()
    }
    /// One transaction, see [`kv::Store::write`]: all or nothing, durable when it returns.
    pub fn write<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut Writer<'_, '_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        todo!()
    }
    /// The store below.
    pub fn store(&self) -> &kv::Store {
        todo!()
    }
}

/// A consistent view.
pub struct Reader(());
/// A transaction in progress: everything a reader can, seeing its own writes, and changes.
pub struct Writer<'a, 'tx>(&'a mut kv::WriteTx<'tx>);

macro_rules! reading { ($($t:ty),*) => { $( impl $t {
    /// A collection by name.
    pub fn collection(&self, ns: Namespace, name: &str) -> Result<Option<Arc<Collection>>, DbError> { todo!() }
    /// All collections of a namespace.
    pub fn collections(&self, ns: Namespace) -> Result<Vec<Arc<Collection>>, DbError> { todo!() }
    /// A document the access may read (collection read, or document read when document security is on); `None` otherwise.
    pub fn get(&self, access: &Access, coll: &Collection, id: &str) -> Result<Option<Arc<Document>>, DbError> { todo!() }
    /// Documents that match and may be read. Unauthorized when neither the collection nor (with document security) documents can be read.
    pub fn find(&self, access: &Access, coll: &Collection, find: &Find) -> Result<Page, DbError> { todo!() }
    /// How many match and may be read, counted up to `cap`.
    pub fn count(&self, access: &Access, coll: &Collection, filters: &[Query], cap: Option<u64>) -> Result<u64, DbError> { todo!() }
    /// The first match, for internal look-ups by indexed attributes.
    pub fn find_one(&self, access: &Access, coll: &Collection, filters: Vec<Query>) -> Result<Option<Arc<Document>>, DbError> { todo!() }
} )* } }
reading!(Reader, Writer<'_, '_>);

impl Writer<'_, '_> {
    /// Makes a collection with its attributes and indexes.
    pub fn create_collection(&mut self, ns: Namespace, spec: CollectionSpec) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Changes permissions and document security.
    pub fn update_collection(&mut self, coll: &Collection, permissions: Vec<String>, document_security: bool) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Drops a collection; its keys are removed here or, when there are many, by [`Database`]'s background sweeper.
    pub fn drop_collection(&mut self, coll: &Collection) -> Result<(), DbError> {
        todo!()
    }
    /// Adds an attribute; checks limits; existing documents read its default-less null.
    pub fn create_attribute(&mut self, coll: &Collection, attribute: Attribute) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Replaces an attribute's definition (same id); with another key it is a rename, which indexes follow.
    pub fn update_attribute(&mut self, coll: &Collection, key: &str, attribute: Attribute) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Removes an attribute and shortens or drops indexes on it.
    pub fn delete_attribute(&mut self, coll: &Collection, key: &str) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Adds an index and fills it from existing documents.
    pub fn create_index(&mut self, coll: &Collection, index: Index) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Removes an index.
    pub fn delete_index(&mut self, coll: &Collection, key: &str) -> Result<Arc<Collection>, DbError> {
        todo!()
    }
    /// Makes a document; needs the collection's create permission.
    pub fn create(&mut self, access: &Access, coll: &Collection, new: NewDocument) -> Result<Document, DbError> {
        todo!()
    }
    /// Changes a document; needs update (collection or, with document security, document); without a real change read suffices.
    pub fn update(&mut self, access: &Access, coll: &Collection, id: &str, update: Update) -> Result<Updated, DbError> {
        todo!()
    }
    /// Removes a document and returns its last state; needs delete.
    pub fn delete(&mut self, access: &Access, coll: &Collection, id: &str, unless_newer: Option<protocol::Timestamp>) -> Result<Document, DbError> {
        todo!()
    }
}
