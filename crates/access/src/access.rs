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

    /// Everything held in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.iter().chain(other.iter()))
    }

    /// What both sets hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::new(self.iter().filter(|r| other.contains(r)))
    }

    /// What this set holds and the other does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self::new(self.iter().filter(|r| !other.contains(r)))
    }

    /// Whether the sets share a role.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let (few, many) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        few.iter().any(|r| many.contains(r))
    }

    /// Whether every role of this set is in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|r| other.contains(r))
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
            Self::Roles(roles) => permissions.iter().filter_map(|p| action.role_in(p.as_ref())).any(|role| roles.contains(role)),
        }
    }
}

impl<S: Into<String>> FromIterator<S> for Roles {
    fn from_iter<I: IntoIterator<Item = S>>(roles: I) -> Self {
        Self::new(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[a-d]", 0..6)
    }

    proptest! {
        #[test]
        fn sets_behave_like_sets(a in set(), b in set()) {
            let (ra, rb) = (Roles::new(a.clone()), Roles::new(b.clone()));
            let (sa, sb): (BTreeSet<_>, BTreeSet<_>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert!(ra.union(&rb).iter().eq(sa.union(&sb)));
            prop_assert!(ra.intersection(&rb).iter().eq(sa.intersection(&sb)));
            prop_assert!(ra.difference(&rb).iter().eq(sa.difference(&sb)));
            prop_assert_eq!(ra.intersects(&rb), !sa.is_disjoint(&sb));
            prop_assert_eq!(ra.is_subset(&rb), sa.is_subset(&sb));
            prop_assert_eq!(ra.is_empty(), sa.is_empty());
        }
    }

    #[test]
    fn other_actions_do_not_leak() {
        let access = Access::of(Roles::new(["any"]));
        assert!(access.allows(&["read(\"any\")"], Action::Read));
        assert!(!access.allows(&["read(\"any\")", "update(\"users\")"], Action::Update));
        assert!(!access.allows(&["read(\"any\") "], Action::Read));
        assert!(!access.allows::<&str>(&[], Action::Read));
        assert!(!access.is_system() && access.roles().is_some());
    }
}
