//! The signed-in user's own account.
mod change;
mod identities;
pub(crate) mod jwts;
mod logs;
mod profile;
pub(crate) mod session;
mod sessions;
mod sign_in;
mod targets;
pub(crate) mod token;

use kernel::Endpoint;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    profile::ENDPOINTS,
    change::ENDPOINTS,
    sign_in::ENDPOINTS,
    sessions::ENDPOINTS,
    jwts::ENDPOINTS,
    identities::ENDPOINTS,
    targets::ENDPOINTS,
    logs::ENDPOINTS,
];
