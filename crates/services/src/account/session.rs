//! Sessions: made by sign-ins and servers, found, extended and ended.
use std::sync::Arc;

use access::Permission;
use database::{DbError, Document, Find, Namespace, NewDocument};
use kernel::{Cx, Error, Result, Tx, cookies};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use super::alert;
use crate::support::{OWN, object};
use crate::users::{model, store};

/// Digits of a session's secret.
const SECRET_DIGITS: usize = 256;
/// Sessions kept for a user unless the project says otherwise: no bound.
const MAX_SESSIONS: i64 = 0;

/// How a session came about.
pub(crate) struct Origin {
    /// `email`, `anonymous`, `token`, `server`, …
    pub(crate) provider: &'static str,
    /// The user's name there, e.g. the e-mail address.
    pub(crate) provider_uid: String,
    /// First factor given.
    pub(crate) factor: &'static str,
    /// Whether the project's bound of sessions counts: for sign-ins, not for what servers and invitations make.
    pub(crate) capped: bool,
    /// Whether the user may be told of it by mail.
    pub(crate) alert: bool,
}

/// A new session and the value that stands for it in cookies and headers.
pub(crate) struct Made {
    pub(crate) document: Document,
    pub(crate) value: String,
    pub(crate) expires: Timestamp,
}

/// A session about to be made.
pub(crate) struct Prepared {
    ns: Namespace,
    now: Timestamp,
    id: String,
    data: Map<String, Value>,
    secret: String,
    expires: Timestamp,
    /// Most sessions of a user; 0 for no bound.
    bound: usize,
}

/// Makes a session; the oldest ones beyond the project's bound end.
pub(crate) fn create(cx: &Cx<'_>, user: &Document, origin: Origin) -> Result<Made> {
    create_after(cx, user, origin, |_| Ok(()))
}

