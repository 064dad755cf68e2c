//! Storage: buckets, their files, and the bytes of those.
mod buckets;
mod content;
mod failure;
mod files;
mod model;
mod place;
mod range;
mod upload;

use kernel::Endpoint;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[buckets::ENDPOINTS, files::ENDPOINTS, upload::ENDPOINTS, content::ENDPOINTS];
