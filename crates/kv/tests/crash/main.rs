//! kill -9 of a process that writes: everything it acknowledged is there afterwards, and nothing in part.
//!
//! `FERRITE_CRASH_ROUNDS` is the number of kills per engine (default 2), `FERRITE_SEED` repeats their timing.
#![allow(clippy::expect_used, reason = "a test: what is unexpected fails it")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use kv::EngineKind;

#[path = "../workload/mod.rs"]
mod workload;

use workload::{Rng, THREADS};

/// After so many kills a new folder is begun.
const ROUNDS_OF_A_FOLDER: u64 = 10;

fn main() {
    if workload::is_worker() {
        return;
    }
    workload::run_cases(&[("crash::fjall", || crash(EngineKind::Fjall)), ("crash::sled", || crash(EngineKind::Sled))]);
}

fn crash(kind: EngineKind) {
    let rounds = workload::setting("FERRITE_CRASH_ROUNDS").unwrap_or(2);
    let seed = workload::seed();
    let mut rng = Rng(seed);
    let mut folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = [0; THREADS as usize];
    let mut total = 0;
    for round in 0..rounds {
        if round % ROUNDS_OF_A_FOLDER == 0 {
            folder = tempfile::tempdir().expect("a folder");
            acknowledged = [0; THREADS as usize];
        }
        let before: u64 = acknowledged.iter().sum();
        kill_a_writer(kind, folder.path(), &mut rng, &mut acknowledged);
        total += acknowledged.iter().sum::<u64>() - before;
        if let Err(e) = workload::check(kind, folder.path(), &mut acknowledged) {
            panic!("{kind}, round {round}, FERRITE_SEED={seed}: {e}; the folder is kept: {}", folder.keep().display());
        }
    }
    println!("{kind}: {rounds} kills, {total} acknowledged transactions, none lost, none torn");
}

/// Lets a writer work for a while, kills it, and notes what it acknowledged.
fn kill_a_writer(kind: EngineKind, dir: &Path, rng: &mut Rng, acknowledged: &mut [u64]) {
    let mut child = workload::worker(kind, dir, u64::MAX).stdout(Stdio::piped()).spawn().expect("a process");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let (first, started) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut last = Vec::new();
        for line in stdout.lines().map_while(Result::ok) {
            last.extend(workload::acknowledgement(&line));
            let _ = first.send(());
        }
        last
    });
    child.stdin.take().expect("a pipe").write_all(b"\n").expect("a reader");
    // One in four dies while it opens the store.
    if rng.below(4) == 0 {
        std::thread::sleep(Duration::from_millis(rng.below(60)));
    } else {
        started.recv_timeout(Duration::from_secs(60)).expect("the writer works");
        std::thread::sleep(Duration::from_micros(rng.below(500_000)));
    }
    child.kill().expect("a kill");
    let status = child.wait().expect("an end");
    assert!(status.code().is_none(), "the writer ended by itself: {status}");
    for (thread, n) in reader.join().expect("the reader") {
        acknowledged[thread as usize] = n;
    }
}
