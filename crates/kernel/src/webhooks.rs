//! Which events go to which webhook: each delivery is a job, written before the request that caused it is answered. What was acknowledged is delivered,
//! whatever happens to the server in between.
use protocol::models;
use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::events::Event;
use crate::jobs::NewJob;
use crate::project::Project;

/// Kind of the jobs; `services` does them.
pub const KIND: &str = "webhook";

/// Queues the deliveries of events.
pub(crate) fn enqueue(app: &App, project: &Project, user: &str, events: &[Event]) {
    if project.webhooks.is_empty() || events.is_empty() {
        return;
    }
    let queued = jobs(app, project, user, events).and_then(|jobs| {
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

fn jobs(app: &App, project: &Project, user: &str, events: &[Event]) -> Result<Vec<NewJob>> {
    let mut jobs = Vec::new();
    for event in events {
        let wanted = |w: &&std::sync::Arc<database::Document>| w.bool("enabled") && w.strings("events").any(|e| event.names.iter().any(|n| n == e));
        let mut body = None;
        for webhook in project.webhooks.iter().filter(wanted) {
            let body = body.get_or_insert_with(|| {
                let mut out = Vec::with_capacity(512);
                models::write_json(&event.payload, &mut out);
                String::from_utf8_lossy(&out).into_owned()
            });
            let payload = json!({"webhookId": webhook.id, "events": event.names.join(","), "userId": user, "body": body});
            jobs.push(app.job(KIND, &project.id, &payload)?.about(webhook.str("url")));
        }
    }
    Ok(jobs)
}
