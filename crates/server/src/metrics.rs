//! Figures for Prometheus, as text.
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::adapter::State;

/// Upper bounds of the latency buckets, microseconds.
const BUCKETS: [u64; 12] = [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// Counters of one server.
#[derive(Default)]
pub(crate) struct Metrics {
    by_class: [AtomicU64; 6],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for graphs")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

impl Metrics {
    /// Notes one answered request.
    pub(crate) fn request(&self, status: u16, took: Duration) {
        if let Some(c) = self.by_class.get(usize::from(status / 100).min(5)) {
            c.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let slot = BUCKETS.iter().position(|b| micros <= *b).unwrap_or(BUCKETS.len());
        if let Some(b) = self.buckets.get(slot) {
            b.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The exposition format, version 0.0.4.
    pub(crate) fn render(&self, state: &State) -> String {
        let mut out = String::with_capacity(2_048);
        out.push_str("# HELP ferrite_requests_total Requests answered, by class of status.\n# TYPE ferrite_requests_total counter\n");
        for (class, n) in self.by_class.iter().enumerate().skip(1) {
            let _ = writeln!(out, "ferrite_requests_total{{class=\"{class}xx\"}} {}", n.load(Ordering::Relaxed));
        }
        out.push_str("# HELP ferrite_request_seconds Time from the head of a request to the head of its answer.\n# TYPE ferrite_request_seconds histogram\n");
        let mut sum = 0;
        for (i, n) in self.buckets.iter().enumerate() {
            sum += n.load(Ordering::Relaxed);
            let le = BUCKETS.get(i).map_or_else(|| "+Inf".to_owned(), |b| seconds(*b).to_string());
            let _ = writeln!(out, "ferrite_request_seconds_bucket{{le=\"{le}\"}} {sum}");
        }
        let _ = writeln!(out, "ferrite_request_seconds_sum {}\nferrite_request_seconds_count {sum}", seconds(self.micros.load(Ordering::Relaxed)));
        let (busy, waiting) = state.pool.load();
        gauge(&mut out, "ferrite_threads_busy", "Threads that work on a request.", busy);
        gauge(&mut out, "ferrite_requests_waiting", "Requests that wait for a thread.", waiting);
        gauge(&mut out, "ferrite_realtime_connections", "Open realtime sockets.", state.hub.connections());
        store(&mut out, state);
        if let Some(bytes) = resident() {
            gauge(&mut out, "process_resident_memory_bytes", "Memory in use.", bytes);
        }
        out
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

fn counter(out: &mut String, name: &str, help: &str, value: u64) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
}

fn store(out: &mut String, state: &State) {
    let stats = state.store.stats();
    counter(out, "ferrite_store_transactions_total", "Transactions run.", stats.transactions);
    counter(out, "ferrite_store_commits_total", "Groups of transactions committed; each cost one sync.", stats.commits);
    counter(out, "ferrite_store_failures_total", "Groups that could not be committed.", stats.failures);
    gauge(out, "ferrite_store_bytes", "Size of the store on disk.", size_of(&state.store_folder));
}

/// Bytes of all files below a folder.
fn size_of(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|e| e.metadata().map_or(0, |m| if m.is_dir() { size_of(&e.path()) } else { m.len() })).sum()
}

/// Resident memory by the kernel's account, in bytes.
pub(crate) fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_is_known_on_linux() {
        assert!(super::resident().is_some_and(|b| b > 1 << 20));
    }
}
