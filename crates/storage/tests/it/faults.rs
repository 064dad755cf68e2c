//! A device that fails at any point, for a moment or for good: nothing half is ever visible, nothing acknowledged is lost.
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use storage::{BlobStore, Limits, PutOptions, StorageError};

use crate::failing::{Failing, Plan};
use crate::support::*;

fn store() -> (BlobStore, Arc<Plan>) {
    let plan = Plan::new();
    (BlobStore::on(Failing::new("blobs", &plan), Failing::new("staging", &plan), keyring("k"), None, Limits::default()), plan)
}

fn passes(e: &StorageError) -> bool {
    matches!(e, StorageError::Io { .. }) && e.is_retryable()
}

#[tokio::test]
async fn a_file_at_once() {
    // In a single put, and in three parts.
    for (size, least) in [(1_000, 1), (17 * MIB, 5)] {
        let file = noise(size, 1);
        for for_good in [false, true] {
            let mut failures = 0;
            for n in 0.. {
                let (store, plan) = store();
                plan.for_good.store(for_good, Ordering::SeqCst);
                plan.fail_after(n);
                let outcome = store.put_single(&upload("f"), pieces(&file, MIB), None, u64::MAX, &way(WAYS[0])).await;
                plan.heal();
                match outcome {
                    Ok(meta) => {
                        assert!(get(&store, &meta.blob_ref(), None).await == file);
                        break;
                    }
                    Err(e) => assert!(passes(&e), "{e:?}"),
                }
                assert!(names(&store).await.is_empty(), "failure {n} left something visible");
                failures += 1;
            }
            assert!(failures >= least, "{failures}");
        }
    }
}

