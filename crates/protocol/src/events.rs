//! Event names and realtime channels.

/// All names of an event, the concrete one first.
#[must_use]
pub fn names(_template: &str, _values: &[(&str, &str)]) -> Vec<String> {
    todo!()
}
/// Channels of an event.
#[must_use]
pub fn channels(_template: &str, _values: &[(&str, &str)]) -> Vec<String> {
    todo!()
}
