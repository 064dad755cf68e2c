//! The keys of a data folder: what it remembers of them (`keys.json`), checked at every start, and their rotation.
//!
//! The store remembers the ids of all keys that ever sealed something in this folder. So a key that went missing, with the file or without it, is
//! told at the start and not when somebody asks for a file. The order of a rotation is: the file, the store, the first thing sealed. After a
//! crash in between the start ends what was begun.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::Access;
use crypto::keyfile::{KeyFile, KeyFileError, Opened};
use crypto::{CryptoError, Keyring};
use database::{Database, Find, Namespace};
use kernel::{App, Clock as _, SystemClock};
use protocol::Timestamp;
use serde_json::{Value, json};

use crate::config::Config;
use crate::durable;

/// Name of the file in the data folder.
const FILE: &str = "keys.json";
/// What the names of the store's facts about keys start with.
const FACT: &str = "key/";

fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

fn now() -> Timestamp {
    Timestamp(i64::try_from(SystemClock.micros() / 1_000).unwrap_or(i64::MAX))
}

/// What the folder remembers; nothing when it is new.
pub(crate) fn read(data: &Path) -> Result<Option<KeyFile>, String> {
    let path = path(data);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => return Err(explain(data, &KeyFileError::Malformed)),
        Err(e) => return Err(format!("{}: {e}", path.display())),
    };
    KeyFile::parse(&text).map(Some).map_err(|e| explain(data, &e))
}

/// The keys of the folder from the settings; nothing is written.
pub(crate) fn open(config: &Config) -> Result<Opened, String> {
    let data = config.data();
    let secrets = config.secrets().map_err(|e| e.to_string())?;
    Keyring::of_folder(read(&data)?.as_ref(), &secrets, &now().format()).map_err(|e| explain(&data, &e))
}

/// Makes sure before anything is sealed that no key is missing, and that the folder knows them all.
pub(crate) fn settle(data: &Path, ring: &Keyring, changed: bool, db: &Database) -> Result<(), String> {
    let known = known(db)?;
    let ids = ring.ids();
    let missing: Vec<&str> = known.iter().filter(|k| !ids.contains(k)).map(String::as_str).collect();
    if !missing.is_empty() {
        let there = if path(data).exists() { "is not the one that belongs to this store" } else { "is gone" };
        return Err(format!(
            "{} {there}: what was sealed under the key{} {} could not be read. Restore the file from a backup; or set the secrets of these keys as \
             _APP_OPENSSL_KEY_V1 and so on, the one that was in use last as the highest (`ferrite keys list` shows the ids of what is set)",
            path(data).display(),
            if missing.len() == 1 { "" } else { "s" },
            missing.join(", ")
        ));
    }
    if !path(data).exists() && known.is_empty() {
        sample(ring, db)?;
    }
    if changed {
        keep(data, &ring.file().map_err(|e| e.to_string())?)?;
        if !known.is_empty() {
            tracing::info!(key = ids.last(), keys = ids.len(), "the keys of the data folder are others from now on");
        }
    }
    remember(db, &ids, &known)
}

/// Ids of the keys that sealed something in this store.
fn known(db: &Database) -> Result<Vec<String>, String> {
    let facts = db.facts(FACT).map_err(|e| e.to_string())?;
    Ok(facts.into_iter().filter_map(|(name, _)| name.strip_prefix(FACT).map(str::to_owned)).collect())
}

fn remember(db: &Database, ids: &[String], known: &[String]) -> Result<(), String> {
    let time = u64::try_from(now().0).unwrap_or_default();
    let facts: Vec<(String, u64)> = ids.iter().filter(|id| !known.contains(id)).map(|id| (format!("{FACT}{id}"), time)).collect();
    if facts.is_empty() { Ok(()) } else { db.put_facts(&facts).map_err(|e| e.to_string()) }
}

fn keep(data: &Path, file: &KeyFile) -> Result<(), String> {
    durable::replace(&path(data), file.text().as_bytes()).map_err(|e| format!("{} cannot be written: {e}", path(data).display()))
}

