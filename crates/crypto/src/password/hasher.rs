//! Bounded concurrency: each hash takes tens of megabytes and all of a processor core.
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Algo, Argon2Params};
use crate::CryptoError;

/// Makes and checks hashes, at most a given number at a time; further callers wait.
pub struct Hasher {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Hasher {
    /// At most `permits` computations at a time, at least one.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self { free: Mutex::new(permits.max(1)), freed: Condvar::new() }
    }

    /// [`super::hash`], when a permit is free.
    ///
    /// # Errors
    /// [`CryptoError::Parameters`] for unusable parameters.
    pub fn hash(&self, password: &str, params: Argon2Params) -> Result<String, CryptoError> {
        let _permit = self.acquire();
        super::hash(password, params)
    }

    /// [`super::verify`], when a permit is free.
    #[must_use]
    pub fn verify(&self, password: &str, stored: &str, algo: Algo, options: &Value) -> bool {
        let _permit = self.acquire();
        super::verify(password, stored, algo, options)
    }

    /// Spends the time of a check for a user that does not exist, so that the answer's time does not tell. Always false.
    #[must_use]
    pub fn dummy_verify(&self, password: &str) -> bool {
        let _permit = self.acquire();
        // A failure cannot matter: the result is not used.
        let _ = super::hash(password, Argon2Params::ACCOUNT);
        false
    }

    fn acquire(&self) -> Permit<'_> {
        let mut free = self.lock();
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Permit(self)
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // Nothing that could panic runs while the counter is locked.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("free", &*self.lock()).finish()
    }
}

/// Given back on drop, also when a computation panics.
struct Permit<'a>(&'a Hasher);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_than_permitted() {
        let hasher = Hasher::new(2);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    let _permit = hasher.acquire();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!(*hasher.lock(), 2);
    }

    #[test]
    fn does_what_it_is_for() {
        let hasher = Hasher::new(0);
        let hash = hasher.hash("pw", Argon2Params { memory_kib: 64, passes: 1, lanes: 1 }).unwrap();
        assert!(hasher.verify("pw", &hash, Algo::Argon2, &Value::Null));
        assert!(!hasher.verify("wp", &hash, Algo::Argon2, &Value::Null));
    }
}
