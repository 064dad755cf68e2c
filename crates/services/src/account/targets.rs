//! The account's push targets.
use access::Permission;
use database::{DbError, Document, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::json;
use std::sync::Arc;

use super::session;
use crate::support::{OWN, base, object};

params! {
    pub(crate) struct Create {
        target_id: String = "targetId", Check::CustomId, required;
        identifier: String = "identifier", Check::Text { min: 1, max: 255 }, required;
        provider_id: String = "providerId", Check::Uid, or Str("");
    }
}
params! {
    pub(crate) struct Change {
        target_id: String = "targetId", Check::Uid, required;
        identifier: String = "identifier", Check::Text { min: 1, max: 255 }, required;
    }
}
params! {
    pub(crate) struct One { target_id: String = "targetId", Check::Uid, required; }
}

endpoint! {
    /// Adds a push target to the account.
    CREATE: Post "/v1/account/targets/push" => 201 "target" by create(Create);
    sdk ["account.createPushTarget"] auth [Admin, Session] scope ["targets.write"]
    event "users.[userId].targets.[targetId].create" audit "target.create" on "target/response.$id"
}
endpoint! {
    /// Changes one of the account's push targets.
    UPDATE: Put "/v1/account/targets/:targetId/push" => 200 "target" by update(Change);
    sdk ["account.updatePushTarget"] auth [Admin, Session] scope ["targets.write"]
    event "users.[userId].targets.[targetId].update" audit "target.update" on "target/response.$id"
}
endpoint! {
    /// Deletes one of the account's push targets.
    DELETE: Delete "/v1/account/targets/:targetId/push" => 204 "none" by delete(One);
    sdk ["account.deletePushTarget"] auth [Admin, Session] scope ["targets.write"]
    event "users.[userId].targets.[targetId].delete" audit "target.delete" on "target/response.$id"
}

fn refused(e: DbError) -> Error {
    match e {
        DbError::Duplicate | DbError::Unique(_) => ErrorKind::UserTargetAlreadyExists.into(),
        DbError::NotFound => ErrorKind::UserTargetNotFound.into(),
        e => e.into(),
    }
}

/// Name of the device a user agent speaks of: brand and model.
fn device_name(cx: &Cx<'_>) -> String {
    let agent = kernel::useragent::parse(cx.user_agent());
    format!("{} {}", agent.device_brand, agent.device_model)
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let user = cx.user()?;
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.target_id));
    let data = json!({"userId": user.id, "sessionId": session::current_id(cx), "providerType": "push", "providerId": (!p.provider_id.is_empty()).then_some(p.provider_id),
        "identifier": p.identifier, "name": device_name(cx), "expired": false});
    let new = NewDocument { id, permissions: Permission::owner(&user.id), data: object(data), created_at: now, updated_at: now };
    let target = cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        tx.create(&OWN, &coll, new).map_err(refused)
    })?;
    Ok(Reply::Model("target", base(&target)))
}

fn own(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    let user = cx.user()?;
    let coll = cx.collection("targets")?;
    cx.read().get(&OWN, &coll, id)?.filter(|t| t.str("userId") == user.id).ok_or_else(|| ErrorKind::UserTargetNotFound.into())
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let old = own(cx, &p.target_id)?;
    let (ns, now) = (cx.ns(), cx.now());
    let data = object(json!({"identifier": p.identifier, "expired": false, "name": device_name(cx)}));
    let id = old.id.clone();
    let done = cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &coll, &id, update).map_err(refused)
    })?;
    Ok(Reply::Model("target", base(&done.document)))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let old = own(cx, &p.target_id)?;
    let (ns, id) = (cx.ns(), old.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "targets")?;
        tx.delete(&OWN, &coll, &id, None).map_err(refused)
    })?;
    cx.event_payload("target", base(&old));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &UPDATE, &DELETE];
