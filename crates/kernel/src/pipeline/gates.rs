//! What must hold before anything else is looked at: key valid, service on, scope held, user not blocked, second factor given.
use protocol::spec::Group;
use protocol::{ErrorKind, Timestamp};

use crate::actor::{Actor, ActorKind};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::project::Project;

/// Age of a second factor beyond which protected routes ask for it again.
const MFA_RECENT_SECONDS: i64 = 1_800;

pub(super) fn check(project: &Project, actor: &Actor, endpoint: &Endpoint, inner: bool) -> Result<()> {
    let spec = endpoint.spec;
    if !actor.privileged() {
        let service = if spec.service() == "tablesDB" { "tablesdb" } else { spec.service() };
        if !project.service_enabled(service) {
            return Err(ErrorKind::GeneralServiceDisabled.into());
        }
        // What a GraphQL request calls was let in with it.
        let api = if spec.service() == "graphql" { "graphql" } else { "rest" };
        if !inner && !project.api_enabled(api) {
            return Err(ErrorKind::GeneralApiDisabled.into());
        }
    }
    if !spec.scope.is_empty() && !spec.scope.iter().any(|s| actor.scopes.has(s)) {
        return Err(super::missing_scope(actor, endpoint));
    }
    let Some(identity) = actor.identity.as_ref().filter(|_| actor.kind != ActorKind::Key) else { return Ok(()) };
    let user = &identity.user;
    if user.data.get("status").and_then(serde_json::Value::as_bool) == Some(false) {
        return Err(ErrorKind::UserBlocked.into());
    }
    if user.bool("reset") {
        return Err(ErrorKind::UserPasswordResetRequired.into());
    }
    let exempt = spec.groups.iter().any(|g| matches!(g, Group::Mfa));
    if !exempt && identity.lacks_factors() {
        return Err(ErrorKind::UserMoreFactorsRequired.into());
    }
    Ok(())
}

/// Routes of apps called without a project, and with the console's.
const NO_PROJECT: &str = "No Appwrite project was specified. Please specify your project ID when initializing your Appwrite SDK.";
const CONSOLE_NAMED: &str = "This endpoint is not available for the console project. The Appwrite Console is a reserved project ID and cannot be used with the \
     Appwrite SDKs and APIs. Please check if your project ID is correct.";

/// Checks of route groups, made after the rate limit.
pub(super) fn groups(project: &Project, actor: &Actor, endpoint: &Endpoint, now: Timestamp, names_project: bool) -> Result<()> {
    for group in endpoint.spec.groups {
        match group {
            Group::AuthMethod(method) if !actor.privileged() && !project.auth_method(method) => {
                return Err(crate::Error::with(ErrorKind::UserAuthMethodUnsupported, method_off(method)));
            }
            Group::NoSession if actor.kind == ActorKind::User => return Err(ErrorKind::UserSessionAlreadyExists.into()),
            Group::NotConsole if project.is_console() => {
                return Err(crate::Error::with(ErrorKind::GeneralAccessForbidden, if names_project { CONSOLE_NAMED } else { NO_PROJECT }));
            }
            Group::Console if !project.is_console() => return Err(ErrorKind::GeneralAccessForbidden.into()),
            Group::MfaProtected => {
                let at = actor.identity.as_ref().and_then(|i| i.session.as_ref()).and_then(|s| s.time("mfaUpdatedAt"));
                if at.is_none_or(|t| t.plus_seconds(MFA_RECENT_SECONDS) <= now) {
                    return Err(ErrorKind::UserChallengeRequired.into());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn method_off(method: &str) -> &'static str {
    match method {
        "emailPassword" => "Email / Password authentication is disabled for this project",
        "usersAuthMagicURL" => "Magic URL authentication is disabled for this project",
        "anonymous" => "Anonymous authentication is disabled for this project",
        "phone" => "Phone authentication is disabled for this project",
        "invites" => "Invites authentication is disabled for this project",
        "JWT" => "JWT authentication is disabled for this project",
        "emailOtp" => "Email OTP authentication is disabled for this project",
        _ => "Unsupported authentication route",
    }
}
