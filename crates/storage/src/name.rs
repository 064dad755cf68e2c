//! Names of objects: built from identifiers, never from file names.
use object_store::path::Path;

use crate::error::{Result, StorageError};

/// Longest identifier taken as a part of a name, bytes. Ids of the protocol have at most 36.
const MAX_PART: usize = 128;

/// Digits of the part of a blob's name that makes it unique among the uploads of one id.
pub(crate) const UNIQUE_DIGITS: usize = 16;

/// Which file an upload belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId {
    project: String,
    bucket: String,
    file: String,
    /// Name of the folder of its chunks, when it is not the file's.
    staged_as: Option<String>,
}

/// Letters, digits, `_`, `.` and `-`, not starting with a dot: no separator, no parent folder, nothing hidden.
fn part(text: &str) -> Result<String> {
    let fits = !text.is_empty()
        && text.len() <= MAX_PART
        && !text.starts_with('.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if fits { Ok(text.to_owned()) } else { Err(StorageError::InvalidId(text.chars().take(MAX_PART).collect())) }
}

impl UploadId {
    /// # Errors
    /// `InvalidId` when one of the three could not be a part of an object's name.
    pub fn new(project: &str, bucket: &str, file: &str) -> Result<Self> {
        Ok(Self { project: part(project)?, bucket: part(bucket)?, file: part(file)?, staged_as: None })
    }

    /// The same file with another folder for its chunks, so that uploads of one id which do not belong together do not mix. Names that are longer
    /// than ids may be are no file's own.
    ///
    /// # Errors
    /// `InvalidId` when it could not be a part of an object's name.
    pub fn staged_as(self, folder: &str) -> Result<Self> {
        Ok(Self { staged_as: Some(part(folder)?), ..self })
    }

    /// Name of a new blob of this file. Every finished upload gets a name of its own, so that a second upload of the same
    /// id can neither replace nor, when it is taken back, remove the bytes of the first.
    pub(crate) fn blob_key(&self, unique: &str) -> String {
        format!("{}/{}/{}-{unique}", self.project, self.bucket, self.file)
    }

    /// Folder of the staged chunks of this file.
    pub(crate) fn staging_prefix(&self) -> String {
        format!("{}/{}/{}", self.project, self.bucket, self.staged_as.as_ref().unwrap_or(&self.file))
    }
}

/// Prefix of everything of a project, or of one of its buckets.
pub(crate) fn prefix(project: &str, bucket: Option<&str>) -> Result<Path> {
    let project = part(project)?;
    match bucket {
        None => path(&project),
        Some(bucket) => path(&format!("{project}/{}", part(bucket)?)),
    }
}

/// The store's path of a key that this crate made earlier and that came back from outside (a document).
pub(crate) fn path(key: &str) -> Result<Path> {
    for piece in key.split('/') {
        part(piece)?;
    }
    Path::parse(key).map_err(|_| StorageError::InvalidId(key.to_owned()))
}

/// Whether a name is one that [`UploadId::blob_key`] gives.
pub(crate) fn is_blob(key: &str) -> bool {
    let unique = |name: &str| name.rsplit_once('-').is_some_and(|(_, u)| u.len() == UNIQUE_DIGITS && u.bytes().all(|b| b.is_ascii_hexdigit()));
    key.split('/').count() == 3 && path(key).is_ok() && key.rsplit('/').next().is_some_and(unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_folder() {
        for bad in ["", ".", "..", "a/b", "a\\b", "a\0", ".hidden", "a#1", "é", "%2e%2e", "a b"] {
            assert!(UploadId::new(bad, "b", "c").is_err(), "{bad:?}");
            assert!(UploadId::new("a", "b", bad).is_err(), "{bad:?}");
        }
        for bad in ["", "/", "../x", "a//b", "/a", "a/", "a/../b"] {
            assert!(path(bad).is_err(), "{bad:?}");
        }
        let upload = UploadId::new("golden", "bk", "a.b_c-D").unwrap();
        assert_eq!((upload.staging_prefix(), upload.blob_key("0")), ("golden/bk/a.b_c-D".into(), "golden/bk/a.b_c-D-0".into()));
        assert!(upload.clone().staged_as("../a").is_err());
        let apart = upload.staged_as("apart").unwrap();
        assert_eq!((apart.staging_prefix(), apart.blob_key("0")), ("golden/bk/apart".into(), "golden/bk/a.b_c-D-0".into()));
    }
}
