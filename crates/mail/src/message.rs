//! A mail, and its form on the wire.
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use serde::{Deserialize, Serialize};

/// A mail that is ready to go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// Address of the receiver.
    pub to: String,
    /// Name of the receiver; may be empty.
    pub to_name: String,
    /// Address of the sender.
    pub from: String,
    /// Name of the sender; may be empty.
    pub from_name: String,
    /// Where answers go; the sender when empty.
    pub reply_to: String,
    /// Name there.
    pub reply_to_name: String,
    /// Subject.
    pub subject: String,
    /// Body as HTML.
    pub html: String,
    /// Body as plain text.
    pub text: String,
}

/// Why a mail cannot be sent whatever the server says.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    /// An address is none.
    #[error("{0:?} is not a mail address")]
    Address(String),
    /// The message cannot be put together.
    #[error("the mail cannot be put together: {0}")]
    Form(String),
}

/// Whether a text is one mail address, in a form that cannot smuggle anything into a header.
#[must_use]
pub fn is_address(text: &str) -> bool {
    !text.chars().any(char::is_control) && text.parse::<lettre::Address>().is_ok()
}

/// A text as it may stand in a header: line breaks and other control characters become spaces, so that no header or body can be smuggled in.
#[must_use]
pub fn header_text(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mailbox(address: &str, name: &str) -> Result<Mailbox, BadMail> {
    let bad = || BadMail::Address(address.to_owned());
    if !is_address(address) {
        return Err(bad());
    }
    let name = header_text(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address.parse().map_err(|_| bad())?))
}

impl Mail {
    /// The message as it goes to a mail server. `id` makes the Message-ID: the same at every attempt, so that a duplicate can be known as one.
    pub fn message(&self, id: &str) -> Result<Message, BadMail> {
        let from = mailbox(&self.from, &self.from_name)?;
        let host = from.email.domain().to_owned();
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut builder = Message::builder().from(from).to(mailbox(&self.to, &self.to_name)?);
        if !self.reply_to.is_empty() {
            builder = builder.reply_to(mailbox(&self.reply_to, &self.reply_to_name)?);
        }
        let mut message = builder
            .subject(header_text(&self.subject))
            .message_id(Some(format!("<{id}@{host}>")))
            .date_now()
            .multipart(
                MultiPart::alternative()
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(self.text.clone()))
                    .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(self.html.clone())),
            )
            .map_err(|e| BadMail::Form(e.to_string()))?;
        // Nobody's automatic answer is wanted.
        message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            to: "bob@example.com".into(),
            from: "app@example.com".into(),
            subject: "Hello".into(),
            html: "<p>Hi</p>".into(),
            text: "Hi".into(),
            ..Mail::default()
        }
    }

    fn wire(mail: &Mail) -> String {
        String::from_utf8(mail.message("id1").unwrap().formatted()).unwrap()
    }

    #[test]
    fn has_both_bodies_and_a_stable_id() {
        let text = wire(&mail());
        assert!(text.contains("Message-ID: <id1@example.com>") && text.contains("multipart/alternative") && text.contains("<p>Hi</p>"), "{text}");
    }

    #[test]
    fn nothing_is_smuggled_into_headers() {
        let evil = "x\r\nBcc: victim@example.com\r\n\r\nbody";
        let text = wire(&Mail { to_name: evil.into(), from_name: evil.into(), subject: evil.into(), ..mail() });
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|l| l.to_lowercase().starts_with("bcc:")), "{head}");
        for to in ["bob@example.com\r\nBcc: x@example.com", "bob@example.com, eve@example.com", "bob", "", "bob@example.com>\n"] {
            assert!(Mail { to: to.into(), ..mail() }.message("i").is_err(), "{to:?}");
            assert!(Mail { from: to.into(), ..mail() }.message("i").is_err(), "{to:?}");
        }
        assert!(Mail { reply_to: "a@b.c\r\nx: y".into(), ..mail() }.message("i").is_err());
    }

    #[test]
    fn names_keep_their_letters() {
        let text = wire(&Mail { to_name: "Jürgen, Dr.".into(), subject: "Grüße".into(), ..mail() });
        assert!(text.contains("=?utf-8?"), "{text}");
        assert_eq!(header_text(" a\tb\n c\u{0} "), "a b c");
    }
}
