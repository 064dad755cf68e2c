//! Making, finding and changing users: what `users`, `account` and `teams` share.
use std::sync::Arc;

use access::Permission;
use crypto::password::{Algo, Argon2Params};
use database::{DbError, Document, Find, NewDocument, Update};
use kernel::{Cx, Error, Project, Result, Tx};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use crate::support::{OWN, object};

/// A user by id, or 404.
pub(crate) fn get(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    cx.read().get(&OWN, &*cx.collection("users")?, id)?.ok_or_else(|| ErrorKind::UserNotFound.into())
}

/// A user by e-mail (lower case).
pub(crate) fn by_email(cx: &Cx<'_>, email: &str) -> Result<Option<Arc<Document>>> {
    Ok(cx.read().find_one(&OWN, &*cx.collection("users")?, vec![Query::equal("email", email)])?)
}

/// A user by phone number.
pub(crate) fn by_phone(cx: &Cx<'_>, phone: &str) -> Result<Option<Arc<Document>>> {
    Ok(cx.read().find_one(&OWN, &*cx.collection("users")?, vec![Query::equal("phone", phone)])?)
}

/// A stored password: hash, algorithm and options.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// The hash; `None` for users without a password.
    pub(crate) hash: Option<String>,
    /// Algorithm by its wire name.
    pub(crate) algo: &'static str,
    /// Options of the algorithm.
    pub(crate) options: Value,
}

impl Stored {
    /// Hashes a password as accounts are made with.
    pub(crate) fn new(cx: &Cx<'_>, password: &str) -> Result<Self> {
        let params = Argon2Params::ACCOUNT;
        let hash = cx.app.hasher.hash(password, params).map_err(busy)?;
        Ok(Self { hash: Some(hash), ..Self::none() })
    }

    /// No password.
    pub(crate) fn none() -> Self {
        Self { hash: None, algo: Algo::Argon2.as_str(), options: Argon2Params::ACCOUNT.options() }
    }
}

/// A user to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) name: String,
    pub(crate) password: Stored,
    /// When the account was last used; `None` for users made by a server.
    pub(crate) accessed_at: Option<Timestamp>,
}

/// Words a user is found by.
pub(crate) fn search(id: &str, email: &str, phone: &str, name: &str) -> String {
    [id, email, phone, name].join(" ")
}

fn own(id: &str) -> Vec<String> {
    let mut permissions = vec!["read(\"any\")".to_owned()];
    permissions.extend(Permission::owner(id).into_iter().filter(|p| !p.starts_with("read")));
    permissions
}

/// Refuses e-mails that belong to somebody's identity at another provider.
pub(crate) fn check_identities(cx: &Cx<'_>, email: &str, except: &str, kind: ErrorKind) -> Result<()> {
    let coll = cx.collection("identities")?;
    let find = Find { filters: vec![Query::equal("providerEmail", email)], limit: 1, ..Find::default() };
    match cx.read().find(&OWN, &coll, &find)?.documents.first() {
        Some(identity) if identity.str("userId") != except => Err(kind.into()),
        _ => Ok(()),
    }
}

/// How a user is made: what the project and the caller say about it.
#[derive(Clone, Debug)]
pub(crate) struct Insert {
    ns: database::Namespace,
    now: Timestamp,
    console: bool,
    history: bool,
    target_ids: [String; 2],
    /// Most users of the project.
    pub(crate) limit: Option<u64>,
    /// Whether the e-mail is known to be theirs.
    pub(crate) verified: bool,
}

impl Insert {
    /// Within the project's bound of users, the e-mail not verified.
    pub(crate) fn new(cx: &Cx<'_>) -> Self {
        let limit = u64::try_from(cx.project.auth_number("limit", 0)).ok().filter(|n| *n > 0);
        Self {
            ns: cx.ns(),
            now: cx.now(),
            console: cx.project.is_console(),
            history: cx.project.auth_number("passwordHistory", 0) > 0,
            target_ids: [cx.new_id(), cx.new_id()],
            limit,
            verified: false,
        }
    }

