//! What the local device needs besides the object store: private folders, and the remains of interrupted writes.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use crate::error::{Result, StorageError};
use crate::read::offload;

/// The two folders of a local store.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) staging: PathBuf,
    pub(crate) blobs: PathBuf,
}

/// Makes a folder (and those above it) that only the owner may enter; it is there after a crash, too.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let absent: Vec<&Path> = path.ancestors().take_while(|p| !p.as_os_str().is_empty() && !p.exists()).collect();
    builder.create(path)?;
    // A new folder is an entry of the one above it.
    #[cfg(unix)]
    for above in absent.iter().filter_map(|p| p.parent()) {
        fs::File::open(if above.as_os_str().is_empty() { Path::new(".") } else { above })?.sync_all()?;
    }
    Ok(())
}

/// Removes a folder that holds nothing but empty folders; what holds files stays.
fn prune(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            prune(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

/// An object store on a folder. Objects appear under their names complete, with file and folder synced to the device.
pub(crate) fn object_store(folder: &Path) -> Result<Arc<dyn ObjectStore>> {
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

/// The local store writes an object to `name#number` before it takes its name; our own names have no `#`.
fn is_remains(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn sweep(folder: &Path, before: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sweep(&entry.path(), before)?;
        } else if is_remains(&entry.file_name().to_string_lossy())
            && entry.metadata().and_then(|m| m.modified()).is_ok_and(|m| m < before)
            && let Err(e) = fs::remove_file(entry.path())
            && e.kind() != io::ErrorKind::NotFound
        {
            return Err(e);
        }
    }
    Ok(())
}

impl Local {
    /// Removes what interrupted writes left behind before `before`.
    pub(crate) async fn sweep(&self, before: SystemTime) -> Result<()> {
        let folders = [self.staging.clone(), self.blobs.clone()];
        // With another device there may be no folder of blobs.
        offload(true, move || folders.iter().filter(|f| f.exists()).try_for_each(|folder| sweep(folder, before)).map_err(StorageError::from)).await
    }

    /// Removes a folder if nothing but empty folders is left in it.
    pub(crate) async fn forget_folder(&self, below: &Path, folder: &str) {
        let path = below.join(folder);
        let shown = path.display().to_string();
        let removed = offload(true, move || {
            Ok(match prune(&path) {
                Err(e) if !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => Some(e),
                _ => None,
            })
        });
        if let Ok(Some(e)) = removed.await {
            tracing::debug!(path = shown, error = %e, "an empty folder stays");
        }
    }
}
