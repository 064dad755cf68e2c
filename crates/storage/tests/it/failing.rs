//! An object store that fails when it is told to, and keeps a diary.
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result, UploadPart,
};

/// When and how to fail.
#[derive(Debug)]
pub(crate) struct Plan {
    left: AtomicI64,
    /// Everything after the first failure fails as well.
    pub(crate) for_good: AtomicBool,
    pub(crate) kind: Mutex<io::ErrorKind>,
    pub(crate) diary: Mutex<Vec<String>>,
    /// Before so many reads of ranges go on, this object is replaced.
    pub(crate) replace: Mutex<Option<(usize, Path, Bytes)>>,
}

impl Plan {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            left: AtomicI64::new(i64::MAX),
            for_good: AtomicBool::new(false),
            kind: Mutex::new(io::ErrorKind::ConnectionReset),
            diary: Mutex::new(Vec::new()),
            replace: Mutex::new(None),
        })
    }

    /// Fails after `operations` more that go well.
    pub(crate) fn fail_after(&self, operations: i64) {
        self.left.store(operations, Ordering::SeqCst);
    }

    pub(crate) fn heal(&self) {
        self.left.store(i64::MAX, Ordering::SeqCst);
    }

    fn step(&self, what: String) -> Result<()> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left == 0 || (left < 0 && self.for_good.load(Ordering::SeqCst)) {
            return Err(Error::Generic { store: "failing", source: Box::new(io::Error::from(*self.kind.lock().unwrap())) });
        }
        self.diary.lock().unwrap().push(what);
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Failing {
    name: &'static str,
    pub(crate) inner: Arc<InMemory>,
    plan: Arc<Plan>,
}

impl Failing {
    pub(crate) fn new(name: &'static str, plan: &Arc<Plan>) -> Arc<Self> {
        Arc::new(Self { name, inner: Arc::new(InMemory::new()), plan: plan.clone() })
    }

    fn step(&self, what: &str) -> Result<()> {
        self.plan.step(format!("{} {what}", self.name))
    }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failing {}", self.name)
    }
}

#[derive(Debug)]
struct Upload {
    name: &'static str,
    inner: Box<dyn MultipartUpload>,
    plan: Arc<Plan>,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (step, part) = (self.plan.step(format!("{} part", self.name)), self.inner.put_part(data));
        Box::pin(async move {
            step?;
            part.await
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.plan.step(format!("{} complete", self.name))?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.plan.step(format!("{} abort", self.name))?;
        self.inner.abort().await
    }
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.step("put")?;
        self.inner.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.step("begin")?;
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(Upload { name: self.name, inner, plan: self.plan.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.step("get")?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.step("ranges")?;
        let due = self.plan.replace.lock().unwrap().take_if(|(left, ..)| {
            *left -= 1;
            *left == 0
        });
        if let Some((_, path, bytes)) = due {
            self.inner.put(&path, bytes.into()).await?;
        }
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (name, plan) = (self.name, self.plan.clone());
        self.inner.delete_stream(locations.and_then(move |path| std::future::ready(plan.step(format!("{name} delete")).map(|()| path))).boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.step("list") {
            Ok(()) => self.inner.list(prefix),
            Err(e) => stream::iter([Err(e)]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.step("list")?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.step("copy")?;
        self.inner.copy_opts(from, to, options).await
    }
}
