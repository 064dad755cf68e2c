//! Errors of a document and of its fields.
use serde_json::{Map, Value, json};

/// A step to a value of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field by its name in the answer.
    Key(String),
    /// An item of a list.
    Index(usize),
}

/// An error with its places in the document (counted in characters) and in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub message: String,
    /// Characters before each place.
    pub positions: Vec<usize>,
    /// Which value of the answer it is about; empty = none.
    pub path: Vec<Step>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>, positions: impl Into<Vec<usize>>) -> Self {
        Self { message: message.into(), positions: positions.into(), path: Vec::new() }
    }

    pub(crate) fn at(message: impl Into<String>, position: usize) -> Self {
        Self::new(message, [position])
    }

    pub(crate) fn syntax(description: &str, position: usize) -> Self {
        Self::at(format!("Syntax Error: {description}"), position)
    }

    /// As clients get it: `message`, then `locations` and `path` where there are any.
    #[must_use]
    pub fn to_json(&self, source: &str) -> Value {
        let mut map = Map::new();
        map.insert("message".into(), self.message.as_str().into());
        if !self.positions.is_empty() {
            let place = |position: &usize| {
                let (line, column) = location(source, *position);
                json!({"line": line, "column": column})
            };
            map.insert("locations".into(), self.positions.iter().map(place).collect());
        }
        if !self.path.is_empty() {
            let step = |step: &Step| match step {
                Step::Key(key) => Value::from(key.as_str()),
                Step::Index(index) => Value::from(*index),
            };
            map.insert("path".into(), self.path.iter().map(step).collect());
        }
        Value::Object(map)
    }
}

/// Line and column, both from 1, of the character at a position.
fn location(source: &str, position: usize) -> (usize, usize) {
    let (mut line, mut column) = (1, 1);
    let mut before = None;
    for c in source.chars().take(position) {
        match c {
            // The second half of a line's end.
            '\n' if before == Some('\r') => {}
            '\n' | '\r' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        before = Some(c);
    }
    (line, column)
}
