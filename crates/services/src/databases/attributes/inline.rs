//! Attributes and indexes given with a new collection: objects that must be checked as a whole before anything is made.
use database::{Attribute, Index, Kind, Order, Status};
use kernel::{Error, Result};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, Timestamp};
use serde_json::{Map, Value};

use super::wanted::{Wanted, check_new};

/// Longest string, characters.
const STRING_MAX: u64 = 1_073_741_824;

fn bad(message: impl Into<String>) -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, message.into())
}

/// An object, also one given as JSON text.
fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "string" => Kind::String,
        "varchar" => Kind::Varchar,
        "text" => Kind::Text,
        "mediumtext" => Kind::Mediumtext,
        "longtext" => Kind::Longtext,
        "integer" => Kind::Integer,
        "bigint" => Kind::Bigint,
        "double" | "float" => Kind::Double,
        "boolean" => Kind::Boolean,
        "datetime" => Kind::Datetime,
        "point" => Kind::Point,
        "linestring" => Kind::Linestring,
        "polygon" => Kind::Polygon,
        _ => return None,
    })
}

/// The attributes of a new collection, in order.
pub(in crate::databases) fn attributes(given: &[Value], now: Timestamp) -> Result<Vec<Attribute>> {
    let mut made: Vec<Attribute> = Vec::with_capacity(given.len());
    for (at, value) in given.iter().enumerate() {
        let map = object(value).ok_or_else(|| bad(format!("Attribute at index {at} must be an object")))?;
        let attribute = attribute(at, &map, now)?;
        if made.iter().any(|a| a.key == attribute.key) {
            return Err(bad(format!("Duplicate attribute key: {}", attribute.key)));
        }
        made.push(attribute);
    }
    Ok(made)
}

fn attribute(at: usize, map: &Map<String, Value>, now: Timestamp) -> Result<Attribute> {
    let text = |name: &str| map.get(name).and_then(Value::as_str);
    let key = text("key").ok_or_else(|| bad(format!("Attribute at index {at} is missing required field 'key'")))?;
    let type_name = text("type").ok_or_else(|| bad(format!("Attribute at index {at} is missing required field 'type'")))?;
    Check::Key { max: 36 }.apply(key.into()).map_err(|why| bad(format!("Invalid key for attribute at index {at}: {why}")))?;
    if type_name == "relationship" {
        return Err(bad("Relationship attributes cannot be created inline. Use the create relationship endpoint instead."));
    }
    let kind = kind(type_name).ok_or_else(|| bad(format!("Invalid type for attribute '{key}': {type_name}")))?;
    let size = size(key, kind, map)?;
    let format = format(key, kind, text("format").unwrap_or(""))?;
    let flag = |name: &str| match map.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(b)) => Ok(*b),
        Some(_) => Err(bad(format!("Invalid '{name}' value for attribute '{key}': must be a boolean"))),
    };
    let (required, array, encrypt) = (flag("required")?, flag("array")?, flag("encrypt")?);
    let default = map.get("default").cloned().unwrap_or_default();
    if !default.is_null() && required {
        return Err(bad(format!("Attribute '{key}' cannot have a default value when required is true")));
    }
    if !default.is_null() && array {
        return Err(bad(format!("Attribute '{key}' cannot have a default value when array is true")));
    }
    let elements: Vec<String> = map.get("elements").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if format == "enum" && elements.is_empty() {
        return Err(bad(format!("Enum elements are required for attribute '{key}'")));
    }
    let wanted = Wanted { size, format, elements, encrypt, ..Wanted::new(kind, key.to_owned(), required, default, array) };
    let wanted = bounds(key, wanted, map)?;
    check_default(&wanted, now)?;
    Ok(wanted.build(now))
}

fn size(key: &str, kind: Kind, map: &Map<String, Value>) -> Result<u64> {
    let given = map.get("size").and_then(Value::as_u64);
    match (kind, given) {
        (Kind::String, Some(n)) if (1..=STRING_MAX).contains(&n) => Ok(n),
        (Kind::String, _) if map.get("format").and_then(Value::as_str).is_some_and(|f| !f.is_empty()) => Ok(255),
        (Kind::String, _) => Err(bad(format!("Invalid or missing size for string attribute '{key}'. Size must be between 1 and {STRING_MAX}"))),
        (Kind::Varchar, Some(n)) if (1..=16_381).contains(&n) => Ok(n),
        (Kind::Varchar, _) => Err(bad(format!("Invalid or missing size for varchar attribute '{key}'. Size must be between 1 and 16381"))),
        (Kind::Text, _) => Ok(65_535),
        (Kind::Mediumtext, _) => Ok(16_777_215),
        (Kind::Longtext, _) => Ok(4_294_967_295),
        _ => Ok(0),
    }
}

fn format(key: &str, kind: Kind, name: &str) -> Result<&'static str> {
    if name.is_empty() {
        return Ok("");
    }
    if kind != Kind::String {
        return Err(bad(format!("Format is only allowed for string type for attribute '{key}'")));
    }
    ["email", "enum", "ip", "url"].into_iter().find(|f| *f == name).ok_or_else(|| bad(format!("Invalid format for attribute '{key}': {name}")))
}