/// A store of a version that remembered no keys: the secret is right if it opens what was sealed.
fn sample(ring: &Keyring, db: &Database) -> Result<(), String> {
    let reader = db.read();
    let Some(keys) = reader.collection(Namespace(0), "keys").map_err(|e| e.to_string())? else { return Ok(()) };
    let find = Find { limit: 1, ..Find::default() };
    let page = reader.find(&Access::System("the master secret is tried"), &keys, &find).map_err(|e| e.to_string())?;
    match page.documents.first().map(|d| ring.open_text("api-key", d.str("secret"))) {
        Some(Err(CryptoError::UnknownKey)) => {
            Err("what is sealed in this data folder was sealed with another secret. Set _APP_OPENSSL_KEY_V1 to the secret it was used with".to_owned())
        }
        _ => Ok(()),
    }
}

/// Seals with the last of the secrets from now on; `distrust`: tokens signed with older keys are refused.
pub(crate) fn rotate(app: &Arc<App>, secrets: &[String], distrust: bool) -> Result<Value, String> {
    let data = app.blobs.blobs_folder().parent().and_then(Path::parent).map(PathBuf::from).ok_or("this store has no data folder")?;
    let (ring, db) = (&app.keyring, &app.db);
    let done = ring.rotate(secrets, distrust, &now().format(), |file| {
        keep(&data, file)?;
        let ids: Vec<String> = file.keys().iter().map(|k| k.id.clone()).collect();
        // Should this fail the file is ahead of what is in use, as after a crash, and the next start goes by the file.
        remember(db, &ids, &known(db)?)
    });
    match done {
        Ok(()) => tracing::warn!(key = ring.ids().last(), distrust, "the administrator changed the master secret"),
        Err(KeyFileError::NothingNew) => {}
        Err(e) => return Err(explain(&data, &e)),
    }
    Ok(json!({"current": ring.ids().last(), "changed": done.is_ok()}))
}

