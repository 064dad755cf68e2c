//! Adding members: users invite by mail or phone, servers add at once.
use std::sync::Arc;

use database::{Document, Update};
use kernel::{Cx, Error, NewJob, Reply, Result};
use mail::{Kind, Values};
use protocol::{ErrorKind, Query};
use serde_json::json;

use super::memberships::Create;
use super::model::{self, Shown};
use super::store::{self, NewMembership};
use crate::account::link;
use crate::account::token::LINK_DIGITS;
use crate::mailing::{self, Letter, Text};
use crate::support::{OWN, object};
use crate::users::store::{self as users, Creation, NewUser, Stored};

/// How long an invitation is tried to be delivered, seconds; itself it has no end.
const DELIVERY: i64 = 7 * 86_400;

fn bad(message: &'static str) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, message)
}

/// Who is meant: somebody known, or a user to be made with the membership.
struct Invitee {
    id: String,
    email: String,
    phone: String,
    name: String,
    creation: Option<Creation>,
}

impl Invitee {
    fn known(user: &Document) -> Self {
        let text = |key: &str| user.str(key).to_owned();
        Self { id: user.id.clone(), email: text("email"), phone: text("phone"), name: text("name"), creation: None }
    }
}

pub(super) fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    if p.url.is_empty() && !cx.privileged() {
        return Err(bad("URL is required"));
    }
    if p.user_id.is_empty() && p.email.is_empty() && p.phone.is_empty() {
        return Err(bad("At least one of userId, email, or phone is required"));
    }
    if !cx.privileged() {
        mailing::require(cx, "")?;
    }
    let team = store::visible(cx, &p.team_id)?;
    let invitee = invitee(cx, &p)?;
    if !store::manages(cx, &team.id) {
        return Err(Error::with(ErrorKind::UserUnauthorized, "User is not allowed to send invitations for this team"));
    }
    let secret = crypto::random_hex(LINK_DIGITS);
    let found = present(cx, &team.id, &invitee.id)?;
    // Known before the letter is written, which names it.
    let membership_id = found.map_or_else(|| cx.new_id(), |m| m.id.clone());
    let job = if cx.privileged() { None } else { Some(letter(cx, &p.url, &team, &invitee, &membership_id, &secret)?) };
    let user_id = invitee.id.clone();
    let membership = write(cx, &team.id, invitee, p.roles, membership_id, &secret, job)?;
    if cx.privileged() {
        cx.roles_changed.push(user_id.clone());
    }
    let user = users::get(cx, &user_id)?;
    Ok(Reply::Model("membership", model::membership(&membership, Some(&*team), Some(&*user), Shown::WHO)))
}

fn present(cx: &Cx<'_>, team: &str, user: &str) -> Result<Option<Arc<Document>>> {
    let coll = cx.collection("memberships")?;
    Ok(cx.read().find_one(&OWN, &coll, vec![Query::equal("teamId", team), Query::equal("userId", user)])?)
}

