//! Roles and their text form.

/// A set of callers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everybody.
    Any,
    /// Callers without a session.
    Guests,
    /// Callers with a session; `Some(true)` only verified ones, `Some(false)` only unverified ones.
    Users(Option<bool>),
    /// One user, optionally bound to being (un)verified.
    User(String, Option<bool>),
    /// The members of a team, or those holding one role in it.
    Team(String, Option<String>),
    /// One membership.
    Member(String),
    /// Users with a label.
    Label(String),
}

/// Why a role string was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleError(pub String);
