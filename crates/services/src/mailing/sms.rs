//! Short messages: handed to a webhook of the operator's, kept in a folder, or not sent at all for numbers that are mocked.
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::jobs::{Job, Outcome};
use kernel::{App, Cx, Error, NewJob, Result, Sms};
use protocol::{ErrorKind, Timestamp};
use serde_json::{Value, json};

/// A short message to be sent.
pub(crate) struct Text<'a> {
    pub(crate) to: &'a str,
    pub(crate) content: String,
    /// When what it tells ends.
    pub(crate) until: Timestamp,
}

impl Text<'_> {
    /// A job that sends it.
    pub(crate) fn prepare(&self, cx: &Cx<'_>) -> Result<NewJob> {
        let job = cx.app.job("sms", &cx.project.id, &json!({"to": self.to, "message": self.content}))?;
        Ok(job.about(&format!("text to {}", self.to)).until(self.until))
    }
}

/// Refuses where no short message can go.
pub(crate) fn require(cx: &Cx<'_>) -> Result<()> {
    match cx.app.settings.mail.sms {
        Sms::Off => Err(Error::with(ErrorKind::GeneralPhoneDisabled, "Phone provider not configured")),
        _ => Ok(()),
    }
}

/// The code of a number that the project mocks: none is sent to it.
pub(crate) fn mock_code(cx: &Cx<'_>, phone: &str) -> Option<String> {
    let all = cx.project.setting("auths", "mockNumbers").as_array()?;
    let found = all.iter().find(|m| m.get("phone").and_then(Value::as_str) == Some(phone))?;
    found.get("otp").and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn job(app: &Arc<App>, job: &Job) -> Outcome {
    let text = |key: &str| job.payload.get(key).and_then(Value::as_str).unwrap_or("");
    let mail = &app.settings.mail;
    let body = json!({"id": job.id, "projectId": job.project_id, "to": text("to"), "from": mail.sms_from, "message": text("message")});
    match &mail.sms {
        Sms::Off => Outcome::Retry("no provider of short messages is set (_APP_SMS_PROVIDER)".into()),
        Sms::Folder(folder) => match mail::capture_text(folder, &body, &job.id) {
            Ok(()) => Outcome::Done,
            Err(e) => Outcome::Retry(format!("{}: {e}", folder.display())),
        },
        Sms::Webhook { url, credentials } => {
            let mut request = outbound::Request::post(url, "application/json", body.to_string());
            if !credentials.expose().is_empty() {
                request = request.header("authorization", format!("Basic {}", STANDARD.encode(credentials.expose())));
            }
            match app.runtime.block_on(app.outbound.send(request)) {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    tracing::info!(job = job.id, project = job.project_id, "short message handed over");
                    Outcome::Done
                }
                Ok(answer) => Outcome::Retry(format!("the provider of short messages answered {}", answer.status)),
                Err(e) => Outcome::Retry(format!("the provider of short messages: {e}")),
            }
        }
    }
}
