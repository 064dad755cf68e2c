//! API keys: lasting ones, kept sealed, and ephemeral ones, which nobody keeps.
use kernel::{Cx, Endpoint, Error, NewKey, Reply, Result, endpoint};
use protocol::{Check, Timestamp, lists, params, scopes};
use serde_json::json;

use super::{model, store};
use crate::support::{Listing, object};

/// Keys shown by a list that says no limit.
const UNLIMITED: u64 = 5_000;
const SCOPES: Check = Check::List(&Check::Enum(scopes::PROJECT_NAMES), 100);

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::KEYS), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create {
        id: String = "keyId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        scopes: Vec<String> = "scopes", SCOPES, required;
        expire: Option<String> = "expire", Check::Nullable(&Check::Datetime), optional;
    }
}
params! {
    pub(crate) struct Change {
        id: String = "keyId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        scopes: Vec<String> = "scopes", SCOPES, required;
        expire: Option<String> = "expire", Check::Nullable(&Check::Datetime), optional;
    }
}
params! {
    pub(crate) struct One { id: String = "keyId", Check::Uid, required; }
}
params! {
    pub(crate) struct Ephemeral {
        scopes: Vec<String> = "scopes", SCOPES, required;
        duration: i64 = "duration", Check::Int { min: 1, max: 3600 }, required;
    }
}

endpoint! {
    /// Lists the project's API keys.
    LIST: Get "/v1/project/keys" => 200 "keyList" by list(List);
    old ["/v1/projects/:projectId/keys"]
    sdk ["project.listKeys"] auth [Admin, Key] scope ["keys.read"] groups [NotConsole]
}
endpoint! {
    /// Creates an API key.
    CREATE: Post "/v1/project/keys" => 201 "key" by create(Create);
    old ["/v1/projects/:projectId/keys"]
    sdk ["project.createKey"] auth [Admin, Key] scope ["keys.write"]
    event "keys.[keyId].create" audit "project.key.create" on "project.key/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Gets an API key.
    GET: Get "/v1/project/keys/:keyId" => 200 "key" by get(One);
    old ["/v1/projects/:projectId/keys/:keyId"]
    sdk ["project.getKey"] auth [Admin, Key] scope ["keys.read"] groups [NotConsole]
}
endpoint! {
    /// Changes an API key.
    UPDATE: Put "/v1/project/keys/:keyId" => 200 "key" by change(Change);
    old ["/v1/projects/:projectId/keys/:keyId"]
    sdk ["project.updateKey"] auth [Admin, Key] scope ["keys.write"]
    event "keys.[keyId].update" audit "project.key.update" on "project.key/{response.$id}" groups [NotConsole]
}
endpoint! {
    /// Deletes an API key; it opens nothing from then on.
    DELETE: Delete "/v1/project/keys/:keyId" => 204 "none" by delete(One);
    old ["/v1/projects/:projectId/keys/:keyId"]
    sdk ["project.deleteKey"] auth [Admin, Key] scope ["keys.write"]
    event "keys.[keyId].delete" audit "project.key.delete" on "project.key/{request.keyId}" groups [NotConsole]
}
endpoint! {
    /// Creates a key that lives for an hour at most.
    EPHEMERAL: Post "/v1/project/keys/ephemeral" => 201 "ephemeralKey" by ephemeral(Ephemeral);
    old ["/v1/projects/:projectId/jwts"]
    sdk ["project.createEphemeralKey"] auth [Admin, Key] scope ["keys.write"]
    event "keys.[keyId].create" audit "project.key.create" on "project.key/{response.$id}" groups [NotConsole]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let (found, total) = store::KEYS.list(cx, &cx.project.id, Listing::new(p.queries, p.total), UNLIMITED)?;
    let items = found.iter().map(|k| model::key(cx, k)).collect::<Result<_>>()?;
    Ok(Reply::list("keyList", "keys", "key", items, total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let new = NewKey { id: cx.custom_id(&p.id), name: p.name, scopes: p.scopes, expire: p.expire.as_deref().and_then(Timestamp::parse) };
    let (key, _) = cx.app.create_key_of(&cx.project.id, new)?;
    Ok(Reply::Model("key", model::key(cx, &key)?))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    Ok(Reply::Model("key", model::key(cx, &*store::KEYS.get(cx, &cx.project.id, &p.id)?)?))
}

fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let expire = p.expire.as_deref().and_then(Timestamp::parse).map(Timestamp::format);
    let data = object(json!({"name": p.name, "scopes": p.scopes, "expire": expire}));
    let key = store::KEYS.update(cx, &cx.project.id, &p.id, data, |_| Ok(()))?;
    Ok(Reply::Model("key", model::key(cx, &key)?))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let gone = store::KEYS.delete(cx, &cx.project.id, &p.id)?;
    let shown = model::key(cx, &gone)?;
    cx.event_payload("key", shown);
    Ok(Reply::Empty)
}

fn ephemeral(cx: &mut Cx<'_>, p: Ephemeral) -> Result<Reply> {
    let now = cx.now();
    let (issued, expire) = (now.0 / 1_000, now.plus_seconds(p.duration));
    // `purpose` keeps it apart from the tokens of users.
    let claims = json!({"projectId": cx.project.id, "scopes": p.scopes, "purpose": "key", "iat": issued, "exp": issued + p.duration});
    let jwt = cx.app.keyring.sign_jwt(&object(claims)).map_err(Error::internal)?;
    let map = json!({"$id": cx.new_id(), "$createdAt": now.format(), "$updatedAt": now.format(), "name": "", "scopes": p.scopes,
        "expire": expire.format(), "secret": format!("ephemeral_{jwt}"), "accessedAt": "", "sdks": []});
    Ok(Reply::Model("ephemeralKey", object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE, &EPHEMERAL];
