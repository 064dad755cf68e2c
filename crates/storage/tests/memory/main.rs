//! A large file goes in and out in little memory. A binary of its own: the figure is that of the whole process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use storage::{BlobStore, Compression, Device, Limits, PutOptions, StorageConfig, UploadId};

const MIB: u64 = 1 << 20;
const FILE: u64 = 200 * MIB;
/// What any of the steps may take beyond what was there before, whatever the size of the file.
const ALLOWED: u64 = 24 * MIB;

fn status(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kib = status.lines().find_map(|l| l.strip_prefix(line)).unwrap();
    kib.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Does something and tells how much more memory than before it took at its peak.
async fn measured<T>(what: &str, work: impl Future<Output = T>) -> T {
    // Resets the peak to the present (proc_pid_clear_refs(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, started) = (status("VmRSS:"), Instant::now());
    let done = work.await;
    let grown = status("VmHWM:").saturating_sub(before);
    println!("{what}: {:.1} MiB more at the peak, {:.1} s", grown as f64 / MIB as f64, started.elapsed().as_secs_f64());
    assert!(grown < ALLOWED, "{what} took {grown} bytes");
    done
}

/// Bytes `start..end` of a file that is half text and half noise, in pieces as they come from a network.
fn body(start: u64, end: u64) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    let mut state = 7_u64;
    let mut block = Vec::with_capacity(MIB as usize);
    while block.len() < MIB as usize {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if block.len() < MIB as usize / 2 { block.extend_from_slice(b"the same ") } else { block.extend_from_slice(&state.to_be_bytes()) }
    }
    block.truncate(MIB as usize);
    let block = Bytes::from(block);
    stream::iter((start..end).step_by(64 << 10).map(move |at| {
        let within = (at % MIB) as usize;
        Ok(block.slice(within..(within + (64 << 10)).min((at % MIB + end - at) as usize)))
    }))
}

async fn drain(store: &BlobStore, blob: &storage::BlobRef) {
    let mut pieces = store.read(blob, None).await.unwrap();
    let mut len = 0;
    while let Some(piece) = pieces.try_next().await.unwrap() {
        len += piece.len() as u64;
    }
    assert_eq!(len, FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_takes_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = Arc::new(crypto::Keyring::new(&["secret".to_owned()]).unwrap());
    let config = StorageConfig { root: dir.path().to_owned(), device: Device::Local, keyring, scanner: None, limits: Limits::default() };
    let store = BlobStore::open(config).unwrap();
    let upload = UploadId::new("p", "1", "f").unwrap();
    for (compression, encrypt) in [(Compression::None, true), (Compression::Zstd, false)] {
        let options = PutOptions { compression, encrypt, ..PutOptions::default() };
        let meta = measured(&format!("put {compression:?}"), store.put_single(&upload, body(0, FILE), Some(FILE), FILE, &options)).await.unwrap();
        measured(&format!("read {compression:?}"), drain(&store, &meta.blob_ref())).await;
        store.delete(&meta.key).await.unwrap();
    }
    measured("stage in chunks", async {
        for start in (0..FILE).step_by(5 << 20) {
            let end = FILE.min(start + (5 << 20));
            store.stage_chunk(&upload, start, FILE, Some(end - start), body(start, end), end - start).await.unwrap();
        }
    })
    .await;
    let options = PutOptions { encrypt: true, ..PutOptions::default() };
    let meta = measured("finish", store.finish(&upload, &options)).await.unwrap();
    assert_eq!(meta.size_original, FILE);
}
