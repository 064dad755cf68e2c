//! A scanner of every temper: only a clear "OK" lets a file in.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::memory::InMemory;
use storage::{BlobStore, ClamdAddress, ClamdConfig, Limits, PutOptions, StorageError};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::*;

/// Long enough on a busy machine; nothing waits for it unless it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the fake does after the command.
#[derive(Clone, Copy, Debug)]
enum Temper {
    /// Reads all and says this.
    Says(&'static str),
    /// Reads all and says nothing.
    Silent,
    /// Does not even read.
    Deaf,
    /// Closes the connection at once.
    HangsUp,
    /// Says this after the first piece and closes.
    Interrupts(&'static str),
}

/// What one connection brought: the content, or nothing when it was not complete.
type Seen = Arc<Mutex<Vec<Option<Vec<u8>>>>>;

async fn command(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        match stream.read_u8().await.ok()? {
            0 => return Some(line),
            b => line.push(b),
        }
    }
}

async fn piece(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let len = stream.read_u32().await.ok()?;
    let mut piece = vec![0; usize::try_from(len).ok()?];
    stream.read_exact(&mut piece).await.ok()?;
    Some(piece)
}

async fn content(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let piece = piece(stream).await?;
        if piece.is_empty() {
            return Some(all);
        }
        all.extend(piece);
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, temper: Temper, seen: Seen) {
    match command(&mut stream).await.as_deref() {
        Some(b"zVERSION") => return drop(stream.write_all(b"ClamAV 1.4.1/27000/today\0").await),
        Some(b"zINSTREAM") => {}
        other => panic!("{other:?}"),
    }
    match temper {
        Temper::Says(answer) => {
            let got = content(&mut stream).await;
            seen.lock().unwrap().push(got);
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Temper::Silent => {
            let got = content(&mut stream).await;
            seen.lock().unwrap().push(got);
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Temper::Deaf => tokio::time::sleep(Duration::from_secs(60)).await,
        Temper::HangsUp => {}
        Temper::Interrupts(answer) => {
            let _ = piece(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }
}

/// A store whose files are scanned by such a fake.
async fn scanned(temper: Temper) -> (BlobStore, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Seen::default();
    let theirs = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, temper, theirs.clone()));
        }
    });
    let patience = if matches!(temper, Temper::Silent | Temper::Deaf) { Duration::from_millis(300) } else { PATIENCE };
    (store(ClamdAddress::Tcp(address), patience), seen)
}

fn store(address: ClamdAddress, patience: Duration) -> BlobStore {
    let config = ClamdConfig { connect_timeout: patience, io_timeout: patience, ..ClamdConfig::new(address) };
    BlobStore::on(Arc::new(InMemory::new()), Arc::new(InMemory::new()), keyring("k"), Some(config), Limits::default())
}

fn asked() -> PutOptions {
    PutOptions { antivirus: true, ..way(WAYS[3]) }
}

async fn put_scanned(store: &BlobStore, file: &[u8]) -> storage::Result<storage::BlobMeta> {
    store.put_single(&upload("f"), pieces(file, 300_000), Some(file.len() as u64), u64::MAX, &asked()).await
}

#[tokio::test]
async fn a_clean_file_passes() {
    let (store, seen) = scanned(Temper::Says("stream: OK\0")).await;
    for size in [0, 10, 2 * MIB] {
        let file = mixed(size, 1);
        let meta = put_scanned(&store, &file).await.unwrap();
        assert!(get(&store, &meta.blob_ref(), None).await == file);
        assert!(seen.lock().unwrap().pop().unwrap().unwrap() == file, "all of it was scanned, as it is and not as it is stored");
    }
    assert_eq!(store.scanner_version().await.unwrap().as_deref(), Some("ClamAV 1.4.1/27000/today"));
}

#[tokio::test]
async fn an_infected_file_does_not() {
    let (store, _) = scanned(Temper::Says("stream: Win.Test.EICAR_HDB-1 FOUND\0")).await;
    for size in [68, 9 * MIB] {
        let outcome = put_scanned(&store, &noise(size, 1)).await;
        assert!(matches!(&outcome, Err(StorageError::Virus(name)) if name == "Win.Test.EICAR_HDB-1"), "{outcome:?}");
        assert!(names(&store).await.is_empty());
    }
    assert!(!put_scanned(&store, b"x").await.unwrap_err().is_retryable());
    // Only buckets that ask for it are scanned.
    put(&store, "f", b"x", WAYS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_happens_the_file_stays_out() {
    for temper in [
        Temper::Silent,
        Temper::Deaf,
        Temper::HangsUp,
        Temper::Says(""),
        Temper::Says("stream: OK"),
        Temper::Says("\0"),
        Temper::Says("OK stream\0"),
        Temper::Says("stream: NOT OK\0"),
        Temper::Says("stream: \0OK\0"),
        Temper::Says("INSTREAM size limit exceeded. ERROR\0"),
        Temper::Interrupts("INSTREAM size limit exceeded. ERROR\0"),
        Temper::Interrupts(""),
    ] {
        let (store, _) = scanned(temper).await;
        for size in [100, 5 * MIB] {
            let started = std::time::Instant::now();
            let outcome = put_scanned(&store, &noise(size, 1)).await;
            assert!(matches!(&outcome, Err(e @ StorageError::ScannerUnavailable(_)) if e.is_retryable()), "{temper:?} {size}: {outcome:?}");
            assert!(names(&store).await.is_empty(), "{temper:?}");
            assert!(started.elapsed() < PATIENCE, "{temper:?}");
        }
    }
}

#[tokio::test]
async fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    for address in [ClamdAddress::Tcp(address), ClamdAddress::Tcp("no-such-host.invalid:3310".into()), ClamdAddress::Unix("/nonexistent/clamd.sock".into())] {
        let store = store(address, PATIENCE);
        assert!(matches!(put_scanned(&store, b"x").await, Err(StorageError::ScannerUnavailable(_))));
        assert!(matches!(store.scanner_version().await, Err(StorageError::ScannerUnavailable(_))));
        assert!(names(&store).await.is_empty());
    }
}

#[tokio::test]
async fn chunks_are_scanned_as_one_file() {
    for (answer, clean) in [("stream: OK\0", true), ("stream: X FOUND\0", false), ("ERROR\0", false)] {
        let (store, seen) = scanned(Temper::Says(answer)).await;
        for (start, body) in [(3, &b"tion"[..]), (0, b"infec")] {
            store.stage_chunk(&upload("f"), start, 7, None, pieces(body, 2), 7).await.unwrap();
        }
        assert!(seen.lock().unwrap().is_empty());
        let outcome = store.finish(&upload("f"), &asked()).await;
        assert_eq!((outcome.is_ok(), names(&store).await.len()), (clean, usize::from(clean)), "{outcome:?}");
        assert_eq!(seen.lock().unwrap().pop().unwrap().unwrap(), b"infecon");
        // The caller decides what becomes of the chunks of a file that was refused.
        assert_eq!(store.staged(&upload("f")).await.unwrap().is_complete(), !clean);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn over_a_unix_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clamd.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let seen = Seen::default();
    let theirs = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Temper::Says("stream: OK\0"), theirs.clone()));
        }
    });
    let store = store(ClamdAddress::Unix(path), PATIENCE);
    put_scanned(&store, b"hello").await.unwrap();
    assert_eq!(seen.lock().unwrap().pop().unwrap().unwrap(), b"hello");
}
