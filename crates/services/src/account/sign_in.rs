//! Ways into an account: e-mail and password, anonymous, a token that came by mail, by phone or from a server.
use database::Update;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;
use std::sync::Arc;

use super::session::{self, Origin};
use super::token::{Kind, Presented};
use crate::support::{OWN, object};
use crate::users::{model, store};

params! {
    pub(crate) struct Email {
        email: String = "email", Check::Email, required;
        password: String = "password", Check::Password, required;
    }
}
params! {
    pub(crate) struct Token {
        user_id: String = "userId", Check::CustomId, required;
        secret: String = "secret", Check::Text { min: 1, max: 256 }, required;
    }
}

endpoint! {
    /// Signs in with e-mail and password.
    EMAIL: Post "/v1/account/sessions/email" => 201 "session" by email(Email);
    old ["/v1/account/sessions"]
    sdk ["account.createEmailPasswordSession"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},email:{param-email}"] reset [201]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{response.userId}"
    groups [AuthMethod("emailPassword"), NoSession]
}
endpoint! {
    /// Signs in without an account; one is made that can be completed later.
    ANONYMOUS: Post "/v1/account/sessions/anonymous" => 201 "session" by anonymous(());
    sdk ["account.createAnonymousSession"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 50 per 3600 by ["ip:{ip}"]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{response.userId}"
    groups [AuthMethod("anonymous"), NoSession]
}
endpoint! {
    /// Exchanges a token for a session.
    TOKEN: Post "/v1/account/sessions/token" => 201 "session" by by_token(Token);
    sdk ["account.createSession"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["ip:{ip},userId:{param-userId}"] reset [201]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{response.userId}"
    groups [NoSession]
}
endpoint! {
    /// Exchanges the secret of a link for a session; older clients do it here.
    MAGIC: Put "/v1/account/sessions/magic-url" => 201 "session" by by_token(Token);
    sdk ["account.updateMagicURLSession"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["ip:{ip},userId:{param-userId}"] reset [201]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{response.userId}"
    groups [NoSession]
}
endpoint! {
    /// Exchanges the code sent to a phone for a session; older clients do it here.
    PHONE: Put "/v1/account/sessions/phone" => 201 "session" by by_token(Token);
    sdk ["account.updatePhoneSession"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["ip:{ip},userId:{param-userId}"]
    event "users.[userId].sessions.[sessionId].create" audit "session.create" on "user/{response.userId}"
    groups [NoSession]
}

fn email(cx: &mut Cx<'_>, p: Email) -> Result<Reply> {
    let email = p.email.to_lowercase();
    let Some(user) = store::by_email(cx, &email)? else {
        // As slow as a wrong password, so that time tells nothing.
        store::no_password(cx, &p.password)?;
        return Err(ErrorKind::UserInvalidCredentials.into());
    };
    if user.str("password").is_empty() || user.value("passwordUpdate").is_null() {
        store::no_password(cx, &p.password)?;
        return Err(ErrorKind::UserInvalidCredentials.into());
    }
    let Some(known) = store::verified(cx, &user, &p.password)? else {
        return Err(ErrorKind::UserInvalidCredentials.into());
    };
    if user.value("status").as_bool() == Some(false) {
        return Err(ErrorKind::UserBlocked.into());
    }
    let made = session::create_by_password(cx, &user, Origin { provider: "email", provider_uid: email, factor: "password", capped: true, alert: true }, known)?;
    Ok(begun(cx, user, made))
}

fn anonymous(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    if cx.project.is_console() {
        return Err(kernel::Error::with(ErrorKind::UserAnonymousConsoleProhibited, "Failed to create anonymous user"));
    }
    let limit = user_limit(cx);
    let (id, now) = (cx.new_id(), cx.now());
    let new = store::NewUser { id, email: None, phone: None, name: String::new(), password: store::Stored::none(), accessed_at: Some(now) };
    let user = Arc::new(store::create(cx, new, limit)?);
    begin(cx, user, Origin { provider: "anonymous", provider_uid: String::new(), factor: "anonymous", capped: true, alert: false })
}

/// Exchanges a token of any kind that signs in; a link or code that came by mail or phone also verifies the address.
fn by_token(cx: &mut Cx<'_>, p: Token) -> Result<Reply> {
    let invalid = || kernel::Error::from(ErrorKind::UserInvalidToken);
    let user = store::get(cx, &p.user_id).map_err(|_| invalid())?;
    let presented = Presented::new(cx, &user.id, &[Kind::Generic, Kind::MagicUrl, Kind::Email, Kind::Phone, Kind::OAuth2], &p.secret);
    let token = presented.find(cx)?;
    if user.value("status").as_bool() == Some(false) {
        return Err(ErrorKind::UserBlocked.into());
    }
    let (provider, factor, verified) = match Kind::of(&token) {
        Some(Kind::MagicUrl) => ("magic-url", "email", Some("emailVerification")),
        Some(Kind::Email) => ("token", "email", Some("emailVerification")),
        Some(Kind::Phone) => ("phone", "phone", Some("phoneVerification")),
        // A login elsewhere: the session is of that provider.
        _ => crate::oauth::known(token.str("provider")).map_or(("token", "token", None), |provider| (provider, "email", None)),
    };
    let (ns, now, id) = (cx.ns(), cx.now(), user.id.clone());
    let origin = Origin { provider, provider_uid: String::new(), factor, capped: true, alert: true };
    let made = session::create_after(cx, &user, origin, move |tx| {
        presented.spend(tx)?;
        if let Some(verified) = verified {
            let users = tx.collection(ns, "users")?;
            let data = object(json!({verified: true}));
            tx.update(&OWN, &users, &id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
        }
        Ok(())
    })?;
    if verified.is_some() {
        cx.roles_changed.push(user.id.clone());
    }
    Ok(begun(cx, user, made))
}

/// Most users of the project; `None` for no bound.
pub(crate) fn user_limit(cx: &Cx<'_>) -> Option<u64> {
    u64::try_from(cx.project.auth_number("limit", 0)).ok().filter(|n| *n > 0)
}

/// Makes the session and sets its cookies.
fn begin(cx: &mut Cx<'_>, user: Arc<database::Document>, origin: Origin) -> Result<Reply> {
    let made = session::create(cx, &user, origin)?;
    Ok(begun(cx, user, made))
}

/// Sets the cookies of a session and shows it.
fn begun(cx: &mut Cx<'_>, user: Arc<database::Document>, made: session::Made) -> Reply {
    cx.set_session_cookies(&made.value, made.expires);
    cx.event_value("userId", user.id.as_str());
    let mut map = model::session(cx, &made.document, true);
    map.insert("secret".into(), made.value.into());
    cx.audit_user = Some(user);
    Reply::Model("session", map)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&EMAIL, &ANONYMOUS, &TOKEN, &MAGIC, &PHONE];
