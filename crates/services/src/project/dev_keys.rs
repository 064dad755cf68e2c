//! Development keys: while one is sent, no limits count and pages of any origin may call.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, Timestamp, lists, params};
use serde_json::json;

use super::{model, store};
use crate::support::{Listing, object};

params! {
    pub(crate) struct List {
        project_id: String = "projectId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::DEV_KEYS), or EmptyList;
    }
}
params! {
    pub(crate) struct Create {
        project_id: String = "projectId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        expire: String = "expire", Check::Datetime, required;
    }
}
params! {
    pub(crate) struct One {
        project_id: String = "projectId", Check::Uid, required;
        id: String = "keyId", Check::Uid, required;
    }
}
params! {
    pub(crate) struct Change {
        project_id: String = "projectId", Check::Uid, required;
        id: String = "keyId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        expire: String = "expire", Check::Datetime, required;
    }
}

endpoint! {
    /// Lists a project's development keys.
    LIST: Get "/v1/projects/:projectId/dev-keys" => 200 "devKeyList" by list(List);
    sdk ["projects.listDevKeys"] auth [Admin] scope ["devKeys.read"] groups [Console]
}
endpoint! {
    /// Creates a development key.
    CREATE: Post "/v1/projects/:projectId/dev-keys" => 201 "devKey" by create(Create);
    sdk ["projects.createDevKey"] auth [Admin] scope ["devKeys.write"] groups [Console]
}
endpoint! {
    /// Gets a development key.
    GET: Get "/v1/projects/:projectId/dev-keys/:keyId" => 200 "devKey" by get(One);
    sdk ["projects.getDevKey"] auth [Admin] scope ["devKeys.read"] groups [Console]
}
endpoint! {
    /// Changes a development key.
    UPDATE: Put "/v1/projects/:projectId/dev-keys/:keyId" => 200 "devKey" by change(Change);
    sdk ["projects.updateDevKey"] auth [Admin] scope ["devKeys.write"] groups [Console]
}
endpoint! {
    /// Deletes a development key.
    DELETE: Delete "/v1/projects/:projectId/dev-keys/:keyId" => 204 "none" by delete(One);
    sdk ["projects.deleteDevKey"] auth [Admin] scope ["devKeys.write"] groups [Console]
}

/// 404 for a project that is not there; which ones the caller may manage the pipeline has judged.
fn project(cx: &Cx<'_>, id: &str) -> Result<()> {
    store::fresh(cx, id).map(|_| ())
}

fn time(text: &str) -> Option<String> {
    Timestamp::parse(text).map(Timestamp::format)
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    project(cx, &p.project_id)?;
    let (found, _) = store::DEV_KEYS.list(cx, &p.project_id, Listing::new(p.queries, false), 25)?;
    let items: Vec<_> = found.iter().map(|k| model::dev_key(cx, k)).collect::<Result<_>>()?;
    // As many as are shown.
    let total = items.len() as u64;
    Ok(Reply::list("devKeyList", "devKeys", "devKey", items, total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    project(cx, &p.project_id)?;
    let secret = crypto::random_hex(256);
    let sealed = cx.app.keyring.seal_text("dev-key", &secret).map_err(Error::internal)?;
    let data = json!({"name": p.name, "expire": time(&p.expire), "sdks": [], "secret": sealed, "secretHash": crypto::sha256_hex(secret.as_bytes())});
    let key = store::DEV_KEYS.create(cx, &p.project_id, cx.new_id(), object(data))?;
    Ok(Reply::Model("devKey", model::dev_key(cx, &key)?))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    project(cx, &p.project_id)?;
    Ok(Reply::Model("devKey", model::dev_key(cx, &*store::DEV_KEYS.get(cx, &p.project_id, &p.id)?)?))
}

fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    project(cx, &p.project_id)?;
    let data = object(json!({"name": p.name, "expire": time(&p.expire)}));
    let key = store::DEV_KEYS.update(cx, &p.project_id, &p.id, data, |_| Ok(()))?;
    Ok(Reply::Model("devKey", model::dev_key(cx, &key)?))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    project(cx, &p.project_id)?;
    store::DEV_KEYS.delete(cx, &p.project_id, &p.id)?;
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE];
