//! Writing of one object: small ones in a single put, larger ones in parts. Nothing is visible before `finish`.
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};

use crate::error::Result;

/// An object that is being written.
pub(crate) struct Sink {
    store: Arc<dyn ObjectStore>,
    path: Path,
    parts: Option<Box<dyn MultipartUpload>>,
}

impl Sink {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, parts: None }
    }

    /// Writes a part. All parts but the last are of the same size, as S3 wants it.
    pub(crate) async fn part(&mut self, bytes: Bytes) -> Result<()> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        Ok(parts.put_part(bytes.into()).await?)
    }

    /// Writes the rest and makes the object visible; durable when this returns.
    pub(crate) async fn finish(&mut self, rest: Bytes) -> Result<()> {
        if self.parts.is_none() {
            self.store.put(&self.path, rest.into()).await?;
            return Ok(());
        }
        self.part(rest).await?;
        if let Some(parts) = &mut self.parts {
            parts.complete().await?;
        }
        self.parts = None;
        Ok(())
    }

    /// Forgets what was written.
    pub(crate) async fn abort(mut self) {
        if let Some(mut parts) = self.parts.take()
            && let Err(e) = parts.abort().await
        {
            // The sweep removes what stays behind.
            tracing::warn!(path = %self.path, error = %e, "an unfinished object could not be removed");
        }
    }
}
