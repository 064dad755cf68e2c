//! Permissions that clients send for items, and how a lack of them is told.
use access::{Action, Permission};
use kernel::{Cx, Error, Result};
use protocol::ErrorKind;

/// Permissions of a new item: as sent, or the creator's own. Users may name only roles they hold.
pub(crate) fn for_new(cx: &Cx<'_>, sent: Option<Vec<String>>) -> Result<Vec<String>> {
    match sent {
        Some(list) => checked(cx, &list),
        None if cx.identity().is_some() => Ok(Permission::owner(cx.user_id())),
        None => Ok(Vec::new()),
    }
}

/// Permissions with `write` spelled out, refused where they name roles that a user does not hold.
pub(crate) fn checked(cx: &Cx<'_>, list: &[String]) -> Result<Vec<String>> {
    let permissions = access::expand(list, &Action::ITEM);
    cx.check_own_roles(&permissions)?;
    Ok(permissions)
}

/// The refusal of those who lack a permission, in the words of the routes that name it.
pub(crate) fn denied<'a>(cx: &Cx<'_>, permissions: impl IntoIterator<Item = &'a String>, action: Action) -> Error {
    let needed: Vec<&str> = permissions.into_iter().filter_map(|p| action.role_in(p)).collect();
    let list = |roles: serde_json::Value| roles.to_string().replace('/', "\\/");
    let text = match needed.last() {
        None => format!("No permissions provided for action '{action}'"),
        Some(last) => format!(
            "Missing \"{action}\" permission for role \"{last}\". Only \"{}\" scopes are allowed and \"{}\" was given.",
            list(cx.actor.ordered_roles().into()),
            list(needed.as_slice().into())
        ),
    };
    Error::with(ErrorKind::UserUnauthorized, text)
}
