//! Conditional requests for the bytes of files (RFC 9110, 13): an addition that clients who do not ask for it never meet.
//!
//! The bytes of a file never change: another content is another file. So the digest is a strong validator, and the time is that of the upload.
use database::Document;
use kernel::Headers;
use protocol::Timestamp;

/// What identifies the content of a file.
pub(super) struct Validators {
    /// Quoted, strong.
    pub(super) etag: String,
    /// When it came, in whole seconds.
    seconds: i64,
}

/// What is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The content, or the part asked for.
    Send,
    /// The content whole, although a part was asked for: the client has a part of another.
    SendWhole,
    /// 304: the client has it.
    NotModified,
    /// 412: it is not what the client wants it to be.
    Failed,
}

impl Validators {
    pub(super) fn of(file: &Document) -> Self {
        let digest = Some(file.str("sha256")).filter(|d| !d.is_empty()).unwrap_or_else(|| file.str("signature"));
        Self { etag: format!("\"{digest}\""), seconds: file.created_at.0.div_euclid(1_000) }
    }

    /// `Last-Modified`.
    pub(super) fn modified(&self) -> String {
        Timestamp(self.seconds * 1_000).format_cookie().replace('-', " ")
    }

    /// The order of RFC 9110, 13.2.2; dates that cannot be read count as not sent.
    pub(super) fn judge(&self, headers: &Headers) -> Verdict {
        let date = |name: &str| headers.get(name).and_then(Timestamp::parse).map(|t| t.0.div_euclid(1_000));
        let failed = match headers.get("if-match") {
            Some(list) => !self.listed(list, false),
            None => date("if-unmodified-since").is_some_and(|t| self.seconds > t),
        };
        if failed {
            return Verdict::Failed;
        }
        let known = match headers.get("if-none-match") {
            Some(list) => self.listed(list, true),
            None => date("if-modified-since").is_some_and(|t| self.seconds <= t),
        };
        if known {
            return Verdict::NotModified;
        }
        let same = headers.get("if-range").is_none_or(|value| {
            if value.trim_start().starts_with('"') || value.trim_start().starts_with("W/") {
                value.trim() == self.etag
            } else {
                date("if-range") == Some(self.seconds)
            }
        });
        if same { Verdict::Send } else { Verdict::SendWhole }
    }

    /// Whether a list of tags has this one; weak ones count where that is allowed.
    fn listed(&self, list: &str, weak: bool) -> bool {
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag == self.etag || (weak && tag.strip_prefix("W/") == Some(&self.etag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(headers: &[(&str, &str)]) -> Verdict {
        let v = Validators { etag: "\"abc\"".into(), seconds: 784_111_777 };
        v.judge(&Headers(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()))
    }

    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        for header in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert_eq!(ask(&[("if-none-match", header)]), Verdict::NotModified, "{header}");
        }
        assert_eq!(ask(&[("if-none-match", "\"x\"")]), Verdict::Send);
        assert_eq!(ask(&[("if-modified-since", THEN)]), Verdict::NotModified);
        assert_eq!(ask(&[("if-modified-since", BEFORE)]), Verdict::Send);
        // A tag counts more than a date.
        assert_eq!(ask(&[("if-none-match", "\"x\""), ("if-modified-since", THEN)]), Verdict::Send);
        assert_eq!(ask(&[("if-modified-since", "yesterday")]), Verdict::Send);
    }

    #[test]
    fn what_must_be_the_same_is() {
        assert_eq!(ask(&[("if-match", "\"abc\"")]), Verdict::Send);
        for header in ["\"x\"", "W/\"abc\""] {
            assert_eq!(ask(&[("if-match", header)]), Verdict::Failed, "{header}");
        }
        assert_eq!(ask(&[("if-unmodified-since", BEFORE)]), Verdict::Failed);
        assert_eq!(ask(&[("if-unmodified-since", THEN)]), Verdict::Send);
        assert_eq!(ask(&[("if-range", "\"abc\"")]), Verdict::Send);
        assert_eq!(ask(&[("if-range", THEN)]), Verdict::Send);
        for header in ["\"x\"", "W/\"abc\"", BEFORE, "nonsense"] {
            assert_eq!(ask(&[("if-range", header)]), Verdict::SendWhole, "{header}");
        }
    }
}
