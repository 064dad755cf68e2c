//! Transactions waiting for the committer.
use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use crate::committer::{Job, MAX_GROUP};

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
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

    /// Waits for jobs; `None` once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Vec<Box<dyn Job>>> {
        let mut state = self.state.lock();
        while state.jobs.is_empty() {
            if state.closed {
                return None;
            }
            self.filled.wait(&mut state);
        }
        let count = state.jobs.len().min(MAX_GROUP);
        Some(state.jobs.drain(..count).collect())
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
