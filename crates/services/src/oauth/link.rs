//! Whose account a login at a provider opens: found, made or joined in one transaction with the identity and the session that come of it.
//!
//! An address opens an account only where the provider vouches for it. Where it opens an account whose own address was never verified, that account may
//! have been made by somebody else in expectation of its owner: its password, sessions and unverified identities end (`docs/adr/0012-linking.md`).
use std::sync::Arc;

use access::Permission;
use database::{Collection, DbError, Document, Find, Namespace, NewDocument, Update};
use kernel::{Cx, Error, Result, Tx};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use super::engine::{Person, Tokens};
use crate::account::{session, token};
use crate::support::{OWN, object};
use crate::users::store;

/// Seconds a token is good for: it is exchanged by the page the user is sent to.
const TOKEN_LIFE: i64 = 60;
/// Digits of a token's secret.
const TOKEN_DIGITS: usize = 64;

/// Somebody who came back from a provider.
pub(super) struct Arrival {
    pub(super) provider: &'static str,
    pub(super) person: Person,
    pub(super) tokens: Tokens,
    /// A token is wanted in place of a session.
    pub(super) token: bool,
}

/// What the login made.
pub(super) enum Outcome {
    Token { document: Document, secret: String },
    Session(session::Made),
}

/// A finished login.
pub(super) struct Done {
    pub(super) user: Arc<Document>,
    pub(super) outcome: Outcome,
}

/// Tokens as they are kept: sealed.
pub(super) fn kept_tokens(cx: &Cx<'_>, tokens: &Tokens) -> Result<Map<String, Value>> {
    let seal = |text: &str| super::seal_token(cx.app, text);
    let until = cx.now().plus_seconds(tokens.seconds).format();
    Ok(object(json!({"providerAccessToken": seal(&tokens.access)?, "providerRefreshToken": seal(&tokens.refresh)?, "providerAccessTokenExpiry": until})))
}

/// What the transaction works with.
struct Login {
    ns: Namespace,
    now: Timestamp,
    provider: &'static str,
    person: Person,
    /// Sealed.
    tokens: Map<String, Value>,
    /// Who is signed in already, and by which session.
    current: Option<(String, Option<String>)>,
    /// For what is made.
    ids: [String; 3],
    insert: store::Insert,
}

/// Finds, makes or joins the account and signs in.
pub(super) fn arrive(cx: &Cx<'_>, a: Arrival) -> Result<Done> {
    let tokens = kept_tokens(cx, &a.tokens)?;
    let current = cx.identity().map(|i| (i.user.id.clone(), i.session.as_ref().map(|s| s.id.clone())));
    let login = Login {
        ns: cx.ns(),
        now: cx.now(),
        provider: a.provider,
        tokens: tokens.clone(),
        current,
        ids: [cx.new_id(), cx.new_id(), cx.new_id()],
        insert: store::Insert::new(cx).verified(a.person.verified),
        person: a.person,
    };
    let mut data = tokens;
    data.insert("factors".into(), json!(["email", "oauth2"]));
    let origin = session::Origin { provider: a.provider, provider_uid: login.person.uid.clone(), factor: "oauth2", capped: true, alert: false };
    let prepared = session::prepare(cx, origin, data);
    let secret = crypto::random_hex(TOKEN_DIGITS);
    let wanted = a.token.then(|| token::prepare(cx, token::Kind::OAuth2, &secret, cx.now().plus_seconds(TOKEN_LIFE), a.provider));
    let (user, document, token) = cx.write(move |tx| {
        let user = login.account(tx)?;
        login.identity(tx, &user)?;
        let user = login.complete(tx, user)?;
        let user_id = user.id.clone();
        if let Some(token) = wanted {
            let coll = tx.collection(login.ns, "tokens")?;
            let made = tx.create(&OWN, &coll, token.for_user(&user_id))?;
            return Ok((user, made, None));
        }
        let made = prepared.insert(tx, &user_id)?;
        login.move_targets(tx, &user_id, &made.document.id)?;
        Ok((user, made.document.clone(), Some(made)))
    })?;
    let outcome = match token {
        Some(made) => Outcome::Session(made),
        None => Outcome::Token { document, secret },
    };
    Ok(Done { user: Arc::new(user), outcome })
}

fn update(data: Map<String, Value>, now: Timestamp) -> Update {
    Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None }
}

