//! The server around the kernel: HTTP adapter, configuration, command line, workers, shutdown.
mod adapter;
mod admin;
pub mod cli;
pub mod config;
mod device;
mod durable;
mod files;
mod housekeeping;
mod jobs;
mod keys;
mod memory;
mod metrics;
mod orphans;
mod parts;
mod pool;
mod secret;
mod serve;
mod websocket;

pub use parts::{OpenError, Parts, open, open_with};
pub use serve::{Patience, ServeError, Server, Signals};
