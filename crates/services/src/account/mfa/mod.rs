//! Second factors of the account: whether they are asked for, and which there are.
mod authenticators;
mod challenges;
mod codes;
pub(crate) mod store;

use database::Update;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};
use serde_json::json;

use crate::support::{OWN, object};
use crate::users::model;

pub(super) use authenticators::ENDPOINTS as AUTHENTICATORS;
pub(super) use challenges::ENDPOINTS as CHALLENGES;
pub(super) use codes::ENDPOINTS as CODES;

params! {
    pub(crate) struct Switch { mfa: bool = "mfa", Check::Bool, required; }
}

endpoint! {
    /// Switches second factors on or off for the account.
    UPDATE: Patch "/v1/account/mfa" => 200 "account" by update(Switch);
    sdk ["account.updateMFA"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].update.mfa" audit "user.update" on "user/{response.$id}"
}
endpoint! {
    /// Lists which factors the account has.
    FACTORS: Get "/v1/account/mfa/factors" => 200 "mfaFactors" by factors(());
    sdk ["account.listMFAFactors", "account.listMfaFactors"] auth [Admin, Session, Jwt] scope ["account"]
    groups [Mfa]
}

fn update(cx: &mut Cx<'_>, p: Switch) -> Result<Reply> {
    let user = cx.user()?;
    let session = cx.identity().and_then(|i| i.session.clone());
    let (ns, now, id) = (cx.ns(), cx.now(), user.id.clone());
    let changed = cx.write(move |tx| {
        let users = tx.collection(ns, "users")?;
        let update = |data| Update { data: object(data), permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        let user = tx.update(&OWN, &users, &id, update(json!({"mfa": p.mfa})))?.document;
        if let Some(session) = session.filter(|_| p.mfa) {
            // Who switches it on is not locked out of the session they do it in.
            let sessions = tx.collection(ns, "sessions")?;
            let factors = store::with_factors(&session, store::verified(&user));
            tx.update(&OWN, &sessions, &session.id, update(json!({"factors": factors})))?;
        }
        Ok(user)
    })?;
    Ok(Reply::Model("account", model::user(cx, &changed)?))
}

fn factors(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let user = cx.user()?;
    Ok(Reply::Model("mfaFactors", store::factors(cx, &user)?))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&UPDATE, &FACTORS];
