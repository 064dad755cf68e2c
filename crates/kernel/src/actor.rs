//! Who is calling: resolution of cookies, headers, JWTs and API keys in the reference's order (contract, behaviours §2).
use std::sync::Arc;

use access::{Access, Action, Roles};
use database::{Document, Find, Namespace, Reader};
use protocol::{ErrorKind, Query, Timestamp};

use crate::app::App;
use crate::cookies;
use crate::error::{Error, Result};
use crate::project::{CONSOLE, Project};
use crate::request::Request;

const WHY: Access = Access::System("authentication reads its own records");

/// A signed-in user as far as it can be cached: documents and roles.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user.
    pub user: Arc<Document>,
    /// The session used; `None` with a JWT that names none.
    pub session: Option<Arc<Document>>,
    /// Roles held, in the reference's order.
    pub roles: Vec<String>,
    /// The same as a set.
    pub role_set: Roles,
    /// Confirmed memberships.
    pub memberships: Vec<Arc<Document>>,
    /// Who acts as this user, when somebody else does.
    pub impersonator: Option<Arc<Document>>,
}

impl Identity {
    /// Whether a second factor is due: asked for by the user, possible, and not given in this session.
    #[must_use]
    pub fn lacks_factors(&self) -> bool {
        let user = &self.user;
        let can = user.bool("emailVerification") || user.bool("phoneVerification") || user.bool("mfaTotp");
        user.bool("mfa") && can && self.session.as_ref().is_some_and(|s| s.strings("factors").count() < 2)
    }
}

/// Scopes of a caller: those of a role, or those a key or membership names.
#[derive(Clone, Debug)]
pub enum Scopes {
    /// All that belong to a role.
    Role(&'static [&'static str]),
    /// A list of their own.
    Own(Vec<String>),
}

impl Scopes {
    /// Whether a scope is among them.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        match self {
            Self::Role(list) => list.contains(&scope),
            Self::Own(list) => list.iter().any(|s| s == scope),
        }
    }
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Nobody signed in.
    Guest,
    /// A user of the project.
    User,
    /// An API key.
    Key,
    /// A user of the console in admin mode.
    Admin,
}

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Kind.
    pub kind: ActorKind,
    /// The signed-in user (of the console in admin mode).
    pub identity: Option<Arc<Identity>>,
    /// Scopes held.
    pub scopes: Scopes,
    /// Name used in the message about a missing scope.
    pub display: String,
    /// Role used in that message.
    pub role: &'static str,
    /// Whether the session's own secret was sent (cookie or header), as opposed to a JWT.
    pub by_session: bool,
    /// Session secret as sent, when `by_session`.
    pub secret: String,
    /// API key used.
    pub key: Option<Arc<Document>>,
    /// Response header `X-Debug-Fallback`.
    pub fallback: bool,
    /// Development key used, when a valid one was sent.
    pub dev_key: Option<Arc<Document>>,
    roles: Roles,
    ordered: Vec<String>,
}

impl Actor {
    /// A guest with the guests' scopes.
    #[must_use]
    pub fn guest() -> Self {
        let ordered = vec!["any".to_owned(), "guests".to_owned()];
        Self {
            kind: ActorKind::Guest,
            identity: None,
            scopes: Scopes::Role(protocol::scopes::of_role("guests")),
            display: "User".into(),
            role: "guests",
            by_session: false,
            secret: String::new(),
            key: None,
            fallback: true,
            dev_key: None,
            roles: Roles::new(ordered.clone()),
            ordered,
        }
    }

    /// Key or administrator: permissions do not bind it.
    #[must_use]
    pub fn privileged(&self) -> bool {
        matches!(self.kind, ActorKind::Key | ActorKind::Admin)
    }

    /// Access for the data layer.
    #[must_use]
    pub fn access(&self) -> Access {
        match self.kind {
            ActorKind::Key => Access::system("API key"),
            ActorKind::Admin => Access::system("administrator of the project"),
            _ => Access::of(self.roles.clone()),
        }
    }

