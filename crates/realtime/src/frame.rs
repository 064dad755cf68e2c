//! What is sent to a socket.
use std::sync::Arc;

use serde_json::{Value, json};

/// Close code: done.
pub const NORMAL: u16 = 1000;
/// Close and error code: not allowed. Clients do not come back by themselves.
pub const POLICY: u16 = 1008;
/// Error code: a message is not understood.
pub(crate) const BAD_MESSAGE: u16 = 1003;
/// Error code: too many connections or messages.
pub(crate) const TOO_MANY: u16 = 1013;
/// Close code: the server is going away. Clients come back.
pub(crate) const GOING_AWAY: u16 = 1001;

/// Numbers and texts as the API's answers print them.
fn print(value: &Value) -> String {
    let mut out = Vec::with_capacity(512);
    protocol::models::write_json(value, &mut out);
    String::from_utf8(out).unwrap_or_else(|_| value.to_string())
}

/// One thing to send.
#[derive(Clone, Debug)]
pub enum Frame {
    /// A ready text.
    Text(String),
    /// An event: the part all receivers share, and the ids of the receiver's subscriptions as a JSON list.
    Event(Arc<str>, String),
    /// Close the socket with this code.
    Close(u16),
}

impl Frame {
    /// The text to send; `None` for [`Frame::Close`].
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(t) => Some(t),
            Self::Event(shared, own) => Some([&*shared, own.as_str(), "}}"].concat()),
            Self::Close(_) => None,
        }
    }

    fn json(value: &Value) -> Self {
        Self::Text(print(value))
    }

    pub(crate) fn connected(channels: &[String], subscriptions: Value, user: Value) -> Self {
        Self::json(&json!({"type": "connected", "data": {"channels": channels, "subscriptions": subscriptions, "user": user}}))
    }

    pub(crate) fn pong() -> Self {
        Self::json(&json!({"type": "pong"}))
    }

    pub(crate) fn response(data: Value) -> Self {
        Self::json(&json!({"type": "response", "data": data}))
    }

    pub(crate) fn error(code: u16, message: &str) -> Self {
        Self::json(&json!({"type": "error", "data": {"code": code, "message": message}}))
    }

    /// The shared part of an event's frame: everything up to the list of subscriptions.
    pub(crate) fn event_head(events: &[String], channels: &[String], timestamp: &str, payload: &Value) -> Arc<str> {
        let text = json!({"type": "event", "data": {"events": events, "channels": channels, "timestamp": timestamp, "payload": payload}});
        let mut text = print(&text);
        text.truncate(text.len().saturating_sub(2)); // the two closing braces come back behind the subscriptions
        text.push_str(",\"subscriptions\":");
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_put_together_from_two_parts() {
        let head = Frame::event_head(&["a.b".into()], &["documents".into()], "t", &json!({"x": {"y": 1}}));
        let text = Frame::Event(head, "[\"s1\"]".into()).into_text().unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({"type": "event", "data": {"events": ["a.b"], "channels": ["documents"], "timestamp": "t", "payload": {"x": {"y": 1}}, "subscriptions": ["s1"]}})
        );
    }
}
