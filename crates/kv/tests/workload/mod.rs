//! The work of a process that will be interrupted, and what must be left of it.
//!
//! Every thread commits transactions 1, 2, 3 … What the store must hold follows from how many each thread committed, so
//! that every key can be checked. A transaction spans several keys, deletes, overwrites, counts across threads, and rolls
//! parts back; others fail and must leave nothing.
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kv::key::{KeyBuf, Part};
use kv::{EngineKind, KvError, Options, Read, Store, WriteTx};

/// Writers of a process.
pub(crate) const THREADS: u64 = 4;
/// Items that stay of each thread; older ones are deleted.
const KEEP: u64 = 60;
/// Keys of each thread that are overwritten in turn.
const SLOTS: u64 = 7;
/// Set for the process that does the work.
const CHILD: &str = "FERRITE_WORKLOAD";

const LAST: u8 = 1;
const ITEM: u8 = 2;
const SLOT: u8 = 3;
const COUNTER: u8 = 4;
const JUNK: u8 = 9;

/// Small bounds, so that little data makes the engine flush and compact.
pub(crate) fn options() -> Options {
    Options { cache_bytes: 4 << 20, write_buffer_bytes: 256 << 10 }
}

/// Numbers that look random.
pub(crate) struct Rng(pub u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
}

/// Seed of a run: the environment's, or another each time.
pub(crate) fn seed() -> u64 {
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| u64::from(d.subsec_nanos()) ^ d.as_secs());
    setting("FERRITE_SEED").unwrap_or_else(now)
}

/// A number from the environment.
pub(crate) fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}

/// Runs the cases whose name the command line asks for (all without a filter).
pub(crate) fn run_cases(cases: &[(&str, fn())]) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--list" || a == "--ignored") {
        return;
    }
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    for (name, case) in cases {
        if filters.is_empty() || filters.iter().any(|f| name.contains(f.as_str())) {
            println!("{name}");
            case();
        }
    }
}

/// The command for a process that works on `dir`, with at most `limit` transactions a thread. It starts when a line comes in.
pub(crate) fn worker(kind: EngineKind, dir: &Path, limit: u64) -> Command {
    let exe = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(exe);
    command.env(CHILD, format!("{kind}\n{limit}\n{}", dir.display())).stdin(Stdio::piped());
    command
}

/// In such a process does the work and is `true`.
pub(crate) fn is_worker() -> bool {
    let Ok(order) = std::env::var(CHILD) else { return false };
    let mut order = order.splitn(3, '\n');
    let mut part = || order.next().expect("engine, limit, folder");
    let kind: EngineKind = part().parse().expect("an engine");
    let limit: u64 = part().parse().expect("a number");
    let dir = PathBuf::from(part());
    std::io::stdin().lock().read_line(&mut String::new()).expect("a line");
    let store = Store::open(kind, &dir, options()).expect("the store opens");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || write(store, thread, limit));
        }
    });
    store.close();
    true
}

fn write(store: &Store, thread: u64, limit: u64) {
    let first = number(&store.read(), &last(thread)) + 1;
    for n in first..first.saturating_add(limit) {
        store.write(move |tx| transaction(tx, thread, n)).expect("a commit");
        // One write to the pipe each, unbuffered.
        std::io::stdout().lock().write_all(format!("ack {thread} {n}\n").as_bytes()).expect("a reader");
        if n % 5 == 0 {
            let refused: Result<(), KvError> = store.write(move |tx| {
                tx.put(junk(thread), value(thread, n));
                tx.delete(last(thread));
                Err(KvError::Aborted("by design".into()))
            });
            refused.expect_err("an error passes");
        }
    }
}

fn transaction(tx: &mut WriteTx<'_>, thread: u64, n: u64) -> Result<(), KvError> {
    tx.put(last(thread), n.to_be_bytes().to_vec());
    tx.put(item(thread, n), value(thread, n));
    if n > KEEP {
        tx.delete(item(thread, n - KEEP));
    }
    let savepoint = tx.savepoint();
    tx.put(junk(thread), value(thread, n));
    tx.delete(last(thread));
    tx.rollback_to(savepoint);
    tx.put(slot(thread, n % SLOTS), value(thread, n));
    let count = number(tx, &counter());
    tx.put(counter(), (count + 1).to_be_bytes().to_vec());
    Ok(())
}

