//! A full disk: writes fail with a clear error, nothing acknowledged is lost, and the store takes writes again as soon as
//! there is space: fjall without a restart, sled with one.
//!
//! The disk is a small tmpfs in a namespace of its own, which needs Linux with user namespaces; elsewhere this is skipped.
#![allow(clippy::expect_used, reason = "a test: what is unexpected fails it")]
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kv::{EngineKind, KvError, Read, Store};

#[path = "../workload/mod.rs"]
#[allow(dead_code, reason = "shared with other suites")]
mod workload;

/// Two processes one after the other on a small disk.
const SCRIPT: &str = r#"mount -t tmpfs -o size=24m none "$0" && "$1" && FERRITE_FULL_AFTER="$(cat "$0/count")" "$1""#;
/// Set for the process that comes after a restart: how many transactions must be there.
const AFTER: &str = "FERRITE_FULL_AFTER";
/// Set for the process on the small disk.
const CHILD: &str = "FERRITE_FULL_DISK";
const BALLAST: usize = 8 << 20;
const VALUE: usize = 20_000;
/// Tries after space came back.
const TRIES: u32 = 50;

fn main() {
    if let Ok(order) = std::env::var(CHILD) {
        let (kind, dir) = order.split_once('\n').expect("engine, folder");
        return fill(kind.parse().expect("an engine"), Path::new(dir));
    }
    workload::run_cases(&[("full::fjall", || run(EngineKind::Fjall)), ("full::sled", || run(EngineKind::Sled))]);
}

fn run(kind: EngineKind) {
    let place = tempfile::tempdir().expect("a folder");
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(place.path());
        command
    };
    if !shell("mount -t tmpfs -o size=1m none \"$0\"").output().is_ok_and(|o| o.status.success()) {
        println!("{kind}: skipped, a small disk cannot be mounted here");
        return;
    }
    let exe: PathBuf = std::env::current_exe().expect("this program has a path");
    let status = shell(SCRIPT).arg(exe).env(CHILD, format!("{kind}\n{}", place.path().display())).status().expect("a process");
    assert!(status.success(), "{kind}: {status}");
}

/// On the small disk: fills it, empties it a little, goes on.
fn fill(kind: EngineKind, disk: &Path) {
    let ballast = disk.join("ballast");
    let dir = disk.join("data");
    if let Some(n) = workload::setting(AFTER) {
        let store = Store::open(kind, &dir, workload::options()).expect("it opens");
        // What was under way when the disk was full may have come through.
        let n = n + u64::from(store.read().get(&key(n)).expect("a read").is_some());
        check(&store, n);
        put(&store, n).expect("a write");
        check(&store, n + 1);
        return println!("{kind}: none lost, and it takes writes again");
    }
    std::fs::write(&ballast, vec![1; BALLAST]).expect("space");
    let store = Store::open(kind, &dir, workload::options()).expect("it opens");
    let mut n = 0;
    let failure = loop {
        match put(&store, n) {
            Ok(()) => n += 1,
            Err(e) => break e,
        }
    };
    assert!(matches!(failure, KvError::Io(_)), "{failure:?}");
    assert!(n > 20, "{n}");
    if kind == EngineKind::Fjall {
        check(&store, n);
    }
    for _ in 0..3 {
        match put(&store, n) {
            // A table that went made room.
            Ok(()) => n += 1,
            Err(e) => assert!(matches!(e, KvError::Io(_)), "{e:?}"),
        }
    }
    std::fs::remove_file(&ballast).expect("a removal");
    if kind == EngineKind::Fjall {
        goes_on(&store, n);
        n += 1;
    } else {
        assert!(matches!(put(&store, n), Err(KvError::Io(why)) if why.contains("restart")));
    }
    store.close();
    drop(store);
    println!("{kind}: {n} transactions acknowledged around a full disk ({failure})");
    std::fs::write(disk.join("count"), n.to_string()).expect("space");
}

/// Takes writes now that there is space.
fn goes_on(store: &Store, n: u64) {
    let mut tries = 0;
    while let Err(e) = put(store, n) {
        tries += 1;
        assert!(tries < TRIES, "no writes although there is space: {e}");
        std::thread::sleep(Duration::from_millis(100));
    }
    check(store, n + 1);
}

fn put(store: &Store, n: u64) -> Result<(), KvError> {
    store.write(move |tx| {
        tx.put(key(n), value(n));
        tx.put(b"last".to_vec(), n.to_be_bytes().to_vec());
        Ok(())
    })
}

/// Exactly the first `n` are there.
fn check(store: &Store, n: u64) {
    let view = store.read();
    for i in 0..n {
        assert!(view.get(&key(i)).expect("a read").is_some_and(|v| *v == *value(i)), "{i} of {n}");
    }
    assert_eq!(view.get(b"last").expect("a read").as_deref(), Some(&(n - 1).to_be_bytes()[..]));
    assert_eq!(view.prefix(b"k", false).count() as u64, n);
}

fn key(n: u64) -> Vec<u8> {
    format!("k{n:08}").into_bytes()
}

fn value(n: u64) -> Vec<u8> {
    let mut rng = workload::Rng(n);
    std::iter::repeat_with(|| rng.next().to_be_bytes()).flatten().take(VALUE).collect()
}
