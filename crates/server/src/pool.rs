//! The threads requests run on. Bounded, started on demand, the most recently idle first (its caches are warm), and gone again after
//! a quiet while. A panic of a job ends the job, not the thread.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// How long a thread without work stays.
const LINGER: Duration = Duration::from_secs(20);
/// Stack of a thread; queries nest up to sixty levels.
const STACK: usize = 4 << 20;

/// Why a job has no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// All threads work and enough jobs wait.
    Busy,
    /// The job panicked.
    Panicked,
}

/// One thread's place to receive a job while it is idle.
#[derive(Default)]
struct Seat {
    job: Mutex<Option<Job>>,
    ready: Condvar,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Job>,
    idle: Vec<Arc<Seat>>,
    threads: usize,
    closed: bool,
}

struct Shared {
    inner: Mutex<Inner>,
    quiet: Condvar,
    max_threads: usize,
    max_waiting: usize,
}

/// See the module; clones share one pool.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

/// No code that can panic runs under these locks, so a poisoned one is as good as any.
fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// At most so many threads, and so many jobs that wait for one.
    pub(crate) fn new(max_threads: usize, max_waiting: usize) -> Self {
        Self(Arc::new(Shared { inner: Mutex::default(), quiet: Condvar::new(), max_threads: max_threads.max(1), max_waiting }))
    }

    /// Runs a job and waits for its result without holding a thread.
    pub(crate) async fn run<R: Send + 'static>(&self, job: impl FnOnce() -> R + Send + 'static) -> Result<R, Failed> {
        let (sender, receiver) = oneshot::channel();
        self.submit(Box::new(move || {
            // The receiver is gone when the client is; the work is done all the same.
            let _ = sender.send(job());
        }))?;
        receiver.await.map_err(|_| Failed::Panicked)
    }

    fn submit(&self, job: Job) -> Result<(), Failed> {
        let mut inner = lock(&self.0.inner);
        if inner.closed {
            return Err(Failed::Busy);
        }
        if let Some(seat) = inner.idle.pop() {
            drop(inner);
            *lock(&seat.job) = Some(job);
            seat.ready.notify_one();
            return Ok(());
        }
        if inner.threads < self.0.max_threads {
            inner.threads += 1;
            let shared = self.0.clone();
            drop(inner);
            let waiting = Arc::new(Mutex::new(Some(job)));
            let first = waiting.clone();
            let started = std::thread::Builder::new().name("request".into()).stack_size(STACK).spawn(move || work(&shared, lock(&first).take()));
            if let Err(e) = started {
                tracing::warn!(error = %e, "a thread could not be started");
                let mut inner = lock(&self.0.inner);
                inner.threads -= 1;
                // Another thread will take it, if there is one.
                let job = lock(&waiting).take();
                return match job {
                    Some(job) if inner.threads > 0 && inner.waiting.len() < self.0.max_waiting => {
                        inner.waiting.push_back(job);
                        Ok(())
                    }
                    _ => Err(Failed::Busy),
                };
            }
            return Ok(());
        }
        if inner.waiting.len() >= self.0.max_waiting {
            return Err(Failed::Busy);
        }
        inner.waiting.push_back(job);
        Ok(())
    }

    /// Threads at work or idle, and jobs that wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        let inner = lock(&self.0.inner);
        (inner.threads - inner.idle.len(), inner.waiting.len())
    }

    /// Takes no more jobs and waits until the accepted ones are done, at most so long; whether they all are.
    pub(crate) fn close(&self, patience: Duration) -> bool {
        let mut inner = lock(&self.0.inner);
        inner.closed = true;
        let done = |i: &mut Inner| i.threads > i.idle.len() || !i.waiting.is_empty();
        let (inner, timeout) = self.0.quiet.wait_timeout_while(inner, patience, done).unwrap_or_else(PoisonError::into_inner);
        drop(inner);
        !timeout.timed_out()
    }
}

fn work(shared: &Shared, first: Option<Job>) {
    let mut next = first;
    let seat = Arc::new(Seat::default());
    loop {
        if let Some(job) = next.take()
            && catch_unwind(AssertUnwindSafe(job)).is_err()
        {
            tracing::error!("a request panicked");
        }
        let mut inner = lock(&shared.inner);
        next = inner.waiting.pop_front();
        if next.is_some() {
            continue;
        }
        inner.idle.push(seat.clone());
        shared.quiet.notify_all();
        drop(inner);
        next = wait(shared, &seat);
        if next.is_none() {
            return;
        }
    }
}

/// A job for an idle thread, or `None` when it has left the pool.
fn wait(shared: &Shared, seat: &Arc<Seat>) -> Option<Job> {
    loop {
        let job = lock(&seat.job);
        let (mut job, _) = seat.ready.wait_timeout_while(job, LINGER, |j| j.is_none()).unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = job.take() {
            return Some(job);
        }
        drop(job);
        let mut inner = lock(&shared.inner);
        if let Some(at) = inner.idle.iter().position(|s| Arc::ptr_eq(s, seat)) {
            inner.idle.remove(at);
            inner.threads -= 1;
            shared.quiet.notify_all();
            return None;
        }
        // Taken out by a submitter a moment ago: the job is on its way.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block<F: Future>(f: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(f)
    }

    #[test]
    fn runs_and_survives_panics() {
        let pool = Pool::new(2, 4);
        block(async {
            assert_eq!(pool.run(|| 1 + 1).await, Ok(2));
            assert_eq!(pool.run(|| -> u8 { panic!("on purpose") }).await, Err(Failed::Panicked));
            for i in 0..100 {
                assert_eq!(pool.run(move || i).await, Ok(i));
            }
        });
        assert!(pool.close(Duration::from_secs(5)));
        assert_eq!(block(pool.run(|| 0)), Err(Failed::Busy));
    }

    #[test]
    fn refuses_when_full_and_drains_when_closed() {
        let pool = Pool::new(1, 1);
        let (release, gate) = std::sync::mpsc::channel::<()>();
        block(async {
            let first = pool.run(move || gate.recv().is_ok());
            tokio::pin!(first);
            // Polled once, so that it is submitted.
            assert!(futures_util::poll!(&mut first).is_pending());
            let second = pool.run(|| 2);
            tokio::pin!(second);
            assert!(futures_util::poll!(&mut second).is_pending());
            assert_eq!(pool.run(|| 3).await, Err(Failed::Busy));
            assert!(!pool.close(Duration::from_millis(20)));
            release.send(()).unwrap();
            assert_eq!(second.await, Ok(2));
            assert_eq!(first.await, Ok(true));
        });
        assert!(pool.close(Duration::from_secs(5)));
    }
}
