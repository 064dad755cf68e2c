//! Permissions: one action for one role, as text `action("role")`.
use crate::role::{Role, RoleError};

/// What may be done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Make a new document in a collection, or a file in a bucket.
    Create,
    /// See it.
    Read,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

impl Action {
    /// The word used in permission strings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The role inside a canonical permission string when that string is about this action: `read("any")` → `any`.
    #[must_use]
    pub fn role_in(self, permission: &str) -> Option<&str> {
        permission.strip_prefix(self.as_str())?.strip_prefix("(\"")?.strip_suffix("\")")
    }
}

/// One action given to one role. `write` in text form is an aggregate, see [`expand`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    /// What is allowed.
    pub action: Action,
    /// To whom.
    pub role: Role,
}

/// Why a permission string was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionError {
    /// Not of the form `action("role")`.
    Malformed(String),
    /// The action is not one of create, read, update, delete, write.
    UnknownAction(String),
    /// The role part is wrong.
    Role(RoleError),
}

/// Turns `write("r")` into the create/update/delete entries that `allowed` has, and drops duplicates, keeping order.
pub fn expand(permissions: &[String], allowed: &[Action]) -> Vec<String> {
    let _ = (permissions, allowed);
    todo!("helper")
}
