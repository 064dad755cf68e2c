//! A clock that tests turn themselves.
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::Clock;

/// Starts at the present and goes on by one microsecond a look, and by whatever a test adds.
#[derive(Debug)]
pub struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(kernel::SystemClock.micros()))
    }

    /// Moves the time on.
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn micros(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}
