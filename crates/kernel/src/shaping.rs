//! From a handler's reply to what is sent: model shaping, response format, JSON.
use bytes::Bytes;
use protocol::format::Format;
use protocol::models;
use serde_json::{Map, Value};

use crate::reply::{Body, RawReply, Reply};

const JSON: &str = "application/json; charset=UTF-8";
/// What the reference's HTTP server sends when a reply has no content type; old SDKs read the header of 204s too.
const NO_TYPE: &str = "text/html";

/// Shapes a model by its declaration and blanks sensitive fields for those who may not see them.
#[must_use]
pub(crate) fn model(name: &str, map: Map<String, Value>, sensitive: bool) -> Map<String, Value> {
    models::shape(name, map, sensitive)
}

/// The complete reply body with its content type.
#[must_use]
pub(crate) fn render(reply: Reply, status: u16, format: &Format, sensitive: bool, selection: Option<&[String]>) -> RawReply {
    match reply {
        Reply::Raw(raw) => raw,
        Reply::Empty => RawReply { status, headers: vec![("content-type".into(), NO_TYPE.into())], body: Body::Empty },
        Reply::Bytes(kind, bytes) => RawReply { status, headers: vec![("content-type".into(), kind.into())], body: Body::Bytes(bytes) },
        Reply::Written(text) => text_of(status, text),
        Reply::Model(name, map) => {
            let mut map = model(name, map, sensitive);
            format.response(name, &mut map);
            json(status, &Value::Object(map))
        }
        Reply::List { model: list, key, item, items, total } => {
            let items = items
                .into_iter()
                .map(|m| {
                    let mut m = model(item, m, sensitive);
                    format.response(item, &mut m);
                    if let Some(keys) = selection {
                        m.retain(|k, _| k.starts_with('$') || keys.contains(k));
                    }
                    Value::Object(m)
                })
                .collect();
            let mut map = Map::new();
            map.insert("total".into(), total.into());
            map.insert(key.to_owned(), Value::Array(items));
            format.response(list, &mut map);
            json(status, &Value::Object(map))
        }
    }
}

/// A JSON reply.
#[must_use]
pub(crate) fn json(status: u16, value: &Value) -> RawReply {
    let mut out = Vec::with_capacity(512);
    models::write_json(value, &mut out);
    text_of(status, Bytes::from(out))
}

fn text_of(status: u16, text: Bytes) -> RawReply {
    RawReply { status, headers: vec![("content-type".into(), JSON.into())], body: Body::Bytes(text) }
}
