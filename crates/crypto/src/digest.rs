//! Plain digests, message authentication codes and comparison in constant time.
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 as 64 lowercase hexadecimal digits.
#[must_use]
pub fn sha256_hex(data: &[u8]) -> String {
    hex::encode(sha256(data))
}

/// SHA-256.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// MD5 as 32 lowercase hexadecimal digits; a checksum, not a protection.
#[must_use]
pub fn md5_hex(data: &[u8]) -> String {
    hex::encode(Md5::digest(data))
}

/// HMAC-SHA1, for one-time passwords (RFC 6238) and webhook signatures.
#[must_use]
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    match Hmac::<Sha1>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        // HMAC takes keys of any length.
        Err(_) => [0; 20],
    }
}

/// HMAC-SHA256.
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        // HMAC takes keys of any length.
        Err(_) => [0; 32],
    }
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// MD5, SHA-256 and length of a file, computed while it streams by.
#[derive(Clone)]
pub struct Digests {
    md5: Option<Md5>,
    sha256: Sha256,
    len: u64,
}

impl Digests {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { md5: Some(Md5::default()), sha256: Sha256::default(), len: 0 }
    }

    /// As [`Self::new`] without MD5, which is the slower one; it is all zeros in the end.
    #[must_use]
    pub fn sha256_alone() -> Self {
        Self { md5: None, ..Self::new() }
    }

    /// Takes the next bytes in.
    pub fn update(&mut self, data: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(data);
        }
        self.sha256.update(data);
        self.len = self.len.saturating_add(data.len() as u64);
    }

    /// Bytes taken in so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing was taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// MD5 and SHA-256 of everything.
    #[must_use]
    pub fn finish(self) -> ([u8; 16], [u8; 32]) {
        (self.md5.map_or([0; 16], |m| m.finalize().into()), self.sha256.finalize().into())
    }
}

impl Default for Digests {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Digests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digests").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(md5_hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        // RFC 2202 and RFC 4231, second cases.
        assert_eq!(hex::encode(hmac_sha1(b"Jefe", b"what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(hex::encode(hmac_sha256(b"Jefe", b"what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn parts_equal_the_whole() {
        let mut d = Digests::new();
        assert!(d.is_empty());
        d.update(b"a");
        d.update(b"");
        d.update(b"bc");
        assert_eq!(d.len(), 3);
        let (md5, sha256) = d.finish();
        assert_eq!((hex::encode(md5), hex::encode(sha256)), (md5_hex(b"abc"), sha256_hex(b"abc")));
    }

    #[test]
    fn comparison() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"ab"));
        assert!(constant_time_eq(b"", b""));
    }
}
