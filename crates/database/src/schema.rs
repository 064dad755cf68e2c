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

impl Kind {
    /// The name in messages and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Varchar => "varchar",
            Self::Text => "text",
            Self::Mediumtext => "mediumtext",
            Self::Longtext => "longtext",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Relationship => "relationship",
            Self::Point => "point",
            Self::Linestring => "linestring",
            Self::Polygon => "polygon",
            Self::Json => "object",
        }
    }
    /// Texts of any length.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Varchar | Self::Text | Self::Mediumtext | Self::Longtext)
    }
    /// Points, lines and polygons.
    #[must_use]
    pub fn is_spatial(self) -> bool {
        matches!(self, Self::Point | Self::Linestring | Self::Polygon)
    }
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

impl IndexKind {
    /// The name in messages and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Unique => "unique",
            Self::Fulltext => "fulltext",
            Self::Spatial => "spatial",
        }
    }
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
    /// Its relationships, the hidden ones included.
    pub fn relations(&self) -> impl Iterator<Item = crate::Relation> {
        self.attributes.iter().filter_map(crate::Relation::of)
    }
    /// Attributes that are there already: not those still being made or already going.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|a| matches!(a.status, Status::Available | Status::Stuck))
    }
    /// One of [`live`](Self::live) by key.
    pub(crate) fn live_attribute(&self, key: &str) -> Option<&Attribute> {
        self.live().find(|a| a.key == key)
    }
    /// Whether it holds an app's own documents (by the name such collections have) rather than the server's: only there
    /// values may be operators, and filters are kept to what the API allows.
    pub(crate) fn is_app_data(&self) -> bool {
        self.name.starts_with("database_") && self.name.contains("_collection_")
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
