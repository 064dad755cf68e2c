//! Reading of objects: only what a range needs, only what was checked.
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use crypto::Keyring;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _};

use crate::blocks::Index;
use crate::error::{Result, StorageError};
use crate::format::{BLOCK, FOOTER, Footer, HEADER, Header, Layout, Mode, Opener, SEGMENT};
use crate::name;
use crate::types::{BlobRef, Compression};

/// Objects up to this stored size are fetched in one piece when all of them is wanted.
const WHOLE: u64 = 1 << 20;
/// Objects up to this stored size are fetched in one piece for any range.
const SMALL: u64 = 128 << 10;
/// Segments fetched at once from larger objects, and handed out in one piece.
const WINDOW: u64 = 4;
/// Windows or blocks in flight.
const AHEAD: usize = 2;
/// Work on more bytes than this leaves the thread of the caller, which may serve many others.
const HEAVY: usize = 192 << 10;

/// Authenticated bytes in order; an error is the last item.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// An object whose header was read and checked.
pub(crate) struct Reader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    blob: BlobRef,
    layout: Layout,
    compression: Compression,
    opener: Opener,
    /// The whole object, when it is small.
    whole: Option<Bytes>,
    /// The object's file, when it is on the local disk.
    file: Option<Arc<std::fs::File>>,
}

pub(crate) fn mode(encrypted: bool) -> Mode {
    if encrypted { Mode::Sealed } else { Mode::Plain }
}

/// Runs work here, or on a thread for blocking work when it is heavy.
pub(crate) async fn offload<T: Send + 'static>(heavy: bool, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) if heavy => match runtime.spawn_blocking(work).await {
            Ok(done) => done,
            Err(e) => Err(StorageError::Io { source: Box::new(e), retryable: true }),
        },
        _ => work(),
    }
}

/// Passes items on up to and with the first error.
fn until_error(items: impl futures_util::Stream<Item = Result<Bytes>> + Send + 'static) -> ByteStream {
    let step = |failed: &mut bool, item: Result<Bytes>| {
        let next = (!*failed).then_some(item);
        *failed = matches!(next, Some(Err(_)) | None);
        std::future::ready(next)
    };
    items.scan(false, step).boxed()
}

impl Reader {
    /// Reads and checks the header; `all` says that every byte will be wanted.
    pub(crate) async fn open(store: &Arc<dyn ObjectStore>, keyring: &Keyring, blob: &BlobRef, all: bool) -> Result<Self> {
        let this = Self::begin(store, keyring, blob, all).await?;
        if this.compression == Compression::None && blob.size_original.checked_add(FOOTER as u64) != Some(this.layout.payload) {
            return Err(this.bad("length of the file"));
        }
        Ok(this)
    }

    /// Bytes of the file in an object of which only name, length and protection are known.
    pub(crate) async fn size(store: &Arc<dyn ObjectStore>, keyring: &Keyring, blob: &BlobRef) -> Result<u64> {
        Ok(Arc::new(Self::begin(store, keyring, blob, false).await?).footer().await?.size)
    }

    async fn begin(store: &Arc<dyn ObjectStore>, keyring: &Keyring, blob: &BlobRef, all: bool) -> Result<Self> {
        let bad = |what| StorageError::corrupt(&blob.key, what);
        let mode = mode(blob.encrypted);
        let layout = Layout::of_stored(blob.size_stored, mode).ok_or_else(|| bad("no object has this length"))?;
        let path = name::path(&blob.key)?;
        let (first, whole) = fetch_first(store, &path, blob, all).await?;
        let head = first.get(..HEADER).ok_or_else(|| bad("header cut off"))?;
        let header = Header::decode(&blob.key, head).map_err(bad)?;
        if header.mode != mode {
            return Err(bad("not protected as it was written"));
        }
        let opener = Opener::new(&header, &blob.key, keyring).ok_or_else(|| bad("key of the object"))?;
        Ok(Self {
            store: Arc::clone(store),
            path,
            blob: blob.clone(),
            layout,
            compression: header.compression,
            opener,
            whole: whole.then_some(first),
            file: None,
        })
    }

