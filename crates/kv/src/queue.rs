//! Transactions waiting for the committer.
use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::committer::{Job, MAX_GROUP};

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
}

/// What there is to do.
pub(crate) enum Next {
    /// Jobs, in order.
    Jobs(Vec<Box<dyn Job>>),
    /// Nothing came for a while.
    Calm,
    /// The queue is closed and empty.
    End,
}

/// A queue that hands out all that waits, up to a group.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

impl Queue {
    /// Adds a job; gives it back when the queue is closed.
    pub(crate) fn push(&self, job: Box<dyn Job>) -> Result<(), Box<dyn Job>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(job);
        }
        state.jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for jobs; with `calm`, no longer than that.
    pub(crate) fn take(&self, calm: Option<Duration>) -> Next {
        let mut state = self.state.lock();
        while state.jobs.is_empty() {
            if state.closed {
                return Next::End;
            }
            match calm {
                Some(calm) if self.filled.wait_for(&mut state, calm).timed_out() && state.jobs.is_empty() && !state.closed => return Next::Calm,
                Some(_) => {}
                None => self.filled.wait(&mut state),
            }
        }
        let count = state.jobs.len().min(MAX_GROUP);
        Next::Jobs(state.jobs.drain(..count).collect())
    }

    /// Closes the queue and drops what waits, for when nobody takes it any more.
    pub(crate) fn end(&self) {
        self.close();
        let jobs = std::mem::take(&mut self.state.lock().jobs);
        drop(jobs);
    }

    /// No further job is taken.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_is_told_and_the_end() {
        let queue = Queue::default();
        assert!(matches!(queue.take(Some(Duration::from_millis(1))), Next::Calm));
        queue.close();
        assert!(matches!(queue.take(Some(Duration::from_secs(60))), Next::End));
        assert!(matches!(queue.take(None), Next::End));
    }
}
