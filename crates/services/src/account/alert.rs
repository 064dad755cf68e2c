//! Telling people by mail that somebody signed in to their account.
use database::Document;
use kernel::{Cx, NewJob, Result};
use mail::{Kind, Values};
use protocol::Timestamp;

use super::session::Origin;
use crate::mailing::{self, Letter};
use crate::users::model;

/// Seconds after which an alert is no news any more.
const STALE: i64 = 86_400;
#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

/// The mail about a sign-in, where the project wants such mails; queued unless it is the user's only session. Who came by a mail knows.
pub(super) fn prepare(cx: &Cx<'_>, user: &Document, origin: &Origin) -> Result<Option<NewJob>> {
    let by_mail = matches!(origin.provider, "magic-url" | "token") && origin.factor == "email";
    let wanted = origin.alert && cx.project.auth_flag("sessionAlerts", false) && !by_mail && !user.str("email").is_empty();
    if !wanted {
        return Ok(None);
    }
    if mailing::require(cx, "").is_err() {
        tracing::warn!(project = cx.project.id, user = user.id, "a session alert is not sent: there is no mail server");
        return Ok(None);
    }
    let now = cx.now();
    let (date, year, time) = spoken(now, &cx.locale);
    let agent = kernel::useragent::parse(cx.user_agent());
    let device = if agent.client_name.is_empty() { cx.user_agent().to_owned() } else { agent.client_name };
    let values = Values::from([
        ("date", date),
        ("year", year),
        ("time", time),
        ("device", device),
        ("ipAddress", cx.ip().to_owned()),
        ("country", model::country(cx, &cx.app.geo.code(cx.ip())).to_owned()),
    ]);
    let letter = Letter { kind: Kind::SessionAlert, to: user.str("email"), to_name: user.str("name"), values, phrase: false, until: now.plus_seconds(STALE) };
    mailing::prepare(cx, letter).map(Some)
}

/// Day, year and time: in words in English, in figures elsewhere.
fn spoken(at: Timestamp, locale: &str) -> (String, String, String) {
    let text = at.format();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or("").to_owned();
    let (year, month, day, time) = (part(0..4), part(5..7), part(8..10), part(11..19));
    if !locale.starts_with("en") {
        return (format!("{year}-{month}-{day}"), String::new(), time);
    }
    let name = month.parse::<usize>().ok().and_then(|m| MONTHS.get(m.checked_sub(1)?)).copied().unwrap_or("");
    (format!("{name} {}", day.trim_start_matches('0')), year, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_spoken() {
        let at = Timestamp::parse("2026-11-05T23:28:45.100+00:00").unwrap();
        assert_eq!(spoken(at, "en"), ("November 5".into(), "2026".into(), "23:28:45".into()));
        assert_eq!(spoken(at, "de"), ("2026-11-05".into(), String::new(), "23:28:45".into()));
    }
}
