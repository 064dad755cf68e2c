//! Who may see what, and how it is refused.
use access::{Access, Action, Roles};

use crate::record::View;
use crate::{Collection, DbError};

/// What a caller may see of a collection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Visibility<'a> {
    /// All documents.
    All,
    /// Those that let one of these roles read.
    Roles(&'a Roles),
}

impl<'a> Visibility<'a> {
    /// Of a caller; unauthorized when there is nothing to be seen at all.
    pub(crate) fn of(access: &'a Access, collection: &Collection) -> Result<Self, DbError> {
        match access {
            _ if access.allows(&collection.permissions, Action::Read) => Ok(Self::All),
            Access::Roles(roles) if collection.document_security => Ok(Self::Roles(roles)),
            _ => Err(denied(access, Action::Read, &collection.permissions, &[])),
        }
    }

    pub(crate) fn shows(self, view: &View<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Roles(held) => view.permissions().filter_map(|p| Action::Read.role_in(p)).any(|r| held.contains(r)),
        }
    }
}

/// The refusal, in the reference's words.
pub(crate) fn denied(access: &Access, action: Action, collection: &[String], document: &[String]) -> DbError {
    let needed: Vec<&str> = collection.iter().chain(document).filter_map(|p| action.role_in(p)).collect();
    let Some(last) = needed.last() else { return DbError::Unauthorized(format!("No permissions provided for action '{action}'")) };
    let list = |roles: Vec<&str>| serde_json::Value::from(roles).to_string().replace('/', "\\/");
    let held = access.roles().map(|r| r.iter().collect()).unwrap_or_default();
    DbError::Unauthorized(format!(
        "Missing \"{action}\" permission for role \"{last}\". Only \"{}\" scopes are allowed and \"{}\" was given.",
        list(held),
        list(needed.clone())
    ))
}
