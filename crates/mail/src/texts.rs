//! The words of the server's own mails, by kind and language.
use std::sync::OnceLock;

use serde::Deserialize;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whether an address belongs to an account.
    Verification,
    /// A link that signs in.
    MagicSession,
    /// A link to a new password.
    Recovery,
    /// An invitation to a team.
    Invitation,
    /// A code for the second factor.
    MfaChallenge,
    /// Somebody signed in.
    SessionAlert,
    /// A code that signs in.
    OtpSession,
}

/// Ids of the kinds, in the order of the API.
pub const KINDS: &[&str] = &["verification", "magicSession", "recovery", "invitation", "mfaChallenge", "sessionAlert", "otpSession"];

impl Kind {
    /// Its id in the API.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::MagicSession => "magicSession",
            Self::Recovery => "recovery",
            Self::Invitation => "invitation",
            Self::MfaChallenge => "mfaChallenge",
            Self::SessionAlert => "sessionAlert",
            Self::OtpSession => "otpSession",
        }
    }

    /// By its id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Verification, Self::MagicSession, Self::Recovery, Self::Invitation, Self::MfaChallenge, Self::SessionAlert, Self::OtpSession]
            .into_iter()
            .find(|k| k.id() == id)
    }
}

/// Texts of one kind in one language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// Subject.
    pub subject: String,
    /// First line, shown by mail programs in their lists.
    pub preview: String,
    body: String,
    button: String,
    footer: String,
    device: String,
    ip: String,
    country: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Language {
    #[serde(skip)]
    code: &'static str,
    hello: String,
    thanks: String,
    signature: String,
    client: String,
    phrase: String,
    verification: Texts,
    magic_session: Texts,
    recovery: Texts,
    invitation: Texts,
    mfa_challenge: Texts,
    session_alert: Texts,
    otp_session: Texts,
}

macro_rules! languages {
    ($($code:literal),*) => {
        const SOURCES: &[(&str, &str)] = &[$(($code, include_str!(concat!("../locales/", $code, ".json")))),*];
    };
}
// English first: it is what others fall back to.
languages!("en", "ar", "cs", "da", "de", "es", "fi", "fr", "hu", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh");

fn all() -> &'static [Language] {
    static ALL: OnceLock<Vec<Language>> = OnceLock::new();
    // A test reads every file; one that cannot be read would be left out.
    ALL.get_or_init(|| SOURCES.iter().filter_map(|(code, json)| Some(Language { code, ..serde_json::from_str(json).ok()? })).collect())
}

/// The language of a locale (`pt-br` is `pt`), or English.
fn language(locale: &str) -> &'static Language {
    // The API's name of Ukrainian is that of the country, and it has three of Norwegian.
    let base = match locale.split(['-', '_']).next().unwrap_or("") {
        "nb" | "nn" => "no",
        "ua" => "uk",
        base => base,
    };
    let found = all().iter().find(|l| l.code == locale).or_else(|| all().iter().find(|l| l.code == base));
    static NONE: OnceLock<Language> = OnceLock::new();
    found.or_else(|| all().first()).unwrap_or_else(|| NONE.get_or_init(Language::default))
}

impl Language {
    fn texts(&self, kind: Kind) -> &Texts {
        match kind {
            Kind::Verification => &self.verification,
            Kind::MagicSession => &self.magic_session,
            Kind::Recovery => &self.recovery,
            Kind::Invitation => &self.invitation,
            Kind::MfaChallenge => &self.mfa_challenge,
            Kind::SessionAlert => &self.session_alert,
            Kind::OtpSession => &self.otp_session,
        }
    }
}

/// Subject and preview of a kind in a locale.
#[must_use]
pub fn texts(kind: Kind, locale: &str) -> &'static Texts {
    language(locale).texts(kind)
}

