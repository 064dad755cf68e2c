//! Running of calls that never wait for anything but the disk on the thread of the caller.
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use crate::store::BlobStore;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives a future to its end here.
fn here<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match work.as_mut().poll(&mut cx) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

impl BlobStore {
    /// Runs a call of this store to its end on the thread of the caller. What only needs the local disk is done here, without other threads:
    /// outside of a runtime the local device works at once. Everything else is driven by `runtime`.
    ///
    /// `light` says that the call uses neither scanner nor timers nor files of the runtime.
    pub fn block_on<F: Future>(&self, runtime: &tokio::runtime::Handle, light: bool, work: F) -> F::Output {
        let direct = light && self.is_local() && tokio::runtime::Handle::try_current().is_err();
        if direct { here(work) } else { runtime.block_on(work) }
    }
}
