//! Power cuts: what a disk may hold after one still has everything that was acknowledged, and nothing in part.
//!
//! A writer runs under a tracer that records its file operations. From the record, a model of a disk tells at any moment
//! what is certainly on it (synced) and what may or may not be (everything since), rebuilds folders a power cut could have
//! left, and opens them. The next writer continues in such a folder, so cuts of a warm store and of its recovery are
//! tried as well.
//!
//! `FERRITE_POWERCUTS` is the number of cuts per engine (default 24, 0 for none), `FERRITE_SEED` repeats the choice of
//! cuts. Needs Linux on x86-64 and the right to trace own children.
#![allow(clippy::expect_used, reason = "a test: what is unexpected fails it")]

#[path = "../workload/mod.rs"]
mod workload;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod cuts;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod disk;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;

fn main() {
    if workload::is_worker() {
        return;
    }
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    workload::run_cases(&[
        ("powercut::unsynced_data_is_lost_in_the_model", cuts::the_model_loses_unsynced_data),
        ("powercut::fjall", || cuts::cut(kv::EngineKind::Fjall)),
        ("powercut::sled", || cuts::cut(kv::EngineKind::Sled)),
    ]);
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    println!("powercut: skipped, the tracer knows Linux on x86-64 only");
}
