//! Tokens that sign in: a link or a code by mail, a code by phone. Who is not known yet becomes a user with the token.
use kernel::{Cx, Endpoint, NewJob, Reply, Result, endpoint};
use mail::{Kind as Mails, Values};
use protocol::{Check, ErrorKind, Timestamp, params};

use super::token::{self, CODE_DIGITS, CODE_SECONDS, Kind, LINK_SECONDS, MAGIC_DIGITS};
use super::{link, phrase, sign_in};
use crate::mailing::{self, Letter, Text};
use crate::users::store::{self, Creation, NewUser, Stored};

params! {
    pub(crate) struct Magic {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        url: String = "url", Check::Redirect, or Str("");
        phrase: bool = "phrase", Check::Bool, or Bool(false);
    }
}
params! {
    pub(crate) struct Email {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        phrase: bool = "phrase", Check::Bool, or Bool(false);
    }
}
params! {
    pub(crate) struct Phone {
        user_id: String = "userId", Check::CustomId, required;
        phone: String = "phone", Check::Phone, required;
    }
}

endpoint! {
    /// Sends a link that signs in.
    MAGIC: Post "/v1/account/tokens/magic-url" => 201 "token" by magic(Magic);
    old ["/v1/account/sessions/magic-url"]
    sdk ["account.createMagicURLToken"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 60 per 3600 by ["url:{url},email:{param-email}", "url:{url},ip:{ip}"]
    audit "session.create" on "user/{response.userId}"
    groups [AuthMethod("usersAuthMagicURL")]
}
endpoint! {
    /// Sends a code by mail that signs in.
    EMAIL: Post "/v1/account/tokens/email" => 201 "token" by email(Email);
    sdk ["account.createEmailToken"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},email:{param-email}", "url:{url},ip:{ip}"]
    audit "session.create" on "user/{response.userId}"
    groups [AuthMethod("emailOtp")]
}
endpoint! {
    /// Sends a code to a phone that signs in.
    PHONE: Post "/v1/account/tokens/phone" => 201 "token" by phone(Phone);
    old ["/v1/account/sessions/phone"]
    sdk ["account.createPhoneToken"] auth [Admin, Session, Jwt] scope ["sessions.write"]
    limit 10 per 3600 by ["url:{url},phone:{param-phone}", "url:{url},ip:{ip}"]
    audit "session.create" on "user/{response.userId}"
    groups [AuthMethod("phone")]
}

/// Who a token is for: somebody known, or a user to be made with it.
struct Person {
    id: String,
    name: String,
    creation: Option<Creation>,
}

fn by_email(cx: &Cx<'_>, wanted: &str, email: &str, taken: ErrorKind) -> Result<Person> {
    if let Some(user) = store::by_email(cx, email)? {
        return Ok(Person { id: user.id.clone(), name: user.str("name").to_owned(), creation: None });
    }
    let limit = sign_in::user_limit(cx);
    store::check_limit(cx, limit)?;
    store::check_identities(cx, email, "", taken)?;
    Ok(new_person(cx, wanted, Some(email.to_owned()), None, limit))
}

fn new_person(cx: &Cx<'_>, wanted: &str, email: Option<String>, phone: Option<String>, limit: Option<u64>) -> Person {
    let id = cx.custom_id(wanted);
    let new = NewUser { id: id.clone(), email, phone, name: String::new(), password: Stored::none(), accessed_at: Some(cx.now()) };
    Person { id, name: String::new(), creation: Some(Creation::new(cx, new, limit)) }
}

/// A token to be issued.
struct Issue<'a> {
    kind: Kind,
    secret: &'a str,
    /// What servers are shown of it.
    shown: &'a str,
    phrase: &'a str,
    expire: Timestamp,
}

/// Writes user, token and what is to be sent in one transaction, and answers.
fn issue(cx: &mut Cx<'_>, person: Person, what: &Issue<'_>, job: Option<NewJob>) -> Result<Reply> {
    let (ns, token) = (cx.ns(), token::prepare_for(cx, &person.id, what.kind, what.secret, what.expire));
    let creation = person.creation;
    let made = cx.write(move |tx| {
        if let Some(creation) = creation {
            creation.run(tx)?;
        }
        if let Some(job) = job {
            tx.enqueue(job)?;
        }
        token::add(tx, ns, token)
    })?;
    cx.audit_user = Some(store::get(cx, &person.id)?);
    Ok(Reply::Model("token", token::model(&made, what.shown, what.phrase)))
}

