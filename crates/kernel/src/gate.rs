//! A bound on work that takes much: so many at the same time, so many more may wait, and not for ever. Those who wait hold a thread of the pool each, so they are few.
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Waiters for each place.
const WAITING: usize = 8;
/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
pub struct Gate {
    state: Mutex<State>,
    freed: Condvar,
    most_waiting: usize,
    patience: Duration,
}

struct State {
    free: usize,
    waiting: usize,
}

/// A place; given back when dropped, also when the work panics.
pub struct Permit<'a>(&'a Gate);

impl Gate {
    /// So many at the same time, at least one.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self::with(places, places.max(1) * WAITING, PATIENCE)
    }

    fn with(places: usize, most_waiting: usize, patience: Duration) -> Self {
        Self { state: Mutex::new(State { free: places.max(1), waiting: 0 }), freed: Condvar::new(), most_waiting, patience }
    }

    /// How many wait for a place.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.state.lock().waiting
    }

    /// A place, after a wait if need be; `None` when too many wait already or the wait was too long.
    pub fn enter(&self) -> Option<Permit<'_>> {
        let mut state = self.state.lock();
        if state.free == 0 {
            if state.waiting >= self.most_waiting {
                return None;
            }
            state.waiting += 1;
            let outcome = self.freed.wait_while_for(&mut state, |s| s.free == 0, self.patience);
            state.waiting -= 1;
            if outcome.timed_out() && state.free == 0 {
                return None;
            }
        }
        state.free -= 1;
        Some(Permit(self))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.state.lock().free += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_than_allowed_and_all_get_through() {
        let gate = Gate::with(2, 100, Duration::from_secs(30));
        let (running, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    let _place = gate.enter().unwrap();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert_eq!(done.load(Ordering::SeqCst), 8);
    }

    #[test]
    fn refuses_when_too_many_wait_or_too_long() {
        let none_waits = Gate::with(1, 0, Duration::from_secs(30));
        let place = none_waits.enter();
        assert!(place.is_some() && none_waits.enter().is_none());
        drop(place);
        assert!(none_waits.enter().is_some());
        let impatient = Gate::with(1, 1, Duration::from_millis(1));
        let _place = impatient.enter();
        assert!(impatient.enter().is_none());
    }
}
