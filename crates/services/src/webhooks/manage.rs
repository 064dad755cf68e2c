//! A project's webhooks: which events go where.
use database::{DbError, NewDocument};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, lists, params};
use serde_json::json;

use super::store;
use crate::support::{Listing, OWN, find, object, page};

const SECRET: Check = Check::Nullable(&Check::Text { min: 8, max: 256 });

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::WEBHOOKS), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create {
        id: String = "webhookId", Check::CustomId, required;
        url: String = "url", Check::HttpUrl, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        events: Vec<String> = "events", Check::List(&Check::Event, 100), required;
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        tls: bool = "tls", Check::Bool, or Bool(false);
        user: String = "authUsername", Check::Text { min: 0, max: 256 }, or Str("");
        password: String = "authPassword", Check::Text { min: 0, max: 256 }, or Str("");
        secret: Option<String> = "secret", SECRET, optional;
    }
}
params! {
    pub(crate) struct One { id: String = "webhookId", Check::Uid, required; }
}
params! {
    pub(crate) struct Update {
        id: String = "webhookId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        url: String = "url", Check::HttpUrl, required;
        events: Vec<String> = "events", Check::List(&Check::Event, 100), required;
        enabled: bool = "enabled", Check::Bool, or Bool(true);
        tls: bool = "tls", Check::Bool, or Bool(false);
        user: String = "authUsername", Check::Text { min: 0, max: 256 }, or Str("");
        password: String = "authPassword", Check::Text { min: 0, max: 256 }, or Str("");
    }
}
params! {
    pub(crate) struct Secret {
        id: String = "webhookId", Check::Uid, required;
        secret: Option<String> = "secret", SECRET, optional;
    }
}

endpoint! {
    /// Lists the project's webhooks.
    LIST: Get "/v1/webhooks" => 200 "webhookList" by list(List);
    old ["/v1/projects/:projectId/webhooks"]
    sdk ["webhooks.list"] auth [Admin, Key] scope ["webhooks.read"]
    groups [NotConsole]
}
endpoint! {
    /// Creates a webhook.
    CREATE: Post "/v1/webhooks" => 201 "webhook" by create(Create);
    old ["/v1/projects/:projectId/webhooks"]
    sdk ["webhooks.create"] auth [Admin, Key] scope ["webhooks.write"]
    event "webhooks.[webhookId].create" audit "webhook.create" on "webhook/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Gets a webhook.
    GET: Get "/v1/webhooks/:webhookId" => 200 "webhook" by get(One);
    old ["/v1/projects/:projectId/webhooks/:webhookId"]
    sdk ["webhooks.get"] auth [Admin, Key] scope ["webhooks.read"]
    groups [NotConsole]
}
endpoint! {
    /// Changes a webhook; switching it on forgets its failures.
    UPDATE: Put "/v1/webhooks/:webhookId" => 200 "webhook" by update(Update);
    old ["/v1/projects/:projectId/webhooks/:webhookId"]
    sdk ["webhooks.update"] auth [Admin, Key] scope ["webhooks.write"]
    event "webhooks.[webhookId].update" audit "webhook.update" on "webhook/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Changes the key that deliveries are signed with.
    SECRET_UPDATE: Patch "/v1/webhooks/:webhookId/secret" => 200 "webhook" by update_secret(Secret);
    old ["/v1/projects/:projectId/webhooks/:webhookId/signature"]
    sdk ["webhooks.updateSecret"] auth [Admin, Key] scope ["webhooks.write"]
    event "webhooks.[webhookId].update" audit "webhook.update" on "webhook/{response.$id}"
    groups [NotConsole]
}
endpoint! {
    /// Deletes a webhook.
    DELETE: Delete "/v1/webhooks/:webhookId" => 204 "none" by delete(One);
    old ["/v1/projects/:projectId/webhooks/:webhookId"]
    sdk ["webhooks.delete"] auth [Admin, Key] scope ["webhooks.write"]
    event "webhooks.[webhookId].delete" audit "webhook.delete" on "webhook/{request.webhookId}"
    groups [NotConsole]
}

