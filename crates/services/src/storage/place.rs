//! From the ids of a request to the bucket and its files, and who may do what with them.
use std::sync::Arc;

use access::Action;
use database::{Collection, Document};
use kernel::{Cx, Error, Result};
use protocol::ErrorKind;
use storage::UploadId;

use super::failure::failed;
use crate::support::{OWN, denied};

/// A bucket with the collection of its files.
pub(crate) struct Place {
    /// Document of the bucket.
    pub(crate) bucket: Arc<Document>,
    /// Its files; permissions and security are the bucket's.
    pub(crate) files: Arc<Collection>,
}

/// Name of the engine's collection that holds the files of a bucket.
pub(crate) fn shelf(bucket: &Document) -> String {
    format!("bucket_{}", bucket.sequence)
}

/// Name of the folder of a bucket's bytes: by sequence, as a new bucket may have the id of one whose bytes are still being removed.
pub(super) fn tree(bucket: &Document) -> String {
    bucket.sequence.to_string()
}

/// A bucket, or 404; clients do not see disabled ones.
pub(crate) fn bucket(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    let found = cx.read().get(&OWN, &*cx.collection("buckets")?, id)?;
    found.filter(|d| d.bool("enabled") || cx.privileged()).ok_or_else(|| ErrorKind::StorageBucketNotFound.into())
}

/// A bucket with its files, or 404.
pub(super) fn place(cx: &Cx<'_>, id: &str) -> Result<Place> {
    open(cx, bucket(cx, id)?)
}

/// The files of a bucket.
pub(super) fn open(cx: &Cx<'_>, bucket: Arc<Document>) -> Result<Place> {
    let files = cx.read().collection(cx.ns(), &shelf(&bucket))?.ok_or_else(|| Error::from(ErrorKind::StorageBucketNotFound))?;
    Ok(Place { bucket, files })
}

/// Runs a call of the store of bytes; a `light` one needs the disk alone.
pub(super) fn run<F: Future>(cx: &Cx<'_>, light: bool, work: F) -> F::Output {
    cx.app.blobs.block_on(&cx.app.runtime, light, work)
}

impl Place {
    /// Whether its files' own permissions count.
    pub(super) fn secures_files(&self) -> bool {
        self.files.document_security
    }

    /// Whether the bucket itself allows an action with every file.
    pub(super) fn allows(&self, cx: &Cx<'_>, action: Action) -> bool {
        cx.access().allows(&self.bucket.permissions, action)
    }

    /// Refuses an action that neither the bucket allows nor a file could.
    pub(super) fn require(&self, cx: &Cx<'_>, action: Action) -> Result<()> {
        let possible = self.allows(cx, action) || (action != Action::Create && self.secures_files());
        if possible { Ok(()) } else { Err(denied(cx, &self.bucket.permissions, action)) }
    }

    /// Refuses an action that neither the bucket nor the file allows.
    pub(super) fn require_of(&self, cx: &Cx<'_>, file: &Document, action: Action) -> Result<()> {
        self.require(cx, action)?;
        let allowed = self.allows(cx, action) || cx.access().allows(&file.permissions, action);
        if allowed { Ok(()) } else { Err(denied(cx, self.bucket.permissions.iter().chain(&file.permissions), action)) }
    }

    /// A file the caller may read. Those that nobody lets them read are not there; a bucket that lets them read none says so.
    pub(super) fn readable(&self, cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
        self.require(cx, Action::Read)?;
        cx.read().get(&cx.access(), &self.files, id)?.ok_or_else(|| ErrorKind::StorageFileNotFound.into())
    }

    /// A file whoever may read it, or 404.
    pub(super) fn file(&self, cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
        self.find(cx, id)?.ok_or_else(|| ErrorKind::StorageFileNotFound.into())
    }

    /// A file whoever may read it, if it is there.
    pub(super) fn find(&self, cx: &Cx<'_>, id: &str) -> Result<Option<Arc<Document>>> {
        Ok(cx.read().get(&OWN, &self.files, id)?)
    }

    /// Name of the bytes of a file on their way.
    pub(super) fn upload_id(&self, cx: &Cx<'_>, id: &str) -> Result<UploadId> {
        UploadId::new(&cx.project.id, &tree(&self.bucket), id).map_err(|e| failed(&e))
    }
}
