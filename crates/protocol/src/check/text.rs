//! Forms of texts: ids, addresses, URLs. Judged as PHP's filters judge them, which the reference relies on.

/// Calling codes of ITU E.164 with one or two digits; all others have three.
const SHORT_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55", "56",
    "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];
/// First two digits of groups of three-digit codes in use.
const LONG_PREFIXES: [&str; 20] = ["21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80", "85", "87", "88"];
const MORE_PREFIXES: [&str; 3] = ["96", "97", "99"];

/// An id or key: letters, digits, `_`, `.`, `-`, the last three not in front; at most `max` characters.
#[must_use]
pub fn is_key(s: &str, max: usize) -> bool {
    let ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    s.len() <= max && s.bytes().all(ok) && s.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// Lower-case letters, digits and hyphens, at most 36.
pub(super) fn is_project_id(s: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    s.len() <= 36 && s.bytes().next().is_some_and(ok) && s.bytes().all(|b| ok(b) || b == b'-')
}

/// Whether the text has `min..=max` characters; `max` 0 is no bound.
pub(super) fn length_fits(s: &str, min: usize, max: usize) -> bool {
    // Counting stops one beyond the bound.
    let limit = if max > 0 { max + 1 } else { min };
    let n = s.chars().take(limit).count();
    n >= min && (max == 0 || n <= max)
}

/// An address with a dot in its domain; no quoted local parts, no address literals.
#[must_use]
pub fn is_email(s: &str) -> bool {
    let Some((local, domain)) = s.trim_ascii().split_once('@') else { return false };
    let atom = |a: &str| !a.is_empty() && a.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b));
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    local.len() <= 64 && domain.len() <= 253 && local.split('.').all(atom) && is_dns_name(domain) && top.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
}

/// Labels of letters, digits and inner hyphens, at most 63 each.
fn is_dns_name(s: &str) -> bool {
    let label = |l: &str| (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !l.starts_with('-') && !l.ends_with('-');
    s.len() <= 253 && s.split('.').all(label)
}

/// `+`, a calling code in use and further digits: 7 to 15 in all.
#[must_use]
pub fn is_phone(s: &str) -> bool {
    let Some(digits) = s.strip_prefix('+') else { return false };
    if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with('0') {
        return false;
    }
    let has = |codes: &[&str]| codes.iter().any(|c| digits.starts_with(c));
    has(&SHORT_CODES) || has(&LONG_PREFIXES) || has(&MORE_PREFIXES)
}

/// Something with neither `/` nor `:` of at most 253 characters.
#[must_use]
pub fn is_hostname(s: &str) -> bool {
    !s.is_empty() && s != "0" && !s.contains(['/', ':']) && length_fits(s, 1, 253)
}

/// A DNS name, a trailing dot not allowed.
pub(super) fn is_domain(s: &str) -> bool {
    is_dns_name(s)
}

/// An absolute URL: ASCII, a scheme, and a host unless the scheme has none (`mailto`, `news`, `file`).
#[must_use]
pub fn is_url(s: &str) -> bool {
    if !s.bytes().all(|b| b.is_ascii_graphic()) {
        return false;
    }
    let Some((scheme, rest)) = s.split_once(':') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    if !is_scheme(&scheme) {
        return false;
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return matches!(scheme.as_str(), "mailto" | "news" | "file") && !rest.is_empty();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return scheme == "file" && rest.starts_with('/');
    }
    let (user, host_port) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user_ok = user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:%".contains(&b));
    user_ok && host_fits(host_port, matches!(scheme.as_str(), "http" | "https"))
}

fn is_scheme(s: &str) -> bool {
    s.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn host_fits(host_port: &str, web: bool) -> bool {
    if let Some(rest) = host_port.strip_prefix('[') {
        let Some((ip, port)) = rest.split_once(']') else { return false };
        return ip.parse::<std::net::Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = host_port.split_once(':').map_or((host_port, None), |(h, p)| (h, Some(p)));
    !host.is_empty() && port.is_none_or(is_port) && (!web || is_dns_name(host.strip_suffix('.').unwrap_or(host)))
}

fn is_port(s: &str) -> bool {
    s.is_empty() || s.parse::<u16>().is_ok()
}

/// Scheme and host of a URL in lower case, for judging where a user is sent; `None` when it has no scheme. The host is
/// empty for URLs of apps such as `myapp:callback`.
#[must_use]
pub fn redirect_host(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.trim_ascii().split_once(':')?;
    if !is_scheme(scheme) {
        return None;
    }
    let authority = rest.strip_prefix("//").and_then(|r| r.split(['/', '?', '#', '\\']).next()).unwrap_or_default();
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let host = match host_port.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host_port.split(':').next().unwrap_or_default(),
    };
    Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.co", "Alice@Example.com", "a.b+c@d-e.example.org", " padded@example.com "] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "nope", "a@b", "a@@b.co", "a@b..co", ".a@b.co", "a.@b.co", "a@-b.co", "a@b.1", "é@b.co", "a b@c.co", "@b.co"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        for good in ["+16175551212", "+491701234567", "+35312345678", "+99893123456"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["123", "+123", "16175551212", "+0123456789", "+1617555121212121", "+1617a551212", ""] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn urls() {
        for good in ["http://localhost", "https://a.example:8080/x?y=1#z", "appwrite-callback-p://x", "mailto:a@b.co", "http://[::1]:80/", "http://u:p@h/"] {
            assert!(is_url(good), "{good}");
        }
        for bad in
            ["", "x", "/a", "http://", "http:///a", "http://a b", "http://ä.example", "http://h:99999", "http://under_score", "://x", "javascript:alert(1)"]
        {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn hosts_of_redirects() {
        let host = |u: &str| redirect_host(u).map(|(s, h)| format!("{s} {h}"));
        assert_eq!(host("HTTP://u@Evil.Example:80/cb").as_deref(), Some("http evil.example"));
        assert_eq!(host("http://localhost\\@evil.example/").as_deref(), Some("http localhost"));
        assert_eq!(host("myapp:callback").as_deref(), Some("myapp "));
        assert_eq!(host("nothing"), None);
    }

    #[test]
    fn keys() {
        assert!(is_key("a_b-c.d", 36) && is_key(&"k".repeat(36), 36));
        for bad in ["", "_a", ".a", "-a", "$id", "a b", "é", "bad id!"] {
            assert!(!is_key(bad, 36), "{bad}");
        }
        assert!(!is_key(&"k".repeat(37), 36));
        assert!(is_project_id("my-project1") && !is_project_id("My") && !is_project_id("-a"));
    }
}
