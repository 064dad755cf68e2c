//! What an engine costs: `cargo run --release -p kv --example measure -- [fjall|sled|memory] [rows] [clients] [cache] [buffer]`
//! (the last two in MiB).
//!
//! Rows of 500 bytes with two index entries each are written by several clients, read by key and by scan, and the store is
//! opened again. Memory is what the process has of its own (anonymous), in MiB.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kv::key::{KeyBuf, Part};
use kv::{EngineKind, KvError, Options, Read, Store};

const ROW: usize = 500;

fn main() -> Result<(), KvError> {
    let mut arguments = std::env::args().skip(1);
    let kind: EngineKind = arguments.next().map_or(Ok(EngineKind::Fjall), |a| a.parse())?;
    let mut number = |default: u64| arguments.next().and_then(|a| a.parse().ok()).unwrap_or(default);
    let (rows, clients) = (number(100_000), number(64));
    let usual = Options::default();
    let options = Options { cache_bytes: number(usual.cache_bytes >> 20) << 20, write_buffer_bytes: number(usual.write_buffer_bytes >> 20) << 20 };
    let folder = tempfile::tempdir()?;
    let store = Store::open(kind, folder.path(), options.clone())?;
    let next = AtomicU64::new(0);
    let took = timed(|| {
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= rows || insert(&store, n).is_err() {
                            break;
                        }
                    }
                });
            }
        });
    });
    let stats = store.stats();
    report("durable inserts", rows, took);
    println!("{} transactions in {} commits, memory {} MiB", stats.transactions, stats.commits, memory());
    let took = timed(|| (0..rows).for_each(|i| drop(store.read().get(&row(scatter(i) % rows)))));
    report("gets", rows, took);
    let took = timed(|| (0..rows / 100).for_each(|i| drop(list(&store, scatter(i) % 1_000))));
    report("scans of 25 with fetch", rows / 100, took);
    let took = timed(|| drop((0..200).try_for_each(|n| insert(&store, rows + n))));
    report("durable inserts, one client", 200, took);
    std::thread::sleep(Duration::from_secs(2));
    println!("idle: memory {} MiB", memory());
    if kind != EngineKind::Memory {
        store.close();
        drop(store);
        // Engines let go of their files some moments later.
        std::thread::sleep(Duration::from_secs(1));
        let start = Instant::now();
        let store = Store::open(kind, folder.path(), options)?;
        println!("opened again in {:?}, memory {} MiB", start.elapsed(), memory());
        drop(store);
    }
    Ok(())
}

fn insert(store: &Store, n: u64) -> Result<(), KvError> {
    store.write(move |tx| {
        tx.put(row(n), value(n));
        tx.put(KeyBuf::new().tag(2).u64(scatter(n) % 1_000).u64(n).into_vec(), Vec::new());
        tx.put(KeyBuf::new().tag(3).part(Part::Text(&format!("{:016x}", scatter(n)))).u64(n).into_vec(), Vec::new());
        Ok(())
    })
}

fn list(store: &Store, author: u64) -> Result<usize, KvError> {
    let view = store.read();
    let prefix = KeyBuf::new().tag(2).u64(author).into_vec();
    view.prefix(&prefix, false).take(25).try_fold(0, |sum, item| {
        let (key, _) = item?;
        let n = key.last_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b));
        Ok(sum + view.get(&row(n))?.map_or(0, |v| v.len()))
    })
}

fn row(n: u64) -> Vec<u8> {
    KeyBuf::new().tag(1).u32(7).u64(n).into_vec()
}

/// Half of it compresses, as JSON does.
fn value(n: u64) -> Vec<u8> {
    (0..ROW as u64 / 10).flat_map(|i| scatter(n << 8 | i).to_be_bytes().into_iter().take(5).chain(*b"field")).collect()
}

fn scatter(n: u64) -> u64 {
    let z = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 7
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn report(what: &str, count: u64, took: Duration) {
    println!("{what}: {:.0}/s, {:.1} µs each", count as f64 / took.as_secs_f64(), took.as_secs_f64() * 1e6 / count as f64);
}

fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("Anonymous:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}
