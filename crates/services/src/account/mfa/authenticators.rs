//! Authenticator apps: added, verified by a password of theirs, removed.
use database::Update;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, params};
use serde_json::json;

use super::store;
use crate::mailing;
use crate::support::{OWN, object};
use crate::users::{self, model};

params! {
    pub(crate) struct One { kind: String = "type", Check::Enum(&["totp"]), required; }
}
params! {
    pub(crate) struct Verify {
        kind: String = "type", Check::Enum(&["totp"]), required;
        otp: String = "otp", Check::Text { min: 1, max: 256 }, required;
    }
}

endpoint! {
    /// Adds an authenticator app to the account; it counts once it is verified.
    CREATE: Post "/v1/account/mfa/authenticators/:type" => 200 "mfaType" by create(One);
    sdk ["account.createMFAAuthenticator", "account.createMfaAuthenticator"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{user.$id}"
}
endpoint! {
    /// Verifies an authenticator app with a password it shows.
    VERIFY: Put "/v1/account/mfa/authenticators/:type" => 200 "account" by verify(Verify);
    sdk ["account.updateMFAAuthenticator", "account.updateMfaAuthenticator"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Removes an authenticator app.
    DELETE: Delete "/v1/account/mfa/authenticators/:type" => 204 "none" by delete(One);
    sdk ["account.deleteMFAAuthenticator", "account.deleteMfaAuthenticator"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].delete.mfa" audit "user.update" on "user/{user.$id}"
    groups [MfaProtected]
}

/// Percent-encodes everything but what is safe anywhere in a URI.
fn encoded(text: &str) -> String {
    let safe = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~".contains(b);
    text.bytes().map(|b| if safe(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// What apps read from a QR code.
fn uri(issuer: &str, label: &str, secret: &str) -> String {
    let issuer = encoded(issuer);
    format!("otpauth://totp/{issuer}%3A{}?issuer={issuer}&secret={secret}", encoded(label))
}

fn create(cx: &mut Cx<'_>, _: One) -> Result<Reply> {
    let user = cx.user()?;
    let secret = store::make_authenticator(cx, &user.id)?;
    let label = [user.str("email"), user.str("phone"), &user.id].into_iter().find(|s| !s.is_empty()).unwrap_or_default();
    let uri = uri(&mailing::project_name(cx.app, &cx.project), label, &secret);
    // Listeners learn that something changed, not the secret.
    cx.event_payload("account", model::user(cx, &user)?);
    Ok(Reply::Model("mfaType", object(json!({"secret": secret, "uri": uri}))))
}

fn verify(cx: &mut Cx<'_>, p: Verify) -> Result<Reply> {
    let user = cx.user()?;
    let app = store::authenticator(cx, &user.id)?.ok_or(Error::from(ErrorKind::UserAuthenticatorNotFound))?;
    if app.bool("verified") {
        return Err(ErrorKind::UserAuthenticatorAlreadyVerified.into());
    }
    if !store::totp_fits(cx, &app, &p.otp)? {
        return Err(ErrorKind::UserInvalidToken.into());
    }
    let session = cx.identity().and_then(|i| i.session.clone());
    let (ns, now, id) = (cx.ns(), cx.now(), user.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "authenticators")?;
        let update = |data| Update { data: object(data), permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        // The one that was checked, not one that has taken its place.
        tx.db.find_one(&OWN, &coll, vec![Query::equal("$id", app.id.as_str())])?.ok_or(Error::from(ErrorKind::UserAuthenticatorNotFound))?;
        tx.update(&OWN, &coll, &app.id, update(json!({"verified": true})))?;
        store::set_totp(tx, ns, &id, true)?;
        if let Some(session) = session {
            let sessions = tx.collection(ns, "sessions")?;
            tx.update(&OWN, &sessions, &session.id, update(json!({"factors": store::with_factors(&session, ["totp"])})))?;
        }
        Ok(())
    })?;
    let user = users::store::get(cx, &user.id)?;
    Ok(Reply::Model("account", model::user(cx, &user)?))
}

fn delete(cx: &mut Cx<'_>, _: One) -> Result<Reply> {
    let user = cx.user()?;
    store::delete_authenticator(cx, &user.id)?;
    cx.event_payload("account", model::user(cx, &user)?);
    Ok(Reply::Empty)
}

pub(crate) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &VERIFY, &DELETE];

#[cfg(test)]
mod tests {
    #[test]
    fn apps_read_the_address() {
        let found = super::uri("My App", "a.new@example.com", "ABC");
        assert_eq!(found, "otpauth://totp/My%20App%3Aa.new%40example.com?issuer=My%20App&secret=ABC");
    }
}
