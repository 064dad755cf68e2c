//! A point, line or polygon as nested lists or well-known text, and after a `;` one to compare it with.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) { database::fuzzing::geometry(text); }
});
