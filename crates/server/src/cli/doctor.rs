//! `ferrite doctor`: what would keep the server from working well.
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Outcome;
use crate::admin::{Command, call};
use crate::config::Config;
use crate::{keys, parts};

/// Less free space than this is a warning, bytes.
const LITTLE_SPACE: u64 = 1 << 30;
/// A slower disk makes every write wait.
const SLOW_SYNC: Duration = Duration::from_millis(20);
/// Syncs measured.
const SYNCS: usize = 20;

/// Result of one check.
enum Finding {
    Good(String),
    Warning(String),
    Bad(String),
}
use Finding::{Bad, Good, Warning};

pub(super) fn run(config: &Config) -> Outcome {
    let mut bad = 0;
    for (name, finding) in checks(config) {
        let (mark, text) = match finding {
            Good(t) => ("ok  ", t),
            Warning(t) => ("warn", t),
            Bad(t) => {
                bad += 1;
                ("FAIL", t)
            }
        };
        println!("{mark}  {name:<9} {text}");
    }
    if bad == 0 { Ok(()) } else { Err(format!("{bad} of the checks failed")) }
}

fn checks(config: &Config) -> Vec<(&'static str, Finding)> {
    let data = config.data();
    let mut out = vec![
        ("settings", settings(config)),
        ("secret", secret(config)),
        ("folder", folder(&data)),
        ("space", space(&data)),
        ("sync", sync(&data)),
        ("store", store(config)),
    ];
    if let Some(address) = config.clamd() {
        out.push(("clamd", clamd(&address)));
    }
    out.extend(smtp(config).map(|finding| ("smtp", finding)));
    out
}

/// The mail server, where one is set.
fn smtp(config: &Config) -> Option<Finding> {
    let m = config.settings().ok()?.mail;
    if m.host.is_empty() {
        return None;
    }
    let server = mail::Server {
        host: m.host,
        port: m.port,
        secure: mail::Secure::parse(&m.secure).unwrap_or_default(),
        username: m.username,
        password: String::from_utf8_lossy(m.password.expose()).into_owned(),
    };
    let place = format!("{}:{}", server.host, server.port);
    Some(match mail::hello(&server, config.get("_APP_DOMAIN")) {
        Ok(()) => Good(format!("{place} answers; `ferrite doctor smtp --to ADDRESS` sends a mail")),
        Err(e) => Bad(format!("{place}: {e}")),
    })
}

fn settings(config: &Config) -> Finding {
    let all = config
        .settings()
        .map(|_| ())
        .and_then(|()| config.threads().map(|_| ()))
        .and_then(|()| config.caches().map(|_| ()))
        .and_then(|()| config.engine().map(|_| ()));
    match all {
        Err(e) => Bad(e.to_string()),
        Ok(()) if config.unserved.is_empty() => Good(format!("all readable, mode {}", if config.production() { "production" } else { "development" })),
        Ok(()) => Warning(format!("set, but not served by this release: {}", config.unserved.join(", "))),
    }
}

/// The secrets that are set are those of the folder, and seal what they open.
fn secret(config: &Config) -> Finding {
    let try_it = || -> Result<Vec<String>, String> {
        let ring = keys::open(config)?.keyring;
        let sealed = ring.seal_text("doctor", "x").map_err(|e| e.to_string())?;
        match ring.open_text("doctor", &sealed) {
            Ok(t) if t == "x" => Ok(ring.ids()),
            _ => Err("a sealed value could not be opened again".into()),
        }
    };
    match try_it() {
        Ok(ids) => Good(format!("key {} is in use, {} retired", ids.last().map_or("", String::as_str), ids.len().saturating_sub(1))),
        Err(e) => Bad(e),
    }
}

fn folder(data: &Path) -> Finding {
    let probe = data.join("doctor.tmp");
    let written = std::fs::create_dir_all(data).and_then(|()| std::fs::write(&probe, b"x")).and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Good(format!("{} is writable", data.display())),
        Err(e) => Bad(format!("{} cannot be written: {e}; give the user of the server this folder, or choose another with --data", data.display())),
    }
}

fn space(data: &Path) -> Finding {
    match rustix::fs::statvfs(data) {
        Err(e) => Warning(format!("free space is unknown: {e}")),
        Ok(s) => {
            let free = s.f_bavail.saturating_mul(s.f_frsize);
            let text = format!("{} MiB free", free >> 20);
            if free < LITTLE_SPACE { Warning(format!("{text}; writes fail when it is used up")) } else { Good(text) }
        }
    }
}

/// Median time of a small durable write.
fn sync(data: &Path) -> Finding {
    let path = data.join("doctor.tmp");
    let measure = || -> std::io::Result<Duration> {
        let mut file = std::fs::File::create(&path)?;
        let mut times = Vec::with_capacity(SYNCS);
        for _ in 0..SYNCS {
            let started = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        Ok(times.get(SYNCS / 2).copied().unwrap_or_default())
    };
    let result = measure();
    let _ = std::fs::remove_file(&path);
    match result {
        Err(e) => Bad(format!("a file could not be synced: {e}")),
        Ok(t) if t > SLOW_SYNC => Warning(format!("{:.1} ms for a durable write; every change waits that long", t.as_secs_f64() * 1e3)),
        Ok(t) => Good(format!("{:.1} ms for a durable write", t.as_secs_f64() * 1e3)),
    }
}

/// Asks the running server, or opens the store.
fn store(config: &Config) -> Finding {
    match call(&config.data(), &Command::ProjectList) {
        Err(e) => return Bad(e),
        Ok(Some(_)) => return Good("a server runs on this folder and answers".into()),
        Ok(None) => {}
    }
    let open = || -> Result<(kv::EngineKind, usize), String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(|e| e.to_string())?;
        let parts = parts::open(config, runtime.handle().clone()).map_err(|e| e.to_string())?;
        let found = Command::ProjectList.run(&parts.app)?;
        runtime.block_on(parts.app.blobs.probe()).map_err(|e| format!("files: {e}"))?;
        parts.store.close();
        Ok((parts.store.kind(), found.get("projects").and_then(serde_json::Value::as_array).map_or(0, Vec::len)))
    };
    match open() {
        Ok((kind, n)) => Good(format!("{kind} opens, {n} project{}; no server runs on this folder", if n == 1 { "" } else { "s" })),
        Err(e) => Bad(e),
    }
}

fn clamd(address: &str) -> Finding {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => return Bad(e.to_string()),
    };
    let clamd = storage::ClamdConfig::new(storage::ClamdAddress::Tcp(address.to_owned()));
    match runtime.block_on(clamd.version()) {
        Ok(v) => Good(format!("{address}: {v}")),
        Err(e) => Bad(format!("{address} does not answer ({e}); uploads to buckets with antivirus are refused")),
    }
}
