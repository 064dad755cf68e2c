//! The project's own mail server.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use mail::{Secure, Server};
use protocol::{Check, ErrorKind, params};
use serde_json::{Map, Value};

use super::deliver::{self, SEAL};
use crate::project::store;

params! {
    pub(crate) struct Change {
        host: Option<String> = "host", Check::Nullable(&Check::Hostname), optional;
        port: Option<i64> = "port", Check::Nullable(&Check::Int32), optional;
        username: Option<String> = "username", Check::Nullable(&Check::Text { min: 0, max: 256 }), optional;
        password: Option<String> = "password", Check::Nullable(&Check::Text { min: 0, max: 256 }), optional;
        sender_email: Option<String> = "senderEmail", Check::Nullable(&Check::EmailOrEmpty), optional;
        sender_name: Option<String> = "senderName", Check::Nullable(&Check::Text { min: 0, max: 256 }), optional;
        reply_to_email: Option<String> = "replyToEmail", Check::Nullable(&Check::EmailOrEmpty), optional;
        reply_to_name: Option<String> = "replyToName", Check::Nullable(&Check::Text { min: 0, max: 256 }), optional;
        secure: Option<String> = "secure", Check::Nullable(&Check::Enum(&["tls", "ssl"])), optional;
        enabled: Option<bool> = "enabled", Check::Nullable(&Check::Bool), optional;
    }
}

endpoint! {
    /// Changes the project's mail server; what works is switched on, what does not work cannot be.
    UPDATE: Patch "/v1/project/smtp" => 200 "project" by update(Change);
    old ["/v1/projects/:projectId/smtp"]
    sdk ["project.updateSMTP"] auth [Admin, Key] scope ["project.write"]
    audit "project.smtp.update" on "project.smtp/{response.$id}" groups [NotConsole]
}

fn missing(name: &str) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, format!("Param \"{name}\" is not optional."))
}

fn empty(smtp: &Map<String, Value>, key: &str) -> bool {
    match smtp.get(key) {
        Some(Value::String(s)) => s.is_empty(),
        Some(Value::Number(n)) => n.as_i64() == Some(0),
        _ => true,
    }
}

/// What was sent; what was not sent stays as it is, an empty text clears.
fn sent(p: Change, password: Option<String>) -> Map<String, Value> {
    let texts = [
        ("host", p.host),
        ("username", p.username),
        ("password", password),
        ("senderEmail", p.sender_email),
        ("senderName", p.sender_name),
        ("replyToEmail", p.reply_to_email),
        ("replyToName", p.reply_to_name),
        ("secure", p.secure),
    ];
    let mut map: Map<String, Value> = texts.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?.into()))).collect();
    map.extend(p.port.map(|n| ("port".to_owned(), n.into())));
    map.extend(p.enabled.map(|on| ("enabled".to_owned(), on.into())));
    map
}

fn update(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let (enabled, plain) = (p.enabled, p.password.clone());
    let sealed = match &plain {
        Some(text) if !text.is_empty() => Some(cx.app.keyring.seal_text(SEAL, text).map_err(Error::internal)?),
        other => other.clone(),
    };
    let mut change = sent(p, sealed);
    let mut smtp = cx.project.settings.get("smtp").and_then(Value::as_object).cloned().unwrap_or_default();
    smtp.extend(change.clone());
    let on = smtp.get("enabled").and_then(Value::as_bool).unwrap_or(false);
    if on && let Some(name) = ["host", "port", "senderEmail"].into_iter().find(|k| empty(&smtp, k)) {
        return Err(missing(name));
    }
    // Tried when it is to be on, and when nothing is said: then it goes on if it works.
    if enabled != Some(false) && !empty(&smtp, "senderEmail") {
        match mail::hello(&server(cx, &smtp, plain)?, &cx.app.settings.domain) {
            Ok(()) if enabled.is_none() => {
                change.insert("enabled".into(), true.into());
            }
            Ok(()) => {}
            Err(e) if on => return Err(Error::with(ErrorKind::ProjectSmtpConfigInvalid, format!("SMTP Error: Could not connect to SMTP host. {e}"))),
            Err(_) => {}
        }
    }
    let id = cx.project.id.clone();
    store::change(cx, &id, "smtp", move |part| {
        part.extend(change);
        Ok(())
    })?;
    store::shown(cx, &id)
}

/// The server as it would be.
fn server(cx: &Cx<'_>, smtp: &Map<String, Value>, password: Option<String>) -> Result<Server> {
    let text = |key: &str| smtp.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let password = match password {
        Some(new) => new,
        None => deliver::of_project(cx.app, &cx.project).map_err(Error::internal)?.password,
    };
    let port = smtp.get("port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok()).unwrap_or(0);
    Ok(Server { host: text("host"), port, secure: Secure::parse(&text("secure")).unwrap_or_default(), username: text("username"), password })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&UPDATE];
