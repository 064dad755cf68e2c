//! Rate limits: fixed windows aligned to multiples of their length, one counter per key.
use std::collections::HashMap;

use parking_lot::Mutex;

/// Counters of the running server. Bounded: windows that ended are swept as new ones are counted.
#[derive(Default)]
pub struct Limits(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    counts: HashMap<String, (u64, u32)>,
    next_sweep: u64,
}

/// Most counters kept at once; beyond it the oldest windows are dropped first by sweeping, then new keys are not counted.
const MAX_KEYS: usize = 500_000;
const SWEEP_EVERY: u64 = 60;

/// State of one counter after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Calls before this one.
    pub used: u32,
    /// Unix second at which the window ends.
    pub reset: u64,
}

impl Limits {
    /// Counts a call under `key` unless `max` calls were already made in this window; returns the calls before it.
    pub fn hit(&self, key: &str, max: u32, seconds: u32, now: u64) -> Window {
        let seconds = u64::from(seconds.max(1));
        let reset = now / seconds * seconds + seconds;
        let mut inner = self.0.lock();
        if now >= inner.next_sweep {
            inner.next_sweep = now + SWEEP_EVERY;
            inner.counts.retain(|_, (until, _)| *until > now);
        }
        let full = inner.counts.len() >= MAX_KEYS;
        if full && !inner.counts.contains_key(key) {
            return Window { used: 0, reset };
        }
        let entry = inner.counts.entry(key.to_owned()).or_insert((reset, 0));
        if entry.0 != reset {
            *entry = (reset, 0);
        }
        let used = entry.1;
        if used < max {
            entry.1 += 1;
        }
        Window { used, reset }
    }

    /// Sets a counter back to zero.
    pub fn reset(&self, key: &str) {
        self.0.lock().counts.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_and_counted() {
        let l = Limits::default();
        assert_eq!(l.hit("k", 2, 60, 119), Window { used: 0, reset: 120 });
        assert_eq!(l.hit("k", 2, 60, 119), Window { used: 1, reset: 120 });
        assert_eq!(l.hit("k", 2, 60, 119), Window { used: 2, reset: 120 });
        assert_eq!(l.hit("k", 2, 60, 120), Window { used: 0, reset: 180 });
        l.reset("k");
        assert_eq!(l.hit("k", 2, 60, 121).used, 0);
    }
}
