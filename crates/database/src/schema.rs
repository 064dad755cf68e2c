//! Collections, attributes and indexes.
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tenant: each project has one; 0 is the console's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Namespace(pub u32);

/// Type of an attribute as the wire names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "names of the contract")]
pub enum Kind {
    String,
    Varchar,
    Text,
    Mediumtext,
    Longtext,
    Integer,
    Bigint,
    Double,
    Boolean,
    Datetime,
    Relationship,
    Point,
    Linestring,
    Polygon,
    /// Any JSON value, for internal collections only; not indexable.
    Json,
}

/// Life cycle of an attribute or index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "names of the contract")]
pub enum Status {
    Available,
    Processing,
    Deleting,
    Stuck,
    Failed,
}

/// One attribute (column).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Stable number inside its collection, never reused; stored records refer to it.
    pub id: u16,
    /// Name.
    pub key: String,
    /// Type.
    pub kind: Kind,
    /// Most characters (strings; bytes for the text family); 0 otherwise.
    pub size: u64,
    /// Must be present and not null.
    pub required: bool,
    /// A list of values.
    pub array: bool,
    /// Value when absent on create.
    pub default: Value,
    /// `email`, `enum`, `url`, `ip`, `intRange`, `floatRange`, `datetime` or empty.
    pub format: String,
    /// Elements of an enum.
    pub elements: Vec<String>,
    /// Lower bound of integers and floats.
    pub min: Value,
    /// Upper bound.
    pub max: Value,
    /// Stored sealed, not queryable.
    pub encrypt: bool,
    /// Further options (relationships: relatedCollection, relationType, twoWay, twoWayKey, onDelete, side).
    pub options: Value,
    /// State.
    pub status: Status,
    /// Why it failed; empty otherwise.
    pub error: String,
    /// When it was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(with = "millis")]
    pub updated_at: Timestamp,
}

/// Kind of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "names of the contract")]
pub enum IndexKind {
    Key,
    Unique,
    Fulltext,
    Spatial,
}

/// Direction of an index part or of an ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "names say it")]
pub enum Order {
    Asc,
    Desc,
}

/// One index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// Stable number inside its collection, never reused.
    pub id: u16,
    /// Name.
    pub key: String,
    /// Kind.
    pub kind: IndexKind,
    /// Attribute keys in order; `$id`, `$createdAt`, `$updatedAt` allowed.
    pub attributes: Vec<String>,
    /// Directions, parallel to `attributes`; empty = ascending. What the caller sent (`ASC`/`DESC`/null).
    pub orders: Vec<Option<Order>>,
    /// Prefix lengths as given (null or number); documentation only.
    pub lengths: Vec<Option<i64>>,
    /// State.
    pub status: Status,
    /// Why it failed; empty otherwise.
    pub error: String,
    /// When it was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(with = "millis")]
    pub updated_at: Timestamp,
}

/// A collection (table) with its schema, as of one moment; shared, never changed in place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Tenant.
    pub namespace: Namespace,
    /// Number used in keys, unique in the store, never reused.
    pub id: u32,
    /// Unique name inside the namespace, e.g. `users` or `database_1_collection_2`.
    pub name: String,
    /// Canonical permission strings of the collection.
    pub permissions: Vec<String>,
    /// Whether documents' own permissions count.
    pub document_security: bool,
    /// Attributes in order of creation.
    pub attributes: Vec<Attribute>,
    /// Indexes in order of creation.
    pub indexes: Vec<Index>,
    /// Grows with every change of schema.
    pub version: u32,
}

impl Collection {
    /// Attribute by key.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.key == key)
    }
    /// Index by key.
    #[must_use]
    pub fn index(&self, key: &str) -> Option<&Index> {
        self.indexes.iter().find(|i| i.key == key)
    }
}

/// A collection to be made; ids of attributes and indexes are assigned (those given are ignored).
#[derive(Clone, Debug)]
pub struct CollectionSpec {
    /// Name, unique in its namespace.
    pub name: String,
    /// Canonical permission strings.
    pub permissions: Vec<String>,
    /// Whether documents' own permissions count.
    pub document_security: bool,
    /// Attributes.
    pub attributes: Vec<Attribute>,
    /// Indexes.
    pub indexes: Vec<Index>,
}

/// Times in stored schemas: milliseconds.
mod millis {
    use protocol::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(t: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        t.0.serialize(s)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(d).map(Timestamp)
    }
}
