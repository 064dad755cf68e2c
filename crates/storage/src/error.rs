//! Why a storage call failed, in terms its callers can act on.
use std::io;

/// Outcome of a storage call.
pub type Result<T> = std::result::Result<T, StorageError>;

/// Why a storage call failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Neither a blob nor a staged upload of this name exists.
    #[error("nothing is stored under this name")]
    NotFound,
    /// Stored bytes are not what was written: changed, cut off, swapped or of an unknown format. None of them is ever handed out.
    #[error("stored bytes of {key} are damaged: {what}")]
    Corrupt {
        /// Name of the object.
        key: String,
        /// What did not fit.
        what: &'static str,
    },
    /// More bytes than allowed; nothing was kept.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// Most bytes allowed.
        limit: u64,
    },
    /// The range does not lie within the file.
    #[error("the range does not lie within the file")]
    InvalidRange,
    /// An identifier has a form that cannot be a part of an object's name.
    #[error("not usable as a part of a name: {0:?}")]
    InvalidId(String),
    /// The body ended early; nothing was kept.
    #[error("the body ended after {got} of {expected} bytes")]
    Truncated {
        /// Bytes announced.
        expected: u64,
        /// Bytes that came.
        got: u64,
    },
    /// A chunk names another total size than the chunks before it; it was not kept.
    #[error("the upload was announced with {staged} bytes, this chunk says {given}")]
    TotalChanged {
        /// Total of the chunks already staged.
        staged: u64,
        /// Total of the refused chunk.
        given: u64,
    },
    /// An upload has more chunks than a client would make of it; this one was not kept.
    #[error("the upload has {limit} chunks already")]
    TooManyChunks {
        /// Most chunks of a file of this size.
        limit: usize,
    },
    /// Some parts of the upload have not arrived yet.
    #[error("{received} of {total} bytes have arrived")]
    Incomplete {
        /// Distinct bytes staged.
        received: u64,
        /// Bytes announced.
        total: u64,
    },
    /// The scanner found something; nothing was kept.
    #[error("virus found: {0}")]
    Virus(String),
    /// The content could not be scanned, so it was refused.
    #[error("the virus scanner gave no verdict: {0}")]
    ScannerUnavailable(String),
    /// The device is full or over its quota.
    #[error("no space left for files")]
    NoSpace,
    /// The source of the bytes (a client's body, usually) failed; nothing was kept.
    #[error("the body could not be read")]
    Source(#[source] io::Error),
    /// The device failed.
    #[error("the storage device failed")]
    Io {
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
        /// The same call may succeed when it is made again.
        retryable: bool,
    },
}

impl StorageError {
    /// The error with everything below it, for logs.
    #[must_use]
    pub fn causes(&self) -> String {
        let mut text = self.to_string();
        let mut inner = std::error::Error::source(self);
        while let Some(cause) = inner {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            inner = cause.source();
        }
        text
    }
}

impl StorageError {
    pub(crate) fn corrupt(key: &str, what: &'static str) -> Self {
        Self::Corrupt { key: key.to_owned(), what }
    }

    /// The same call may succeed later without any change by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Io { retryable, .. } => *retryable,
            Self::ScannerUnavailable(_) | Self::NoSpace => true,
            _ => false,
        }
    }
}

/// Kinds of failures that pass: interrupted calls and troubles of a network.
fn passes(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as K;
    matches!(
        kind,
        K::Interrupted | K::TimedOut | K::WouldBlock | K::ConnectionReset | K::ConnectionAborted | K::ConnectionRefused | K::BrokenPipe | K::ResourceBusy
    )
}

impl From<io::Error> for StorageError {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            kind => Self::Io { retryable: passes(kind), source: Box::new(e) },
        }
    }
}

impl From<object_store::Error> for StorageError {
    fn from(e: object_store::Error) -> Self {
        if matches!(e, object_store::Error::NotFound { .. }) {
            return Self::NotFound;
        }
        // The store wraps what the system said at least once; only that tells a full disk from a broken one.
        let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&e);
        let mut kind = None;
        while let Some(error) = inner {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                kind = Some(io.kind());
            }
            inner = error.source();
        }
        match kind {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => Self::NoSpace,
            Some(kind) => Self::Io { retryable: passes(kind), source: Box::new(e) },
            None => Self::Io { retryable: false, source: Box::new(e) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_even_when_wrapped() {
        let wrapped = object_store::Error::Generic { store: "x", source: Box::new(io::Error::from(io::ErrorKind::StorageFull)) };
        assert!(matches!(StorageError::from(wrapped), StorageError::NoSpace));
        let busy = object_store::Error::Generic { store: "x", source: Box::new(io::Error::from(io::ErrorKind::ConnectionReset)) };
        assert!(StorageError::from(busy).is_retryable());
        let denied = StorageError::from(io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(!denied.is_retryable());
    }
}
