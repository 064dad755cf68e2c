//! Points, lines and polygons: columns, indexes, queries, and every way of writing them.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

const INDEXES: &str = "/databases/db1/collections/places/indexes";

fn q(method: &str, attribute: &str, value: Value) -> Value {
    json!({"method": method, "attribute": attribute, "values": [value]})
}

fn square(from: f64, to: f64) -> Value {
    json!([[[from, from], [to, from], [to, to], [from, to], [from, from]]])
}

/// Three places, each with a point, a line and a polygon.
fn places() -> (TestApp, Client, String) {
    let app = app();
    let key = app.key();
    let path = collection(&key, "places", &["read(\"any\")"], false);
    attribute(&key, "places", "string", "name", &json!({"size": 50}));
    for (kind, name) in [("point", "p"), ("line", "l"), ("polygon", "g")] {
        attribute(&key, "places", kind, name, &json!({"required": true}));
    }
    put(&key, &path, "a", json!({"p": [6.0, 6.0], "l": [[1.0, 1.0], [1.1, 1.1], [2.0, 2.0]], "g": square(0.0, 10.0)}));
    put(&key, &path, "b", json!({"p": [7, 6], "l": [[10, 10], [20, 20]], "g": square(20.0, 30.0)}));
    put(&key, &path, "c", json!({"p": "POINT(25 25)", "l": "LINESTRING(25 25, 35.5 35)", "g": square(40.0, 50.0)}));
    (app, key, path)
}

#[test]
fn every_method_finds_its_documents() {
    let (_app, key, path) = places();
    let cases: Vec<(Value, &str)> = vec![
        (q("equal", "g", square(0.0, 10.0)), "a"),
        (q("equal", "p", json!([7, 6])), "b"),
        (q("notEqual", "p", json!([6, 6])), "bc"),
        (q("contains", "l", json!([1.1, 1.1])), "a"),
        (q("contains", "g", json!([10, 5])), "a"),
        (q("notContains", "g", json!([15, 15])), "abc"),
        (q("intersects", "g", json!([5, 5])), "a"),
        (q("notIntersects", "g", json!([60, 60])), "abc"),
        (q("overlaps", "g", square(5.0, 12.0)), "a"),
        (q("notOverlaps", "g", square(60.0, 70.0)), "abc"),
        (q("crosses", "l", json!([[1, 2], [2, 1]])), "a"),
        (q("notCrosses", "l", json!([[0, 1], [0, 2]])), "abc"),
        (q("touches", "g", square(10.0, 20.0)), "ab"),
        (q("notTouches", "g", square(60.0, 70.0)), "abc"),
        (q("distanceEqual", "p", json!([[6, 6], 1, false])), "b"),
        (q("distanceNotEqual", "p", json!([[6, 6], 1.0, false])), "ac"),
        (q("distanceGreaterThan", "p", json!([[6, 6], 5, false])), "c"),
        (q("distanceLessThan", "p", json!([[6, 6], 0.5, false])), "a"),
        (q("distanceLessThan", "p", json!([[6, 6], 120_000, true])), "ab"),
        (json!({"method": "or", "values": [q("intersects", "g", json!([5, 5])), q("intersects", "g", json!([45, 45]))]}), "ac"),
    ];
    let compare = |how: &str| {
        for (query, wanted) in &cases {
            let wanted: Vec<String> = wanted.chars().map(String::from).collect();
            let found = key.list(&path, std::slice::from_ref(query));
            assert_eq!((found.is(200).ids("documents"), &found["total"]), (wanted.clone(), &json!(wanted.len())), "{how}: {query}");
        }
    };
    compare("without indexes");
    for name in ["p", "l", "g"] {
        let made = key.post(INDEXES, &json!({"key": format!("by_{name}"), "type": "spatial", "attributes": [name]}));
        assert_eq!((&made.is(202)["type"], &made["orders"], &made["lengths"]), (&json!("spatial"), &json!([]), &json!([0])));
    }
    compare("with indexes");
    assert_eq!(key.get(INDEXES)["total"], 3);
    assert_eq!(key.get(&format!("{INDEXES}/by_p"))["status"], "available");
    assert_eq!(key.delete(&format!("{INDEXES}/by_p")).status, 204);
    compare("with one index less");
}

