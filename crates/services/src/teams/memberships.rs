//! Memberships of a team.
use database::{DbError, Document, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::json;
use std::sync::Arc;

use super::model::{self, Shown};
use super::{invite, store};
use crate::support::{Listing, OWN, find, object, page};

params! {
    pub(crate) struct Create {
        team_id: String = "teamId", Check::Uid, required;
        email: String = "email", Check::Email, or Str("");
        user_id: String = "userId", Check::Uid, or Str("");
        phone: String = "phone", Check::Phone, or Str("");
        roles: Vec<String> = "roles", Check::List(&Check::Key { max: 81 }, 100), required;
        url: String = "url", Check::Redirect, or Str("");
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct List {
        team_id: String = "teamId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::MEMBERSHIPS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One {
        team_id: String = "teamId", Check::Uid, required;
        membership_id: String = "membershipId", Check::Uid, required;
    }
}
params! {
    pub(crate) struct Roles {
        team_id: String = "teamId", Check::Uid, required;
        membership_id: String = "membershipId", Check::Uid, required;
        roles: Vec<String> = "roles", Check::List(&Check::Key { max: 81 }, 100), required;
    }
}

endpoint! {
    /// Adds a member; users invite by mail, servers add at once.
    CREATE: Post "/v1/teams/:teamId/memberships" => 201 "membership" by create(Create);
    sdk ["teams.createMembership"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    limit 10 per 3600 by ["url:{url},ip:{ip}"]
    event "teams.[teamId].memberships.[membershipId].create" audit "membership.create" on "team/{request.teamId}"
    groups [AuthMethod("invites")]
}
endpoint! {
    /// Lists a team's members.
    LIST: Get "/v1/teams/:teamId/memberships" => 200 "membershipList" by list(List);
    sdk ["teams.listMemberships"] auth [Admin, Session, Key, Jwt] scope ["teams.read"]
}
endpoint! {
    /// Gets a membership.
    GET: Get "/v1/teams/:teamId/memberships/:membershipId" => 200 "membership" by get(One);
    sdk ["teams.getMembership"] auth [Admin, Session, Key, Jwt] scope ["teams.read"]
}
endpoint! {
    /// Changes a member's roles.
    UPDATE: Patch "/v1/teams/:teamId/memberships/:membershipId" => 200 "membership" by update(Roles);
    sdk ["teams.updateMembership"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    event "teams.[teamId].memberships.[membershipId].update" audit "membership.update" on "team/{request.teamId}"
}
endpoint! {
    /// Ends a membership: leaving, or removed by an owner.
    DELETE: Delete "/v1/teams/:teamId/memberships/:membershipId" => 204 "none" by delete(One);
    sdk ["teams.deleteMembership"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    event "teams.[teamId].memberships.[membershipId].delete" audit "membership.delete" on "team/{request.teamId}"
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    invite::create(cx, p)
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    let coll = cx.collection("memberships")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), vec![Query::equal("teamId", team.id.as_str())])?;
    let found = page(cx, &OWN, &coll, &request, "Membership")?;
    let users = cx.collection("users")?;
    let reader = cx.read();
    let shown = Shown::to(cx);
    let mut items = Vec::with_capacity(found.documents.len());
    for membership in &found.documents {
        let user = reader.get(&OWN, &users, membership.str("userId"))?;
        items.push(model::membership(membership, Some(&*team), user.as_deref(), shown));
    }
    Ok(Reply::list("membershipList", "memberships", "membership", items, found.total))
}

/// A membership of this team, or 404; one of another team has an error of its own.
fn of_team(cx: &Cx<'_>, team_id: &str, id: &str) -> Result<Arc<Document>> {
    let coll = cx.collection("memberships")?;
    let membership = cx.read().get(&OWN, &coll, id)?.ok_or(Error::from(ErrorKind::MembershipNotFound))?;
    if membership.str("teamId") == team_id { Ok(membership) } else { Err(ErrorKind::TeamMembershipMismatch.into()) }
}

fn user_of(cx: &Cx<'_>, membership: &Document) -> Result<Option<Arc<Document>>> {
    Ok(cx.read().get(&OWN, &*cx.collection("users")?, membership.str("userId"))?)
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    let membership = of_team(cx, &team.id, &p.membership_id)?;
    let user = user_of(cx, &membership)?;
    Ok(Reply::Model("membership", model::membership(&membership, Some(&*team), user.as_deref(), Shown::to(cx))))
}

fn update(cx: &mut Cx<'_>, p: Roles) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    let old = of_team(cx, &team.id, &p.membership_id)?;
    let user = user_of(cx, &old)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
    if !store::manages(cx, &team.id) {
        return Err(Error::with(ErrorKind::UserUnauthorized, "User is not allowed to modify roles"));
    }
    let (ns, now, id, caller) = (cx.ns(), cx.now(), old.id.clone(), cx.user_id().to_owned());
    let stays = p.roles.iter().any(|r| r == "owner");
    let data = object(json!({"roles": p.roles}));
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "memberships")?;
        if let Some(now) = tx.db.get(&OWN, &coll, &id)?.filter(|_| !stays) {
            store::keep_an_owner(tx, ns, &now, &caller, ErrorKind::MembershipDowngradeProhibited)?;
        }
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &coll, &id, update).map_err(|e| if matches!(e, DbError::NotFound) { Error::from(ErrorKind::MembershipNotFound) } else { e.into() })
    })?;
    cx.roles_changed.push(user.id.clone());
    Ok(Reply::Model("membership", model::membership(&done.document, Some(&*team), Some(&*user), Shown::WHO)))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let coll = cx.collection("memberships")?;
    let membership = cx.read().get(&OWN, &coll, &p.membership_id)?.ok_or(Error::from(ErrorKind::TeamInviteNotFound))?;
    let team = store::visible(cx, &p.team_id)?;
    if membership.str("teamId") != team.id {
        return Err(ErrorKind::TeamMembershipMismatch.into());
    }
    let (ns, access, id, caller) = (cx.ns(), cx.access(), membership.id.clone(), cx.user_id().to_owned());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "memberships")?;
        if let Some(now) = tx.db.get(&OWN, &coll, &id)? {
            store::keep_an_owner(tx, ns, &now, &caller, ErrorKind::MembershipDeletionProhibited)?;
        }
        let gone = tx.delete(&access, &coll, &id, None).map_err(|e| match e {
            DbError::NotFound => Error::from(ErrorKind::TeamInviteNotFound),
            DbError::Unauthorized(_) => ErrorKind::UserUnauthorized.into(),
            e => e.into(),
        })?;
        if gone.bool("confirm") {
            store::recount(tx, ns, gone.str("teamId"), -1)?;
        }
        Ok(())
    })?;
    cx.roles_changed.push(membership.str("userId").to_owned());
    cx.event_payload("membership", model::membership(&membership, None, None, Shown::WHO));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE];