    /// Roles held, as a set.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Roles held, in the reference's order, for messages.
    #[must_use]
    pub fn ordered_roles(&self) -> &[String] {
        &self.ordered
    }

    /// The same call made as somebody else.
    pub(crate) fn turned_into(self, identity: Arc<Identity>) -> Self {
        let Self { scopes, fallback, dev_key, .. } = self;
        Self { scopes, fallback, dev_key, ..Self::user(identity, ActorKind::User) }
    }

    fn user(identity: Arc<Identity>, kind: ActorKind) -> Self {
        Self {
            kind,
            scopes: Scopes::Role(protocol::scopes::of_role(if kind == ActorKind::Admin { "admins" } else { "users" })),
            display: identity.user.str("email").to_owned(),
            role: "users",
            roles: identity.role_set.clone(),
            ordered: identity.roles.clone(),
            identity: Some(identity),
            ..Self::guest()
        }
    }
}

/// Roles of a user: `any`, `users` and `user:ID` with their verified dimension, teams, members, labels.
#[must_use]
pub fn user_roles(user: &Document, memberships: &[Arc<Document>]) -> Vec<String> {
    let verified = if user.bool("emailVerification") || user.bool("phoneVerification") { "verified" } else { "unverified" };
    let id = &user.id;
    let mut roles: Vec<String> = vec!["any".into(), "users".into(), format!("user:{id}"), format!("user:{id}/{verified}"), format!("users/{verified}")];
    for m in memberships.iter().filter(|m| m.bool("confirm")) {
        let team = m.str("teamId");
        roles.push(format!("team:{team}"));
        roles.push(format!("member:{}", m.id));
        roles.extend(m.strings("roles").map(|r| format!("team:{team}/{r}")));
    }
    roles.extend(user.strings("labels").map(|l| format!("label:{l}")));
    roles
}

/// Where the caller acts, besides the project.
#[derive(Clone, Debug, Default)]
pub struct Stance {
    /// An administrator of the console acts on the project.
    pub admin: bool,
    /// The organization whose projects are managed on the console, and the one project the call is about.
    pub organization: Option<(String, String)>,
}

/// Resolves the caller of `req` in `project`.
pub fn resolve(app: &App, req: &Request, project: &Project, stance: &Stance) -> Result<Actor> {
    let (now, admin) = (app.now(), stance.admin);
    let mut actor = session_actor(app, req, project, admin, now)?;
    if let Some(jwt) = req.headers.get("x-appwrite-jwt") {
        if actor.identity.is_some() {
            return Err(ErrorKind::UserJwtAndCookieSet.into());
        }
        if let Some(identity) = jwt_identity(app, jwt, project, admin, now)? {
            let fallback = actor.fallback;
            actor = Actor { fallback, ..Actor::user(identity, ActorKind::User) };
        }
    }
    if let Some(secret) = req.headers.get("x-appwrite-key") {
        actor = key_actor(app, req, secret, project, actor, now)?;
    }
    if actor.kind == ActorKind::User {
        if admin && !project.is_console() {
            actor = admin_actor(project, actor)?;
        } else if let Some((team, id)) = stance.organization.as_ref().filter(|_| project.is_console()) {
            actor = member_actor(team, id, actor)?;
        }
    }
    let users = if admin { Namespace(0) } else { project.namespace };
    actor = crate::impersonation::apply(app, req, users, actor)?;
    let dev = req.headers.get("x-appwrite-dev-key").map(str::to_owned).or_else(|| crate::body::query_value(&req.query, "devKey"));
    actor.dev_key = dev.and_then(|d| project.dev_key(&crypto::sha256_hex(d.as_bytes()), now).cloned());
    Ok(actor)
}

