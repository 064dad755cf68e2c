//! The kernel's error: an API error, with explicit conversions from the engines.
use database::DbError;
use protocol::spec::Vocab;
use protocol::{ApiError, ErrorKind};

/// What handlers return on failure.
#[derive(Clone, Debug)]
pub struct Error(pub ApiError);

/// Result of handlers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An unexpected failure with its cause for the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self(ApiError::internal(cause))
    }
    /// A kind with its own message.
    pub fn with(kind: ErrorKind, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self(ApiError::with(kind, message))
    }
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl From<ApiError> for Error {
    fn from(e: ApiError) -> Self {
        Self(e)
    }
}
impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(ApiError::new(kind))
    }
}
impl From<DbError> for Error {
    fn from(e: DbError) -> Self {
        db_error(e, Vocab::Collections)
    }
}

/// Maps an engine failure to the API in the words of `vocab`. Handlers on internal collections turn `NotFound` and
/// `Duplicate` into their own kinds before they get here.
pub fn db_error(e: DbError, vocab: Vocab) -> Error {
    use ErrorKind as K;
    let pick = |collections: K, tables: K| if vocab == Vocab::Tables { tables } else { collections };
    let api = match e {
        DbError::Unauthorized(_) => K::UserUnauthorized.into(),
        DbError::NotFound => pick(K::DocumentNotFound, K::RowNotFound).into(),
        DbError::CollectionNotFound => pick(K::CollectionNotFound, K::TableNotFound).into(),
        DbError::Duplicate | DbError::Unique(_) => pick(K::DocumentAlreadyExists, K::RowAlreadyExists).into(),
        DbError::Exists(_) => pick(K::AttributeAlreadyExists, K::ColumnAlreadyExists).into(),
        DbError::Relationship(m) => ApiError::with(K::RelationshipValueInvalid, m),
        DbError::Restricted => pick(K::DocumentDeleteRestricted, K::RowDeleteRestricted).into(),
        DbError::Structure(m) => ApiError::with(pick(K::DocumentInvalidStructure, K::RowInvalidStructure), m),
        DbError::Query(m) => ApiError::with(K::GeneralQueryInvalid, m),
        DbError::CursorNotFound => K::GeneralCursorNotFound.into(),
        DbError::OrderNull(m) => ApiError::with(K::DatabaseQueryOrderNull, m),
        DbError::Conflict => pick(K::DocumentUpdateConflict, K::RowUpdateConflict).into(),
        DbError::Limit(m) => ApiError::with(pick(K::AttributeLimitExceeded, K::ColumnLimitExceeded), m),
        DbError::TooLong => pick(K::AttributeInvalidResize, K::ColumnInvalidResize).into(),
        DbError::Index(m) => ApiError::with(pick(K::IndexInvalid, K::ColumnIndexInvalid), m),
        DbError::Timeout => K::DatabaseTimeout.into(),
        DbError::Store(s) => ApiError::internal(s.message),
    };
    Error(api)
}
