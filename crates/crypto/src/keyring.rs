//! The server's master secrets and everything derived from them.
//!
//! A master secret is a text of the operator's (`_APP_OPENSSL_KEY_V1`, `…_V2` …). HKDF-SHA256 makes of each one separate
//! keys per purpose, so that no key serves two algorithms. The newest secret seals; all of them open. HKDF does not
//! stretch: a guessable secret stays guessable. How secrets follow one another is in [`crate::keyfile`].
//!
//! Sealed values, version 1: `01`, key id (4 bytes), salt (12), nonce (12), ciphertext, tag (16). Cipher: AES-256-GCM
//! under a key derived for this purpose and this salt, so that random nonces stay safe for any number of values.
//! Associated data: version, key id, purpose and the caller's context.
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{CryptoError, DataKey};

/// Format version, first byte of every sealed value.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
/// Bytes of what is extracted from a secret.
pub(crate) const PRK: usize = 32;
const SALT: usize = 12;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEAD: usize = 1 + KEY_ID + SALT + NONCE;

/// Bytes a sealed value is longer than its plaintext.
pub(crate) const SEAL_OVERHEAD: usize = HEAD + TAG;

/// The master secrets, ready to derive keys from. Wiped on drop, hidden from `Debug`.
pub struct Keyring {
    ring: RwLock<Arc<Ring>>,
    /// Held while another ring is kept and put in the place of this one.
    pub(crate) turning: Mutex<()>,
}

/// The keys at a moment: oldest first, the last one seals; never empty.
#[derive(Clone)]
pub(crate) struct Ring(pub(crate) Vec<Master>);

/// What was made of one secret.
#[derive(Clone)]
pub(crate) struct Master {
    pub(crate) id: [u8; KEY_ID],
    /// Pseudo-random key extracted from the secret.
    pub(crate) prk: Zeroizing<[u8; PRK]>,
    /// Since when it is used, as told; for people.
    pub(crate) since: String,
    /// Whether tokens signed with it are taken.
    pub(crate) tokens: bool,
}

impl Master {
    pub(crate) fn new(secret: &str, since: &str) -> Result<Self, CryptoError> {
        if secret.is_empty() {
            return Err(CryptoError::NoSecret);
        }
        let (prk, _) = Hkdf::<Sha256>::extract(Some(b"ferrite keyring 1"), secret.as_bytes());
        Self::of_prk(Zeroizing::new(prk.into()), since)
    }

    /// From what was extracted.
    pub(crate) fn of_prk(prk: Zeroizing<[u8; PRK]>, since: &str) -> Result<Self, CryptoError> {
        let mut master = Self { id: [0; KEY_ID], prk, since: since.to_owned(), tokens: true };
        let id = master.derive(&[b"key id"])?;
        master.id.copy_from_slice(&id[..KEY_ID]);
        Ok(master)
    }

    /// The id as people see it.
    pub(crate) fn name(&self) -> String {
        hex::encode(self.id)
    }

    /// The subkey named by `info`; parts are length-prefixed so that no two lists of parts collide.
    fn derive(&self, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        let mut out = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::from_prk(self.prk.as_slice()).map_err(|_| CryptoError::Parameters)?;
        hkdf.expand(&prefixed(info), out.as_mut_slice()).map_err(|_| CryptoError::Parameters)?;
        Ok(out)
    }

    fn cipher(&self, purpose: &str, salt: &[u8]) -> Result<Aes256Gcm, CryptoError> {
        let key = self.derive(&[b"seal", purpose.as_bytes(), salt])?;
        Ok(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
    }
}

/// Parts, each after its length in 8 bytes.
fn prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|p| p.len() + 8).sum());
    for p in parts {
        out.extend_from_slice(&(p.len() as u64).to_be_bytes());
        out.extend_from_slice(p);
    }
    out
}

impl Ring {
    pub(crate) fn new(secrets: &[String], since: &str) -> Result<Self, CryptoError> {
        let masters = secrets.iter().map(|s| Master::new(s, since)).collect::<Result<Vec<_>, _>>()?;
        let twice = masters.iter().enumerate().any(|(i, m)| masters.iter().skip(i + 1).any(|o| o.id == m.id));
        match (masters.is_empty(), twice) {
            (true, _) => Err(CryptoError::NoSecret),
            (_, true) => Err(CryptoError::DuplicateSecret),
            _ => Ok(Self(masters)),
        }
    }

