//! Verifying that an e-mail address and a phone number are the account's.
use database::Update;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use mail::{Kind as Mails, Values};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use super::token::{self, Kind, LINK_DIGITS, LINK_SECONDS, Presented};
use super::{link, tokens};
use crate::mailing::{self, Letter};
use crate::support::{OWN, object};
use crate::users::store;

params! {
    pub(crate) struct Ask { url: String = "url", Check::Redirect, required; }
}
params! {
    pub(crate) struct Confirm {
        user_id: String = "userId", Check::Uid, required;
        secret: String = "secret", Check::Text { min: 1, max: 256 }, required;
    }
}

endpoint! {
    /// Sends a link that verifies the account's e-mail address.
    EMAIL: Post "/v1/account/verifications/email" => 201 "token" by email(Ask);
    old ["/v1/account/verification"]
    sdk ["account.createEmailVerification", "account.createVerification"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},userId:{userId}"]
    event "users.[userId].verification.[tokenId].create" audit "verification.create" on "user/{response.userId}"
}
endpoint! {
    /// Verifies an e-mail address with the secret of the link.
    CONFIRM_EMAIL: Put "/v1/account/verifications/email" => 200 "token" by confirm_email(Confirm);
    old ["/v1/account/verification"]
    sdk ["account.updateEmailVerification", "account.updateVerification"] auth [Admin, Session, Jwt] scope []
    limit 10 per 3600 by ["url:{url},userId:{param-userId}"]
    event "users.[userId].verification.[tokenId].update" audit "verification.update" on "user/{response.userId}"
}
endpoint! {
    /// Sends a code that verifies the account's phone number.
    PHONE: Post "/v1/account/verifications/phone" => 201 "token" by phone(());
    old ["/v1/account/verification/phone"]
    sdk ["account.createPhoneVerification"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},userId:{userId}", "url:{url},ip:{ip}"]
    event "users.[userId].verification.[tokenId].create" audit "verification.create" on "user/{response.userId}"
    groups [AuthMethod("phone")]
}
endpoint! {
    /// Verifies a phone number with the code that was sent.
    CONFIRM_PHONE: Put "/v1/account/verifications/phone" => 200 "token" by confirm_phone(Confirm);
    old ["/v1/account/verification/phone"]
    sdk ["account.updatePhoneVerification"] auth [Admin, Session, Jwt] scope []
    limit 10 per 3600 by ["userId:{param-userId}"]
    event "users.[userId].verification.[tokenId].update" audit "verification.update" on "user/{response.userId}"
}

fn email(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    mailing::require(cx, "SMTP Disabled")?;
    let user = cx.user()?;
    if user.str("email").is_empty() {
        return Err(ErrorKind::UserEmailNotFound.into());
    }
    if user.bool("emailVerification") {
        return Err(ErrorKind::UserEmailAlreadyVerified.into());
    }
    let (secret, expire) = (crypto::random_hex(LINK_DIGITS), cx.now().plus_seconds(LINK_SECONDS));
    let url = link::with(&p.url, &[("userId", &user.id), ("secret", &secret), ("expire", &expire.format())]);
    let values = Values::from([("redirect", url)]);
    let letter = Letter { kind: Mails::Verification, to: user.str("email"), to_name: user.str("name"), values, phrase: false, until: expire };
    let job = mailing::prepare(cx, letter)?;
    let (ns, new) = (cx.ns(), token::prepare_for(cx, &user.id, Kind::Verification, &secret, expire));
    let made = cx.write(move |tx| {
        tx.enqueue(job)?;
        token::add(tx, ns, new)
    })?;
    Ok(Reply::Model("token", token::model(&made, &secret, "")))
}

fn phone(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    let number = user.str("phone").to_owned();
    let mocked = mailing::mock_code(cx, &number);
    if mocked.is_none() {
        mailing::require_phone(cx)?;
    }
    if number.is_empty() {
        return Err(ErrorKind::UserPhoneNotFound.into());
    }
    if user.bool("phoneVerification") {
        return Err(ErrorKind::UserPhoneAlreadyVerified.into());
    }
    let expire = cx.now().plus_seconds(LINK_SECONDS);
    let (secret, job) = tokens::phone_code(cx, &number, mocked, expire)?;
    let (ns, new) = (cx.ns(), token::prepare_for(cx, &user.id, Kind::Phone, &secret, expire));
    let made = cx.write(move |tx| {
        if let Some(job) = job {
            tx.enqueue(job)?;
        }
        token::add(tx, ns, new)
    })?;
    Ok(Reply::Model("token", token::model(&made, &secret, "")))
}

/// Uses the token up and marks the address as verified, both or neither.
fn confirm(cx: &mut Cx<'_>, p: &Confirm, kinds: &'static [Kind], verified: &'static str) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let presented = Presented::new(cx, &user.id, kinds, &p.secret);
    let (ns, now, id) = (cx.ns(), cx.now(), user.id.clone());
    let spent = cx.write(move |tx| {
        let token = presented.spend(tx)?;
        let users = tx.collection(ns, "users")?;
        let data = object(json!({verified: true}));
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &users, &id, update)
            .map_err(|e| if matches!(e, database::DbError::NotFound) { Error::from(ErrorKind::UserNotFound) } else { e.into() })?;
        Ok(token)
    })?;
    cx.roles_changed.push(user.id.clone());
    cx.audit_user = Some(user);
    // Webhooks are told which one was used; it is of no use any more.
    cx.event_payload("token", token::model(&spent, &p.secret, ""));
    // The answer tells none: only its digest is kept.
    Ok(Reply::Model("token", token::model(&spent, "", "")))
}

fn confirm_email(cx: &mut Cx<'_>, p: Confirm) -> Result<Reply> {
    confirm(cx, &p, &[Kind::Verification], "emailVerification")
}

fn confirm_phone(cx: &mut Cx<'_>, p: Confirm) -> Result<Reply> {
    confirm(cx, &p, &[Kind::Phone], "phoneVerification")
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&EMAIL, &CONFIRM_EMAIL, &PHONE, &CONFIRM_PHONE];
