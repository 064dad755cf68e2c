//! How master secrets follow one another: what a data folder remembers of its keys, and rotation.
//!
//! A folder keeps one line of JSON: which keys there were, by id, and the retired ones themselves, sealed under the key in use. So the
//! newest secret alone opens everything, nothing is encrypted anew at a rotation, and a key that is missing is known by its id.
//!
//! ```text
//! {"version":1,"keys":[{"id":"8 hex digits","since":"time","tokens":true}, …],"ring":"base64url"}
//! ```
//!
//! Keys stand oldest first, the last one is in use. `ring` seals what was extracted from each retired secret (32 bytes each, in that order; not the
//! secrets, which people may use elsewhere); everything before it is its associated data, and the line has one form only. Whatever is changed is noticed.
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::keyring::{Master, PRK, Ring};
use crate::{CryptoError, Keyring};

/// Purpose of the seal of retired keys.
const PURPOSE: &str = "retired keys";
/// Most keys of a folder: bounds what is read.
const MOST: usize = 1_000;

/// One key, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Id: 8 hexadecimal digits.
    pub id: String,
    /// Since when it is used.
    pub since: String,
    /// Whether tokens signed with it are taken.
    pub tokens: bool,
}

/// What a folder remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    keys: Vec<KeyEntry>,
    ring: String,
}

/// Why keys cannot be used as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Not a line of this format.
    #[error("not what this server wrote")]
    Malformed,
    /// The secret of the key in use was not given.
    #[error("key {needed} is in use, but the secret given is that of key {}", .given.join(", "))]
    WrongSecret {
        /// Key in use.
        needed: String,
        /// Since when.
        since: String,
        /// Keys of the secrets given.
        given: Vec<String>,
        /// Whether one of them was in use before.
        retired: bool,
    },
    /// Changed, or of another folder.
    #[error("changed since this server wrote it")]
    Damaged,
    /// No secret that is not known yet.
    #[error("no new secret is given")]
    NothingNew,
    /// The new state could not be kept; nothing has changed.
    #[error("{0}")]
    NotKept(String),
    /// Secrets that cannot be used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl KeyFile {
    /// Reads the line.
    ///
    /// # Errors
    /// [`KeyFileError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        Self::read(text).filter(|f| f.text() == text).ok_or(KeyFileError::Malformed)
    }

    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let items = value.get("keys")?.as_array()?;
        let plain = |v: &Value, may: fn(u8) -> bool| v.as_str().filter(|s| s.bytes().all(may)).map(str::to_owned);
        let entry = |v: &Value| {
            let since = plain(v.get("since")?, |b| b.is_ascii_alphanumeric() || b":.+-".contains(&b))?;
            let id = plain(v.get("id")?, |b| b.is_ascii_hexdigit())?;
            Some(KeyEntry { id, since, tokens: v.get("tokens")?.as_bool()? })
        };
        let keys: Vec<KeyEntry> = items.iter().take(MOST).map(entry).collect::<Option<_>>()?;
        let ring = plain(value.get("ring")?, |b| b.is_ascii_alphanumeric() || b"-_".contains(&b))?;
        (!keys.is_empty()).then_some(Self { keys, ring })
    }

    /// The line, with its end.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{},\"ring\":\"{}\"}}\n", head(&self.keys), self.ring)
    }

    /// All keys, oldest first; the last one is in use.
    #[must_use]
    pub fn keys(&self) -> &[KeyEntry] {
        &self.keys
    }

    /// Id of the key in use.
    #[must_use]
    pub fn current(&self) -> &str {
        self.keys.last().map_or("", |k| &k.id)
    }

    /// The ring of the folder, from the secrets given.
    fn open(&self, given: &Ring) -> Result<Ring, KeyFileError> {
        let (last, retired) = self.keys.split_last().ok_or(KeyFileError::Malformed)?;
        let Some(current) = given.0.iter().find(|m| m.name() == last.id) else {
            let given: Vec<String> = given.0.iter().map(Master::name).collect();
            let before = given.iter().any(|g| self.keys.iter().any(|k| k.id == *g));
            return Err(KeyFileError::WrongSecret { needed: last.id.clone(), since: last.since.clone(), given, retired: before });
        };
        let current = Master { since: last.since.clone(), tokens: last.tokens, ..current.clone() };
        let sealed = URL_SAFE_NO_PAD.decode(&self.ring).map_err(|_| KeyFileError::Damaged)?;
        let opened = Ring(vec![current.clone()]).open(PURPOSE, head(&self.keys).as_bytes(), &sealed);
        let plain = Zeroizing::new(opened.map_err(|_| KeyFileError::Damaged)?);
        let (prks, rest) = plain.as_chunks::<PRK>();
        if prks.len() != retired.len() || !rest.is_empty() {
            return Err(KeyFileError::Damaged);
        }
        let mut masters = Vec::with_capacity(self.keys.len());
        for (prk, entry) in prks.iter().zip(retired) {
            let master = Master::of_prk(Zeroizing::new(*prk), &entry.since)?;
            if master.name() != entry.id {
                return Err(KeyFileError::Damaged);
            }
            masters.push(Master { tokens: entry.tokens, ..master });
        }
        masters.push(current);
        Ok(Ring(masters))
    }
}

