//! Databases in both vocabularies – databases, collections, attributes, documents and tablesDB, tables, columns, rows – over one implementation.
mod attributes;
mod collections;
#[expect(clippy::module_inception, reason = "the resource has the service's name")]
mod databases;
mod documents;
mod extra;
mod indexes;
mod logs;
mod memory;
mod place;
mod sequels;
mod transactions;
mod usage;
mod words;

use kernel::Endpoint;

pub(crate) use place::{shelf, store_name};
pub(crate) use sequels::index_built;
pub(crate) use transactions::{count_staged, open_transaction, remove_expired};

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    databases::ENDPOINTS,
    collections::ENDPOINTS,
    attributes::READ,
    attributes::TYPES,
    attributes::RELATIONSHIP,
    indexes::ENDPOINTS,
    documents::CREATE,
    documents::READ,
    documents::UPDATE,
    documents::UPSERT,
    documents::DELETE,
    documents::BULK,
    documents::NUMBERS,
    documents::LOGS,
    logs::ENDPOINTS,
    transactions::STATE,
    transactions::COMMIT,
    transactions::OPERATIONS,
    usage::ENDPOINTS,
    extra::AGGREGATE,
    extra::EXPLAIN,
    extra::COMMIT,
    extra::FILES,
];

/// Whether an engine's collection of this name holds documents of an app's collection.
pub(crate) fn is_own(name: &str) -> bool {
    name.starts_with("database_") && name.contains("_collection_")
}