/// Cookie, `_legacy` cookie, session header, fallback cookie – in that order.
fn session_actor(app: &App, req: &Request, project: &Project, admin: bool, now: Timestamp) -> Result<Actor> {
    let (ns, owner) = if admin { (Namespace(0), CONSOLE) } else { (project.namespace, project.id.as_str()) };
    let name = cookies::session_name(owner);
    let cookie_header = req.headers.get("cookie").unwrap_or("");
    let mut value = cookies::from_header(cookie_header, &name)
        .or_else(|| cookies::from_header(cookie_header, &format!("{name}_legacy")))
        .map(str::to_owned)
        .or_else(|| req.headers.get("x-appwrite-session").map(str::to_owned));
    let fallback = value.is_none();
    if fallback && let Some(header) = req.headers.get("x-fallback-cookies") {
        value = cookies::from_fallback(header, &name);
    }
    let guest = Actor { fallback, ..Actor::guest() };
    let Some((user_id, secret)) = value.as_deref().and_then(cookies::decode_session) else { return Ok(guest) };
    let Some(identity) = session_identity(app, ns, &user_id, &secret, now)? else { return Ok(guest) };
    Ok(Actor { fallback, by_session: true, secret, ..Actor::user(identity, ActorKind::User) })
}

/// The identity behind a session secret, when the session exists, is that user's and has not expired.
pub fn session_identity(app: &App, ns: Namespace, user_id: &str, secret: &str, now: Timestamp) -> Result<Option<Arc<Identity>>> {
    let hash = crypto::sha256_hex(secret.as_bytes());
    let found = app.identity(ns, user_id, format!("{user_id}:{hash}"), || {
        let r = app.db.read();
        let sessions = app.collection(ns, "sessions")?;
        let Some(session) = r.find_one(&WHY, &sessions, vec![Query::equal("secret", hash.as_str())])? else { return Ok(None) };
        if session.str("userId") != user_id {
            return Ok(None);
        }
        load_identity(app, &r, ns, user_id, Some(session))
    })?;
    Ok(found.filter(|i| i.session.as_ref().is_some_and(|s| s.time("expire").is_some_and(|e| e > now))))
}

/// User, memberships and roles.
pub fn load_identity(app: &App, r: &Reader, ns: Namespace, user_id: &str, session: Option<Arc<Document>>) -> Result<Option<Identity>> {
    let users = app.collection(ns, "users")?;
    let Some(user) = r.get(&WHY, &users, user_id)? else { return Ok(None) };
    let coll = app.collection(ns, "memberships")?;
    let find = Find { filters: vec![Query::equal("userId", user_id)], limit: 1_000, ..Find::default() };
    let memberships: Vec<_> = r.find(&WHY, &coll, &find)?.documents.into_iter().filter(|m| m.bool("confirm")).collect();
    let roles = user_roles(&user, &memberships);
    Ok(Some(Identity { role_set: Roles::new(roles.clone()), roles, user, session, memberships, impersonator: None }))
}

/// The identity behind a JWT; 401 `user_jwt_invalid` when the token is bad, `None` when its session is gone.
pub fn jwt_identity(app: &App, jwt: &str, project: &Project, admin: bool, now: Timestamp) -> Result<Option<Arc<Identity>>> {
    let ns = if admin { Namespace(0) } else { project.namespace };
    let invalid = |why: String| Error::with(ErrorKind::UserJwtInvalid, format!("Failed to verify JWT. {why}"));
    let claims = app.keyring.verify_jwt(jwt, now.0 / 1000).map_err(|e| invalid(e.to_string()))?;
    let text = |k: &str| claims.get(k).and_then(serde_json::Value::as_str).unwrap_or("");
    // A token made for another project is no token here.
    if text("projectId") != if admin { CONSOLE } else { project.id.as_str() } {
        return Err(invalid("Invalid project".into()));
    }
    let (user_id, session_id) = (text("userId").to_owned(), text("sessionId").to_owned());
    let found = app.identity(ns, &user_id, format!("jwt:{user_id}:{session_id}"), || {
        let r = app.db.read();
        let session = if session_id.is_empty() {
            None
        } else {
            let sessions = app.collection(ns, "sessions")?;
            match r.get(&WHY, &sessions, &session_id)? {
                Some(s) if s.str("userId") == user_id => Some(s),
                _ => return Ok(None),
            }
        };
        load_identity(app, &r, ns, &user_id, session)
    })?;
    Ok(found.filter(|i| i.session.as_ref().is_none_or(|s| s.time("expire").is_some_and(|e| e > now))))
}

