//! The text of a query: JSON, or the form of old SDKs.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) { database::fuzzing::query(text); }
});
