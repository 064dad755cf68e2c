//! Two object stores that look like one while blobs move from the old to the new: what is written goes to the new one, what is read is
//! looked for in both, what is removed goes from both.
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};

#[derive(Debug)]
pub(crate) struct Layered {
    pub(crate) new: Arc<dyn ObjectStore>,
    pub(crate) old: Arc<dyn ObjectStore>,
}

impl fmt::Display for Layered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} over {}", self.new, self.old)
    }
}

fn absent<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotFound { .. }))
}

async fn delete_both(new: &dyn ObjectStore, old: &dyn ObjectStore, path: &Path) -> Result<()> {
    // The new one first: a copy that is made meanwhile sees that the old one is gone and goes, too.
    let first = new.delete(path).await;
    let second = old.delete(path).await;
    match (absent(&first), absent(&second)) {
        (true, _) => second,
        (_, true) => first,
        _ => first.and(second),
    }
}

#[async_trait]
impl ObjectStore for Layered {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.new.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.new.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let found = self.new.get_opts(location, options.clone()).await;
        if absent(&found) { self.old.get_opts(location, options).await } else { found }
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let found = self.new.get_ranges(location, ranges).await;
        if absent(&found) { self.old.get_ranges(location, ranges).await } else { found }
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (new, old) = (Arc::clone(&self.new), Arc::clone(&self.old));
        let gone = locations.then(move |path| {
            let (new, old) = (Arc::clone(&new), Arc::clone(&old));
            async move {
                let path = path?;
                delete_both(&*new, &*old, &path).await?;
                Ok(path)
            }
        });
        gone.boxed()
    }

    /// What is in both is listed twice.
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.new.list(prefix).chain(self.old.list(prefix)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let (mut both, old) = (self.new.list_with_delimiter(prefix).await?, self.old.list_with_delimiter(prefix).await?);
        both.objects.extend(old.objects);
        both.common_prefixes.extend(old.common_prefixes);
        both.common_prefixes.sort();
        both.common_prefixes.dedup();
        Ok(both)
    }

    async fn copy_opts(&self, _from: &Path, _to: &Path, _options: CopyOptions) -> Result<()> {
        Err(Error::NotImplemented { operation: "copy while blobs are moved".into(), implementer: self.to_string() })
    }
}
