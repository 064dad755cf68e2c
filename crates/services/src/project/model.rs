//! A project, its keys and platforms as the API shows them.
use database::Document;
use kernel::{Cx, Error, Project, Result};
use protocol::project::{AUTH_METHODS, LISTED_SERVICES, PROTOCOLS};
use serde_json::{Map, Value, json};

use crate::support::{base, object};

/// Fields of `project`.
pub(crate) fn project(cx: &Cx<'_>, project: &Project) -> Result<Map<String, Value>> {
    let mut map = project.doc.as_deref().map(base).unwrap_or_default();
    let settings = map.shift_remove("settings").unwrap_or_default();
    let dev_keys = project.dev_keys.iter().map(|k| dev_key(cx, k).map(Value::Object)).collect::<Result<Vec<_>>>()?;
    map.insert("devKeys".into(), dev_keys.into());
    map.extend(smtp(settings.get("smtp").unwrap_or(&Value::Null)));
    let switch = |section: &str, id: &str, key: &str| json!({"$id": id, "enabled": project.setting(section, key).as_bool().unwrap_or(true)});
    let methods = AUTH_METHODS.iter().map(|(id, key)| switch("auths", id, key));
    map.insert("authMethods".into(), methods.collect());
    map.insert("services".into(), LISTED_SERVICES.iter().map(|id| switch("services", id, id)).collect());
    map.insert("protocols".into(), PROTOCOLS.iter().map(|id| switch("apis", id, id)).collect());
    if !cx.format.is_current() {
        let raw = stored(cx, project, &map, settings)?;
        map.insert("$raw".into(), Value::Object(raw));
    }
    Ok(map)
}

/// What is told of the mail server: everything but the password.
fn smtp(smtp: &Value) -> Map<String, Value> {
    let text = |key: &str| smtp.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    // A port that is not set is an empty text, as in the recorded answers.
    let port = smtp.get("port").filter(|p| p.as_i64().is_some_and(|n| n > 0)).cloned().unwrap_or_else(|| "".into());
    object(json!({
        "smtpEnabled": smtp.get("enabled").and_then(Value::as_bool).unwrap_or(false), "smtpSenderName": text("senderName"),
        "smtpSenderEmail": text("senderEmail"), "smtpReplyToName": text("replyToName"), "smtpReplyToEmail": text("replyToEmail"),
        "smtpHost": text("host"), "smtpPort": port, "smtpUsername": text("username"), "smtpPassword": "", "smtpSecure": text("secure"),
    }))
}

/// The project as it is kept, for older formats, which show more of it.
fn stored(cx: &Cx<'_>, project: &Project, shown: &Map<String, Value>, mut settings: Value) -> Result<Map<String, Value>> {
    let mut raw = Map::new();
    for key in ["description", "logo", "url", "legalName", "legalCountry", "legalState", "legalCity", "legalAddress", "legalTaxId"] {
        raw.insert(key.into(), shown.get(key).cloned().unwrap_or_default());
    }
    for section in ["auths", "oAuthProviders"] {
        raw.insert(section.into(), settings.get_mut(section).map(Value::take).unwrap_or_default());
    }
    raw.insert("platforms".into(), project.platforms.iter().map(|p| Value::Object(platform(p).1)).collect());
    raw.insert("webhooks".into(), project.webhooks.iter().map(|w| Value::Object(crate::webhooks::model(cx, w, true))).collect());
    let keys = project.keys.iter().map(|k| key(cx, &k.doc).map(Value::Object)).collect::<Result<Vec<_>>>()?;
    raw.insert("keys".into(), keys.into());
    Ok(raw)
}

/// Fields of `key`, its secret in the clear.
pub(crate) fn key(cx: &Cx<'_>, doc: &Document) -> Result<Map<String, Value>> {
    opened(cx, doc, "api-key")
}

/// Fields of `devKey`, its secret in the clear.
pub(crate) fn dev_key(cx: &Cx<'_>, doc: &Document) -> Result<Map<String, Value>> {
    opened(cx, doc, "dev-key")
}

/// Those who manage keys may see their secrets.
fn opened(cx: &Cx<'_>, doc: &Document, purpose: &str) -> Result<Map<String, Value>> {
    let mut map = base(doc);
    let secret = cx.app.keyring.open_text(purpose, doc.str("secret")).map_err(Error::internal)?;
    map.insert("secret".into(), secret.into());
    Ok(map)
}

/// Model and fields of a platform, its kind as it is called now.
pub(crate) fn platform(doc: &Document) -> (&'static str, Map<String, Value>) {
    let mut map = base(doc);
    let kind = protocol::project::platform_kind(doc.str("type")).to_owned();
    let model = match kind.as_str() {
        "apple" => "platformApple",
        "android" => "platformAndroid",
        "windows" => "platformWindows",
        "linux" => "platformLinux",
        _ => "platformWeb",
    };
    map.insert("type".into(), kind.into());
    (model, map)
}