/// Webhooks are for hosts of the public internet, unless the operator made an exception; the address is judged again when something is sent.
fn check_host(cx: &Cx<'_>, url: &str) -> Result<()> {
    let host = protocol::check::redirect_host(url).map(|(_, h)| h).unwrap_or_default();
    if outbound::is_public_name(&host) || cx.app.outbound.excepts(&host) {
        return Ok(());
    }
    Err(Error::with(ErrorKind::GeneralArgumentInvalid, "Invalid `url` param: Value must be a public domain"))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("webhooks")?;
    // Two attributes are kept under older names.
    let queries = p.queries.into_iter().map(|q| q.replace("\"tls\"", "\"security\"").replace("\"authUsername\"", "\"httpUser\"")).collect();
    let request = find(cx, Listing::new(queries, p.total), Vec::new())?;
    let found = page(cx, &OWN, &coll, &request, "Webhook")?;
    let items = found.documents.iter().map(|w| store::model(cx, w, false)).collect();
    Ok(Reply::list("webhookList", "webhooks", "webhook", items, found.total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    check_host(cx, &p.url)?;
    let data = object(json!({
        "name": p.name, "url": p.url, "events": p.events, "security": p.tls, "httpUser": p.user, "httpPass": store::seal(cx.app, &p.password)?,
        "signatureKey": store::seal(cx.app, &store::signature_key(p.secret))?, "enabled": p.enabled, "logs": "", "attempts": 0,
    }));
    let (ns, now) = (cx.ns(), cx.now());
    let new = NewDocument { id: cx.custom_id(&p.id), permissions: Vec::new(), data, created_at: now, updated_at: now };
    let made = cx.write(move |tx| {
        let coll = tx.collection(ns, "webhooks")?;
        tx.create(&OWN, &coll, new).map_err(|e| if matches!(e, DbError::Duplicate) { ErrorKind::WebhookAlreadyExists.into() } else { Error::from(e) })
    })?;
    told(cx, &made)?;
    Ok(Reply::Model("webhook", store::model(cx, &made, true)))
}

/// The event carries no secret.
fn told(cx: &mut Cx<'_>, doc: &database::Document) -> Result<()> {
    let mut map = store::model(cx, doc, false);
    map.insert("httpPass".into(), "".into());
    cx.event_value("webhookId", doc.id.as_str());
    cx.event_payload("webhook", map);
    Ok(())
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let webhook = store::get(cx, &p.id)?;
    Ok(Reply::Model("webhook", store::model(cx, &webhook, false)))
}

fn update(cx: &mut Cx<'_>, p: Update) -> Result<Reply> {
    store::get(cx, &p.id)?;
    check_host(cx, &p.url)?;
    let mut data = object(json!({
        "name": p.name, "url": p.url, "events": p.events, "security": p.tls, "httpUser": p.user, "httpPass": store::seal(cx.app, &p.password)?,
        "enabled": p.enabled,
    }));
    if p.enabled {
        data.insert("attempts".into(), 0.into());
    }
    let done = store::update(cx, &p.id, data)?;
    told(cx, &done)?;
    Ok(Reply::Model("webhook", store::model(cx, &done, false)))
}

fn update_secret(cx: &mut Cx<'_>, p: Secret) -> Result<Reply> {
    let sealed = store::seal(cx.app, &store::signature_key(p.secret))?;
    let done = store::update(cx, &p.id, object(json!({"signatureKey": sealed})))?;
    told(cx, &done)?;
    Ok(Reply::Model("webhook", store::model(cx, &done, true)))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let (ns, id) = (cx.ns(), p.id);
    let gone = cx.write(move |tx| {
        let coll = tx.collection(ns, "webhooks")?;
        tx.delete(&OWN, &coll, &id, None).map_err(|e| if matches!(e, DbError::NotFound) { ErrorKind::WebhookNotFound.into() } else { Error::from(e) })
    })?;
    told(cx, &gone)?;
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &SECRET_UPDATE, &DELETE];
