//! The document engine: schemas, validation, indexes, planner and permissions over an ordered key-value store.
//!
//! Users, teams, buckets and an app's own documents are all documents of collections. Nothing is read or written without an
//! [`access::Access`]. Everything here is synchronous; it knows no HTTP, no clock and no randomness.
mod document;
mod engine;
mod error;
mod find;
mod schema;

pub use document::{Document, NewDocument, Update, Updated};
pub use engine::{Database, Options, Reader, Writer};
pub use error::DbError;
pub use find::{Cursor, Find, Page, Total};
pub use schema::{Attribute, Collection, CollectionSpec, Index, IndexKind, Kind, Namespace, Order, Status};
