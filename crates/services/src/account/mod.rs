//! The signed-in user's own account.
mod alert;
mod change;
mod identities;
pub(crate) mod jwts;
pub(crate) mod link;
mod logs;
pub(crate) mod mfa;
mod phrase;
mod profile;
mod recovery;
pub(crate) mod session;
mod sessions;
mod sign_in;
mod targets;
pub(crate) mod token;
mod tokens;
mod verification;

use kernel::Endpoint;

pub(crate) use sign_in::user_limit;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    profile::ENDPOINTS,
    change::ENDPOINTS,
    sign_in::ENDPOINTS,
    tokens::ENDPOINTS,
    sessions::ENDPOINTS,
    verification::ENDPOINTS,
    recovery::ENDPOINTS,
    mfa::ENDPOINTS,
    mfa::AUTHENTICATORS,
    mfa::CHALLENGES,
    mfa::CODES,
    jwts::ENDPOINTS,
    identities::ENDPOINTS,
    targets::ENDPOINTS,
    logs::ENDPOINTS,
];
