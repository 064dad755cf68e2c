//! Sending what happened to where a webhook points, signed. What fails is tried again; a webhook that keeps failing is switched off.
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use database::{Document, Update};
use kernel::jobs::{Job, Outcome, Policy};
use kernel::{App, Project};
use outbound::{Answer, FetchError, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{alert, store};
use crate::support::{OWN, object};

/// Kind of the jobs.
pub(crate) const KIND: &str = kernel::webhooks::KIND;
/// An hour and more of attempts in all.
pub(crate) const POLICY: Policy = Policy { attempts: 8, first_wait: 10, longest_wait: 1_800, at_once: 16 };

const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer that is read.
const MAX_ANSWER: usize = 5 << 20;
/// Bytes of an answer kept for people to read.
const MAX_LOG: usize = 10_000;

/// One delivery.
pub(crate) fn deliver(app: &Arc<App>, job: &Job) -> Outcome {
    let text = |key: &str| job.payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let project = match app.project(&job.project_id) {
        Ok(Some(project)) => project,
        // Gone with its project.
        Ok(None) => return Outcome::Done,
        Err(_) => return Outcome::Retry("the project could not be read".into()),
    };
    // As it is now: switched off or deleted ones are sent nothing more.
    let Some(webhook) = project.webhooks.iter().find(|w| w.id == text("webhookId") && w.bool("enabled")) else { return Outcome::Done };
    let answer = app.runtime.block_on(app.outbound.send(request(app, &job.project_id, webhook, text("events"), text("userId"), text("body"))));
    let failure = match answer {
        Ok(answer) if answer.status < 400 => None,
        Ok(answer) => Some(refused(webhook, &answer)),
        Err(e) => Some(unreached(webhook, text("events"), &e)),
    };
    // A job counts once however often it is tried, so that a short absence does not switch a webhook off.
    if let Err(e) = note(app, &project, webhook, failure.as_deref(), job.attempt == 1) {
        tracing::error!(cause = ?e.0, webhook = webhook.id, "the outcome of a delivery could not be noted");
    }
    match failure {
        None => Outcome::Done,
        Some(why) => Outcome::Retry(why.lines().nth(2).unwrap_or("failed").to_owned()),
    }
}

fn request(app: &App, project_id: &str, webhook: &Document, events: &str, user_id: &str, body: &str) -> Request {
    let url = webhook.str("url");
    let key = store::open(app, webhook.str("signatureKey"));
    let signed = format!("{}{body}", percent_decode_str(url).decode_utf8_lossy());
    let signature = STANDARD.encode(crypto::hmac_sha1(key.as_bytes(), signed.as_bytes()));
    let mut request = Request {
        redirects: 0,
        max_bytes: MAX_ANSWER,
        timeout: PATIENCE,
        verify: webhook.bool("security"),
        ..Request::post(url, "application/json", body.to_owned())
    };
    let name: String = webhook.str("name").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for (header, value) in [
        ("user-agent", format!("Appwrite-Server v{}. Please report abuse at {}", protocol::VERSION, app.settings.security_email)),
        ("x-appwrite-webhook-id", webhook.id.clone()),
        ("x-appwrite-webhook-events", events.to_owned()),
        ("x-appwrite-webhook-name", name),
        ("x-appwrite-webhook-user-id", user_id.to_owned()),
        ("x-appwrite-webhook-project-id", project_id.to_owned()),
        ("x-appwrite-webhook-signature", signature),
    ] {
        request = request.header(header, value);
    }
    let (user, password) = (webhook.str("httpUser"), store::open(app, webhook.str("httpPass")));
    if !user.is_empty() && !password.is_empty() {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
    }
    request
}

fn refused(webhook: &Document, answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    let kept: String = body.chars().take(MAX_LOG).collect();
    format!("URL: {}\nMethod: POST\nStatus code: {}\nBody: \n{kept}\n", webhook.str("url"), answer.status)
}

fn unreached(webhook: &Document, events: &str, e: &FetchError) -> String {
    format!("URL: {}\nMethod: POST\nError: {e}\nEvents: {}\n", webhook.str("url"), events.replace(',', ", "))
}

/// Writes down what came of it. Who administers the project is told when that switches the webhook off.
fn note(app: &App, project: &Project, webhook: &Document, failure: Option<&str>, counts: bool) -> kernel::Result<()> {
    let letters = match failure {
        Some(why) if counts => alert::letters(app, project, webhook, why)?,
        _ => Vec::new(),
    };
    let (ns, now, id, most) = (project.namespace, app.now(), webhook.id.clone(), app.settings.webhook_failures);
    let failure = failure.map(str::to_owned);
    app.write(move |tx| {
        let coll = tx.collection(ns, "webhooks")?;
        let Some(webhook) = tx.db.get(&OWN, &coll, &id)? else { return Ok(()) };
        let data: Map<String, Value> = match failure {
            None if webhook.int("attempts") == 0 => return Ok(()),
            None => object(json!({"attempts": 0})),
            Some(logs) => {
                // What was on its way when the webhook was switched off adds nothing.
                let attempts = webhook.int("attempts") + i64::from(counts && webhook.bool("enabled"));
                let enabled = webhook.bool("enabled") && attempts < most;
                if webhook.bool("enabled") && !enabled {
                    for letter in letters {
                        tx.enqueue(letter)?;
                    }
                }
                object(json!({"attempts": attempts, "logs": logs, "enabled": enabled}))
            }
        };
        tx.update(&OWN, &coll, &id, Update { data, permissions: None, updated_at: now, created_at: None, touch: false, unless_newer: None })?;
        Ok(())
    })
}
