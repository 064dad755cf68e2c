//! Storage: buckets, their files, the bytes of those, and the tokens that open them.
mod buckets;
mod conditions;
mod content;
mod failure;
mod files;
mod model;
mod place;
mod preview;
mod range;
pub(crate) mod removal;
mod sender;
mod tokens;
mod upload;
mod usage;

use kernel::Endpoint;

pub(crate) use place::shelf;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] =
    &[buckets::ENDPOINTS, files::ENDPOINTS, upload::ENDPOINTS, content::ENDPOINTS, preview::ENDPOINTS, usage::ENDPOINTS, tokens::ENDPOINTS];
