//! The store's handle.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{JoinHandle, ThreadId};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use crate::committer::{Committer, Job, Opener};
use crate::folder::Folder;
use crate::queue::Queue;
use crate::snapshot::Published;
use crate::{EngineKind, KvError, Snapshot, WriteTx, engine};

/// Bounds of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cache of the engine, bytes.
    pub cache_bytes: u64,
    /// Writes held in memory before they go to a table on disk, bytes (engines with a write buffer).
    pub write_buffer_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, write_buffer_bytes: 8 << 20 }
    }
}

/// What a store did since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions run, failed ones included.
    pub transactions: u64,
    /// Groups committed; each cost one sync.
    pub commits: u64,
    /// Groups that could not be committed.
    pub failures: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) transactions: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) failures: AtomicU64,
}

/// What callers and the committer share.
pub(crate) struct Shared {
    pub(crate) published: ArcSwap<Published>,
    pub(crate) queue: Queue,
    pub(crate) stats: Counters,
}

impl Shared {
    pub(crate) fn publish(&self, state: Published) {
        self.published.store(Arc::new(state));
    }
}

/// An open store. Clones are the same store; it is closed with the last of them.
#[derive(Clone)]
pub struct Store(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    committer: ThreadId,
    thread: Mutex<Option<JoinHandle<()>>>,
    kind: EngineKind,
}

impl Store {
    /// Opens the store in `dir`, or makes one. A volatile store ignores `dir`.
    ///
    /// # Errors
    /// [`KvError::Unusable`] when another process has it open or another engine wrote it, [`KvError::Corrupt`], [`KvError::Io`].
    pub fn open(kind: EngineKind, dir: &Path, options: Options) -> Result<Self, KvError> {
        if kind == EngineKind::Memory {
            return Self::start(kind, Box::new(|_| Ok(engine::memory())), None);
        }
        let folder = Folder::open(dir, kind)?;
        let files = folder.engine();
        Self::start(kind, Box::new(move |rescue| engine::open(kind, &files, &options, rescue)), Some(folder))
    }

    pub(crate) fn start(kind: EngineKind, opener: Opener, mut folder: Option<Folder>) -> Result<Self, KvError> {
        let engine = opener(None)?;
        if let Some(folder) = &mut folder {
            folder.seal()?;
        }
        let published = ArcSwap::from_pointee(Published { version: 0, view: engine.view(0) });
        let shared = Arc::new(Shared { published, queue: Queue::default(), stats: Counters::default() });
        let committer = Committer { shared: Arc::clone(&shared), opener, engine: Some(engine), rescue: None, folder };
        let thread = std::thread::Builder::new().name("committer".into()).spawn(move || committer.run())?;
        Ok(Self(Arc::new(Handle { shared, committer: thread.thread().id(), thread: Mutex::new(Some(thread)), kind })))
    }

    /// The state of the last acknowledged commit.
    #[must_use]
    pub fn read(&self) -> Snapshot {
        Snapshot(self.0.shared.published.load_full())
    }

    /// Runs a transaction on the committer thread and returns once it is durable. The closure must not wait for anything: all
    /// writers wait for it. When it returns an error nothing is written and the error is passed on.
    ///
    /// # Errors
    /// The closure's own, or a [`KvError`] converted.
    pub fn write<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<KvError> + Send + 'static,
    {
        if std::thread::current().id() == self.0.committer {
            return Err(KvError::Aborted("a transaction was started within a transaction".into()).into());
        }
        let reply = Arc::new(Reply { result: Mutex::new(None), ready: Condvar::new() });
        let call = Call { f: Some(f), result: None, reply: Arc::clone(&reply) };
        if self.0.shared.queue.push(Box::new(call)).is_err() {
            return Err(KvError::Closed.into());
        }
        reply.wait()
    }

    /// Which engine keeps the bytes.
    #[must_use]
    pub fn kind(&self) -> EngineKind {
        self.0.kind
    }

    /// Figures since opening.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let s = &self.0.shared.stats;
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        Stats { transactions: get(&s.transactions), commits: get(&s.commits), failures: get(&s.failures) }
    }

    /// Finishes what waits and closes the files; later calls answer [`KvError::Closed`].
    pub fn close(&self) {
        self.0.close();
    }
}

impl Handle {
    fn close(&self) {
        self.shared.queue.close();
        if std::thread::current().id() == self.committer {
            return;
        }
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the committer panicked");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where a caller waits for its answer.
struct Reply<T> {
    result: Mutex<Option<T>>,
    ready: Condvar,
}

impl<T> Reply<T> {
    fn wait(&self) -> T {
        let mut result = self.result.lock();
        loop {
            if let Some(result) = result.take() {
                return result;
            }
            self.ready.wait(&mut result);
        }
    }

    fn set(&self, value: T) {
        *self.result.lock() = Some(value);
        self.ready.notify_one();
    }
}

/// A transaction with the place for its result.
struct Call<R, E: From<KvError>, F> {
    f: Option<F>,
    result: Option<Result<R, E>>,
    reply: Arc<Reply<Result<R, E>>>,
}

impl<R, E, F> Job for Call<R, E, F>
where
    F: FnOnce(&mut WriteTx<'_>) -> Result<R, E> + Send,
    R: Send,
    E: From<KvError> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool {
        let Some(f) = self.f.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| f(tx))).unwrap_or_else(|_| Err(KvError::Aborted("the transaction panicked".into()).into()));
        let commit = result.is_ok();
        self.result = Some(result);
        commit
    }

    fn answer(mut self: Box<Self>, outcome: Result<(), KvError>) {
        let result = match (outcome, self.result.take()) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(KvError::Closed.into()),
            (Err(e), _) => Err(e.into()),
        };
        self.reply.set(result);
    }
}

impl<R, E: From<KvError>, F> Drop for Call<R, E, F> {
    /// A job that is dropped unanswered (the committer is gone) must not leave its caller waiting for ever.
    fn drop(&mut self) {
        if Arc::strong_count(&self.reply) > 1 {
            let mut result = self.reply.result.lock();
            if result.is_none() {
                *result = Some(Err(KvError::Closed.into()));
                self.reply.ready.notify_one();
            }
        }
    }
}
