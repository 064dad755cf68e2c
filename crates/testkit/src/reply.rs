//! What came back.
use std::ops::Index;

use serde_json::Value;

/// A reply, completely read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body.
    pub bytes: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts an error: status and type.
    #[track_caller]
    pub fn fails(&self, status: u16, kind: &str) -> &Self {
        assert_eq!((self.status, self.json["type"].as_str()), (status, Some(kind)), "{}", self.text());
        assert_eq!(self.json["code"], status, "code equals the status");
        self
    }

    /// Asserts an error with its message.
    #[track_caller]
    pub fn fails_with(&self, status: u16, kind: &str, message: &str) -> &Self {
        self.fails(status, kind);
        assert_eq!(self.json["message"], message);
        self
    }

    /// First value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Value of a cookie that is set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie"));
        lines.filter_map(|(_, v)| v.split(';').next()?.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned).next()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A text field of the body; fails the test when it is none.
    #[must_use]
    #[track_caller]
    pub fn str(&self, key: &str) -> String {
        self.json[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {}", self.text())).to_owned()
    }

    /// `$id` of each item of a list.
    #[must_use]
    #[track_caller]
    pub fn ids(&self, list: &str) -> Vec<String> {
        let items = self.json[list].as_array().unwrap_or_else(|| panic!("no list {list} in {}", self.text()));
        items.iter().map(|i| i["$id"].as_str().unwrap_or("").to_owned()).collect()
    }
}

impl Index<&str> for Answer {
    type Output = Value;
    fn index(&self, key: &str) -> &Value {
        &self.json[key]
    }
}
