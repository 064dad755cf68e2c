//! Numbers in texts, and numbers as messages print them.
use serde_json::Number;

/// `9223372036854775807` → `9,223,372,036,854,775,807`.
#[must_use]
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 2);
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A numeric text: optional sign, decimals, exponent, surrounding white space. Integers that fit stay integers.
#[must_use]
pub fn numeric(text: &str) -> Option<Number> {
    let t = text.trim_ascii();
    let body = t.strip_prefix(['+', '-']).unwrap_or(t);
    let (mantissa, exponent) = body.split_once(['e', 'E']).map_or((body, None), |(m, e)| (m, Some(e)));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + decimals.len() == 0 || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    if let Some(e) = exponent {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        if e.is_empty() || !all_digits(e) {
            return None;
        }
    } else if !mantissa.contains('.')
        && let Ok(n) = t.parse::<i64>()
    {
        return Some(n.into());
    }
    Number::from_f64(t.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts() {
        assert_eq!(numeric(" 12 "), Some(12.into()));
        assert_eq!(numeric("+12"), Some(12.into()));
        assert_eq!(numeric("-1.5e1"), Number::from_f64(-15.0));
        assert_eq!(numeric(".5"), Number::from_f64(0.5));
        for bad in ["", "-", ".", "e5", "1e", "0x10", "1 2", "inf", "NaN", "1e999"] {
            assert_eq!(numeric(bad), None, "{bad}");
        }
    }

    #[test]
    fn groups_of_three() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(-1234), "-1,234");
        assert_eq!(thousands(i64::MIN), "-9,223,372,036,854,775,808");
    }
}
