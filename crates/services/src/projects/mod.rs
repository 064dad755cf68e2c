//! Projects as the console manages them: of an organization, made, listed, handed over, removed.
mod organization;
#[allow(clippy::module_inception, reason = "the resource has the name of the service")]
mod projects;
pub(crate) mod removal;

use kernel::Endpoint;

pub(crate) use projects::visible;

/// The endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[projects::ENDPOINTS, organization::ENDPOINTS];
