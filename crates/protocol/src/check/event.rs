//! Event names and patterns that webhooks may listen to.

/// Whether a name or pattern is one of the contract's events.
pub(super) fn is_known(_name: &str) -> bool {
    todo!("protocol helper")
}