    /// With an e-mail that is known to be theirs, or not.
    pub(crate) fn verified(self, verified: bool) -> Self {
        Self { verified, ..self }
    }
}

/// Makes a user with targets for e-mail and phone in one transaction. 409 when id, e-mail or phone is taken, and 501 or 400 when `limit` users
/// exist already.
pub(crate) fn create(cx: &Cx<'_>, new: NewUser, limit: Option<u64>) -> Result<Document> {
    let how = Insert { limit, ..Insert::new(cx) };
    cx.write(move |tx| insert(tx, new, &how))
}

/// The making of a user, for transactions that do more than that.
pub(crate) struct Creation {
    new: NewUser,
    how: Insert,
}

impl Creation {
    /// Prepares it.
    pub(crate) fn new(cx: &Cx<'_>, new: NewUser, limit: Option<u64>) -> Self {
        Self { new, how: Insert { limit, ..Insert::new(cx) } }
    }

    /// Does it.
    pub(crate) fn run(self, tx: &mut Tx<'_, '_, '_>) -> Result<Document> {
        insert(tx, self.new, &self.how)
    }
}

/// As [`create`], within a transaction.
pub(crate) fn insert(tx: &mut Tx<'_, '_, '_>, new: NewUser, how: &Insert) -> Result<Document> {
    let (ns, now) = (how.ns, how.now);
    let users = tx.collection(ns, "users")?;
    if let Some(limit) = how.limit
        && tx.db.count(&OWN, &users, &[], Some(limit))? >= limit
    {
        return Err(full(how.console));
    }
    let (email, phone) = (new.email.clone().unwrap_or_default(), new.phone.clone().unwrap_or_default());
    let passwords: Vec<&String> = if how.history { new.password.hash.iter().collect() } else { Vec::new() };
    let data = json!({
        "name": new.name, "email": new.email, "phone": new.phone, "status": true, "labels": [], "prefs": {}, "mfa": false, "reset": false,
        "emailVerification": how.verified, "phoneVerification": false, "impersonator": false,
        "password": new.password.hash, "hash": new.password.algo, "hashOptions": new.password.options, "passwordHistory": passwords,
        "passwordUpdate": new.password.hash.as_ref().map(|_| now.format()), "registration": now.format(), "accessedAt": new.accessed_at.map(Timestamp::format),
        "search": search(&new.id, &email, &phone, &new.name),
    });
    let document = NewDocument { id: new.id.clone(), permissions: own(&new.id), data: object(data), created_at: now, updated_at: now };
    let user = tx.create(&OWN, &users, document).map_err(taken)?;
    for (id, kind, identifier) in [(&how.target_ids[0], "email", email), (&how.target_ids[1], "sms", phone)] {
        if !identifier.is_empty() {
            add_target(tx, ns, now, id.clone(), &user.id, kind, &identifier)?;
        }
    }
    Ok(user)
}

fn full(console: bool) -> Error {
    if console { ErrorKind::UserConsoleCountExceeded.into() } else { ErrorKind::UserCountExceeded.into() }
}

/// Refuses where `limit` users exist already: told before anything else about the account; [`create`] decides for good.
pub(crate) fn check_limit(cx: &Cx<'_>, limit: Option<u64>) -> Result<()> {
    let Some(limit) = limit else { return Ok(()) };
    let count = cx.read().count(&OWN, &*cx.collection("users")?, &[], Some(limit))?;
    if count >= limit { Err(full(cx.project.is_console())) } else { Ok(()) }
}

fn taken(e: DbError) -> Error {
    match e {
        DbError::Duplicate | DbError::Unique(_) => ErrorKind::UserAlreadyExists.into(),
        e => e.into(),
    }
}