#[test]
fn values_come_back_as_numbers() {
    let (_app, key, path) = places();
    let c = key.get(&format!("{path}/c"));
    assert_eq!((&c["p"], &c["l"]), (&json!([25, 25]), &json!([[25, 25], [35.5, 35]])));
    let made = key.post(&path, &json!({"documentId": "d", "data": {"p": [1.0, -0.5], "l": "linestring(0 0,1 1)", "g": [[0, 0], [1, 0], [1, 1], [0, 0]]}}));
    assert_eq!((&made.is(201)["p"], &made["g"]), (&json!([1, -0.5]), &json!([[[0, 0], [1, 0], [1, 1], [0, 0]]])));
}

#[test]
fn every_way_of_writing_keeps_the_index() {
    let (app, key, path) = places();
    key.post(INDEXES, &json!({"key": "by_p", "type": "spatial", "attributes": ["p"]})).is(202);
    let at = |x: f64| key.list(&path, &[q("distanceLessThan", "p", json!([[x, 80], 0.1, false]))]).is(200).ids("documents");
    let all = |x: f64| json!({"p": [x, 80], "l": [[0, 0], [1, 1]], "g": square(0.0, 1.0)});
    key.patch(&format!("{path}/a"), &json!({"data": {"p": [100, 80]}})).is(200);
    assert_eq!(at(100.0), ["a"]);
    key.put(&format!("{path}/u"), &json!({"data": all(101.0)})).is(200);
    assert_eq!(at(101.0), ["u"]);
    key.put(&format!("{path}/u"), &json!({"data": all(102.0)})).is(200);
    assert_eq!((at(101.0), at(102.0)), (Vec::new(), vec!["u".to_owned()]));
    let mut rows: Vec<Value> = Vec::new();
    for n in 0..3 {
        let mut row = all(103.0);
        row["$id"] = json!(format!("m{n}"));
        rows.push(row);
    }
    key.post(&path, &json!({"documents": rows})).is(201);
    assert_eq!(at(103.0), ["m0", "m1", "m2"]);
    let near = q("distanceLessThan", "p", json!([[103, 80], 1, false])).to_string();
    let changed = key.patch(&path, &json!({"data": {"p": [104, 80]}, "queries": [near]}));
    assert_eq!((&changed.is(200)["total"], at(103.0).len(), at(104.0).len()), (&json!(3), 0, 3));
    let gone = key.json(protocol::spec::Verb::Delete, &path, &json!({"queries": [q("equal", "p", json!([104, 80])).to_string()]}));
    assert_eq!((&gone.is(200)["total"], at(104.0).len()), (&json!(3), 0));
    drop(app);
}

#[test]
fn transactions_see_what_they_moved() {
    let (_app, key, path) = places();
    let id = key.post("/databases/transactions", &json!({})).is(201).str("$id");
    key.patch(&format!("{path}/a"), &json!({"data": {"p": [50, 50]}, "transactionId": id})).is(200);
    let near = q("distanceLessThan", "p", json!([[50, 50], 1, false]));
    let of = |path: &str| key.list(path, std::slice::from_ref(&near)).is(200).ids("documents");
    assert_eq!(of(&path), Vec::<String>::new());
    let inside = key.list(&format!("{path}?transactionId={id}"), std::slice::from_ref(&near));
    assert_eq!(inside.is(200).ids("documents"), ["a"]);
    key.patch(&format!("/databases/transactions/{id}"), &json!({"commit": true})).is(200);
    assert_eq!(of(&path), ["a"]);
}

#[test]
fn what_cannot_be_asked() {
    let (_app, key, path) = places();
    let refused = |query: Value, why: &str| {
        key.list(&path, &[query]).fails_with(400, "general_query_invalid", why);
    };
    refused(q("crosses", "name", json!([1, 2])), "Invalid query: Spatial query \"crosses\" cannot be applied on non-spatial attribute: name");
    refused(q("intersects", "p", json!(5)), "Invalid query: Spatial data must be an array");
    refused(q("intersects", "p", json!([])), "Invalid query: Intersects queries require at least one value.");
    refused(q("distanceEqual", "p", json!([[1, 2], 3])), "Invalid query: Distance query requires [[geometry, distance]] parameters");
    refused(q("distanceLessThan", "l", json!([[1, 2], 3, true])), "Distance in meters is not supported between linestring and point");
    refused(q("distanceLessThan", "p", json!([[200, 2], 3, true])), "Longitude (x) must be between -180 and 180, got 200");
    refused(q("intersects", "p", json!(["x", "y"])), "Unrecognized geometry array format");
    refused(q("intersects", "g", json!([[[0, 0], [1, 1], [2, 2], [3, 3]]])), "Ring #0 must be closed (first point must equal last point)");
    refused(q("greaterThan", "p", json!([1, 2])), "Unknown spatial query method: greaterThan");
    refused(q("containsAny", "p", json!([1, 2])), "Unknown spatial query method: containsAny");
    assert_eq!(key.list(&path, &[json!({"method": "isNull", "attribute": "p"})])["total"], 0);
}

