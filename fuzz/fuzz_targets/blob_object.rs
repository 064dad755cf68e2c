//! Any bytes as an object. The checksum of the header is set right half of the time, so that what lies behind it is reached.
#![no_main]
mod shared;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((how, object)) = data.split_first() else { return };
    let mut object = object.to_vec();
    if how & 1 == 0 && object.len() >= 256 {
        object[..4].copy_from_slice(b"FRB1");
        let mut crc = crc32fast::Hasher::new();
        crc.update(shared::KEY.as_bytes());
        crc.update(&object[..252]);
        object[252..256].copy_from_slice(&crc.finalize().to_le_bytes());
    }
    shared::read(object, u64::from(how >> 2) * 100, how & 2 != 0);
});
