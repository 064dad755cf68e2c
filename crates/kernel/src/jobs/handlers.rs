//! Who does the jobs of a kind, and how often it is tried.
use std::sync::Arc;

use super::Job;
use crate::app::App;

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the job is removed.
    Done,
    /// Failed for now; tried again later, as long as the policy allows. The text is for people: no secrets.
    Retry(String),
    /// Will never succeed; given up at once.
    GiveUp(String),
}

/// Does the jobs of one kind. Called on a thread of its own, several at once.
pub trait Handler: Send + Sync {
    /// One attempt; a panic counts as [`Outcome::Retry`].
    fn run(&self, app: &Arc<App>, job: &Job) -> Outcome;
}

impl<F: Fn(&Arc<App>, &Job) -> Outcome + Send + Sync> Handler for F {
    fn run(&self, app: &Arc<App>, job: &Job) -> Outcome {
        self(app, job)
    }
}

/// How jobs of a kind are tried.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Most attempts.
    pub attempts: u32,
    /// Wait after the first failure, seconds; doubled with every further one.
    pub first_wait: i64,
    /// Longest wait, seconds.
    pub longest_wait: i64,
    /// Most jobs of this kind at the same time.
    pub at_once: usize,
}

impl Policy {
    /// Seconds to wait after `attempt` attempts have failed; `None` when that was the last.
    #[must_use]
    pub fn wait(&self, attempt: u32) -> Option<i64> {
        if attempt >= self.attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(30);
        Some(self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let p = Policy { attempts: 6, first_wait: 10, longest_wait: 60, at_once: 1 };
        assert_eq!((1..=6).map(|n| p.wait(n)).collect::<Vec<_>>(), [Some(10), Some(20), Some(40), Some(60), Some(60), None]);
        assert_eq!(Policy { attempts: u32::MAX, first_wait: i64::MAX, ..p }.wait(100), Some(60));
    }
}
