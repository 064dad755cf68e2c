//! Collections the server keeps for itself, declared as tables and created (or completed) when a project is first used.
mod data;
mod identity;
mod platform;

use database::{Attribute, CollectionSpec, Index, IndexKind, Kind, Status};
use protocol::Timestamp;
use serde_json::Value;

pub use data::{COLLECTIONS, FILES};

/// An attribute of a table.
#[derive(Clone, Copy, Debug)]
pub struct Attr(pub &'static str, pub Type);

/// Type of an attribute.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text of at most so many characters.
    Str(u64),
    /// List of texts.
    Strs(u64),
    /// Integer.
    Int,
    /// Boolean.
    Bool,
    /// Datetime.
    Time,
    /// Any JSON.
    Json,
}

/// An index of a table.
#[derive(Clone, Copy, Debug)]
pub enum Idx {
    /// Plain index.
    Key(&'static str, &'static [&'static str]),
    /// Unique index.
    Unique(&'static str, &'static [&'static str]),
    /// Words of one attribute.
    Text(&'static str, &'static str),
}

/// A collection of the server's own.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, or a template's for those made per bucket or database.
    pub name: &'static str,
    /// Whether documents carry permissions that count.
    pub document_security: bool,
    /// Attributes.
    pub attributes: &'static [Attr],
    /// Indexes.
    pub indexes: &'static [Idx],
}

/// Tables of every project (the console's included).
pub const PROJECT: &[Table] = &[
    identity::USERS,
    identity::SESSIONS,
    identity::TOKENS,
    identity::TEAMS,
    identity::MEMBERSHIPS,
    identity::IDENTITIES,
    identity::TARGETS,
    identity::AUTHENTICATORS,
    identity::CHALLENGES,
    identity::AUDIT,
    data::DATABASES,
    data::TRANSACTIONS,
    data::TRANSACTION_LOGS,
    data::BUCKETS,
    data::RESOURCE_TOKENS,
    data::STAGED_FILES,
    data::FILE_REFERENCES,
    platform::WEBHOOKS,
    data::VARIABLES,
];

/// Tables of the console alone.
#[rustfmt::skip]
pub const CONSOLE: &[Table] = &[
    platform::PROJECTS, platform::KEYS, platform::PLATFORMS, platform::DEV_KEYS, platform::JOBS, platform::REMOVALS,
];

impl Table {
    /// The engine's form under the table's own name.
    #[must_use]
    pub fn spec(&self, now: Timestamp) -> CollectionSpec {
        self.named(self.name.to_owned(), now)
    }

    /// The engine's form under another name, for templates.
    #[must_use]
    pub fn named(&self, name: String, now: Timestamp) -> CollectionSpec {
        CollectionSpec {
            name,
            permissions: Vec::new(),
            document_security: self.document_security,
            attributes: self.attributes.iter().map(|a| a.build(now)).collect(),
            indexes: self.indexes.iter().map(|i| i.build(now)).collect(),
        }
    }
}

impl Attr {
    /// The engine's form.
    #[must_use]
    pub fn build(&self, now: Timestamp) -> Attribute {
        let (kind, size, array) = match self.1 {
            Type::Str(n) => (Kind::String, n, false),
            Type::Strs(n) => (Kind::String, n, true),
            Type::Int => (Kind::Integer, 8, false),
            Type::Bool => (Kind::Boolean, 0, false),
            Type::Time => (Kind::Datetime, 0, false),
            Type::Json => (Kind::Json, 0, false),
        };
        Attribute {
            id: 0,
            key: self.0.to_owned(),
            kind,
            size,
            required: false,
            array,
            default: Value::Null,
            format: String::new(),
            elements: Vec::new(),
            min: Value::Null,
            max: Value::Null,
            encrypt: false,
            options: Value::Null,
            status: Status::Available,
            error: String::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

impl Idx {
    /// Its name.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Key(k, _) | Self::Unique(k, _) | Self::Text(k, _) => k,
        }
    }

    /// The engine's form.
    #[must_use]
    pub fn build(&self, now: Timestamp) -> Index {
        let (key, kind, attributes) = match self {
            Self::Key(k, a) => (k, IndexKind::Key, a.iter().map(|s| (*s).to_owned()).collect()),
            Self::Unique(k, a) => (k, IndexKind::Unique, a.iter().map(|s| (*s).to_owned()).collect()),
            Self::Text(k, a) => (k, IndexKind::Fulltext, vec![(*a).to_owned()]),
        };
        Index {
            id: 0,
            key: (*key).to_owned(),
            kind,
            attributes,
            orders: Vec::new(),
            lengths: Vec::new(),
            status: Status::Available,
            error: String::new(),
            created_at: now,
            updated_at: now,
        }
    }
}
