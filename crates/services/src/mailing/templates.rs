//! Templates of mails, by kind and locale: the project's own, or what the server says where there is none.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use mail::{KINDS, Kind};
use protocol::lists::LOCALES;
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value, json};

use super::compose::own_server;
use crate::project::store;
use crate::support::{Listing, object, slice};

params! {
    pub(crate) struct One {
        template_id: String = "templateId", Check::Enum(KINDS), required;
        locale: String = "locale", Check::EnumLoose(LOCALES), or Str("");
    }
}
params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Change {
        template_id: String = "templateId", Check::Enum(KINDS), required;
        locale: String = "locale", Check::EnumLoose(LOCALES), or Str("");
        subject: Option<String> = "subject", Check::Nullable(&Check::Text { min: 1, max: 255 }), optional;
        message: Option<String> = "message", Check::Nullable(&Check::Text { min: 1, max: 10_485_760 }), optional;
        sender_name: Option<String> = "senderName", Check::Nullable(&Check::Text { min: 0, max: 255 }), optional;
        sender_email: Option<String> = "senderEmail", Check::Nullable(&Check::EmailOrEmpty), optional;
        reply_to_email: Option<String> = "replyToEmail", Check::Nullable(&Check::EmailOrEmpty), optional;
        reply_to_name: Option<String> = "replyToName", Check::Nullable(&Check::Text { min: 0, max: 255 }), optional;
    }
}
params! {
    pub(crate) struct Old {
        project_id: String = "projectId", Check::Uid, required;
        kind: String = "type", Check::Enum(KINDS), required;
        locale: String = "locale", Check::EnumLoose(LOCALES), or Str("");
    }
}

endpoint! {
    /// Lists the project's own templates.
    LIST: Get "/v1/project/templates/email" => 200 "emailTemplateList" by list(List);
    sdk ["project.listEmailTemplates"] auth [Admin, Key] scope ["templates.read"]
}
endpoint! {
    /// Gets a template; where the project has none, what the server says.
    GET: Get "/v1/project/templates/email/:templateId" => 200 "emailTemplate" by get(One);
    old ["/v1/projects/:projectId/templates/email/:templateId/:locale"]
    sdk ["project.getEmailTemplate"] auth [Admin, Key] scope ["templates.read"]
}
endpoint! {
    /// Changes a template; the project needs a mail server of its own.
    UPDATE: Patch "/v1/project/templates/email" => 200 "emailTemplate" by update(Change);
    old ["/v1/projects/:projectId/templates/email", "/v1/projects/:projectId/templates/email/:templateId/:locale"]
    sdk ["project.updateEmailTemplate"] auth [Admin, Key] scope ["templates.write"]
    event "templates.[templateId].update" audit "project.template.update" on "project.template/{response.templateId}" groups [NotConsole]
}
endpoint! {
    /// Goes back from a project's own template to what the server says; a route of older clients.
    DELETE: Delete "/v1/projects/:projectId/templates/email" => 204 "none" by delete(Old);
    old ["/v1/projects/:projectId/templates/email/:type/:locale"]
    sdk [] auth [Admin] scope ["projects.write"]
}
endpoint! {
    /// Gets what the server says in a mail of this kind.
    DEFAULT: Get "/v1/console/templates/email/:templateId" => 200 "emailTemplate" by default(One);
    sdk ["console.getEmailTemplate"] auth [Admin] scope []
}

/// The locale meant; the server's when none is named.
fn locale(cx: &Cx<'_>, sent: &str) -> String {
    if sent.is_empty() { cx.app.settings.locale.clone() } else { sent.to_lowercase() }
}

fn key(kind: &str, locale: &str) -> String {
    format!("email.{kind}-{locale}")
}

/// Fields of `emailTemplate`: as set, the rest empty.
fn model(kind: &str, locale: &str, set: &Map<String, Value>) -> Map<String, Value> {
    let text = |k: &str| set.get(k).and_then(Value::as_str).unwrap_or("");
    object(json!({
        "templateId": kind, "locale": locale, "subject": text("subject"), "message": text("message"), "senderName": text("senderName"),
        "senderEmail": text("senderEmail"), "replyToEmail": text("replyToEmail"), "replyToName": text("replyToName"),
    }))
}

/// With the server's words where the project has none of its own.
fn filled(kind: &str, locale: &str, set: &Map<String, Value>) -> Map<String, Value> {
    let mut map = model(kind, locale, set);
    if let Some(k) = Kind::parse(kind) {
        if !set.contains_key("subject") {
            map.insert("subject".into(), mail::texts(k, locale).subject.as_str().into());
        }
        if !set.contains_key("message") {
            let phrase = matches!(k, Kind::MagicSession | Kind::OtpSession);
            map.insert("message".into(), mail::default_message(k, locale, phrase).into());
        }
    }
    map
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let all: Vec<Map<String, Value>> = cx
        .project
        .settings
        .get("templates")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(k, v)| {
            let (kind, locale) = k.strip_prefix("email.")?.split_once('-')?;
            Some(model(kind, locale, v.as_object()?))
        })
        .collect();
    let total = if p.total { all.len() as u64 } else { 0 };
    Ok(Reply::list("emailTemplateList", "templates", "emailTemplate", slice(cx, Listing::new(p.queries, p.total), all)?, total))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let locale = locale(cx, &p.locale);
    let none = Map::new();
    let set = cx.project.setting("templates", &key(&p.template_id, &locale)).as_object().unwrap_or(&none);
    Ok(Reply::Model("emailTemplate", filled(&p.template_id, &locale, set)))
}

fn default(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    Ok(Reply::Model("emailTemplate", filled(&p.template_id, &locale(cx, &p.locale), &Map::new())))
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    if !own_server(&cx.project) {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, "SMTP must be enabled on the project to configure custom email templates."));
    }
    let locale = locale(cx, &p.locale);
    let key = key(&p.template_id, &locale);
    let sent = [
        ("senderName", p.sender_name),
        ("senderEmail", p.sender_email),
        ("replyToEmail", p.reply_to_email),
        ("replyToName", p.reply_to_name),
        ("message", p.message),
        ("subject", p.subject),
    ];
    let id = cx.project.id.clone();
    let name = key.clone();
    store::change(cx, &id, "templates", move |part| {
        let mut set = part.get(&name).and_then(Value::as_object).cloned().unwrap_or_default();
        set.extend(sent.into_iter().filter_map(|(k, v)| Some((k.to_owned(), Value::from(v?)))));
        if let Some(missing) = ["subject", "message"].into_iter().find(|k| set.get(*k).and_then(Value::as_str).is_none_or(str::is_empty)) {
            return Err(Error::with(ErrorKind::GeneralArgumentInvalid, format!("Param \"{missing}\" is not optional.")));
        }
        part.insert(name, Value::Object(set));
        Ok(())
    })?;
    let project = cx.app.project(&id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
    let none = Map::new();
    let set = project.setting("templates", &key).as_object().unwrap_or(&none);
    cx.event_value("templateId", p.template_id.as_str());
    Ok(Reply::Model("emailTemplate", model(&p.template_id, &locale, set)))
}

fn delete(cx: &mut Cx<'_>, p: Old) -> Result<Reply> {
    let key = key(&p.kind, &locale(cx, &p.locale));
    store::change(cx, &p.project_id, "templates", move |part| {
        part.shift_remove(&key);
        Ok(())
    })?;
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &UPDATE, &DELETE, &DEFAULT];
