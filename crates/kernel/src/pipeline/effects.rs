//! Step 10: events, audit.
use database::Document;
use protocol::Timestamp;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::audit::Entry;
use crate::cx::{Cx, PendingEvent};
use crate::endpoint::Endpoint;
use crate::events::Event;
use crate::project::Project;
use crate::reply::Reply;
use crate::shaping;

pub(super) fn after(cx: &mut Cx<'_>, endpoint: &Endpoint, params: &Map<String, Value>, reply: &Reply) {
    let empty = Map::new();
    let response = match reply {
        Reply::Model(_, map) => map,
        _ => &empty,
    };
    if let Some((event, resource)) = endpoint.audit {
        audit(cx, event, resource, params, response);
    }
    if cx.nobody_listens() {
        return;
    }
    if !cx.events_set
        && let Some(template) = endpoint.spec.event
    {
        let template = if cx.in_tables_database { protocol::events::of_tables_database(template) } else { template };
        let model = match reply {
            Reply::Model(name, _) => name,
            _ => endpoint.spec.reply.model,
        };
        let (model, payload) = cx.payload.take().unwrap_or_else(|| (model, response.clone()));
        let values = declared_values(cx, template, params, &payload);
        let roles = default_roles(template, &values);
        cx.events.push(PendingEvent { template, values, model, payload, roles });
    }
    let made = std::mem::take(&mut *cx.made_users.lock());
    cx.events.splice(0..0, made.into_iter().map(account_made));
    let pending = std::mem::take(&mut cx.events);
    // A server that delivers verifications itself is told their secrets; nobody else is.
    let secret = |p: &PendingEvent| (p.model == "token").then(|| Value::Object(shaping::model(p.model, p.payload.clone(), true)));
    let secrets: Vec<Option<Value>> = if cx.project.webhooks.is_empty() { Vec::new() } else { pending.iter().map(secret).collect() };
    let (now, roles_changed) = (cx.now(), &cx.roles_changed);
    let of_request = |pending| Event { roles_changed: roles_changed.clone(), ..complete(&cx.project.id, now, pending) };
    let events: Vec<Event> = pending.into_iter().map(of_request).collect();
    let user = cx.audit_user.as_ref().map_or(cx.user_id(), |u| u.id.as_str());
    crate::webhooks::enqueue(cx.app, &cx.project, user, &events, &secrets);
    events.into_iter().for_each(|event| cx.app.bus.publish(event));
    std::mem::take(&mut cx.sequels).into_iter().for_each(|pending| cx.app.bus.publish(complete(&cx.project.id, now, pending)));
}

/// However an account comes about – sign-up, a login elsewhere, an invitation, a server – it is told in the same way: as the account shows itself, without its hash.
fn account_made(user: Document) -> PendingEvent {
    let mut payload = user.data.clone();
    let own = [("$id", Value::from(user.id.as_str())), ("$createdAt", user.created_at.format().into()), ("$updatedAt", user.updated_at.format().into())];
    payload.extend(own.map(|(k, v)| (k.to_owned(), v)));
    let roles = vec![format!("user:{}", user.id)];
    PendingEvent { template: "users.[userId].create", values: vec![("userId", user.id)], model: "account", payload, roles }
}

impl App {
    /// Tells sockets, and nobody else, of what the server did by itself.
    pub fn tell(&self, project_id: &str, event: PendingEvent) {
        self.bus.publish(complete(project_id, self.now(), event));
    }

    /// Tells of what the server did by itself, outside of a request.
    pub fn announce(&self, project: &Project, event: PendingEvent) {
        if self.bus.is_idle() && project.webhooks.is_empty() {
            return;
        }
        let event = complete(&project.id, self.now(), event);
        crate::webhooks::enqueue(self, project, "", std::slice::from_ref(&event), &[]);
        self.bus.publish(event);
    }
}

