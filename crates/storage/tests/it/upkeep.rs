//! Removing, listing, looking at what is there.
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use storage::{BlobRef, PutOptions, StorageError, StoredKey, UploadId};

use crate::support::*;

#[tokio::test]
async fn a_removed_blob_is_gone() {
    let f = Folder::new();
    let meta = put(&f.store, "f", b"hello", WAYS[1]).await;
    assert!(f.store.exists(&meta.key).await.unwrap());
    f.store.delete(&meta.key).await.unwrap();
    f.store.delete(&meta.key).await.unwrap();
    assert!(!f.store.exists(&meta.key).await.unwrap() && f.files().is_empty());
    assert!(matches!(f.store.read(&meta.blob_ref(), None).await.err(), Some(StorageError::NotFound)));
    assert!(matches!(f.store.read_all(&meta.blob_ref(), 10).await, Err(StorageError::NotFound)));
    assert!(matches!(f.store.stat(&meta.key).await, Err(StorageError::NotFound)));
    assert!(matches!(f.store.verify(&meta.blob_ref()).await, Err(StorageError::NotFound)));
    for bad in ["..", "a/../b", "/etc/passwd", ""] {
        assert!(matches!(f.store.delete(bad).await, Err(StorageError::InvalidId(_))), "{bad}");
        assert!(matches!(f.store.exists(bad).await, Err(StorageError::InvalidId(_))) && matches!(f.store.stat(bad).await, Err(StorageError::InvalidId(_))));
    }
}

#[tokio::test]
async fn a_tree_goes_and_its_neighbours_stay() {
    let f = Folder::new();
    let place = |project: &str, bucket: &str| UploadId::new(project, bucket, "f").unwrap();
    for (project, bucket) in [("p", "1"), ("p", "12"), ("p", "2"), ("pp", "1")] {
        let id = place(project, bucket);
        f.store.put_single(&id, pieces(b"hello", 9), None, 9, &PutOptions::default()).await.unwrap();
        f.store.stage_chunk(&id, 0, 9, None, pieces(b"hel", 9), 9).await.unwrap();
    }
    let left = async |project: &str| {
        let mut keys: Vec<String> = f.store.list(project, None).unwrap().map_ok(|b| b.key).try_collect().await.unwrap();
        keys.sort();
        keys.iter().map(|k| k.split('/').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    f.store.delete_tree("p", Some("1")).await.unwrap();
    f.store.delete_tree("p", Some("1")).await.unwrap();
    assert_eq!((left("p").await, left("pp").await), (vec!["12".to_owned(), "2".to_owned()], vec!["1".to_owned()]));
    assert!(f.store.staged(&place("p", "1")).await.unwrap().chunks.is_empty());
    assert!(!f.path().join("blobs/p/1").exists() && !f.path().join("staging/p/1").exists(), "no empty folders pile up");
    assert_eq!(f.store.staged(&place("p", "12")).await.unwrap().chunks.len(), 1);
    f.store.delete_tree("p", None).await.unwrap();
    assert_eq!((left("p").await.len(), left("pp").await.len(), f.files().len()), (0, 1, 2));
    assert!(!f.path().join("blobs/p").exists() && !f.path().join("staging/p").exists());
    f.store.delete_tree("nobody", None).await.unwrap();
    for bad in ["", "..", "a/b", "."] {
        assert!(f.store.delete_tree(bad, None).await.is_err() && f.store.delete_tree("pp", Some(bad)).await.is_err() && f.store.list(bad, None).is_err());
    }
    assert_eq!(left("pp").await.len(), 1);
}

#[tokio::test]
async fn a_listing_shows_what_is_stored() {
    let f = Folder::new();
    let begin = SystemTime::now() - Duration::from_secs(2);
    let mut metas = Vec::new();
    for (n, how) in WAYS.into_iter().enumerate() {
        metas.push(put(&f.store, &format!("f{n}"), &noise(n * 1_000, 1), how).await);
    }
    // What is being written is not listed.
    std::fs::write(f.path().join("blobs/p/7/x-0123456789abcdef#1"), b"torn").unwrap();
    let mut listed: Vec<StoredKey> = f.store.list("p", Some("7")).unwrap().try_collect().await.unwrap();
    listed.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(listed.len(), metas.len());
    for (seen, meta) in listed.iter().zip(&metas) {
        assert_eq!((&seen.key, seen.size_stored), (&meta.key, meta.size_stored));
        assert!(seen.modified >= begin && seen.modified <= SystemTime::now() + Duration::from_secs(2));
        assert_eq!(f.store.stat(&seen.key).await.unwrap(), meta.blob_ref());
        f.store.verify(&meta.blob_ref()).await.unwrap();
    }
    assert_eq!(f.store.list("p", Some("8")).unwrap().try_collect::<Vec<_>>().await.unwrap(), []);
    let other = BlobRef { key: metas[1].key.clone(), ..metas[2].blob_ref() };
    assert!(is_damaged(&f.store.verify(&other).await));
}

#[tokio::test]
async fn a_probe_leaves_nothing() {
    let f = Folder::new();
    f.store.probe().await.unwrap();
    assert!(f.files().is_empty());
    assert_eq!(f.store.scanner_version().await.unwrap(), None);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_enter() {
    use std::os::unix::fs::PermissionsExt as _;
    let f = Folder::new();
    put(&f.store, "f", b"x", WAYS[0]).await;
    for folder in ["blobs", "staging"] {
        assert_eq!(f.path().join(folder).metadata().unwrap().permissions().mode() & 0o777, 0o700, "{folder}");
    }
}

#[tokio::test]
async fn a_folder_can_be_opened_again() {
    let f = Folder::new();
    let meta = put(&f.store, "f", b"hello", WAYS[3]).await;
    let open = |secret: &str| {
        let (root, device) = (f.path().to_owned(), storage::Device::Local);
        storage::BlobStore::open(storage::StorageConfig { root, device, keyring: keyring(secret), scanner: None, limits: storage::Limits::default() }).unwrap()
    };
    assert_eq!(get(&open("secret"), &meta.blob_ref(), None).await, b"hello");
    assert!(is_damaged(&read(&open("wrong"), &meta.blob_ref(), None).await.1));
}
