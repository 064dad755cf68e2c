//! What second factors are kept as: authenticators with a sealed secret, sealed recovery codes. Shared by `account` and `users`.
use std::sync::Arc;

use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Error, Result, Tx};
use protocol::{ErrorKind, Query};
use serde_json::{Map, Value, json};

use crate::support::{OWN, object};

/// Purpose under which secrets of authenticators are sealed.
const TOTP: &str = "totp";
/// Purpose under which recovery codes are sealed.
const CODES: &str = "mfa-recovery-codes";
/// Codes made at once, and their length.
const CODES_MADE: usize = 6;
const CODE_DIGITS: usize = 10;

/// Factors the user can give, by their names in sessions.
pub(crate) fn verified(user: &Document) -> Vec<&'static str> {
    let has = |address: &str, flag: &str| !user.str(address).is_empty() && user.bool(flag);
    let all = [("totp", user.bool("mfaTotp")), ("email", has("email", "emailVerification")), ("phone", has("phone", "phoneVerification"))];
    all.into_iter().filter_map(|(name, can)| can.then_some(name)).collect()
}

/// Factors of a session with others added, each once.
pub(crate) fn with_factors<'a>(session: &'a Document, more: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut factors: Vec<String> = Vec::new();
    for factor in session.strings("factors").chain(more) {
        if !factors.iter().any(|f| f == factor) {
            factors.push(factor.to_owned());
        }
    }
    factors
}

/// Fields of `mfaFactors`.
pub(crate) fn factors(cx: &Cx<'_>, user: &Document) -> Result<Map<String, Value>> {
    let can = verified(user);
    let has = |name: &str| can.contains(&name);
    Ok(object(json!({"totp": has("totp"), "email": has("email"), "phone": has("phone"), "recoveryCode": !codes(cx, user)?.is_empty()})))
}

/// A user's recovery codes.
pub(crate) fn codes(cx: &Cx<'_>, user: &Document) -> Result<Vec<String>> {
    opened(&cx.app.keyring, user)
}

fn opened(keyring: &crypto::Keyring, user: &Document) -> Result<Vec<String>> {
    match user.value("mfaRecoveryCodes") {
        Value::String(sealed) if !sealed.is_empty() => {
            let text = keyring.open_text(CODES, sealed).map_err(Error::internal)?;
            serde_json::from_str(&text).map_err(Error::internal)
        }
        _ => Ok(Vec::new()),
    }
}

fn sealed(keyring: &crypto::Keyring, codes: &[String]) -> Result<Value> {
    if codes.is_empty() {
        return Ok(Value::Null);
    }
    let text = serde_json::to_string(codes).map_err(Error::internal)?;
    keyring.seal_text(CODES, &text).map(Value::String).map_err(Error::internal)
}

/// Makes recovery codes: where there are none, or in place of those there are.
pub(crate) fn make_codes(cx: &Cx<'_>, user_id: &str, replace: bool) -> Result<Vec<String>> {
    let new: Vec<String> = (0..CODES_MADE).map(|_| crypto::random_hex(CODE_DIGITS)).collect();
    let value = sealed(&cx.app.keyring, &new)?;
    let (ns, now, id) = (cx.ns(), cx.now(), user_id.to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "users")?;
        let user = tx.db.get(&OWN, &coll, &id)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
        let present = user.value("mfaRecoveryCodes").as_str().is_some_and(|s| !s.is_empty());
        match (present, replace) {
            (true, false) => Err(ErrorKind::UserRecoveryCodesAlreadyExists.into()),
            (false, true) => Err(ErrorKind::UserRecoveryCodesNotFound.into()),
            _ => {
                let data = object(json!({"mfaRecoveryCodes": value}));
                tx.update(&OWN, &coll, &id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
                Ok(())
            }
        }
    })?;
    Ok(new)
}

