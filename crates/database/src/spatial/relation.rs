//! How two geometries lie to each other, by the definitions of the OGC, with one exception of the reference's store:
//! containing includes the boundary.
use std::cell::OnceCell;

use geo::coordinate_position::CoordPos;
use geo::{Coord, CoordinatePosition, Distance, Euclidean, Intersects, LineString, Point, Polygon, PreparedGeometry, Relate};

use super::{Area, Geometry};

/// Radius of the globe in metres, as the reference has it.
const EARTH: f64 = 6_371_000.0;

/// A relation of a stored geometry to one of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Contains,
    Crosses,
    Equals,
    Intersects,
    Overlaps,
    Touches,
}

/// The geometry of a query, made ready to be compared with many.
pub(super) struct Known {
    plain: Geometry,
    area: Area,
    prepared: OnceCell<PreparedGeometry<'static, geo::Geometry>>,
}

impl Known {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let plain = simple(geometry);
        Self { area: plain.area(), plain, prepared: OnceCell::new() }
    }

    /// Whether a stored geometry lies so to this one.
    pub(super) fn has(&self, stored: &Geometry, relation: Relation) -> bool {
        let area = stored.area();
        let near = match relation {
            Relation::Contains => area.contains(&self.area),
            Relation::Equals => area.contains(&self.area) && self.area.contains(&area),
            _ => area.intersects(&self.area),
        };
        if !near {
            return false;
        }
        let stored = simple(stored);
        match (&stored, &self.plain) {
            (Geometry::Point(a), Geometry::Point(b)) => a == b && matches!(relation, Relation::Contains | Relation::Equals | Relation::Intersects),
            (Geometry::Point(a), b) => place(*a, b, relation, false),
            (a, Geometry::Point(b)) => place(*b, a, relation, true),
            _ => self.compare(stored, relation),
        }
    }

    fn compare(&self, stored: Geometry, relation: Relation) -> bool {
        let stored: geo::Geometry = stored.into();
        let prepared = self.prepared.get_or_init(|| PreparedGeometry::from(geo::Geometry::from(self.plain.clone())));
        if relation == Relation::Intersects {
            return stored.intersects(prepared.geometry());
        }
        let matrix = stored.relate(prepared);
        match relation {
            Relation::Contains => matrix.is_covers(),
            Relation::Crosses => matrix.is_crosses(),
            Relation::Equals => matrix.is_equal_topo(),
            Relation::Intersects => matrix.is_intersects(),
            Relation::Overlaps => matrix.is_overlaps(),
            Relation::Touches => matrix.is_touches(),
        }
    }
}

/// A point and something longer; `holder` when that is the stored one.
fn place(point: Point, other: &Geometry, relation: Relation, holder: bool) -> bool {
    let position = match other {
        Geometry::Line(line) => line.coordinate_position(&point.0),
        Geometry::Polygon(polygon) => polygon.coordinate_position(&point.0),
        Geometry::Point(_) => return false,
    };
    match relation {
        Relation::Intersects => position != CoordPos::Outside,
        Relation::Contains => holder && position != CoordPos::Outside,
        Relation::Touches => position == CoordPos::OnBoundary,
        Relation::Crosses | Relation::Equals | Relation::Overlaps => false,
    }
}

/// Distance in the plane, in degrees.
pub(super) fn distance(a: &Geometry, b: &Geometry) -> f64 {
    if let (Geometry::Point(a), Geometry::Point(b)) = (a, b) {
        let (x, y) = (a.x() - b.x(), a.y() - b.y());
        return (x * x + y * y).sqrt();
    }
    Euclidean.distance(&geo::Geometry::from(a.clone()), &geo::Geometry::from(b.clone()))
}

/// Distance on the globe, in metres.
pub(super) fn metres(a: Point, b: Point) -> f64 {
    let (a, b) = (a.0, b.0);
    let half = |d: f64| (d.to_radians() / 2.0).sin().powi(2);
    let h = half(b.y - a.y) + half(b.x - a.x) * a.y.to_radians().cos() * b.y.to_radians().cos();
    2.0 * EARTH * h.sqrt().min(1.0).asin()
}

/// How far the meridians of a circle on the globe reach: half widths in degrees of latitude and longitude. `None` for the
/// longitude when a pole lies inside.
pub(super) fn reach(latitude: f64, metres: f64) -> (f64, Option<f64>) {
    let angle = metres / EARTH;
    let up = angle.to_degrees();
    if latitude.abs() + up >= 90.0 {
        return (up, None);
    }
    (up, Some((angle.sin() / latitude.to_radians().cos()).clamp(-1.0, 1.0).asin().to_degrees()))
}

/// Without points that repeat the one before; what has no length is a point then, what has no area a line.
fn simple(geometry: &Geometry) -> Geometry {
    match geometry {
        Geometry::Point(_) => geometry.clone(),
        Geometry::Line(line) => line_or_point(distinct(line)),
        Geometry::Polygon(polygon) => {
            let outer = distinct(polygon.exterior());
            if outer.len() < 4 {
                return line_or_point(outer);
            }
            let holes = polygon.interiors().iter().map(distinct).filter(|ring| ring.len() > 3).map(LineString::new).collect();
            Geometry::Polygon(Polygon::new(LineString::new(outer), holes))
        }
    }
}

fn distinct(line: &LineString) -> Vec<Coord> {
    let mut points = line.0.clone();
    points.dedup();
    points
}

fn line_or_point(points: Vec<Coord>) -> Geometry {
    match points.as_slice() {
        [one] => Geometry::Point(Point(*one)),
        _ => Geometry::Line(LineString::new(points)),
    }
}

impl From<Geometry> for geo::Geometry {
    fn from(geometry: Geometry) -> Self {
        match geometry {
            Geometry::Point(p) => p.into(),
            Geometry::Line(l) => l.into(),
            Geometry::Polygon(p) => p.into(),
        }
    }
}
