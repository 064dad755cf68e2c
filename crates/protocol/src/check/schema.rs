//! The OpenAPI schema of a check.
use serde_json::{Map, Value, json};

use super::{Check, Shape, queries, value};

/// Ids and keys: no special character in front.
const KEY: &str = "^[a-zA-Z0-9][a-zA-Z0-9._-]*$";

impl Check {
    /// What the check demands in the words of JSON schema, as far as they go.
    #[must_use]
    pub fn schema(&self) -> Value {
        match self {
            Self::Uid | Self::CustomId => {
                json!({"type": "string", "maxLength": 36, "pattern": if matches!(self, Self::Uid) { KEY } else { "^(unique\\(\\)|[a-zA-Z0-9][a-zA-Z0-9._-]*)$" }})
            }
            Self::ProjectId => json!({"type": "string", "maxLength": 36, "pattern": "^(unique\\(\\)|[a-z0-9][a-z0-9-]*)$"}),
            Self::Key { max } => json!({"type": "string", "maxLength": max, "pattern": KEY}),
            Self::IndexedKey { max } => json!({"type": "string", "maxLength": max}),
            Self::Text { min, max } => text(*min, *max, None),
            Self::AlphaNumeric { max } => text(1, *max, Some("^[0-9A-Za-z]*$")),
            Self::Digits { min, max } => text(*min, *max, Some("^[0-9]*$")),
            Self::Email | Self::EmailOrEmpty => format("email"),
            Self::Phone | Self::PhoneOrEmpty => format("phone"),
            Self::Password | Self::NewPassword | Self::NewPasswordOrEmpty => json!({"type": "string", "format": "password", "minLength": 8, "maxLength": 256}),
            Self::Bool => json!({"type": "boolean"}),
            Self::Int { min, max } => json!({"type": "integer", "format": int_format(*min, *max), "minimum": min, "maximum": max}),
            Self::Int32 | Self::Int32Loose => json!({"type": "integer", "format": "int32"}),
            Self::Int64 => json!({"type": "integer", "format": "int64"}),
            Self::Float => json!({"type": "number", "format": "double"}),
            Self::Number => json!({"type": "number"}),
            Self::FloatRange { min, max } => json!({"type": "number", "format": "double", "minimum": min, "maximum": max}),
            Self::Datetime | Self::DatetimeFuture | Self::AttributeDatetime => format("date-time"),
            Self::Url | Self::UrlOrEmpty | Self::HttpUrl | Self::Redirect => format("uri"),
            Self::Ip => json!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
            Self::Hostname | Self::Domain | Self::DomainOrEmpty => format("hostname"),
            Self::HexColor => json!({"type": "string", "pattern": "^([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"}),
            Self::Enum(items) | Self::EnumLoose(items) => json!({"type": "string", "enum": items}),
            Self::List(inner, max) => list(inner.schema(), *max),
            Self::Nullable(inner) => nullable(inner.schema()),
            Self::JsonObject | Self::Prefs => json!({"type": "object"}),
            Self::Permissions { .. } => nullable(list(text(0, 0, None), value::MAX_PERMISSIONS)),
            Self::Queries(_) | Self::QueriesPaging | Self::QueryTexts => list(text(1, queries::MAX_TEXT, None), queries::MAX_COUNT),
            Self::Operation { tables } => operation(*tables),
            Self::Event => text(0, 0, None),
            Self::Spatial(shape) => spatial(*shape),
            Self::MockNumber => {
                json!({"type": "object", "required": ["phone", "otp"], "properties": {"phone": format("phone"), "otp": text(6, 6, Some("^[0-9]*$"))}})
            }
            Self::Any => json!({}),
        }
    }
}

fn text(min: usize, max: usize, pattern: Option<&str>) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), "string".into());
    if min > 0 {
        map.insert("minLength".into(), min.into());
    }
    if max > 0 {
        map.insert("maxLength".into(), max.into());
    }
    if let Some(pattern) = pattern {
        map.insert("pattern".into(), pattern.into());
    }
    Value::Object(map)
}

fn format(name: &str) -> Value {
    json!({"type": "string", "format": name})
}

fn int_format(min: i64, max: i64) -> &'static str {
    if i32::try_from(min).is_ok() && i32::try_from(max).is_ok() { "int32" } else { "int64" }
}

fn list(items: Value, max: usize) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), "array".into());
    map.insert("items".into(), items);
    if max > 0 {
        map.insert("maxItems".into(), max.into());
    }
    Value::Object(map)
}

fn nullable(mut schema: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert("nullable".into(), true.into());
    }
    schema
}

fn operation(tables: bool) -> Value {
    let (collection, document) = if tables { ("tableId", "rowId") } else { ("collectionId", "documentId") };
    json!({"type": "object", "required": ["databaseId", "action", collection], "properties": {
        "databaseId": {"type": "string"}, "action": {"type": "string", "enum": super::operation::ACTIONS}, collection: {"type": "string"},
        document: {"type": "string"}, "data": {"type": "object"}}})
}

fn spatial(shape: Shape) -> Value {
    let point = json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2});
    let line = json!({"type": "array", "items": point, "minItems": 2});
    match shape {
        Shape::Point => point,
        Shape::Line => line,
        Shape::Polygon => json!({"type": "array", "items": line, "minItems": 1}),
    }
}