    /// Goes on with the object's file itself: reading and opening a window is then one step on one thread. Where it cannot be opened, the store tells why.
    pub(crate) async fn on_file(mut self, path: Option<std::path::PathBuf>) -> Self {
        if let Some(path) = path.filter(|_| self.whole.is_none()) {
            let opened = offload(true, move || Ok(std::fs::File::open(path).ok())).await;
            self.file = opened.ok().flatten().map(Arc::new);
        }
        self
    }

    pub(crate) fn bad(&self, what: &'static str) -> StorageError {
        StorageError::corrupt(&self.blob.key, what)
    }

    async fn fetch(&self, range: Range<u64>) -> Result<BytesMut> {
        let wanted = range.end - range.start;
        let bytes = match &self.whole {
            Some(whole) => {
                usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok()).and_then(|(a, b)| (b <= whole.len()).then(|| whole.slice(a..b)))
            }
            None => fetch(&self.store, &self.path, range).await?,
        };
        match bytes {
            Some(bytes) if bytes.len() as u64 == wanted => Ok(bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]))),
            _ => Err(self.bad("cut off")),
        }
    }

    /// Opens segments that lie one after another in `stored`, and moves them together.
    fn open_segments(&self, first: u64, mut stored: BytesMut) -> Result<Bytes> {
        let step = SEGMENT as usize + mode(self.blob.encrypted).tag();
        let (mut from, mut to, mut segment) = (0, 0, first);
        while from < stored.len() {
            let end = stored.len().min(from + step);
            let room = stored.get_mut(to..end).ok_or_else(|| self.bad("cut off"))?;
            let opened = self.opener.open(segment, self.layout.is_last(segment), room, from - to);
            to += opened.ok_or_else(|| self.bad("a segment is not what was written"))?;
            (from, segment) = (end, segment + 1);
        }
        stored.truncate(to);
        Ok(stored.freeze())
    }

    /// Stored bytes from the object's file.
    fn read_file(&self, file: &std::fs::File, range: &Range<u64>) -> Result<BytesMut> {
        let len = usize::try_from(range.end - range.start).map_err(|_| self.bad("cut off"))?;
        // Not cleared first, as it would have to be for the functions of the standard library.
        let mut stored = Vec::with_capacity(len);
        while stored.len() < len {
            let at = range.start + stored.len() as u64;
            match rustix::io::retry_on_intr(|| rustix::io::pread(file, rustix::buffer::spare_capacity(&mut stored), at)) {
                Ok(0) => return Err(self.bad("cut off")),
                Ok(_) => {}
                Err(e) => return Err(std::io::Error::from(e).into()),
            }
        }
        stored.truncate(len);
        Ok(Bytes::from(stored).into())
    }

    /// A stretch of the payload; `range` lies within it.
    pub(crate) async fn payload(self: &Arc<Self>, range: Range<u64>) -> Result<Bytes> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let segments = self.layout.covering(&range);
        let (this, first, span) = (Arc::clone(self), segments.start, self.layout.span(&segments));
        let opened = match self.file.clone() {
            Some(file) => offload(true, move || this.open_segments(first, this.read_file(&file, &span)?)).await?,
            None => {
                let stored = self.fetch(span).await?;
                offload(stored.len() > HEAVY, move || this.open_segments(first, stored)).await?
            }
        };
        let within = |n: u64| usize::try_from(n - segments.start * SEGMENT).ok().filter(|n| *n <= opened.len());
        let wanted = within(range.start).zip(within(range.end)).ok_or_else(|| self.bad("cut off"))?;
        Ok(opened.slice(wanted.0..wanted.1))
    }

    /// The footer, checked against the lengths known from elsewhere.
    pub(crate) async fn footer(self: &Arc<Self>) -> Result<Footer> {
        let payload = self.layout.payload;
        let start = payload.checked_sub(FOOTER as u64).ok_or_else(|| self.bad("footer"))?;
        let footer = Footer::decode(&self.payload(start..payload).await?).ok_or_else(|| self.bad("footer"))?;
        let blocks = if self.compression == Compression::None { 0 } else { footer.size.div_ceil(BLOCK as u64) };
        let sum = footer.body.checked_add(blocks.saturating_mul(4)).and_then(|n| n.checked_add(FOOTER as u64));
        if footer.blocks != blocks || sum != Some(payload) {
            return Err(self.bad("footer"));
        }
        Ok(footer)
    }

    /// The file or a part of it; `range` lies within it.
    pub(crate) async fn stream(mut self, range: Range<u64>) -> Result<ByteStream> {
        if self.compression == Compression::None && range == (0..self.blob.size_original) && self.whole.is_some() {
            let bytes = self.all().await?;
            return Ok(stream::iter((!bytes.is_empty()).then_some(Ok(bytes))).boxed());
        }
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let this = Arc::new(self);
        if this.compression == Compression::None { Ok(this.windows(range)) } else { this.blocks(range).await }
    }

    fn windows(self: Arc<Self>, range: Range<u64>) -> ByteStream {
        let segments = self.layout.covering(&range);
        let windows = segments.step_by(WINDOW as usize).map(move |first| range.start.max(first * SEGMENT)..range.end.min((first + WINDOW) * SEGMENT));
        let fetched = stream::iter(windows).map(move |window| {
            let this = Arc::clone(&self);
            async move { this.payload(window).await }
        });
        until_error(fetched.buffered(AHEAD))
    }

    async fn blocks(self: Arc<Self>, range: Range<u64>) -> Result<ByteStream> {
        let index = Index::load(&self, self.blob.size_original).await?;
        let blocks = index.covering(range);
        let opened = stream::iter(blocks).map(move |block| {
            let this = Arc::clone(&self);
            async move {
                let bytes = this.payload(block.body.clone()).await?;
                offload(block.len > HEAVY, move || block.open(this.compression, &bytes).ok_or_else(|| this.bad("a compressed block"))).await
            }
        });
        Ok(until_error(opened.buffered(AHEAD)))
    }

    /// The whole of a small, uncompressed file.
    async fn all(&mut self) -> Result<Bytes> {
        let whole = self.whole.take().unwrap_or_default();
        let mut data = whole.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        if data.len() < HEADER {
            return Err(self.bad("header cut off"));
        }
        let mut data = self.open_segments(0, data.split_off(HEADER))?;
        // What follows the file is the footer; its place is known, so that it need not be looked at here.
        data.truncate(data.len().saturating_sub(FOOTER));
        if data.len() as u64 != self.blob.size_original {
            return Err(self.bad("length of the file"));
        }
        Ok(data)
    }
}

