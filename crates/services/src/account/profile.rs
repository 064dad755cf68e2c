//! The account itself: making, reading, blocking and deleting it, and its preferences.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::users::{model, store};

params! {
    pub(crate) struct Create {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        password: String = "password", Check::NewPassword, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct Prefs { prefs: Map<String, Value> = "prefs", Check::Prefs, required; }
}

endpoint! {
    /// Creates an account.
    CREATE: Post "/v1/account" => 201 "account" by create(Create);
    sdk ["account.create"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},ip:{ip}"]
    audit "user.create" on "user/{response.$id}"
    groups [AuthMethod("emailPassword")]
}
endpoint! {
    /// Gets the account.
    GET: Get "/v1/account" => 200 "account" by get(());
    sdk ["account.get"] auth [Admin, Session, Jwt] scope ["account"]
}
endpoint! {
    /// Deletes the account.
    DELETE: Delete "/v1/account" => 204 "none" by delete(());
    sdk ["account.delete"] auth [Admin] scope ["account"]
    event "users.[userId].delete" audit "user.delete" on "user/{user.$id}"
}
endpoint! {
    /// Gets the account's preferences.
    GET_PREFS: Get "/v1/account/prefs" => 200 "preferences" by get_prefs(());
    sdk ["account.getPrefs"] auth [Admin, Session, Jwt] scope ["account"]
}
endpoint! {
    /// Replaces the account's preferences.
    UPDATE_PREFS: Patch "/v1/account/prefs" => 200 "account" by update_prefs(Prefs);
    sdk ["account.updatePrefs"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.prefs" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Blocks the account; only a server can unblock it.
    STATUS: Patch "/v1/account/status" => 200 "account" by status(());
    sdk ["account.updateStatus"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.status" audit "user.update" on "user/{response.$id}"
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    store::check_dictionary(&cx.project, &p.password)?;
    let email = p.email.to_lowercase();
    check_console(cx, &email)?;
    let limit = super::sign_in::user_limit(cx);
    store::check_limit(cx, limit)?;
    // Guests do not learn whose identity it is.
    store::check_identities(cx, &email, "", ErrorKind::GeneralBadRequest)?;
    let id = cx.custom_id(&p.user_id);
    store::check_personal(&cx.project, &p.password, [&id, &email, &p.name, ""])?;
    // Told before the costly hash; the transaction decides for good.
    if store::by_email(cx, &email)?.is_some() {
        return Err(ErrorKind::UserAlreadyExists.into());
    }
    let password = store::Stored::new(cx, &p.password)?;
    let now = cx.now();
    let new = store::NewUser { id, email: Some(email), phone: None, name: p.name, password, accessed_at: Some(now) };
    let user = Arc::new(store::create(cx, new, limit)?);
    let map = model::user(cx, &user)?;
    cx.audit_user = Some(user);
    Ok(Reply::Model("account", map))
}

/// Refuses sign-ups to the console that the server's settings do not allow.
fn check_console(cx: &Cx<'_>, email: &str) -> Result<()> {
    let console = &cx.app.settings.console;
    let allowed = |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value);
    if !cx.project.is_console() {
        return Ok(());
    }
    if !allowed(&console.emails, email) {
        return Err(ErrorKind::UserEmailNotWhitelisted.into());
    }
    if !allowed(&console.ips, cx.ip()) {
        return Err(ErrorKind::UserIpNotWhitelisted.into());
    }
    Ok(())
}

fn get(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

fn delete(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    store::delete(cx, &user.id)?;
    cx.roles_changed.push(user.id.clone());
    cx.event_payload("user", crate::support::base(&user));
    Ok(Reply::Empty)
}

fn get_prefs(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    Ok(Reply::Model("preferences", user.value("prefs").as_object().cloned().unwrap_or_default()))
}

fn update_prefs(cx: &mut Cx<'_>, p: Prefs) -> Result<Reply> {
    let user = cx.user()?;
    let user = store::update(cx, &user.id, json!({"prefs": p.prefs}), ErrorKind::UserAlreadyExists)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

fn status(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    let user = store::update(cx, &user.id, json!({"status": false}), ErrorKind::UserAlreadyExists)?;
    cx.roles_changed.push(user.id.clone());
    cx.clear_session_cookies();
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &GET, &DELETE, &GET_PREFS, &UPDATE_PREFS, &STATUS];
