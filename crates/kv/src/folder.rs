//! The store's folder: lock, format marker, engine's files.
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::{EngineKind, KvError};

/// First line of the marker; a later layout gets another number.
const VERSION: &str = "ferrite-store 1";

/// An open, locked folder.
pub(crate) struct Folder {
    root: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Folder {
    /// Locks the folder for this process and checks (or writes) its marker.
    pub(crate) fn open(root: &Path, kind: EngineKind) -> Result<Self, KvError> {
        std::fs::create_dir_all(root)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(root.join("LOCK"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(KvError::Unusable(format!("{} is in use by another process; stop it first", root.display())));
            }
            Err(TryLockError::Error(e)) => return Err(e.into()),
        }
        let folder = Self { root: root.to_owned(), _lock: lock };
        folder.check_format(kind)?;
        Ok(folder)
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the engine's files are.
    pub(crate) fn engine(&self) -> PathBuf {
        self.root.join("store/engine")
    }

    fn check_format(&self, kind: EngineKind) -> Result<(), KvError> {
        let marker = self.root.join("store/FORMAT");
        let wanted = format!("{VERSION}\n{kind}\n");
        let mut found = String::new();
        match File::open(&marker) {
            Ok(mut file) => file.read_to_string(&mut found)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return self.create(&marker, &wanted),
            Err(e) => return Err(e.into()),
        };
        if found == wanted {
            return Ok(());
        }
        let mut lines = found.lines();
        if lines.next() != Some(VERSION) {
            return Err(KvError::Corrupt(format!("{} was written by another version of this program: {found:?}", marker.display())));
        }
        let other = lines.next().unwrap_or("");
        Err(KvError::Unusable(format!(
            "{} was written by the engine \"{other}\", not \"{kind}\": open it with that engine, or convert it with `ferrite store convert --to {kind}`",
            self.root.display()
        )))
    }

    /// Marks a new folder; the marker is whole or not there.
    fn create(&self, marker: &Path, text: &str) -> Result<(), KvError> {
        std::fs::create_dir_all(self.engine())?;
        let draft = self.root.join("store/FORMAT.new");
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, marker)?;
        sync_dir(&self.root.join("store"))?;
        sync_dir(&self.root)
    }
}

/// The engine a folder was written by; `None` when there is no store in it.
///
/// # Errors
/// [`KvError::Corrupt`] for a marker of another version, [`KvError::Io`].
pub fn engine_of(root: &Path) -> Result<Option<EngineKind>, KvError> {
    match std::fs::read_to_string(root.join("store/FORMAT")) {
        Ok(text) => {
            let mut lines = text.lines();
            if lines.next() != Some(VERSION) {
                return Err(KvError::Corrupt(format!("unknown format marker {text:?}")));
            }
            lines.next().unwrap_or("").parse().map(Some)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Makes changes of a folder's entries durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), KvError> {
    Ok(File::open(dir)?.sync_all()?)
}

/// Bytes written to see whether the disk takes any.
const PROBE_BYTES: usize = 64 << 10;

/// Whether the disk takes writes at the moment.
pub(crate) fn probe(root: &Path) -> Result<(), KvError> {
    let path = root.join("PROBE");
    let tried = File::create(&path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(&path);
    tried?;
    Ok(removed?)
}
