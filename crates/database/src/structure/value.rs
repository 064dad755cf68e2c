//! Single values (or elements of lists): type, then format.
use protocol::Timestamp;
use protocol::check::{Check, is_email, is_url, thousands};
use serde_json::Value;

use super::spatial;
use crate::{Attribute, Kind};

const INT32_MAX: i64 = i32::MAX as i64;
/// 1000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const FIRST_DATE: i64 = -30_610_224_000_000;
const LAST_DATE: i64 = 253_402_300_799_000;

/// Kinds this crate does not look into.
pub(super) fn is_free(kind: Kind) -> bool {
    matches!(kind, Kind::Json | Kind::Relationship)
}

/// Whether an integer attribute has 64 bits: it says so by its size or, without one, by its upper bound.
pub(crate) fn is_wide(a: &Attribute) -> bool {
    match (a.kind, a.size) {
        (Kind::Bigint, _) => true,
        (_, 0) => a.max.as_i64().is_none_or(|max| max > INT32_MAX),
        (_, size) => size >= 8,
    }
}

/// Most characters of a text, or bytes for the kinds that are measured in bytes; 0 = no bound.
pub(crate) fn text_limit(a: &Attribute) -> u64 {
    let own = match a.kind {
        Kind::Text => 65_535,
        Kind::Mediumtext => 16_777_215,
        Kind::Longtext => 4_294_967_295,
        _ => return a.size,
    };
    if a.size == 0 { own } else { own.min(a.size) }
}

/// Whether a text fits into an attribute.
pub(crate) fn text_fits(a: &Attribute, text: &str) -> bool {
    let Some(most) = usize::try_from(text_limit(a)).ok().filter(|n| *n > 0) else { return true };
    // A text of n bytes has at most n characters: mostly counting is not needed.
    text.len() <= most || (!matches!(a.kind, Kind::Text | Kind::Mediumtext | Kind::Longtext) && text.chars().take(most + 1).count() <= most)
}

/// A date in the range attributes store, in stored precision.
pub(super) fn date(text: &str, now: Timestamp) -> Option<Timestamp> {
    Timestamp::parse_at(text, now).filter(|t| value_date(*t))
}

/// Whether a time is one attributes can hold.
pub(crate) fn value_date(t: Timestamp) -> bool {
    (FIRST_DATE..=LAST_DATE).contains(&t.0)
}

/// The stored form of one element; the error says what was wanted.
pub(super) fn element(a: &Attribute, value: Value, now: Timestamp) -> Result<Value, String> {
    let value = typed(a, value, now)?;
    formatted(a, &value)?;
    Ok(value)
}

/// As [`element`], the format (range, enum …) left out.
pub(crate) fn typed(a: &Attribute, value: Value, now: Timestamp) -> Result<Value, String> {
    match a.kind {
        Kind::Json | Kind::Relationship => Ok(value),
        Kind::String | Kind::Varchar | Kind::Text | Kind::Mediumtext | Kind::Longtext => match value.as_str() {
            Some(s) if text_fits(a, s) => Ok(value),
            _ => Err(text_wanted(a)),
        },
        Kind::Integer => integer(a, value),
        Kind::Bigint => bigint(value),
        Kind::Double if value.is_number() => Ok(value),
        Kind::Double => Err(Check::Float.describe()),
        Kind::Boolean if value.is_boolean() => Ok(value),
        Kind::Boolean => Err(Check::Bool.describe()),
        Kind::Datetime => value.as_str().and_then(|s| date(s, now)).map(|t| t.format().into()).ok_or_else(|| Check::AttributeDatetime.describe()),
        Kind::Point | Kind::Linestring | Kind::Polygon => spatial::stored(a.kind, value),
    }
}

/// What a text attribute wants.
pub(crate) fn text_wanted(a: &Attribute) -> String {
    match text_limit(a) {
        0 => "Value must be a valid string".to_owned(),
        most => format!("Value must be a valid string and no longer than {most} chars"),
    }
}

fn integer(a: &Attribute, value: Value) -> Result<Value, String> {
    let wide = is_wide(a);
    let (check, most) = if wide { (Check::Int64, i64::MAX) } else { (Check::Int32, INT32_MAX) };
    let n = value.as_i64().filter(|n| wide || i32::try_from(*n).is_ok()).ok_or_else(|| check.describe())?;
    // The smallest number of each width is refused by the second of the reference's two checks.
    if n < -most { Err(range(&thousands(-most), &thousands(most))) } else { Ok(value) }
}

fn bigint(value: Value) -> Result<Value, String> {
    let n = match &value {
        Value::Number(n) => n.as_i64(),
        // A text of digits is taken, with a minus but no plus.
        Value::String(s) if !s.starts_with('+') => s.parse().ok(),
        _ => None,
    };
    n.map(Value::from).ok_or_else(|| format!("Value must be a valid signed 64-bit integer between {} and {}", thousands(i64::MIN), thousands(i64::MAX)))
}

fn formatted(a: &Attribute, value: &Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let (fits, check) = match a.format.as_str() {
        "email" => (is_email(text), Check::Email),
        "url" => (is_url(text), Check::Url),
        "ip" => (text.parse::<std::net::IpAddr>().is_ok(), Check::Ip),
        "enum" if a.elements.iter().any(|e| e == text) => return Ok(()),
        "enum" => return Err(format!("Value must be one of ({})", a.elements.join(", "))),
        "intRange" | "bigintRange" | "floatRange" if in_range(a, value) => return Ok(()),
        "intRange" | "bigintRange" | "floatRange" => return Err(range_of(a)),
        _ => return Ok(()),
    };
    if fits { Ok(()) } else { Err(check.describe()) }
}

/// Whether a number lies between the attribute's bounds, where it has any.
pub(crate) fn in_range(a: &Attribute, value: &Value) -> bool {
    if let (Some(n), Kind::Integer | Kind::Bigint) = (value.as_i64(), a.kind) {
        return a.min.as_i64().is_none_or(|min| min <= n) && a.max.as_i64().is_none_or(|max| n <= max);
    }
    value.as_f64().is_some_and(|n| a.min.as_f64().is_none_or(|min| min <= n) && a.max.as_f64().is_none_or(|max| n <= max))
}

/// What a range wants.
pub(crate) fn range_of(a: &Attribute) -> String {
    range(&bound(&a.min, "-inf"), &bound(&a.max, "inf"))
}

fn range(min: &str, max: &str) -> String {
    format!("Value must be a valid range between {min} and {max}")
}

/// Bounds print without decimals and with separators.
fn bound(value: &Value, open: &str) -> String {
    match value {
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => thousands(n),
            (None, Some(f)) => grouped(&format!("{:.0}", f.round())),
            _ => n.to_string(),
        },
        _ => open.to_owned(),
    }
}

/// Separators for digits too many for an integer.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |d| ("-", d));
    let mut out = sign.to_owned();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if out == "-0" { "0".to_owned() } else { out }
}
