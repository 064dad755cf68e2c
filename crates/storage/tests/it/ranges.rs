//! Any range of any file is what the file has there.
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use storage::{BlobRef, StorageError};

use crate::support::*;

/// Some files in all ways, made once.
struct Shelf {
    runtime: tokio::runtime::Runtime,
    memory: Memory,
    files: Vec<(Arc<Vec<u8>>, BlobRef)>,
}

fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let memory = Memory::new();
        let mut files = Vec::new();
        for size in [1, 100_000, MIB, 2 * MIB + 12_345] {
            let file = Arc::new(mixed(size, 11));
            for how in WAYS {
                let meta = runtime.block_on(memory.put("f", &file, how));
                files.push((file.clone(), meta.blob_ref()));
            }
        }
        Shelf { runtime, memory, files }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_range_is_that_of_the_file(which in 0usize..24, a in any::<proptest::sample::Index>(), b in any::<proptest::sample::Index>(), near in prop::option::of(0u64..40)) {
        let shelf = shelf();
        let (file, blob) = &shelf.files[which];
        let (a, b) = (a.index(file.len() + 1) as u64, b.index(file.len() + 1) as u64);
        // Half of them short, and half of those at an edge of segments.
        let (start, end) = match near {
            Some(n) if n % 2 == 0 => { let edge = a / SEGMENT as u64 * SEGMENT as u64; (edge.saturating_sub(n / 2), (edge + n).min(file.len() as u64)) }
            Some(n) => (a, (a + n).min(file.len() as u64)),
            None => (a.min(b), a.max(b)),
        };
        let got = shelf.runtime.block_on(get(&shelf.memory.store, blob, Some(start..end)));
        prop_assert!(got == file[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
    }
}

#[test]
#[allow(clippy::reversed_empty_ranges, reason = "that is the point")]
fn ranges_outside_of_the_file_are_refused() {
    let shelf = shelf();
    for (file, blob) in &shelf.files {
        let size = file.len() as u64;
        for bad in [0..size + 1, size..size + 1, size + 1..size + 1, 1..0, u64::MAX - 1..u64::MAX, u64::MAX..0] {
            let (bytes, end) = shelf.runtime.block_on(read(&shelf.memory.store, blob, Some(bad.clone())));
            assert!(bytes.is_empty() && matches!(end, Err(StorageError::InvalidRange)), "{bad:?}: {end:?}");
        }
        let refused = shelf.runtime.block_on(shelf.memory.store.read_all(blob, size - 1));
        assert!(matches!(refused, Err(StorageError::TooLarge { .. })));
    }
}
