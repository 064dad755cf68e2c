//! What runs beside the requests: the audit log is written every second, sockets are looked at every two, and once an hour what is too
//! old is removed.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use access::Access;
use database::{DbError, Find, Namespace};
use kernel::App;
use protocol::{Query, Timestamp};
use realtime::Hub;

use crate::orphans;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// Staged chunks of uploads that nobody continued for so long are removed.
const STALE_UPLOAD: Duration = Duration::from_secs(48 * 3_600);
/// Bytes without a record are removed when they are so old: by then no upload can be about to make the record.
const ORPHANED: Duration = Duration::from_secs(24 * 3_600);
/// How long jobs that were given up are kept, seconds.
const FAILED_JOBS: i64 = 30 * 86_400;
/// Documents removed in one transaction.
const BATCH: u64 = 500;
const WHY: Access = Access::System("the server tidies up");

/// The thread behind it.
pub(crate) struct Housekeeper {
    stop: Sender<()>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Housekeeper {
    pub(crate) fn start(app: Arc<App>, hub: Arc<Hub>) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let ending = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&ending);
        let thread = std::thread::Builder::new().name("housekeeping".into()).spawn(move || run(&app, &hub, &stopped, &flag))?;
        Ok(Self { stop, ending, thread })
    }

    /// Writes what is left of the audit log and ends.
    pub(crate) fn stop(self) {
        self.ending.store(true, Ordering::Relaxed);
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn run(app: &Arc<App>, hub: &Hub, stopped: &Receiver<()>, ending: &AtomicBool) {
    // The first round some minutes after the start, when nobody waits for it.
    let mut next_tidy = Instant::now() + HOUR / 12;
    let mut even = false;
    loop {
        let last = !matches!(stopped.recv_timeout(SECOND), Err(RecvTimeoutError::Timeout));
        // A bug in one round must not end the housekeeping.
        let round = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            kernel::audit::flush(app);
            if !last && even {
                hub.tick();
            }
            if !last {
                sweep_projects(app, ending);
            }
            if !last && Instant::now() >= next_tidy {
                next_tidy = Instant::now() + HOUR;
                tidy(app, ending);
            }
        }));
        if round.is_err() {
            tracing::error!("a round of housekeeping panicked");
        }
        if last {
            return;
        }
        even = !even;
    }
}

/// Removes old audit entries, ended sessions, abandoned transactions and uploads, and bytes without a record; what takes long is broken
/// off when `ending` is set. Also behind `ferrite maintenance`.
pub(crate) fn tidy(app: &Arc<App>, ending: &AtomicBool) -> Tidied {
    let mut done = Tidied::default();
    let now = app.now();
    let projects = projects(app);
    for (id, ns) in &projects {
        let ns = *ns;
        let kept = if ns == Namespace(0) { app.settings.console_audit_retention } else { app.settings.audit_retention };
        done.audit += purge(app, ns, "audit", "time", now.plus_seconds(-kept));
        done.sessions += purge(app, ns, "sessions", "expire", now);
        done.tokens += purge(app, ns, "tokens", "expire", now) + purge(app, ns, "challenges", "expire", now);
        // Tokens of files that are over are still shown for a day.
        purge(app, ns, "resourceTokens", "expire", now.plus_seconds(-86_400));
        done.transactions += abandoned_transactions(app, id, ns, now);
    }
    done.jobs = old_failures(app, now.plus_seconds(-FAILED_JOBS));
    match app.runtime.block_on(app.blobs.sweep_staging(SystemTime::now() - STALE_UPLOAD)) {
        Ok(n) => done.uploads = n as u64,
        Err(e) => tracing::warn!(error = %e, "abandoned uploads could not be removed"),
    }
    for (id, ns) in &projects {
        done.orphans += orphans::collect(app, id, *ns, SystemTime::now() - ORPHANED, ending);
    }
    if done != Tidied::default() {
        let Tidied { audit, sessions, tokens, transactions, uploads, orphans, jobs } = done;
        tracing::info!(audit, sessions, tokens, transactions, uploads, orphans, jobs, "removed what was too old");
    }
    done
}

