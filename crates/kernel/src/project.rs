//! A project as requests need it: settings, platforms and keys, loaded once and kept until one of them changes.
use std::sync::Arc;

use database::{Document, Namespace};
use protocol::Timestamp;
use serde_json::{Map, Value};

/// The console's id.
pub(crate) const CONSOLE: &str = "console";

/// An API key of a project.
#[derive(Clone, Debug)]
pub struct Key {
    /// The document.
    pub doc: Arc<Document>,
    /// Scopes granted.
    pub scopes: Vec<String>,
}

/// What the passwords of a project must consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordStrength {
    /// Least number of characters.
    pub min: u64,
    /// An upper-case letter.
    pub uppercase: bool,
    /// A lower-case letter.
    pub lowercase: bool,
    /// A digit.
    pub number: bool,
    /// Something else.
    pub symbols: bool,
}

impl PasswordStrength {
    /// The rules by their names on the wire.
    #[must_use]
    pub fn fields(&self) -> Value {
        serde_json::json!({"min": self.min, "uppercase": self.uppercase, "lowercase": self.lowercase, "number": self.number, "symbols": self.symbols})
    }

    /// Whether a password keeps to the rules. Letters and digits are those of ASCII, as the reference has it.
    #[must_use]
    pub fn accepts(&self, password: &str) -> bool {
        let has = |asked: bool, what: fn(char) -> bool| !asked || password.chars().any(what);
        password.len() as u64 >= self.min
            && has(self.uppercase, |c| c.is_ascii_uppercase())
            && has(self.lowercase, |c| c.is_ascii_lowercase())
            && has(self.number, |c| c.is_ascii_digit())
            && has(self.symbols, |c| !c.is_alphanumeric() && !c.is_whitespace())
    }

    /// The rules as a sentence.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = format!("Password must be between {} and 256 characters long", self.min);
        for (asked, part) in [
            (self.uppercase, "include an uppercase letter"),
            (self.lowercase, "include a lowercase letter"),
            (self.number, "include a number"),
            (self.symbols, "include a symbol"),
        ] {
            if asked {
                text.push_str(", ");
                text.push_str(part);
            }
        }
        text.push('.');
        text
    }
}

/// One project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Id.
    pub id: String,
    /// Where its data lives.
    pub namespace: Namespace,
    /// The console's document; `None` for the console itself.
    pub doc: Option<Arc<Document>>,
    /// Settings by section: `auths`, `services`, `apis`, …
    pub settings: Map<String, Value>,
    /// Platforms.
    pub platforms: Vec<Arc<Document>>,
    /// API keys.
    pub keys: Vec<Key>,
    /// Development keys.
    pub dev_keys: Vec<Arc<Document>>,
    /// Webhooks.
    pub webhooks: Vec<Arc<Document>>,
}

impl Project {
    /// Whether this is the console.
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.id == CONSOLE
    }

    /// Team that administers it.
    #[must_use]
    pub fn team_id(&self) -> &str {
        self.doc.as_deref().map_or("", |d| d.str("teamId"))
    }

    /// A setting of a section, e.g. `auths`, `limit`.
    #[must_use]
    pub fn setting(&self, section: &str, key: &str) -> &Value {
        self.settings.get(section).and_then(|s| s.get(key)).unwrap_or(&Value::Null)
    }

    /// A number under `auths`, with its default.
    #[must_use]
    pub fn auth_number(&self, key: &str, default: i64) -> i64 {
        self.setting("auths", key).as_i64().unwrap_or(default)
    }

    /// A switch under `auths`, with its default.
    #[must_use]
    pub fn auth_flag(&self, key: &str, default: bool) -> bool {
        self.setting("auths", key).as_bool().unwrap_or(default)
    }

    /// Whether a sign-in method (`emailPassword`, `anonymous`, `JWT`, `invites`, …) is on; all are unless switched off.
    #[must_use]
    pub fn auth_method(&self, method: &str) -> bool {
        self.auth_flag(method, true)
    }

    /// Whether a service (`account`, `databases` …) is on.
    #[must_use]
    pub fn service_enabled(&self, service: &str) -> bool {
        self.setting("services", service).as_bool().unwrap_or(true)
    }

    /// Whether an API (`rest`, `graphql`, `realtime`) is on.
    #[must_use]
    pub fn api_enabled(&self, api: &str) -> bool {
        self.setting("apis", api).as_bool().unwrap_or(true)
    }

    /// What new passwords must consist of.
    #[must_use]
    pub fn password_strength(&self) -> PasswordStrength {
        let rules = self.setting("auths", "passwordStrength");
        let on = |key: &str| rules.get(key).and_then(Value::as_bool).unwrap_or(false);
        PasswordStrength {
            min: rules.get("min").and_then(Value::as_u64).unwrap_or(8),
            uppercase: on("uppercase"),
            lowercase: on("lowercase"),
            number: on("number"),
            symbols: on("symbols"),
        }
    }

    /// Session length in seconds; a year unless set.
    #[must_use]
    pub fn session_seconds(&self) -> i64 {
        self.auth_number("duration", 31_536_000)
    }

    /// The key with this secret hash.
    #[must_use]
    pub fn key(&self, secret_hash: &str) -> Option<&Key> {
        self.keys.iter().find(|k| crypto::constant_time_eq(k.doc.str("secretHash").as_bytes(), secret_hash.as_bytes()))
    }

    /// A development key that is valid now.
    #[must_use]
    pub fn dev_key(&self, secret_hash: &str, now: Timestamp) -> Option<&Arc<Document>> {
        self.dev_keys
            .iter()
            .find(|d| crypto::constant_time_eq(d.str("secretHash").as_bytes(), secret_hash.as_bytes()) && d.time("expire").is_none_or(|e| e > now))
    }
}