/// The first bytes of an object, at least its header; the whole of it where one fetch is cheaper than several. An object that has not the length it
/// was written with is damaged.
async fn fetch_first(store: &Arc<dyn ObjectStore>, path: &Path, blob: &BlobRef, all: bool) -> Result<(Bytes, bool)> {
    let bad = |what| StorageError::corrupt(&blob.key, what);
    if blob.size_stored < HEADER as u64 {
        return Err(bad("header cut off"));
    }
    let whole = blob.size_stored <= if all { WHOLE } else { SMALL };
    let want = if whole { blob.size_stored } else { HEADER as u64 };
    let found = match store.get_opts(path, GetOptions { range: Some((0..want).into()), ..GetOptions::default() }).await {
        Ok(found) => found,
        Err(e @ object_store::Error::NotFound { .. }) => return Err(e.into()),
        // Of an empty object no range can be had; the length tells it from a failing device.
        Err(e) => match store.head(path).await {
            Ok(meta) if meta.size != blob.size_stored => return Err(bad("not of the length it was written with")),
            _ => return Err(e.into()),
        },
    };
    if found.meta.size != blob.size_stored {
        return Err(bad("not of the length it was written with"));
    }
    let first = found.bytes().await?;
    if first.len() as u64 != want {
        return Err(bad("cut off"));
    }
    Ok((first, whole))
}

/// Some bytes of an object; fewer when it ends within `range`, none when it ends before.
async fn fetch(store: &Arc<dyn ObjectStore>, path: &Path, range: Range<u64>) -> Result<Option<Bytes>> {
    let end = range.end;
    match store.get_ranges(path, &[range]).await {
        Ok(mut all) => Ok(all.pop()),
        Err(e @ object_store::Error::NotFound { .. }) => Err(e.into()),
        // Stores name a range past the end in different ways; the length tells it from a failing device.
        Err(e) => match store.head(path).await {
            Ok(meta) if meta.size < end => Ok(None),
            _ => Err(e.into()),
        },
    }
}
