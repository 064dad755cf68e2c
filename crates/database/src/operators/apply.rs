//! Working an operator out: whether it suits the attribute, then the new value.
use protocol::Timestamp;
use serde_json::Value;

use super::{Method, Operator, cannot, list, number, only_for};
use crate::structure::{element_typed, text_fits, text_limit};
use crate::{Attribute, Kind};

/// Longest text an operator makes, in bytes.
const MAX_RESULT: usize = 16 << 20;
const DAY: i64 = 86_400;

/// The new value of an attribute; the error is the reference's text.
pub(super) fn apply(a: &Attribute, op: &Operator, old: &Value, now: Timestamp) -> Result<Value, String> {
    match op.method {
        Method::Increment | Method::Decrement | Method::Multiply | Method::Divide | Method::Modulo | Method::Power => number::apply(a, op, old),
        Method::StringConcat => concat(a, op, old),
        Method::StringReplace => replace(a, op, old),
        Method::Toggle if a.kind != Kind::Boolean || a.array => Err(only_for(op.method, "boolean", a)),
        Method::Toggle => Ok(Value::Bool(!old.as_bool().unwrap_or(false))),
        Method::DateAddDays | Method::DateSubDays | Method::DateSetNow => date(a, op, old, now),
        _ => list::apply(a, op, old, now),
    }
}

fn concat(a: &Attribute, op: &Operator, old: &Value) -> Result<Value, String> {
    if !a.kind.is_text() || a.array {
        return Err(only_for(op.method, "string", a));
    }
    let Some(Value::String(more)) = op.values.first() else { return Err(format!("{}: requires a string value", cannot(op.method))) };
    fitting(a, op, format!("{}{more}", old.as_str().unwrap_or_default()))
}

fn replace(a: &Attribute, op: &Operator, old: &Value) -> Result<Value, String> {
    if !a.kind.is_text() || a.array {
        return Err(only_for(op.method, "string", a));
    }
    let [Value::String(from), Value::String(to)] = op.values.as_slice() else {
        return Err(format!("{}: requires exactly 2 string values (search and replace)", cannot(op.method)));
    };
    let Some(text) = old.as_str().filter(|_| !from.is_empty()) else { return Ok(old.clone()) };
    // Many long replacements are refused before they are made.
    let growth = text.matches(from.as_str()).count().saturating_mul(to.len().saturating_sub(from.len()));
    if text.len().saturating_add(growth) > MAX_RESULT {
        return Err(too_long(a, op));
    }
    fitting(a, op, text.replace(from.as_str(), to))
}

fn fitting(a: &Attribute, op: &Operator, text: String) -> Result<Value, String> {
    if text.len() <= MAX_RESULT && text_fits(a, &text) { Ok(Value::String(text)) } else { Err(too_long(a, op)) }
}

fn too_long(a: &Attribute, op: &Operator) -> String {
    let most = match text_limit(a) {
        0 => MAX_RESULT as u64,
        n => n,
    };
    format!("{}: result would exceed maximum length of {most} characters", cannot(op.method))
}

fn date(a: &Attribute, op: &Operator, old: &Value, now: Timestamp) -> Result<Value, String> {
    if a.kind != Kind::Datetime || a.array {
        return Err(only_for(op.method, "datetime", a));
    }
    let time = if op.method == Method::DateSetNow {
        // To the second, as the reference's store does it.
        Timestamp(now.0.div_euclid(1000) * 1000)
    } else {
        let days = op.values.first().and_then(Value::as_i64).ok_or_else(|| format!("{}: requires an integer number of days", cannot(op.method)))?;
        let days = if op.method == Method::DateAddDays { days } else { days.saturating_neg() };
        match old.as_str().and_then(Timestamp::parse) {
            Some(t) => t.plus_seconds(days.saturating_mul(DAY)),
            None => return Ok(Value::Null),
        }
    };
    let printed = if Timestamp::MIN <= time && time <= Timestamp::MAX { time.format() } else { "beyond all times".to_owned() };
    element_typed(a, printed.into(), now).map_err(|why| format!("Attribute \"{}\" has invalid type. {why}", a.key))
}
