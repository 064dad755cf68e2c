//! Files that come in chunks, in every order and more than once.
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use proptest::prelude::*;
use storage::{BlobStore, CHUNK_BYTES, PutOptions, Result, StagedChunk, StorageError};

use crate::support::*;

async fn stage(store: &BlobStore, file: &[u8], start: usize, end: usize) -> Result<StagedChunk> {
    let chunk = &file[start..end];
    let len = chunk.len() as u64;
    store.stage_chunk(&upload("f"), start as u64, file.len() as u64, Some(len), pieces(chunk, 70_000), len).await
}

async fn finish(store: &BlobStore) -> Result<storage::BlobMeta> {
    store.finish(&upload("f"), &PutOptions::default()).await
}

async fn staged_objects(m: &Memory) -> usize {
    m.staging.list(None).count().await
}

#[tokio::test]
async fn in_any_order() {
    let file = noise(400_000, 1);
    let bounds = [0, 1, 100_000, 165_536, 400_000];
    let parts: Vec<(usize, usize)> = bounds.windows(2).map(|w| (w[0], w[1])).collect();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let m = Memory::new();
        for (n, i) in order.into_iter().enumerate() {
            assert!(matches!(finish(&m.store).await, Err(StorageError::NotFound | StorageError::Incomplete { .. })));
            let (start, end) = parts[i];
            let done = stage(&m.store, &file, start, end).await.unwrap();
            assert_eq!((done.len, done.staged.chunks.len(), done.staged.is_complete()), ((end - start) as u64, n + 1, n == 3));
            assert_eq!(done.staged, m.store.staged(&upload("f")).await.unwrap());
        }
        let meta = finish(&m.store).await.unwrap();
        assert!(get(&m.store, &meta.blob_ref(), None).await == file);
        assert_eq!(meta.md5, crypto::md5_hex(&file));
        assert_eq!((staged_objects(&m).await, m.store.staged(&upload("f")).await.unwrap().chunks.len()), (0, 0));
        assert!(matches!(finish(&m.store).await, Err(StorageError::NotFound)));
    }
}

#[tokio::test]
async fn chunks_are_counted_as_the_protocol_counts() {
    let m = Memory::new();
    let chunk = async |start: u64| m.store.stage_chunk(&upload("f"), start, 3 * CHUNK_BYTES, Some(3), pieces(b"abc", 3), 3).await;
    assert_eq!(chunk(0).await.unwrap().index, 1);
    assert_eq!(chunk(CHUNK_BYTES).await.unwrap().index, 2);
    assert_eq!(chunk(2 * CHUNK_BYTES).await.unwrap().index, 3);
    assert_eq!(m.store.staged(&upload("f")).await.unwrap().received(), 9);
    assert!(matches!(finish(&m.store).await, Err(StorageError::Incomplete { received: 9, total }) if total == 3 * CHUNK_BYTES));
}

