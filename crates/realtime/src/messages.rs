//! What clients say on an open socket, read and checked before anything is done.
use protocol::Check;
use serde_json::{Map, Value};

/// A message that was understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    Ping,
    /// The value of a session cookie.
    Authentication(String),
    Subscribe(Vec<SubscribeItem>),
    Unsubscribe(Vec<String>),
}

/// One element of a `subscribe` message.
#[derive(Debug, PartialEq)]
pub(crate) struct SubscribeItem {
    /// Made up when the client names none.
    pub(crate) id: Option<String>,
    pub(crate) channels: Vec<String>,
    pub(crate) queries: Vec<Value>,
}

/// Longest session value.
const MAX_SESSION: usize = 2048;
/// Most elements of one message.
const MAX_ITEMS: usize = 500;

/// Reads a message; the error is the text of error 1003.
pub(crate) fn parse(text: &str) -> Result<Message, String> {
    let message = match serde_json::from_str(text) {
        Ok(Value::Object(m)) if m.contains_key("type") || m.contains_key("data") => m,
        _ => return Err("Message format is not valid.".into()),
    };
    let data = message.get("data").filter(|d| !d.is_null());
    match message.get("type").and_then(Value::as_str) {
        Some("ping") => Ok(Message::Ping),
        Some("authentication") => authentication(data),
        Some("subscribe") => items(data)?.iter().map(subscribe_item).collect::<Result<_, _>>().map(Message::Subscribe),
        Some("unsubscribe") => items(data)?.iter().map(unsubscribe_item).collect::<Result<_, _>>().map(Message::Unsubscribe),
        _ => Err("Message type is not valid.".into()),
    }
}

fn authentication(data: Option<&Value>) -> Result<Message, String> {
    match data.and_then(|d| d.get("session")) {
        None => Err("Payload is not valid. Session is required".into()),
        Some(Value::String(s)) if !s.is_empty() && s.chars().count() <= MAX_SESSION => Ok(Message::Authentication(s.clone())),
        Some(_) => Err(format!("session: Value must be a valid string and at least 1 chars and no longer than {MAX_SESSION} chars")),
    }
}

fn items(data: Option<&Value>) -> Result<&Vec<Value>, String> {
    match data {
        None => Err("Payload is not valid. Items is required".into()),
        Some(Value::Array(list)) if list.len() <= MAX_ITEMS => Ok(list),
        Some(_) => Err("items: Payload is not valid.".into()),
    }
}

fn subscribe_item(item: &Value) -> Result<SubscribeItem, String> {
    let object: &Map<String, Value> = item.as_object().ok_or("items: Each subscribe payload must be an object.")?;
    let id = match object.get("subscriptionId") {
        None => None,
        Some(Value::String(s)) if Check::CustomId.apply(Value::String(s.clone())).is_ok() => Some(s.clone()),
        Some(_) => return Err("items: subscriptionId is not a valid id.".into()),
    };
    let channels = object.get("channels").ok_or("items: channels is not present in payload.")?;
    let channels = channels.as_array().ok_or("items: channels is not a valid array.")?;
    let channels = channels.iter().map(|c| c.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or("items: channels must contain only strings.")?;
    let queries = match object.get("queries") {
        None => Vec::new(),
        Some(Value::Array(list)) => list.clone(),
        Some(_) => return Err("items: queries is not a valid array.".into()),
    };
    Ok(SubscribeItem { id, channels, queries })
}

fn unsubscribe_item(item: &Value) -> Result<String, String> {
    match item.get("subscriptionId") {
        Some(Value::String(s)) if !s.is_empty() => Ok(s.clone()),
        _ => Err("items: Each unsubscribe payload must include a non-empty subscriptionId.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(message: &Value) -> String {
        parse(&message.to_string()).unwrap_err()
    }

    #[test]
    fn broken_messages() {
        for text in ["{bad", "5", "null", "[]", "{}", "\"ping\"", &"[".repeat(100_000)] {
            assert_eq!(parse(text), Err("Message format is not valid.".into()), "{text:.20}");
        }
        assert_eq!(error(&json!({"type": "fly", "data": {}})), "Message type is not valid.");
        assert_eq!(error(&json!({"data": {}})), "Message type is not valid.");
        assert_eq!(error(&json!({"type": {"a": 1}})), "Message type is not valid.");
        assert_eq!(error(&json!({"type": "authentication", "data": {}})), "Payload is not valid. Session is required");
        assert_eq!(error(&json!({"type": "subscribe"})), "Payload is not valid. Items is required");
        assert_eq!(error(&json!({"type": "subscribe", "data": [{"subscriptionId": "x"}]})), "items: channels is not present in payload.");
        assert_eq!(error(&json!({"type": "subscribe", "data": [{"channels": [1]}]})), "items: channels must contain only strings.");
        assert_eq!(
            error(&json!({"type": "unsubscribe", "data": [{"subscriptionId": ""}]})),
            "items: Each unsubscribe payload must include a non-empty subscriptionId."
        );
    }

    #[test]
    fn good_messages() {
        assert_eq!(parse(r#"{"type":"ping"}"#), Ok(Message::Ping));
        assert_eq!(parse(r#"{"type":"subscribe","data":[]}"#), Ok(Message::Subscribe(Vec::new())));
        let item = SubscribeItem { id: None, channels: vec!["files".into()], queries: Vec::new() };
        assert_eq!(parse(r#"{"type":"subscribe","data":[{"channels":["files"]}]}"#), Ok(Message::Subscribe(vec![item])));
        assert_eq!(parse(r#"{"type":"unsubscribe","data":[{"subscriptionId":"s"}]}"#), Ok(Message::Unsubscribe(vec!["s".into()])));
    }
}