fn all(tx: &Tx<'_, '_, '_>, coll: &Collection, filters: Vec<Query>) -> Result<Vec<Arc<Document>>> {
    Ok(tx.db.find(&OWN, coll, &Find { filters, limit: 1_000, ..Find::default() })?.documents)
}

impl Login {
    /// The account: the one signed in, the one of the identity, the one of the address, or a new one.
    fn account(&self, tx: &mut Tx<'_, '_, '_>) -> Result<Document> {
        let users = tx.collection(self.ns, "users")?;
        let user = match &self.current {
            Some((me, session)) => self.joined(tx, &users, me, session.as_deref())?,
            None => match self.known(tx, &users)? {
                Some(user) => user,
                None => self.made(tx)?,
            },
        };
        if user.value("status").as_bool() == Some(false) {
            return Err(ErrorKind::UserBlocked.into());
        }
        Ok(user)
    }

    /// The identity of this person at this provider.
    fn theirs(&self, tx: &Tx<'_, '_, '_>) -> Result<Option<Arc<Document>>> {
        let identities = tx.collection(self.ns, "identities")?;
        Ok(all(tx, &identities, vec![Query::equal("provider", self.provider), Query::equal("providerUid", self.person.uid.as_str())])?.into_iter().next())
    }

    /// Another user's identity with this address, vouched for.
    fn vouched(&self, tx: &Tx<'_, '_, '_>, except: &str) -> Result<Option<Arc<Document>>> {
        if self.person.email.is_empty() {
            return Ok(None);
        }
        let identities = tx.collection(self.ns, "identities")?;
        let same = all(tx, &identities, vec![Query::equal("providerEmail", self.person.email.as_str())])?;
        Ok(same.into_iter().find(|i| i.str("userId") != except && i.bool("verified")))
    }

