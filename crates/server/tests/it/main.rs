//! The server over real sockets.
mod cli;
mod http;
mod limits;
mod realtime;
mod support;
