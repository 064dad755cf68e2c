//! The sled engine.
//!
//! sled 0.34 ends its `flush` in `sync_file_range`, which neither flushes the drive's cache nor writes the file's
//! metadata, and it never syncs the files it spills large pages to. So [`Raw::sync`] adds both. It also takes a snapshot file that
//! it was interrupted in writing for a damaged one and refuses to open; such files are removed before.
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::mvcc::Raw;
use super::{Batch, Range};
use crate::folder::sync_dir;
use crate::{Bytes, KvError, Options};

/// The engine's lock is let go by a background thread some time after closing: so many tries,
const OPEN_TRIES: u32 = 40;
/// so far apart.
const OPEN_PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Sled {
    tree: sled::Db,
    /// The file that holds everything but large pages.
    file: File,
    /// Where large pages go.
    blobs: PathBuf,
    /// Large pages known to be on disk.
    synced: Mutex<HashSet<OsString>>,
    /// Whether a write failed.
    failed: AtomicBool,
}

impl Drop for Sled {
    /// After a failed write sled waits for ever for it when it is closed; so it is left open until the process ends.
    fn drop(&mut self) {
        if self.stuck() {
            std::mem::forget(self.tree.clone());
        }
    }
}

impl Sled {
    pub(crate) fn open(dir: &Path, options: &Options) -> Result<Self, KvError> {
        let config = sled::Config::new().path(dir).cache_capacity(options.cache_bytes.max(1 << 20)).mode(sled::Mode::LowSpace).flush_every_ms(None);
        remove_unfinished(dir)?;
        let mut tries = 0;
        let tree = loop {
            match config.open() {
                Ok(tree) => break tree,
                Err(sled::Error::Io(e)) if tries < OPEN_TRIES && e.to_string().contains("acquire lock") => {
                    tries += 1;
                    std::thread::sleep(OPEN_PAUSE);
                }
                Err(e) => return Err(failure(e)),
            }
        };
        let file = OpenOptions::new().read(true).write(true).open(dir.join("db"))?;
        Ok(Self { tree, file, blobs: dir.join("blobs"), synced: Mutex::default(), failed: AtomicBool::new(false) })
    }

    /// Remembers a failure of the engine's own writes.
    fn noted(&self, result: sled::Result<()>) -> Result<(), KvError> {
        if result.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        result.map_err(failure)
    }

    /// Syncs the spilled pages that appeared since the last call.
    fn sync_blobs(&self) -> Result<(), KvError> {
        let mut synced = self.synced.lock();
        let mut present = HashSet::new();
        let mut grown = false;
        for entry in std::fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let name = entry.file_name();
            if !synced.contains(&name) {
                match File::open(entry.path()) {
                    Ok(file) => file.sync_all()?,
                    // Removed by sled in the meantime: nothing refers to it any more.
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(e) => return Err(e.into()),
                }
                grown = true;
            }
            present.insert(name);
        }
        if grown {
            sync_dir(&self.blobs)?;
        }
        *synced = present;
        Ok(())
    }
}

impl Raw for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        Ok(self.tree.get(key).map_err(failure)?.map(|v| Bytes::from(v.as_ref())))
    }

    fn chunk(&self, range: Range<'_>, reverse: bool, limit: usize) -> Result<Vec<(Bytes, Bytes)>, KvError> {
        let items = self.tree.range::<&[u8], _>(range);
        let own = |item: sled::Result<(sled::IVec, sled::IVec)>| item.map(|(k, v)| (Bytes::from(k.as_ref()), Bytes::from(v.as_ref()))).map_err(failure);
        if reverse { items.rev().take(limit).map(own).collect() } else { items.take(limit).map(own).collect() }
    }

    fn apply(&self, batch: &Batch) -> Result<(), KvError> {
        let mut out = sled::Batch::default();
        for (key, entry) in batch {
            match entry {
                Some(value) => out.insert(key.as_slice(), value.as_ref()),
                None => out.remove(key.as_slice()),
            }
        }
        self.noted(self.tree.apply_batch(out))
    }

    fn sync(&self) -> Result<(), KvError> {
        self.noted(self.tree.flush().map(|_| ()))?;
        self.sync_blobs()?;
        self.file.sync_data()?;
        Ok(())
    }

    fn stuck(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }
}

/// Removes snapshots that did not get their final name: nothing refers to them.
fn remove_unfinished(dir: &Path) -> Result<(), KvError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "generating") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn failure(e: sled::Error) -> KvError {
    match e {
        sled::Error::Corruption { .. } => KvError::Corrupt(e.to_string()),
        e => KvError::Io(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_snapshot_is_no_damage() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Sled::open(dir.path(), &Options::default()).unwrap();
        let sled = open();
        sled.apply(&Batch::from([(b"a".to_vec(), Some(Bytes::from(vec![1])))])).unwrap();
        sled.sync().unwrap();
        drop(sled);
        File::create(dir.path().join("snap.000000000ABA4976.generating")).unwrap();
        assert_eq!(open().get(b"a").unwrap(), Some(Bytes::from(vec![1])));
    }
}