/// The body of a kind in a locale: a piece of HTML with placeholders. `phrase` adds the security phrase.
#[must_use]
pub fn default_message(kind: Kind, locale: &str, phrase: bool) -> String {
    let l = language(locale);
    let t = l.texts(kind);
    let button = format!("<p><a class=\"button\" href=\"{{{{redirect}}}}\" target=\"_blank\" rel=\"noopener\">{}</a></p>\n", t.button);
    let code = "<p class=\"code\">{{otp}}</p>\n";
    let middle = match kind {
        Kind::Verification | Kind::Recovery | Kind::Invitation => format!("{button}<p>{}</p>\n", t.footer),
        Kind::MagicSession => {
            format!(
                "{button}<p>{}<br><a href=\"{{{{redirect}}}}\" target=\"_blank\" rel=\"noopener\">{{{{redirect}}}}</a></p>\n<p>{}</p>\n",
                t.footer, l.client
            )
        }
        Kind::OtpSession | Kind::MfaChallenge => format!("{code}<p>{}</p>\n", l.client),
        Kind::SessionAlert => format!("<ul>\n<li>{}</li>\n<li>{}</li>\n<li>{}</li>\n</ul>\n<p>{}</p>\n", t.device, t.ip, t.country, t.footer),
    };
    let quiet = if phrase { format!("<p class=\"quiet\">{}</p>\n", l.phrase) } else { String::new() };
    format!("<p>{}</p>\n<p>{}</p>\n{middle}<p>{}<br>{}</p>\n{quiet}", l.hello, t.body, l.thanks, l.signature)
}

/// Subject and body of the mail that tries out a project's mail server; values `from` and `replyTo`.
#[must_use]
pub fn smtp_test() -> (&'static str, &'static str) {
    (
        "Custom SMTP email sample",
        "<p>Hello,</p>\n<p>this mail shows that your custom SMTP settings are working correctly.</p>\n<ul>\n<li>From: {{b}}{{from}}{{/b}}</li>\n<li>Reply-To: {{b}}{{replyTo}}{{/b}}</li>\n</ul>\n<p>If it was taken for spam, look at the SPF, DKIM and DMARC records of the sender's domain.</p>\n",
    )
}

/// Subject and body of the mail about a webhook that was switched off; values `user`, `webhook`, `project`, `attempts`, `url`, `error`, `settings`.
#[must_use]
pub fn webhook_paused() -> (&'static str, &'static str) {
    (
        "Webhook deliveries have been paused",
        "<p>Hi {{b}}{{user}}{{/b}},</p>\n<p>your webhook {{b}}{{webhook}}{{/b}} on project {{b}}{{project}}{{/b}} has been paused after {{attempts}} consecutive failures.</p>\n<ul>\n<li>Endpoint: {{b}}{{url}}{{/b}}</li>\n<li>Error: {{b}}{{error}}{{/b}}</li>\n</ul>\n<p>Look at the webhook's log and at the server that should take it. When it answers again, switch the webhook on in its settings:</p>\n<p><a href=\"{{settings}}\">{{settings}}</a></p>\n",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn placeholders(text: &str) -> BTreeSet<String> {
        text.split("{{").skip(1).filter_map(|t| t.split_once("}}")).map(|(n, _)| n.to_owned()).collect()
    }

    #[test]
    fn every_language_says_everything_that_english_does() {
        assert_eq!(all().len(), SOURCES.len());
        let english: serde_json::Value = serde_json::from_str(SOURCES[0].1).unwrap();
        for (code, json) in SOURCES {
            let other: serde_json::Value = serde_json::from_str(json).unwrap();
            for (key, value) in english.as_object().unwrap() {
                let parts: Vec<(&str, &serde_json::Value, &serde_json::Value)> = match value.as_object() {
                    Some(inner) => inner.iter().map(|(k, v)| (k.as_str(), v, &other[key][k])).collect(),
                    None => vec![("", value, &other[key])],
                };
                for (part, en, theirs) in parts {
                    let theirs = theirs.as_str().unwrap_or("");
                    assert!(!theirs.is_empty(), "{code} {key} {part}");
                    assert_eq!(placeholders(theirs), placeholders(en.as_str().unwrap()), "{code} {key} {part}");
                }
            }
        }
    }

    #[test]
    fn locales_fall_back_to_their_language_and_to_english() {
        let subject = |locale: &str| texts(Kind::Recovery, locale).subject.as_str();
        assert_eq!(subject("pt-br"), subject("pt"));
        assert_ne!(subject("de"), subject("en"));
        assert_eq!(subject("xx"), subject("en"));
    }

    #[test]
    fn messages_hold_what_they_are_for() {
        for id in KINDS {
            let kind = Kind::parse(id).unwrap();
            let message = default_message(kind, "en", true);
            let wanted = match kind {
                Kind::OtpSession | Kind::MfaChallenge => "{{otp}}",
                Kind::SessionAlert => "{{ipAddress}}",
                _ => "href=\"{{redirect}}\"",
            };
            assert!(message.contains(wanted) && message.contains("{{phrase}}"), "{id}: {message}");
            assert!(!default_message(kind, "en", false).to_lowercase().contains("phrase"), "{id}");
        }
    }
}