fn bounds(key: &str, wanted: Wanted, map: &Map<String, Value>) -> Result<Wanted> {
    let (min, max) = (map.get("min").filter(|v| !v.is_null()), map.get("max").filter(|v| !v.is_null()));
    let numeric = matches!(wanted.kind, Kind::Integer | Kind::Bigint | Kind::Double);
    if (min.is_some() || max.is_some()) && !numeric {
        return Err(bad(format!("Attribute '{key}': min/max can only be used with integer, bigint or float types")));
    }
    if let (Some(min), Some(max)) = (min.and_then(Value::as_f64), max.and_then(Value::as_f64))
        && min > max
    {
        return Err(bad(format!("Attribute '{key}': minimum value must be less than or equal to maximum value")));
    }
    // Bounds that are not given stay unsaid here, and the integer is a narrow one, unlike in the routes of the types.
    if min.is_none() && max.is_none() {
        let size = match wanted.kind {
            Kind::Integer => 4,
            Kind::Bigint => 8,
            _ => wanted.size,
        };
        return Ok(Wanted { size, ..wanted });
    }
    Ok(match wanted.kind {
        Kind::Integer | Kind::Bigint => wanted.between_ints(min.and_then(Value::as_i64), max.and_then(Value::as_i64)),
        Kind::Double => wanted.between_floats(min.and_then(Value::as_f64), max.and_then(Value::as_f64)),
        _ => wanted,
    })
}

fn check_default(wanted: &Wanted, now: Timestamp) -> Result<()> {
    let (key, default) = (&wanted.key, &wanted.default);
    if default.is_null() {
        return Ok(());
    }
    let fails = |check: Check| check.apply(default.clone()).is_err();
    let wrong = match (wanted.kind, wanted.format) {
        (Kind::String, "email") if fails(Check::Email) => "email attribute '{}' must be a valid email address",
        (Kind::String, "ip") if fails(Check::Ip) => "IP attribute '{}' must be a valid IP address",
        (Kind::String, "url") if fails(Check::Url) => "URL attribute '{}' must be a valid URL",
        (Kind::String | Kind::Varchar | Kind::Text | Kind::Mediumtext | Kind::Longtext, _) if !default.is_string() => "string attribute '{}' must be a string",
        (Kind::Integer, _) if default.as_i64().is_none() => "integer attribute '{}' must be an integer",
        (Kind::Bigint, _) if default.as_i64().is_none() => "bigint attribute '{}' must be an integer",
        (Kind::Double, _) if !default.is_number() => "float attribute '{}' must be a number",
        (Kind::Boolean, _) if !default.is_boolean() => "boolean attribute '{}' must be a boolean",
        (Kind::Datetime, _) if fails(Check::AttributeDatetime) => "datetime attribute '{}' must be in valid ISO 8601 format",
        _ => {
            let possible = check_new(&wanted.clone().build(now), Vocab::Collections);
            return possible.map_err(|e| bad(format!("Default value for attribute '{key}': {}", e.0.message)));
        }
    };
    Err(bad(format!("Default value for {}", wrong.replace("{}", key))))
}

/// The indexes of a new collection, over its attributes.
pub(in crate::databases) fn indexes(given: &[Value], attributes: &[Attribute], now: Timestamp) -> Result<Vec<Index>> {
    let mut made: Vec<Index> = Vec::with_capacity(given.len());
    for (at, value) in given.iter().enumerate() {
        let map = object(value).ok_or_else(|| bad(format!("Index at index {at} must be an object")))?;
        let index = index(at, &map, attributes, now)?;
        if made.iter().any(|i| i.key == index.key) {
            return Err(bad(format!("Duplicate index key: {}", index.key)));
        }
        made.push(index);
    }
    Ok(made)
}

fn index(at: usize, map: &Map<String, Value>, attributes: &[Attribute], now: Timestamp) -> Result<Index> {
    let missing = |field: &str| bad(format!("Index at index {at} is missing required field '{field}'"));
    let key = map.get("key").and_then(Value::as_str).ok_or_else(|| missing("key"))?;
    Check::Key { max: 36 }.apply(key.into()).map_err(|why| bad(format!("Invalid key for index at index {at}: {why}")))?;
    let type_name = map.get("type").and_then(Value::as_str).ok_or_else(|| missing("type"))?;
    let kind = crate::databases::indexes::kind(type_name).ok_or_else(|| bad(format!("Invalid type for index '{key}': {type_name}")))?;
    let names = map.get("attributes").or_else(|| map.get("columns")).and_then(Value::as_array).ok_or_else(|| missing("attributes"))?;
    let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.is_empty() {
        return Err(bad(format!("Index '{key}' must have at least one attribute")));
    }
    if let Some(unknown) = names.iter().find(|n| !n.starts_with('$') && !attributes.iter().any(|a| a.key == **n)) {
        return Err(crate::databases::words::named(ErrorKind::AttributeUnknown, unknown));
    }
    let orders = map.get("orders").and_then(Value::as_array).into_iter().flatten().map(|o| o.as_str().and_then(order)).collect();
    let lengths = map.get("lengths").and_then(Value::as_array).into_iter().flatten().map(Value::as_i64).collect();
    Ok(Index {
        id: 0,
        key: key.to_owned(),
        kind,
        attributes: names,
        orders,
        lengths,
        status: Status::Available,
        error: String::new(),
        created_at: now,
        updated_at: now,
    })
}

/// `ASC` or `DESC` in any case.
pub(in crate::databases) fn order(name: &str) -> Option<Order> {
    match name.to_ascii_lowercase().as_str() {
        "asc" => Some(Order::Asc),
        "desc" => Some(Order::Desc),
        _ => None,
    }
}
