//! Spatial queries: with an index or without, by whichever way, they find what looking at every document finds.
use proptest::prelude::*;
use protocol::Query;
use protocol::query::Method;
use serde_json::{Value, json};

use super::{SYS, attribute, change, index, new, open};
use crate::plan::testing::PICK;
use crate::spatial::{Condition, Geometry};
use crate::*;

fn point() -> BoxedStrategy<Value> {
    let near = (0_i64..5, 0_i64..5).prop_map(|(x, y)| json!([x, y]));
    let edge = (proptest::sample::select(vec![-180.0, -179.9, 179.9, 180.0]), proptest::sample::select(vec![-90.0, -89.9, 0.0, 89.9, 90.0]));
    prop_oneof![3 => near, 1 => (-180.0..180.0, -90.0..90.0).prop_map(|(x, y)| json!([x, y])), 1 => edge.prop_map(|(x, y)| json!([x, y]))].boxed()
}

fn line() -> BoxedStrategy<Value> {
    proptest::collection::vec(point(), 2..5).prop_map(Value::Array).boxed()
}

fn polygon() -> BoxedStrategy<Value> {
    (-5.0..5.0, -5.0..5.0, 0.5..6.0, 0.5..6.0).prop_map(|(x, y, w, h)| json!([[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]])).boxed()
}

fn data() -> impl Strategy<Value = Value> {
    (point(), proptest::option::of(line()), proptest::option::of(polygon())).prop_map(|(p, l, g)| json!({"p": p, "l": l, "g": g}))
}

fn query() -> impl Strategy<Value = Query> {
    use Method as M;
    let relations = vec![
        M::Contains,
        M::NotContains,
        M::Crosses,
        M::NotCrosses,
        M::Equal,
        M::NotEqual,
        M::Intersects,
        M::NotIntersects,
        M::Overlaps,
        M::NotOverlaps,
        M::Touches,
        M::NotTouches,
    ];
    let distances = vec![M::DistanceEqual, M::DistanceNotEqual, M::DistanceGreaterThan, M::DistanceLessThan];
    let key = || proptest::sample::select(vec!["p", "l", "g"]);
    let relation = (proptest::sample::select(relations), key(), prop_oneof![point(), line(), polygon()]).prop_map(|(m, k, v)| Query::new(m, k, vec![v]));
    let degrees = (proptest::sample::select(distances.clone()), key(), prop_oneof![point(), polygon()], prop_oneof![Just(0.0), Just(1.0), -1.0..20.0])
        .prop_map(|(m, k, v, by)| Query::new(m, k, vec![json!([v, by, false])]));
    let metres = (proptest::sample::select(distances), point(), prop_oneof![Just(0.0), 0.0..1e6, 0.0..2e7])
        .prop_map(|(m, v, by)| Query::new(m, "p", vec![json!([v, by, true])]));
    prop_oneof![4 => relation, 2 => degrees, 2 => metres]
}

fn holds(c: &Collection, q: &Query, data: &Value) -> bool {
    let kind = c.attribute(&q.attribute).unwrap().kind;
    match &data[&q.attribute] {
        Value::Null => false,
        value => Condition::new(kind, q).unwrap().unwrap().holds(&Geometry::read(value).unwrap()),
    }
}

