//! Second factors of a user, managed by a server.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use super::{model, store};
use crate::account::mfa::store as factors;
use crate::support::object;

params! {
    pub(crate) struct Switch { user_id: String = "userId", Check::Uid, required; mfa: bool = "mfa", Check::Bool, required; }
}
params! {
    pub(crate) struct Of { user_id: String = "userId", Check::Uid, required; }
}
params! {
    pub(crate) struct Authenticator { user_id: String = "userId", Check::Uid, required; kind: String = "type", Check::Enum(&["totp"]), required; }
}

endpoint! {
    /// Switches second factors on or off for a user.
    UPDATE: Patch "/v1/users/:userId/mfa" => 200 "user" by update(Switch);
    sdk ["users.updateMFA", "users.updateMfa"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Lists which factors a user has.
    FACTORS: Get "/v1/users/:userId/mfa/factors" => 200 "mfaFactors" by list(Of);
    sdk ["users.listMFAFactors", "users.listMfaFactors"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Gets a user's recovery codes.
    CODES: Get "/v1/users/:userId/mfa/recovery-codes" => 200 "mfaRecoveryCodes" by codes(Of);
    sdk ["users.getMFARecoveryCodes", "users.getMfaRecoveryCodes"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Makes recovery codes for a user who has none.
    CREATE_CODES: Patch "/v1/users/:userId/mfa/recovery-codes" => 200 "mfaRecoveryCodes" by create_codes(Of);
    sdk ["users.createMFARecoveryCodes", "users.createMfaRecoveryCodes"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].create.mfa.recovery-codes" audit "user.update" on "user/{request.userId}"
}
endpoint! {
    /// Replaces a user's recovery codes.
    REPLACE_CODES: Put "/v1/users/:userId/mfa/recovery-codes" => 200 "mfaRecoveryCodes" by replace_codes(Of);
    sdk ["users.updateMFARecoveryCodes", "users.updateMfaRecoveryCodes"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].update.mfa.recovery-codes" audit "user.update" on "user/{request.userId}"
}
endpoint! {
    /// Deletes a user's authenticator.
    DELETE: Delete "/v1/users/:userId/mfa/authenticators/:type" => 204 "none" by delete(Authenticator);
    sdk ["users.deleteMFAAuthenticator", "users.deleteMfaAuthenticator"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].delete.mfa" audit "user.update" on "user/{request.userId}"
}

fn update(cx: &mut Cx<'_>, p: Switch) -> Result<Reply> {
    let user = store::update(cx, &p.user_id, json!({"mfa": p.mfa}), ErrorKind::UserAlreadyExists)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

fn list(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    Ok(Reply::Model("mfaFactors", factors::factors(cx, &user)?))
}

fn reply(codes: &[String]) -> Reply {
    Reply::Model("mfaRecoveryCodes", object(json!({"recoveryCodes": codes})))
}

fn codes(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let codes = factors::codes(cx, &*store::get(cx, &p.user_id)?)?;
    if codes.is_empty() { Err(ErrorKind::UserRecoveryCodesNotFound.into()) } else { Ok(reply(&codes)) }
}

/// Makes codes; listeners learn that something changed, not the codes.
fn make(cx: &mut Cx<'_>, id: &str, replace: bool) -> Result<Reply> {
    let codes = factors::make_codes(cx, id, replace)?;
    let user = store::get(cx, id)?;
    cx.event_payload("user", model::user(cx, &user)?);
    Ok(reply(&codes))
}

fn create_codes(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    make(cx, &p.user_id, false)
}

fn replace_codes(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    make(cx, &p.user_id, true)
}

fn delete(cx: &mut Cx<'_>, p: Authenticator) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    factors::delete_authenticator(cx, &user.id)?;
    cx.event_payload("user", model::user(cx, &user)?);
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&UPDATE, &FACTORS, &CODES, &CREATE_CODES, &REPLACE_CODES, &DELETE];