/// The line up to the sealed part.
fn head(keys: &[KeyEntry]) -> String {
    let mut out = String::from("{\"version\":1,\"keys\":[");
    for (i, KeyEntry { id, since, tokens }) in keys.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(out, "{comma}{{\"id\":\"{id}\",\"since\":\"{since}\",\"tokens\":{tokens}}}");
    }
    out.push(']');
    out
}

impl Ring {
    fn file(&self) -> Result<KeyFile, CryptoError> {
        let keys: Vec<KeyEntry> = self.0.iter().map(|m| KeyEntry { id: m.name(), since: m.since.clone(), tokens: m.tokens }).collect();
        let retired = self.0.split_last().map_or(&[][..], |(_, retired)| retired);
        let plain = Zeroizing::new(retired.iter().flat_map(|m| m.prk.iter().copied()).collect::<Vec<u8>>());
        let ring = URL_SAFE_NO_PAD.encode(self.seal(PURPOSE, head(&keys).as_bytes(), &plain)?);
        Ok(KeyFile { keys, ring })
    }

    /// Takes up keys that are not known yet. The last one given is in use from now on if it is one of them; the others are retired ones that come back.
    fn take_up(&mut self, given: Self) -> bool {
        let last = given.0.last().map(|m| m.id);
        let unknown: Vec<Master> = given.0.into_iter().filter(|g| self.0.iter().all(|m| m.id != g.id)).collect();
        let changed = !unknown.is_empty();
        for master in unknown {
            if Some(master.id) == last {
                self.0.push(master);
            } else {
                self.0.insert(0, master);
            }
        }
        changed
    }
}

/// The keys of a folder, opened.
#[derive(Debug)]
pub struct Opened {
    /// The keys.
    pub keyring: Keyring,
    /// Whether the folder does not know them all yet: [`Keyring::file`] is to be written before anything is sealed.
    pub changed: bool,
}