    pub(crate) fn sealing(&self) -> Result<&Master, CryptoError> {
        self.0.last().ok_or(CryptoError::NoSecret)
    }

    pub(crate) fn seal(&self, purpose: &str, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let master = self.sealing()?;
        let random: [u8; SALT + NONCE] = crate::random_bytes();
        let mut out = Vec::with_capacity(plain.len() + SEAL_OVERHEAD);
        out.push(VERSION);
        out.extend_from_slice(&master.id);
        out.extend_from_slice(&random);
        let (salt, nonce) = random.split_at(SALT);
        let nonce = Nonce::try_from(nonce).map_err(|_| CryptoError::Malformed)?;
        let aad = prefixed(&[&[VERSION], &master.id, purpose.as_bytes(), context]);
        let sealed = master.cipher(purpose, salt)?.encrypt(&nonce, Payload { msg: plain, aad: &aad }).map_err(|_| CryptoError::TooLong)?;
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub(crate) fn open(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if sealed.len() < SEAL_OVERHEAD || sealed.first() != Some(&VERSION) {
            return Err(CryptoError::Malformed);
        }
        let (head, body) = sealed.split_at(HEAD);
        let (id, random) = head.split_at(1).1.split_at(KEY_ID);
        let (salt, nonce) = random.split_at(SALT);
        let master = self.0.iter().find(|m| m.id == id).ok_or(CryptoError::UnknownKey)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| CryptoError::Malformed)?;
        let aad = prefixed(&[&[VERSION], id, purpose.as_bytes(), context]);
        master.cipher(purpose, salt)?.decrypt(&nonce, Payload { msg: body, aad: &aad }).map_err(|_| CryptoError::Tampered)
    }
}

impl Keyring {
    /// Takes the master secrets, oldest (`V1`) first; the last one seals from now on.
    ///
    /// # Errors
    /// No secret at all, an empty one, or the same one twice.
    pub fn new(secrets: &[String]) -> Result<Self, CryptoError> {
        Ok(Self::of_ring(Ring::new(secrets, "")?))
    }

    pub(crate) fn of_ring(ring: Ring) -> Self {
        crate::jwt::install();
        Self { ring: RwLock::new(Arc::new(ring)), turning: Mutex::new(()) }
    }

    /// The keys at this moment.
    pub(crate) fn ring(&self) -> Arc<Ring> {
        // What is done under the lock does not panic.
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these keys.
    pub(crate) fn turn_to(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Seals `plain` for `purpose`, bound to `context` (what it belongs to): only the same purpose and context open it.
    ///
    /// # Errors
    /// [`CryptoError::TooLong`] past 64 GiB.
    pub fn seal(&self, purpose: &str, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.ring().seal(purpose, context, plain)
    }

    /// Opens what [`Self::seal`] made for the same purpose and context.
    ///
    /// # Errors
    /// Unknown format or key, or any changed byte.
    pub fn open(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.ring().open(purpose, context, sealed)
    }

    /// Seals a text without further context, as base64url.
    ///
    /// # Errors
    /// See [`Self::seal`].
    pub fn seal_text(&self, purpose: &str, text: &str) -> Result<String, CryptoError> {
        self.seal(purpose, b"", text.as_bytes()).map(|b| URL_SAFE_NO_PAD.encode(b))
    }

    /// Opens what [`Self::seal_text`] made.
    ///
    /// # Errors
    /// See [`Self::open`].
    pub fn open_text(&self, purpose: &str, sealed: &str) -> Result<String, CryptoError> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| CryptoError::Malformed)?;
        String::from_utf8(self.open(purpose, b"", &bytes)?).map_err(|_| CryptoError::Malformed)
    }

    /// Wraps a data key for storing beside what it protects, bound to `context`.
    ///
    /// # Errors
    /// See [`Self::seal`].
    pub fn wrap(&self, key: &DataKey, context: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.seal("data key", context, key.expose())
    }

    /// Unwraps what [`Self::wrap`] made for the same context.
    ///
    /// # Errors
    /// See [`Self::open`].
    pub fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<DataKey, CryptoError> {
        let plain = Zeroizing::new(self.open("data key", context, wrapped)?);
        Ok(DataKey::from_bytes(plain.as_slice().try_into().map_err(|_| CryptoError::Malformed)?))
    }