/// Uses a recovery code up; whether it was one of the user's.
pub(crate) fn spend_code(tx: &mut Tx<'_, '_, '_>, keyring: &crypto::Keyring, user: &Document, ns: database::Namespace, given: &str) -> Result<bool> {
    let coll = tx.collection(ns, "users")?;
    let user = tx.db.get(&OWN, &coll, &user.id)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
    let mut codes = opened(keyring, &user)?;
    let before = codes.len();
    codes.retain(|c| !crypto::constant_time_eq(c.as_bytes(), given.as_bytes()));
    if codes.len() == before {
        return Ok(false);
    }
    let data = object(json!({"mfaRecoveryCodes": sealed(keyring, &codes)?}));
    tx.update(&OWN, &coll, &user.id, Update { data, permissions: None, updated_at: user.updated_at, created_at: None, touch: true, unless_newer: None })?;
    Ok(true)
}

/// A user's authenticator, verified or not.
pub(crate) fn authenticator(cx: &Cx<'_>, user_id: &str) -> Result<Option<Arc<Document>>> {
    let coll = cx.collection("authenticators")?;
    Ok(cx.read().find_one(&OWN, &coll, vec![Query::equal("userId", user_id), Query::equal("type", "totp")])?)
}

/// Makes an authenticator that is not verified yet, in place of one like it, and returns its secret.
pub(crate) fn make_authenticator(cx: &Cx<'_>, user_id: &str) -> Result<String> {
    let secret = crypto::totp::secret();
    let kept = cx.app.keyring.seal_text(TOTP, &secret).map_err(Error::internal)?;
    let (ns, now, id, user_id) = (cx.ns(), cx.now(), cx.new_id(), user_id.to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "authenticators")?;
        if let Some(old) = tx.db.find_one(&OWN, &coll, vec![Query::equal("userId", user_id.as_str()), Query::equal("type", "totp")])? {
            if old.bool("verified") {
                return Err(ErrorKind::UserAuthenticatorAlreadyVerified.into());
            }
            tx.delete(&OWN, &coll, &old.id, None)?;
        }
        let data = object(json!({"userId": user_id, "type": "totp", "verified": false, "secret": kept}));
        tx.create(&OWN, &coll, NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now })?;
        Ok(())
    })?;
    Ok(secret)
}

/// Whether a password is the authenticator's of now.
pub(crate) fn totp_fits(cx: &Cx<'_>, authenticator: &Document, otp: &str) -> Result<bool> {
    let secret = cx.app.keyring.open_text(TOTP, authenticator.str("secret")).map_err(Error::internal)?;
    Ok(crypto::totp::verify(&secret, otp, u64::try_from(cx.now().0 / 1_000).unwrap_or(0)))
}

/// Removes a user's authenticator; 404 when there is none.
pub(crate) fn delete_authenticator(cx: &Cx<'_>, user_id: &str) -> Result<()> {
    let old = authenticator(cx, user_id)?.ok_or(Error::from(ErrorKind::UserAuthenticatorNotFound))?;
    let (ns, user_id) = (cx.ns(), user_id.to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "authenticators")?;
        tx.delete(&OWN, &coll, &old.id, None)
            .map_err(|e| if matches!(e, DbError::NotFound) { Error::from(ErrorKind::UserAuthenticatorNotFound) } else { e.into() })?;
        set_totp(tx, ns, &user_id, false)
    })
}

/// Notes with the user whether an authenticator is verified, which every request asks.
pub(crate) fn set_totp(tx: &mut Tx<'_, '_, '_>, ns: database::Namespace, user_id: &str, on: bool) -> Result<()> {
    let coll = tx.collection(ns, "users")?;
    let Some(user) = tx.db.get(&OWN, &coll, user_id)? else { return Ok(()) };
    // Not a change of the user itself: its date stays.
    let update =
        Update { data: object(json!({"mfaTotp": on})), permissions: None, updated_at: user.updated_at, created_at: None, touch: true, unless_newer: None };
    tx.update(&OWN, &coll, user_id, update)?;
    Ok(())
}