fn spec(indexed: bool) -> CollectionSpec {
    let of = |key: &str, kind| attribute(key, kind, false);
    let required = |key: &str, kind| Attribute { required: true, ..of(key, kind) };
    CollectionSpec {
        name: "places".into(),
        permissions: vec![],
        document_security: true,
        attributes: vec![required("p", Kind::Point), of("l", Kind::Linestring), of("g", Kind::Polygon)],
        indexes: if indexed { vec![index("p", IndexKind::Spatial, &["p"], &[])] } else { vec![] },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn an_index_finds_what_looking_finds(
        rows in proptest::collection::vec(data(), 1..24),
        changes in proptest::collection::vec((any::<usize>(), proptest::option::of(data())), 0..8),
        early in any::<bool>(),
        queries in proptest::collection::vec(query(), 1..10),
    ) {
        let (db, _dir) = open(5_000);
        // The engine indexes optional attributes, too; only apps are told to make them required.
        let mut c = db.write(move |w| w.create_collection(Namespace(1), spec(early))).unwrap();
        let mut model: Vec<(String, Value)> = rows.iter().enumerate().map(|(n, d)| (format!("d{n}"), d.clone())).collect();
        let coll = c.clone();
        let made = model.clone();
        db.write(move |w| made.into_iter().try_for_each(|(id, d)| w.create(&SYS, &coll, new(&id, 0, &[], d)).map(drop))).unwrap();
        for (at, to) in changes {
            if model.is_empty() {
                break;
            }
            let at = at % model.len();
            let (coll, id) = (c.clone(), model[at].0.clone());
            match to {
                Some(d) => {
                    model[at].1 = d.clone();
                    db.write(move |w| w.update(&SYS, &coll, &id, change(1, d)).map(drop)).unwrap();
                }
                None => {
                    model.remove(at);
                    db.write(move |w| w.delete(&SYS, &coll, &id, None)).unwrap();
                }
            }
        }
        if !early {
            let coll = c.clone();
            c = db.write(move |w| w.create_index(&coll, index("p", IndexKind::Spatial, &["p"], &[]))).unwrap();
        }
        for q in queries {
            let expected: Vec<&str> = model.iter().filter(|(_, d)| holds(&c, &q, d)).map(|(id, _)| id.as_str()).collect();
            for way in [None, Some(0), Some(1), Some(2)] {
                PICK.set((way, 1));
                let find = Find { filters: vec![q.clone()], limit: 100, total: Total::Exact, ..Find::default() };
                let page = db.read().find(&SYS, &c, &find).unwrap();
                PICK.set((None, 0));
                let found: Vec<&str> = page.documents.iter().map(|d| d.id.as_str()).collect();
                prop_assert_eq!(&found, &expected, "{:?} {:?}", way, q);
                prop_assert_eq!(page.total as usize, expected.len());
            }
        }
    }
}

#[test]
fn few_entries_are_read_for_a_place() {
    let (db, _dir) = open(5_000);
    let c = db.write(|w| w.create_collection(Namespace(1), spec(true))).unwrap();
    let coll = c.clone();
    db.write(move |w| -> Result<(), DbError> {
        for n in 0..4_000_i32 {
            let (x, y) = (f64::from(n % 80) - 40.0, f64::from(n / 80) - 25.0);
            w.create(&SYS, &coll, new(&format!("d{n}"), 0, &[], json!({"p": [x, y], "l": null, "g": null})))?;
        }
        Ok(())
    })
    .unwrap();
    let find = |q: Query| Find { filters: vec![q], limit: 100, total: Total::Exact, ..Find::default() };
    let near = find(Query::new(Method::DistanceLessThan, "p", vec![json!([[3.2, 4.1], 1.5, false])]));
    let plan = db.read().explain(&SYS, &c, &near).unwrap();
    assert_eq!((plan.way, plan.ordered), (Way::Spatial("p".into()), true));
    assert!(plan.records < 16 && plan.entries < 64, "{} records, {} entries", plan.records, plan.entries);
    assert_eq!(db.read().find(&SYS, &c, &near).unwrap().total, 7);
    let most = find(Query::new(Method::DistanceLessThan, "p", vec![json!([[0, 0], 500, false])]));
    assert_eq!(db.read().find(&SYS, &c, &most).unwrap().total, 4_000);
    let some = Find { total: Total::None, ..most };
    let plan = db.read().explain(&SYS, &c, &some).unwrap();
    assert_eq!(plan.way, Way::Scan, "what matches nearly everything is found by looking");
}