/// Adds a target unless its identifier is somebody's already.
pub(crate) fn add_target(
    tx: &mut Tx<'_, '_, '_>,
    ns: database::Namespace,
    now: Timestamp,
    id: String,
    user_id: &str,
    kind: &str,
    identifier: &str,
) -> Result<()> {
    let targets = tx.collection(ns, "targets")?;
    let data = json!({"userId": user_id, "providerType": kind, "identifier": identifier, "name": "", "expired": false});
    let new = NewDocument { id, permissions: Permission::owner(user_id), data: object(data), created_at: now, updated_at: now };
    match tx.create(&OWN, &targets, new) {
        Ok(_) | Err(DbError::Unique(_)) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Changes attributes of a user; the words it is found by follow. `taken` is the error when a unique value is somebody else's.
pub(crate) fn update(cx: &Cx<'_>, id: &str, data: Value, taken: ErrorKind) -> Result<Document> {
    let (ns, now, id) = (cx.ns(), cx.now(), id.to_owned());
    let mut data = object(data);
    cx.write(move |tx| {
        let users = tx.collection(ns, "users")?;
        let old = tx.db.get(&OWN, &users, &id)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
        let value = |key: &str| match data.get(key) {
            Some(v) => v.as_str().unwrap_or("").to_owned(),
            None => old.str(key).to_owned(),
        };
        let words = search(&id, &value("email"), &value("phone"), &value("name"));
        data.insert("search".into(), words.into());
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        match tx.update(&OWN, &users, &id, update) {
            Ok(done) => Ok(done.document),
            Err(DbError::Unique(_) | DbError::Duplicate) => Err(taken.into()),
            Err(DbError::NotFound) => Err(ErrorKind::UserNotFound.into()),
            Err(e) => Err(e.into()),
        }
    })
}

/// What becomes of a user who has no target for the old address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTarget {
    /// They get one for the new address: changes by a server.
    Add,
    /// They stay without: changes of the account itself.
    Leave,
}

/// Changes e-mail (`email`) or phone (`sms`) of a user: the value, its verification, and the target with it. An empty value removes both.
pub(crate) fn change_address(
    cx: &Cx<'_>,
    id: &str,
    kind: &'static str,
    address: &str,
    extra: Map<String, Value>,
    no_target: NoTarget,
    taken: ErrorKind,
) -> Result<Document> {
    let (ns, now, new_id) = (cx.ns(), cx.now(), cx.new_id());
    let (id, address) = (id.to_owned(), address.to_owned());
    cx.write(move |tx| {
        let (key, verified) = if kind == "email" { ("email", "emailVerification") } else { ("phone", "phoneVerification") };
        let users = tx.collection(ns, "users")?;
        let targets = tx.collection(ns, "targets")?;
        let old = tx.db.get(&OWN, &users, &id)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
        let before = old.str(key).to_owned();
        // Anybody's, the user's own included.
        if !address.is_empty() && tx.db.find_one(&OWN, &targets, vec![Query::equal("identifier", address.as_str())])?.is_some() {
            return Err(ErrorKind::UserTargetAlreadyExists.into());
        }
        let mut data = extra;
        data.insert(key.into(), if address.is_empty() { Value::Null } else { address.clone().into() });
        data.insert(verified.into(), false.into());
        let (email, phone) = if kind == "email" { (address.as_str(), old.str("phone")) } else { (old.str("email"), address.as_str()) };
        data.insert("search".into(), search(&id, email, phone, old.str("name")).into());
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        let user = match tx.update(&OWN, &users, &id, update) {
            Ok(done) => done.document,
            Err(DbError::Unique(_) | DbError::Duplicate) => return Err(taken.into()),
            Err(e) => return Err(e.into()),
        };
        let target = if before.is_empty() { None } else { tx.db.find_one(&OWN, &targets, vec![Query::equal("identifier", before.as_str())])? };
        match target {
            Some(t) if address.is_empty() => {
                tx.delete(&OWN, &targets, &t.id, None)?;
            }
            Some(t) => {
                let data = object(json!({"identifier": address}));
                tx.update(&OWN, &targets, &t.id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
            }
            None if !address.is_empty() && no_target == NoTarget::Add => add_target(tx, ns, now, new_id, &id, kind, &address)?,
            None => {}
        }
        Ok(user)
    })
}

/// Removes a user with everything that is theirs: sessions, tokens, targets, identities, memberships (teams count again).
pub(crate) fn delete(cx: &Cx<'_>, id: &str) -> Result<Document> {
    let (ns, id) = (cx.ns(), id.to_owned());
    cx.write(move |tx| {
        let users = tx.collection(ns, "users")?;
        let user =
            tx.delete(&OWN, &users, &id, None).map_err(|e| if matches!(e, DbError::NotFound) { Error::from(ErrorKind::UserNotFound) } else { e.into() })?;
        for name in ["sessions", "tokens", "targets", "identities", "authenticators", "challenges", "memberships"] {
            let coll = tx.collection(ns, name)?;
            for doc in all_of(tx, &coll, &id)? {
                tx.delete(&OWN, &coll, &doc.id, None)?;
                if name == "memberships" && doc.bool("confirm") {
                    crate::teams::store::recount(tx, ns, doc.str("teamId"), -1)?;
                }
            }
        }
        Ok(user)
    })
}

/// Documents of a collection with this `userId`, however many.
pub(crate) fn all_of(tx: &Tx<'_, '_, '_>, coll: &database::Collection, user_id: &str) -> Result<Vec<Arc<Document>>> {
    let find = Find { filters: vec![Query::equal("userId", user_id)], limit: u64::from(u32::MAX), ..Find::default() };
    Ok(tx.db.find(&OWN, coll, &find)?.documents)
}

/// More sign in at once than the server can check: they are told to come again, as by a rate limit.
fn busy(e: crypto::CryptoError) -> Error {
    match e {
        crypto::CryptoError::Busy => ErrorKind::GeneralRateLimitExceeded.into(),
        e => Error::internal(e),
    }
}

/// Spends the time of a check for somebody who has no password here.
pub(crate) fn no_password(cx: &Cx<'_>, password: &str) -> Result<()> {
    cx.app.hasher.dummy_verify(password).map(|_| ()).map_err(busy)
}

/// Whether a password matches; a good one in an old or weak format is hashed anew.
pub(crate) fn check_password(cx: &Cx<'_>, user: &Document, password: &str) -> Result<bool> {
    Ok(verified(cx, user, password)?.is_some())
}

/// The stored hash of a password that matches, for what may happen only while the password stays the same. A good password in an old or weak
/// format is hashed anew, and the new hash is the one told.
pub(crate) fn verified(cx: &Cx<'_>, user: &Document, password: &str) -> Result<Option<String>> {
    let stored = user.str("password").to_owned();
    let Some(algo) = Algo::parse(user.str("hash")).filter(|_| !stored.is_empty()) else {
        cx.app.hasher.dummy_verify(password).map_err(busy)?;
        return Ok(None);
    };
    if !cx.app.hasher.verify(password, &stored, algo, user.value("hashOptions")).map_err(busy)? {
        // Imported hashes are mostly cheaper than those made here: the rest of the time is spent as for somebody unknown.
        if crypto::password::needs_rehash(&stored, algo) {
            no_password(cx, password)?;
        }
        return Ok(None);
    }
    if !crypto::password::needs_rehash(&stored, algo) {
        return Ok(Some(stored));
    }
    let new = Stored::new(cx, password)?;
    let data = object(json!({"password": new.hash, "hash": new.algo, "hashOptions": new.options}));
    Ok(change_password(cx, &user.id, &stored, data, Ends::None)?.map(|user| user.str("password").to_owned()))
}

/// Which sessions end with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// None.
    None,
    /// All.
    All,
    /// All but one.
    Others(String),
}

/// Changes a password whose stored hash is `known`, and ends sessions in the same transaction; `None` when somebody else has changed it.
pub(crate) fn change_password(cx: &Cx<'_>, id: &str, known: &str, data: Map<String, Value>, ends: Ends) -> Result<Option<Document>> {
    let (ns, now, id, known) = (cx.ns(), cx.now(), id.to_owned(), known.to_owned());
    cx.write(move |tx| {
        let users = tx.collection(ns, "users")?;
        let old = tx.db.get(&OWN, &users, &id)?.ok_or(Error::from(ErrorKind::UserNotFound))?;
        if old.str("password") != known {
            return Ok(None);
        }
        let done = tx.update(&OWN, &users, &id, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
        if ends != Ends::None {
            let sessions = tx.collection(ns, "sessions")?;
            for session in all_of(tx, &sessions, &id)? {
                if ends != Ends::Others(session.id.clone()) {
                    tx.delete(&OWN, &sessions, &session.id, None)?;
                }
            }
        }
        Ok(Some(done.document))
    })
}

/// Refuses passwords that break the project's rules or are among the commonest, where the project asks for it; told before anything else,
/// like the password's form. The empty one, where it is allowed, is none.
pub(crate) fn check_dictionary(project: &Project, password: &str) -> Result<()> {
    let rules = project.password_strength();
    if !password.is_empty() && !rules.accepts(password) {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `password` param: {}", rules.describe())));
    }
    if project.auth_flag("passwordDictionary", false) && super::dictionary::contains(password) {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `password` param: {}", protocol::Check::NewPassword.describe())));
    }
    Ok(())
}

/// Refuses passwords that hold the person's data where the project asks for it.
pub(crate) fn check_personal(project: &Project, password: &str, person: [&str; 4]) -> Result<()> {
    if project.auth_flag("personalDataCheck", false) && has_personal_data(password, person) {
        return Err(ErrorKind::PasswordPersonalData.into());
    }
    Ok(())
}

/// Id, e-mail (and its part before the @), name, phone: none may be part of the password.
fn has_personal_data(password: &str, [id, email, name, phone]: [&str; 4]) -> bool {
    let password = password.to_lowercase();
    let local = email.split('@').next().unwrap_or("");
    let digits = phone.trim_start_matches('+');
    [id, email, local, name, phone, digits].into_iter().any(|p| !p.is_empty() && password.contains(&p.to_lowercase()))
}

/// Fields of the password of an account that has none yet.
pub(crate) fn first_password(cx: &Cx<'_>, password: &str) -> Result<Map<String, Value>> {
    let stored = Stored::new(cx, password)?;
    Ok(object(json!({"password": stored.hash, "hash": stored.algo, "hashOptions": stored.options, "passwordUpdate": cx.now().format()})))
}

/// Fields of a changed password, checked against the history the project keeps; old sessions are the caller's business.
pub(crate) fn new_password(cx: &Cx<'_>, user: &Document, password: &str) -> Result<Map<String, Value>> {
    let keep = usize::try_from(cx.project.auth_number("passwordHistory", 0)).unwrap_or(0);
    let mut history: Vec<String> = user.strings("passwordHistory").map(str::to_owned).collect();
    if keep > 0 {
        let algo = Algo::parse(user.str("hash")).unwrap_or(Algo::Argon2);
        for old in &history {
            if cx.app.hasher.verify(password, old, algo, user.value("hashOptions")).map_err(busy)? {
                return Err(ErrorKind::PasswordRecentlyUsed.into());
            }
        }
    }
    check_personal(&cx.project, password, [&user.id, user.str("email"), user.str("name"), user.str("phone")])?;
    let mut fields = first_password(cx, password)?;
    if keep > 0 {
        history.extend(fields.get("password").and_then(Value::as_str).map(str::to_owned));
        history.drain(..history.len().saturating_sub(keep));
    } else {
        history.clear();
    }
    fields.insert("passwordHistory".into(), history.into());
    Ok(fields)
}
