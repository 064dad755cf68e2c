//! Points, lines and polygons: lists of coordinates, or the same as well-known text.
use protocol::check::{Check, Shape, numeric};
use serde_json::{Number, Value};

use crate::Kind;
use crate::spatial::Geometry;

/// Most coordinates read from a text.
const MAX_POINTS: usize = 100_000;

/// Lists of numbers, polygons always as lists of rings.
pub(super) fn stored(kind: Kind, value: Value) -> Result<Value, String> {
    let (shape, name) = match kind {
        Kind::Point => (Shape::Point, "point"),
        Kind::Linestring => (Shape::Line, "linestring"),
        _ => (Shape::Polygon, "polygon"),
    };
    let wanted = |why: &str| format!("Value must be a valid {name}: {why}");
    let value = match &value {
        Value::String(text) => from_text(name, text).ok_or_else(|| wanted(""))?,
        _ => value,
    };
    let value = Check::Spatial(shape).apply(value).map_err(|why| wanted(&why))?;
    let value = match value {
        Value::Array(items) if shape == Shape::Polygon && is_ring(&items) => Value::Array(vec![Value::Array(items)]),
        value => value,
    };
    // What comes back is what is stored: numbers, whole ones without a fraction.
    Geometry::read(&value).map(|g| g.to_value()).map_err(|why| wanted(&why))
}

/// One ring standing for the list of rings.
fn is_ring(items: &[Value]) -> bool {
    items.first().and_then(Value::as_array).and_then(|p| p.first()).is_some_and(|x| !x.is_array())
}

/// `POINT(1 2)`, `LINESTRING(0 0, 1 1)`, `POLYGON((0 0, 0 1, 1 1, 0 0), …)`, the word being that of the wanted kind.
fn from_text(name: &str, text: &str) -> Option<Value> {
    let text = text.trim_ascii();
    let (word, rest) = text.split_once('(')?;
    if !word.trim_ascii().eq_ignore_ascii_case(name) {
        return None;
    }
    let inner = rest.strip_suffix(')')?;
    match name {
        "point" => pair(inner),
        "linestring" => points(inner),
        _ => {
            let mut rings = Vec::new();
            for ring in inner.trim_ascii().strip_suffix(')')?.split(')') {
                let ring = ring.trim_ascii();
                let ring = if rings.is_empty() { ring } else { ring.strip_prefix(',')?.trim_ascii_start() };
                rings.push(points(ring.strip_prefix('(')?)?);
            }
            Some(Value::Array(rings))
        }
    }
}

fn points(text: &str) -> Option<Value> {
    let pairs = text.split(',').take(MAX_POINTS + 1).map(pair).collect::<Option<Vec<_>>>()?;
    (pairs.len() <= MAX_POINTS).then_some(Value::Array(pairs))
}

fn pair(text: &str) -> Option<Value> {
    let mut parts = text.split_ascii_whitespace();
    let number = |s: &str| -> Option<Number> { numeric(s) };
    let (x, y) = (number(parts.next()?)?, number(parts.next()?)?);
    parts.next().is_none().then(|| Value::Array(vec![Value::Number(x), Value::Number(y)]))
}
