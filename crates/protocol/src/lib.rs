//! The wire contract as data: error table, scopes, parameter checks, models, query text, response formats, OpenAPI.
//! No I/O, no async, no clock.
pub mod check;
pub mod compatibility;
pub mod contract;
pub mod error;
mod errors;
pub mod events;
pub mod format;
pub mod id;
pub mod lists;
pub mod models;
pub mod openapi;
pub mod params;
pub mod project;
pub mod query;
pub mod routes;
pub mod scopes;
pub mod spec;
pub mod time;

pub use check::Check;
pub use error::ApiError;
pub use errors::ErrorKind;
pub use params::{FromParam, Values};
pub use query::{Method as QueryMethod, Query};
pub use spec::{Param, Spec, Vocab};
pub use time::Timestamp;

/// The version this server reports, the newest release line of the contract it implements.
pub const VERSION: &str = "1.9.5";
