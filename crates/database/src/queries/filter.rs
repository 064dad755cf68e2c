//! Whether a filter fits its attribute: that it exists, how many values, of which type, whether the method makes sense.
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::Value;

use super::{not_found, top};
use crate::spatial::Condition;
use crate::structure::{is_wide, value_date};
use crate::{Attribute, Collection, Kind};

/// Most values of one query of an app, and of the server's own.
const MAX_VALUES: usize = 500;
const MAX_OWN_VALUES: usize = 5_000;
/// Longest id a relationship is compared with.
const MAX_RELATED: usize = 255;

/// What a filter is about.
enum Field<'a> {
    Sequence,
    Id,
    Time,
    Of(&'a Attribute),
}

/// The children of a logical query have been looked at before.
pub(super) fn check(collection: &Collection, q: &Query) -> Result<(), String> {
    use Method as M;
    match q.method {
        M::And | M::Or => return logical(q),
        M::ElemMatch => return Err("elemMatch is not supported by the database".to_owned()),
        M::Equal | M::Contains | M::ContainsAny | M::NotContains | M::ContainsAll | M::Exists | M::NotExists if is_empty(&q.values) => {
            return Err(format!("{} queries require at least one value.", sentence(q.method)));
        }
        M::NotEqual
        | M::LessThan
        | M::LessThanEqual
        | M::GreaterThan
        | M::GreaterThanEqual
        | M::Search
        | M::NotSearch
        | M::StartsWith
        | M::NotStartsWith
        | M::EndsWith
        | M::NotEndsWith
            if q.values.len() != 1 =>
        {
            return Err(format!("{} queries require exactly one value.", sentence(q.method)));
        }
        M::Between | M::NotBetween if q.values.len() != 2 => return Err(format!("{} queries require exactly two values.", sentence(q.method))),
        m if m.is_distance() && !matches!(q.values.as_slice(), [Value::Array(v)] if v.len() == 3) => {
            return Err("Distance query requires [[geometry, distance]] parameters".to_owned());
        }
        m if m.is_spatial() && is_empty(&q.values) => return Err(format!("{} queries require at least one value.", sentence(q.method))),
        _ => {}
    }
    attribute(collection, q)
}

fn logical(q: &Query) -> Result<(), String> {
    if q.nested.iter().any(|n| !n.is_filter()) {
        return Err(format!("{} queries can only contain filter queries", sentence(q.method)));
    }
    if q.nested.len() < 2 {
        return Err(format!("{} queries require at least two queries", sentence(q.method)));
    }
    Ok(())
}

