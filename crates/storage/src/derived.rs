//! What is made of files and can be made again: previews. Kept on the local disk and in memory, both bounded; what was not asked for the longest goes first.
//!
//! Everything on disk is sealed, whether the file it was made of is encrypted or not, so nothing of an encrypted file lies there in the clear, and what was
//! damaged counts as absent. It goes with the file: a blob's name is the beginning of the names of what was made of it. Nothing is synced: what is lost in a
//! crash is made again.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use crypto::Keyring;

use crate::error::Result;
use crate::{local, name};

/// Purpose of the seal.
const PURPOSE: &str = "derived";

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct DerivedLimits {
    /// Bytes on disk.
    pub disk: u64,
    /// Bytes in memory.
    pub memory: u64,
}

/// The store of what is made of files.
pub struct Derived {
    folder: PathBuf,
    keyring: Arc<Keyring>,
    limits: DerivedLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    /// Names by when they were last asked for.
    by_use: BTreeMap<u64, String>,
    /// The same, of those whose bytes are in memory.
    in_memory: BTreeMap<u64, String>,
    tick: u64,
    disk: u64,
    memory: u64,
}

struct Entry {
    /// Bytes on disk.
    size: u64,
    used: u64,
    bytes: Option<Bytes>,
}

impl Derived {
    /// Opens the folder, making it when it is absent, and looks at what is there.
    ///
    /// # Errors
    /// `Io` when the folder cannot be made or read.
    pub fn open(folder: PathBuf, keyring: Arc<Keyring>, limits: DerivedLimits) -> Result<Self> {
        local::private_folder(&folder)?;
        let mut found = Vec::new();
        scan(&folder, &folder, &mut found)?;
        found.sort();
        let mut state = State::default();
        for (_, name, size) in found {
            state.insert(name, size, None);
        }
        let store = Self { folder, keyring, limits, state: Mutex::new(state) };
        store.shrink();
        Ok(store)
    }

    /// What was made of a blob under a name, if it is still kept.
    #[must_use]
    pub fn get(&self, blob: &str, what: &str) -> Option<Bytes> {
        let name = full_name(blob, what)?;
        let held = self.lock().touch(&name)?;
        if held.is_some() {
            return held;
        }
        let read = std::fs::read(self.folder.join(&name)).ok();
        let opened = read.and_then(|sealed| self.keyring.open(PURPOSE, name.as_bytes(), &sealed).ok()).map(Bytes::from);
        match &opened {
            Some(bytes) => {
                self.lock().hold(&name, bytes);
                self.shrink();
            }
            None => self.remove(&[name]),
        }
        opened
    }

    /// Keeps what was made of a blob. A failure is not told: it will be made again.
    pub fn put(&self, blob: &str, what: &str, bytes: &Bytes) {
        let Some(name) = full_name(blob, what) else { return };
        if bytes.len() as u64 > self.limits.disk / 8 {
            return;
        }
        match self.write(&name, bytes) {
            Ok(size) => {
                self.lock().insert(name, size, Some(bytes.clone()));
                self.shrink();
            }
            Err(e) => tracing::warn!(error = %e, "a preview could not be kept"),
        }
    }

    fn write(&self, name: &str, bytes: &Bytes) -> std::io::Result<u64> {
        let sealed = self.keyring.seal(PURPOSE, name.as_bytes(), bytes).map_err(std::io::Error::other)?;
        let path = self.folder.join(name);
        if let Some(above) = path.parent() {
            local::private_folder(above)?;
        }
        // Complete or not there; two who write the same at once write the same.
        let draft = self.folder.join(format!("draft-{}", crypto::random_hex(16)));
        let done = std::fs::write(&draft, &sealed).and_then(|()| std::fs::rename(&draft, &path));
        if done.is_err() {
            drop(std::fs::remove_file(&draft));
        }
        done.map(|()| sealed.len() as u64)
    }

    /// Forgets all that was made of a blob.
    pub fn forget(&self, blob: &str) {
        self.forget_all(&format!("{blob}."));
    }

    /// Forgets all that was made of the blobs of a project, or of one of its buckets.
    pub fn forget_tree(&self, project: &str, bucket: Option<&str>) {
        self.forget_all(&bucket.map_or_else(|| format!("{project}/"), |b| format!("{project}/{b}/")));
    }

