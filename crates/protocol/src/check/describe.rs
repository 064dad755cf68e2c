//! What a check asks for, in the reference's words.
use super::Check;
use super::numbers::thousands;

/// Digits, upper case, lower case: the order in which the reference lists them.
const DIGITS: &str = "0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Check {
    /// The sentence a client reads when the value does not fit. Empty for checks that word every case themselves.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Uid => "UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. Can't start with a leading underscore".into(),
            Self::CustomId => key(36),
            Self::Key { max } | Self::IndexedKey { max } => key(*max),
            Self::ProjectId => "Project IDs must contain at most 36 chars. Valid chars are a-z, 0-9, and hyphen. Can't start with a special char.".into(),
            Self::Text { min, max } => text(*min, *max, ""),
            Self::AlphaNumeric { max } => text(1, *max, &format!("{DIGITS}{LETTERS}")),
            Self::Digits { min, max } => text(*min, *max, DIGITS),
            Self::QueryTexts => list(&text(1, super::queries::MAX_TEXT, ""), super::queries::MAX_COUNT),
            Self::Email | Self::EmailOrEmpty => "Value must be a valid email address".into(),
            Self::Phone | Self::PhoneOrEmpty => "Phone number must start with a '+' can have a maximum of fifteen digits.".into(),
            Self::Password => "Password must be between 8 and 256 characters long.".into(),
            Self::NewPassword | Self::NewPasswordOrEmpty => {
                "Password must be between 8 and 265 characters long, and should not be one of the commonly used password.".into()
            }
            Self::Bool => "Value must be a valid boolean".into(),
            Self::Int { min, max } => range(&thousands(*min), &thousands(*max)),
            Self::FloatRange { min, max } => range(&rounded(*min), &rounded(*max)),
            Self::Int32 | Self::Int32Loose => "Value must be a valid signed 32-bit integer between -2,147,483,648 and 2,147,483,647".into(),
            // The upper bound is off by one in the reference too.
            Self::Int64 => "Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,808".into(),
            Self::Float => "Value must be a valid float".into(),
            Self::Number => "Value must be a valid number".into(),
            Self::Datetime => date("", "0000-01-01 00:00:00", "9999-12-31 00:00:00"),
            Self::DatetimeFuture => date(" in the future and", "0000-01-01 00:00:00", "9999-12-31 00:00:00"),
            Self::AttributeDatetime => date("", "1000-01-01 00:00:00", "9999-12-31 23:59:59"),
            Self::Url | Self::UrlOrEmpty => "Value must be a valid URL".into(),
            Self::HttpUrl => "Value must be a valid URL with following schemes (http, https)".into(),
            Self::Redirect => "Invalid URI.".into(),
            Self::Ip => "Value must be a valid IP address".into(),
            Self::Hostname => "Value must be a valid hostname without path, port and protocol.".into(),
            Self::Domain | Self::DomainOrEmpty => "Value must be a valid domain".into(),
            Self::HexColor => "Value must be a valid Hex color code".into(),
            Self::Enum(items) => one_of(&items.join(", ")),
            Self::EnumLoose(items) => one_of(&items.join(", ").to_lowercase()),
            Self::List(inner, max) => list(&inner.describe(), *max),
            Self::Nullable(inner) => format!("{} or null", inner.describe()),
            Self::JsonObject => "Value must be a valid JSON string".into(),
            Self::Prefs => "Value must be a valid object.".into(),
            Self::Event => "Event is not valid.".into(),
            Self::Permissions { .. } | Self::Queries(_) | Self::QueriesPaging | Self::Operation { .. } | Self::Spatial(_) | Self::MockNumber | Self::Any => {
                String::new()
            }
        }
    }
}

pub(super) fn key(max: usize) -> String {
    format!("Parameter must contain at most {max} chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char")
}

fn text(min: usize, max: usize, chars: &str) -> String {
    let mut out = String::from("Value must be a valid string");
    if min == max {
        out.push_str(&format!(" and exactly {max} chars"));
    } else {
        if min > 0 {
            out.push_str(&format!(" and at least {min} chars"));
        }
        if max > 0 {
            out.push_str(&format!(" and no longer than {max} chars"));
        }
    }
    if !chars.is_empty() {
        let listed: Vec<String> = chars.chars().map(String::from).collect();
        out.push_str(&format!(" and only consist of '{}' chars", listed.join(", ")));
    }
    out
}

/// A list whose items are described by `inner`.
pub(super) fn list(inner: &str, max: usize) -> String {
    let bound = if max > 0 { format!(" no longer than {max} items") } else { String::new() };
    let items = if inner.is_empty() { String::new() } else { format!(" and {inner}") };
    format!("Value must a valid array{bound}{items}")
}

fn range(min: &str, max: &str) -> String {
    format!("Value must be a valid range between {min} and {max}")
}

/// Bounds print without decimals.
fn rounded(bound: f64) -> String {
    let near = bound.round();
    // Bounds are small constants of the contract.
    thousands(near as i64)
}

fn date(when: &str, min: &str, max: &str) -> String {
    format!("Value must be valid date{when} between {min} and {max}.")
}

fn one_of(items: &str) -> String {
    format!("Value must be one of ({items})")
}
