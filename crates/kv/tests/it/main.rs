//! What every engine must do, run on all of them.
#![allow(clippy::unwrap_used, reason = "a test: what is unexpected fails it")]

mod convert;
mod folder;
mod model;
mod suite;
mod support;

use kv::EngineKind;

/// Makes a module of tests for each engine.
macro_rules! on_every_engine {
    ($($test:path as $name:ident),* $(,)?) => {
        mod fjall { $(#[test] fn $name() { $test(super::EngineKind::Fjall); })* }
        mod sled { $(#[test] fn $name() { $test(super::EngineKind::Sled); })* }
        mod memory { $(#[test] fn $name() { $test(super::EngineKind::Memory); })* }
    };
}

on_every_engine! {
    crate::suite::writes_are_read_back as writes_are_read_back,
    crate::suite::a_transaction_sees_its_writes as a_transaction_sees_its_writes,
    crate::suite::an_error_writes_nothing as an_error_writes_nothing,
    crate::suite::a_panic_hits_its_transaction_only as a_panic_hits_its_transaction_only,
    crate::suite::a_transaction_within_one_is_refused as a_transaction_within_one_is_refused,
    crate::suite::limits_refuse_the_transaction as limits_refuse_the_transaction,
    crate::suite::a_refused_write_can_be_rolled_back as a_refused_write_can_be_rolled_back,
    crate::suite::savepoints_nest as savepoints_nest,
    crate::suite::hooks_run_after_the_commit as hooks_run_after_the_commit,
    crate::suite::snapshots_stay_as_they_were as snapshots_stay_as_they_were,
    crate::suite::scans_of_a_snapshot_ignore_later_writes as scans_of_a_snapshot_ignore_later_writes,
    crate::suite::bounds_and_directions as bounds_and_directions,
    crate::suite::prefixes as prefixes,
    crate::suite::large_keys_and_values as large_keys_and_values,
    crate::suite::counting_from_many_threads_loses_nothing as counting_from_many_threads_loses_nothing,
    crate::suite::writers_share_commits as writers_share_commits,
    crate::suite::readers_never_see_half_a_transaction as readers_never_see_half_a_transaction,
    crate::suite::a_closed_store_refuses as a_closed_store_refuses,
    crate::suite::the_last_handle_may_go_within_a_transaction as the_last_handle_may_go_within_a_transaction,
    crate::model::behaves_like_a_map as behaves_like_a_map,
}