#[tokio::test]
async fn sent_again_and_overlapping() {
    let m = Memory::new();
    let file = noise(200_000, 2);
    for (start, end) in [(0, 120_000), (0, 120_000), (100_000, 200_000), (50_000, 60_000), (0, 10)] {
        stage(&m.store, &file, start, end).await.unwrap();
    }
    // The last one replaced the first chunk by a shorter one: bytes are missing again.
    let staged = m.store.staged(&upload("f")).await.unwrap();
    assert_eq!(staged.ranges(), [0..10, 50_000..60_000, 100_000..200_000]);
    assert!(matches!(finish(&m.store).await, Err(StorageError::Incomplete { .. })));
    stage(&m.store, &file, 0, 100_001).await.unwrap();
    let meta = finish(&m.store).await.unwrap();
    assert!(get(&m.store, &meta.blob_ref(), None).await == file);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_at_the_same_time() {
    let f = Folder::new();
    let file = mixed(2 * MIB, 3);
    let parts = (0..file.len()).step_by(100_000).map(|at| (at, file.len().min(at + 100_000)));
    // Every chunk twice.
    let done = join_all(parts.clone().chain(parts.clone()).map(|(start, end)| stage(&f.store, &file, start, end))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert_eq!(done.iter().filter_map(|d| d.as_ref().ok()).map(|d| d.staged.chunks.len()).max(), Some(parts.count()));
    // Somebody sees it complete, and whoever finishes it finds the whole file.
    assert!(done.into_iter().any(|d| d.unwrap().staged.is_complete()));
    let (a, b) = tokio::join!(finish(&f.store), finish(&f.store));
    let metas: Vec<_> = [a, b].into_iter().filter_map(Result::ok).collect();
    assert!(!metas.is_empty());
    for meta in metas {
        assert!(get(&f.store, &meta.blob_ref(), None).await == file);
    }
}

#[tokio::test]
async fn one_total_for_all() {
    let m = Memory::new();
    let chunk = async |start: u64, total: u64| m.store.stage_chunk(&upload("f"), start, total, Some(5), pieces(b"hello", 5), 5).await;
    chunk(0, 10).await.unwrap();
    for total in [9, 11, 5, 1 << 40] {
        assert!(matches!(chunk(0, total).await, Err(StorageError::TotalChanged { staged: 10, given }) if given == total));
    }
    assert_eq!(m.store.staged(&upload("f")).await.unwrap().ranges(), vec![0..5; 1]);
    chunk(5, 10).await.unwrap();
    assert_eq!(get(&m.store, &finish(&m.store).await.unwrap().blob_ref(), None).await, b"hellohello");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_totals_at_the_same_time() {
    for _ in 0..20 {
        let m = Memory::new();
        let chunk = async |total: u64| m.store.stage_chunk(&upload("f"), 0, total, Some(5), pieces(b"hello", 1), 5).await;
        let (a, b) = tokio::join!(chunk(5), chunk(6));
        assert!(a.is_err() || b.is_err(), "never both");
        for outcome in [&a, &b] {
            assert!(matches!(outcome, Ok(_) | Err(StorageError::TotalChanged { .. })), "{outcome:?}");
        }
        // What is left is of one mind, and the upload can be done.
        chunk(m.store.staged(&upload("f")).await.unwrap().total.max(5)).await.unwrap();
    }
}

#[tokio::test]
async fn an_empty_file() {
    let m = Memory::new();
    let done = m.store.stage_chunk(&upload("f"), 0, 0, Some(0), pieces(b"", 1), 0).await.unwrap();
    assert!(done.staged.is_complete());
    let meta = finish(&m.store).await.unwrap();
    assert_eq!((meta.size_original, get(&m.store, &meta.blob_ref(), None).await.len()), (0, 0));
}

#[tokio::test]
async fn chunks_that_do_not_fit() {
    let m = Memory::new();
    let chunk = async |start: u64, total: u64, expected: Option<u64>, body: &[u8], max: u64| {
        m.store.stage_chunk(&upload("f"), start, total, expected, pieces(body, 2), max).await
    };
    assert!(matches!(chunk(11, 10, None, b"a", 10).await, Err(StorageError::InvalidRange)));
    assert!(matches!(chunk(8, 10, None, b"abc", 10).await, Err(StorageError::TooLarge { limit: 2 })));
    assert!(matches!(chunk(0, 10, None, b"abc", 2).await, Err(StorageError::TooLarge { limit: 2 })));
    assert!(matches!(chunk(0, 10, Some(2), b"abc", 10).await, Err(StorageError::TooLarge { limit: 2 })));
    assert!(matches!(chunk(0, 10, Some(4), b"abc", 10).await, Err(StorageError::Truncated { expected: 4, got: 3 })));
    assert!(matches!(chunk(0, 10, None, b"", 10).await, Err(StorageError::Truncated { expected: 1, got: 0 })));
    assert!(matches!(chunk(u64::MAX, u64::MAX, None, b"", 10).await, Err(StorageError::TooLarge { .. })));
    assert!(matches!(chunk(0, 0, None, b"a", 10).await, Err(StorageError::TooLarge { limit: 0 })));
    let broken = stream::iter([Ok(bytes::Bytes::from_static(b"ab")), Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))]);
    let outcome = m.store.stage_chunk(&upload("f"), 0, 10, None, broken, 10).await;
    assert!(matches!(outcome, Err(StorageError::Source(_))));
    assert_eq!(staged_objects(&m).await, 0);
    assert!(matches!(finish(&m.store).await, Err(StorageError::NotFound)));
}

#[tokio::test]
async fn a_refused_chunk_does_not_harm_the_one_before() {
    let m = Memory::new();
    stage(&m.store, b"hello", 0, 5).await.unwrap();
    let outcome = m.store.stage_chunk(&upload("f"), 0, 5, Some(5), pieces(b"HEL", 1), 5).await;
    assert!(matches!(outcome, Err(StorageError::Truncated { .. })));
    assert_eq!(get(&m.store, &finish(&m.store).await.unwrap().blob_ref(), None).await, b"hello");
}

#[tokio::test]
async fn staged_bytes_are_sealed_and_checked() {
    let m = Memory::new();
    let file = b"a secret that must not be seen ".repeat(10);
    stage(&m.store, &file, 0, file.len()).await.unwrap();
    let object = m.staging.list(None).next().await.unwrap().unwrap();
    let mut bytes = m.staging.get(&object.location).await.unwrap().bytes().await.unwrap().to_vec();
    assert!(bytes.windows(16).all(|w| w != &file[..16]));
    bytes[300] ^= 1;
    m.staging.put(&object.location, bytes.into()).await.unwrap();
    assert!(is_damaged(&finish(&m.store).await) && names(&m.store).await.is_empty());
    // The client may send it again.
    stage(&m.store, &file, 0, file.len()).await.unwrap();
    assert_eq!(get(&m.store, &finish(&m.store).await.unwrap().blob_ref(), None).await, file);
}

#[tokio::test]
async fn finishing_may_be_repeated() {
    let m = Memory::new();
    stage(&m.store, b"hello", 0, 5).await.unwrap();
    let options = PutOptions { keep_staging: true, ..way(WAYS[5]) };
    let first = m.store.finish(&upload("f"), &options).await.unwrap();
    let second = m.store.finish(&upload("f"), &options).await.unwrap();
    assert_ne!(first.key, second.key);
    m.store.delete(&first.key).await.unwrap();
    m.store.abort(&upload("f")).await.unwrap();
    m.store.abort(&upload("f")).await.unwrap();
    assert_eq!((staged_objects(&m).await, get(&m.store, &second.blob_ref(), None).await), (0, b"hello".to_vec()));
}

#[tokio::test]
async fn uploads_do_not_see_each_other() {
    let f = Folder::new();
    stage(&f.store, b"hello", 0, 5).await.unwrap();
    // One id is the beginning of the other.
    let other = storage::UploadId::new("p", "7", "f2").unwrap();
    assert_eq!(f.store.staged(&other).await.unwrap(), storage::Staged::default());
    f.store.stage_chunk(&other, 0, 9, None, pieces(b"else", 4), 9).await.unwrap();
    assert_eq!(f.store.staged(&upload("f")).await.unwrap().total, 5);
    f.store.abort(&other).await.unwrap();
    assert_eq!(get(&f.store, &finish(&f.store).await.unwrap().blob_ref(), None).await, b"hello");
}

#[tokio::test]
async fn what_nobody_continued_goes() {
    let f = Folder::new();
    let now = SystemTime::now();
    let (old, limit) = (now - Duration::from_secs(7_200), now - Duration::from_secs(3_600));
    let age = |path: &std::path::Path| std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    stage(&f.store, b"hello", 0, 2).await.unwrap();
    f.files().iter().for_each(|p| age(p));
    let left = storage::UploadId::new("p", "7", "left").unwrap();
    f.store.stage_chunk(&left, 0, 9, None, pieces(b"else", 4), 9).await.unwrap();
    f.files().iter().for_each(|p| age(p));
    // A newer chunk keeps the older ones of the same upload.
    stage(&f.store, b"hello", 2, 4).await.unwrap();
    let blob = put(&f.store, "done", b"a blob", WAYS[0]).await;
    let staging = f.path().join("staging");
    let remains = [f.path().join("blobs/p/7/x-0123456789abcdef#1"), staging.join("p/7/f/00#12")];
    let young = f.path().join("blobs/p/7/y-0123456789abcdef#2");
    for path in remains.iter().chain([&young]) {
        std::fs::write(path, b"torn").unwrap();
    }
    remains.iter().for_each(|p| age(p));
    age(&f.path().join("blobs").join(&blob.key));

    assert_eq!(f.store.sweep_staging(old).await.unwrap(), 0);
    assert_eq!(f.store.sweep_staging(limit).await.unwrap(), 1);
    assert_eq!(f.store.staged(&left).await.unwrap().chunks.len(), 0);
    assert_eq!(f.store.staged(&upload("f")).await.unwrap().chunks.len(), 2);
    assert!(remains.iter().all(|p| !p.exists()) && young.exists() && !staging.join("p/7/left").exists());
    assert_eq!(get(&f.store, &blob.blob_ref(), None).await, b"a blob");
    // Something foreign in the folder does not keep the rest from going.
    std::fs::create_dir_all(staging.join("a/b/not an id")).unwrap();
    std::fs::write(staging.join("a/b/not an id/x"), b"?").unwrap();
    std::fs::write(staging.join("note"), b"?").unwrap();
    assert_eq!(f.store.sweep_staging(SystemTime::now() + Duration::from_secs(60)).await.unwrap(), 1);
    assert_eq!(f.store.staged(&upload("f")).await.unwrap().chunks.len(), 0);
    assert!(staging.join("note").exists() && staging.join("a/b/not an id/x").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Chunks of any sizes, in any order, some of them overlapping, in any way of storing.
    #[test]
    fn any_cover_makes_the_file(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6), grow in prop::collection::vec(0usize..5_000, 7), order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(), which in 0usize..6) {
        let file = mixed(150_000, 9);
        let mut bounds: Vec<usize> = cuts.iter().map(|c| c.index(file.len())).chain([0, file.len()]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let parts: Vec<(usize, usize)> = bounds.windows(2).zip(&grow).map(|(w, more)| (w[0], (w[1] + more).min(file.len()))).collect();
        let got = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let m = Memory::new();
            for i in order.into_iter().filter(|i| *i < parts.len()) {
                stage(&m.store, &file, parts[i].0, parts[i].1).await.unwrap();
            }
            let meta = m.store.finish(&upload("f"), &way(WAYS[which])).await.unwrap();
            get(&m.store, &meta.blob_ref(), None).await
        });
        prop_assert!(got == file);
    }
}

