//! Points, lines and polygons as nested lists of coordinates.
use serde_json::Value;

use super::numbers::numeric;

/// What a spatial value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `[x, y]`.
    Point,
    /// Two or more points.
    Line,
    /// Closed rings of four or more points; one ring may stand without the outer list.
    Polygon,
}

/// Longitude first. Text in WKT form is let through for the handler to read.
pub(super) fn check(value: &Value, shape: Shape) -> Result<(), String> {
    let items = match value {
        Value::Null => return Ok(()),
        Value::String(s) => return if is_wkt(s) { Ok(()) } else { Err(String::new()) },
        Value::Array(items) => items,
        _ => return Err("Spatial value must be array or WKT string".into()),
    };
    match shape {
        Shape::Point => point(items),
        Shape::Line => line(items),
        Shape::Polygon => polygon(items),
    }
}

fn is_wkt(text: &str) -> bool {
    let upper = text.trim_ascii().to_ascii_uppercase();
    ["POINT", "LINESTRING", "POLYGON"].iter().any(|w| upper.strip_prefix(w).is_some_and(|rest| rest.trim_ascii_start().starts_with('(')))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => numeric(s)?.as_f64(),
        _ => None,
    }
}

fn pair(value: &Value) -> Option<&[Value; 2]> {
    value.as_array()?.as_slice().try_into().ok()
}

fn coordinate(x: f64, y: f64) -> Result<(), String> {
    if !(-180.0..=180.0).contains(&x) {
        return Err(format!("Longitude (x) must be between -180 and 180, got {x}"));
    }
    if !(-90.0..=90.0).contains(&y) {
        return Err(format!("Latitude (y) must be between -90 and 90, got {y}"));
    }
    Ok(())
}

fn point(items: &[Value]) -> Result<(), String> {
    let [x, y] = items else { return Err("Point must be an array of two numeric values [x, y]".into()) };
    let (Some(x), Some(y)) = (number(x), number(y)) else { return Err("Point coordinates must be numeric values".into()) };
    coordinate(x, y)
}

fn line(items: &[Value]) -> Result<(), String> {
    if items.len() < 2 {
        return Err("LineString must contain at least two points".into());
    }
    for (i, item) in items.iter().enumerate() {
        let Some([x, y]) = pair(item) else { return Err("Each point in LineString must be an array of two values [x, y]".into()) };
        let (Some(x), Some(y)) = (number(x), number(y)) else { return Err("Each point in LineString must have numeric coordinates".into()) };
        coordinate(x, y).map_err(|why| format!("Invalid coordinates at point #{i}: {why}"))?;
    }
    Ok(())
}

fn polygon(items: &[Value]) -> Result<(), String> {
    if items.is_empty() {
        return Err("Polygon must contain at least one ring".into());
    }
    let bare = items.first().and_then(pair).is_some_and(|[x, y]| number(x).is_some() && number(y).is_some());
    if bare {
        return ring(0, items);
    }
    for (i, item) in items.iter().enumerate() {
        match item.as_array() {
            Some(points) if !points.is_empty() => ring(i, points)?,
            _ => return Err(format!("Ring #{i} must be an array of points")),
        }
    }
    Ok(())
}

fn ring(r: usize, points: &[Value]) -> Result<(), String> {
    if points.len() < 4 {
        return Err(format!("Ring #{r} must contain at least 4 points to form a closed polygon"));
    }
    for (p, item) in points.iter().enumerate() {
        let Some([x, y]) = pair(item) else { return Err(format!("Point #{p} in ring #{r} must be an array of two values [x, y]")) };
        let (Some(x), Some(y)) = (number(x), number(y)) else { return Err(format!("Coordinates of point #{p} in ring #{r} must be numeric")) };
        coordinate(x, y).map_err(|why| format!("Invalid coordinates at point #{p} in ring #{r}: {why}"))?;
    }
    if points.first() != points.last() {
        return Err(format!("Ring #{r} must be closed (first point must equal last point)"));
    }
    Ok(())
}
