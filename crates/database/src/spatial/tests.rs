//! Relations and distances, told by hand and by their laws.
use geo::Validation;
use proptest::prelude::*;
use protocol::Query;
use protocol::query::Method;
use serde_json::{Value, json};

use super::{Condition, Geometry};
use crate::Kind;

fn read(value: &Value) -> Geometry {
    Geometry::read(value).unwrap()
}

fn holds(method: Method, stored: &Value, asked: Value) -> bool {
    let stored = read(stored);
    Condition::new(stored.kind(), &Query::new(method, "g", vec![asked])).unwrap().unwrap().holds(&stored)
}

fn square(from: f64, to: f64) -> Value {
    json!([[[from, from], [to, from], [to, to], [from, to], [from, from]]])
}

#[test]
fn relations_are_those_of_the_reference() {
    use Method as M;
    let (ten, line, point) = (square(0.0, 10.0), json!([[1.0, 1.0], [1.1, 1.1], [2.0, 2.0]]), json!([6, 6]));
    let yes: Vec<(M, &Value, Value)> = vec![
        (M::Equal, &point, json!([6.0, 6.0])),
        (M::Equal, &ten, json!([[[10, 10], [0, 10], [0, 0], [10, 0], [10, 10]]])),
        (M::Equal, &line, json!([[2, 2], [1, 1]])),
        (M::Contains, &line, json!([1.1, 1.1])),
        (M::Contains, &line, json!([2, 2])),
        (M::Contains, &ten, json!([10, 5])),
        (M::Contains, &ten, square(0.0, 10.0)),
        (M::Contains, &ten, json!([[0, 0], [10, 0]])),
        (M::NotContains, &ten, square(5.0, 12.0)),
        (M::NotContains, &point, square(5.0, 12.0)),
        (M::Intersects, &ten, json!([0, 0])),
        (M::Intersects, &ten, json!([[-5, 5], [15, 5]])),
        (M::NotIntersects, &ten, json!([60, 60])),
        (M::Overlaps, &ten, square(5.0, 12.0)),
        (M::NotOverlaps, &ten, square(2.0, 3.0)),
        (M::NotOverlaps, &ten, square(10.0, 20.0)),
        (M::Overlaps, &line, json!([[1.5, 1.5], [3, 3]])),
        (M::Crosses, &line, json!([[1, 2], [2, 1]])),
        (M::Crosses, &ten, json!([[-5, 5], [15, 5]])),
        (M::NotCrosses, &line, json!([[0, 1], [0, 2]])),
        (M::NotCrosses, &ten, json!([[1, 1], [2, 2]])),
        (M::Touches, &ten, square(10.0, 20.0)),
        (M::Touches, &ten, json!([0, 5])),
        (M::NotTouches, &ten, square(60.0, 70.0)),
        (M::NotTouches, &ten, json!([5, 5])),
    ];
    for (method, stored, asked) in yes {
        assert!(holds(method, stored, asked.clone()), "{method} {stored} {asked}");
    }
    let holes = json!([[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]]);
    assert!(!holds(M::Contains, &holes, json!([5, 5])) && holds(M::Contains, &holes, json!([4, 5])) && holds(M::Touches, &holes, json!([4, 5])));
}

#[test]
fn distances() {
    use Method as M;
    let (a, b) = (json!([5, 5]), json!([6.0, 6.0]));
    assert!(holds(M::DistanceEqual, &a, json!([b, std::f64::consts::SQRT_2, false])));
    assert!(holds(M::DistanceNotEqual, &a, json!([b, 0, 1])) && !holds(M::DistanceLessThan, &a, json!([a, 0, false])));
    assert!(holds(M::DistanceLessThan, &square(0.0, 10.0), json!([a, "0.1", false])), "inside there is no distance");
    assert!(holds(M::DistanceGreaterThan, &json!([[0, 0], [10, 0]]), json!([[[0, 3], [10, 4]], 2.9, false])));
    assert!(holds(M::DistanceEqual, &json!([[0, 0], [10, 0]]), json!([[[0, 3], [10, 4]], 3, false])));
    // A degree of a meridian of the reference's globe.
    let degree = 6_371_000.0 * std::f64::consts::PI / 180.0;
    let near = |by: f64| holds(M::DistanceLessThan, &json!([0, 1]), json!([[0, 0], by, true]));
    assert!(near(degree + 0.001) && !near(degree - 0.001));
    assert!(holds(M::DistanceLessThan, &json!([-179.999, 0]), json!([[179.999, 0], 300, true])), "across the date line");
    let line = Query::new(M::DistanceLessThan, "g", vec![json!([[0, 0], 5, true])]);
    let refused = |kind, q: &Query| Condition::new(kind, q).err().unwrap();
    assert_eq!(refused(Kind::Linestring, &line), "Distance in meters is not supported between linestring and point");
    let polygon = Query::new(M::DistanceLessThan, "g", vec![json!([[[[0, 0], [1, 0], [1, 1], [0, 0]]], 5, true])]);
    assert_eq!(refused(Kind::Point, &polygon), "Distance in meters is not supported between point and polygon");
    assert!(refused(Kind::Point, &Query::new(M::DistanceLessThan, "g", vec![json!([[181, 0], 5, true])])).starts_with("Longitude (x)"));
    assert_eq!(refused(Kind::Point, &Query::new(M::DistanceLessThan, "g", vec![json!([[0, 0], null, true])])), "Distance must be a number");
}

