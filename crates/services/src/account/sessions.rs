//! The account's sessions.
use database::Update;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use super::session;
use crate::support::{OWN, object};
use crate::users::model;

params! {
    pub(crate) struct One { session_id: String = "sessionId", Check::Uid, required; }
}

endpoint! {
    /// Lists the account's sessions.
    LIST: Get "/v1/account/sessions" => 200 "sessionList" by list(());
    sdk ["account.listSessions"] auth [Admin, Session, Jwt] scope ["account"]
}
endpoint! {
    /// Gets a session by its id or as `current`.
    GET: Get "/v1/account/sessions/:sessionId" => 200 "session" by get(One);
    sdk ["account.getSession"] auth [Admin, Session, Jwt] scope ["account"]
}
endpoint! {
    /// Extends a session by the project's session length.
    UPDATE: Patch "/v1/account/sessions/:sessionId" => 200 "session" by update(One);
    sdk ["account.updateSession"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},ip:{ip}"]
    event "users.[userId].sessions.[sessionId].update" audit "session.update" on "user/{response.userId}"
}
endpoint! {
    /// Ends a session, `current` included.
    DELETE: Delete "/v1/account/sessions/:sessionId" => 204 "none" by delete(One);
    sdk ["account.deleteSession"] auth [Admin, Session, Jwt] scope ["account"]
    limit 100 per 3600 by ["url:{url},ip:{ip}"]
    event "users.[userId].sessions.[sessionId].delete" audit "session.delete" on "user/{user.$id}"
    groups [Mfa]
}
endpoint! {
    /// Ends all of the account's sessions.
    DELETE_ALL: Delete "/v1/account/sessions" => 204 "none" by delete_all(());
    sdk ["account.deleteSessions"] auth [Admin, Session, Jwt] scope ["account"]
    limit 100 per 3600 by ["url:{url},ip:{ip}"]
    event "users.[userId].sessions.[sessionId].delete" audit "session.delete" on "user/{user.$id}"
}

fn list(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let sessions = session::all(cx, cx.user_id())?;
    let current = session::current_id(cx);
    let items: Vec<_> = sessions.iter().map(|s| model::session(cx, s, current == Some(s.id.as_str()))).collect();
    let total = items.len() as u64;
    Ok(Reply::list("sessionList", "sessions", "session", items, total))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let found = session::own(cx, &p.session_id)?;
    let current = session::current_id(cx) == Some(found.id.as_str());
    Ok(Reply::Model("session", model::session(cx, &found, current)))
}

fn update(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let old = session::own(cx, &p.session_id)?;
    let current = session::current_id(cx) == Some(old.id.as_str());
    let (ns, now) = (cx.ns(), cx.now());
    let mut data = object(json!({"expire": now.plus_seconds(cx.project.session_seconds()).format()}));
    data.extend(crate::oauth::refreshed(cx, &old)?.unwrap_or_default());
    let id = old.id.clone();
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "sessions")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &coll, &id, update)
            .map_err(|e| if matches!(e, database::DbError::NotFound) { ErrorKind::UserSessionNotFound.into() } else { kernel::Error::from(e) })
    })?;
    let mut map = model::session(cx, &done.document, current);
    // The name of the country is told by reads and sign-ins only.
    map.insert("countryName".into(), "".into());
    Ok(Reply::Model("session", map))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let old = session::own(cx, &p.session_id)?;
    let current = session::current_id(cx) == Some(old.id.as_str());
    let user_id = cx.user_id().to_owned();
    session::delete(cx, &user_id, &old.id)?.ok_or(kernel::Error::from(ErrorKind::UserSessionNotFound))?;
    if current {
        cx.clear_session_cookies();
    }
    cx.event_value("sessionId", old.id.as_str());
    cx.event_payload("session", model::session(cx, &old, current));
    Ok(Reply::Empty)
}

fn delete_all(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user_id = cx.user_id().to_owned();
    let sessions = session::all(cx, &user_id)?;
    session::delete_all(cx, &user_id, None)?;
    cx.clear_session_cookies();
    let current = session::current_id(cx).unwrap_or_default().to_owned();
    if let Some(last) = sessions.iter().find(|s| s.id == current).or(sessions.last()) {
        cx.event_value("sessionId", last.id.as_str());
        cx.event_payload("session", model::session(cx, last, last.id == current));
    }
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &UPDATE, &DELETE, &DELETE_ALL];
