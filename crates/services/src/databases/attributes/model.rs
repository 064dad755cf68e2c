//! Attributes as the API shows them.
use database::{Attribute, Kind, Relation, Status};
use serde_json::{Map, Value, json};

use crate::support::object;

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
    let mut map = object(json!({
        "key": a.key, "type": type_name(a.kind), "status": status_name(a.status), "error": a.error, "required": a.required, "array": a.array,
        "$createdAt": a.created_at.format(), "$updatedAt": a.updated_at.format(), "size": a.size, "default": a.default, "encrypt": a.encrypt,
        "format": format, "elements": a.elements, "min": a.min, "max": a.max,
    }));
    if let Some(relation) = Relation::of(a) {
        map.extend(object(json!({
            "relatedCollection": relation.related, "relationType": relation.kind.name(), "twoWay": relation.two_way,
            "twoWayKey": relation.two_way_key, "onDelete": relation.on_delete.name(), "side": if relation.is_parent { "parent" } else { "child" },
        })));
    }
    map
}

/// An attribute among others: there, of the texts only strings say that they are not encrypted.
pub(crate) fn listed(a: &Attribute) -> Map<String, Value> {
    let mut map = view(a);
    if a.kind.is_text() && a.kind != Kind::String && !a.encrypt {
        map.insert("encrypt".into(), Value::Null);
    }
    map
}