    fn forget_all(&self, prefix: &str) {
        let names: Vec<String> = self.lock().entries.range(prefix.to_owned()..).map(|(n, _)| n).take_while(|n| n.starts_with(prefix)).cloned().collect();
        self.remove(&names);
    }

    fn remove(&self, names: &[String]) {
        for name in names {
            let known = self.lock().take(name);
            if known {
                let path = self.folder.join(name);
                drop(std::fs::remove_file(&path));
                // Folders that are empty now; others stay by themselves.
                for folder in path.ancestors().skip(1).take_while(|f| *f != self.folder) {
                    if std::fs::remove_dir(folder).is_err() {
                        break;
                    }
                }
            }
        }
    }

    /// Brings both stores below their bounds.
    fn shrink(&self) {
        let names = {
            let mut state = self.lock();
            while state.memory > self.limits.memory {
                let Some((_, name)) = state.in_memory.pop_first() else { break };
                let freed = state.entries.get_mut(&name).and_then(|e| e.bytes.take()).map_or(0, |b| b.len() as u64);
                state.memory = state.memory.saturating_sub(freed);
            }
            let mut over = state.disk.saturating_sub(self.limits.disk);
            let oldest = state.by_use.values();
            let names: Vec<String> = oldest
                .take_while(|n| {
                    let go = over > 0;
                    over = over.saturating_sub(state.entries.get(*n).map_or(0, |e| e.size));
                    go
                })
                .cloned()
                .collect();
            names
        };
        self.remove(&names);
    }

    /// Bytes on disk and in memory.
    #[must_use]
    pub fn held(&self) -> (u64, u64) {
        let state = self.lock();
        (state.disk, state.memory)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is done under the lock does not panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    fn insert(&mut self, name: String, size: u64, bytes: Option<Bytes>) {
        self.take(&name);
        let used = self.next();
        self.disk += size;
        self.by_use.insert(used, name.clone());
        self.entries.insert(name.clone(), Entry { size, used, bytes: None });
        if let Some(bytes) = bytes {
            self.hold(&name, &bytes);
        }
    }

    /// Removes an entry; whether there was one.
    fn take(&mut self, name: &str) -> bool {
        let Some(entry) = self.entries.remove(name) else { return false };
        self.by_use.remove(&entry.used);
        self.in_memory.remove(&entry.used);
        self.disk = self.disk.saturating_sub(entry.size);
        self.memory = self.memory.saturating_sub(entry.bytes.map_or(0, |b| b.len() as u64));
        true
    }

    /// Marks an entry as asked for; its bytes if they are in memory.
    fn touch(&mut self, name: &str) -> Option<Option<Bytes>> {
        let now = self.next();
        let entry = self.entries.get_mut(name)?;
        let before = std::mem::replace(&mut entry.used, now);
        let bytes = entry.bytes.clone();
        self.by_use.remove(&before);
        self.by_use.insert(now, name.to_owned());
        if self.in_memory.remove(&before).is_some() {
            self.in_memory.insert(now, name.to_owned());
        }
        Some(bytes)
    }

    fn hold(&mut self, name: &str, bytes: &Bytes) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.bytes.replace(bytes.clone()).is_none() {
            self.memory += bytes.len() as u64;
        }
        self.in_memory.insert(entry.used, name.to_owned());
    }
}

/// Name of what was made of a blob: a path below the folder. `None` where either could leave it.
fn full_name(blob: &str, what: &str) -> Option<String> {
    let plain = !what.is_empty() && what.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && name::path(blob).is_ok()).then(|| format!("{blob}.{what}"))
}

