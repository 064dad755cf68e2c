//! The two vocabularies of the family: collections, attributes and documents, or tables, columns and rows.
use kernel::{Cx, Error};
use protocol::spec::Vocab;
use protocol::{ApiError, ErrorKind};

/// An error in the words of the route.
pub(super) fn pick(cx: &Cx<'_>, collections: ErrorKind, tables: ErrorKind) -> ErrorKind {
    if cx.vocab() == Vocab::Tables { tables } else { collections }
}

/// An error whose text names something.
pub(super) fn named(kind: ErrorKind, name: &str) -> Error {
    Error(ApiError::with(kind, kind.message().replacen("%s", name, 1)))
}

/// [`pick`] and [`named`] at once.
pub(super) fn about(cx: &Cx<'_>, collections: ErrorKind, tables: ErrorKind, name: &str) -> Error {
    named(pick(cx, collections, tables), name)
}

/// A model's name in the words of the route.
pub(super) fn model(cx: &Cx<'_>, collections: &'static str, tables: &'static str) -> &'static str {
    if cx.vocab() == Vocab::Tables { tables } else { collections }
}

/// An engine failure in the words of the route.
pub(super) fn engine(cx: &Cx<'_>, e: database::DbError) -> Error {
    kernel::db_error(e, cx.vocab())
}
