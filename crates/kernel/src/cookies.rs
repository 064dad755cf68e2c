//! Session cookies: the value, the names, and reading them from headers.
use base64::Engine as _;
use serde_json::{Value, json};

/// Name of a project's session cookie.
#[must_use]
pub fn session_name(project_id: &str) -> String {
    format!("a_session_{project_id}")
}

/// Cookie value: base64 of `{"id":…,"secret":…}`.
#[must_use]
pub fn encode_session(user_id: &str, secret: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(json!({"id": user_id, "secret": secret}).to_string())
}

/// User id and secret of a cookie value; `None` for anything malformed (which makes the caller a guest).
#[must_use]
pub fn decode_session(value: &str) -> Option<(String, String)> {
    if value.len() > 4096 {
        return None;
    }
    let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
    let raw = base64::engine::general_purpose::STANDARD
        .decode(value.as_bytes())
        .or_else(|_| base64::engine::general_purpose::STANDARD_NO_PAD.decode(value.trim_end_matches('=').as_bytes()))
        .ok()?;
    let v: Value = serde_json::from_slice(&raw).ok()?;
    Some((v.get("id")?.as_str()?.to_owned(), v.get("secret")?.as_str()?.to_owned()))
}

/// Value of a cookie in a `Cookie` header.
#[must_use]
pub fn from_header<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').filter_map(|p| p.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v.trim().trim_matches('"')).filter(|v| !v.is_empty())
}

/// Value of a fallback cookie in the `X-Fallback-Cookies` header, a JSON object.
#[must_use]
pub fn from_fallback(header: &str, name: &str) -> Option<String> {
    let v: Value = serde_json::from_str(header).ok()?;
    v.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_values_survive_the_trip() {
        let v = encode_session("u1", "abc");
        assert_eq!(decode_session(&v), Some(("u1".into(), "abc".into())));
        assert_eq!(decode_session(v.trim_end_matches('=')), Some(("u1".into(), "abc".into())));
        assert_eq!(decode_session("%%%"), None);
        assert_eq!(from_header("a=1; a_session_p=xyz; b=2", "a_session_p"), Some("xyz"));
        assert_eq!(from_fallback("{\"a_session_p\":\"q\"}", "a_session_p"), Some("q".into()));
        assert_eq!(from_fallback("[]", "a_session_p"), None);
    }
}
