//! `ferrite doctor smtp`: whether mails leave the server.
use mail::{Mail, Secure, Server};

use super::Outcome;
use crate::config::Config;

/// Connects and signs in; with `to`, sends a mail there.
pub(super) fn run(config: &Config, to: Option<&str>) -> Outcome {
    let settings = config.settings().map_err(|e| e.to_string())?.mail;
    if settings.host.is_empty() {
        return Err(match settings.capture {
            Some(folder) => format!("no mail server is set (_APP_SMTP_HOST); this development server keeps mails in {}", folder.display()),
            None => "no mail server is set (_APP_SMTP_HOST)".into(),
        });
    }
    let secure = Secure::parse(&settings.secure).unwrap_or_default();
    let password = String::from_utf8_lossy(settings.password.expose()).into_owned();
    let server = Server { host: settings.host, port: settings.port, secure, username: settings.username, password };
    let place = format!("{}:{}", server.host, server.port);
    let us = config.get("_APP_DOMAIN");
    mail::hello(&server, us).map_err(|e| format!("{place}: {e}"))?;
    let protection = match secure {
        Secure::None => "without protection",
        Secure::StartTls => "with STARTTLS",
        Secure::Tls => "with TLS",
    };
    println!("ok    {place} answers {protection}{}", if server.username.is_empty() { "" } else { " and takes user and password" });
    let Some(to) = to else {
        println!("      --to ADDRESS sends a mail, too");
        return Ok(());
    };
    let (subject, body) = ("Ferrite can send mail", "This mail was sent by `ferrite doctor smtp`.");
    let mail = Mail {
        to: to.to_owned(),
        from: settings.sender_email,
        from_name: settings.sender_name,
        subject: subject.to_owned(),
        html: format!("<p>{body}</p>"),
        text: body.to_owned(),
        ..Mail::default()
    };
    let id = crypto::random_hex(20);
    mail::send(&server, &mail, &id, us).map_err(|e| format!("the mail to {to} was refused: {e}"))?;
    println!("ok    a mail to {to} was taken");
    Ok(())
}
