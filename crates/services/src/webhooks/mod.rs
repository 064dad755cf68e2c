//! Webhooks: an app's own servers are told what happens in its project.
mod alert;
mod deliver;
mod manage;
mod store;

use kernel::Endpoint;

pub(crate) use deliver::{KIND, POLICY, deliver};
pub(crate) use store::model;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[manage::ENDPOINTS];
