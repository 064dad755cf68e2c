//! Health: whether the parts of the server work, told by trying them.
mod elsewhere;
mod parts;
mod queues;

use kernel::Endpoint;

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[parts::ENDPOINTS, elsewhere::ENDPOINTS, queues::ENDPOINTS];
