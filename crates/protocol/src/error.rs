//! The error a client gets.
use std::borrow::Cow;

use crate::ErrorKind;

/// An error of the API: a kind of the table and the message for this case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Type and status.
    pub kind: ErrorKind,
    /// What the client reads.
    pub message: Cow<'static, str>,
    /// Cause for the log, never sent.
    pub cause: Option<String>,
}

impl ApiError {
    /// With the kind's default message.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, message: Cow::Borrowed(kind.message()), cause: None }
    }
    /// With a message of its own.
    pub fn with(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), cause: None }
    }
    /// An unexpected failure: the client gets a plain 500, the log gets `cause`.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self { kind: ErrorKind::GeneralServerError, message: Cow::Borrowed("Server Error"), cause: Some(cause.to_string()) }
    }
    /// 400 `general_argument_invalid`.
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with(ErrorKind::GeneralArgumentInvalid, message)
    }
    /// 400 `general_query_invalid`.
    pub fn query(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with(ErrorKind::GeneralQueryInvalid, message)
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.message)
    }
}
impl std::error::Error for ApiError {}
