//! Queries as 1.4-era SDKs write them: `equal("name", ["Alice", "Bob"])`.
//!
//! The grammar is that of the reference's scanner: texts in single or double quotes, numbers, `true`, `false`, `null`,
//! lists in brackets; blanks outside of texts do not count; the last character is taken to be the closing parenthesis.
use serde_json::{Map, Value};

use crate::check::numeric;

/// Longest query that is looked at, in bytes.
const MAX_TEXT: usize = crate::query::MAX_TEXT;

/// The JSON form of a query. An unknown method passes as it is, to be refused later.
///
/// # Errors
/// The reason, for a 400 `general_query_invalid`.
pub(super) fn to_json(text: &str) -> Result<String, String> {
    if text.len() > MAX_TEXT {
        return Err("Invalid query: Text is too long".into());
    }
    let (method, rest) = text.split_once('(').ok_or("Invalid query")?;
    if method.contains('.') {
        return Err("Invalid query method".into());
    }
    let mut inner = rest.chars();
    inner.next_back();
    let arguments = Scanner::default().scan(inner.as_str());
    let (attribute, values) = meaning(method, arguments).ok_or("Invalid query")?;
    let mut map = Map::new();
    map.insert("method".into(), method.into());
    if !attribute.is_empty() {
        map.insert("attribute".into(), attribute.into());
    }
    if !values.is_empty() {
        map.insert("values".into(), values.into());
    }
    Ok(Value::Object(map).to_string())
}

/// Attribute and values of a method's arguments.
fn meaning(method: &str, arguments: Vec<Argument>) -> Option<(String, Vec<Value>)> {
    let mut arguments = arguments.into_iter();
    match method {
        "between" => {
            let attribute = arguments.next()?.text()?;
            Some((attribute, vec![arguments.next()?.value(), arguments.next()?.value()]))
        }
        "select" => match arguments.next()? {
            Argument::List(items) => Some((String::new(), items)),
            Argument::One(_) => None,
        },
        "orderAsc" | "orderDesc" => Some((arguments.next().map_or(Some(String::new()), Argument::text)?, Vec::new())),
        "limit" | "offset" | "cursorAfter" | "cursorBefore" => Some((String::new(), arguments.next().map(Argument::value).into_iter().collect())),
        "equal" | "notEqual" | "lessThan" | "lessThanEqual" | "greaterThan" | "greaterThanEqual" | "contains" | "search" | "isNull" | "isNotNull"
        | "startsWith" | "endsWith" => {
            let attribute = arguments.next().map_or(Some(String::new()), Argument::text)?;
            let values = match arguments.next() {
                None => Vec::new(),
                Some(Argument::List(items)) => items,
                Some(Argument::One(value)) => vec![value],
            };
            Some((attribute, values))
        }
        _ => Some((String::new(), Vec::new())),
    }
}

enum Argument {
    One(Value),
    List(Vec<Value>),
}

impl Argument {
    fn value(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::List(items) => items.into(),
        }
    }

    /// As the name of an attribute.
    fn text(self) -> Option<String> {
        match self {
            Self::One(Value::String(s)) => Some(s),
            Self::One(Value::Null) => Some(String::new()),
            Self::One(Value::Number(n)) => Some(n.to_string()),
            Self::One(_) | Self::List(_) => None,
        }
    }
}

#[derive(Default)]
struct Scanner {
    arguments: Vec<Argument>,
    /// What has been read of the current value, quotes included.
    word: String,
    /// Items of the list that is open.
    items: Vec<Value>,
    /// Open brackets.
    depth: usize,
    /// Quote of the text that is open.
    quote: Option<char>,
}

impl Scanner {
    fn scan(mut self, text: &str) -> Vec<Argument> {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '\\' {
                self.escaped(chars.next());
            } else if matches!(c, '"' | '\'') {
                match self.quote {
                    None => self.quote = Some(c),
                    Some(open) if open == c => self.quote = None,
                    Some(_) => {}
                }
                self.word.push(c);
            } else if self.quote.is_some() {
                self.word.push(c);
            } else {
                self.outside(c);
            }
        }
        if !self.word.is_empty() {
            self.arguments.push(Argument::One(value_of(&self.word)));
        }
        self.arguments
    }

    /// A backslash stays before everything but quotes, brackets and commas.
    fn escaped(&mut self, next: Option<char>) {
        if !matches!(next, Some(',' | '[' | ']' | '"' | '\'')) {
            self.word.push('\\');
        }
        self.word.extend(next.filter(|c| self.quote.is_some() || !matches!(c, ' ' | ',')));
    }

    fn outside(&mut self, c: char) {
        match c {
            '[' => self.depth += 1,
            ']' => {
                self.depth = self.depth.saturating_sub(1);
                if !self.word.is_empty() {
                    self.items.push(value_of(&std::mem::take(&mut self.word)));
                }
                self.arguments.push(Argument::List(std::mem::take(&mut self.items)));
            }
            ',' if self.depth > 0 => self.items.push(value_of(&std::mem::take(&mut self.word))),
            ',' => {
                if !self.word.is_empty() {
                    self.arguments.push(Argument::One(value_of(&std::mem::take(&mut self.word))));
                }
            }
            ' ' => {}
            c => self.word.push(c),
        }
    }
}

