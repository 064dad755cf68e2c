//! An in-process Ferrite for tests: the whole pipeline without a socket, a clock to turn, and clients for each kind of caller.
//!
//! ```ignore
//! let app = TestApp::new();
//! let key = app.key();                        // a server with an API key of all scopes
//! let alice = app.user("alice");              // signed up and signed in
//! let reply = alice.get("/account");
//! reply.is(200);
//! assert_eq!(reply["$id"], "alice");
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]
mod app;
mod client;
mod clock;
mod peer;
mod reply;
mod smtp;

pub use app::TestApp;
pub use client::{Client, Upload};
pub use clock::TestClock;
pub use peer::{Heard, Peer};
pub use reply::Answer;
pub use smtp::{SmtpServer, Taken};
