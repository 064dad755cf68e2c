//! Judging and coercing single values.
use serde_json::{Map, Number, Value};

use super::numbers::numeric;
use super::{Check, text};
use crate::time::Timestamp;

/// Longest JSON text of preferences, in bytes.
const MAX_PREFS: usize = 65_535;
/// Most permissions of one resource.
pub(super) const MAX_PERMISSIONS: usize = 100;
/// 9999-12-31T00:00:00Z, the latest date parameters take.
const LAST_DAY: i64 = 253_402_214_400_000;
/// 1000-01-01T00:00:00Z, the earliest date attributes store.
const YEAR_1000: i64 = -30_610_224_000_000;

/// Checks whose refusal is always their description. `None` = refused.
pub(super) fn simple(check: &Check, value: Value, now: Timestamp) -> Option<Value> {
    match check {
        Check::Any => Some(value),
        Check::Bool => boolean(&value),
        Check::Int { .. } | Check::Int32 | Check::Int32Loose | Check::Int64 | Check::Float | Check::Number | Check::FloatRange { .. } => number(check, value),
        Check::JsonObject => json_object(value),
        Check::Prefs => prefs(value),
        Check::QueryTexts => query_texts(value),
        _ => match value.as_str() {
            Some(s) if text_fits(check, s, now) => Some(value),
            _ => None,
        },
    }
}

fn text_fits(check: &Check, s: &str, now: Timestamp) -> bool {
    match check {
        Check::Uid => text::is_key(s, 36),
        Check::CustomId => s == "unique()" || text::is_key(s, 36),
        Check::Key { max } => text::is_key(s, *max),
        Check::IndexedKey { max } => matches!(s, "$id" | "$createdAt" | "$updatedAt") || text::is_key(s, *max),
        Check::ProjectId => s == "unique()" || text::is_project_id(s),
        Check::Text { min, max } => text::length_fits(s, *min, *max),
        Check::AlphaNumeric { max } => text::length_fits(s, 1, *max) && s.bytes().all(|b| b.is_ascii_alphanumeric()),
        Check::Digits { min, max } => text::length_fits(s, *min, *max) && s.bytes().all(|b| b.is_ascii_digit()),
        Check::EmailOrEmpty | Check::PhoneOrEmpty | Check::UrlOrEmpty | Check::DomainOrEmpty | Check::NewPasswordOrEmpty if s.is_empty() => true,
        Check::Email | Check::EmailOrEmpty => text::is_email(s),
        Check::Phone | Check::PhoneOrEmpty => text::is_phone(s),
        Check::Password | Check::NewPassword | Check::NewPasswordOrEmpty => (8..=256).contains(&s.len()),
        Check::Datetime => within(s, Timestamp::MIN.0, LAST_DAY),
        Check::DatetimeFuture => within(s, now.0.max(Timestamp::MIN.0), LAST_DAY),
        Check::AttributeDatetime => within(s, YEAR_1000, Timestamp::MAX.0),
        Check::Url | Check::UrlOrEmpty => text::is_url(s),
        Check::HttpUrl => text::is_url(s) && (s.starts_with("http://") || s.starts_with("https://")),
        Check::Redirect => !s.is_empty(),
        Check::Ip => s.parse::<std::net::IpAddr>().is_ok(),
        Check::Hostname => text::is_hostname(s),
        Check::Domain | Check::DomainOrEmpty => text::is_domain(s),
        Check::HexColor => matches!(s.len(), 3 | 6) && s.bytes().all(|b| b.is_ascii_hexdigit()),
        Check::Enum(items) => items.contains(&s),
        Check::EnumLoose(items) => items.iter().any(|i| i.eq_ignore_ascii_case(s)),
        _ => false,
    }
}

fn within(s: &str, min: i64, max: i64) -> bool {
    Timestamp::parse(s).is_some_and(|t| (min..=max).contains(&t.0))
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(b) => Some((*b).into()),
        Value::String(s) => match s.as_str() {
            // With a capital they come from the Python kits up to 21, in queries and forms.
            "true" | "True" | "1" => Some(true.into()),
            "false" | "False" | "0" => Some(false.into()),
            _ => None,
        },
        Value::Number(n) => match n.as_i64() {
            Some(1) => Some(true.into()),
            Some(0) => Some(false.into()),
            _ => None,
        },
        _ => None,
    }
}

