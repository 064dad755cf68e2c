//! Scopes.

/// Scopes every key has.
pub const KEY_IMPLICIT: &[&str] = &["global", "health.read", "graphql"];
/// Scopes of a role.
#[must_use]
pub fn of_role(_role: &str) -> &'static [&'static str] {
    todo!()
}