/// Chunks that were changed where they wait: the file is not made, and nothing of it becomes visible.
#[tokio::test(flavor = "multi_thread")]
async fn any_changed_byte_of_a_chunk() {
    let m = Memory::new();
    let file = noise(2 * SEGMENT + 1_000, 12);
    let cut = SEGMENT + 500;
    stage(&m.store, &file, 0, cut).await.unwrap();
    stage(&m.store, &file, cut, file.len()).await.unwrap();
    let listed: Vec<object_store::ObjectMeta> = m.staging.list(None).map(std::result::Result::unwrap).collect().await;
    let objects: Vec<_> = join_all(listed.into_iter().map(|o| async {
        let bytes = m.staging.get(&o.location).await.unwrap().bytes().await.unwrap().to_vec();
        (o.location, bytes)
    }))
    .await;
    let refused = async |what: &str| {
        let made = finish(&m.store).await;
        assert!(matches!(made, Err(StorageError::Corrupt { .. } | StorageError::Incomplete { .. } | StorageError::NotFound)), "{what}: {made:?}");
        assert!(names(&m.store).await.is_empty(), "{what}");
    };
    for (path, whole) in &objects {
        let set = async |bytes: &[u8]| drop(m.staging.put(path, bytes.to_vec().into()).await.unwrap());
        // All of the header with the wrapped key, ends of segments, tags and what follows the bytes of the chunk.
        let edges = (HEADER..whole.len()).step_by(SEGMENT + 16).flat_map(|at| [at, at + 40, at + SEGMENT + 15]);
        for at in (0..HEADER).chain(edges).chain(whole.len() - FOOTER - 20..whole.len()).filter(|at| *at < whole.len()) {
            let mut bad = whole.clone();
            bad[at] ^= 1 << (at % 8);
            set(&bad).await;
            refused(&format!("{path} byte {at}")).await;
        }
        for len in [0, HEADER, whole.len() - 1, HEADER + SEGMENT + 16] {
            set(&whole[..len.min(whole.len() - 1)]).await;
            refused(&format!("{path} cut to {len}")).await;
        }
        set(&[&whole[..], b"x"].concat()).await;
        refused(&format!("{path} longer")).await;
        set(whole).await;
    }
    // One in the place of the other, and the chunk of another upload.
    let other = storage::UploadId::new("p", "7", "g").unwrap();
    m.store.stage_chunk(&other, 0, file.len() as u64, None, pieces(&file[..cut], 9_000), cut as u64).await.unwrap();
    let strange = m.staging.get(&objects[0].0.as_ref().replace("/f/", "/g/").into()).await.unwrap().bytes().await.unwrap();
    for (path, bytes) in [(&objects[0].0, objects[1].1.clone()), (&objects[0].0, strange.to_vec())] {
        m.staging.put(path, bytes.into()).await.unwrap();
        refused("exchanged").await;
    }
    m.staging.put(&objects[0].0, objects[0].1.clone().into()).await.unwrap();
    assert!(get(&m.store, &finish(&m.store).await.unwrap().blob_ref(), None).await == file);
}

#[tokio::test]
async fn nobody_fills_a_folder_with_crumbs() {
    let m = Memory::new();
    let crumb = async |start: u64| m.store.stage_chunk(&upload("f"), start, 3_000, Some(1), pieces(b"x", 1), 1).await;
    // As many as a file of this size may have.
    for start in 0..1_004 {
        crumb(start).await.unwrap();
    }
    assert!(matches!(crumb(2_000).await, Err(StorageError::TooManyChunks { limit: 1_004 })));
    crumb(500).await.expect("one that is there already may come again");
    assert_eq!(staged_objects(&m).await, 1_004);
}