fn number(check: &Check, value: Value) -> Option<Value> {
    // Only ranges and plain numbers take numeric texts.
    let loose = matches!(check, Check::Int { .. } | Check::Int32Loose | Check::Number | Check::FloatRange { .. });
    let n: Number = match value {
        Value::Number(n) => n,
        Value::String(s) if loose => numeric(&s)?,
        _ => return None,
    };
    let fits = match check {
        Check::Int { min, max } => n.as_i64().is_some_and(|i| (*min..=*max).contains(&i)),
        Check::Int32 | Check::Int32Loose => n.as_i64().is_some_and(|i| i32::try_from(i).is_ok()),
        Check::Int64 => n.as_i64().is_some(),
        Check::FloatRange { min, max } => n.as_f64().is_some_and(|f| (*min..=*max).contains(&f)),
        _ => true,
    };
    fits.then_some(Value::Number(n))
}

/// Lists become objects keyed by position: what the reference makes of them, and refused later as unknown attributes.
fn json_object(value: Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value),
        Value::Array(items) => Some(Value::Object(items.into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect())),
        Value::String(s) => match serde_json::from_str::<Value>(&s).ok()? {
            v @ (Value::Object(_) | Value::Array(_)) => json_object(v),
            _ => None,
        },
        _ => None,
    }
}

fn prefs(value: Value) -> Option<Value> {
    let map = match value {
        Value::Object(map) => map,
        Value::Array(items) if items.is_empty() => Map::new(),
        _ => return None,
    };
    let is_list = !map.is_empty() && map.keys().enumerate().all(|(i, k)| *k == i.to_string());
    let value = Value::Object(map);
    (!is_list && json_size(&value, MAX_PREFS) <= MAX_PREFS).then_some(value)
}

/// Bytes of a value's JSON text as the reference counts them (slashes and everything beyond ASCII escaped); stops
/// counting somewhere above `enough`.
fn json_size(value: &Value, enough: usize) -> usize {
    match value {
        Value::Null => 4,
        Value::Bool(b) => 5 - usize::from(*b),
        Value::Number(n) => n.to_string().len(),
        Value::String(s) => text_size(s),
        Value::Array(items) => {
            let inner = items.iter().scan(0, |sum, v| {
                (*sum <= enough).then(|| *sum += json_size(v, enough) + 1)?;
                Some(*sum)
            });
            inner.last().unwrap_or(1) + 1
        }
        Value::Object(map) => {
            let inner = map.iter().scan(0, |sum, (k, v)| {
                (*sum <= enough).then(|| *sum += text_size(k) + json_size(v, enough) + 2)?;
                Some(*sum)
            });
            inner.last().unwrap_or(1) + 1
        }
    }
}

fn text_size(s: &str) -> usize {
    let chars = s.chars().map(|c| match c {
        '"' | '\\' | '/' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c if c.is_ascii() => 1,
        c => 6 * c.len_utf16(),
    });
    chars.sum::<usize>() + 2
}

fn query_texts(value: Value) -> Option<Value> {
    let items = match value {
        Value::Array(items) => items,
        Value::Object(map) => map.into_iter().map(|(_, v)| v).collect(),
        _ => return None,
    };
    let fits = |v: &Value| v.as_str().is_some_and(|s| text::length_fits(s, 1, super::queries::MAX_TEXT));
    (items.len() <= super::queries::MAX_COUNT && items.iter().all(fits)).then_some(Value::Array(items))
}

/// Permission strings in canonical form.
pub(super) fn permissions(value: Value, create: bool) -> Result<Value, String> {
    let items = match value {
        Value::Array(items) => items,
        Value::Object(map) => map.into_iter().map(|(_, v)| v).collect(),
        _ => return Err("Permissions must be an array of strings.".into()),
    };
    if items.len() > MAX_PERMISSIONS {
        return Err(format!("You can only provide up to {MAX_PERMISSIONS} permissions."));
    }
    let mut texts = Vec::with_capacity(items.len());
    let allowed: &[access::Action] = if create { &access::Action::ALL } else { &access::Action::ITEM };
    for item in items {
        let Value::String(s) = item else { return Err("Every permission must be of type string.".into()) };
        texts.extend(access::validate_permissions(&[s], allowed, 1)?);
    }
    Ok(texts.into_iter().map(Value::from).collect())
}

pub(super) fn mock_number(value: Value) -> Result<Value, String> {
    let part = |name: &str| value.get(name).filter(|v| !v.is_null());
    let (Some(phone), Some(otp)) = (part("phone"), part("otp")) else {
        return Err("Invalid payload structure. Please check the \"phone\" and \"otp\" fields".into());
    };
    if !phone.as_str().is_some_and(text::is_phone) {
        return Err(Check::Phone.describe());
    }
    if !otp.as_str().is_some_and(|s| s.len() == 6 && s.bytes().all(|b| b.is_ascii_digit())) {
        return Err("Invalid OTP. Please make sure the OTP is a 6 digit number".into());
    }
    Ok(value)
}