fn value_of(word: &str) -> Value {
    let word = word.trim_ascii();
    match word {
        "true" => return true.into(),
        "false" => return false.into(),
        "null" => return Value::Null,
        _ => {}
    }
    if let Some(number) = numeric(word) {
        return number.into();
    }
    if word.starts_with(['"', '\'']) {
        let mut inner = word.chars();
        inner.next();
        inner.next_back();
        return inner.as_str().into();
    }
    word.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn json_of(text: &str) -> Value {
        serde_json::from_str(&to_json(text).unwrap()).unwrap()
    }

    #[test]
    fn what_old_sdks_send() {
        for (text, json) in [
            (r#"equal("name", ["Alice", "Bob"])"#, json!({"method": "equal", "attribute": "name", "values": ["Alice", "Bob"]})),
            (r#"equal("name", "Alice")"#, json!({"method": "equal", "attribute": "name", "values": ["Alice"]})),
            (r#"equal('a', 'it is, [well]')"#, json!({"method": "equal", "attribute": "a", "values": ["it is, [well]"]})),
            (r#"equal("a", ["say \"hi\", ok"])"#, json!({"method": "equal", "attribute": "a", "values": ["say \"hi\", ok"]})),
            (r#"equal("a", "b\nc\\")"#, json!({"method": "equal", "attribute": "a", "values": [r"b\nc\\"]})),
            (r#"greaterThan("year", 1999)"#, json!({"method": "greaterThan", "attribute": "year", "values": [1999]})),
            (r#"lessThan("rating", [-7.5])"#, json!({"method": "lessThan", "attribute": "rating", "values": [-7.5]})),
            (r#"equal("ok", [true, false, null])"#, json!({"method": "equal", "attribute": "ok", "values": [true, false, null]})),
            (r#"between("year", 1, 10)"#, json!({"method": "between", "attribute": "year", "values": [1, 10]})),
            (r#"isNull("year")"#, json!({"method": "isNull", "attribute": "year"})),
            (r#"select(["a", "b"])"#, json!({"method": "select", "values": ["a", "b"]})),
            (r#"orderDesc("year")"#, json!({"method": "orderDesc", "attribute": "year"})),
            (r#"orderAsc("")"#, json!({"method": "orderAsc"})),
            ("limit(25)", json!({"method": "limit", "values": [25]})),
            ("offset(0)", json!({"method": "offset", "values": [0]})),
            (r#"cursorAfter("abc")"#, json!({"method": "cursorAfter", "values": ["abc"]})),
            (r#"search("title", "ü 😀")"#, json!({"method": "search", "attribute": "title", "values": ["ü 😀"]})),
            ("nope(1)", json!({"method": "nope"})),
            ("limit()", json!({"method": "limit"})),
        ] {
            assert_eq!(json_of(text), json, "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (text, why) in [
            ("", "Invalid query"),
            (r#"{"method":"limit","values":[1]}"#, "Invalid query"),
            ("a.b(1)", "Invalid query method"),
            (r#"select("a")"#, "Invalid query"),
            (r#"between("a", 1)"#, "Invalid query"),
            (r#"equal(["a"], 1)"#, "Invalid query"),
        ] {
            assert_eq!(to_json(text).unwrap_err(), why, "{text}");
        }
        assert!(to_json(&"(".repeat(MAX_TEXT + 1)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,64}", near in "(equal|select|between|limit)\\([\\[\\]\"'\\\\, a-z0-9]{0,48}\\)?") {
            let _ = to_json(&text);
            let _ = to_json(&near);
        }

        #[test]
        fn texts_survive(value in "[a-zA-Z0-9 ,()\\[\\]]{0,32}") {
            prop_assert_eq!(&json_of(&format!("equal(\"a\", [\"{value}\"])"))["values"][0], &Value::from(value));
        }
    }
}