fn key_actor(app: &App, req: &Request, secret: &str, project: &Project, mut actor: Actor, now: Timestamp) -> Result<Actor> {
    let kind = secret.split_once('_').map_or("standard", |(k, _)| k);
    let (key_scopes, doc) = match kind {
        "ephemeral" | "dynamic" => match ephemeral_scopes(app, secret, project, now) {
            Some(s) => (s, None),
            None => return Ok(actor),
        },
        "standard" => {
            // A standard key without a project names no project to look in.
            if project.is_console() {
                return Err(ErrorKind::ProjectIdMissing.into());
            }
            let Some(key) = project.key(&crypto::sha256_hex(secret.as_bytes())) else { return Err(ErrorKind::UserUnauthorized.into()) };
            if key.doc.time("expire").is_some_and(|e| e <= now) {
                return Err(ErrorKind::ProjectKeyExpired.into());
            }
            (key.scopes.clone(), Some(key.doc.clone()))
        }
        _ => return Ok(actor),
    };
    let mut all = key_scopes;
    all.extend(protocol::scopes::KEY_IMPLICIT.iter().map(|s| (*s).to_owned()));
    actor.kind = ActorKind::Key;
    actor.scopes = Scopes::Own(all);
    actor.display = format!("app.{}@service.{}", project.id, req.hostname);
    actor.role = "applications";
    actor.identity = None;
    actor.by_session = false;
    actor.key = doc;
    Ok(actor)
}

/// Scopes of a short-lived key: a JWT naming this project.
fn ephemeral_scopes(app: &App, secret: &str, project: &Project, now: Timestamp) -> Option<Vec<String>> {
    let (_, jwt) = secret.split_once('_')?;
    let claims = app.keyring.verify_jwt(jwt, now.0 / 1000).ok()?;
    if claims.get("projectId")?.as_str()? != project.id || claims.get("purpose")?.as_str()? != "key" {
        return None;
    }
    Some(claims.get("scopes")?.as_array()?.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect())
}

/// A console user on a project in admin mode: must be a member of its team, and one who may see the project.
fn admin_actor(project: &Project, actor: Actor) -> Result<Actor> {
    let actor = member_actor(project.team_id(), &project.id, actor)?;
    let sees = project.doc.as_ref().is_some_and(|d| Access::of(actor.roles.clone()).allows(&d.permissions, Action::Read));
    if sees { Ok(actor) } else { Err(ErrorKind::ProjectNotFound.into()) }
}

/// A console user as a member of a team: what their roles there allow, for the whole team or for one project of it.
fn member_actor(team: &str, project: &str, mut actor: Actor) -> Result<Actor> {
    let Some(identity) = actor.identity.clone() else { return Ok(actor) };
    let membership = identity.memberships.iter().find(|m| m.str("teamId") == team && !team.is_empty() && m.strings("roles").next().is_some());
    let Some(membership) = membership else { return Err(ErrorKind::UserUnauthorized.into()) };
    let mut scopes: Vec<String> = vec!["teams.read".into(), "projects.read".into()];
    let own = format!("project-{project}-");
    for role in membership.strings("roles") {
        let role = if role.starts_with("project-") { role.strip_prefix(own.as_str()).filter(|_| !project.is_empty()).unwrap_or("") } else { role };
        actor.role = match role {
            "owner" => "owner",
            "developer" => "developer",
            "admin" => "admin",
            _ => continue,
        };
        scopes.extend(protocol::scopes::of_role(role).iter().map(|s| (*s).to_owned()));
    }
    actor.kind = ActorKind::Admin;
    actor.scopes = Scopes::Own(scopes);
    Ok(actor)
}
