//! What the console asks about the server itself.
mod resources;
mod scopes;
mod variables;

use kernel::Endpoint;

/// The endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[variables::ENDPOINTS, scopes::ENDPOINTS, resources::ENDPOINTS];
