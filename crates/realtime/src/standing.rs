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
    /// By a token, which was valid when the socket was opened. It may run out, as tokens live for minutes and sockets for days; the
    /// session it was made from may not.
    Jwt {
        /// User.
        user: String,
        /// Session it was made from; empty for tokens made by a server.
        session: String,
    },
}

/// What became of it.
pub(crate) enum Standing {
    /// Still signed in, with these roles.
    Good(Roles),
    /// The session is over; the client may come back as somebody else.
    Over,
    /// The user is blocked or gone.
    Barred(&'static str),
}

const WHY: Access = Access::System("a socket's user is looked at again");

impl Credential {
    fn user(&self) -> &str {
        match self {
            Self::Session { user, .. } | Self::Jwt { user, .. } => user,
        }
    }

    /// The identity behind it, while it is valid.
    pub(crate) fn identity(&self, app: &App, project: &Project) -> Result<Option<Arc<Identity>>> {
        let (user, session) = match self {
            Self::Session { user, secret } => return actor::session_identity(app, project.namespace, user, secret, app.now()),
            Self::Jwt { user, session } => (user, session),
        };
        let reader = app.db.read();
        if !session.is_empty() {
            let sessions = app.collection(project.namespace, "sessions")?;
            let found = reader.get(&WHY, &sessions, session)?;
            if !found.is_some_and(|s| s.str("userId") == user && s.time("expire").is_some_and(|e| e > app.now())) {
                return Ok(None);
            }
        }
        Ok(actor::load_identity(app, &reader, project.namespace, user, None)?.map(Arc::new))
    }

    /// Looks again.
    pub(crate) fn standing(&self, app: &App, project: &Project) -> Result<Standing> {
        if let Some(identity) = self.identity(app, project)? {
            return Ok(if blocked(&identity) { Standing::Barred(ErrorKind::UserBlocked.message()) } else { Standing::Good(identity.role_set.clone()) });
        }
        let users = app.collection(project.namespace, "users")?;
        let exists = app.db.read().get(&WHY, &users, self.user())?.is_some();
        Ok(if exists { Standing::Over } else { Standing::Barred(ErrorKind::UserNotFound.message()) })
    }
}

/// Whether the user's status is off.
pub(crate) fn blocked(identity: &Identity) -> bool {
    identity.user.value("status").as_bool() == Some(false)
}
