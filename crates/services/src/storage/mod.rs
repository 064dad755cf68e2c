//! Storage: buckets, their files, the bytes of those, and the tokens that open them.
mod additions;
mod buckets;
mod conditions;
mod content;
pub(crate) mod declared;
pub(crate) mod erase;
mod failure;
mod files;
mod model;
mod place;
mod preview;
mod range;
pub(crate) mod references;
pub(crate) mod release;
pub(crate) mod removal;
mod sender;
pub(crate) mod staged;
mod tokens;
mod upload;
mod usage;

use kernel::Endpoint;

pub(crate) use place::{bucket, shelf};
pub(crate) use usage::transformations;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    buckets::ENDPOINTS,
    additions::ENDPOINTS,
    files::ENDPOINTS,
    upload::ENDPOINTS,
    content::ENDPOINTS,
    preview::ENDPOINTS,
    usage::ENDPOINTS,
    tokens::ENDPOINTS,
];
