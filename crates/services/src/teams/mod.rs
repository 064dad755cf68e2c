//! Teams and their members.
mod invite;
mod logs;
mod memberships;
pub(crate) mod model;
mod prefs;
mod status;
pub(crate) mod store;
#[expect(clippy::module_inception, reason = "the resource has the service's name")]
mod teams;

use kernel::Endpoint;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[teams::ENDPOINTS, prefs::ENDPOINTS, memberships::ENDPOINTS, status::ENDPOINTS, logs::ENDPOINTS];
