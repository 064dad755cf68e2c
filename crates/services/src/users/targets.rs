//! Targets: addresses at which a user can be reached.
use access::Permission;
use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::json;
use std::sync::Arc;

use super::store;
use crate::support::{Listing, OWN, base, find, object, page};

params! {
    pub(crate) struct List {
        user_id: String = "userId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::TARGETS), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create {
        target_id: String = "targetId", Check::CustomId, required;
        user_id: String = "userId", Check::Uid, required;
        provider_type: String = "providerType", Check::Enum(&["email", "sms", "push"]), required;
        identifier: String = "identifier", Check::Text { min: 1, max: 255 }, required;
        provider_id: String = "providerId", Check::Uid, or Str("");
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct Change {
        user_id: String = "userId", Check::Uid, required;
        target_id: String = "targetId", Check::Uid, required;
        identifier: String = "identifier", Check::Text { min: 1, max: 255 }, or Str("");
        provider_id: String = "providerId", Check::Uid, or Str("");
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct One {
        user_id: String = "userId", Check::Uid, required;
        target_id: String = "targetId", Check::Uid, required;
    }
}

endpoint! {
    /// Lists a user's targets.
    LIST: Get "/v1/users/:userId/targets" => 200 "targetList" by list(List);
    sdk ["users.listTargets"] auth [Key, Admin] scope ["users.read"]
}
endpoint! {
    /// Creates a target for a user.
    CREATE: Post "/v1/users/:userId/targets" => 201 "target" by create(Create);
    sdk ["users.createTarget"] auth [Key, Admin] scope ["users.write"]
    event "users.[userId].targets.[targetId].create" audit "target.create" on "target/response.$id"
}
endpoint! {
    /// Gets one of a user's targets.
    GET: Get "/v1/users/:userId/targets/:targetId" => 200 "target" by get(One);
    sdk ["users.getTarget"] auth [Key, Admin] scope ["users.read"]
}
endpoint! {
    /// Changes one of a user's targets.
    UPDATE: Patch "/v1/users/:userId/targets/:targetId" => 200 "target" by update(Change);
    sdk ["users.updateTarget"] auth [Key, Admin] scope ["users.write"]
    event "users.[userId].targets.[targetId].update" audit "target.update" on "target/{response.$id}"
}
endpoint! {
    /// Deletes one of a user's targets.
    DELETE: Delete "/v1/users/:userId/targets/:targetId" => 204 "none" by delete(One);
    sdk ["users.deleteTarget"] auth [Key, Admin] scope ["users.write"]
    event "users.[userId].targets.[targetId].delete" audit "target.delete" on "target/{request.$targetId}"
}

fn check_identifier(kind: &str, identifier: &str) -> Result<()> {
    match kind {
        "email" if !protocol::check::is_email(identifier) => Err(Error::with(ErrorKind::GeneralInvalidEmail, "Value must be a valid email address.")),
        "sms" if !protocol::check::is_phone(identifier) => Err(ErrorKind::GeneralInvalidPhone.into()),
        _ => Ok(()),
    }
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let coll = cx.collection("targets")?;
    let request = find(cx, Listing::new(p.queries, p.total), vec![Query::equal("userId", user.id.as_str())])?;
    let found = page(cx, &OWN, &coll, &request, "Target")?;
    let items = found.documents.iter().map(|t| base(t)).collect();
    Ok(Reply::list("targetList", "targets", "target", items, found.total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    check_identifier(&p.provider_type, &p.identifier)?;
    let user = store::get(cx, &p.user_id)?;
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.target_id));
    let data = json!({"userId": user.id, "providerType": p.provider_type, "providerId": (!p.provider_id.is_empty()).then_some(p.provider_id), "identifier": p.identifier, "name": p.name, "expired": false});
    let new = NewDocument { id, permissions: Permission::owner(&user.id), data: object(data), created_at: now, updated_at: now };
    let target = cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        tx.create(&OWN, &coll, new).map_err(taken)
    })?;
    Ok(Reply::Model("target", base(&target)))
}

fn taken(e: DbError) -> Error {
    match e {
        DbError::Duplicate | DbError::Unique(_) => ErrorKind::UserTargetAlreadyExists.into(),
        DbError::NotFound => ErrorKind::UserTargetNotFound.into(),
        e => e.into(),
    }
}

fn one(cx: &Cx<'_>, p: &One) -> Result<Arc<Document>> {
    store::get(cx, &p.user_id)?;
    let coll = cx.collection("targets")?;
    cx.read().get(&OWN, &coll, &p.target_id)?.filter(|t| t.str("userId") == p.user_id).ok_or_else(|| ErrorKind::UserTargetNotFound.into())
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    Ok(Reply::Model("target", base(&*one(cx, &p)?)))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let old = one(cx, &One { user_id: p.user_id, target_id: p.target_id })?;
    let mut data = serde_json::Map::new();
    if !p.identifier.is_empty() {
        check_identifier(old.str("providerType"), &p.identifier)?;
        data.insert("identifier".into(), p.identifier.into());
        data.insert("expired".into(), false.into());
    }
    for (key, value) in [("providerId", p.provider_id), ("name", p.name)] {
        if !value.is_empty() {
            data.insert(key.into(), value.into());
        }
    }
    let (ns, now, id) = (cx.ns(), cx.now(), old.id.clone());
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &coll, &id, update).map_err(taken)
    })?;
    Ok(Reply::Model("target", base(&done.document)))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let old = one(cx, &p)?;
    let (ns, id) = (cx.ns(), old.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        tx.delete(&OWN, &coll, &id, None).map_err(taken)
    })?;
    cx.event_payload("target", base(&old));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE];
