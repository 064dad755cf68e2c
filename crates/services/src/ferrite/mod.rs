//! What Ferrite adds for administrators: why something is allowed or not.
mod permissions;
mod roles;

use kernel::Endpoint;

pub use permissions::{Question, explain};
pub(crate) use roles::roles_of;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[permissions::ENDPOINTS];
