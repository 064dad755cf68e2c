//! What was put is what is read, whatever the size and the way.
use storage::{BlobRef, BlobStore};

use crate::support::*;

/// Sizes around every edge of the format and of the reader: segments with and without the footer in them, small objects, windows, blocks.
fn sizes() -> Vec<usize> {
    let edges = [SEGMENT - FOOTER, SEGMENT, 2 * SEGMENT - FOOTER, 128 * KIB, 8 * SEGMENT, MIB, 2 * MIB];
    let around = edges.into_iter().flat_map(|e| [e - 1, e, e + 1]);
    [0, 1, 63, 64, 65, 5 * MIB + 768].into_iter().chain(around).collect()
}

async fn check(store: &BlobStore, blob: &BlobRef, file: &[u8]) {
    let size = file.len() as u64;
    assert!(get(store, blob, None).await == file);
    assert!(store.read_all(blob, size).await.unwrap() == file);
    store.verify(blob).await.unwrap();
    assert_eq!(store.stat(&blob.key).await.unwrap(), *blob);
    for range in [0..size.min(1), size.saturating_sub(1)..size, size / 3..size - size / 3, 0..0, size..size] {
        let wanted = &file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert!(get(store, blob, Some(range.clone())).await == wanted, "{range:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_size_in_every_way() {
    let m = Memory::new();
    for size in sizes() {
        let file = mixed(size, size as u64);
        for how in WAYS {
            let meta = m.put("f", &file, how).await;
            assert_eq!((meta.size_original, meta.compression, meta.encrypted), (size as u64, how.0, how.1));
            assert_eq!(meta.size_stored, m.object(&meta.key).await.len() as u64);
            assert_eq!((meta.md5, meta.sha256), (crypto::md5_hex(&file), crypto::sha256_hex(&file)));
            let blob = BlobRef { key: meta.key, size_original: meta.size_original, size_stored: meta.size_stored, encrypted: meta.encrypted };
            check(&m.store, &blob, &file).await;
            m.store.delete(&blob.key).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder_as_well() {
    let f = Folder::new();
    for size in [0, 1, SEGMENT, MIB - 1000, MIB, MIB + 1, 3 * MIB + 7] {
        let file = mixed(size, 3);
        for how in WAYS {
            check(&f.store, &put(&f.store, "f", &file, how).await.blob_ref(), &file).await;
        }
    }
}

#[tokio::test]
async fn compression_helps_and_never_hurts() {
    let m = Memory::new();
    let (text, dense) = (b"all the same ".repeat(200_000), noise(3 * MIB, 1));
    for how in WAYS {
        let (small, big) = (m.put("f", &text, how).await, m.put("f", &dense, how).await);
        // Header, footer, a tag for each segment, an entry for each block.
        let most = dense.len() + HEADER + FOOTER + (dense.len() / SEGMENT + 2) * 16 + 4 * 3;
        assert!(big.size_stored <= most as u64);
        assert!(how.0 == storage::Compression::None || small.size_stored < text.len() as u64 / 20, "{how:?}: {}", small.size_stored);
    }
}

#[tokio::test]
async fn sealed_bytes_show_nothing_of_the_file() {
    let m = Memory::new();
    let file = b"a secret that must not be seen ".repeat(5_000);
    let shows = |object: &[u8]| object.windows(16).any(|w| w == &file[..16]);
    for how in WAYS {
        let meta = m.put("f", &file, how).await;
        let object = m.object(&meta.key).await;
        assert!(!how.1 || !shows(&object), "{how:?}");
        assert!(how != WAYS[0] || shows(&object), "a plain object would show it");
        // The same file twice gives other bytes, under another key.
        let again = m.put("f", &file, how).await;
        assert_ne!(meta.key, again.key);
        assert!(!how.1 || object[HEADER..] != m.object(&again.key).await[HEADER..]);
    }
}

#[tokio::test]
async fn an_older_secret_still_opens() {
    let old = Memory::new();
    let meta = old.put("f", b"hello", WAYS[3]).await;
    let both = std::sync::Arc::new(crypto::Keyring::new(&["secret".to_owned(), "newer".to_owned()]).unwrap());
    assert_eq!(get(&old.seen_with(both), &meta.blob_ref(), None).await, b"hello");
    let store = old.seen_with(keyring("newer"));
    assert!(is_damaged(&read(&store, &meta.blob_ref(), None).await.1) && is_damaged(&store.stat(&meta.key).await));
}
