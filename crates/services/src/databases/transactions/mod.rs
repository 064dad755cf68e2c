//! Transactions: operations on documents that are collected first and done together, or not at all.
//!
//! An operation is kept as it was sent, with the time it came; nothing is checked against the collection until the commit, which does all of them in one
//! transaction of the store with the rights of who commits. A document that somebody else has changed since the operation came is a conflict.
mod commit;
mod expiry;
mod log;
mod operations;
pub(super) mod overlay;
mod perform;
pub(super) mod stage;
mod store;
#[expect(clippy::module_inception, reason = "the resource has the folder's name")]
mod transactions;

pub(super) use commit::ENDPOINTS as COMMIT;
pub(super) use commit::at_once;
pub(crate) use expiry::remove_expired;
pub(super) use operations::ENDPOINTS as OPERATIONS;
pub(crate) use stage::{count_staged, open_transaction};
pub(super) use transactions::ENDPOINTS as STATE;