impl Keyring {
    /// The keys of a folder, from what it remembers and the secrets of the operator's, the newest last. The secret of the key in use must be among
    /// them. A last one that is not known yet is in use from now on.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn of_folder(file: Option<&KeyFile>, secrets: &[String], now: &str) -> Result<Opened, KeyFileError> {
        let given = Ring::new(secrets, now)?;
        let Some(file) = file else { return Ok(Opened { keyring: Self::of_ring(given), changed: true }) };
        let mut ring = file.open(&given)?;
        let changed = ring.take_up(given);
        Ok(Opened { keyring: Self::of_ring(ring), changed })
    }

    /// Seals with the last of these secrets from now on, if it is not known yet. `distrust`: tokens signed with older keys are refused from now on.
    /// `keep` makes the new state durable before anything is sealed under it; when it fails, nothing has changed.
    ///
    /// # Errors
    /// [`KeyFileError::NothingNew`], [`KeyFileError::NotKept`], or secrets that cannot be used.
    pub fn rotate(&self, secrets: &[String], distrust: bool, now: &str, keep: impl FnOnce(&KeyFile) -> Result<(), String>) -> Result<(), KeyFileError> {
        let _turn = self.turning.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut ring = Ring::clone(&self.ring());
        let mut changed = ring.take_up(Ring::new(secrets, now)?);
        if distrust && let Some((_, retired)) = ring.0.split_last_mut() {
            for master in retired.iter_mut().filter(|m| m.tokens) {
                master.tokens = false;
                changed = true;
            }
        }
        if !changed {
            return Err(KeyFileError::NothingNew);
        }
        keep(&ring.file()?).map_err(KeyFileError::NotKept)?;
        self.turn_to(ring);
        Ok(())
    }

    /// What the folder is to remember.
    ///
    /// # Errors
    /// None in practice: the key ring is never empty.
    pub fn file(&self) -> Result<KeyFile, CryptoError> {
        self.ring().file()
    }

    /// Ids of all keys, oldest first; the last one is in use.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.ring().0.iter().map(Master::name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(secrets: &[&str]) -> Vec<String> {
        secrets.iter().map(|s| (*s).to_owned()).collect()
    }

    fn open(file: Option<&KeyFile>, secrets: &[&str]) -> Result<Opened, KeyFileError> {
        Keyring::of_folder(file, &list(secrets), "2026-01-01T00:00:00.000+00:00")
    }

    fn id(secret: &str) -> String {
        Keyring::new(&list(&[secret])).unwrap().ids().remove(0)
    }

    /// A folder whose secrets were these, one after another, and something sealed under each.
    fn folder(secrets: &[&str]) -> (KeyFile, Vec<Vec<u8>>) {
        let ring = open(None, &secrets[..1]).unwrap().keyring;
        let mut sealed = vec![ring.seal("p", b"c", b"text").unwrap()];
        for secret in &secrets[1..] {
            ring.rotate(&[(*secret).to_owned()], false, "later", |_| Ok(())).unwrap();
            sealed.push(ring.seal("p", b"c", b"text").unwrap());
        }
        (ring.file().unwrap(), sealed)
    }

    #[test]
    fn the_newest_secret_opens_everything() {
        let (file, sealed) = folder(&["one", "two", "three"]);
        let file = KeyFile::parse(&file.text()).unwrap();
        assert_eq!(file.keys().iter().map(|k| k.id.clone()).collect::<Vec<_>>(), [id("one"), id("two"), id("three")]);
        let opened = open(Some(&file), &["three"]).unwrap();
        assert!(!opened.changed);
        for value in &sealed {
            assert_eq!(opened.keyring.open("p", b"c", value).unwrap(), b"text");
        }
        assert!(opened.keyring.is_current(&sealed[2]) && opened.keyring.is_current(&opened.keyring.seal("p", b"", b"").unwrap()));
        // What extracted keys can be told from is not in it in the clear.
        assert!(!file.text().contains(&hex::encode(opened.keyring.ring().0[0].prk.as_slice())));
    }

    #[test]
    fn a_secret_that_is_not_the_right_one_is_told() {
        let (file, _) = folder(&["one", "two"]);
        let wrong = |secrets: &[&str]| open(Some(&file), secrets).unwrap_err();
        assert!(matches!(wrong(&["one"]), KeyFileError::WrongSecret { needed, retired: true, .. } if needed == id("two")));
        assert!(matches!(wrong(&["guess"]), KeyFileError::WrongSecret { given, retired: false, .. } if given == [id("guess")]));
        assert_eq!(wrong(&["two", "two"]), KeyFileError::Crypto(CryptoError::DuplicateSecret));
    }

    #[test]
    fn a_new_secret_beside_the_known_one_follows_it() {
        let (file, sealed) = folder(&["one", "two"]);
        // As the operator may leave them for years: nothing changes.
        for known in [&["two"][..], &["one", "two"], &["two", "one"]] {
            let opened = open(Some(&file), known).unwrap();
            assert_eq!((opened.changed, opened.keyring.ids()), (false, vec![id("one"), id("two")]), "{known:?}");
        }
        let opened = open(Some(&file), &["two", "three"]).unwrap();
        assert!(opened.changed);
        assert_eq!(opened.keyring.ids(), [id("one"), id("two"), id("three")]);
        assert_eq!(opened.keyring.open("p", b"c", &sealed[0]).unwrap(), b"text");
        // A key that was lost comes back, and does not take over.
        let opened = open(Some(&file), &["zero", "two"]).unwrap();
        assert_eq!((opened.changed, opened.keyring.ids()), (true, vec![id("zero"), id("one"), id("two")]));
    }

    #[test]
    fn what_cannot_be_kept_does_not_count() {
        let ring = open(None, &["one"]).unwrap().keyring;
        let failed = ring.rotate(&list(&["two"]), false, "", |_| Err("no space".into()));
        assert_eq!(failed, Err(KeyFileError::NotKept("no space".into())));
        assert_eq!(ring.ids(), [id("one")]);
        assert_eq!(ring.rotate(&list(&["one"]), false, "", |_| panic!("nothing to keep")), Err(KeyFileError::NothingNew));
    }

    #[test]
    fn tokens_of_a_key_that_got_out_are_refused() {
        let ring = open(None, &["one"]).unwrap().keyring;
        let token = ring.sign_jwt(&serde_json::Map::new()).unwrap();
        ring.rotate(&list(&["two"]), false, "", |_| Ok(())).unwrap();
        assert!(ring.verify_jwt(&token, 0).is_ok());
        ring.rotate(&list(&["two"]), true, "", |_| Ok(())).unwrap();
        assert_eq!(ring.file().unwrap().keys().iter().map(|k| k.tokens).collect::<Vec<_>>(), [false, true]);
        assert_eq!(ring.verify_jwt(&token, 0), Err(crate::JwtError::Signature));
        let again = open(Some(&ring.file().unwrap()), &["two"]).unwrap().keyring;
        assert!(again.verify_jwt(&token, 0).is_err() && again.verify_jwt(&again.sign_jwt(&serde_json::Map::new()).unwrap(), 0).is_ok());
    }

    #[test]
    fn any_changed_bit_is_noticed() {
        let text = folder(&["one", "two", "three"]).0.text();
        for bit in 0..text.len() * 8 {
            let mut bad = text.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let read = String::from_utf8(bad).ok().and_then(|t| KeyFile::parse(&t).ok());
            assert!(read.is_none_or(|f| open(Some(&f), &["three"]).is_err()), "bit {bit}");
        }
        for cut in 0..text.len() {
            assert!(KeyFile::parse(&text[..cut]).is_err());
        }
        assert!(KeyFile::parse(&format!("{text} ")).is_err());
        // A key left out, two exchanged, the sealed part of another folder.
        let whole = KeyFile::parse(&text).unwrap();
        let other = folder(&["one", "two", "three"]).0;
        let mut out = whole.clone();
        out.keys.remove(0);
        let mut turned = whole.clone();
        turned.keys.swap(0, 1);
        let mut trusted = whole.clone();
        trusted.keys[0].tokens = false;
        for bad in [out, turned, trusted] {
            assert_eq!(open(Some(&bad), &["three"]).unwrap_err(), KeyFileError::Damaged);
        }
        assert!(open(Some(&KeyFile { ring: other.ring, ..whole }), &["three"]).is_ok(), "the same keys, sealed once more");
    }
}
