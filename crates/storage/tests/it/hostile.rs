//! Objects that nobody wrote as a file: an error each time, no panic, no effort beyond what the record promises.
use proptest::prelude::*;
use storage::{BlobRef, Compression};

use crate::forge;
use crate::support::*;

const KEY: &str = "p/7/f-0123456789abcdef";
const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Reads an object in all manners, believing what the record says; answers what came without an error.
async fn read_all_ways(object: &[u8], size: u64, encrypted: bool) -> Option<Vec<u8>> {
    let m = Memory::new();
    m.set(KEY, object).await;
    let blob = BlobRef { key: KEY.into(), size_original: size, size_stored: object.len() as u64, encrypted };
    let stat = m.store.stat(KEY).await;
    assert!(stat.is_ok() || is_damaged(&stat), "{stat:?}");
    let verified = m.store.verify(&blob).await;
    assert!(verified.is_ok() || is_damaged(&verified), "{verified:?}");
    for range in [0..size.min(1), size / 2..size, size..size] {
        let (bytes, end) = read(&m.store, &blob, Some(range.clone())).await;
        assert!(is_damaged(&end) || (end.is_ok() && bytes.len() as u64 == range.end - range.start), "{range:?} {end:?}");
    }
    let (bytes, end) = read(&m.store, &blob, None).await;
    assert!(is_damaged(&end) || (end.is_ok() && bytes.len() as u64 == size), "{end:?}");
    end.is_ok().then_some(bytes)
}

#[test]
fn forged_as_the_format_says() {
    run(async {
        let file = b"hello".repeat(30_000);
        let object = forge::plain(KEY, Compression::None, &file, &[]);
        assert_eq!(read_all_ways(&object, file.len() as u64, false).await, Some(file.clone()), "the description of the format is right");
        let kept = u32::try_from(file.len()).unwrap() | 1 << 31;
        let object = forge::plain(KEY, Compression::Zstd, &file, &[kept]);
        assert_eq!(read_all_ways(&object, file.len() as u64, false).await, Some(file));
    });
}

#[test]
fn bombs_and_lying_indexes() {
    use std::io::Write as _;
    run(async {
        let zeros = vec![0; 64 * MIB];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&zeros).unwrap();
        for (how, bomb) in [(Compression::Gzip, gzip.finish().unwrap()), (Compression::Zstd, zstd::bulk::compress(&zeros, 19).unwrap())] {
            let len = u32::try_from(bomb.len()).unwrap();
            for size in [1, 1_000, MIB as u64] {
                let object = forge::sized(KEY, how, &bomb, &[len], size);
                assert_eq!(read_all_ways(&object, size, false).await, None, "{how:?} a bomb for {size} bytes");
            }
            // A block that would reach into the index.
            let object = forge::sized(KEY, how, &noise(MIB - 4, 1), &[1 << 31 | 1 << 20], MIB as u64);
            assert_eq!(read_all_ways(&object, MIB as u64, false).await, None, "{how:?}");
            let body = noise(1_000, 1);
            let kept = 1 << 31;
            let top = u64::MAX;
            for (index, size) in [
                (vec![1_000], 1_000),
                (vec![], 1_000),
                (vec![kept | 999], 1_000),
                (vec![kept | 1_001], 1_000),
                (vec![kept | 1_000, kept], 1_000),
                (vec![kept | 1_000; 3], 1_000),
                (vec![u32::MAX], 1_000),
                (vec![0], 1_000),
                (vec![kept | 1_000], 999),
                (vec![kept | 1_000], 0),
                (vec![kept | 1_000], top),
                (vec![kept | 500, kept | 500], MIB as u64 + 1),
            ] {
                let object = forge::sized(KEY, how, &body, &index, size);
                for claimed in [size, 1_000] {
                    // Empty files have no bytes to be wrong.
                    let got = read_all_ways(&object, claimed, false).await;
                    assert!(got.as_ref().is_none_or(Vec::is_empty), "{how:?} {index:x?} {size} {claimed}");
                }
            }
        }
    });
}

#[test]
fn frames_with_something_behind_them() {
    use std::io::Write as _;
    run(async {
        let file = b"some text ".repeat(1_000);
        let gzip = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        for (how, frame) in [(Compression::Gzip, gzip(&file)), (Compression::Zstd, zstd::bulk::compress(&file, 3).unwrap())] {
            let index = |frame: &[u8]| vec![u32::try_from(frame.len()).unwrap()];
            let size = file.len() as u64;
            assert_eq!(read_all_ways(&forge::sized(KEY, how, &frame, &index(&frame), size), size, false).await, Some(file.clone()));
            for cut in [1, 8, frame.len() / 2, frame.len() - 1] {
                let short = &frame[..frame.len() - cut];
                assert_eq!(read_all_ways(&forge::sized(KEY, how, short, &index(short), size), size, false).await, None, "{how:?} without {cut}");
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes(object in prop::collection::vec(any::<u8>(), 0..2_000), size in prop_oneof![0u64..2_000, any::<u64>()], encrypted: bool) {
        prop_assert_eq!(run(read_all_ways(&object, size, encrypted)), None);
    }

    #[test]
    fn any_payload(payload in prop::collection::vec(any::<u8>(), 1..3_000), how in 0usize..3, size in prop_oneof![0u64..3_000, any::<u64>()]) {
        let object = forge::object(KEY, COMPRESSIONS[how], &payload);
        let got = run(read_all_ways(&object, size, false));
        // Checksums are right and there is nothing else to tell by: plain bytes pass, if the length fits.
        prop_assert!(got.is_none() || how == 0 && got.as_deref() == payload.get(..usize::try_from(size).unwrap()) || size == 0);
    }

    #[test]
    fn any_numbers_in_the_footer(
        body in prop::collection::vec(any::<u8>(), 0..600), index in prop::collection::vec(prop_oneof![any::<u32>(), 0u32..700, (0u32..700).prop_map(|n| n | 1 << 31)], 0..4),
        blocks in prop_oneof![0u64..5, any::<u64>()], size in prop_oneof![0u64..700, any::<u64>()], said in prop_oneof![0u64..700, any::<u64>()], how in 0usize..3,
    ) {
        let entries: Vec<u8> = index.iter().flat_map(|e| e.to_le_bytes()).collect();
        let payload = [&body[..], &entries, &forge::footer(blocks, size, said)].concat();
        run(read_all_ways(&forge::object(KEY, COMPRESSIONS[how], &payload), size, false));
    }

    #[test]
    fn any_changed_stretch(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..40), which in 0usize..6) {
        let file = mixed(70_000, 4);
        let (m, object, blob) = run(async {
            let m = Memory::new();
            let blob = m.put("f", &file, WAYS[which]).await.blob_ref();
            let object = m.object(&blob.key).await;
            (m, object, blob)
        });
        let at = at.index(object.len());
        let mut bad = object.clone();
        bad.splice(at..(at + with.len()).min(object.len()), with);
        if bad != object {
            let (bytes, end) = run(async { m.set(&blob.key, &bad).await; read(&m.store, &blob, None).await });
            prop_assert!(is_damaged(&end) && file.starts_with(&bytes) || end.is_ok() && bytes == file);
            prop_assert!(is_damaged(&run(m.store.verify(&blob))));
        }
    }
}
