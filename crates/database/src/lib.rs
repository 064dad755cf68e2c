//! The document engine: schemas, validation, indexes, planner and permissions over an ordered key-value store.
//!
//! Users, teams, buckets and an app's own documents are all documents of collections. Nothing is read or written without an
//! [`access::Access`]. Everything here is synchronous; it knows no HTTP, no clock and no randomness.
mod aggregate;
mod cache;
mod catalog;
mod checks;
mod ddl;
mod definitions;
mod document;
mod engine;
mod enter;
mod error;
mod explain;
mod facts;
mod filter;
mod find;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod index;
mod jobs;
mod keys;
mod lists;
mod meets;
mod operators;
mod plan;
mod postings;
mod queries;
mod reading;
mod record;
mod relations;
mod resize;
mod scan;
mod schema;
mod select;
mod size;
mod spatial;
mod structure;
mod text;
mod visibility;
mod waiting;
mod watch;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use aggregate::{Aggregate, Figure, Group, MAX_DISTINCT, MAX_GROUPS};
pub use definitions::{DefinitionError, IndexRefusal, MAX_INDEXES, MAX_WIDTH, row_width, validate_definition, validate_index, validate_redefinition};
pub use document::{Document, NewDocument, Update, Updated};
pub use engine::{Database, Options, Reader, Sealer, Writer};
pub use error::DbError;
pub use explain::{Considered, Plan, Way};
pub use find::{Cursor, Find, Page, Total};
pub use meets::meets;
pub use operators::{check_operators, has_operators};
pub use queries::{validate_queries, validate_selects};
pub use relations::{OnDelete, Related, Relation, RelationKind, RelationSpec, Selection, Tree, is_hidden};
pub use schema::{Attribute, Collection, CollectionSpec, Index, IndexKind, Kind, Namespace, Order, Status};
pub use structure::internal_time;
pub use watch::{Change as WatchedChange, WATCHED, Watcher, texts as watched_texts};
