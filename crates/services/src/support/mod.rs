//! What several services share.
mod list;
mod map;
mod permissions;
mod picture;
mod steps;

pub(crate) use list::{Listing, find, page, slice};
pub(crate) use map::{base, mixed, object};
pub(crate) use permissions::{checked, denied, for_new};
pub(crate) use picture::{busy, pixels, quality};
pub(crate) use steps::Steps;

use access::Access;

/// Access for the server's own records: callers are judged by the handler, which knows more than permissions say.
pub(crate) const OWN: Access = Access::System("the service judges its callers itself");
