//! Arithmetic. Integers are exact and round half away from zero where the result is a fraction; limits given with the
//! operator cap the result, the attribute's own bounds do not count, the width of its type does.
use protocol::check::numeric;
use protocol::query::php_type;
use serde_json::{Number, Value};

use super::{Method, Operator, cannot, only_for};
use crate::structure::is_wide;
use crate::{Attribute, Kind};

pub(super) fn apply(a: &Attribute, op: &Operator, old: &Value) -> Result<Value, String> {
    if !matches!(a.kind, Kind::Integer | Kind::Bigint | Kind::Double) || a.array {
        return Err(only_for(op.method, "numeric", a));
    }
    let given = op.values.first().unwrap_or(&Value::Null);
    let by = number(given).ok_or_else(|| format!("{}: value must be numeric, got {}", cannot(op.method), php_type(given)))?;
    if by.as_f64() == Some(0.0) && matches!(op.method, Method::Divide | Method::Modulo) {
        let what = if op.method == Method::Divide { "division" } else { "modulo" };
        return Err(format!("{}: {what} by zero", cannot(op.method)));
    }
    let limit = match op.values.get(1) {
        None | Some(Value::Null) => None,
        Some(v) => Some(number(v).ok_or_else(|| format!("{}: max/min limit must be numeric, got {}", cannot(op.method), php_type(v)))?),
    };
    let now = number(old).unwrap_or_else(|| Number::from(0));
    match a.kind {
        Kind::Double => float(op.method, &now, &by, limit.as_ref()),
        _ => integer(a, op.method, &now, &by, limit.as_ref()),
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(n) => Some(n.clone()),
        Value::String(s) => numeric(s),
        _ => None,
    }
}

fn float(method: Method, now: &Number, by: &Number, limit: Option<&Number>) -> Result<Value, String> {
    let result = limited(method, real(now), calculate(method, real(now), real(by)), limit.map(real));
    if !result.is_finite() {
        let (way, bound) = if result == f64::NEG_INFINITY { ("underflow minimum", f64::MIN) } else { ("overflow maximum", f64::MAX) };
        return Err(format!("{}: would {way} value of {bound:e}", cannot(method)));
    }
    Ok(Number::from_f64(result).map_or(Value::Null, Value::Number))
}

fn integer(a: &Attribute, method: Method, now: &Number, by: &Number, limit: Option<&Number>) -> Result<Value, String> {
    let wide = if is_wide(a) { (i64::MIN, i64::MAX) } else { (i32::MIN.into(), i32::MAX.into()) };
    let exact = match (now.as_i64(), by.as_i64(), limit.map(Number::as_i64)) {
        (Some(now), Some(by), None) => exactly(method, now.into(), by.into()),
        (Some(now), Some(by), Some(Some(limit))) => exactly(method, now.into(), by.into()).map(|r| limited(method, now.into(), r, Some(limit.into()))),
        _ => None,
    };
    let result = match exact {
        Some(n) => n,
        None => {
            let f = limited(method, real(now), calculate(method, real(now), real(by)), limit.map(real));
            // Beyond the widest integer the cast saturates, which is out of range, too. Nothing sensible is NaN.
            if f.is_nan() { i128::MAX } else { f.round() as i128 }
        }
    };
    let cast = i64::try_from(result).ok().filter(|n| (wide.0..=wide.1).contains(n));
    cast.map(Value::from).ok_or_else(|| {
        let (way, bound) = if result < 0 { ("underflow minimum", wide.0) } else { ("overflow maximum", wide.1) };
        format!("{}: would {way} value of {bound}", cannot(method))
    })
}

/// In whole numbers; `None` when that is too much for them.
fn exactly(method: Method, now: i128, by: i128) -> Option<i128> {
    match method {
        Method::Increment => now.checked_add(by),
        Method::Decrement => now.checked_sub(by),
        Method::Multiply => now.checked_mul(by),
        Method::Modulo => now.checked_rem(by),
        Method::Divide => {
            let (whole, rest) = (now.checked_div(by)?, now.checked_rem(by)?);
            let up = if (now < 0) == (by < 0) { 1 } else { -1 };
            Some(if rest.unsigned_abs() * 2 >= by.unsigned_abs() { whole + up } else { whole })
        }
        Method::Power => now.checked_pow(u32::try_from(by).ok()?),
        _ => None,
    }
}

fn calculate(method: Method, now: f64, by: f64) -> f64 {
    match method {
        Method::Decrement => now - by,
        Method::Multiply => now * by,
        Method::Divide => now / by,
        Method::Modulo => now % by,
        Method::Power => now.powf(by),
        _ => now + by,
    }
}

/// `increment`, `multiply` and `power` stop at a largest, `decrement` and `divide` at a smallest value.
fn limited<T: PartialOrd>(method: Method, now: T, result: T, limit: Option<T>) -> T {
    let Some(limit) = limit else { return result };
    match method {
        Method::Decrement if now <= limit || result < limit => limit,
        Method::Divide if result <= limit => limit,
        Method::Increment | Method::Multiply | Method::Power if now >= limit || result > limit => limit,
        _ => result,
    }
}

fn real(n: &Number) -> f64 {
    n.as_f64().unwrap_or(f64::NAN)
}
