//! The store's folder: lock, format marker.
use std::path::Path;

/// Makes changes of a folder's entries durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), crate::KvError> {
    Ok(std::fs::File::open(dir)?.sync_all()?)
}
