//! What goes wrong with pictures.

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The bytes are no picture of a form known here.
    #[error("no picture of a known form")]
    Unknown,
    /// They begin like one, but cannot be read.
    #[error("the picture cannot be read: {0}")]
    Damaged(String),
    /// Reading it, or making what was asked of it, would take more than is allowed.
    #[error("the picture is too large: {0}")]
    TooLarge(&'static str),
    /// The result cannot be written in the form asked for.
    #[error("the picture cannot be written: {0}")]
    Encode(String),
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, PictureError>;

/// An error of a decoder.
pub(crate) fn damaged(e: impl std::fmt::Display) -> PictureError {
    PictureError::Damaged(e.to_string())
}

/// An error of an encoder.
pub(crate) fn unwritable(e: impl std::fmt::Debug) -> PictureError {
    PictureError::Encode(format!("{e:?}"))
}
