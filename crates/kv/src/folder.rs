//! The store's folder: lock, format marker, engine's files.
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::{EngineKind, KvError};

/// First line of the marker; a later layout gets another number.
const VERSION: &str = "ferrite-store 1";
/// Bytes written to see whether the disk takes any.
const PROBE_BYTES: usize = 64 << 10;

/// An open, locked folder.
pub(crate) struct Folder {
    root: PathBuf,
    kind: EngineKind,
    /// Whether the engine's files are yet to be made.
    fresh: bool,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Folder {
    /// Locks the folder for this process and checks its marker. A folder without one gets it from [`Folder::seal`].
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
        let mut folder = Self { root: root.to_owned(), kind, fresh: false, _lock: lock };
        match std::fs::read_to_string(folder.marker()) {
            Ok(found) => folder.check_format(&found)?,
            Err(e) if e.kind() == ErrorKind::NotFound => folder.begin()?,
            Err(e) => return Err(e.into()),
        }
        Ok(folder)
    }

    /// Where the engine's files are.
    pub(crate) fn engine(&self) -> PathBuf {
        self.root.join("store/engine")
    }

    fn marker(&self) -> PathBuf {
        self.root.join("store/FORMAT")
    }

    fn draft(&self) -> PathBuf {
        self.root.join("store/FORMAT.new")
    }

    fn check_format(&self, found: &str) -> Result<(), KvError> {
        let mut lines = found.lines();
        if lines.next() != Some(VERSION) {
            return Err(KvError::Corrupt(format!("{} was written by another version of this program: {found:?}", self.marker().display())));
        }
        let (other, kind) = (lines.next().unwrap_or(""), self.kind);
        if other == kind.name() {
            return Ok(());
        }
        Err(KvError::Unusable(format!(
            "{} was written by the engine \"{other}\", not \"{kind}\": open it with that engine, or convert it with `ferrite store convert --to {kind}`",
            self.root.display()
        )))
    }

    /// Begins a new store: a draft of the marker says that nothing was acknowledged yet, so that what the engine left when
    /// this was broken off may go.
    fn begin(&mut self) -> Result<(), KvError> {
        let (engine, draft) = (self.engine(), self.draft());
        std::fs::create_dir_all(&engine)?;
        if draft.exists() {
            std::fs::remove_dir_all(&engine)?;
            std::fs::create_dir(&engine)?;
        } else if std::fs::read_dir(&engine)?.next().is_some() {
            return Err(KvError::Corrupt(format!("{} is missing, but the engine's files are there", self.marker().display())));
        }
        let mut file = File::create(&draft)?;
        file.write_all(format!("{VERSION}\n{}\n", self.kind).as_bytes())?;
        file.sync_all()?;
        self.sync_names()?;
        self.fresh = true;
        Ok(())
    }

    /// Marks a new store as ready once the engine has made its files. Engines do not sync all of what they create.
    pub(crate) fn seal(&mut self) -> Result<(), KvError> {
        if !self.fresh {
            return Ok(());
        }
        sync_tree(&self.engine())?;
        std::fs::rename(self.draft(), self.marker())?;
        self.sync_names()?;
        self.fresh = false;
        Ok(())
    }

    /// Whether the disk takes writes at the moment.
    pub(crate) fn probe(&self) -> Result<(), KvError> {
        let path = self.root.join("PROBE");
        let tried = File::create(&path).and_then(|mut file| {
            file.write_all(&[0; PROBE_BYTES])?;
            file.sync_all()
        });
        let removed = std::fs::remove_file(&path);
        tried?;
        Ok(removed?)
    }

    /// Makes the names of the store's parts durable, the folder's own included.
    fn sync_names(&self) -> Result<(), KvError> {
        sync_dir(&self.root.join("store"))?;
        sync_dir(&self.root)?;
        match self.root.canonicalize()?.parent() {
            Some(parent) => sync_dir(parent),
            None => Ok(()),
        }
    }
}

/// Syncs all files and folders below a folder, and itself.
fn sync_tree(dir: &Path) -> Result<(), KvError> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
            continue;
        }
        match File::open(entry.path()) {
            Ok(file) => file.sync_all()?,
            // A temporary file of the engine's.
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
    }
    sync_dir(dir)
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
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Makes changes of a folder's entries durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), KvError> {
    Ok(File::open(dir)?.sync_all()?)
}