/// The method's name as the first word of a sentence.
fn sentence(method: Method) -> String {
    let mut chars = method.as_str().chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn is_empty(values: &[Value]) -> bool {
    match values.first() {
        None => true,
        Some(Value::Array(v)) => v.is_empty(),
        Some(_) => false,
    }
}

fn attribute(collection: &Collection, q: &Query) -> Result<(), String> {
    let key = q.attribute.as_str();
    let field = match key {
        "$id" => Field::Id,
        "$sequence" => Field::Sequence,
        "$createdAt" | "$updatedAt" => Field::Time,
        _ => match collection.live_attribute(key).or_else(|| collection.live_attribute(top(key))) {
            Some(a) if a.encrypt && a.key == key => return Err(format!("Cannot query encrypted attribute: {key}")),
            Some(a) => Field::Of(a),
            None => return Err(not_found(top(key))),
        },
    };
    if matches!(q.method, Method::Exists | Method::NotExists) {
        return Ok(());
    }
    let own = match field {
        // What comes after the dot is for the related collection to judge.
        Field::Of(a) if a.kind == Kind::Relationship && a.key != key => return Ok(()),
        Field::Of(a) => a.key.as_str(),
        _ => key,
    };
    let most = if collection.is_app_data() { MAX_VALUES } else { MAX_OWN_VALUES };
    if q.values.len() > most {
        return Err(format!("Query on attribute has greater than {most} values: {own}"));
    }
    let spatial = matches!(field, Field::Of(a) if a.kind.is_spatial());
    if q.method.is_spatial() && !spatial {
        return Err(format!("Spatial query \"{}\" cannot be applied on non-spatial attribute: {own}", q.method));
    }
    if let Some(_wrong) = q.values.iter().find(|v| !fits(&field, v)) {
        return Err(if spatial { "Spatial data must be an array".to_owned() } else { format!("Query value is invalid for attribute \"{own}\"") });
    }
    match field {
        Field::Of(a) => sensible(a, q.method),
        _ => contains_needs(own, q.method),
    }
}

/// What a query on a spatial attribute compares with must be a geometry.
pub(super) fn geometry(collection: &Collection, q: &Query) -> Result<(), String> {
    match collection.live_attribute(&q.attribute).filter(|a| a.kind.is_spatial()) {
        Some(a) => Condition::new(a.kind, q).map(drop),
        None => Ok(()),
    }
}

/// Whether a value is of the attribute's type.
fn fits(field: &Field<'_>, value: &Value) -> bool {
    let a = match field {
        Field::Id => return value.is_string(),
        Field::Sequence => return is_sequence(value),
        Field::Time => return is_date(value),
        Field::Of(a) => a,
    };
    match a.kind {
        Kind::String | Kind::Varchar | Kind::Text | Kind::Mediumtext | Kind::Longtext => value.is_string(),
        Kind::Integer => value.as_i64().is_some_and(|n| is_wide(a) || i32::try_from(n).is_ok()),
        Kind::Bigint => value.as_i64().is_some() || value.as_str().is_some_and(|s| !s.starts_with('+') && s.parse::<i64>().is_ok()),
        Kind::Double => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Datetime => is_date(value),
        Kind::Relationship => value.as_str().is_some_and(|s| s.chars().take(MAX_RELATED + 1).count() <= MAX_RELATED),
        Kind::Point | Kind::Linestring | Kind::Polygon => value.is_array(),
        Kind::Json => true,
    }
}

fn is_date(value: &Value) -> bool {
    // Words such as `yesterday` have no meaning without a present; filters do not take them.
    value.as_str().is_some_and(|s| Timestamp::parse(s).is_some_and(value_date))
}

fn is_sequence(value: &Value) -> bool {
    let number = value.as_i64().or_else(|| value.as_str().and_then(|s| s.parse().ok()));
    number.is_some_and(|n| n > 0)
}

/// Whether the method can be applied to the attribute.
fn sensible(a: &Attribute, method: Method) -> Result<(), String> {
    if a.kind == Kind::Relationship && is_virtual(a) {
        return Err("Cannot query on virtual relationship attribute".to_owned());
    }
    if !a.array && !a.kind.is_text() && !a.kind.is_spatial() && a.kind != Kind::Json {
        return contains_needs(&a.key, method);
    }
    if a.array && !is_containment(method) && !matches!(method, Method::IsNull | Method::IsNotNull) {
        return Err(format!("Cannot query {method} on attribute \"{}\" because it is an array.", a.key));
    }
    Ok(())
}

fn is_containment(method: Method) -> bool {
    matches!(method, Method::Contains | Method::ContainsAny | Method::ContainsAll | Method::NotContains)
}

/// For attributes nothing can be contained in.
fn contains_needs(key: &str, method: Method) -> Result<(), String> {
    if !is_containment(method) || key == "$id" {
        return Ok(());
    }
    let name = if method == Method::NotContains { "notContains" } else { "contains" };
    Err(format!("Cannot query {name} on attribute \"{key}\" because it is not an array, string, or object."))
}

/// Whether the other side of a relationship stores the ids.
fn is_virtual(a: &Attribute) -> bool {
    let option = |key: &str| a.options.get(key);
    let text = |key: &str| option(key).and_then(Value::as_str).unwrap_or_default();
    match (text("relationType"), text("side")) {
        ("oneToOne", "child") => !option("twoWay").and_then(Value::as_bool).unwrap_or(false),
        ("oneToMany", "parent") | ("manyToOne", "child") | ("manyToMany", _) => true,
        _ => false,
    }
}
