//! What clients are told when bytes cannot be taken or given.
use kernel::Error;
use protocol::ErrorKind;
use storage::StorageError;

/// The answer to a failure of the store of bytes.
pub(super) fn failed(e: &StorageError) -> Error {
    match e {
        StorageError::NotFound => ErrorKind::StorageFileNotFound.into(),
        StorageError::TooLarge { .. } => too_large(),
        StorageError::InvalidRange | StorageError::TotalChanged { .. } | StorageError::TooManyChunks { .. } => ErrorKind::StorageInvalidContentRange.into(),
        StorageError::InvalidId(_) => ErrorKind::StorageInvalidAppwriteId.into(),
        StorageError::Truncated { .. } | StorageError::Incomplete { .. } | StorageError::Source(_) | StorageError::Virus(_) => {
            tracing::info!(error = %e, "an upload was refused");
            ErrorKind::StorageInvalidFile.into()
        }
        StorageError::Corrupt { .. } | StorageError::ScannerUnavailable(_) | StorageError::NoSpace | StorageError::Io { .. } => Error::internal(e.causes()),
    }
}

/// More than the bucket takes.
pub(super) fn too_large() -> Error {
    Error::with(ErrorKind::StorageInvalidFileSize, "File size not allowed")
}
