//! What can go wrong; no HTTP in here. `kernel` maps it.

/// A failure of the document engine.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DbError {
    /// The caller's roles do not allow it.
    #[error("{0}")]
    Unauthorized(String),
    /// No such document.
    #[error("document not found")]
    NotFound,
    /// No such collection.
    #[error("collection not found")]
    CollectionNotFound,
    /// The id is taken.
    #[error("document with the requested ID already exists")]
    Duplicate,
    /// A unique index has these values already; the index key is given.
    #[error("unique index {0} violated")]
    Unique(String),
    /// Collection, attribute or index with that key exists.
    #[error("{0} already exists")]
    Exists(&'static str),
    /// The document does not fit the schema; the text is the reference's.
    #[error("{0}")]
    Structure(String),
    /// The query is wrong; the text is the reference's.
    #[error("{0}")]
    Query(String),
    /// The cursor's document does not exist.
    #[error("cursor not found")]
    CursorNotFound,
    /// The document of the cursor has null in an attribute that is ordered by.
    #[error("{0}")]
    OrderNull(String),
    /// The value of a relationship is wrong; the text is the reference's.
    #[error("{0}")]
    Relationship(String),
    /// Related documents keep the document from being deleted.
    #[error("document has related documents")]
    Restricted,
    /// Changed since the time the caller named.
    #[error("document changed in the meantime")]
    Conflict,
    /// A schema limit is reached or an index is not possible; the text is the reference's.
    #[error("{0}")]
    Limit(String),
    /// Values that are stored are longer than the new size of their attribute.
    #[error("existing data is too large for the new size")]
    TooLong,
    /// An index definition is refused; the text is the reference's.
    #[error("{0}")]
    Index(String),
    /// The time the caller gave is over.
    #[error("out of time")]
    Timeout,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DbError {
    /// A failure of the server itself, for the log.
    #[must_use]
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Store(StoreError { message: message.to_string(), retryable: false })
    }
}

/// A failure below (disk, damage, shutdown).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    /// For the log.
    pub message: String,
    /// Whether a retry may help.
    pub retryable: bool,
}

impl From<kv::KvError> for DbError {
    fn from(e: kv::KvError) -> Self {
        Self::Store(StoreError { retryable: e.retryable(), message: e.to_string() })
    }
}
