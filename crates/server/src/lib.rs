//! The server around the kernel: HTTP adapter, configuration, command line, workers, shutdown.
mod adapter;
mod admin;
pub mod cli;
pub mod config;
mod metrics;
mod parts;
mod serve;
mod websocket;

pub use parts::{Parts, open};
pub use serve::{Server, ServeError};