/// An acknowledgement in the worker's output: thread and transaction.
pub(crate) fn acknowledgement(line: &str) -> Option<(u64, u64)> {
    let (thread, n) = line.trim_end().strip_prefix("ack ")?.split_once(' ')?;
    Some((thread.parse().ok()?, n.parse().ok()?))
}

/// Opens what is left and checks every key against `acknowledged` (the last transaction of each thread that was). A
/// thread has at most one transaction under way, which may be there or not. What is there now counts from here on.
pub(crate) fn check(kind: EngineKind, dir: &Path, acknowledged: &mut [u64]) -> Result<(), String> {
    let store = Store::open(kind, dir, options()).map_err(|e| format!("it does not open: {e}"))?;
    let view = store.read();
    let found: Vec<u64> = (0..THREADS).map(|t| number(&view, &last(t))).collect();
    for (thread, (found, acknowledged)) in found.iter().zip(acknowledged.iter()).enumerate() {
        if found < acknowledged {
            return Err(format!("thread {thread}: {acknowledged} was acknowledged, {found} is there"));
        }
        if *found > acknowledged + 1 {
            return Err(format!("thread {thread}: {found} is there, but only {acknowledged} was acknowledged"));
        }
    }
    let wanted = wanted(&found);
    let mut rest = wanted.iter();
    for item in view.scan(Bound::Unbounded, Bound::Unbounded, false) {
        let (key, value) = item.map_err(|e| format!("a scan fails: {e}"))?;
        match rest.next() {
            Some((k, v)) if **k == key[..] && **v == *value => {}
            other => return Err(format!("found {key:02x?}, wanted {:02x?} (state {found:?})", other.map(|(k, _)| k))),
        }
    }
    if let Some((key, _)) = rest.next() {
        return Err(format!("{key:02x?} is missing (state {found:?})"));
    }
    // It takes writes, too.
    let wrote: Result<(), KvError> = store.write(|tx| {
        tx.put(junk(0), vec![1]);
        Ok(())
    });
    let removed: Result<(), KvError> = store.write(|tx| {
        tx.delete(junk(0));
        Ok(())
    });
    wrote.and(removed).map_err(|e| format!("no write is possible: {e}"))?;
    drop(view);
    store.close();
    acknowledged.copy_from_slice(&found);
    Ok(())
}

/// Everything the store must hold when the threads committed so many transactions.
fn wanted(committed: &[u64]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (thread, &n) in (0..).zip(committed) {
        for i in n.saturating_sub(KEEP) + 1..=n {
            all.insert(item(thread, i), value(thread, i));
        }
        for i in n.saturating_sub(SLOTS) + 1..=n {
            all.insert(slot(thread, i % SLOTS), value(thread, i));
        }
        if n > 0 {
            all.insert(last(thread), n.to_be_bytes().to_vec());
        }
    }
    let total: u64 = committed.iter().sum();
    if total > 0 {
        all.insert(counter(), total.to_be_bytes().to_vec());
    }
    all
}

/// Mostly small, sometimes larger than a page of the engine.
fn value(thread: u64, n: u64) -> Vec<u8> {
    let mut rng = Rng(thread << 40 ^ n);
    let len = match rng.below(10) {
        0 => 8_000 + rng.below(40_000),
        1..=3 => 1_000 + rng.below(3_000),
        _ => 20 + rng.below(600),
    };
    std::iter::repeat_with(|| rng.next().to_be_bytes()).flatten().take(len as usize).collect()
}

fn number(view: &dyn Read, key: &[u8]) -> u64 {
    let value = view.get(key).expect("a read");
    value.map_or(0, |v| u64::from_be_bytes(v.as_ref().try_into().expect("eight bytes")))
}

fn last(thread: u64) -> Vec<u8> {
    KeyBuf::new().tag(LAST).u64(thread).into_vec()
}
fn item(thread: u64, n: u64) -> Vec<u8> {
    KeyBuf::new().tag(ITEM).u64(thread).part_desc(Part::Int(n as i64)).into_vec()
}
fn slot(thread: u64, slot: u64) -> Vec<u8> {
    KeyBuf::new().tag(SLOT).u64(thread).u64(slot).into_vec()
}
fn counter() -> Vec<u8> {
    vec![COUNTER]
}
fn junk(thread: u64) -> Vec<u8> {
    KeyBuf::new().tag(JUNK).u64(thread).into_vec()
}
