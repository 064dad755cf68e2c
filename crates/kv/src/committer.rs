//! The one thread that commits: it takes what waits, runs the closures one after another, and writes them as one batch.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::KvError;
use crate::engine::{Engine, Rescue};
use crate::folder::Folder;
use crate::queue::Next;
use crate::snapshot::{Gone, Published};
use crate::store::Shared;
use crate::tx::{Hook, Overlay, WriteTx};

/// Most transactions of a group.
pub(crate) const MAX_GROUP: usize = 512;
/// A group that has grown beyond this takes no further transaction.
const MAX_GROUP_BYTES: usize = 32 << 20;
/// Without a transaction for so long the engine may put its files in order.
const CALM: Duration = Duration::from_secs(1);
/// How long a repair waits for readers to let go of the engine.
const LET_GO: Duration = Duration::from_secs(10);

/// A caller's transaction, waiting.
pub(crate) trait Job: Send {
    /// Runs the closure; whether what it wrote shall be committed.
    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool;
    /// Answers the caller: with what the closure returned, or with this failure.
    fn answer(self: Box<Self>, outcome: Result<(), KvError>);
}

/// Opens the engine, again after a failure.
pub(crate) type Opener = Box<dyn Fn(Option<&Rescue>) -> Result<Arc<dyn Engine>, KvError> + Send>;

/// Whatever ends the thread: nobody may wait for it any more, and the engine's files are let go.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        let version = self.0.published.load().version;
        self.0.publish(Published { version, view: Arc::new(Gone(KvError::Closed)) });
        self.0.queue.end();
    }
}

/// State of the thread.
pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) opener: Opener,
    /// `None` while the engine is broken.
    pub(crate) engine: Option<Arc<dyn Engine>>,
    pub(crate) rescue: Option<Rescue>,
    /// Locked for as long as the engine is open, hence the last field; `None` for volatile stores.
    pub(crate) folder: Option<Folder>,
}

impl Committer {
    /// Commits until the store is closed and nothing waits.
    pub(crate) fn run(mut self) {
        let _end = End(Arc::clone(&self.shared));
        let mut calm = None;
        loop {
            match self.shared.queue.take(calm) {
                Next::Jobs(jobs) => {
                    self.all(jobs);
                    calm = Some(CALM);
                }
                Next::Calm => calm = self.rest().then_some(CALM),
                Next::End => break,
            }
        }
        if let (Some(engine), None) = (&self.engine, &self.rescue) {
            engine.close();
        }
    }

    fn all(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut waiting = jobs.into_iter().peekable();
        while waiting.peek().is_some() {
            match self.ready() {
                Ok(()) => self.group(&mut waiting),
                Err(e) => waiting.by_ref().for_each(|job| job.answer(Err(e.clone()))),
            }
        }
    }

    /// Lets the engine use a quiet moment; whether it wants another.
    fn rest(&self) -> bool {
        match (&self.engine, &self.rescue) {
            (Some(engine), None) => catch_unwind(AssertUnwindSafe(|| engine.rest())).unwrap_or(false),
            _ => false,
        }
    }

    /// Runs and commits one group.
    fn group(&mut self, waiting: &mut impl Iterator<Item = Box<dyn Job>>) {
        let base = self.shared.published.load_full();
        let mut overlay = Overlay::default();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut hooks: Vec<Hook> = Vec::new();
        while overlay.bytes <= MAX_GROUP_BYTES
            && let Some(mut job) = waiting.next()
        {
            let mut tx = WriteTx::new(&base, &mut overlay);
            if !job.run(&mut tx) {
                tx.discard();
                done.push(job);
                continue;
            }
            match tx.finish() {
                Ok(of_tx) => {
                    hooks.extend(of_tx);
                    done.push(job);
                }
                Err(e) => job.answer(Err(e)),
            }
        }
        let outcome = if overlay.writes.is_empty() {
            self.call(hooks, base.version);
            Ok(())
        } else {
            self.commit(base.version + 1, &overlay, hooks)
        };
        self.shared.stats.transactions.fetch_add(done.len() as u64, Ordering::Relaxed);
        // Answers wait for the sync even where nothing was written: what they say may rest on writes of the group.
        done.into_iter().for_each(|job| job.answer(outcome.clone()));
    }

    fn commit(&mut self, version: u64, overlay: &Overlay, hooks: Vec<Hook>) -> Result<(), KvError> {
        let Some(engine) = &self.engine else { return Err(KvError::Io("the engine is being reopened".into())) };
        let committed = catch_unwind(AssertUnwindSafe(|| engine.commit(version, &overlay.writes)));
        if let Err(e) = committed.unwrap_or_else(|_| Err(KvError::Io("the engine panicked".into()))) {
            tracing::error!(error = %e, "a commit failed; nothing of it was acknowledged");
            self.shared.stats.failures.fetch_add(1, Ordering::Relaxed);
            self.rescue = Some(engine.rescue());
            return Err(e);
        }
        self.shared.publish(Published { version, view: engine.view(version) });
        self.shared.stats.commits.fetch_add(1, Ordering::Relaxed);
        self.call(hooks, version);
        Ok(())
    }

    fn call(&self, hooks: Vec<Hook>, version: u64) {
        for hook in hooks {
            if catch_unwind(AssertUnwindSafe(|| hook(version))).is_err() {
                tracing::error!("a commit hook panicked; the commit stands");
            }
        }
    }

    /// Whether commits are possible; after a failed one, reopens the engine without what was not acknowledged.
    fn ready(&mut self) -> Result<(), KvError> {
        let Some(rescue) = self.rescue.clone() else { return Ok(()) };
        if self.engine.as_ref().is_some_and(|engine| engine.stuck()) {
            return Err(KvError::Io("the disk failed, and this engine takes writes again only after a restart of the server".into()));
        }
        // Readers go on with the last acknowledged state until there is a prospect of success.
        if let Some(folder) = &self.folder {
            folder.probe()?;
        }
        let version = self.shared.published.load().version;
        if let Some(engine) = self.engine.take() {
            let gone = Gone(KvError::Io("the store is being reopened after a failure of the disk".into()));
            self.shared.publish(Published { version, view: Arc::new(gone) });
            let alive = engine.alive();
            drop(engine);
            let since = Instant::now();
            while alive.strong_count() > 0 && since.elapsed() < LET_GO {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let engine = (self.opener)(Some(&rescue))?;
        self.shared.publish(Published { version, view: engine.view(version) });
        self.engine = Some(engine);
        self.rescue = None;
        tracing::info!("the store was reopened and takes writes again");
        Ok(())
    }
}
