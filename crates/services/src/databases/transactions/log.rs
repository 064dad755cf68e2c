//! The operations of a transaction.
use database::{Collection, DbError, Document, Find, Namespace, NewDocument, Reader};
use kernel::{Cx, Result, Tx};
use protocol::{Query, Timestamp};
use serde_json::{Value, json};

use super::store::MAX_OPERATIONS;
use crate::databases::place::Place;
use crate::support::{OWN, object};

/// Name of the collection of operations.
const NAME: &str = "transactionLogs";

macro_rules! actions {
    ($($name:ident = $wire:literal,)*) => {
        /// What an operation does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::databases) enum Action { $($name,)* }
        impl Action {
            /// Its name.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
            /// The action of a name.
            pub(super) fn parse(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$name),)* _ => None }
            }
        }
    };
}
actions! {
    Create = "create",
    Update = "update",
    Upsert = "upsert",
    Delete = "delete",
    Increment = "increment",
    Decrement = "decrement",
    BulkCreate = "bulkCreate",
    BulkUpdate = "bulkUpdate",
    BulkUpsert = "bulkUpsert",
    BulkDelete = "bulkDelete",
}

impl Action {
    /// About several documents.
    pub(super) fn is_bulk(self) -> bool {
        matches!(self, Self::BulkCreate | Self::BulkUpdate | Self::BulkUpsert | Self::BulkDelete)
    }
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) action: Action,
    pub(super) database_id: String,
    pub(super) collection_id: String,
    /// Name of the collection in the engine.
    pub(super) store: String,
    /// Empty for bulk operations.
    pub(super) document_id: String,
    pub(super) data: Value,
    /// When it came.
    pub(super) at: Timestamp,
    /// [`fingerprint`] of the document it is about at that time; empty for those about none or many.
    pub(super) seen: String,
}

impl Operation {
    pub(super) fn new(place: &Place, action: Action, document_id: &str, data: Value, at: Timestamp) -> Self {
        Self {
            action,
            database_id: place.database.id.clone(),
            collection_id: place.collection.id.clone(),
            store: place.schema.name.clone(),
            document_id: document_id.to_owned(),
            data,
            at,
            seen: String::new(),
        }
    }

    fn of(doc: &Document) -> Option<Self> {
        Some(Self {
            action: Action::parse(doc.str("action"))?,
            database_id: doc.str("databaseId").to_owned(),
            collection_id: doc.str("collectionId").to_owned(),
            store: doc.str("store").to_owned(),
            document_id: doc.str("documentId").to_owned(),
            data: doc.value("data").clone(),
            at: doc.created_at,
            seen: doc.str("seen").to_owned(),
        })
    }
}

/// A document in short: another one whenever anything of it differs, also for one that is not there.
pub(super) fn fingerprint(document: Option<&Document>) -> String {
    let Some(d) = document else { return "none".to_owned() };
    crypto::sha256_hex(json!([d.sequence, d.updated_at.0, d.created_at.0, d.permissions, d.data]).to_string().as_bytes())
}

fn of_transaction(sequence: u64) -> Find {
    let limit = u64::try_from(MAX_OPERATIONS).unwrap_or_default();
    Find { filters: vec![Query::equal("transaction", sequence)], limit, ..Find::default() }
}

/// Operations in the order they came.
pub(super) fn read(cx: &Cx<'_>, reader: &Reader, sequence: u64) -> Result<Vec<Operation>> {
    let found = reader.find(&OWN, &*cx.collection(NAME)?, &of_transaction(sequence))?;
    Ok(found.documents.iter().filter_map(|d| Operation::of(d)).collect())
}

/// Operations in the order they came, as the store's transaction sees them.
pub(super) fn read_in(tx: &Tx<'_, '_, '_>, ns: Namespace, sequence: u64) -> Result<Vec<Operation>, DbError> {
    let found = tx.db.find(&OWN, &*tx.collection(ns, NAME)?, &of_transaction(sequence))?;
    Ok(found.documents.iter().filter_map(|d| Operation::of(d)).collect())
}

/// Adds an operation.
pub(super) fn add(tx: &mut Tx<'_, '_, '_>, coll: &Collection, transaction: u64, id: String, op: Operation) -> Result<(), DbError> {
    let data = object(json!({
        "transaction": transaction, "databaseId": op.database_id, "collectionId": op.collection_id, "store": op.store,
        "action": op.action.as_str(), "documentId": op.document_id, "data": op.data, "seen": op.seen,
    }));
    tx.create(&OWN, coll, NewDocument { id, permissions: Vec::new(), data, created_at: op.at, updated_at: op.at }).map(drop)
}

/// The collection of operations.
pub(super) fn collection(tx: &Tx<'_, '_, '_>, ns: Namespace) -> Result<std::sync::Arc<Collection>, DbError> {
    tx.collection(ns, NAME)
}

/// Removes the operations of a transaction.
pub(super) fn clear(tx: &mut Tx<'_, '_, '_>, ns: Namespace, sequence: u64) -> Result<(), DbError> {
    let coll = tx.collection(ns, NAME)?;
    let found = tx.db.find(&OWN, &coll, &of_transaction(sequence))?;
    found.documents.iter().try_for_each(|d| tx.delete(&OWN, &coll, &d.id, None).map(drop))
}
