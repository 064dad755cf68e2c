//! What can go wrong in the store.

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KvError {
    /// The disk or the engine failed; nothing of the transaction was acknowledged. Retrying may help once space is back.
    #[error("storage failure: {0}")]
    Io(String),
    /// The store was shut down.
    #[error("the store is closed")]
    Closed,
    /// The data on disk is damaged or of an unknown, newer version.
    #[error("damaged store: {0}")]
    Corrupt(String),
    /// The transaction itself is at fault and wrote nothing: its closure panicked, wrote a key or value beyond the
    /// limits, or called [`crate::Store::write`] from within a transaction. Retrying does not help.
    #[error("transaction refused: {0}")]
    Aborted(String),
    /// The folder cannot be used as asked: in use by another process, or written by another engine. The text says
    /// what to do.
    #[error("cannot use this store: {0}")]
    Unusable(String),
}

impl KvError {
    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Io(_))
    }
}

impl From<std::io::Error> for KvError {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e.to_string())
    }
}
