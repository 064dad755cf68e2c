//! Passwords, key ring, sealed values, authenticated streams, tokens, constant-time comparison. The only crate that
//! names a cipher or a hash.
//!
//! * [`Keyring`] holds the server's master secrets and derives every other key from them;
//! * [`keyfile`] tells how one master secret follows another;
//! * [`password`] makes and checks password hashes, the imported formats too;
//! * [`stream`] encrypts files in segments that can be read one by one;
//! * [`Digests`] and the free functions are the plain building blocks.
mod digest;
mod error;
mod jwt;
pub mod keyfile;
mod keyring;
pub mod password;
mod random;
mod secret;
pub mod stream;
pub mod totp;

pub use digest::{Digests, constant_time_eq, hmac_sha1, hmac_sha256, md5_hex, sha256, sha256_hex};
pub use error::CryptoError;
pub use jwt::{JwtError, sign_es256};
pub use keyring::Keyring;
pub use random::{fill_random, random_below, random_bytes, random_digits, random_hex};
pub use secret::{DataKey, Secret};
