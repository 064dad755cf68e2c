//! Memberships of a team.
use database::{DbError, Document, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::json;
use std::sync::Arc;

use super::model::{self, Shown};
use super::store::{self, NewMembership};
use crate::support::{Listing, OWN, find, object, page};
use crate::users;

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

fn bad(message: &'static str) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, message)
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    if p.url.is_empty() && !cx.privileged() {
        return Err(bad("URL is required"));
    }
    if p.user_id.is_empty() && p.email.is_empty() && p.phone.is_empty() {
        return Err(bad("At least one of userId, email, or phone is required"));
    }
    if !cx.privileged() {
        // Invitations go by mail, which this release does not send.
        return Err(ErrorKind::GeneralSmtpDisabled.into());
    }
    let team = store::visible(cx, &p.team_id)?;
    let user = invitee(cx, &p)?;
    let (ns, now, id) = (cx.ns(), cx.now(), cx.new_id());
    let (team_id, user_id, roles) = (team.id.clone(), user.id.clone(), p.roles);
    let membership = cx.write(move |tx| {
        let coll = tx.collection(ns, "memberships")?;
        let present = tx.db.find_one(&OWN, &coll, vec![Query::equal("teamId", team_id.as_str()), Query::equal("userId", user_id.as_str())])?;
        let membership = match present {
            Some(old) if old.bool("confirm") => return Err(ErrorKind::MembershipAlreadyConfirmed.into()),
            Some(old) => {
                let data = object(json!({"invited": now.format(), "joined": now.format(), "confirm": true}));
                tx.update(&OWN, &coll, &old.id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?
                    .document
            }
            None => {
                let new = NewMembership { id, team_id: team_id.clone(), user_id, roles, confirmed: true, secret: String::new() };
                tx.create(&OWN, &coll, store::membership(new, now))?
            }
        };
        store::recount(tx, ns, &team_id, 1)?;
        Ok(membership)
    })?;
    cx.roles_changed.push(user.id.clone());
    Ok(Reply::Model("membership", model::membership(&membership, Some(&*team), Some(&*user), Shown::WHO)))
}

/// The user meant by id, e-mail or phone; one who does not exist yet is made.
fn invitee(cx: &Cx<'_>, p: &Create) -> Result<Arc<Document>> {
    let mismatch = |text: &'static str| Error::with(ErrorKind::UserAlreadyExists, text);
    let email = p.email.to_lowercase();
    if !p.user_id.is_empty() {
        let user = users::store::get(cx, &p.user_id).map_err(|_| Error::with(ErrorKind::UserNotFound, "User with given userId doesn't exist."))?;
        if !email.is_empty() && user.str("email") != email {
            return Err(mismatch("Given userId and email doesn't match"));
        }
        if !p.phone.is_empty() && user.str("phone") != p.phone {
            return Err(mismatch("Given userId and phone doesn't match"));
        }
        return Ok(user);
    }
    let found = if email.is_empty() { users::store::by_phone(cx, &p.phone)? } else { users::store::by_email(cx, &email)? };
    if let Some(user) = found {
        if !email.is_empty() && !p.phone.is_empty() && user.str("phone") != p.phone {
            return Err(mismatch("Given email and phone doesn't match"));
        }
        return Ok(user);
    }
    users::store::check_identities(cx, &email, "", ErrorKind::UserEmailAlreadyExists)?;
    let name = if p.name.is_empty() { email.clone() } else { p.name.clone() };
    let filled = |s: &str| (!s.is_empty()).then(|| s.to_owned());
    let new = users::store::NewUser {
        id: cx.new_id(),
        email: filled(&email),
        phone: filled(&p.phone),
        name,
        password: users::store::Stored::none(),
        accessed_at: None,
    };
    Ok(Arc::new(users::store::create(cx, new, None)?))
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
    let (ns, now, id) = (cx.ns(), cx.now(), old.id.clone());
    let data = object(json!({"roles": p.roles}));
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "memberships")?;
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
    let (ns, access, id) = (cx.ns(), cx.access(), membership.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "memberships")?;
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
