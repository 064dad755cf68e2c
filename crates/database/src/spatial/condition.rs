//! Spatial conditions of queries.
use std::cmp::Ordering;

use geo::Point;
use protocol::Query;
use protocol::check::numeric;
use protocol::query::Method;
use serde_json::Value;

use super::relation::{self, Known, Relation};
use super::{Area, Geometry};
use crate::Kind;

/// What a query asks of a stored geometry.
pub(crate) struct Condition {
    test: Test,
    is: bool,
    known: Known,
    geometry: Geometry,
}

enum Test {
    Relation(Relation),
    /// How the distance compares with a number.
    Distance {
        wanted: Ordering,
        by: f64,
    },
    /// As well, in metres from this point.
    Metres {
        wanted: Ordering,
        by: f64,
        from: Point,
    },
}

impl Condition {
    /// Of a query on an attribute of a spatial type; `None` when the method only asks whether there is a value.
    ///
    /// # Errors
    /// What is wrong with the query.
    pub(crate) fn new(kind: Kind, q: &Query) -> Result<Option<Self>, String> {
        use Method as M;
        let relation = |relation| Ok((Test::Relation(relation), q.value()));
        let (test, is) = match q.method {
            M::IsNull | M::IsNotNull | M::Exists | M::NotExists => return Ok(None),
            M::Contains => (relation(Relation::Contains), true),
            M::NotContains => (relation(Relation::Contains), false),
            M::Equal => (relation(Relation::Equals), true),
            M::NotEqual => (relation(Relation::Equals), false),
            M::Crosses => (relation(Relation::Crosses), true),
            M::NotCrosses => (relation(Relation::Crosses), false),
            M::Intersects => (relation(Relation::Intersects), true),
            M::NotIntersects => (relation(Relation::Intersects), false),
            M::Overlaps => (relation(Relation::Overlaps), true),
            M::NotOverlaps => (relation(Relation::Overlaps), false),
            M::Touches => (relation(Relation::Touches), true),
            M::NotTouches => (relation(Relation::Touches), false),
            M::DistanceEqual => (distance(kind, q, Ordering::Equal), true),
            M::DistanceNotEqual => (distance(kind, q, Ordering::Equal), false),
            M::DistanceGreaterThan => (distance(kind, q, Ordering::Greater), true),
            M::DistanceLessThan => (distance(kind, q, Ordering::Less), true),
            other => return Err(format!("Unknown spatial query method: {other}")),
        };
        let (test, value) = test?;
        let geometry = Geometry::read(value.unwrap_or(&Value::Null))?;
        Ok(Some(Self { test, is, known: Known::new(&geometry), geometry }))
    }

    /// Whether a stored geometry meets it.
    pub(crate) fn holds(&self, stored: &Geometry) -> bool {
        let found = match (&self.test, stored) {
            (Test::Relation(relation), _) => self.known.has(stored, *relation),
            (Test::Distance { wanted, by }, _) => relation::distance(stored, &self.geometry).partial_cmp(by) == Some(*wanted),
            (Test::Metres { wanted, by, from }, Geometry::Point(p)) => relation::metres(*p, *from).partial_cmp(by) == Some(*wanted),
            (Test::Metres { .. }, _) => return false,
        };
        found == self.is
    }

    /// Rectangles one of which every geometry meets for which it holds; `None` when it may be anywhere.
    pub(crate) fn areas(&self) -> Option<Vec<Area>> {
        if !self.is {
            return None;
        }
        match &self.test {
            Test::Relation(_) => Some(vec![self.geometry.area().grown(0.0)]),
            Test::Distance { wanted: Ordering::Greater, .. } | Test::Metres { wanted: Ordering::Greater, .. } => None,
            Test::Distance { by, .. } if *by < 0.0 => Some(Vec::new()),
            Test::Distance { by, .. } => Some(vec![self.geometry.area().grown(*by)]),
            Test::Metres { by, .. } if *by < 0.0 => Some(Vec::new()),
            Test::Metres { by, from, .. } => Some(around(*from, *by)),
        }
    }
}

/// The rectangles around a circle on the globe: two where it lies across the date line.
fn around(from: Point, metres: f64) -> Vec<Area> {
    let (up, aside) = relation::reach(from.y(), metres);
    let (south, north) = (from.y() - up, from.y() + up);
    let Some(aside) = aside else { return vec![Area { west: -180.0, south, east: 180.0, north }.grown(0.0)] };
    let (west, east) = (from.x() - aside, from.x() + aside);
    let mut areas = vec![Area { west, south, east, north }.grown(0.0)];
    // What lies beyond one edge of the map comes in at the other.
    for turn in [-360.0, 360.0] {
        areas.push(Area { west: west + turn, south, east: east + turn, north }.grown(0.0));
    }
    areas
}

fn distance(kind: Kind, q: &Query, wanted: Ordering) -> Result<(Test, Option<&Value>), String> {
    let parts = q.value().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [geometry, by, ..] = parts else { return Err("Distance query requires [[geometry, distance]] parameters".to_owned()) };
    let by = match by {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => numeric(s).and_then(|n| n.as_f64()),
        _ => None,
    };
    let by = by.ok_or("Distance must be a number")?;
    if parts.get(2) != Some(&Value::Bool(true)) {
        return Ok((Test::Distance { wanted, by }, Some(geometry)));
    }
    match Geometry::read(geometry)? {
        Geometry::Point(from) if kind == Kind::Point => {
            if from.x().abs() > 180.0 {
                return Err(format!("Longitude (x) must be between -180 and 180, got {}", from.x()));
            }
            if from.y().abs() > 90.0 {
                return Err(format!("Latitude (y) must be between -90 and 90, got {}", from.y()));
            }
            Ok((Test::Metres { wanted, by, from }, Some(geometry)))
        }
        other => Err(format!("Distance in meters is not supported between {} and {}", kind.name(), other.kind().name())),
    }
}
