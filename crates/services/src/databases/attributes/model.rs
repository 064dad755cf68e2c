//! Attributes as the API shows them.
use database::{Attribute, Kind, Status};
use serde_json::{Map, Value, json};

use crate::support::object;

/// Bytes of a row without attributes, as the original counts.
pub(crate) const EMPTY_ROW: u64 = 1_067;
/// Longest text the original keeps in the row itself.
const IN_ROW: u64 = 16_381;

/// Wire name of a type.
pub(crate) fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Varchar => "varchar",
        Kind::Text => "text",
        Kind::Mediumtext => "mediumtext",
        Kind::Longtext => "longtext",
        Kind::Integer => "integer",
        Kind::Bigint => "bigint",
        Kind::Double => "double",
        Kind::Boolean => "boolean",
        Kind::Datetime => "datetime",
        Kind::Relationship => "relationship",
        Kind::Point => "point",
        Kind::Linestring => "linestring",
        Kind::Polygon => "polygon",
        Kind::Json => "object",
    }
}

/// Wire name of a state.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Available => "available",
        Status::Processing => "processing",
        Status::Deleting => "deleting",
        Status::Stuck => "stuck",
        Status::Failed => "failed",
    }
}

/// Fields of every attribute model; shaping keeps those of the type.
pub(crate) fn view(a: &Attribute) -> Map<String, Value> {
    // Ranges and datetimes are kept with a format of their own that clients do not see.
    let format = match a.format.as_str() {
        "intRange" | "floatRange" | "datetime" => "",
        other => other,
    };
    object(json!({
        "key": a.key, "type": type_name(a.kind), "status": status_name(a.status), "error": a.error, "required": a.required, "array": a.array,
        "$createdAt": a.created_at.format(), "$updatedAt": a.updated_at.format(), "size": a.size, "default": a.default, "encrypt": a.encrypt,
        "format": format, "elements": a.elements, "min": a.min, "max": a.max,
    }))
}

/// Bytes an attribute takes of a row in the original's store; shown to clients as a figure of the collection.
pub(crate) fn width(a: &Attribute) -> u64 {
    if a.array {
        return 20;
    }
    match a.kind {
        Kind::String if a.size > IN_ROW => 20,
        Kind::String | Kind::Varchar => a.size * 4 + if a.size > 255 { 2 } else { 1 },
        Kind::Text | Kind::Mediumtext | Kind::Longtext | Kind::Linestring | Kind::Polygon | Kind::Json => 20,
        Kind::Integer if a.size < 8 => 4,
        Kind::Integer | Kind::Bigint | Kind::Double => 8,
        Kind::Boolean => 1,
        Kind::Datetime => 7,
        Kind::Point => 25,
        Kind::Relationship => 1_021,
    }
}
