//! Queues: most of what the original hands to workers is done here before the answer, so that nothing waits in a queue for it. The exceptions
//! are the audit log, which is written in batches, the jobs of the store (mails, short messages, webhooks, files) and projects that are removed.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use crate::storage::removal::KIND as FILES;
use crate::support::object;

params! {
    pub(crate) struct Queue { threshold: i64 = "threshold", Check::Int32Loose, or Int(5000); }
}
params! {
    pub(crate) struct Database {
        name: String = "name", Check::Text { min: 1, max: 256 }, or Str("database_db_main");
        threshold: i64 = "threshold", Check::Int32Loose, or Int(5000);
    }
}
params! {
    pub(crate) struct Failed {
        name: String = "name", Check::Enum(&[
            "v1-database", "v1-deletes", "v1-audits", "v1-mails", "v1-functions", "v1-stats-resources", "v1-stats-usage", "v1-webhooks",
            "v1-certificates", "v1-builds", "v1-screenshots", "v1-messaging", "v1-migrations",
        ]), required;
        threshold: i64 = "threshold", Check::Int32Loose, or Int(5000);
    }
}

macro_rules! queues {
    ($( $name:ident $path:literal $sdk:literal $params:ident $handler:ident; )*) => {
        $( endpoint! {
            #[doc = concat!("Tells how much waits in the queue of ", $path, ".")]
            $name: Get $path => 200 "healthQueue" by $handler($params);
            sdk [$sdk] auth [Admin, Key] scope ["health.read"]
        } )*
        pub(super) const ENDPOINTS: &[&Endpoint] = &[$(&$name),*];
    };
}

queues! {
    AUDITS "/v1/health/queue/audits" "health.getQueueAudits" Queue audits;
    BUILDS "/v1/health/queue/builds" "health.getQueueBuilds" Queue empty;
    CERTIFICATES "/v1/health/queue/certificates" "health.getQueueCertificates" Queue empty;
    DATABASES "/v1/health/queue/databases" "health.getQueueDatabases" Database empty_database;
    DELETES "/v1/health/queue/deletes" "health.getQueueDeletes" Queue deletes;
    FAILED "/v1/health/queue/failed/:name" "health.getFailedJobs" Failed failed;
    FUNCTIONS "/v1/health/queue/functions" "health.getQueueFunctions" Queue empty;
    LOGS "/v1/health/queue/logs" "health.getQueueLogs" Queue audits;
    MAILS "/v1/health/queue/mails" "health.getQueueMails" Queue mails;
    MESSAGING "/v1/health/queue/messaging" "health.getQueueMessaging" Queue messaging;
    MIGRATIONS "/v1/health/queue/migrations" "health.getQueueMigrations" Queue empty;
    STATS_RESOURCES "/v1/health/queue/stats-resources" "health.getQueueStatsResources" Queue empty;
    STATS_USAGE "/v1/health/queue/stats-usage" "health.getQueueUsage" Queue empty;
    WEBHOOKS "/v1/health/queue/webhooks" "health.getQueueWebhooks" Queue webhooks;
}

/// The size of a queue, refused when it reaches the threshold, which monitors count on.
fn size(size: i64, threshold: i64, jobs: &str) -> Result<Reply> {
    if size >= threshold {
        let message = format!("Queue {jobs} threshold hit. Current value is {size} and threshold is {threshold}.");
        return Err(Error::with(ErrorKind::HealthQueueSizeExceeded, message));
    }
    Ok(Reply::Model("healthQueue", object(json!({"size": size}))))
}

/// Audits and logs are two names of one queue.
fn audits(cx: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    size(i64::try_from(cx.app.audit.waiting()).unwrap_or(i64::MAX), p.threshold, "jobs")
}

fn empty(_: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    size(0, p.threshold, "jobs")
}

/// All names are the same one store, which has no queue.
fn empty_database(_: &mut Cx<'_>, p: Database) -> Result<Reply> {
    size(0, p.threshold, "jobs")
}

fn jobs(cx: &Cx<'_>, kind: &str, threshold: i64) -> Result<Reply> {
    size(i64::try_from(cx.app.count_jobs(kind)?.waiting).unwrap_or(i64::MAX), threshold, "jobs")
}

fn mails(cx: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    jobs(cx, "mail", p.threshold)
}

fn messaging(cx: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    jobs(cx, "sms", p.threshold)
}

/// Projects that go step by step, and files of buckets that are gone.
fn deletes(cx: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    let waiting = cx.app.removals_waiting()?.saturating_add(cx.app.count_jobs(FILES)?.waiting);
    size(i64::try_from(waiting).unwrap_or(i64::MAX), p.threshold, "jobs")
}

fn webhooks(cx: &mut Cx<'_>, p: Queue) -> Result<Reply> {
    jobs(cx, "webhook", p.threshold)
}

/// Jobs that were given up. What has no queue fails in the request that asked for it and leaves nothing behind.
fn failed(cx: &mut Cx<'_>, p: Failed) -> Result<Reply> {
    let kind = match p.name.as_str() {
        "v1-deletes" => FILES,
        "v1-mails" => "mail",
        "v1-messaging" => "sms",
        "v1-webhooks" => "webhook",
        _ => return size(0, p.threshold, "failed jobs"),
    };
    size(i64::try_from(cx.app.count_jobs(kind)?.failed).unwrap_or(i64::MAX), p.threshold, "failed jobs")
}
