//! A mail that shows whether the project's mail server works.
use kernel::{Cx, Endpoint, Error, NewJob, Reply, Result, endpoint};
use mail::{Mail, Values};
use protocol::{Check, ErrorKind, params};
use serde_json::{Value, json};

use super::compose::own_server;

params! {
    pub(crate) struct Test {
        emails: Vec<String> = "emails", Check::List(&Check::Email, 10), required;
        sender_name: String = "senderName", Check::Text { min: 1, max: 256 }, or Str("");
        sender_email: String = "senderEmail", Check::Email, or Str("");
        reply_to: String = "replyTo", Check::Email, or Str("");
        host: String = "host", Check::Hostname, or Str("");
        port: Option<i64> = "port", Check::Int32, optional;
        username: String = "username", Check::Text { min: 1, max: 256 }, or Str("");
        password: String = "password", Check::Text { min: 1, max: 256 }, or Str("");
        secure: String = "secure", Check::Enum(&["tls", "ssl"]), or Str("");
    }
}

endpoint! {
    /// Sends a test mail by the project's mail server, or by one that is named (older clients do).
    CREATE: Post "/v1/project/smtp/tests" => 204 "none" by create(Test);
    old ["/v1/projects/:projectId/smtp/tests"]
    sdk ["project.createSMTPTest"] auth [Admin, Key] scope ["project.write"]
    groups [NotConsole]
}

fn bad(message: &'static str) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, message)
}

/// Sender and server of the test.
struct Setup {
    sender: Mail,
    host: String,
    port: i64,
    /// For the job: the project's own, or one written out.
    server: Value,
}

fn setup(cx: &Cx<'_>, p: &Test) -> Result<Setup> {
    if !p.host.is_empty() {
        let port = p.port.unwrap_or(0);
        let server = json!({"host": p.host, "port": port, "username": p.username, "password": p.password, "secure": p.secure});
        let sender = Mail { from: p.sender_email.clone(), from_name: p.sender_name.clone(), reply_to: p.reply_to.clone(), ..Mail::default() };
        return Ok(Setup { sender, host: p.host.clone(), port, server });
    }
    if !own_server(&cx.project) {
        return Err(bad("SMTP must be enabled on the project to send a test email."));
    }
    let text = |key: &str| cx.project.setting("smtp", key).as_str().unwrap_or("").to_owned();
    let sender = Mail {
        from: text("senderEmail"),
        from_name: text("senderName"),
        reply_to: text("replyToEmail"),
        reply_to_name: text("replyToName"),
        ..Mail::default()
    };
    Ok(Setup { sender, host: text("host"), port: cx.project.setting("smtp", "port").as_i64().unwrap_or(0), server: "project".into() })
}

fn create(cx: &mut Cx<'_>, p: Test) -> Result<Reply> {
    let Setup { mut sender, host, port, server } = setup(cx, &p)?;
    if sender.from.is_empty() {
        return Err(bad("SMTP sender email must be configured on the project to send a test email."));
    }
    if host.is_empty() {
        return Err(bad("SMTP host must be configured on the project to send a test email."));
    }
    if port == 0 {
        return Err(bad("SMTP port must be configured on the project to send a test email."));
    }
    if sender.reply_to.is_empty() {
        sender.reply_to = sender.from.clone();
    }
    if sender.reply_to_name.is_empty() {
        sender.reply_to_name = sender.from_name.clone();
    }
    let (subject, body) = mail::smtp_test();
    let who = |name: &str, address: &str| format!("{name} ({address})");
    let values = Values::from([("from", who(&sender.from_name, &sender.from)), ("replyTo", who(&sender.reply_to_name, &sender.reply_to))]);
    let (html, text) = mail::render(body, "", "ltr", &values);
    let jobs = p.emails.iter().map(|to| {
        let message = Mail { to: to.clone(), subject: subject.to_owned(), html: html.clone(), text: text.clone(), ..sender.clone() };
        let job = cx.app.job("mail", &cx.project.id, &json!({"mail": message, "server": server}))?;
        Ok(job.about(&format!("SMTP test to {to}")).until(cx.now().plus_seconds(3_600)))
    });
    let jobs: Vec<NewJob> = jobs.collect::<Result<_>>()?;
    cx.write(move |tx| {
        for job in jobs {
            tx.enqueue(job)?;
        }
        Ok(())
    })?;
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE];
