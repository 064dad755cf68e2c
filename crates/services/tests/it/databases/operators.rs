//! Operators in values: changes of what is there, done where it is.
use serde_json::{Value, json};

use super::{app, attribute, notes, put};

fn operator(method: &str, values: Value) -> Value {
    json!({"method": method, "values": values}).to_string().into()
}

#[test]
fn operators_change_what_is_there() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["update(\"users\")"], false);
    for (kind, name, extra) in [
        ("float", "f", json!({})),
        ("string", "s", json!({"size": 30})),
        ("string", "arr", json!({"size": 10, "array": true})),
        ("boolean", "b", json!({})),
        ("datetime", "d", json!({})),
    ] {
        attribute(&key, "notes", kind, name, &extra);
    }
    let start = json!({"title": "t", "n": 13, "f": 2.5, "s": "abc", "arr": ["a", "b", "c", "b"], "b": false, "d": "2020-01-15T12:30:00.000+00:00"});
    put(&key, &path, "o", start);
    let cases = [
        ("n", "decrement", json!([3]), json!(10)),
        ("n", "decrement", json!([300, 5]), json!(5)),
        ("f", "multiply", json!([3]), json!(7.5)),
        ("f", "multiply", json!([3, 10]), json!(10)),
        ("f", "divide", json!([2]), json!(5)),
        ("n", "modulo", json!([4]), json!(1)),
        ("n", "power", json!([3]), json!(1)),
        ("s", "stringConcat", json!(["XYZ"]), json!("abcXYZ")),
        ("s", "stringReplace", json!(["X", "-"]), json!("abc-YZ")),
        ("b", "toggle", json!([]), json!(true)),
        ("arr", "arrayAppend", json!(["z"]), json!(["a", "b", "c", "b", "z"])),
        ("arr", "arrayPrepend", json!(["y"]), json!(["y", "a", "b", "c", "b", "z"])),
        ("arr", "arrayInsert", json!([1, "ins"]), json!(["y", "ins", "a", "b", "c", "b", "z"])),
        ("arr", "arrayRemove", json!(["b"]), json!(["y", "ins", "a", "c", "z"])),
        ("arr", "arrayUnique", json!([]), json!(["a", "c", "ins", "y", "z"])),
        ("arr", "arrayIntersect", json!(["a", "z"]), json!(["a", "z"])),
        ("arr", "arrayDiff", json!(["z"]), json!(["a"])),
        ("arr", "arrayFilter", json!(["notEqual", "a"]), json!([])),
        ("d", "dateAddDays", json!([5]), json!("2020-01-20T12:30:00.000+00:00")),
        ("d", "dateSubDays", json!([1]), json!("2020-01-19T12:30:00.000+00:00")),
    ];
    for (name, method, values, expected) in cases {
        let reply = key.patch(&format!("{path}/o"), &json!({"data": {name: operator(method, values.clone())}}));
        assert_eq!(reply.is(200)[name], expected, "{method} {values}");
        assert_eq!(key.get(&format!("{path}/o"))[name], expected, "{method} is stored");
    }
    let by_user = app.user("ada").patch(&format!("{path}/o"), &json!({"data": {"n": operator("increment", json!([1]))}}));
    assert_eq!(by_user.is(200)["n"], 2);
    let by_bulk = key.patch(&path, &json!({"data": {"n": operator("increment", json!([1]))}}));
    assert_eq!((&by_bulk.is(200)["total"], &by_bulk["documents"][0]["n"]), (&json!(1), &json!(3)));
    let by_put = key.put(&format!("{path}/o"), &json!({"data": {"title": "t", "n": operator("increment", json!([1]))}}));
    assert_eq!(by_put.is(200)["n"], 4);
}

#[test]
fn operators_refuse_what_they_cannot_do() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "o", json!({"title": "t", "n": 1}));
    let refused = |name: &str, method: &str, values: Value, why: &str| {
        let reply = key.patch(&format!("{path}/o"), &json!({"data": {name: operator(method, values)}}));
        reply.fails_with(400, "document_invalid_structure", &format!("Invalid document structure: {why}"));
    };
    refused("title", "increment", json!([1]), "Cannot apply increment operator to non-numeric field 'title'");
    refused("n", "increment", json!(["x"]), "Cannot apply increment operator: value must be numeric, got string");
    refused("title", "stringConcat", json!(["y".repeat(100)]), "Cannot apply stringConcat operator: result would exceed maximum length of 100 characters");
    let unknown = key.patch(&format!("{path}/o"), &json!({"data": {"n": operator("fly", json!([1]))}}));
    unknown.fails(400, "document_invalid_structure");
    let made = key.post(&path, &json!({"documentId": "p", "data": {"title": "t", "n": operator("increment", json!([1]))}}));
    made.fails(400, "document_invalid_structure");
    assert_eq!(key.get(&format!("{path}/o"))["n"], 1);
}
