//! Changing a section of a project's settings, and showing the project.
use database::{DbError, Namespace, Update};
use kernel::{Cx, Error, Reply, Result};
use protocol::ErrorKind;
use serde_json::{Map, Value};

use crate::support::{OWN, base, object};

/// Changes one section as it is when the transaction runs.
pub(super) fn change<F>(cx: &Cx<'_>, id: &str, section: &'static str, how: F) -> Result<()>
where
    F: FnOnce(&mut Map<String, Value>) -> Result<()> + Send + 'static,
{
    let (id, now) = (id.to_owned(), cx.now());
    cx.write(move |tx| {
        let coll = tx.collection(Namespace(0), "projects")?;
        let doc = tx.db.get(&OWN, &coll, &id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
        let mut settings = doc.value("settings").as_object().cloned().unwrap_or_default();
        let mut part = settings.get(section).and_then(Value::as_object).cloned().unwrap_or_default();
        how(&mut part)?;
        settings.insert(section.to_owned(), Value::Object(part));
        let data = object(serde_json::json!({"settings": settings}));
        let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
        tx.update(&OWN, &coll, &id, update).map_err(|e| if matches!(e, DbError::NotFound) { Error::from(ErrorKind::ProjectNotFound) } else { e.into() })?;
        Ok(())
    })
}

/// The answer that shows a project as it is now.
pub(super) fn shown(cx: &Cx<'_>, id: &str) -> Result<Reply> {
    let project = cx.app.project(id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
    let mut map = project.doc.as_deref().map(base).unwrap_or_default();
    map.extend(smtp(project.settings.get("smtp").unwrap_or(&Value::Null)));
    Ok(Reply::Model("project", map))
}

/// What is told of the mail server: everything but the password.
fn smtp(smtp: &Value) -> Map<String, Value> {
    let text = |key: &str| smtp.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    object(serde_json::json!({
        "smtpEnabled": smtp.get("enabled").and_then(Value::as_bool).unwrap_or(false), "smtpSenderName": text("senderName"),
        "smtpSenderEmail": text("senderEmail"), "smtpReplyToName": text("replyToName"), "smtpReplyToEmail": text("replyToEmail"),
        "smtpHost": text("host"), "smtpPort": smtp.get("port").cloned().unwrap_or_else(|| "".into()), "smtpUsername": text("username"),
        "smtpPassword": "", "smtpSecure": text("secure"),
    }))
}
