//! Files that come at once: what is refused leaves nothing.
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use object_store::memory::InMemory;
use storage::{BlobStore, Limits, PutOptions, StorageError};

use crate::support::*;

type Outcome = storage::Result<storage::BlobMeta>;

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let f = Folder::new();
    // Smaller and larger than one part: the latter are written on the way.
    for size in [10_usize, 3 * MIB] {
        for how in [WAYS[0], WAYS[3], WAYS[5]] {
            let file = noise(size, 1);
            let len = size as u64;
            let put = async |expected: Option<u64>, max: u64| f.store.put_single(&upload("f"), pieces(&file, 50_000), expected, max, &way(how)).await;
            let refused: [(&str, Outcome); 4] = [
                ("shorter than announced", put(Some(len + 1), u64::MAX).await),
                ("longer than announced", put(Some(len - 1), u64::MAX).await),
                ("longer than allowed", put(None, len - 1).await),
                ("announced as longer than allowed", put(Some(len), len - 1).await),
            ];
            for (what, outcome) in refused {
                match outcome {
                    Err(StorageError::Truncated { expected, got }) => assert_eq!((expected, got, what), (len + 1, len, "shorter than announced")),
                    Err(StorageError::TooLarge { limit }) => assert_eq!(limit, len - 1, "{what}"),
                    other => panic!("{what}: {other:?}"),
                }
            }
            assert_eq!(f.files(), Vec::<std::path::PathBuf>::new(), "{size} {how:?}");
            put(Some(len), len).await.unwrap();
            put(None, len).await.unwrap();
            assert_eq!(names(&f.store).await.len(), 2);
            f.store.delete_tree("p", None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let f = Folder::new();
    for size in [10, 3 * MIB] {
        let broken = pieces(&noise(size, 1), 50_000).chain(stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]));
        let outcome = f.store.put_single(&upload("f"), broken, None, u64::MAX, &PutOptions::default()).await;
        assert!(matches!(outcome, Err(StorageError::Source(e)) if e.kind() == io::ErrorKind::ConnectionReset));
        assert!(f.files().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away() {
    let f = Folder::new();
    // The body never ends, and the request is dropped in the middle, when some parts are written.
    let endless = pieces(&noise(3 * MIB, 1), 50_000).chain(stream::pending());
    let store = f.store.clone();
    let request = tokio::spawn(async move { store.put_single(&upload("f"), endless, None, u64::MAX, &PutOptions::default()).await });
    while f.files().iter().all(|p| p.metadata().is_ok_and(|m| m.len() < MIB as u64)) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(names(&f.store).await.is_empty(), "not visible while it is written");
    request.abort();
    assert!(request.await.is_err());
    for _ in 0..4_000 {
        if f.files().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("left behind: {:?}", f.files());
}

#[tokio::test]
async fn the_stores_own_bound_counts_too() {
    let store = BlobStore::on(Arc::new(InMemory::new()), Arc::new(InMemory::new()), keyring("k"), None, Limits { max_file: 10 });
    let put = async |len: usize| store.put_single(&upload("f"), pieces(&vec![b'a'; len], 3), None, u64::MAX, &PutOptions::default()).await;
    assert_eq!(put(10).await.unwrap().size_original, 10);
    assert!(matches!(put(11).await, Err(StorageError::TooLarge { limit: 10 })));
    let chunk = store.stage_chunk(&upload("f"), 0, 11, None, pieces(b"a", 1), 1).await;
    assert!(matches!(chunk, Err(StorageError::TooLarge { limit: 10 })));
}

#[tokio::test]
async fn files_of_one_id_do_not_meet() {
    let m = Memory::new();
    let (a, b) = tokio::join!(m.put("f", b"first", WAYS[1]), m.put("f", b"second", WAYS[1]));
    assert_ne!(a.key, b.key);
    m.store.delete(&a.key).await.unwrap();
    assert_eq!(get(&m.store, &b.blob_ref(), None).await, b"second");
}

#[tokio::test]
async fn the_type_is_found_on_the_way() {
    let m = Memory::new();
    let put = |bytes: &'static [u8], name: &str| {
        let options = PutOptions { file_name: name.to_owned(), ..PutOptions::default() };
        let m = &m;
        async move { m.store.put_single(&upload("f"), pieces(bytes, 3), None, 1_000, &options).await.unwrap().mime }
    };
    assert_eq!(put(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.txt").await, "image/png");
    assert_eq!(put(b"plain words", "a.png").await, "text/plain");
    assert_eq!(put(b"", "a.png").await, "application/x-empty");
}

#[tokio::test]
async fn sources_give_what_they_have() {
    let m = Memory::new();
    let file = noise(MIB + 17, 1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spooled");
    std::fs::write(&path, &file).unwrap();
    let reader = storage::source::reader(io::Cursor::new(file.clone()));
    for body in [storage::source::file(path.clone()), storage::source::bytes(Bytes::from(file.clone())), reader] {
        let meta = m.store.put_single(&upload("f"), body, Some(file.len() as u64), u64::MAX, &PutOptions::default()).await.unwrap();
        assert!(get(&m.store, &meta.blob_ref(), None).await == file);
    }
    let mut steps = storage::source::file(path);
    while let Some(piece) = steps.next().await {
        assert!(piece.unwrap().len() <= 256 * KIB);
    }
    let missing = storage::source::file(dir.path().join("missing"));
    let outcome = m.store.put_single(&upload("f"), missing, None, u64::MAX, &PutOptions::default()).await;
    assert!(matches!(outcome, Err(StorageError::Source(_))));
    assert_eq!(storage::source::bytes(Bytes::new()).count().await, 0);
}
