//! Writing a mail: the project's own template or the server's texts, in the language of the request, and who sends it.
use kernel::{App, Cx, Error, NewJob, Project, Result};
use mail::{Kind, Mail, Values};
use protocol::{ErrorKind, Timestamp};
use serde_json::{Value, json};

/// A mail to be written.
pub(crate) struct Letter<'a> {
    /// What it is about.
    pub(crate) kind: Kind,
    /// Address of the receiver.
    pub(crate) to: &'a str,
    /// Name of the receiver; may be empty.
    pub(crate) to_name: &'a str,
    /// Values of the placeholders, beside those every mail has.
    pub(crate) values: Values,
    /// Whether it tells the security phrase.
    pub(crate) phrase: bool,
    /// When what it holds ends.
    pub(crate) until: Timestamp,
}

/// Above the mails of the console, in the place of a picture.
const BRAND: &str = "<p role=\"img\" aria-label=\"{{project}} logo\"><strong>{{project}}</strong></p>\n";

/// Whether the project has its own mail server.
pub(crate) fn own_server(project: &Project) -> bool {
    project.setting("smtp", "enabled").as_bool().unwrap_or(false)
}

/// Refuses where no mail can go, before anything else is done.
pub(crate) fn require(cx: &Cx<'_>, message: &'static str) -> Result<()> {
    if cx.app.settings.mail.available() || own_server(&cx.project) {
        return Ok(());
    }
    Err(if message.is_empty() { ErrorKind::GeneralSmtpDisabled.into() } else { Error::with(ErrorKind::GeneralSmtpDisabled, message) })
}

/// The project's name as mails tell it; the console has the server's name.
pub(crate) fn project_name(app: &App, project: &Project) -> String {
    project.doc.as_ref().map_or_else(|| app.settings.mail.sender_name.clone(), |d| d.str("name").to_owned())
}

/// What the caller's user agent tells, for mails that say where a request came from.
pub(crate) fn agent_values(cx: &Cx<'_>, values: &mut Values) {
    let agent = kernel::useragent::parse(cx.user_agent());
    let known = |text: &str| if text.is_empty() { "UNKNOWN".to_owned() } else { text.to_owned() };
    values.insert("agentDevice", known(&agent.device_brand));
    values.insert("agentClient", known(&agent.client_name));
    values.insert("agentOs", known(&agent.os_name));
}

/// The project's template of a kind in a locale, or in the server's.
fn custom<'a>(cx: &'a Cx<'_>, kind: Kind) -> &'a Value {
    let of = |locale: &str| cx.project.setting("templates", &format!("email.{}-{locale}", kind.id()));
    let found = of(&cx.locale);
    if found.is_object() { found } else { of(&cx.app.settings.locale) }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// The first that is not empty.
fn first<'a>(list: &[&'a str]) -> &'a str {
    list.iter().find(|s| !s.is_empty()).copied().unwrap_or("")
}

/// A job that sends a letter; queue it in the transaction that makes what the letter tells of.
pub(crate) fn prepare(cx: &Cx<'_>, letter: Letter<'_>) -> Result<NewJob> {
    let mut values = letter.values;
    values.entry("user").or_insert_with(|| letter.to_name.to_owned());
    values.insert("project", project_name(cx.app, &cx.project));
    values.entry("team").or_default();
    let own = own_server(&cx.project);
    let template = if own { custom(cx, letter.kind) } else { &Value::Null };
    let texts = mail::texts(letter.kind, &cx.locale);
    let default = || mail::default_message(letter.kind, &cx.locale, letter.phrase);
    let body = first(&[text(template, "message")]);
    let mut body = if body.is_empty() { default() } else { body.to_owned() };
    if cx.project.is_console() {
        body.insert_str(0, BRAND);
    }
    let subject = first(&[text(template, "subject"), &texts.subject]);
    let (html, plain) = mail::render(&body, &texts.preview, direction(&cx.locale), &values);
    let sender = sender(cx, own, template);
    let message = Mail {
        to: letter.to.to_owned(),
        to_name: letter.to_name.to_owned(),
        subject: mail::header_text(&mail::fill_text(subject, &values)),
        html,
        text: plain,
        ..sender
    };
    let payload = json!({"mail": message, "server": if own { "project" } else { "" }});
    Ok(cx.app.job("mail", &cx.project.id, &payload)?.about(&format!("{} to {}", letter.kind.id(), letter.to)).until(letter.until))
}

/// Who sends and who gets answers: of the template, else of the project's mail server, else of the server.
fn sender(cx: &Cx<'_>, own: bool, template: &Value) -> Mail {
    let smtp = if own { cx.project.settings.get("smtp").unwrap_or(&Value::Null) } else { &Value::Null };
    let mail = &cx.app.settings.mail;
    let pick = |key: &str, default: &str| first(&[text(template, key), text(smtp, key), default]).to_owned();
    let (from, from_name) = (pick("senderEmail", &mail.sender_email), pick("senderName", &mail.sender_name));
    let (reply_to, reply_to_name) = (pick("replyToEmail", &from), pick("replyToName", &from_name));
    Mail { from, from_name, reply_to, reply_to_name, ..Mail::default() }
}

/// Which way a language is written.
fn direction(locale: &str) -> &'static str {
    let base = locale.split('-').next().unwrap_or("");
    if ["ar", "fa", "he", "ur", "yi"].contains(&base) { "rtl" } else { "ltr" }
}
