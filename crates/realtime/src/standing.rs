//! Whether a socket's user may still be who it said: sessions end, users are blocked or deleted, roles change.
use std::sync::Arc;

use access::{Access, Roles};
use kernel::actor::{self, Identity};
use kernel::{App, Project, Result};
use protocol::ErrorKind;

/// How a socket's user signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// By the secret of a session.
    Session {
        /// User.
        user: String,
        /// Secret.
        secret: String,
    },
    /// By a token.
    Jwt(String),
}

/// What became of it.
pub(crate) enum Standing {
    /// Still signed in, with these roles.
    Good(Roles),
    /// The session or token is over; the client may come back as somebody else.
    Over,
    /// The user is blocked or gone.
    Barred(&'static str),
}

impl Credential {
    /// The identity behind it, while it is valid.
    pub(crate) fn identity(&self, app: &App, project: &Project) -> Result<Option<Arc<Identity>>> {
        match self {
            Self::Session { user, secret } => actor::session_identity(app, project.namespace, user, secret, app.now()),
            Self::Jwt(token) => actor::jwt_identity(app, token, project, false, app.now()),
        }
    }

    /// Looks again.
    pub(crate) fn standing(&self, app: &App, project: &Project, user: &str) -> Result<Standing> {
        let found = match self.identity(app, project) {
            Err(e) if e.0.kind == ErrorKind::UserJwtInvalid => None,
            other => other?,
        };
        if let Some(identity) = found {
            return Ok(if blocked(&identity) { Standing::Barred(ErrorKind::UserBlocked.message()) } else { Standing::Good(identity.role_set.clone()) });
        }
        let users = app.collection(project.namespace, "users")?;
        let exists = app.db.read().get(&Access::system("a socket's user is looked up"), &users, user)?.is_some();
        Ok(if exists { Standing::Over } else { Standing::Barred(ErrorKind::UserNotFound.message()) })
    }
}

/// Whether the user's status is off.
pub(crate) fn blocked(identity: &Identity) -> bool {
    identity.user.value("status").as_bool() == Some(false)
}
