//! The mail to those who administer a project when one of its webhooks is switched off.
use database::{Document, Find};
use kernel::{App, NewJob, Project, Result};
use mail::{Mail, Values};
use protocol::Query;
use serde_json::json;

use crate::mailing::project_name;
use crate::project::store::CONSOLE;
use crate::support::OWN;

/// Most people who are written to.
const MOST: u64 = 100;
/// Seconds after which such a mail is no news.
const STALE: i64 = 86_400;

/// One mail for each owner of the project's organization; none where the server has no way for mails.
pub(super) fn letters(app: &App, project: &Project, webhook: &Document, failure: &str) -> Result<Vec<NewJob>> {
    if !app.settings.mail.available() {
        return Ok(Vec::new());
    }
    let scheme = if app.settings.force_https { "https" } else { "http" };
    let region = project.doc.as_deref().map(|d| d.str("region")).filter(|r| !r.is_empty()).unwrap_or("default");
    let place = format!("{scheme}://{}/console/project-{region}-{}/settings/webhooks/{}", app.settings.console_domain, project.id, webhook.id);
    let (subject, body) = mail::webhook_paused();
    let mut letters = Vec::new();
    for owner in owners(app, project)? {
        let values = Values::from([
            ("user", owner.str("name").to_owned()),
            ("webhook", webhook.str("name").to_owned()),
            ("project", project_name(app, project)),
            ("attempts", app.settings.webhook_failures.to_string()),
            ("url", webhook.str("url").to_owned()),
            ("error", failure.lines().nth(2).unwrap_or_default().to_owned()),
            ("settings", place.clone()),
        ]);
        let (html, text) = mail::render(body, "", "ltr", &values);
        let from = &app.settings.mail;
        let message = Mail {
            to: owner.str("email").to_owned(),
            to_name: owner.str("name").to_owned(),
            subject: subject.to_owned(),
            html,
            text,
            from: from.sender_email.clone(),
            from_name: from.sender_name.clone(),
            reply_to: from.sender_email.clone(),
            reply_to_name: from.sender_name.clone(),
        };
        let job = app.job("mail", &project.id, &json!({"mail": message, "server": ""}))?;
        letters.push(job.about(&format!("webhook paused to {}", owner.str("email"))).until(app.now().plus_seconds(STALE)));
    }
    Ok(letters)
}

/// Accounts of the organization's owners.
fn owners(app: &App, project: &Project) -> Result<Vec<Document>> {
    let (memberships, users) = (app.collection(CONSOLE, "memberships")?, app.collection(CONSOLE, "users")?);
    let filters = vec![Query::equal("teamId", project.team_id()), Query::equal("confirm", true)];
    let find = Find { filters, limit: MOST, ..Find::default() };
    let read = app.db.read();
    let mut owners = Vec::new();
    for membership in read.find(&OWN, &memberships, &find)?.documents.iter().filter(|m| m.strings("roles").any(|r| r == "owner")) {
        if let Some(user) = read.get(&OWN, &users, membership.str("userId"))?.filter(|u| !u.str("email").is_empty()) {
            owners.push((*user).clone());
        }
    }
    Ok(owners)
}
