//! Points, lines and polygons: how they are stored, how they lie to each other, and where to look for them.
//!
//! Coordinates are longitude and latitude in degrees, in this order. All relations are those of the plane, as the reference
//! has them; only distances in metres are measured on the globe.
mod cells;
mod condition;
mod relation;
#[cfg(test)]
mod tests;

pub(crate) use cells::{Area, Cover, cells_of, is_inside};
pub(crate) use condition::Condition;

use geo::{BoundingRect, Coord, LineString, Point, Polygon};
use protocol::check::numeric;
use serde_json::Value;

use crate::Kind;

const POINT: u8 = 1;
const LINE: u8 = 2;
const POLYGON: u8 = 3;

/// A value of a spatial attribute or of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Geometry {
    Point(Point),
    Line(LineString),
    Polygon(Polygon),
}

impl Geometry {
    /// From lists of numbers as structure checks leave them, and as queries have them: a pair, a list of pairs, a list of
    /// lists of pairs.
    ///
    /// # Errors
    /// What is wrong, in the reference's words where it has any.
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        let unknown = || "Unrecognized geometry array format".to_owned();
        let items = value.as_array().ok_or_else(unknown)?;
        if let Some(point) = pair(value) {
            return Ok(Self::Point(point.into()));
        }
        let first = items.first().and_then(Value::as_array).ok_or_else(unknown)?;
        if first.len() == 2 && first.first().is_some_and(|x| number(x).is_some()) {
            let points = points(items).ok_or("Invalid point format in geometry array")?;
            return if points.len() < 2 { Err("LineString must contain at least two points".to_owned()) } else { Ok(Self::Line(LineString::new(points))) };
        }
        if first.first().and_then(Value::as_array).is_none_or(|p| p.len() != 2) {
            return Err(unknown());
        }
        let mut rings = Vec::with_capacity(items.len());
        for (at, ring) in items.iter().enumerate() {
            let ring = points(ring.as_array().ok_or("Invalid ring format in polygon geometry")?).ok_or("Invalid point format in polygon ring")?;
            if ring.len() < 4 {
                return Err(format!("Ring #{at} must contain at least 4 points to form a closed polygon"));
            }
            if ring.first() != ring.last() {
                return Err(format!("Ring #{at} must be closed (first point must equal last point)"));
            }
            rings.push(LineString::new(ring));
        }
        let outer = if rings.is_empty() { return Err(unknown()) } else { rings.remove(0) };
        Ok(Self::Polygon(Polygon::new(outer, rings)))
    }

    /// The type it has as an attribute.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Point(_) => Kind::Point,
            Self::Line(_) => Kind::Linestring,
            Self::Polygon(_) => Kind::Polygon,
        }
    }

    /// The smallest upright rectangle around it.
    pub(crate) fn area(&self) -> Area {
        let bounds = match self {
            Self::Point(p) => Some(p.bounding_rect()),
            Self::Line(l) => l.bounding_rect(),
            Self::Polygon(p) => p.bounding_rect(),
        };
        bounds.map_or(Area::EMPTY, |r| Area { west: r.min().x, south: r.min().y, east: r.max().x, north: r.max().y })
    }

    /// The stored form: a tag, then the coordinates; rings with the number of their points before them.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Point(p) => {
                out.push(POINT);
                put(&mut out, &p.0);
            }
            Self::Line(line) => {
                out.push(LINE);
                line.0.iter().for_each(|c| put(&mut out, c));
            }
            Self::Polygon(polygon) => {
                out.push(POLYGON);
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    out.extend_from_slice(&u32::try_from(ring.0.len()).unwrap_or(u32::MAX).to_le_bytes());
                    ring.0.iter().for_each(|c| put(&mut out, c));
                }
            }
        }
        out
    }

    /// Reads the stored form; `None` when it is none.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (tag, mut rest) = bytes.split_first()?;
        match *tag {
            POINT => match coordinates(rest)?.as_slice() {
                [c] => Some(Self::Point(Point(*c))),
                _ => None,
            },
            LINE => Some(Self::Line(LineString::new(coordinates(rest)?))).filter(|_| !rest.is_empty()),
            POLYGON => {
                let mut rings = Vec::new();
                while let Some((count, after)) = rest.split_first_chunk() {
                    let bytes = usize::try_from(u32::from_le_bytes(*count)).ok()?.checked_mul(16)?;
                    let (ring, after) = after.split_at_checked(bytes)?;
                    rings.push(LineString::new(coordinates(ring)?));
                    rest = after;
                }
                if !rest.is_empty() || rings.is_empty() {
                    return None;
                }
                let outer = rings.remove(0);
                Some(Self::Polygon(Polygon::new(outer, rings)))
            }
            _ => None,
        }
    }

    /// Lists of numbers; whole ones without a fraction, as the reference prints them.
    pub(crate) fn to_value(&self) -> Value {
        let list = |line: &LineString| Value::Array(line.0.iter().map(pair_value).collect());
        match self {
            Self::Point(p) => pair_value(&p.0),
            Self::Line(line) => list(line),
            Self::Polygon(polygon) => Value::Array(std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(list).collect()),
        }
    }
}

fn put(out: &mut Vec<u8>, c: &Coord) {
    out.extend_from_slice(&c.x.to_le_bytes());
    out.extend_from_slice(&c.y.to_le_bytes());
}

fn coordinates(bytes: &[u8]) -> Option<Vec<Coord>> {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let one = |chunk: &[u8; 16]| {
        let (x, y) = chunk.split_at(8);
        let c = Coord { x: f64::from_le_bytes(*x.first_chunk()?), y: f64::from_le_bytes(*y.first_chunk()?) };
        (c.x.is_finite() && c.y.is_finite()).then_some(c)
    };
    if rest.is_empty() { chunks.iter().map(one).collect() } else { None }
}

fn pair_value(c: &Coord) -> Value {
    Value::Array(vec![number_value(c.x), number_value(c.y)])
}

/// A coordinate on the wire.
#[expect(clippy::cast_possible_truncation, reason = "whole and far from the limits")]
fn number_value(f: f64) -> Value {
    if f.fract() == 0.0 && f.abs() < 1e15 { Value::from(f as i64) } else { Value::from(f) }
}

/// Coordinates beyond this are of no map, and their squares would leave the numbers.
const FAR: f64 = 1e9;

fn number(value: &Value) -> Option<f64> {
    let f = match value {
        Value::Number(n) => n.as_f64()?,
        Value::String(s) => numeric(s)?.as_f64()?,
        _ => return None,
    };
    (f.abs() <= FAR).then_some(f)
}

fn pair(value: &Value) -> Option<Coord> {
    match value.as_array()?.as_slice() {
        [x, y] => Some(Coord { x: number(x)?, y: number(y)? }),
        _ => None,
    }
}

fn points(items: &[Value]) -> Option<Vec<Coord>> {
    items.iter().map(pair).collect()
}
