//! A stored record, as if a disk had changed it.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    database::fuzzing::record(data);
});
