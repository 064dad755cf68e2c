//! Recovery codes: the way in when every other second factor is lost.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::ErrorKind;
use serde_json::json;

use super::store;
use crate::support::object;
use crate::users::model;

endpoint! {
    /// Gets the account's recovery codes.
    GET: Get "/v1/account/mfa/recovery-codes" => 200 "mfaRecoveryCodes" by get(());
    sdk ["account.getMFARecoveryCodes", "account.getMfaRecoveryCodes"] auth [Admin, Session, Jwt] scope ["account"]
    groups [MfaProtected]
}
endpoint! {
    /// Makes recovery codes for an account that has none.
    CREATE: Post "/v1/account/mfa/recovery-codes" => 201 "mfaRecoveryCodes" by create(());
    sdk ["account.createMFARecoveryCodes", "account.createMfaRecoveryCodes"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{user.$id}"
}
endpoint! {
    /// Replaces the account's recovery codes.
    UPDATE: Patch "/v1/account/mfa/recovery-codes" => 200 "mfaRecoveryCodes" by update(());
    sdk ["account.updateMFARecoveryCodes", "account.updateMfaRecoveryCodes"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{user.$id}"
    groups [MfaProtected]
}

fn reply(codes: &[String]) -> Reply {
    Reply::Model("mfaRecoveryCodes", object(json!({"recoveryCodes": codes})))
}

fn get(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let codes = store::codes(cx, &*cx.user()?)?;
    if codes.is_empty() { Err(ErrorKind::UserRecoveryCodesNotFound.into()) } else { Ok(reply(&codes)) }
}

fn make(cx: &mut Cx<'_>, replace: bool) -> Result<Reply> {
    let user = cx.user()?;
    let codes = store::make_codes(cx, &user.id, replace)?;
    // Listeners learn that something changed, not the codes.
    cx.event_payload("account", model::user(cx, &user)?);
    Ok(reply(&codes))
}

fn create(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    make(cx, false)
}

fn update(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    make(cx, true)
}

pub(crate) const ENDPOINTS: &[&Endpoint] = &[&GET, &CREATE, &UPDATE];
