//! The caller's side of the algebra: the roles held, and whether they allow an action.
use std::sync::Arc;

use crate::permission::Action;

/// The sorted, deduplicated set of role strings a caller holds, e.g. `any`, `users`, `user:ID`, `team:ID/owner`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Arc<[String]>);

impl Roles {
    /// Builds the set from role strings in any order; duplicates are dropped.
    pub fn new<I, S>(roles: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let mut v: Vec<String> = roles.into_iter().map(Into::into).collect();
        v.sort_unstable();
        v.dedup();
        Self(v.into())
    }

    /// Whether the caller holds `role`, e.g. `"user:abc"`.
    #[must_use]
    pub fn contains(&self, role: &str) -> bool {
        self.0.binary_search_by(|r| r.as_str().cmp(role)).is_ok()
    }

    /// The roles in ascending byte order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// How many roles the caller holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no role is held at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// On whose behalf the data layer acts. Demanded by every function of `database`.
#[derive(Clone, Debug)]
pub enum Access {
    /// A caller bound by permissions.
    Roles(Roles),
    /// No permission checks: API keys, administrators and the server itself. The text says why.
    System(&'static str),
}

impl Access {
    /// Access bound by the permissions of `roles`.
    #[must_use]
    pub fn of(roles: Roles) -> Self {
        Self::Roles(roles)
    }

    /// The only bypass of permissions; `why` is a searchable reason.
    #[must_use]
    pub fn system(why: &'static str) -> Self {
        Self::System(why)
    }

    /// Whether this is the bypass.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(self, Self::System(_))
    }

    /// The caller's roles; `None` for the system.
    #[must_use]
    pub fn roles(&self) -> Option<&Roles> {
        match self {
            Self::Roles(r) => Some(r),
            Self::System(_) => None,
        }
    }

    /// Whether one of `permissions` (canonical strings as stored, e.g. `read("any")`) grants `action`.
    pub fn allows<S: AsRef<str>>(&self, permissions: &[S], action: Action) -> bool {
        match self {
            Self::System(_) => true,
            Self::Roles(roles) => permissions
                .iter()
                .filter_map(|p| action.role_in(p.as_ref()))
                .any(|role| roles.contains(role)),
        }
    }
}
