//! A new password for those who have forgotten theirs.
use database::{DbError, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use mail::{Kind as Mails, Values};
use protocol::{Check, ErrorKind, params};

use super::link;
use super::token::{self, Kind, LINK_DIGITS, LINK_SECONDS, Presented};
use crate::mailing::{self, Letter};
use crate::support::OWN;
use crate::users::store;

params! {
    pub(crate) struct Ask {
        email: String = "email", Check::Email, required;
        url: String = "url", Check::Redirect, required;
    }
}
params! {
    pub(crate) struct Confirm {
        user_id: String = "userId", Check::Uid, required;
        secret: String = "secret", Check::Text { min: 1, max: 256 }, required;
        password: String = "password", Check::NewPassword, required;
    }
}

endpoint! {
    /// Sends a link to a new password.
    CREATE: Post "/v1/account/recovery" => 201 "token" by create(Ask);
    sdk ["account.createRecovery"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},email:{param-email}", "url:{url},ip:{ip}"]
    event "users.[userId].recovery.[tokenId].create" audit "recovery.create" on "user/{response.userId}"
}
endpoint! {
    /// Sets a new password with the secret of the link.
    CONFIRM: Put "/v1/account/recovery" => 200 "token" by confirm(Confirm);
    sdk ["account.updateRecovery"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},userId:{param-userId}"]
    event "users.[userId].recovery.[tokenId].update" audit "recovery.update" on "user/{response.userId}"
}

fn create(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    mailing::require(cx, "SMTP Disabled")?;
    let email = p.email.to_lowercase();
    // That an address is unknown is told, as the reference tells it; the limit above bounds how many can be asked for.
    let user = store::by_email(cx, &email)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
    if user.value("status").as_bool() == Some(false) {
        return Err(ErrorKind::UserBlocked.into());
    }
    let (secret, expire) = (crypto::random_hex(LINK_DIGITS), cx.now().plus_seconds(LINK_SECONDS));
    let url = link::with(&p.url, &[("userId", &user.id), ("secret", &secret), ("expire", &expire.format())]);
    let letter = Letter {
        kind: Mails::Recovery,
        to: user.str("email"),
        to_name: user.str("name"),
        values: Values::from([("redirect", url)]),
        phrase: false,
        until: expire,
    };
    let job = mailing::prepare(cx, letter)?;
    let (ns, new) = (cx.ns(), token::prepare_for(cx, &user.id, Kind::Recovery, &secret, expire));
    let made = cx.write(move |tx| {
        tx.enqueue(job)?;
        token::add(tx, ns, new)
    })?;
    cx.audit_user = Some(user);
    Ok(Reply::Model("token", token::model(&made, &secret, "")))
}

fn confirm(cx: &mut Cx<'_>, p: Confirm) -> Result<Reply> {
    store::check_dictionary(&cx.project, &p.password)?;
    let user = store::get(cx, &p.user_id)?;
    let presented = Presented::new(cx, &user.id, &[Kind::Recovery], &p.secret);
    // Before the costly hash; the transaction decides for good.
    presented.find(cx)?;
    let mut data = store::new_password(cx, &user, &p.password)?;
    data.insert("emailVerification".into(), true.into());
    let (ns, now, id, end_sessions) = (cx.ns(), cx.now(), user.id.clone(), cx.project.auth_flag("invalidateSessions", true));
    let spent = cx.write(move |tx| {
        let token = presented.spend(tx)?;
        let users = tx.collection(ns, "users")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &users, &id, update).map_err(|e| if matches!(e, DbError::NotFound) { Error::from(ErrorKind::UserNotFound) } else { e.into() })?;
        if end_sessions {
            let sessions = tx.collection(ns, "sessions")?;
            for session in store::all_of(tx, &sessions, &id)? {
                tx.delete(&OWN, &sessions, &session.id, None)?;
            }
        }
        Ok(token)
    })?;
    cx.roles_changed.push(user.id.clone());
    cx.audit_user = Some(user);
    cx.event_payload("token", token::model(&spent, &p.secret, ""));
    Ok(Reply::Model("token", token::model(&spent, "", "")))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &CONFIRM];
