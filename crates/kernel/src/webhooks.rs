//! Which events go to which webhook: each delivery is a job, written before the request that caused it is answered. What was acknowledged is delivered,
//! whatever happens to the server in between.
use protocol::models;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Result;
use crate::events::Event;
use crate::jobs::NewJob;
use crate::project::Project;

/// Kind of the jobs; `services` does them.
pub const KIND: &str = "webhook";

/// Queues the deliveries of events; `secrets` are the payloads of those that tell webhooks more than others, by place.
pub(crate) fn enqueue(app: &App, project: &Project, user: &str, events: &[Event], secrets: &[Option<Value>]) {
    if project.webhooks.is_empty() || events.is_empty() {
        return;
    }
    let queued = jobs(app, project, user, events, secrets).and_then(|jobs| {
        if jobs.is_empty() {
            return Ok(());
        }
        app.write(move |tx| {
            jobs.into_iter().try_for_each(|job| tx.enqueue(job))?;
            Ok(())
        })
    });
    if let Err(e) = queued {
        tracing::error!(project = project.id, cause = e.0.cause.as_deref().unwrap_or(&e.0.message), "webhooks could not be queued");
    }
}

fn jobs(app: &App, project: &Project, user: &str, events: &[Event], secrets: &[Option<Value>]) -> Result<Vec<NewJob>> {
    let mut jobs = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let wanted = |w: &&std::sync::Arc<database::Document>| w.bool("enabled") && w.strings("events").any(|e| event.names.iter().any(|n| n == e));
        let mut body = None;
        for webhook in project.webhooks.iter().filter(wanted) {
            let body = body.get_or_insert_with(|| written(secrets.get(at).and_then(Option::as_ref).unwrap_or(&event.payload)));
            let payload = json!({"webhookId": webhook.id, "events": event.names.join(","), "userId": user, "body": body});
            jobs.push(app.job(KIND, &project.id, &payload)?.about(webhook.str("url")));
        }
    }
    Ok(jobs)
}

/// A payload as receivers of the original get it, who may compute the signature over what they read and write again: nothing beyond ASCII, and an
/// empty object is an empty list.
fn written(payload: &Value) -> String {
    let mut out = Vec::with_capacity(512);
    models::write_json(&listed(payload), &mut out);
    let text = String::from_utf8_lossy(&out);
    let mut plain = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        if c.is_ascii() {
            plain.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                plain.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    plain
}

fn listed(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => Value::Array(Vec::new()),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), listed(v))).collect(),
        Value::Array(items) => items.iter().map(listed).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_written_as_they_are_read_and_written_again() {
        let payload = json!({"name": "Ä/😀", "prefs": {}, "list": [{}, {"a": {}}], "n": 1.5, "none": null});
        assert_eq!(written(&payload), r#"{"name":"\u00c4\/\ud83d\ude00","prefs":[],"list":[[],{"a":[]}],"n":1.5,"none":null}"#);
    }
}
