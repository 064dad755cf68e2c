//! One-time tokens: kept as digests, exchanged once.
use access::Permission;
use database::{Document, NewDocument};
use kernel::{Cx, Result};
use protocol::{ErrorKind, Timestamp};
use serde_json::json;

use crate::support::{OWN, object};
use crate::users::store;

/// What a token is for; numbers as the reference stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made by a server, exchanged for a session.
    Generic = 8,
}

/// Makes a token.
pub(crate) fn create(cx: &Cx<'_>, user_id: &str, kind: Kind, secret: &str, expire: Timestamp) -> Result<Document> {
    let (ns, now) = (cx.ns(), cx.now());
    let data = json!({"userId": user_id, "type": kind as i64, "secret": crypto::sha256_hex(secret.as_bytes()), "expire": expire.format(), "userAgent": cx.user_agent(), "ip": cx.ip()});
    let new = NewDocument { id: cx.new_id(), permissions: Permission::owner(user_id), data: object(data), created_at: now, updated_at: now };
    cx.write(move |tx| {
        let coll = tx.collection(ns, "tokens")?;
        Ok(tx.create(&OWN, &coll, new)?)
    })
}

/// Uses a token up: it is removed in the transaction that finds it valid, so that it works once. 401 when there is no such token.
pub(crate) fn take(cx: &Cx<'_>, user_id: &str, kind: Kind, secret: &str) -> Result<()> {
    let (ns, now, user_id) = (cx.ns(), cx.now(), user_id.to_owned());
    let digest = crypto::sha256_hex(secret.as_bytes());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "tokens")?;
        for token in store::all_of(tx, &coll, &user_id)? {
            let valid = token.int("type") == kind as i64
                && token.time("expire").is_some_and(|e| e > now)
                && crypto::constant_time_eq(token.str("secret").as_bytes(), digest.as_bytes());
            if valid {
                tx.delete(&OWN, &coll, &token.id, None)?;
                return Ok(());
            }
        }
        Err(ErrorKind::UserInvalidToken.into())
    })
}
