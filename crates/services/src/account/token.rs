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
    /// Made by a login at a provider of identities, exchanged for a session.
    OAuth2 = 7,
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

/// A token about to be made in somebody's transaction.
pub(crate) struct Prepared(NewDocument);

impl Prepared {
    /// The document, once it is known whose it is.
    pub(crate) fn for_user(self, user_id: &str) -> NewDocument {
        let mut new = self.0;
        new.permissions = Permission::owner(user_id);
        new.data.insert("userId".into(), user_id.into());
        new
    }
}

/// All of a token but its user; `provider` is told to the session it is exchanged for.
pub(crate) fn prepare(cx: &Cx<'_>, kind: Kind, secret: &str, expire: Timestamp, provider: &str) -> Prepared {
    let digest = crypto::sha256_hex(secret.as_bytes());
    let data = json!({"type": kind as i64, "secret": digest, "expire": expire.format(), "provider": provider, "userAgent": cx.user_agent(), "ip": cx.ip()});
    Prepared(NewDocument { id: cx.new_id(), permissions: Vec::new(), data: object(data), created_at: cx.now(), updated_at: cx.now() })
}

/// Uses a token up: it is removed in the transaction that finds it valid, so that it works once. 401 when there is no such token.
pub(crate) fn take(cx: &Cx<'_>, user_id: &str, kinds: &'static [Kind], secret: &str) -> Result<Document> {
    let (ns, now, user_id) = (cx.ns(), cx.now(), user_id.to_owned());
    let digest = crypto::sha256_hex(secret.as_bytes());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "tokens")?;
        for token in store::all_of(tx, &coll, &user_id)? {
            let valid = kinds.iter().any(|k| token.int("type") == *k as i64)
                && token.time("expire").is_some_and(|e| e > now)
                && crypto::constant_time_eq(token.str("secret").as_bytes(), digest.as_bytes());
            if valid {
                return Ok(tx.delete(&OWN, &coll, &token.id, None)?);
            }
        }
        Err(ErrorKind::UserInvalidToken.into())
    })
}
