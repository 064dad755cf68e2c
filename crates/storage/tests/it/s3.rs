//! The same store on a server that speaks the S3 protocol, over HTTP with signed requests, and moves between devices.
use std::sync::atomic::{AtomicBool, Ordering};

use hyper_util::rt::{TokioExecutor, TokioIo};
use storage::{BlobStore, Device, Limits, Moved, S3, StorageConfig, StorageError};

use crate::support::*;

/// A server with one bucket; ends with the test's runtime.
async fn serve(folder: &std::path::Path) -> S3 {
    std::fs::create_dir(folder.join("files")).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("key", "secret"));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(
                async move { hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await },
            );
        }
    });
    S3 {
        bucket: "files".into(),
        region: "us-east-1".into(),
        endpoint: format!("http://{address}"),
        access_key: "key".into(),
        secret: "secret".into(),
        prefix: "ferrite".into(),
    }
}

fn open(root: &std::path::Path, device: Device) -> BlobStore {
    BlobStore::open(StorageConfig { root: root.to_owned(), device, keyring: keyring("secret"), scanner: None, limits: Limits::default() }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_s3() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = serve(dir.path()).await;
    let near = tempfile::tempdir().unwrap();
    let store = open(near.path(), Device::S3(s3.clone()));
    store.probe().await.unwrap();
    // In one piece, and in parts of 8 MiB.
    for (n, size) in [0, 1, 100_000, 17 * MIB].into_iter().enumerate() {
        for how in [WAYS[0], WAYS[1], WAYS[5]] {
            let file = mixed(size, 7);
            let meta = put(&store, &format!("f{n}"), &file, how).await;
            let blob = meta.blob_ref();
            assert!(get(&store, &blob, None).await == file, "{size} {how:?}");
            if size > 10 {
                assert!(get(&store, &blob, Some(5..size as u64 - 3)).await == file[5..size - 3]);
            }
            store.verify(&blob).await.unwrap();
            assert_eq!(store.stat(&meta.key).await.unwrap(), blob);
        }
    }
    assert_eq!(names(&store).await.len(), 12);
    assert_eq!(std::fs::read_dir(near.path().join("staging")).unwrap().count(), 0, "nothing of them stays here");

    let file = noise(9 * MIB, 1);
    let (id, total) = (upload("chunks"), file.len() as u64);
    for (start, end) in [(5 * MIB, file.len()), (0, 5 * MIB)] {
        store.stage_chunk(&id, start as u64, total, None, pieces(&file[start..end], MIB), u64::MAX).await.unwrap();
    }
    let meta = store.finish(&id, &way(WAYS[1])).await.unwrap();
    assert!(get(&store, &meta.blob_ref(), None).await == file);
    store.delete(&meta.key).await.unwrap();
    store.delete(&meta.key).await.unwrap();
    assert!(matches!(store.read(&meta.blob_ref(), None).await.err(), Some(StorageError::NotFound)));
    store.delete_tree("p", None).await.unwrap();
    assert!(names(&store).await.is_empty());

    let wrong = open(near.path(), Device::S3(S3 { secret: "guessed".into(), ..s3 }));
    let refused = wrong.probe().await.unwrap_err();
    assert!(!format!("{refused:?}").contains("guessed"), "secrets are in no error");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_move_while_they_are_used() {
    let dir = tempfile::tempdir().unwrap();
    let target = Device::S3(serve(dir.path()).await);
    let near = tempfile::tempdir().unwrap();
    let store = open(near.path(), Device::Local);
    let mut files = Vec::new();
    for n in 0..8 {
        let bytes = mixed(n * 90_000 + 1, n as u64);
        files.push((put(&store, &format!("old{n}"), &bytes, WAYS[n % 6]).await.blob_ref(), bytes));
    }
    std::fs::write(near.path().join("blobs/notes.txt"), b"not ours").unwrap();

    store.begin_move(&target).await.unwrap();
    let during = noise(100_000, 3);
    files.push((put(&store, "new", &during, WAYS[1]).await.blob_ref(), during));
    for (blob, bytes) in &files {
        assert!(get(&store, blob, None).await == *bytes, "old and new ones are found meanwhile");
    }
    // Broken off, as by a crash: opened again with both, and gone on with.
    assert_eq!(store.moving().unwrap().copy(&AtomicBool::new(true), |_| {}).await.unwrap(), None);
    drop(store);
    let store = open(near.path(), target.clone());
    assert!(store.read(&files[0].0, None).await.is_err(), "not copied yet");
    store.resume_move(&Device::Local).unwrap();
    let gone = files.remove(0);
    store.delete(&gone.0.key).await.unwrap();
    let work = store.moving().unwrap();
    let stop = AtomicBool::new(false);
    assert_eq!(work.copy(&stop, |done| stop.store(done.copied == 3, Ordering::SeqCst)).await.unwrap(), None);
    let done = work.copy(&AtomicBool::new(false), |_| {}).await.unwrap().unwrap();
    assert_eq!((done.copied, done.compared), (4, 3));
    work.finish();
    assert!(store.moving().is_none());

    std::fs::remove_dir_all(near.path().join("blobs")).unwrap();
    for (blob, bytes) in &files {
        assert!(get(&store, blob, None).await == *bytes, "all are on the new device");
        store.verify(blob).await.unwrap();
    }
    assert_eq!(names(&store).await.len(), files.len());
    assert!(!store.exists(&gone.0.key).await.unwrap());
    let _ = Moved::default();
}
