//! Bounded hashing: each hash takes tens of megabytes and all of a processor core, so a few threads of low priority do them one after another, however
//! many sign in at once. Who does not get a place in the line is told so at once.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use serde_json::Value;
use zeroize::Zeroizing;

use super::argon::Memory;
use super::{Algo, Argon2Params};
use crate::CryptoError;

/// How much other work goes before hashing, as `nice` counts it.
const NICE: i32 = 5;

/// How long a thread without work keeps its memory.
const KEPT: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

#[derive(Default)]
struct Line {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

struct Shared {
    line: Mutex<Line>,
    ready: Condvar,
    max_threads: usize,
    max_waiting: usize,
}

/// Makes and checks hashes, at most a given number at a time.
pub struct Hasher(Arc<Shared>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Line> {
        // Nothing that could panic runs while the line is locked.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hasher {
    /// At most `threads` computations at a time, at least one, and at most `waiting` callers in line for one.
    #[must_use]
    pub fn new(threads: usize, waiting: usize) -> Self {
        Self(Arc::new(Shared { line: Mutex::default(), ready: Condvar::new(), max_threads: threads.max(1), max_waiting: waiting.max(1) }))
    }

    /// [`super::hash`], when its turn comes.
    ///
    /// # Errors
    /// [`CryptoError::Parameters`] for unusable parameters, [`CryptoError::Busy`] when too many wait.
    pub fn hash(&self, password: &str, params: Argon2Params) -> Result<String, CryptoError> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move |memory| super::hash_in(memory, &password, params))?
    }

    /// [`super::verify`], when its turn comes.
    ///
    /// # Errors
    /// [`CryptoError::Busy`] when too many wait.
    pub fn verify(&self, password: &str, stored: &str, algo: Algo, options: &Value) -> Result<bool, CryptoError> {
        let (password, stored, options) = (Zeroizing::new(password.to_owned()), stored.to_owned(), options.clone());
        self.run(move |memory| super::verify_in(memory, &password, &stored, algo, &options))
    }

    /// Spends the time of a check for a user that does not exist, so that the answer's time does not tell. Always false.
    ///
    /// # Errors
    /// [`CryptoError::Busy`] when too many wait, as for a user that does.
    pub fn dummy_verify(&self, password: &str) -> Result<bool, CryptoError> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move |memory| {
            // A failure cannot matter: the result is not used.
            let _ = super::hash_in(memory, &password, Argon2Params::ACCOUNT);
            false
        })
    }

    /// How many wait in line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.lock().jobs.len()
    }

    fn run<R: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> R + Send + 'static) -> Result<R, CryptoError> {
        let (send, receive) = mpsc::sync_channel(1);
        self.submit(Box::new(move |memory| {
            // Nobody waits for it any more: then it is for nobody.
            let _ = send.send(work(memory));
        }))?;
        // The sender is gone without a word only when the work panicked.
        receive.recv().map_err(|_| CryptoError::Parameters)
    }

    fn submit(&self, job: Job) -> Result<(), CryptoError> {
        let mut line = self.0.lock();
        if line.jobs.len() >= self.0.max_waiting {
            return Err(CryptoError::Busy);
        }
        line.jobs.push_back(job);
        if line.idle == 0 && line.threads < self.0.max_threads {
            let shared = self.0.clone();
            match std::thread::Builder::new().name("hash".into()).spawn(move || work(&shared)) {
                Ok(_) => line.threads += 1,
                // Another thread will come to it, if there is one.
                Err(_) if line.threads > 0 => {}
                Err(_) => {
                    line.jobs.pop_back();
                    return Err(CryptoError::Busy);
                }
            }
        }
        drop(line);
        self.0.ready.notify_one();
        Ok(())
    }
}

fn work(shared: &Shared) {
    // Without the right to it hashing is as important as the rest.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    let mut memory = Memory::default();
    let mut line = shared.lock();
    loop {
        if let Some(job) = line.jobs.pop_front() {
            drop(line);
            // A bug in a format must not take the thread with it.
            let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
            memory.trim();
            line = shared.lock();
        } else if line.closed {
            return;
        } else if memory.is_empty() {
            line.idle += 1;
            line = shared.ready.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.idle -= 1;
        } else {
            line.idle += 1;
            let (woken, waited) = shared.ready.wait_timeout(line, KEPT).unwrap_or_else(PoisonError::into_inner);
            line = woken;
            line.idle -= 1;
            if waited.timed_out() && line.jobs.is_empty() {
                // It takes no time worth unlocking for.
                memory.release();
            }
        }
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.ready.notify_all();
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("threads", &self.0.max_threads).field("waiting", &self.waiting()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_than_permitted() {
        let hasher = Hasher::new(2, 8);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        std::thread::scope(|s| {
            for _ in 0..8 {
                let (running, most, hasher) = (running.clone(), most.clone(), &hasher);
                s.spawn(move || {
                    hasher
                        .run(move |_| {
                            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            std::thread::sleep(Duration::from_millis(5));
                            running.fetch_sub(1, Ordering::SeqCst);
                        })
                        .unwrap();
                });
            }
        });
        assert_eq!((most.load(Ordering::SeqCst), hasher.waiting(), hasher.0.lock().threads), (2, 0, 2));
    }

    #[test]
    fn who_finds_no_place_is_told() {
        let hasher = Hasher::new(1, 2);
        let (release, gate) = mpsc::channel::<()>();
        let (begin, begun) = mpsc::channel::<()>();
        std::thread::scope(|s| {
            let held = || {
                hasher.run(move |_| {
                    begin.send(()).unwrap();
                    gate.recv().unwrap();
                })
            };
            s.spawn(move || held().unwrap());
            // One is worked on and two are in line.
            begun.recv().unwrap();
            for _ in 0..2 {
                s.spawn(|| hasher.run(|_| ()).unwrap());
            }
            while hasher.waiting() < 2 {
                std::thread::yield_now();
            }
            assert_eq!(hasher.dummy_verify("pw"), Err(CryptoError::Busy));
            release.send(()).unwrap();
        });
        assert_eq!(hasher.run(|_| 1), Ok(1));
    }

    #[test]
    fn a_panic_ends_its_job_alone() {
        let hasher = Hasher::new(1, 4);
        assert_eq!(hasher.run(|_| -> u8 { panic!("on purpose") }), Err(CryptoError::Parameters));
        assert_eq!(hasher.run(|_| 2), Ok(2));
    }

    #[test]
    fn does_what_it_is_for() {
        let hasher = Hasher::new(0, 0);
        let hash = hasher.hash("pw", Argon2Params { memory_kib: 64, passes: 1, lanes: 1 }).unwrap();
        assert_eq!(hasher.verify("pw", &hash, Algo::Argon2, &Value::Null), Ok(true));
        assert_eq!(hasher.verify("wp", &hash, Algo::Argon2, &Value::Null), Ok(false));
    }
}
