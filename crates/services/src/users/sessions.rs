//! Sessions of a user, managed by a server.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};

use super::{model, store};
use crate::account::session;

params! {
    pub(crate) struct List {
        user_id: String = "userId", Check::Uid, required;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create { user_id: String = "userId", Check::CustomId, required; }
}
params! {
    pub(crate) struct One {
        user_id: String = "userId", Check::Uid, required;
        session_id: String = "sessionId", Check::Uid, required;
    }
}
params! {
    pub(crate) struct All { user_id: String = "userId", Check::Uid, required; }
}

endpoint! {
    /// Lists a user's sessions.
    LIST: Get "/v1/users/:userId/sessions" => 200 "sessionList" by list(List);
    sdk ["users.listSessions"] auth [Admin, Key] scope ["users.read", "sessions.read"]
}
endpoint! {
    /// Creates a session for a user; the answer holds its secret.
    CREATE: Post "/v1/users/:userId/sessions" => 201 "session" by create(Create);
    sdk ["users.createSession"] auth [Admin, Key] scope ["users.write", "sessions.write"]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{request.userId}"
}
endpoint! {
    /// Deletes one of a user's sessions.
    DELETE: Delete "/v1/users/:userId/sessions/:sessionId" => 204 "none" by delete(One);
    sdk ["users.deleteSession"] auth [Admin, Key] scope ["users.write", "sessions.write"]
    event "users.[userId].sessions.[sessionId].delete" audit "session.delete" on "user/{request.userId}"
}
endpoint! {
    /// Deletes all of a user's sessions.
    DELETE_ALL: Delete "/v1/users/:userId/sessions" => 204 "none" by delete_all(All);
    sdk ["users.deleteSessions"] auth [Admin, Key] scope ["users.write", "sessions.write"]
    event "users.[userId].sessions.delete" audit "session.delete" on "user/{request.userId}"
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let sessions = session::all(cx, &user.id)?;
    let total = if p.total { sessions.len() as u64 } else { 0 };
    let items = sessions.iter().map(|s| model::session(cx, s, false)).collect();
    Ok(Reply::list("sessionList", "sessions", "session", items, total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let made = session::create(cx, &user, session::Origin { provider: "server", provider_uid: String::new(), factor: "server", capped: false, alert: false })?;
    let mut map = model::session(cx, &made.document, false);
    map.insert("secret".into(), made.value.into());
    Ok(Reply::Model("session", map))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let gone = session::delete(cx, &user.id, &p.session_id)?.ok_or(kernel::Error::from(ErrorKind::UserSessionNotFound))?;
    cx.event_payload("session", model::session(cx, &gone, false));
    Ok(Reply::Empty)
}

fn delete_all(cx: &mut Cx<'_>, p: All) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    session::delete_all(cx, &user.id, None)?;
    cx.event_payload("user", crate::support::base(&user));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &DELETE, &DELETE_ALL];