    /// Whoever is signed in adds the identity to their account, unless it or its address is another's.
    fn joined(&self, tx: &mut Tx<'_, '_, '_>, users: &Collection, me: &str, session: Option<&str>) -> Result<Document> {
        let user = tx.db.get(&OWN, users, me)?.ok_or(Error::from(ErrorKind::UserUnauthorized))?;
        let anothers = self.theirs(tx)?.is_some_and(|i| i.str("userId") != me) || self.vouched(tx, me)?.is_some();
        let email = self.person.email.as_str();
        let same = if email.is_empty() { None } else { tx.db.find_one(&OWN, users, vec![Query::equal("email", email)])? };
        if anothers || same.is_some_and(|u| u.id != me) {
            return Err(ErrorKind::UserAlreadyExists.into());
        }
        // The new session takes the place of the old one.
        if let Some(session) = session {
            let sessions = tx.collection(self.ns, "sessions")?;
            match tx.delete(&OWN, &sessions, session, None) {
                Ok(_) | Err(DbError::NotFound) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(Document::clone(&user))
    }

    /// The account behind the identity, or behind an address the provider vouches for.
    fn known(&self, tx: &mut Tx<'_, '_, '_>, users: &Collection) -> Result<Option<Document>> {
        if let Some(identity) = self.theirs(tx)?
            && let Some(user) = tx.db.get(&OWN, users, identity.str("userId"))?
        {
            return Ok(Some(Document::clone(&user)));
        }
        if self.person.email.is_empty() {
            return Err(Error::with(ErrorKind::UserUnauthorized, "OAuth provider failed to return email."));
        }
        let by_address = tx.db.find_one(&OWN, users, vec![Query::equal("email", self.person.email.as_str())])?;
        let found = match by_address {
            Some(user) => Some(user),
            None => match self.vouched(tx, "")? {
                Some(identity) => tx.db.get(&OWN, users, identity.str("userId"))?,
                None => None,
            },
        };
        let Some(user) = found else { return Ok(None) };
        if !self.person.verified {
            // In general words: who has an account is nobody's business.
            return Err(ErrorKind::GeneralBadRequest.into());
        }
        if user.str("email") == self.person.email && !user.bool("emailVerification") {
            return self.claimed(tx, users, &user).map(Some);
        }
        Ok(Some(Document::clone(&user)))
    }

    /// Gives an account whose address nobody had verified to the one who has: everything by which another could still get in ends.
    fn claimed(&self, tx: &mut Tx<'_, '_, '_>, users: &Collection, user: &Document) -> Result<Document> {
        for table in ["sessions", "tokens"] {
            let coll = tx.collection(self.ns, table)?;
            for doc in store::all_of(tx, &coll, &user.id)? {
                tx.delete(&OWN, &coll, &doc.id, None)?;
            }
        }
        let identities = tx.collection(self.ns, "identities")?;
        for identity in store::all_of(tx, &identities, &user.id)?.iter().filter(|i| !i.bool("verified")) {
            tx.delete(&OWN, &identities, &identity.id, None)?;
        }
        let data = object(json!({"emailVerification": true, "password": null, "passwordUpdate": null, "passwordHistory": [], "phone": unverified_phone(user)}));
        Ok(tx.update(&OWN, users, &user.id, update(data, self.now))?.document)
    }

    fn made(&self, tx: &mut Tx<'_, '_, '_>) -> Result<Document> {
        if !protocol::check::is_email(&self.person.email) {
            return Err(ErrorKind::GeneralInvalidEmail.into());
        }
        let new = store::NewUser {
            id: self.ids[0].clone(),
            email: Some(self.person.email.clone()),
            phone: None,
            name: self.person.name.clone(),
            password: store::Stored::none(),
            accessed_at: Some(self.now),
        };
        store::insert(tx, new, &self.insert)
    }

    /// The identity is made or brought up to date.
    fn identity(&self, tx: &mut Tx<'_, '_, '_>, user: &Document) -> Result<()> {
        let identities = tx.collection(self.ns, "identities")?;
        let mut data = self.tokens.clone();
        data.insert("verified".into(), self.person.verified.into());
        data.insert("providerEmail".into(), self.person.email.as_str().into());
        let known = self.theirs(tx)?;
        if let Some(identity) = &known
            && identity.str("userId") == user.id
        {
            tx.update(&OWN, &identities, &identity.id, update(data, self.now))?;
            return Ok(());
        }
        if let Some(orphan) = known {
            // Its user is gone, or it would have been found.
            tx.delete(&OWN, &identities, &orphan.id, None)?;
        }
        if self.vouched(tx, &user.id)?.is_some() {
            return Err(ErrorKind::GeneralBadRequest.into());
        }
        data.extend(object(json!({"userId": user.id, "provider": self.provider, "providerUid": self.person.uid})));
        let mut permissions = vec!["read(\"any\")".to_owned()];
        permissions.extend(Permission::owner(&user.id).into_iter().filter(|p| !p.starts_with("read")));
        tx.create(&OWN, &identities, NewDocument { id: self.ids[1].clone(), permissions, data, created_at: self.now, updated_at: self.now })?;
        Ok(())
    }

    /// Address and name of an account that has none yet.
    fn complete(&self, tx: &mut Tx<'_, '_, '_>, user: Document) -> Result<Document> {
        let mut data = object(json!({"accessedAt": self.now.format()}));
        let new_address = user.str("email").is_empty() && !self.person.email.is_empty();
        if new_address {
            data.extend(object(json!({"email": self.person.email, "emailVerification": self.person.verified})));
        }
        if user.str("name").is_empty() && !self.person.name.is_empty() {
            data.insert("name".into(), self.person.name.as_str().into());
        }
        let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or(user.str(key)).to_owned();
        let words = store::search(&user.id, &text("email"), user.str("phone"), &text("name"));
        data.insert("search".into(), words.into());
        let users = tx.collection(self.ns, "users")?;
        let done = tx.update(&OWN, &users, &user.id, update(data, self.now)).map_err(|e| match e {
            DbError::Unique(_) | DbError::Duplicate => Error::from(ErrorKind::UserAlreadyExists),
            e => e.into(),
        })?;
        if new_address {
            store::add_target(tx, self.ns, self.now, self.ids[2].clone(), &user.id, "email", &self.person.email)?;
        }
        Ok(done.document)
    }

    /// Push targets of the session that was given up go with the new one.
    fn move_targets(&self, tx: &mut Tx<'_, '_, '_>, user_id: &str, session_id: &str) -> Result<()> {
        let Some((_, Some(old))) = &self.current else { return Ok(()) };
        let targets = tx.collection(self.ns, "targets")?;
        for target in store::all_of(tx, &targets, user_id)?.iter().filter(|t| t.str("providerType") == "push" && t.str("sessionId") == old) {
            tx.update(&OWN, &targets, &target.id, update(object(json!({"sessionId": session_id})), self.now))?;
        }
        Ok(())
    }
}

/// A phone number that was never verified does not outlive a change of hands either.
fn unverified_phone(user: &Document) -> Value {
    let phone = user.str("phone");
    if phone.is_empty() || !user.bool("phoneVerification") { Value::Null } else { phone.into() }
}
