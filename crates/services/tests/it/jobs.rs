//! The queue of jobs: written with what causes them, tried until done, given up visibly.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::jobs::{Job, Outcome, Policy, state};
use kernel::{App, NewJob};
use parking_lot::Mutex;
use protocol::ErrorKind;
use serde_json::json;
use testkit::TestApp;

const POLICY: Policy = Policy { attempts: 3, first_wait: 10, longest_wait: 60, at_once: 4 };

fn enqueue(app: &Arc<App>, job: NewJob) {
    assert!(app.write(move |tx| Ok(tx.enqueue(job)?)).is_ok());
}

/// Answers in turn; what it was asked is kept.
fn scripted(app: &TestApp, outcomes: Vec<Outcome>) -> Arc<Mutex<Vec<Job>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, script) = (seen.clone(), Mutex::new(outcomes.into_iter()));
    let handler = move |_: &Arc<App>, job: &Job| {
        log.lock().push(job.clone());
        script.lock().next().unwrap_or(Outcome::Done)
    };
    app.app.jobs.register("mail", POLICY, Arc::new(handler));
    seen
}

#[test]
fn a_job_is_done_once_and_its_payload_is_sealed() {
    let app = TestApp::new();
    let seen = scripted(&app, vec![Outcome::Done]);
    let job = app.app.job("mail", "test", &json!({"secret": "12345678"})).unwrap().about("a@example.com");
    let id = job.id().to_owned();
    enqueue(&app.app, job);
    let stored = app.app.list_jobs(None, 10).unwrap();
    assert!(!serde_json::to_string(&stored[0].data).unwrap().contains("12345678"));
    assert_eq!(app.key().get("/health/queue/mails").is(200)["size"], 1);
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    let seen = seen.lock();
    assert_eq!((seen.len(), seen[0].id.as_str(), seen[0].attempt, seen[0].about.as_str()), (1, id.as_str(), 1, "a@example.com"));
    assert_eq!(seen[0].payload["secret"], "12345678");
    assert_eq!(app.app.run_due_jobs().unwrap(), 0);
    assert_eq!(app.key().get("/health/queue/mails").is(200)["size"], 0);
}

#[test]
fn a_job_and_its_cause_are_one() {
    let app = TestApp::new();
    let job = app.app.job("mail", "test", &json!({})).unwrap();
    let failed = app.app.write(move |tx| {
        tx.enqueue(job)?;
        Err::<(), _>(ErrorKind::UserAlreadyExists.into())
    });
    assert!(failed.is_err());
    assert!(app.app.list_jobs(None, 10).unwrap().is_empty());
}

#[test]
fn failures_wait_longer_each_time_and_end_visibly() {
    let app = TestApp::new();
    let fail = || Outcome::Retry("the server is away".into());
    let seen = scripted(&app, vec![fail(), fail(), fail()]);
    enqueue(&app.app, app.app.job("mail", "test", &json!({})).unwrap());
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    assert_eq!(app.app.run_due_jobs().unwrap(), 0, "not before its time");
    app.clock.advance(11);
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    app.clock.advance(11);
    assert_eq!(app.app.run_due_jobs().unwrap(), 0, "the wait has doubled");
    app.clock.advance(10);
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    assert_eq!(seen.lock().iter().map(|j| j.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    let failed = app.app.list_jobs(Some(state::FAILED), 10).unwrap();
    assert_eq!((failed.len(), failed[0].str("error")), (1, "the server is away"));
    let key = app.key();
    assert_eq!(key.get("/health/queue/failed/v1-mails").is(200)["size"], 1);
    assert_eq!(key.get("/health/queue/failed/v1-webhooks").is(200)["size"], 0);
    key.get("/health/queue/failed/v1-mails?threshold=1").fails(503, "health_queue_size_exceeded");
    // Once the cause is gone it can be tried again.
    assert!(app.app.retry_job(&failed[0].id).unwrap());
    assert!(!app.app.retry_job(&failed[0].id).unwrap());
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    assert!(app.app.list_jobs(None, 10).unwrap().is_empty());
}

#[test]
fn hopeless_and_late_jobs_are_given_up_at_once() {
    let app = TestApp::new();
    let seen = scripted(&app, vec![Outcome::GiveUp("no such mailbox".into())]);
    enqueue(&app.app, app.app.job("mail", "test", &json!({})).unwrap());
    let until = app.app.now().plus_seconds(5);
    enqueue(&app.app, app.app.job("mail", "test", &json!({})).unwrap().not_before(until.plus_seconds(5)).until(until));
    app.app.run_due_jobs().unwrap();
    app.clock.advance(20);
    app.app.run_due_jobs().unwrap();
    assert_eq!(seen.lock().len(), 1, "the late one is not even tried");
    let failed = app.app.list_jobs(Some(state::FAILED), 10).unwrap();
    assert_eq!(failed.iter().map(|j| j.str("error")).collect::<Vec<_>>(), ["no such mailbox", "its time was over before it could be done"]);
}

#[test]
fn what_a_crash_left_in_hand_is_done_again_and_counts() {
    let app = TestApp::new();
    let seen = scripted(&app, Vec::new());
    enqueue(&app.app, app.app.job("mail", "test", &json!({})).unwrap());
    // Taken, and then nothing more was heard of it.
    assert_eq!(app.app.take_jobs().unwrap().len(), 1);
    assert!(app.app.take_jobs().unwrap().is_empty(), "nobody takes it twice");
    assert_eq!(app.app.recover_jobs().unwrap(), 1);
    assert_eq!(app.app.run_due_jobs().unwrap(), 1);
    assert_eq!(seen.lock()[0].attempt, 2);
}

#[test]
fn a_panic_is_a_failure_and_the_bound_holds() {
    let app = TestApp::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let handler = move |_: &Arc<App>, _: &Job| -> Outcome {
        counted.fetch_add(1, Ordering::SeqCst);
        panic!("on purpose")
    };
    app.app.jobs.register("mail", POLICY, Arc::new(handler));
    for _ in 0..6 {
        enqueue(&app.app, app.app.job("mail", "test", &json!({})).unwrap());
    }
    let taken = app.app.take_jobs().unwrap();
    assert_eq!(taken.len(), POLICY.at_once);
    assert!(app.app.take_jobs().unwrap().is_empty(), "no more than there is room for");
    taken.iter().for_each(|j| app.app.run_job(j));
    assert_eq!(app.app.run_due_jobs().unwrap(), 2);
    assert_eq!((runs.load(Ordering::SeqCst), app.app.count_jobs("mail").unwrap().waiting), (6, 6));
}
