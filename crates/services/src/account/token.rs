//! One-time tokens: kept as digests, exchanged once.
use std::sync::Arc;

use access::Permission;
use database::{Document, Find, Namespace, NewDocument};
use kernel::{Cx, Result, Tx};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use crate::support::{OWN, base, object};
use crate::users::store;

/// How long links stay valid, seconds.
pub(crate) const LINK_SECONDS: i64 = 3_600;
/// How long codes that sign in stay valid, seconds.
pub(crate) const CODE_SECONDS: i64 = 900;
/// Digits of the secret in a link that signs in.
pub(crate) const MAGIC_DIGITS: usize = 64;
/// Digits of the secret in a link that confirms something.
pub(crate) const LINK_DIGITS: usize = 256;
/// Digits of a code that people type.
pub(crate) const CODE_DIGITS: usize = 6;

/// What a token is for; numbers as the reference stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Verifies an e-mail address.
    Verification = 2,
    /// Opens the way to a new password.
    Recovery = 3,
    /// Signs in by a link.
    MagicUrl = 5,
    /// Signs in by a code sent to a phone, or verifies the phone.
    Phone = 6,
    /// Made by a server, exchanged for a session.
    Generic = 8,
    /// Made by a login at a provider of identities, exchanged for a session.
    OAuth2 = 7,
    /// Signs in by a code sent by mail.
    Email = 9,
}

impl Kind {
    /// What a stored number stands for.
    pub(crate) fn of(token: &Document) -> Option<Self> {
        let all = [Self::Verification, Self::Recovery, Self::MagicUrl, Self::Phone, Self::OAuth2, Self::Generic, Self::Email];
        all.into_iter().find(|k| *k as i64 == token.int("type"))
    }
}

/// A token to be written for somebody; its secret leaves by mail, phone or answer and is kept as a digest only.
pub(crate) fn prepare_for(cx: &Cx<'_>, user_id: &str, kind: Kind, secret: &str, expire: Timestamp) -> NewDocument {
    prepare(cx, kind, secret, expire, "").for_user(user_id)
}

/// Writes a prepared token.
pub(crate) fn add(tx: &mut Tx<'_, '_, '_>, ns: Namespace, token: NewDocument) -> Result<Document> {
    let coll = tx.collection(ns, "tokens")?;
    Ok(tx.create(&OWN, &coll, token)?)
}

/// Makes a token.
pub(crate) fn create(cx: &Cx<'_>, user_id: &str, kind: Kind, secret: &str, expire: Timestamp) -> Result<Document> {
    let (ns, token) = (cx.ns(), prepare_for(cx, user_id, kind, secret, expire));
    cx.write(move |tx| add(tx, ns, token))
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

/// Fields of `token`; the secret is shown to servers only.
pub(crate) fn model(token: &Document, secret: &str, phrase: &str) -> Map<String, Value> {
    let mut map = base(token);
    map.extend(object(json!({"secret": secret, "phrase": phrase})));
    map
}

/// What a token is known by when it comes back.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    ns: Namespace,
    now: Timestamp,
    user_id: String,
    kinds: &'static [Kind],
    digest: String,
}

impl Presented {
    pub(crate) fn new(cx: &Cx<'_>, user_id: &str, kinds: &'static [Kind], secret: &str) -> Self {
        Self { ns: cx.ns(), now: cx.now(), user_id: user_id.to_owned(), kinds, digest: crypto::sha256_hex(secret.as_bytes()) }
    }

    fn fits(&self, token: &Document) -> bool {
        Kind::of(token).is_some_and(|k| self.kinds.contains(&k))
            && token.time("expire").is_some_and(|e| e > self.now)
            && crypto::constant_time_eq(token.str("secret").as_bytes(), self.digest.as_bytes())
    }

    /// The token, when it is good right now; [`spend`](Self::spend) decides.
    pub(crate) fn find(&self, cx: &Cx<'_>) -> Result<Arc<Document>> {
        let coll = cx.collection("tokens")?;
        let find = Find { filters: vec![Query::equal("userId", self.user_id.as_str())], limit: 10_000, ..Find::default() };
        let found = cx.read().find(&OWN, &coll, &find)?;
        found.documents.into_iter().find(|t| self.fits(t)).ok_or_else(|| ErrorKind::UserInvalidToken.into())
    }

    /// Uses the token up: it is removed in the transaction that finds it valid, so that it works once. 401 when there is no such token.
    pub(crate) fn spend(&self, tx: &mut Tx<'_, '_, '_>) -> Result<Document> {
        let coll = tx.collection(self.ns, "tokens")?;
        let found = store::all_of(tx, &coll, &self.user_id)?.into_iter().find(|t| self.fits(t));
        let Some(token) = found else { return Err(ErrorKind::UserInvalidToken.into()) };
        Ok(tx.delete(&OWN, &coll, &token.id, None)?)
    }
}