/// Goes on removing what deleted projects left.
fn sweep_projects(app: &App, ending: &AtomicBool) {
    if let Err(e) = app.sweep_projects(ending) {
        tracing::warn!(error = ?e.0, "what a deleted project left could not be removed");
    }
}

/// How much was removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tidied {
    pub(crate) audit: u64,
    pub(crate) sessions: u64,
    pub(crate) tokens: u64,
    pub(crate) transactions: u64,
    pub(crate) uploads: u64,
    pub(crate) orphans: u64,
    pub(crate) jobs: u64,
}

/// Jobs that were given up long ago.
fn old_failures(app: &Arc<App>, before: Timestamp) -> u64 {
    let remove = || -> kernel::Result<u64> {
        let failed = app.list_jobs(Some(kernel::jobs::state::FAILED), BATCH)?;
        let old: Vec<_> = failed.iter().filter(|j| j.updated_at < before).collect();
        old.iter().try_for_each(|j| app.remove_job(&j.id))?;
        Ok(old.len() as u64)
    };
    remove().unwrap_or_else(|e| {
        tracing::warn!(error = ?e.0, "old jobs could not be removed");
        0
    })
}

/// Ids and namespaces of all projects, the console first.
pub(crate) fn projects(app: &App) -> Vec<(String, Namespace)> {
    let mut all = vec![("console".to_owned(), Namespace(0))];
    let found = app.collection(Namespace(0), "projects").map(|coll| {
        let find = Find { limit: 100_000, ..Find::default() };
        app.db.read().find(&WHY, &coll, &find)
    });
    match found {
        Ok(Ok(page)) => all.extend(page.documents.iter().filter_map(|d| Some((d.id.clone(), Namespace(u32::try_from(d.int("namespace")).ok()?))))),
        Ok(Err(e)) => tracing::warn!(error = ?e, "projects could not be listed"),
        Err(e) => tracing::warn!(error = ?e.0, "projects could not be listed"),
    }
    all
}

/// Removes documents whose `attribute` is a time before `before`, batch by batch. They are looked up outside of the transaction, so
/// that writers do not wait for the search.
fn purge(app: &Arc<App>, ns: Namespace, table: &'static str, attribute: &'static str, before: Timestamp) -> u64 {
    let mut total = 0;
    loop {
        match purge_some(app, ns, table, attribute, before) {
            Ok(n) if n < BATCH => return total + n,
            Ok(n) => total += n,
            Err(e) => {
                tracing::warn!(error = ?e.0, table, "old entries could not be removed");
                return total;
            }
        }
    }
}

fn purge_some(app: &Arc<App>, ns: Namespace, table: &'static str, attribute: &str, before: Timestamp) -> kernel::Result<u64> {
    let reader = app.db.read();
    let Some(coll) = reader.collection(ns, table)? else { return Ok(0) };
    let old = Query::new(protocol::QueryMethod::LessThan, attribute, vec![before.format().into()]);
    let found = reader.find(&WHY, &coll, &Find { filters: vec![old], limit: BATCH, ..Find::default() })?;
    drop(reader);
    let ids: Vec<String> = found.documents.iter().map(|d| d.id.clone()).collect();
    let count = ids.len() as u64;
    if count > 0 {
        app.write(move |tx| {
            for id in &ids {
                match tx.delete(&WHY, &coll, id, None) {
                    Ok(_) | Err(DbError::NotFound) => {}
                    Err(e) => return Err(e.into()),
                }
            }
            Ok(())
        })?;
    }
    Ok(count)
}

