//! The store of files from outside: what goes in comes out, and nothing else ever does.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod clamd;
mod failing;
mod faults;
mod forge;
mod hostile;
mod put;
mod ranges;
mod roundtrip;
mod s3;
mod staging;
mod support;
mod tamper;
mod upkeep;
