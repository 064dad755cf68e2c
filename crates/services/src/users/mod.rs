//! Users as a server or an administrator manages them.
mod create;
mod dictionary;
mod identities;
mod import;
pub(crate) mod logs;
mod memberships;
mod mfa;
pub(crate) mod model;
mod read;
mod sessions;
pub(crate) mod store;
mod targets;
mod tokens;
mod update;
mod usage;

use kernel::Endpoint;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    create::ENDPOINTS,
    import::ENDPOINTS,
    read::ENDPOINTS,
    update::ENDPOINTS,
    sessions::ENDPOINTS,
    tokens::ENDPOINTS,
    targets::ENDPOINTS,
    identities::ENDPOINTS,
    memberships::ENDPOINTS,
    mfa::ENDPOINTS,
    logs::ENDPOINTS,
    usage::ENDPOINTS,
];