#[test]
fn what_is_no_geometry() {
    for (value, why) in [
        (json!(5), "Unrecognized geometry array format"),
        (json!([]), "Unrecognized geometry array format"),
        (json!(["a", "b"]), "Unrecognized geometry array format"),
        (json!([1, 2, 3]), "Unrecognized geometry array format"),
        (json!([1e300, 2]), "Unrecognized geometry array format"),
        (json!([[[]]]), "Unrecognized geometry array format"),
        (json!([[1, 2]]), "LineString must contain at least two points"),
        (json!([[1, 2], [3]]), "Invalid point format in geometry array"),
        (json!([[[0, 0], [1, 1]], 5]), "Ring #0 must contain at least 4 points to form a closed polygon"),
        (json!([[[0, 0], [1, 1], [2, 0], [0, 0]], 5]), "Invalid ring format in polygon geometry"),
        (json!([[[0, 0], [1, 1], [2, "x"], [0, 0]]]), "Invalid point format in polygon ring"),
        (json!([[[0, 0], [1, 1], [2, 0], [0, 1]]]), "Ring #0 must be closed (first point must equal last point)"),
    ] {
        assert_eq!(Geometry::read(&value).unwrap_err(), why, "{value}");
    }
}

/// Coordinates of a small grid, so that much touches; or any.
fn coordinate() -> impl Strategy<Value = Value> {
    prop_oneof![4 => (0_i64..6, 0_i64..6).prop_map(|(x, y)| json!([x, y])), 1 => (-180.0..180.0, -90.0..90.0).prop_map(|(x, y)| json!([x, y]))]
}

fn ring() -> impl Strategy<Value = Value> {
    proptest::collection::vec(coordinate(), 3..7).prop_map(|mut points| {
        points.push(points[0].clone());
        Value::Array(points)
    })
}

/// Any geometry, also with points that repeat, edges that cross and areas that are none.
pub(crate) fn geometry() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => coordinate(),
        2 => proptest::collection::vec(coordinate(), 2..6).prop_map(Value::Array),
        2 => ring().prop_map(|r| json!([r])),
        1 => proptest::collection::vec(ring(), 1..4).prop_map(Value::Array),
        1 => (0.0..5.0, 0.5..5.0).prop_map(|(from, side)| square(from, from + side)),
    ]
}

/// Whether its edges meet nowhere but in their ends, and its holes lie inside.
fn is_sound(value: &Value) -> bool {
    geo::Geometry::from(read(value)).is_valid()
}

fn relation() -> impl Strategy<Value = (Method, Method)> {
    use Method as M;
    proptest::sample::select(vec![
        (M::Contains, M::NotContains),
        (M::Crosses, M::NotCrosses),
        (M::Equal, M::NotEqual),
        (M::Intersects, M::NotIntersects),
        (M::Overlaps, M::NotOverlaps),
        (M::Touches, M::NotTouches),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
    #[test]
    fn stored_forms_come_back(value in geometry()) {
        let geometry = read(&value);
        prop_assert_eq!(Geometry::decode(&geometry.encode()), Some(geometry.clone()));
        prop_assert_eq!(read(&geometry.to_value()), geometry);
    }

    #[test]
    fn any_bytes_are_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..80), tag in 0_u8..5) {
        let mut bytes = bytes;
        bytes.insert(0, tag);
        if let Some(g) = Geometry::decode(&bytes) {
            let _ = (g.to_value(), g.area());
        }
    }

    #[test]
    fn a_relation_or_its_negation_holds(a in geometry(), b in geometry(), (is, not) in relation()) {
        prop_assert_ne!(holds(is, &a, b.clone()), holds(not, &a, b.clone()));
        // What is no area by the definition need not follow from anything.
        if is_sound(&a) && is_sound(&b) && holds(is, &a, b.clone()) && read(&a).area().intersects(&read(&b).area()) {
            prop_assert!(is == Method::Intersects || holds(Method::Intersects, &a, b));
        }
    }

    #[test]
    fn meeting_is_mutual(a in geometry(), b in geometry()) {
        for method in [Method::Intersects, Method::Equal].into_iter().filter(|_| is_sound(&a) && is_sound(&b)) {
            prop_assert_eq!(holds(method, &a, b.clone()), holds(method, &b, a.clone()), "{}", method);
        }
        prop_assert!(!is_sound(&a) || (holds(Method::Intersects, &a, a.clone()) && holds(Method::DistanceEqual, &a, json!([a, 0, false]))));
    }
}
