//! A sound plain object around any payload: footer, index and compressed blocks are what is tried.
#![no_main]
#[path = "../../crates/storage/tests/it/forge.rs"]
#[allow(dead_code, reason = "shared with the tests of the store")]
mod forge;
mod shared;

use libfuzzer_sys::fuzz_target;
use storage::Compression;

fuzz_target!(|data: &[u8]| {
    let [how, entries, size @ ..] = data else { return };
    let Some((size, rest)) = size.split_first_chunk::<4>() else { return };
    let size = u64::from(u32::from_le_bytes(*size)) >> (how >> 3);
    let compression = [Compression::None, Compression::Gzip, Compression::Zstd][usize::from(how % 3)];
    let payload = if how & 4 == 0 {
        rest.to_vec()
    } else {
        // A footer that fits, so that the index and the blocks are looked at.
        let index = usize::from(entries % 8).min(rest.len() / 4) * 4;
        let body = (rest.len() - index) as u64;
        [rest, &forge::footer(index as u64 / 4, size, body)[..]].concat()
    };
    if !payload.is_empty() {
        shared::read(forge::object(shared::KEY, compression, &payload), size, false);
    }
});
