//! Accepting an invitation.
use database::Update;
use kernel::{Cx, Endpoint, Error, Reply, Result, Tx, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use super::model::{self, Shown};
use super::store;
use crate::account::session::{self, Origin};
use crate::support::{OWN, object};
use crate::users;

params! {
    pub(crate) struct Accept {
        team_id: String = "teamId", Check::Uid, required;
        membership_id: String = "membershipId", Check::Uid, required;
        user_id: String = "userId", Check::Uid, required;
        secret: String = "secret", Check::Text { min: 1, max: 256 }, required;
    }
}

endpoint! {
    /// Accepts an invitation with the secret of the mail; signs in and verifies the address.
    ACCEPT: Patch "/v1/teams/:teamId/memberships/:membershipId/status" => 200 "membership" by accept(Accept);
    sdk ["teams.updateMembershipStatus"] auth [Admin, Session, Jwt] scope []
    event "teams.[teamId].memberships.[membershipId].update.status" audit "membership.update" on "team/{request.teamId}"
}

fn accept(cx: &mut Cx<'_>, p: Accept) -> Result<Reply> {
    let coll = cx.collection("memberships")?;
    let old = cx.read().get(&OWN, &coll, &p.membership_id)?.ok_or(Error::from(ErrorKind::MembershipNotFound))?;
    let team = store::find(cx, &p.team_id)?.ok_or(Error::from(ErrorKind::TeamNotFound))?;
    if old.str("teamId") != team.id {
        return Err(ErrorKind::TeamMembershipMismatch.into());
    }
    let digest = crypto::sha256_hex(p.secret.as_bytes());
    if !crypto::constant_time_eq(digest.as_bytes(), old.str("secret").as_bytes()) {
        return Err(ErrorKind::TeamInvalidSecret.into());
    }
    let caller = cx.identity().map(|i| i.user.clone());
    if p.user_id != old.str("userId") || caller.as_ref().is_some_and(|c| c.id != p.user_id) {
        let email = caller.map(|c| c.str("email").to_owned()).unwrap_or_default();
        return Err(Error::with(ErrorKind::TeamInviteMismatch, format!("Invite does not belong to current user ({email})")));
    }
    let user = users::store::get(cx, &p.user_id)?;
    if old.bool("confirm") {
        return Err(ErrorKind::MembershipAlreadyConfirmed.into());
    }
    let (ns, now, id, user_id, digest) = (cx.ns(), cx.now(), old.id.clone(), user.id.clone(), old.str("secret").to_owned());
    let verified = if user.str("email").is_empty() { "phoneVerification" } else { "emailVerification" };
    let join = move |tx: &mut Tx<'_, '_, '_>| -> Result<()> {
        let coll = tx.collection(ns, "memberships")?;
        // As it is now: the invitation may have been used, withdrawn or sent anew in between.
        let old = tx.db.get(&OWN, &coll, &id)?.ok_or(Error::from(ErrorKind::MembershipNotFound))?;
        if old.bool("confirm") {
            return Err(ErrorKind::MembershipAlreadyConfirmed.into());
        }
        if old.str("secret") != digest {
            return Err(ErrorKind::TeamInvalidSecret.into());
        }
        let update = |data| Update { data: object(data), permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        let done = tx.update(&OWN, &coll, &id, update(json!({"joined": now.format(), "confirm": true})))?;
        store::recount(tx, ns, done.document.str("teamId"), 1)?;
        // Whoever has the secret has the address it was sent to.
        let users = tx.collection(ns, "users")?;
        tx.update(&OWN, &users, &user_id, update(json!({verified: true})))?;
        Ok(())
    };
    if cx.identity().is_some() {
        cx.write(join)?;
    } else {
        let origin = Origin { provider: "email", provider_uid: user.str("email").to_owned(), factor: "email", capped: false, alert: false };
        let made = session::create_after(cx, &user, origin, join)?;
        cx.set_session_cookies(&made.value, made.expires);
    }
    let done = cx.read().get(&OWN, &coll, &old.id)?.ok_or(Error::from(ErrorKind::MembershipNotFound))?;
    cx.roles_changed.push(user.id.clone());
    cx.audit_user = Some(user.clone());
    Ok(Reply::Model("membership", model::membership(&done, Some(&*team), Some(&*user), Shown::WHO)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&ACCEPT];
