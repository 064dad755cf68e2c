//! Roles somebody holds, and why.
use database::Namespace;
use kernel::{App, Error, Result, load_identity};
use protocol::{ApiError, ErrorKind};

/// A role and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// As permissions name it.
    pub(crate) role: String,
    /// In words.
    pub(crate) why: String,
}

/// Roles of a user or, when the id is empty, of a guest.
pub(crate) fn roles_of(app: &App, ns: Namespace, user_id: &str) -> Result<Vec<Held>> {
    if user_id.is_empty() {
        let held = [("any", "everybody"), ("guests", "nobody is signed in")];
        return Ok(held.map(|(role, why)| Held { role: role.into(), why: why.into() }).to_vec());
    }
    let missing = || Error(ApiError::from(ErrorKind::UserNotFound));
    let identity = load_identity(app, &app.db.read(), ns, user_id, None)?.ok_or_else(missing)?;
    let verified = identity.user.bool("emailVerification") || identity.user.bool("phoneVerification");
    let status = if verified { "has a verified address or phone" } else { "has no verified address or phone" };
    let why = |role: &str| -> String {
        match role.split_once(':') {
            None if role == "any" => "everybody".into(),
            None if role == "users" => "is signed in".into(),
            None => format!("is signed in and {status}"),
            Some(("user", rest)) if rest.contains('/') => format!("is this user and {status}"),
            Some(("user", _)) => "is this user".into(),
            Some(("label", label)) => format!("has the label {label}"),
            Some(("member", id)) => format!("has the membership {id}"),
            Some((_, rest)) => {
                let (team, of_team) = rest.split_once('/').map_or((rest, None), |(team, role)| (team, Some(role)));
                let membership = identity.memberships.iter().find(|m| m.str("teamId") == team).map_or("", |m| m.id.as_str());
                match of_team {
                    Some(name) => format!("has the role {name} in the team {team} (membership {membership})"),
                    None => format!("is a member of the team {team} (membership {membership})"),
                }
            }
        }
    };
    Ok(identity.roles.iter().map(|role| Held { role: role.clone(), why: why(role) }).collect())
}
