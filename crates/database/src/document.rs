//! Documents as callers see them.
use protocol::Timestamp;
use serde_json::{Map, Value};

/// A stored document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Id, unique in its collection, case-sensitive.
    pub id: String,
    /// Number given at creation, ascending; the default order.
    pub sequence: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Canonical permission strings.
    pub permissions: Vec<String>,
    /// Attribute values by key, in schema order. Every attribute of the schema is present (null when unset) unless a
    /// projection left it out.
    pub data: Map<String, Value>,
}

impl Document {
    /// Text value of an attribute; empty when absent or not text.
    #[must_use]
    pub fn str(&self, key: &str) -> &str {
        self.data.get(key).and_then(Value::as_str).unwrap_or("")
    }
    /// Boolean value; false when absent.
    #[must_use]
    pub fn bool(&self, key: &str) -> bool {
        self.data.get(key).and_then(Value::as_bool).unwrap_or(false)
    }
    /// Integer value; 0 when absent.
    #[must_use]
    pub fn int(&self, key: &str) -> i64 {
        self.data.get(key).and_then(Value::as_i64).unwrap_or(0)
    }
    /// Any value; null when absent.
    #[must_use]
    pub fn value(&self, key: &str) -> &Value {
        self.data.get(key).unwrap_or(&Value::Null)
    }
    /// Texts of an array attribute.
    pub fn strings(&self, key: &str) -> impl Iterator<Item = &str> {
        self.data.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
    /// A datetime attribute.
    #[must_use]
    pub fn time(&self, key: &str) -> Option<Timestamp> {
        self.data.get(key).and_then(Value::as_str).and_then(Timestamp::parse)
    }
}

/// A document to be made.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Its id.
    pub id: String,
    /// Canonical permission strings.
    pub permissions: Vec<String>,
    /// Attribute values; unknown keys are refused, defaults applied for absent ones.
    pub data: Map<String, Value>,
    /// Usually now.
    pub created_at: Timestamp,
    /// Usually now.
    pub updated_at: Timestamp,
}

/// A change of a document.
#[derive(Clone, Debug)]
pub struct Update {
    /// New values by key; absent keys stay.
    pub data: Map<String, Value>,
    /// New permissions; `None` keeps them.
    pub permissions: Option<Vec<String>>,
    /// Time of change (kept as it was when nothing changes and `touch` is false).
    pub updated_at: Timestamp,
    /// Keys and administrators may set it.
    pub created_at: Option<Timestamp>,
    /// Set `updated_at` even if no value changes.
    pub touch: bool,
    /// `X-Appwrite-Timestamp`: refuse with [`crate::DbError::Conflict`] when the document changed after this time.
    pub unless_newer: Option<Timestamp>,
}

/// What an update did.
#[derive(Clone, Debug)]
pub struct Updated {
    /// State after.
    pub document: Document,
    /// Whether any value or permission changed.
    pub changed: bool,
}
