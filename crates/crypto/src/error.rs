//! What can go wrong with keys and sealed bytes.

/// Why a cryptographic operation failed. Never carries secret bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The key ring was made from no secret, or from an empty one.
    #[error("the master secret is missing or empty")]
    NoSecret,
    /// Two master secrets of the ring are equal.
    #[error("two master secrets are equal")]
    DuplicateSecret,
    /// The bytes were sealed with a master secret this ring does not have.
    #[error("sealed with a master secret that is not in the key ring")]
    UnknownKey,
    /// Not of the expected format, or cut short.
    #[error("not a sealed value of a known format")]
    Malformed,
    /// The authentication tag does not fit: other key, other context, or changed bytes.
    #[error("sealed bytes were changed or belong elsewhere")]
    Tampered,
    /// More plaintext than one key may protect.
    #[error("too long to be sealed under one key")]
    TooLong,
    /// Too many wait for the same already.
    #[error("too many passwords are being hashed")]
    Busy,
    /// Hash parameters are unusable or beyond the limits of this server.
    #[error("hash parameters are invalid or beyond the limits")]
    Parameters,
}
