//! Changing what identifies the account: name, password, e-mail, phone.
use database::Document;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::session;
use crate::users::store::{Ends, NoTarget};
use crate::users::{model, store};

params! {
    pub(crate) struct Name { name: String = "name", Check::Text { min: 1, max: 128 }, required; }
}
params! {
    pub(crate) struct Password {
        password: String = "password", Check::NewPassword, required;
        old_password: String = "oldPassword", Check::Text { min: 0, max: 256 }, or Str("");
    }
}
params! {
    pub(crate) struct Email { email: String = "email", Check::Email, required; password: String = "password", Check::Password, required; }
}
params! {
    pub(crate) struct Phone { phone: String = "phone", Check::Phone, required; password: String = "password", Check::Password, required; }
}

endpoint! {
    /// Changes the account's name.
    NAME: Patch "/v1/account/name" => 200 "account" by name(Name);
    sdk ["account.updateName"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.name" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes the account's password; other sessions end where the project says so.
    PASSWORD: Patch "/v1/account/password" => 200 "account" by password(Password);
    sdk ["account.updatePassword"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},ip:{ip}"]
    event "users.[userId].update.password" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes the account's e-mail address; an account without a password gets this one.
    EMAIL: Patch "/v1/account/email" => 200 "account" by email(Email);
    sdk ["account.updateEmail"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.email" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes the account's phone number; an account without a password gets this one.
    PHONE: Patch "/v1/account/phone" => 200 "account" by phone(Phone);
    sdk ["account.updatePhone"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.phone" audit "user.update" on "user/{response.$id}"
}

fn name(cx: &mut Cx<'_>, p: Name) -> Result<Reply> {
    let user = cx.user()?;
    let user = store::update(cx, &user.id, json!({"name": p.name}), ErrorKind::UserAlreadyExists)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

fn has_password(user: &Document) -> bool {
    !user.value("passwordUpdate").is_null()
}

fn password(cx: &mut Cx<'_>, p: Password) -> Result<Reply> {
    store::check_dictionary(&cx.project, &p.password)?;
    let user = cx.user()?;
    let wrong = || kernel::Error::from(ErrorKind::UserInvalidCredentials);
    let known = if has_password(&user) { store::verified(cx, &user, &p.old_password)?.ok_or_else(wrong)? } else { user.str("password").to_owned() };
    let data = store::new_password(cx, &user, &p.password)?;
    // A JWT has no session of its own that could stay.
    let current = session::current_id(cx).filter(|_| cx.project.auth_flag("invalidateSessions", true));
    let ends = current.map_or(Ends::None, |id| Ends::Others(id.to_owned()));
    // Of two changes at once the second one's old password is no longer right.
    let user = store::change_password(cx, &user.id, &known, data, ends)?.ok_or_else(wrong)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

/// Checks the password of an account that has one; otherwise it becomes the account's, without the rules for changed ones.
fn confirm(cx: &Cx<'_>, user: &Document, password: &str) -> Result<Map<String, Value>> {
    if !has_password(user) {
        return store::first_password(cx, password);
    }
    if store::check_password(cx, user, password)? { Ok(Map::new()) } else { Err(ErrorKind::UserInvalidCredentials.into()) }
}

fn email(cx: &mut Cx<'_>, p: Email) -> Result<Reply> {
    let user = cx.user()?;
    let extra = confirm(cx, &user, &p.password)?;
    let email = p.email.to_lowercase();
    store::check_identities(cx, &email, &user.id, ErrorKind::GeneralBadRequest)?;
    let user = store::change_address(cx, &user.id, "email", &email, extra, NoTarget::Leave, ErrorKind::GeneralBadRequest)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

fn phone(cx: &mut Cx<'_>, p: Phone) -> Result<Reply> {
    let user = cx.user()?;
    let extra = confirm(cx, &user, &p.password)?;
    let user = store::change_address(cx, &user.id, "sms", &p.phone, extra, NoTarget::Leave, ErrorKind::UserPhoneAlreadyExists)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&NAME, &PASSWORD, &EMAIL, &PHONE];
