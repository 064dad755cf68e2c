//! Requests the server sends: to webhooks, providers of identities, pictures elsewhere. The only crate that names an HTTP client.
//!
//! A caller names any URL, so nothing but the public internet is reached unless the operator made an exception: the address is checked after the
//! name was resolved and is the one that is connected to (a name that changes its mind in between gains nothing), on every redirect anew.
//! Time and size of an answer are bounded.
mod address;
mod certificate;
mod client;
mod clock;

pub use address::{Exceptions, is_public, is_public_name};
pub use certificate::Certificate;
pub use client::{Answer, Client, FetchError, Method, Request};
pub use clock::time_of;