#[tokio::test]
async fn a_file_in_chunks() {
    let file = mixed(300_000, 2);
    let cut = 123_456;
    for for_good in [false, true] {
        for n in 0.. {
            let (store, plan) = store();
            plan.for_good.store(for_good, Ordering::SeqCst);
            plan.fail_after(n);
            let total = file.len() as u64;
            let chunk = |start: usize, end: usize| {
                let (store, file) = (&store, &file);
                async move { store.stage_chunk(&upload("f"), start as u64, total, Some((end - start) as u64), pieces(&file[start..end], 50_000), total).await }
            };
            // The client goes on with what is acknowledged, and sends again what is not.
            let mut failed = 0;
            for (start, end) in [(0, cut), (cut, file.len())] {
                if let Err(e) = chunk(start, end).await {
                    assert!(passes(&e), "{e:?}");
                    failed += 1;
                    plan.heal();
                    chunk(start, end).await.unwrap();
                }
                let present = store.staged(&upload("f")).await;
                assert!(present.is_err() || present.unwrap().ranges().iter().any(|r| r.end >= end as u64), "an acknowledged chunk is there");
            }
            let meta = match store.finish(&upload("f"), &PutOptions::default()).await {
                Ok(meta) => meta,
                Err(e) => {
                    assert!(passes(&e), "{e:?}");
                    failed += 1;
                    plan.heal();
                    assert!(names(&store).await.is_empty() && store.staged(&upload("f")).await.unwrap().is_complete(), "failure {n}");
                    store.finish(&upload("f"), &PutOptions::default()).await.unwrap()
                }
            };
            let untouched = plan.diary.lock().unwrap().len() as i64 <= n;
            plan.heal();
            assert!(get(&store, &meta.blob_ref(), None).await == file);
            assert_eq!(names(&store).await.len(), 1);
            if failed == 0 && untouched {
                assert!(n > 10, "{n}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_chunk_sent_again_while_the_file_is_put_together() {
    let file = noise(3 * MIB, 4);
    let len = file.len() as u64;
    // At each of the reads that one chunk takes.
    for reads in 1..=6 {
        let plan = Plan::new();
        let staging = Failing::new("staging", &plan);
        let store = BlobStore::on(Failing::new("blobs", &plan), staging.clone(), keyring("k"), None, Limits::default());
        let stage = async || store.stage_chunk(&upload("f"), 0, len, Some(len), pieces(&file, MIB), len).await.unwrap();
        // The same bytes sealed twice: what is sent again differs from what it replaces.
        let object = async || {
            let path = staging.inner.list(None).next().await.unwrap().unwrap().location;
            let bytes = staging.inner.get(&path).await.unwrap().bytes().await.unwrap();
            (path, bytes)
        };
        stage().await;
        let (path, again) = object().await;
        stage().await;
        assert!(object().await.1 != again);
        *plan.replace.lock().unwrap() = Some((reads, path, again));
        let meta = store.finish(&upload("f"), &PutOptions::default()).await.unwrap();
        assert!(plan.replace.lock().unwrap().is_none(), "it was replaced on the way");
        assert!(get(&store, &meta.blob_ref(), None).await == file);
        assert_eq!(names(&store).await.len(), 1);
    }
}

#[tokio::test]
async fn chunks_go_after_the_blob_is_in_place() {
    let (store, plan) = store();
    let file = noise(9 * MIB, 1);
    for (start, end) in [(0, 5 * MIB), (5 * MIB, file.len())] {
        store.stage_chunk(&upload("f"), start as u64, file.len() as u64, None, pieces(&file[start..end], MIB), u64::MAX).await.unwrap();
    }
    store.finish(&upload("f"), &way(WAYS[1])).await.unwrap();
    let diary = plan.diary.lock().unwrap().clone();
    let first = |what: &str| diary.iter().position(|d| d == what).unwrap();
    let last = |what: &str| diary.iter().rposition(|d| d == what).unwrap();
    assert!(last("blobs part") < first("blobs complete") && first("blobs complete") < first("staging delete"), "{diary:?}");
    assert_eq!(first("blobs complete"), last("blobs complete"));
    assert!(!diary.iter().any(|d| d == "blobs put"), "nothing is visible before");
}

#[tokio::test]
async fn reads_that_break_off() {
    let file = mixed(3 * MIB, 3);
    for how in WAYS {
        let (store, plan) = store();
        let blob = put(&store, "f", &file, how).await.blob_ref();
        for n in 0.. {
            plan.fail_after(n);
            let (bytes, end) = read(&store, &blob, None).await;
            assert!(file.starts_with(&bytes));
            match end {
                Ok(()) => {
                    assert!(n > 0 && bytes == file);
                    break;
                }
                Err(e) => assert!(passes(&e), "a device that fails is not taken for damage: {e:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_told() {
    let (store, plan) = store();
    *plan.kind.lock().unwrap() = ErrorKind::StorageFull;
    plan.for_good.store(true, Ordering::SeqCst);
    for size in [10, 17 * MIB] {
        plan.fail_after(0);
        let outcome = store.put_single(&upload("f"), pieces(&noise(size, 1), MIB), None, u64::MAX, &PutOptions::default()).await;
        assert!(matches!(outcome, Err(StorageError::NoSpace)), "{outcome:?}");
        plan.heal();
        assert!(names(&store).await.is_empty());
    }
    // List, then put: the second fails.
    plan.fail_after(1);
    let chunk = store.stage_chunk(&upload("f"), 0, 5, None, pieces(b"hello", 5), 5).await;
    assert!(matches!(chunk, Err(StorageError::NoSpace)), "{chunk:?}");
}

#[tokio::test]
async fn removals_may_be_repeated() {
    let (store, plan) = store();
    for id in ["a", "b", "c"] {
        put(&store, id, b"x", WAYS[0]).await;
        store.stage_chunk(&upload(id), 0, 5, None, pieces(b"hel", 5), 5).await.unwrap();
    }
    for n in 0.. {
        plan.fail_after(n);
        if store.delete_tree("p", Some("7")).await.is_ok() {
            break;
        }
        assert!(n < 100);
    }
    plan.heal();
    assert!(names(&store).await.is_empty());
    assert_eq!(store.staged(&upload("a")).await.unwrap().chunks.len(), 0);
    plan.fail_after(0);
    assert!(store.probe().await.is_err());
    plan.heal();
    store.probe().await.unwrap();
}
