//! Sending what was queued.
use std::sync::Arc;

use kernel::jobs::{Job, Outcome, Policy};
use kernel::{App, Project};
use mail::{Mail, Secure, SendError, Server};
use serde_json::Value;

/// Mails: about half a day of attempts.
const MAILS: Policy = Policy { attempts: 12, first_wait: 15, longest_wait: 3_600, at_once: 4 };
/// Short messages are worth nothing after some minutes.
const TEXTS: Policy = Policy { attempts: 6, first_wait: 5, longest_wait: 120, at_once: 4 };
/// Purpose under which passwords of mail servers are sealed.
pub(super) const SEAL: &str = "smtp-password";

/// Says who does the jobs of this service.
pub(crate) fn register(app: &App) {
    app.jobs.register("mail", MAILS, Arc::new(mail_job));
    app.jobs.register("sms", TEXTS, Arc::new(super::sms::job));
}

fn mail_job(app: &Arc<App>, job: &Job) -> Outcome {
    let mail: Mail = match serde_json::from_value(job.payload.get("mail").cloned().unwrap_or_default()) {
        Ok(mail) => mail,
        Err(e) => return Outcome::GiveUp(format!("the job holds no mail: {e}")),
    };
    let server = match server_of(app, job) {
        Ok(Some(server)) => server,
        Ok(None) => return kept(app, &mail, &job.id),
        Err(why) => return why,
    };
    match mail::send(&server, &mail, &job.id, &app.settings.domain) {
        Ok(()) => {
            tracing::info!(job = job.id, project = job.project_id, about = job.about, "mail sent");
            Outcome::Done
        }
        Err(SendError::Permanent(why)) => Outcome::GiveUp(why),
        Err(SendError::Transient(why)) => Outcome::Retry(why),
    }
}

/// Which server takes a mail; none where mails are kept in a folder.
fn server_of(app: &Arc<App>, job: &Job) -> Result<Option<Server>, Outcome> {
    match job.payload.get("server") {
        Some(Value::Object(_)) => Ok(Some(named(job.payload.get("server").unwrap_or(&Value::Null)))),
        Some(Value::String(s)) if s == "project" => {
            let retry = |e: kernel::Error| Outcome::Retry(e.0.cause.unwrap_or_else(|| e.0.message.into_owned()));
            let Some(project) = app.project(&job.project_id).map_err(retry)? else { return Err(Outcome::GiveUp("the project is gone".into())) };
            // As it is now: a password that was mended counts for what waits.
            let server = of_project(app, &project).map_err(Outcome::GiveUp)?;
            if server.host.is_empty() { Err(Outcome::GiveUp("the project has no mail server any more".into())) } else { Ok(Some(server)) }
        }
        _ => of_server(app),
    }
}

fn of_server(app: &App) -> Result<Option<Server>, Outcome> {
    let m = &app.settings.mail;
    if m.host.is_empty() {
        return if m.capture.is_some() { Ok(None) } else { Err(Outcome::Retry("no mail server is set (_APP_SMTP_HOST)".into())) };
    }
    let secure = Secure::parse(&m.secure).unwrap_or_default();
    let password = String::from_utf8_lossy(m.password.expose()).into_owned();
    Ok(Some(Server { host: m.host.clone(), port: m.port, secure, username: m.username.clone(), password }))
}

/// A server written out.
fn named(value: &Value) -> Server {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let port = value.get("port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok()).unwrap_or(25);
    Server { host: text("host"), port, secure: Secure::parse(&text("secure")).unwrap_or_default(), username: text("username"), password: text("password") }
}

/// The project's own server, its password opened.
pub(super) fn of_project(app: &App, project: &Project) -> Result<Server, String> {
    let smtp = project.settings.get("smtp").unwrap_or(&Value::Null);
    let mut server = named(smtp);
    if !server.password.is_empty() {
        server.password = app.keyring.open_text(SEAL, &server.password).map_err(|e| format!("the project's SMTP password cannot be opened: {e}"))?;
    }
    Ok(server)
}

fn kept(app: &App, mail: &Mail, id: &str) -> Outcome {
    let Some(folder) = &app.settings.mail.capture else { return Outcome::Retry("there is nowhere to keep mails".into()) };
    match mail::capture(folder, mail, id) {
        Ok(()) => {
            tracing::info!(id, "a mail was kept in {}; `ferrite mails` shows it", folder.display());
            Outcome::Done
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidInput => Outcome::GiveUp(e.to_string()),
        Err(e) => Outcome::Retry(format!("{}: {e}", folder.display())),
    }
}
