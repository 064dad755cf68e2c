//! The server over real sockets.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod cli;
mod contention;
mod http;
mod keys;
mod limits;
mod orphans;
mod realtime;
mod related;
mod support;
mod uploads;
mod webhooks;