/// Where a magic link leads when the app names no page of its own.
fn default_page(cx: &Cx<'_>) -> String {
    let scheme = if cx.app.settings.force_https { "https" } else { "http" };
    let port = cx.request_headers().get("host").and_then(|h| h.rsplit_once(':')).map(|(_, p)| p).filter(|p| p.parse::<u16>().is_ok());
    let port = port.filter(|p| *p != if scheme == "https" { "443" } else { "80" }).map(|p| format!(":{p}")).unwrap_or_default();
    format!("{scheme}://{}{port}/console/auth/magic-url", cx.app.settings.console_domain)
}

fn magic(cx: &mut Cx<'_>, p: Magic) -> Result<Reply> {
    mailing::require(cx, "SMTP disabled")?;
    let email = p.email.to_lowercase();
    let person = by_email(cx, &p.user_id, &email, ErrorKind::UserEmailAlreadyExists)?;
    let phrase = if p.phrase { phrase::new() } else { String::new() };
    let (secret, expire) = (crypto::random_hex(MAGIC_DIGITS), cx.now().plus_seconds(LINK_SECONDS));
    let page = if p.url.is_empty() { default_page(cx) } else { p.url };
    let url = link::with(&page, &[("userId", &person.id), ("secret", &secret), ("expire", &expire.format()), ("project", &cx.project.id)]);
    let mut values = Values::from([("redirect", url), ("phrase", phrase.clone())]);
    mailing::agent_values(cx, &mut values);
    let letter = Letter { kind: Mails::MagicSession, to: &email, to_name: &person.name, values, phrase: p.phrase, until: expire };
    let job = mailing::prepare(cx, letter)?;
    issue(cx, person, &Issue { kind: Kind::MagicUrl, secret: &secret, shown: &secret, phrase: &phrase, expire }, Some(job))
}

fn email(cx: &mut Cx<'_>, p: Email) -> Result<Reply> {
    mailing::require(cx, "SMTP disabled")?;
    let email = p.email.to_lowercase();
    // Guests do not learn whose identity it is.
    let person = by_email(cx, &p.user_id, &email, ErrorKind::GeneralBadRequest)?;
    let phrase = if p.phrase { phrase::new() } else { String::new() };
    let (secret, expire) = (crypto::random_digits(CODE_DIGITS), cx.now().plus_seconds(CODE_SECONDS));
    let mut values = Values::from([("otp", secret.clone()), ("phrase", phrase.clone())]);
    mailing::agent_values(cx, &mut values);
    let letter = Letter { kind: Mails::OtpSession, to: &email, to_name: &person.name, values, phrase: p.phrase, until: expire };
    let job = mailing::prepare(cx, letter)?;
    issue(cx, person, &Issue { kind: Kind::Email, secret: &secret, shown: &secret, phrase: &phrase, expire }, Some(job))
}

fn phone(cx: &mut Cx<'_>, p: Phone) -> Result<Reply> {
    let mocked = mailing::mock_code(cx, &p.phone);
    if mocked.is_none() {
        mailing::require_phone(cx)?;
    }
    let person = match store::by_phone(cx, &p.phone)? {
        Some(user) => Person { id: user.id.clone(), name: String::new(), creation: None },
        None => {
            let limit = sign_in::user_limit(cx);
            store::check_limit(cx, limit)?;
            new_person(cx, &p.user_id, None, Some(p.phone.clone()), limit)
        }
    };
    let expire = cx.now().plus_seconds(CODE_SECONDS);
    let (secret, job) = phone_code(cx, &p.phone, mocked, expire)?;
    // Servers get it in the form in which sessions are written.
    let shown = kernel::cookies::encode_session(&person.id, &secret);
    issue(cx, person, &Issue { kind: Kind::Phone, secret: &secret, shown: &shown, phrase: "", expire }, job)
}

/// The code for a phone, and the message that tells it unless the number is mocked.
pub(super) fn phone_code(cx: &Cx<'_>, phone: &str, mocked: Option<String>, until: Timestamp) -> Result<(String, Option<NewJob>)> {
    if let Some(code) = mocked {
        return Ok((code, None));
    }
    let code = crypto::random_digits(CODE_DIGITS);
    let job = Text { to: phone, content: code.clone(), until }.prepare(cx)?;
    Ok((code, Some(job)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&MAGIC, &EMAIL, &PHONE];