/// Makes a session in the transaction of what entitles to it, both or neither, and tells the user by mail where the project wants it.
pub(crate) fn create_after<F>(cx: &Cx<'_>, user: &Document, origin: Origin, first: F) -> Result<Made>
where
    F: FnOnce(&mut Tx<'_, '_, '_>) -> Result<()> + Send + 'static,
{
    let alert = alert::prepare(cx, user, &origin)?;
    let (prepared, user_id) = (prepare(cx, origin, Map::new()), user.id.clone());
    cx.write(move |tx| {
        first(tx)?;
        let ns = prepared.ns;
        let made = prepared.insert(tx, &user_id)?;
        if let Some(alert) = alert {
            // The first sign-in is no news.
            let coll = tx.collection(ns, "sessions")?;
            if store::all_of(tx, &coll, &user_id)?.len() > 1 {
                tx.enqueue(alert)?;
            }
        }
        Ok(made)
    })
}

/// Makes a session by a password whose stored hash is `known`: refused when the password is another one by then, or the user blocked.
pub(crate) fn create_by_password(cx: &Cx<'_>, user: &Document, origin: Origin, known: String) -> Result<Made> {
    let (ns, user_id) = (cx.ns(), user.id.clone());
    create_after(cx, user, origin, move |tx| {
        let users = tx.collection(ns, "users")?;
        let user = tx.db.get(&OWN, &users, &user_id)?.filter(|u| u.str("password") == known);
        let user = user.ok_or(Error::from(ErrorKind::UserInvalidCredentials))?;
        if user.value("status").as_bool() == Some(false) {
            return Err(ErrorKind::UserBlocked.into());
        }
        Ok(())
    })
}

/// All of a session but its user, for those who make it in a transaction of their own. `more` adds to its fields, or changes them.
pub(crate) fn prepare(cx: &Cx<'_>, origin: Origin, more: Map<String, Value>) -> Prepared {
    let (ns, now) = (cx.ns(), cx.now());
    let secret = crypto::random_hex(SECRET_DIGITS);
    let expires = now.plus_seconds(cx.project.session_seconds());
    let agent = kernel::useragent::parse(cx.user_agent());
    let mut data = object(json!({
        "provider": origin.provider, "providerUid": origin.provider_uid, "secret": crypto::sha256_hex(secret.as_bytes()),
        "userAgent": cx.user_agent(), "ip": cx.ip(), "countryCode": cx.app.geo.code(cx.ip()), "factors": [origin.factor], "expire": expires.format(),
    }));
    data.extend(model::device(&agent));
    data.extend(more);
    let bound = if origin.capped { usize::try_from(cx.project.auth_number("maxSessions", MAX_SESSIONS)).unwrap_or(0) } else { 0 };
    Prepared { ns, now, id: cx.new_id(), data, secret, expires, bound }
}

impl Prepared {
    /// Makes it.
    pub(crate) fn insert(self, tx: &mut Tx<'_, '_, '_>, user_id: &str) -> Result<Made> {
        let mut data = self.data;
        data.insert("userId".into(), user_id.into());
        let coll = tx.collection(self.ns, "sessions")?;
        let new = NewDocument { id: self.id, permissions: Permission::owner(user_id), data, created_at: self.now, updated_at: self.now };
        let document = tx.create(&OWN, &coll, new)?;
        if self.bound > 0 {
            let all = store::all_of(tx, &coll, user_id)?;
            for old in all.iter().take(all.len().saturating_sub(self.bound)) {
                tx.delete(&OWN, &coll, &old.id, None)?;
            }
        }
        Ok(Made { document, value: cookies::encode_session(user_id, &self.secret), expires: self.expires })
    }
}

/// Sessions of a user, oldest first.
pub(crate) fn all(cx: &Cx<'_>, user_id: &str) -> Result<Vec<Arc<Document>>> {
    let coll = cx.collection("sessions")?;
    let find = Find { filters: vec![Query::equal("userId", user_id)], limit: 10_000, ..Find::default() };
    Ok(cx.read().find(&OWN, &coll, &find)?.documents)
}

/// The session of this request; `None` for JWTs, whose session is not theirs to manage.
pub(crate) fn current_id<'a>(cx: &'a Cx<'_>) -> Option<&'a str> {
    let session = cx.identity()?.session.as_ref()?;
    cx.actor.by_session.then_some(session.id.as_str())
}

/// One of the caller's sessions by id or `current`, or 404.
pub(crate) fn own(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    let not_found = || Error::from(ErrorKind::UserSessionNotFound);
    let id = if id == "current" { current_id(cx).ok_or_else(not_found)? } else { id };
    let coll = cx.collection("sessions")?;
    cx.read().get(&OWN, &coll, id)?.filter(|s| s.str("userId") == cx.user_id()).ok_or_else(not_found)
}

/// Ends one session of a user; `None` when it is not there.
pub(crate) fn delete(cx: &Cx<'_>, user_id: &str, id: &str) -> Result<Option<Document>> {
    let (ns, user_id, id) = (cx.ns(), user_id.to_owned(), id.to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "sessions")?;
        if tx.db.get(&OWN, &coll, &id)?.is_none_or(|s| s.str("userId") != user_id) {
            return Ok(None);
        }
        match tx.delete(&OWN, &coll, &id, None) {
            Ok(gone) => Ok(Some(gone)),
            Err(DbError::NotFound) => Ok(None),
            Err(e) => Err(e.into()),
        }
    })
}

/// Ends all sessions of a user but one.
pub(crate) fn delete_all(cx: &Cx<'_>, user_id: &str, except: Option<&str>) -> Result<()> {
    let (ns, user_id, except) = (cx.ns(), user_id.to_owned(), except.map(str::to_owned));
    cx.write(move |tx| {
        let coll = tx.collection(ns, "sessions")?;
        for session in store::all_of(tx, &coll, &user_id)? {
            if except.as_deref() != Some(session.id.as_str()) {
                tx.delete(&OWN, &coll, &session.id, None)?;
            }
        }
        Ok(())
    })
}
