//! Documents and rows.
mod batches;
mod bulk;
mod create;
mod delete;
mod expanded;
pub(super) mod input;
mod logs;
pub(super) mod model;
pub(super) mod numbers;
pub(super) mod read;
pub(super) mod related;
mod staged;
mod update;
pub(super) mod upsert;
mod written;

pub(super) use bulk::ENDPOINTS as BULK;
pub(super) use create::ENDPOINTS as CREATE;
pub(super) use delete::ENDPOINTS as DELETE;
pub(super) use logs::ENDPOINTS as LOGS;
pub(super) use numbers::ENDPOINTS as NUMBERS;
pub(super) use read::ENDPOINTS as READ;
pub(super) use update::ENDPOINTS as UPDATE;
pub(super) use upsert::ENDPOINTS as UPSERT;
