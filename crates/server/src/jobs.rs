//! The worker behind the queue of jobs: takes what is due and does each on a thread of its own, as many at once as the kinds allow.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kernel::App;

/// How often the store is asked although nobody rang: jobs become due by time.
const LOOK: Duration = Duration::from_secs(1);
/// Pause after the store failed.
const PAUSE: Duration = Duration::from_secs(5);

/// The thread behind it.
pub(crate) struct Worker {
    app: Arc<App>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Puts back what a crash left in hand, and begins.
    pub(crate) fn start(app: Arc<App>) -> std::io::Result<Self> {
        match app.recover_jobs() {
            Ok(0) => {}
            Ok(n) => tracing::warn!(jobs = n, "jobs were under way when the server ended; they are done again"),
            Err(e) => return Err(std::io::Error::other(e.0.cause.unwrap_or_else(|| e.0.message.into_owned()))),
        }
        let ending = Arc::new(AtomicBool::new(false));
        let (inner, flag) = (app.clone(), ending.clone());
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || run(&inner, &flag))?;
        Ok(Self { app, ending, thread })
    }

    /// Takes no more and waits for those under way, at most so long; what is not done by then is done again after the next start.
    pub(crate) fn stop(self, patience: Duration) {
        self.ending.store(true, Ordering::Relaxed);
        self.app.jobs.ring();
        let _ = self.thread.join();
        let until = Instant::now() + patience;
        while self.app.jobs.at_work() > 0 && Instant::now() < until {
            self.app.jobs.wait(Duration::from_millis(50));
        }
        if self.app.jobs.at_work() > 0 {
            tracing::warn!(jobs = self.app.jobs.at_work(), "some jobs were still under way; they are done again after the next start");
        }
    }
}

fn run(app: &Arc<App>, ending: &AtomicBool) {
    while !ending.load(Ordering::Relaxed) {
        match app.take_jobs() {
            Ok(taken) if taken.is_empty() => app.jobs.wait(LOOK),
            Ok(taken) => {
                for job in taken {
                    let (app, again) = (app.clone(), job.clone());
                    let started = std::thread::Builder::new().name("job".into()).spawn({
                        let app = app.clone();
                        move || app.run_job(&job)
                    });
                    if let Err(e) = started {
                        tracing::warn!(error = %e, "no thread for a job; it is done here");
                        app.run_job(&again);
                    }
                }
            }
            Err(e) => {
                tracing::error!(cause = e.0.cause.as_deref().unwrap_or(&e.0.message), "the queue of jobs cannot be read");
                std::thread::sleep(PAUSE);
            }
        }
    }
}