/// What is wrong, and what to do.
fn explain(data: &Path, e: &KeyFileError) -> String {
    let file = path(data);
    let file = file.display();
    match e {
        KeyFileError::WrongSecret { needed, since, given, retired } => {
            let why = if *retired { format!("is of a key that was retired when {needed} took its place") } else { "was never used here".to_owned() };
            format!(
                "the key of this data folder is {needed}, since {since}; the secret in _APP_OPENSSL_KEY_V1 (key {}) {why}. Set _APP_OPENSSL_KEY_V1 to the \
                 secret of {needed}. To change to another secret, keep that one and set the new one as _APP_OPENSSL_KEY_V2",
                given.join(", ")
            )
        }
        KeyFileError::Malformed | KeyFileError::Damaged => format!(
            "{file} is damaged: {e}. Restore it from a backup. If there is none: remove it, and set all secrets this folder was ever used with as \
             _APP_OPENSSL_KEY_V1 and so on, the one in use as the highest; the start tells which are missing"
        ),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(data: &Path, secrets: &[&str]) -> Config {
        let names = ["_APP_OPENSSL_KEY_V1", "_APP_OPENSSL_KEY_V2", "_APP_OPENSSL_KEY_V3"];
        let vars = names.iter().zip(secrets).map(|(n, s)| ((*n).to_owned(), (*s).to_owned()));
        Config::from_vars(vars.chain([("FERRITE_DATA".to_owned(), data.display().to_string())])).unwrap()
    }

    fn database(data: &Path) -> Database {
        let store = kv::Store::open(kv::EngineKind::Fjall, data, kv::Options::default()).unwrap();
        Database::open(store, database::Options::default()).unwrap()
    }

    /// As a start does it.
    fn start(data: &Path, secrets: &[&str], db: &Database) -> Result<Keyring, String> {
        let opened = open(&config(data, secrets))?;
        settle(data, &opened.keyring, opened.changed, db)?;
        Ok(opened.keyring)
    }

    struct Folder {
        dir: tempfile::TempDir,
        db: Database,
    }

    impl Folder {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let db = database(dir.path());
            Self { dir, db }
        }
        fn start(&self, secrets: &[&str]) -> Result<Keyring, String> {
            start(self.dir.path(), secrets, &self.db)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            self.db.store().close();
        }
    }

    #[test]
    fn secrets_follow_one_another() {
        let f = Folder::new();
        let sealed = f.start(&["one"]).unwrap().seal_text("p", "old").unwrap();
        assert!(f.start(&["two"]).unwrap_err().contains("was never used here"));
        assert_eq!(f.start(&["one", "two"]).unwrap().open_text("p", &sealed).unwrap(), "old");
        assert!(f.start(&["one"]).unwrap_err().contains("was retired when"));
        for known in [&["two"][..], &["one", "two"], &["two", "one"]] {
            let ring = f.start(known).unwrap();
            assert_eq!(ring.open_text("p", &sealed).unwrap(), "old");
            assert_eq!(ring.ids().len(), 2);
        }
    }

    #[test]
    fn a_lost_key_is_told_by_its_id() {
        let f = Folder::new();
        let first = f.start(&["one"]).unwrap().ids().remove(0);
        f.start(&["one", "two"]).unwrap();
        let file = f.dir.path().join(FILE);
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let error = f.start(&["two"]).err().unwrap();
        assert!(error.contains(&first) && error.contains("is gone"), "{error}");
        assert!(!file.exists(), "nothing is written by a start that is refused");
        // The file of another time of the same folder, or of another folder with the same secret.
        let other = Folder::new();
        other.start(&["two"]).unwrap();
        std::fs::copy(other.dir.path().join(FILE), &file).unwrap();
        let error = f.start(&["two"]).err().unwrap();
        assert!(error.contains(&first) && error.contains("not the one"), "{error}");
        // Both ways out.
        assert_eq!(f.start(&["one", "two"]).unwrap().ids().len(), 2);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(f.start(&["one", "two"]).unwrap().ids().len(), 2);
        std::fs::write(&file, kept).unwrap();
        f.start(&["two"]).unwrap();
    }

    #[test]
    fn a_damaged_file_is_told() {
        let f = Folder::new();
        f.start(&["one"]).unwrap();
        f.start(&["one", "two"]).unwrap();
        let file = f.dir.path().join(FILE);
        let whole = std::fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&file, &bad).unwrap();
            let error = f.start(&["two"]).err().unwrap_or_else(|| panic!("byte {at}"));
            assert!(error.contains("_APP_OPENSSL_KEY_V1"), "byte {at}: {error}");
        }
        for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file, &whole[..cut]).unwrap();
            assert!(f.start(&["two"]).err().unwrap().contains("damaged"), "cut to {cut}");
        }
        std::fs::write(&file, &whole).unwrap();
        f.start(&["two"]).unwrap();
    }

    /// A crash after any step of a rotation: the old secret beside the new one, which is what is set then, opens everything, and so does the new one
    /// alone as soon as the folder knows it.
    #[test]
    fn a_rotation_may_end_anywhere() {
        for steps in 0..=3 {
            let f = Folder::new();
            let ring = f.start(&["one"]).unwrap();
            let sealed = ring.seal_text("p", "old").unwrap();
            let stop = || Err("the process ends here".to_owned());
            let ended = ring.rotate(&["two".to_owned()], false, "now", |file| {
                match steps {
                    0 => return stop(),
                    // Written beside, not renamed.
                    1 => {
                        let text = file.text();
                        std::fs::write(f.dir.path().join("keys.json.new"), &text[..text.len() / 2]).unwrap();
                        return stop();
                    }
                    _ => keep(f.dir.path(), file)?,
                }
                if steps == 2 {
                    return stop();
                }
                remember(&f.db, &[file.current().to_owned()], &[])
            });
            assert_eq!(ended.is_ok(), steps == 3);
            let alone = f.start(&["two"]);
            assert_eq!(alone.is_ok(), steps >= 2, "{steps}: {alone:?}");
            let ring = f.start(&["one", "two"]).unwrap();
            assert_eq!((ring.open_text("p", &sealed).unwrap().as_str(), ring.ids().len()), ("old", 2));
            assert_eq!(f.start(&["two"]).unwrap().open_text("p", &sealed).unwrap(), "old");
        }
    }
}
