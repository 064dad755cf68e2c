//! Figures for Prometheus, as text.
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency buckets, milliseconds.
const BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// Counters of one server.
#[derive(Default)]
pub(crate) struct Metrics {
    by_class: [AtomicU64; 6],
    buckets: [AtomicU64; 11],
    micros: AtomicU64,
}

impl Metrics {
    /// Notes one answered request.
    pub(crate) fn request(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).min(5);
        if let Some(c) = self.by_class.get(class) {
            c.fetch_add(1, Ordering::Relaxed);
        }
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let slot = BUCKETS_MS.iter().position(|b| ms <= *b).unwrap_or(BUCKETS_MS.len());
        if let Some(b) = self.buckets.get(slot) {
            b.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    /// The exposition format, version 0.0.4.
    pub(crate) fn render(&self, store: &kv::Store, sockets: usize) -> String {
        let mut out = String::from("# TYPE ferrite_requests_total counter\n");
        for (class, n) in self.by_class.iter().enumerate().skip(1) {
            let _ = writeln!(out, "ferrite_requests_total{{class=\"{class}xx\"}} {}", n.load(Ordering::Relaxed));
        }
        out.push_str("# TYPE ferrite_request_seconds histogram\n");
        let mut sum = 0;
        for (i, n) in self.buckets.iter().enumerate() {
            sum += n.load(Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let le = BUCKETS_MS.get(i).map_or_else(|| "+Inf".to_owned(), |b| (*b as f64 / 1000.0).to_string());
            let _ = writeln!(out, "ferrite_request_seconds_bucket{{le=\"{le}\"}} {sum}");
        }
        #[expect(clippy::cast_precision_loss, reason = "a sum of seconds for a graph")]
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "ferrite_request_seconds_sum {seconds}\nferrite_request_seconds_count {sum}");
        let _ = writeln!(out, "# TYPE ferrite_store_bytes gauge\nferrite_store_bytes {}", store.disk_bytes());
        let _ = writeln!(out, "# TYPE ferrite_realtime_connections gauge\nferrite_realtime_connections {sockets}");
        out
    }
}