/// Transactions of apps that were neither committed nor rolled back in time, with what they would have done.
fn abandoned_transactions(app: &Arc<App>, project: &str, ns: Namespace, now: Timestamp) -> u64 {
    services::remove_expired_transactions(app, project, ns, now, BATCH).unwrap_or_else(|e| {
        tracing::warn!(error = ?e.0, "abandoned transactions could not be removed");
        0
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use database::NewDocument;
    use kernel::NewProject;
    use serde_json::{Value, json};

    pub(crate) fn put(app: &Arc<App>, ns: Namespace, table: &'static str, id: &str, data: &Value) {
        let (id, data, now) = (id.to_owned(), data.as_object().unwrap().clone(), app.now());
        app.write(move |tx| {
            let coll = tx.collection(ns, table)?;
            tx.create(&WHY, &coll, NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now })?;
            Ok(())
        })
        .unwrap();
    }

    pub(crate) fn ids(app: &App, ns: Namespace, table: &str) -> Vec<String> {
        let coll = app.collection(ns, table).unwrap();
        app.db.read().find(&WHY, &coll, &Find { limit: 5_000, ..Find::default() }).unwrap().documents.iter().map(|d| d.id.clone()).collect()
    }

    /// A server's app on a folder, and the runtime it needs.
    pub(crate) fn app(folder: &std::path::Path, registry: kernel::Registry) -> (Arc<App>, tokio::runtime::Runtime) {
        let vars = [
            ("_APP_OPENSSL_KEY_V1", "x"),
            ("FERRITE_DATA", folder.to_str().unwrap()),
            ("FERRITE_STORE", "memory"),
            ("_APP_MAINTENANCE_RETENTION_AUDIT", "3600"),
        ];
        let config = crate::config::Config::from_vars(vars.map(|(k, v)| (k.to_owned(), v.to_owned()))).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        (crate::parts::open_with(&config, runtime.handle().clone(), registry).unwrap().app, runtime)
    }

    #[test]
    fn what_is_too_old_goes_and_the_rest_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (app, _runtime) = app(dir.path(), kernel::Registry::default());
        let ns = app.create_project(NewProject { id: "p".into(), ..NewProject::default() }).unwrap().namespace;
        let at = |seconds: i64| app.now().plus_seconds(seconds).format();
        // More than one batch of the old.
        for i in 0..=BATCH {
            put(&app, ns, "audit", &format!("old{i}"), &json!({"userId": "u", "event": "e", "time": at(-7_200)}));
        }
        put(&app, ns, "audit", "new", &json!({"userId": "u", "event": "e", "time": at(-60)}));
        put(&app, Namespace(0), "sessions", "over", &json!({"userId": "u", "secret": "a", "expire": at(-1)}));
        put(&app, ns, "sessions", "runs", &json!({"userId": "u", "secret": "b", "expire": at(60)}));
        put(&app, ns, "tokens", "over", &json!({"userId": "u", "type": 3, "secret": "a", "expire": at(-1)}));
        put(&app, ns, "tokens", "good", &json!({"userId": "u", "type": 3, "secret": "b", "expire": at(60)}));
        put(&app, ns, "challenges", "over", &json!({"userId": "u", "type": "totp", "expire": at(-1)}));
        put(&app, ns, "transactions", "left", &json!({"status": "pending", "operations": 1, "expiresAt": at(-1)}));
        put(&app, ns, "transactions", "open", &json!({"status": "pending", "operations": 0, "expiresAt": at(60)}));
        let left = app.db.read().get(&WHY, &app.collection(ns, "transactions").unwrap(), "left").unwrap().unwrap().sequence;
        put(&app, ns, "transactionLogs", "step", &json!({"transaction": left, "action": "create"}));
        assert_eq!(tidy(&app, &AtomicBool::new(false)), Tidied { audit: BATCH + 1, sessions: 1, tokens: 2, transactions: 1, uploads: 0, orphans: 0, jobs: 0 });
        assert_eq!((ids(&app, ns, "audit"), ids(&app, ns, "sessions")), (vec!["new".to_owned()], vec!["runs".to_owned()]));
        assert!(ids(&app, Namespace(0), "sessions").is_empty() && ids(&app, ns, "transactionLogs").is_empty());
        assert_eq!(ids(&app, ns, "transactions"), ["open"]);
        assert_eq!(tidy(&app, &AtomicBool::new(false)), Tidied::default());
    }
}