#[test]
fn indexes_and_their_columns() {
    let (_app, key, path) = places();
    let post = |body: Value| key.post(INDEXES, &body);
    attribute(&key, "places", "point", "maybe", &json!({}));
    let null = "Spatial indexes do not allow null values. Mark the attribute \"maybe\" as required or create the index on a column with no null values.";
    post(json!({"key": "i", "type": "spatial", "attributes": ["maybe"]})).fails_with(400, "index_invalid", null);
    post(json!({"key": "i", "type": "spatial", "attributes": ["p", "l"]})).fails_with(400, "index_invalid", "Spatial index must have exactly one attribute");
    let text = "Spatial index can only be created on spatial attributes (point, linestring, polygon). Attribute \"name\" is of type \"string\"";
    post(json!({"key": "i", "type": "spatial", "attributes": ["name"]})).fails_with(400, "index_invalid", text);
    let plain = "Cannot create key index on spatial attribute \"p\". Spatial attributes require spatial indexes.";
    post(json!({"key": "i", "type": "key", "attributes": ["p"]})).fails_with(400, "index_invalid", plain);
    let point = |name: &str| format!("{COLLECTIONS}/places/attributes/point/{name}");
    key.patch(&point("maybe"), &json!({"required": true, "default": null})).is(200);
    post(json!({"key": "i", "type": "spatial", "attributes": ["maybe"], "orders": ["ASC"]})).is(202);
    key.patch(&point("maybe"), &json!({"required": false, "default": null})).fails_with(400, "index_invalid", null);
    // Rows that are there have no value for a required column.
    let late = key.post(&format!("{COLLECTIONS}/places/attributes/point"), &json!({"key": "late", "required": true}));
    let why = "Failed to add required spatial column: existing rows present. Make the column optional.";
    late.fails_with(400, "document_invalid_structure", why);
    let defaults = [("point", json!([0.0, 0.0])), ("line", json!([[0.0, 0.0], [1.0, 1.0]])), ("polygon", square(0.0, 1.0))];
    for (kind, default) in &defaults {
        attribute(&key, "places", kind, &format!("d_{kind}"), &json!({"default": default}));
    }
    put(&key, &path, "d", json!({"p": [1, 2], "l": [[0, 0], [1, 1]], "g": square(0.0, 1.0), "maybe": [3, 4]}));
    let d = key.get(&format!("{path}/d"));
    assert_eq!((&d["d_point"], &d["d_line"]), (&json!([0, 0]), &json!([[0, 0], [1, 1]])));
    assert_eq!(d["d_polygon"], json!([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]));
    assert_eq!(key.list(&path, &[q("contains", "d_polygon", json!([0.5, 0.5]))]).ids("documents"), ["d"]);
}

#[test]
fn tables_have_them_as_well() {
    let app = app();
    let key = app.key();
    key.post("/tablesdb/db1/tables", &json!({"tableId": "t", "name": "T"})).is(201);
    key.post("/tablesdb/db1/tables/t/columns/point", &json!({"key": "p", "required": true})).is(202);
    key.post("/tablesdb/db1/tables/t/indexes", &json!({"key": "i", "type": "spatial", "columns": ["p"]})).is(202);
    for (id, x) in [("p0", 0.0), ("p1", 0.009)] {
        key.post("/tablesdb/db1/tables/t/rows", &json!({"rowId": id, "data": {"p": [x, 0.0]}})).is(201);
    }
    let rows = |method: &str, by: u32| key.list("/tablesdb/db1/tables/t/rows", &[q(method, "p", json!([[0, 0], by, true]))]).is(200).ids("rows");
    assert_eq!((rows("distanceLessThan", 1500), rows("distanceLessThan", 500)), (vec!["p0".to_owned(), "p1".to_owned()], vec!["p0".to_owned()]));
    assert_eq!(
        (rows("distanceGreaterThan", 500), rows("distanceEqual", 0), rows("distanceNotEqual", 0)),
        (vec!["p1".into()], vec!["p0".into()], vec!["p1".into()])
    );
    let late = key.post("/tablesdb/db1/tables/t/columns/line", &json!({"key": "l", "required": true}));
    late.fails(400, "row_invalid_structure");
}