/// The user, the membership and the letter, all or none. A membership that waits gets a new secret, or is confirmed where a server asks.
fn write(cx: &Cx<'_>, team: &str, invitee: Invitee, roles: Vec<String>, id: String, secret: &str, job: Option<NewJob>) -> Result<Document> {
    let (ns, now, confirmed) = (cx.ns(), cx.now(), cx.privileged());
    let (team_id, digest) = (team.to_owned(), crypto::sha256_hex(secret.as_bytes()));
    cx.write(move |tx| {
        let user_id = invitee.id;
        if let Some(creation) = invitee.creation {
            creation.run(tx)?;
        }
        let coll = tx.collection(ns, "memberships")?;
        let present = tx.db.find_one(&OWN, &coll, vec![Query::equal("teamId", team_id.as_str()), Query::equal("userId", user_id.as_str())])?;
        let membership = match present {
            Some(old) if old.bool("confirm") => return Err(ErrorKind::MembershipAlreadyConfirmed.into()),
            Some(old) => {
                let mut data = object(json!({"secret": digest, "invited": now.format()}));
                if confirmed {
                    data.extend(object(json!({"joined": now.format(), "confirm": true})));
                }
                tx.update(&OWN, &coll, &old.id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?
                    .document
            }
            None => {
                let new = NewMembership { id, team_id: team_id.clone(), user_id, roles, confirmed, secret: digest };
                tx.create(&OWN, &coll, store::membership(new, now))?
            }
        };
        if confirmed {
            store::recount(tx, ns, &team_id, 1)?;
        }
        if let Some(job) = job {
            tx.enqueue(job)?;
        }
        Ok(membership)
    })
}

/// The invitation itself, by mail where there is an address, else by phone.
fn letter(cx: &Cx<'_>, page: &str, team: &Document, invitee: &Invitee, membership: &str, secret: &str) -> Result<NewJob> {
    let values = [("membershipId", membership), ("userId", &invitee.id), ("secret", secret), ("teamId", &team.id), ("teamName", team.str("name"))];
    let url = link::with(page, &values);
    let until = cx.now().plus_seconds(DELIVERY);
    if invitee.email.is_empty() {
        mailing::require_phone(cx)?;
        return Text { to: &invitee.phone, content: url, until }.prepare(cx);
    }
    let owner = cx.user()?.str("name").to_owned();
    let values = Values::from([("redirect", url), ("owner", owner), ("team", team.str("name").to_owned())]);
    mailing::prepare(cx, Letter { kind: Kind::Invitation, to: &invitee.email, to_name: &invitee.name, values, phrase: false, until })
}

/// The user meant by id, e-mail or phone; one who does not exist yet is prepared.
fn invitee(cx: &Cx<'_>, p: &Create) -> Result<Invitee> {
    let mismatch = |text: &'static str| Error::with(ErrorKind::UserAlreadyExists, text);
    let email = p.email.to_lowercase();
    if !p.user_id.is_empty() {
        let user = users::get(cx, &p.user_id).map_err(|_| Error::with(ErrorKind::UserNotFound, "User with given userId doesn't exist."))?;
        if !email.is_empty() && user.str("email") != email {
            return Err(mismatch("Given userId and email doesn't match"));
        }
        if !p.phone.is_empty() && user.str("phone") != p.phone {
            return Err(mismatch("Given userId and phone doesn't match"));
        }
        return Ok(Invitee::known(&user));
    }
    let found = if email.is_empty() { users::by_phone(cx, &p.phone)? } else { users::by_email(cx, &email)? };
    if let Some(user) = found {
        if !email.is_empty() && !p.phone.is_empty() && user.str("phone") != p.phone {
            return Err(mismatch("Given email and phone doesn't match"));
        }
        return Ok(Invitee::known(&user));
    }
    // Invitations of the console are always allowed; servers may add beyond the bound.
    let limit = if cx.privileged() || cx.project.is_console() { None } else { crate::account::user_limit(cx) };
    if users::check_limit(cx, limit).is_err() {
        return Err(full());
    }
    if !email.is_empty() {
        users::check_identities(cx, &email, "", ErrorKind::UserEmailAlreadyExists)?;
    }
    let name = if p.name.is_empty() { email.clone() } else { p.name.clone() };
    let filled = |s: &str| (!s.is_empty()).then(|| s.to_owned());
    let id = cx.new_id();
    let new = NewUser { id: id.clone(), email: filled(&email), phone: filled(&p.phone), name: name.clone(), password: Stored::none(), accessed_at: None };
    Ok(Invitee { id, email, phone: p.phone.clone(), name, creation: Some(Creation::new(cx, new, limit)) })
}

fn full() -> Error {
    Error::with(ErrorKind::UserCountExceeded, "Project registration is restricted. Contact your administrator for more information.")
}