/// What lies in the folder, with time and size; drafts of an interrupted server are removed.
fn scan(root: &Path, folder: &Path, found: &mut Vec<(SystemTime, String, u64)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_dir() {
            scan(root, &entry.path(), found)?;
            continue;
        }
        let path = entry.path();
        match path.strip_prefix(root).ok().and_then(Path::to_str) {
            Some(name) if name.contains('/') => found.push((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), name.to_owned(), meta.len())),
            _ => drop(std::fs::remove_file(&path)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, disk: u64, memory: u64) -> Derived {
        let keyring = Arc::new(Keyring::new(&["a secret of the tests".to_owned()]).unwrap());
        Derived::open(folder.join("previews"), keyring, DerivedLimits { disk, memory }).unwrap()
    }

    #[test]
    fn kept_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), 1 << 20, 1 << 20);
        let bytes = Bytes::from_static(b"something recognizable");
        store.put("p/1/a-x", "ab12", &bytes);
        store.put("p/1/a-y", "ab12", &bytes);
        store.put("p/2/a-x", "ab12", &bytes);
        assert_eq!(store.get("p/1/a-x", "ab12"), Some(bytes.clone()));
        assert_eq!(store.get("p/1/a-x", "other"), None);
        // Another server on the same folder finds it; nothing lies there in the clear.
        drop(store);
        let file = std::fs::read(dir.path().join("previews/p/1/a-x.ab12")).unwrap();
        assert!(!file.windows(9).any(|w| w == b"something"));
        let store = open(dir.path(), 1 << 20, 1 << 20);
        assert_eq!(store.get("p/1/a-x", "ab12"), Some(bytes.clone()));
        store.forget("p/1/a-x");
        assert_eq!(store.get("p/1/a-x", "ab12"), None);
        assert_eq!(store.get("p/1/a-y", "ab12"), Some(bytes.clone()));
        store.forget_tree("p", Some("1"));
        assert_eq!((store.get("p/1/a-y", "ab12"), store.get("p/2/a-x", "ab12")), (None, Some(bytes)));
        assert!(!dir.path().join("previews/p/1").exists());
        store.forget_tree("p", None);
        assert_eq!(store.held(), (0, 0));
    }

    #[test]
    fn any_changed_byte_counts_as_absent() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), 1 << 20, 0);
        let path = dir.path().join("previews/p/1/a.x");
        let put = || {
            store.put("p/1/a", "x", &Bytes::from_static(b"a preview"));
            std::fs::read(&path).unwrap()
        };
        let len = put().len();
        for at in 0..len {
            let mut bad = put();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&path, bad).unwrap();
            assert_eq!(store.get("p/1/a", "x"), None, "byte {at}");
        }
        for cut in [0, 1, len / 2, len - 1] {
            let bad = put();
            std::fs::write(&path, &bad[..cut]).unwrap();
            assert_eq!(store.get("p/1/a", "x"), None, "cut to {cut}");
        }
        put();
        assert!(store.get("p/1/a", "x").is_some());
    }

    #[test]
    fn damaged_counts_as_absent() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path(), 1 << 20, 1 << 20).put("p/1/a", "x", &Bytes::from_static(b"1234"));
        let path = dir.path().join("previews/p/1/a.x");
        let mut file = std::fs::read(&path).unwrap();
        *file.last_mut().unwrap() ^= 1;
        std::fs::write(&path, file).unwrap();
        std::fs::write(dir.path().join("previews/draft-0"), b"half").unwrap();
        let store = open(dir.path(), 1 << 20, 1 << 20);
        assert!(!dir.path().join("previews/draft-0").exists());
        assert_eq!(store.get("p/1/a", "x"), None);
        assert!(!path.exists());
        // One is not another's, though both are sealed.
        store.put("p/1/a", "x", &Bytes::from_static(b"1234"));
        std::fs::rename(&path, dir.path().join("previews/p/1/b.x")).unwrap();
        assert_eq!(open(dir.path(), 1 << 20, 0).get("p/1/b", "x"), None);
    }

    #[test]
    fn bounded_on_disk_and_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), 12_000, 2_500);
        let bytes = Bytes::from(vec![7; 1_000]);
        for i in 0..10 {
            store.put("p/1/a", &format!("n{i}"), &bytes);
            assert!(store.get("p/1/a", "n0").is_some(), "what is asked for stays");
        }
        for i in 10..40 {
            store.put("p/1/a", &format!("n{i}"), &bytes);
        }
        let (disk, memory) = store.held();
        assert!(disk <= 12_000 && memory <= 2_500, "{disk} {memory}");
        assert!(std::fs::read_dir(dir.path().join("previews/p/1")).unwrap().count() < 12);
        assert_eq!(store.get("p/1/a", "n0"), None);
        assert_eq!(store.get("p/1/a", "n39"), Some(bytes));
        store.put("p/1/a", "huge", &Bytes::from(vec![0; 11_000]));
        assert_eq!(store.get("p/1/a", "huge"), None, "one alone may not push out all others");
    }

    #[test]
    fn names_stay_in_the_folder() {
        for (blob, what) in [("../x", "a"), ("p/../../x", "a"), ("p/1/a", "../x"), ("p/1/a", ""), ("/etc/x", "a")] {
            assert_eq!(full_name(blob, what), None, "{blob} {what}");
        }
    }
}