    /// Whether sealed or wrapped bytes use the newest master secret; the others are worth sealing again.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.ring().sealing().is_ok_and(|m| sealed.get(1..=KEY_ID) == Some(m.id.as_slice()))
    }

    /// The 256-bit key of the newest secret for a purpose outside this crate's own formats.
    ///
    /// # Errors
    /// None in practice: the key ring is never empty.
    pub fn subkey(&self, purpose: &str) -> Result<DataKey, CryptoError> {
        Ok(DataKey::from_bytes(*self.ring().sealing()?.derive(&[b"subkey", purpose.as_bytes()])?))
    }

    /// The keys for a purpose of tokens, of all secrets whose tokens are taken, newest first.
    pub(crate) fn token_keys(&self, purpose: &str) -> Vec<Zeroizing<[u8; 32]>> {
        self.ring().0.iter().rev().filter(|m| m.tokens).filter_map(|m| m.derive(&[b"subkey", purpose.as_bytes()]).ok()).collect()
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("secrets", &self.ring().0.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(secrets: &[&str]) -> Keyring {
        Keyring::new(&secrets.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn seals_and_opens() {
        let r = ring(&["one"]);
        for plain in [&b""[..], b"x", &[7; 1000]] {
            let sealed = r.seal("attribute", b"ctx", plain).unwrap();
            assert_eq!(sealed.len(), plain.len() + SEAL_OVERHEAD);
            assert_eq!(r.open("attribute", b"ctx", &sealed).unwrap(), plain);
            assert_eq!(r.open("other", b"ctx", &sealed), Err(CryptoError::Tampered));
            assert_eq!(r.open("attribute", b"ctx2", &sealed), Err(CryptoError::Tampered));
        }
        assert_eq!(r.open_text("t", &r.seal_text("t", "grüß").unwrap()).unwrap(), "grüß");
        assert_ne!(r.seal_text("t", "a").unwrap(), r.seal_text("t", "a").unwrap());
    }

    #[test]
    fn every_bit_counts() {
        let r = ring(&["one"]);
        let sealed = r.seal("p", b"c", b"hello").unwrap();
        for i in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[i / 8] ^= 1 << (i % 8);
            assert!(r.open("p", b"c", &bad).is_err(), "bit {i}");
        }
        for n in 0..sealed.len() {
            assert!(r.open("p", b"c", &sealed[..n]).is_err());
        }
        assert!(r.open("p", b"c", &[&sealed[..], b"x"].concat()).is_err());
    }

    #[test]
    fn rotation() {
        let old = ring(&["one"]);
        let new = ring(&["one", "two"]);
        let sealed = old.seal("p", b"", b"v").unwrap();
        assert_eq!(new.open("p", b"", &sealed).unwrap(), b"v");
        assert!(old.is_current(&sealed) && !new.is_current(&sealed));
        let sealed = new.seal("p", b"", b"v").unwrap();
        assert_eq!(old.open("p", b"", &sealed), Err(CryptoError::UnknownKey));
        assert_eq!(ring(&["two"]).open("p", b"", &sealed).unwrap(), b"v");
    }

    #[test]
    fn data_keys() {
        let r = ring(&["one"]);
        let key = DataKey::random();
        let wrapped = r.wrap(&key, b"bucket/file").unwrap();
        assert_eq!(r.unwrap(&wrapped, b"bucket/file").unwrap(), key);
        assert!(r.unwrap(&wrapped, b"bucket/other").is_err());
        assert_ne!(r.subkey("a").unwrap(), r.subkey("b").unwrap());
    }

    #[test]
    fn refuses_bad_secrets() {
        assert_eq!(Keyring::new(&[]).unwrap_err(), CryptoError::NoSecret);
        assert_eq!(Keyring::new(&[String::new()]).unwrap_err(), CryptoError::NoSecret);
        assert_eq!(Keyring::new(&["a".into(), "a".into()]).unwrap_err(), CryptoError::DuplicateSecret);
        assert_eq!(format!("{:?}", ring(&["hunter2"])), "Keyring { secrets: 1, .. }");
    }
}
