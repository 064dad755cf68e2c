//! What administrators and servers set in one project. Each route is reached by its path under `/v1/project` and by the older one under
//! `/v1/projects/{id}`.
mod dev_keys;
mod keys;
pub(crate) mod model;
mod platforms;
mod policies;
#[allow(clippy::module_inception, reason = "the resource has the name of the service")]
mod project;
pub(crate) mod store;
mod switches;
mod usage;
mod variables;

use kernel::Endpoint;

/// The endpoints.
#[rustfmt::skip]
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[
    project::ENDPOINTS, switches::ENDPOINTS, policies::ENDPOINTS, keys::ENDPOINTS, dev_keys::ENDPOINTS, platforms::ENDPOINTS, platforms::APPLE,
    platforms::ANDROID, platforms::WINDOWS, platforms::LINUX, variables::ENDPOINTS, usage::ENDPOINTS,
];
