//! The parts: HTTP, database, files, scanner, clock.
use std::time::Instant;

use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use serde_json::{Value, json};

use crate::support::{OWN, object};

endpoint! {
    /// Gets the version of the API; answered to everybody, so that it tells whether the server is up.
    VERSION: Get "/v1/health/version" => 200 "healthVersion" by version(());
    sdk [] auth [] scope []
}
endpoint! {
    /// Tells whether the server answers.
    GET: Get "/v1/health" => 200 "healthStatus" by get(());
    sdk ["health.get"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Reads from the database.
    DATABASE: Get "/v1/health/db" => 200 "healthStatusList" by database(());
    sdk ["health.getDB"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Tells of the cache, which is memory of this process.
    CACHE: Get "/v1/health/cache" => 200 "healthStatusList" by cache(());
    sdk ["health.getCache"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Tells of the passing on of events, which happens in this process.
    PUBSUB: Get "/v1/health/pubsub" => 200 "healthStatusList" by pubsub(());
    sdk ["health.getPubSub"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Writes, reads and removes a small file.
    STORAGE: Get "/v1/health/storage" => 200 "healthStatus" by storage(());
    sdk ["health.getStorage"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Writes, reads and removes a small file on the local disk.
    STORAGE_LOCAL: Get "/v1/health/storage/local" => 200 "healthStatus" by storage(());
    sdk ["health.getStorageLocal"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Asks the virus scanner for its version.
    ANTIVIRUS: Get "/v1/health/anti-virus" => 200 "healthAntivirus" by antivirus(());
    sdk ["health.getAntivirus"] auth [Admin, Key] scope ["health.read"]
}

fn version(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(Reply::Model("healthVersion", object(json!({"version": protocol::VERSION}))))
}

fn get(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(Reply::Model("healthStatus", object(passed("http", Instant::now()))))
}

/// A part that did what it was asked to since `started`.
fn passed(name: &str, started: Instant) -> Value {
    json!({"name": name, "ping": u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "status": "pass"})
}

fn one(status: Value) -> Reply {
    Reply::Model("healthStatusList", object(json!({"total": 1, "statuses": [status]})))
}

fn database(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let started = Instant::now();
    // A record that is nowhere: the answer comes from the store, not from a cache.
    cx.read().get(&OWN, &*cx.collection("users")?, &cx.new_id())?;
    Ok(one(passed("Database", started)))
}

fn cache(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(one(passed("Cache (memory)", Instant::now())))
}

fn pubsub(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Ok(one(passed("PubSub (memory)", Instant::now())))
}

fn storage(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let started = Instant::now();
    cx.block_on(cx.app.blobs.probe()).map_err(Error::internal)?;
    Ok(Reply::Model("healthStatus", object(passed("", started))))
}

fn antivirus(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let (version, status) = if !cx.app.settings.antivirus {
        (String::new(), "disabled")
    } else {
        match cx.block_on(cx.app.blobs.scanner_version()) {
            Ok(Some(version)) => (version, "online"),
            Ok(None) => (String::new(), "disabled"),
            Err(e) => {
                tracing::warn!(error = %e, "the virus scanner does not answer");
                (String::new(), "offline")
            }
        }
    };
    Ok(Reply::Model("healthAntivirus", object(json!({"version": version, "status": status}))))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&VERSION, &GET, &DATABASE, &CACHE, &PUBSUB, &STORAGE, &STORAGE_LOCAL, &ANTIVIRUS];
