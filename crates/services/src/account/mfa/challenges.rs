//! Challenges: a second factor is asked for, and given.
use std::sync::Arc;

use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, NewJob, Reply, Result, endpoint};
use mail::{Kind, Values};
use protocol::{Check, ErrorKind, Timestamp, params};
use serde_json::json;

use super::store;
use crate::account::token::{CODE_DIGITS, LINK_SECONDS};
use crate::account::tokens;
use crate::mailing::{self, Letter};
use crate::support::{OWN, base, object};
use crate::users::model;

params! {
    pub(crate) struct Ask { factor: String = "factor", Check::EnumLoose(&["email", "phone", "totp", "recoverycode"]), required; }
}
params! {
    pub(crate) struct Give {
        challenge_id: String = "challengeId", Check::Text { min: 1, max: 256 }, required;
        otp: String = "otp", Check::Text { min: 1, max: 256 }, required;
    }
}

endpoint! {
    /// Asks for a second factor; codes go by mail or phone.
    CREATE: Post "/v1/account/mfa/challenges" => 201 "mfaChallenge" by create(Ask);
    old ["/v1/account/mfa/challenge"]
    sdk ["account.createMFAChallenge", "account.createMfaChallenge"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},userId:{userId}"]
    event "users.[userId].challenges.[challengeId].create" audit "challenge.create" on "user/{response.userId}"
    groups [Mfa]
}
endpoint! {
    /// Gives a second factor; the session has it from then on.
    UPDATE: Put "/v1/account/mfa/challenges" => 200 "session" by update(Give);
    old ["/v1/account/mfa/challenge"]
    sdk ["account.updateMFAChallenge", "account.updateMfaChallenge"] auth [Admin, Session, Jwt] scope ["account"]
    limit 10 per 3600 by ["url:{url},challengeId:{param-challengeId}"]
    event "users.[userId].sessions.[sessionId].create" audit "challenges.update" on "user/{response.userId}"
    groups [Mfa]
}

/// The factor by its name in sessions; published clients write the last one in small letters.
fn named(factor: &str) -> &'static str {
    match factor.to_lowercase().as_str() {
        "email" => "email",
        "phone" => "phone",
        "totp" => "totp",
        _ => "recoveryCode",
    }
}

fn create(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    let user = cx.user()?;
    let factor = named(&p.factor);
    let expire = cx.now().plus_seconds(LINK_SECONDS);
    let (code, job) = match factor {
        "email" => by_mail(cx, &user, expire)?,
        "phone" => by_phone(cx, &user, expire)?,
        _ => (String::new(), None),
    };
    let digest = if code.is_empty() { String::new() } else { crypto::sha256_hex(code.as_bytes()) };
    let (ns, now, id) = (cx.ns(), cx.now(), cx.new_id());
    let data = object(json!({"userId": user.id, "type": factor, "code": digest, "expire": expire.format()}));
    let new = NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now };
    let made = cx.write(move |tx| {
        if let Some(job) = job {
            tx.enqueue(job)?;
        }
        let coll = tx.collection(ns, "challenges")?;
        Ok(tx.create(&OWN, &coll, new)?)
    })?;
    cx.event_value("challengeId", made.id.as_str());
    Ok(Reply::Model("mfaChallenge", base(&made)))
}

fn by_mail(cx: &Cx<'_>, user: &Document, until: Timestamp) -> Result<(String, Option<NewJob>)> {
    mailing::require(cx, "SMTP disabled")?;
    if user.str("email").is_empty() {
        return Err(ErrorKind::UserEmailNotFound.into());
    }
    if !user.bool("emailVerification") {
        return Err(ErrorKind::UserEmailNotVerified.into());
    }
    let code = crypto::random_digits(CODE_DIGITS);
    let mut values = Values::from([("otp", code.clone())]);
    mailing::agent_values(cx, &mut values);
    let letter = Letter { kind: Kind::MfaChallenge, to: user.str("email"), to_name: user.str("name"), values, phrase: false, until };
    Ok((code, Some(mailing::prepare(cx, letter)?)))
}

fn by_phone(cx: &Cx<'_>, user: &Document, until: Timestamp) -> Result<(String, Option<NewJob>)> {
    let mocked = mailing::mock_code(cx, user.str("phone"));
    if mocked.is_none() {
        mailing::require_phone(cx)?;
    }
    if user.str("phone").is_empty() {
        return Err(ErrorKind::UserPhoneNotFound.into());
    }
    if !user.bool("phoneVerification") {
        return Err(ErrorKind::UserPhoneNotVerified.into());
    }
    tokens::phone_code(cx, user.str("phone"), mocked, until)
}

fn update(cx: &mut Cx<'_>, p: Give) -> Result<Reply> {
    let invalid = || Error::from(ErrorKind::UserInvalidToken);
    let user = cx.user()?;
    let session = cx.identity().and_then(|i| i.session.clone()).ok_or(Error::from(ErrorKind::UserSessionNotFound))?;
    let coll = cx.collection("challenges")?;
    let now = cx.now();
    let found = cx.read().get(&OWN, &coll, &p.challenge_id)?;
    let challenge = found.filter(|c| c.str("userId") == user.id && c.time("expire").is_some_and(|e| e > now)).ok_or_else(invalid)?;
    let factor = named(challenge.str("type"));
    let fits = match factor {
        "totp" => match store::authenticator(cx, &user.id)? {
            Some(app) if app.bool("verified") => store::totp_fits(cx, &app, &p.otp)?,
            _ => false,
        },
        // Judged where it is used up.
        "recoveryCode" => true,
        _ => crypto::constant_time_eq(challenge.str("code").as_bytes(), crypto::sha256_hex(p.otp.as_bytes()).as_bytes()),
    };
    if !fits {
        return Err(invalid());
    }
    let changed = give(cx, user, &session, &challenge.id, factor, p.otp)?;
    cx.event_value("sessionId", changed.id.as_str());
    let current = cx.actor.by_session;
    Ok(Reply::Model("session", model::session(cx, &changed, current)))
}

/// Removes the challenge, uses a recovery code up, and gives the session the factor: all or nothing.
fn give(cx: &Cx<'_>, user: Arc<Document>, session: &Document, challenge: &str, factor: &'static str, otp: String) -> Result<Document> {
    let (ns, now, keyring) = (cx.ns(), cx.now(), cx.app.keyring.clone());
    let (session_id, challenge) = (session.id.clone(), challenge.to_owned());
    cx.write(move |tx| {
        let invalid = || Error::from(ErrorKind::UserInvalidToken);
        let coll = tx.collection(ns, "challenges")?;
        tx.delete(&OWN, &coll, &challenge, None).map_err(|e| if matches!(e, DbError::NotFound) { invalid() } else { e.into() })?;
        if factor == "recoveryCode" && !store::spend_code(tx, &keyring, &user, ns, &otp)? {
            return Err(invalid());
        }
        let sessions = tx.collection(ns, "sessions")?;
        let session = tx.db.get(&OWN, &sessions, &session_id)?.ok_or(Error::from(ErrorKind::UserSessionNotFound))?;
        let data = object(json!({"factors": store::with_factors(&session, [factor]), "mfaUpdatedAt": now.format()}));
        Ok(tx
            .update(&OWN, &sessions, &session_id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?
            .document)
    })
}

pub(crate) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &UPDATE];