fn complete(project: &str, at: Timestamp, pending: PendingEvent) -> Event {
    let payload = shaping::model(pending.model, pending.payload, false);
    let mut values: Vec<(&str, &str)> = pending.values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let names = protocol::events::names(pending.template, &values);
    if !values.iter().any(|(name, _)| *name == "projectId") {
        // Channels of the console name the project although the event does not.
        values.push(("projectId", project));
    }
    let channels = protocol::events::channels(pending.template, &values);
    Event { project_id: project.to_owned(), names, channels, roles: pending.roles, payload: Value::Object(payload), at, roles_changed: Vec::new() }
}

/// Values of a template's placeholders: what the handler said, then parameters, then the reply's own id for the last one.
fn declared_values(cx: &Cx<'_>, template: &'static str, params: &Map<String, Value>, response: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let names: Vec<&'static str> = template.split('.').filter_map(|s| s.strip_prefix('[')?.strip_suffix(']')).collect();
    let text = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let last = names.len().saturating_sub(1);
    names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let said = cx.event_values.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
            let own = (i == last).then(|| text(response, "$id").or_else(|| text(response, "key"))).flatten();
            let param = params.get(collection_name(name)).and_then(Value::as_str).map(str::to_owned);
            let user = (*name == "userId").then(|| cx.user_id().to_owned()).filter(|u| !u.is_empty());
            let value = said.or(own).or(param).or_else(|| text(response, name)).or(user).unwrap_or_default();
            (*name, value)
        })
        .collect()
}

/// Parameters are kept under the names of the collections vocabulary.
fn collection_name(name: &str) -> &str {
    match name {
        "tableId" => "collectionId",
        "rowId" => "documentId",
        "columnId" | "attributeId" | "indexId" => "key",
        other => other,
    }
}

/// Who hears about users and teams; documents and files name their readers themselves.
fn default_roles(template: &str, values: &[(&'static str, String)]) -> Vec<String> {
    let value = |name: &str| values.iter().find(|(k, _)| *k == name).map_or("", |(_, v)| v.as_str());
    match template.split('.').next() {
        Some("users") => vec![format!("user:{}", value("userId"))],
        Some("teams") => vec![format!("team:{}", value("teamId"))],
        _ => Vec::new(),
    }
}

fn audit(cx: &Cx<'_>, event: &str, resource: &str, params: &Map<String, Value>, response: &Map<String, Value>) {
    let admin = cx.actor.kind == crate::ActorKind::Admin;
    let actor = cx.audit_user.clone().or_else(|| cx.actor.identity.as_ref().map(|i| i.impersonator.clone().unwrap_or_else(|| i.user.clone())));
    let (id, email, name, kind) = match &actor {
        Some(u) => (u.id.clone(), u.str("email").to_owned(), u.str("name").to_owned(), if admin { "admin" } else { "user" }),
        None if cx.is_key() => {
            (String::new(), cx.actor.display.clone(), cx.actor.key.as_ref().map_or(String::new(), |k| k.str("name").to_owned()), "keyProject")
        }
        None => (String::new(), String::new(), String::new(), "guest"),
    };
    let at = cx.now();
    let data = json!({"userId": id, "userEmail": email, "userName": name, "userType": kind, "mode": if admin { "admin" } else { "default" },
        "event": event, "resource": fill(resource, cx, actor.as_deref(), params, response), "userAgent": cx.user_agent(), "ip": cx.ip(), "countryCode": cx.app.geo.code(cx.ip()), "time": at.format()});
    if let Value::Object(data) = data {
        cx.app.audit.push(Entry { namespace: cx.ns(), data, at });
    }
}

/// `user/{response.$id}`, `team/{request.teamId}`, `user/{user.$id}`.
fn fill(template: &str, cx: &Cx<'_>, user: Option<&Document>, params: &Map<String, Value>, response: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        let value = match name.split_once('.') {
            Some(("user", "$id")) => user.map(|u| u.id.clone()),
            Some(("project", "$id")) => Some(cx.project.id.clone()),
            Some(("request", key)) => params.get(key).and_then(Value::as_str).map(str::to_owned),
            Some(("response", key)) => response.get(key).and_then(Value::as_str).map(str::to_owned),
            _ => None,
        };
        out.push_str(&value.unwrap_or_default());
        rest = tail;
    }
    out.push_str(rest);
    out
}
