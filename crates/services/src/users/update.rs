//! Changing users.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::store::{Ends, NoTarget};
use super::{model, store};

/// How often a change of a password is tried that others forestall.
const TRIES: usize = 8;

params! {
    pub(crate) struct Name { user_id: String = "userId", Check::Uid, required; name: String = "name", Check::Text { min: 0, max: 128 }, required; }
}
params! {
    pub(crate) struct Email { user_id: String = "userId", Check::Uid, required; email: String = "email", Check::EmailOrEmpty, required; }
}
params! {
    pub(crate) struct Phone { user_id: String = "userId", Check::Uid, required; number: String = "number", Check::PhoneOrEmpty, required; }
}
params! {
    pub(crate) struct Password { user_id: String = "userId", Check::Uid, required; password: String = "password", Check::NewPasswordOrEmpty, required; }
}
params! {
    pub(crate) struct Labels { user_id: String = "userId", Check::Uid, required; labels: Vec<String> = "labels", Check::List(&Check::AlphaNumeric { max: 36 }, 1000), required; }
}
params! {
    pub(crate) struct Prefs { user_id: String = "userId", Check::Uid, required; prefs: Map<String, Value> = "prefs", Check::Prefs, required; }
}
params! {
    pub(crate) struct Status { user_id: String = "userId", Check::Uid, required; status: bool = "status", Check::Bool, required; }
}
params! {
    pub(crate) struct EmailVerification { user_id: String = "userId", Check::Uid, required; verified: bool = "emailVerification", Check::Bool, required; }
}
params! {
    pub(crate) struct PhoneVerification { user_id: String = "userId", Check::Uid, required; verified: bool = "phoneVerification", Check::Bool, required; }
}
params! {
    pub(crate) struct Impersonator { user_id: String = "userId", Check::Uid, required; impersonator: bool = "impersonator", Check::Bool, required; }
}

endpoint! {
    /// Changes a user's name.
    NAME: Patch "/v1/users/:userId/name" => 200 "user" by name(Name);
    sdk ["users.updateName"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.name" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes a user's e-mail address.
    EMAIL: Patch "/v1/users/:userId/email" => 200 "user" by email(Email);
    sdk ["users.updateEmail"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.email" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes a user's phone number.
    PHONE: Patch "/v1/users/:userId/phone" => 200 "user" by phone(Phone);
    sdk ["users.updatePhone"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.phone" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Changes a user's password.
    PASSWORD: Patch "/v1/users/:userId/password" => 200 "user" by password(Password);
    sdk ["users.updatePassword"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.password" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Replaces a user's labels.
    LABELS: Put "/v1/users/:userId/labels" => 200 "user" by labels(Labels);
    sdk ["users.updateLabels"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.labels" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Replaces a user's preferences.
    PREFS: Patch "/v1/users/:userId/prefs" => 200 "preferences" by prefs(Prefs);
    sdk ["users.updatePrefs"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.prefs"
}
endpoint! {
    /// Blocks or unblocks a user.
    STATUS: Patch "/v1/users/:userId/status" => 200 "user" by status(Status);
    sdk ["users.updateStatus"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.status" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Sets whether a user's e-mail address is verified.
    EMAIL_VERIFICATION: Patch "/v1/users/:userId/verification" => 200 "user" by email_verification(EmailVerification);
    sdk ["users.updateEmailVerification"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.verification" audit "verification.update" on "user/{response.$id}"
}
endpoint! {
    /// Sets whether a user's phone number is verified.
    PHONE_VERIFICATION: Patch "/v1/users/:userId/verification/phone" => 200 "user" by phone_verification(PhoneVerification);
    sdk ["users.updatePhoneVerification"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.verification" audit "verification.update" on "user/{response.$id}"
}
endpoint! {
    /// Sets whether a user may act as others.
    IMPERSONATOR: Patch "/v1/users/:userId/impersonator" => 200 "user" by impersonator(Impersonator);
    sdk ["users.updateImpersonator"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.impersonator" audit "user.update" on "user/{response.$id}"
}

fn set(cx: &mut Cx<'_>, id: &str, data: Value) -> Result<Reply> {
    let user = store::update(cx, id, data, ErrorKind::UserAlreadyExists)?;
    cx.roles_changed.push(user.id.clone());
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

fn name(cx: &mut Cx<'_>, p: Name) -> Result<Reply> {
    set(cx, &p.user_id, json!({"name": p.name}))
}

fn email(cx: &mut Cx<'_>, p: Email) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let email = p.email.to_lowercase();
    if !email.is_empty() {
        store::check_identities(cx, &email, &user.id, ErrorKind::UserEmailAlreadyExists)?;
    }
    let user = store::change_address(cx, &p.user_id, "email", &email, Map::new(), NoTarget::Add, ErrorKind::UserEmailAlreadyExists)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

fn phone(cx: &mut Cx<'_>, p: Phone) -> Result<Reply> {
    store::get(cx, &p.user_id)?;
    let user = store::change_address(cx, &p.user_id, "sms", &p.number, Map::new(), NoTarget::Add, ErrorKind::UserPhoneAlreadyExists)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

fn password(cx: &mut Cx<'_>, p: Password) -> Result<Reply> {
    store::check_dictionary(&cx.project, &p.password)?;
    if p.password.is_empty() {
        store::get(cx, &p.user_id)?;
        return set(cx, &p.user_id, json!({"password": "", "passwordUpdate": cx.now().format()}));
    }
    let ends = if cx.project.auth_flag("invalidateSessions", true) { Ends::All } else { Ends::None };
    // Somebody else's change at the same time goes first.
    for _ in 0..TRIES {
        let user = store::get(cx, &p.user_id)?;
        let data = store::new_password(cx, &user, &p.password)?;
        if let Some(user) = store::change_password(cx, &user.id, user.str("password"), data, ends.clone())? {
            cx.roles_changed.push(user.id.clone());
            return Ok(Reply::Model("user", model::user(cx, &user)?));
        }
    }
    Err(kernel::Error::internal("the password was changed by others again and again"))
}

fn labels(cx: &mut Cx<'_>, p: Labels) -> Result<Reply> {
    let mut labels: Vec<String> = Vec::with_capacity(p.labels.len());
    for label in p.labels {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    set(cx, &p.user_id, json!({"labels": labels}))
}

fn prefs(cx: &mut Cx<'_>, p: Prefs) -> Result<Reply> {
    store::update(cx, &p.user_id, json!({"prefs": p.prefs}), ErrorKind::UserAlreadyExists)?;
    Ok(Reply::Model("preferences", p.prefs))
}

fn status(cx: &mut Cx<'_>, p: Status) -> Result<Reply> {
    set(cx, &p.user_id, json!({"status": p.status}))
}

fn email_verification(cx: &mut Cx<'_>, p: EmailVerification) -> Result<Reply> {
    set(cx, &p.user_id, json!({"emailVerification": p.verified}))
}

fn phone_verification(cx: &mut Cx<'_>, p: PhoneVerification) -> Result<Reply> {
    set(cx, &p.user_id, json!({"phoneVerification": p.verified}))
}

fn impersonator(cx: &mut Cx<'_>, p: Impersonator) -> Result<Reply> {
    set(cx, &p.user_id, json!({"impersonator": p.impersonator}))
}

pub(super) const ENDPOINTS: &[&Endpoint] =
    &[&NAME, &EMAIL, &PHONE, &PASSWORD, &LABELS, &PREFS, &STATUS, &EMAIL_VERIFICATION, &PHONE_VERIFICATION, &IMPERSONATOR];
