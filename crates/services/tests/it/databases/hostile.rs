//! Requests that nobody sends by accident.
use protocol::spec::Verb;
use serde_json::{Value, json};

use super::{COLLECTIONS, app, attribute, notes, put};

/// Lists in lists, `depth` deep.
fn deep(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn bodies_of_every_bad_kind() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    let nested = format!("{{\"documentId\": \"x\", \"data\": {{\"title\": {}}}}}", deep(20_000));
    let texts = [nested.as_str(), "", "null", "7", "\"text\"", "[]", "{", "{\"data\": ", "{\"documentId\": {\"a\": 1}, \"data\": {\"title\": \"x\"}}", "\u{0}"];
    for text in texts {
        let status = key.raw(Verb::Post, &path, "application/json", text.to_owned().into()).status;
        assert_eq!(status, 400, "{}", &text[..text.len().min(60)]);
    }
    for title in [json!({}), json!([]), json!([["x"]]), json!(1e308), json!(true), json!({"method": "x"}), json!("x".repeat(1 << 20))] {
        key.post(&path, &json!({"documentId": "x", "data": {"title": title}})).fails(400, "document_invalid_structure");
    }
    for id in [json!("../x"), json!("x".repeat(37)), json!("_x"), json!("ü"), json!("a b"), json!([]), json!(true)] {
        assert_eq!(key.post(&path, &json!({"documentId": id, "data": {"title": "x"}})).status, 400, "{id}");
    }
    assert_eq!(key.get(&path)["total"], 0);
}

#[test]
fn texts_of_every_script_come_back_as_they_were() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    for (i, text) in
        ["", " ", "\u{0}", "\u{feff}", "a\nb\t\"\\/", "🦀👩‍👩‍👧", "ʼn\u{0301}", "\u{10ffff}", "</script>", "'; DROP TABLE", "ﬀ"].into_iter().enumerate()
    {
        let made = key.post(&path, &json!({"documentId": format!("t{i}"), "data": {"title": text}}));
        assert_eq!(made.is(201)["title"], text, "{text:?}");
        assert_eq!(key.get(&format!("{path}/t{i}"))["title"], text, "{text:?}");
        let found = key.list(&path, &[json!({"method": "equal", "attribute": "title", "values": [text]})]);
        assert_eq!(found.is(200).ids("documents"), [format!("t{i}")], "{text:?}");
    }
}

#[test]
fn numbers_at_the_edge() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    attribute(&key, "notes", "float", "f", &json!({}));
    for n in [-i64::MAX, -1, 0, i64::MAX] {
        let made = key.post(&path, &json!({"documentId": "unique()", "data": {"title": "x", "n": n}}));
        assert_eq!(made.is(201)["n"], n);
    }
    let text = |value: &str| format!("{{\"documentId\": \"unique()\", \"data\": {{\"title\": \"x\", \"n\": {value}}}}}");
    for value in ["9223372036854775808", "-9223372036854775809", "1e400", "1e3", "0.1", "1.0e0x", "0x10", "NaN"] {
        let status = key.raw(Verb::Post, &path, "application/json", text(value).into()).status;
        assert!(status == 400 || (value == "1e3" && status == 201), "{value}: {status}");
    }
    for f in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, -0.0] {
        let made = key.post(&path, &json!({"documentId": "unique()", "data": {"title": "x", "f": f}}));
        assert_eq!(made.is(201)["f"].as_f64(), Some(f));
    }
    put(&key, &path, "max", json!({"title": "x", "n": i64::MAX}));
    key.patch(&format!("{path}/max/n/increment"), &json!({})).fails(400, "attribute_limit_exceeded");
    assert_eq!(key.get(&format!("{path}/max"))["n"], i64::MAX);
}

#[test]
fn queries_cannot_be_made_costly() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x"}));
    let many: Vec<Value> = (0..101).map(|_| json!({"method": "isNull", "attribute": "n"})).collect();
    key.list(&path, &many).fails(400, "general_argument_invalid");
    let long = json!({"method": "equal", "attribute": "title", "values": ["x".repeat(5_000)]});
    key.list(&path, &[long]).fails(400, "general_argument_invalid");
    let mut nested = json!({"method": "isNull", "attribute": "n"});
    for _ in 0..40 {
        nested = json!({"method": "and", "values": [nested, {"method": "isNull", "attribute": "n"}]});
    }
    assert!([200, 400].contains(&key.list(&path, &[nested]).status));
    for method in ["cursorAfter", "limit", "offset", "select", "orderAsc", "between", "search"] {
        for values in [json!([]), json!([null]), json!([[]]), json!([{}]), json!({}), json!("x"), json!([1, 2, 3]), Value::Null] {
            let status = key.list(&path, &[json!({"method": method, "attribute": "title", "values": values})]).status;
            assert!(status == 200 || status == 400, "{method} {values}: {status}");
        }
    }
    assert_eq!(key.list(&path, &[json!({"method": "offset", "values": [u64::MAX]})]).status / 100, 4);
    let huge = key.list(&path, &[json!({"method": "limit", "values": [i64::MAX]})]);
    assert_eq!(huge.is(200)["total"], 1);
}

#[test]
fn schemas_cannot_be_made_to_crash() {
    let app = app();
    let key = app.key();
    let body = json!({"collectionId": "c", "name": "C", "attributes": [deep(100), {}, [], {"key": 1}, null]});
    assert_eq!(key.post(COLLECTIONS, &body).status, 400);
    let index = json!({"collectionId": "c", "name": "C", "attributes": [{"key": "a", "type": "string", "size": 10}], "indexes": [{"key": "i", "type": "key", "attributes": ["b"]}]});
    assert_eq!(key.post(COLLECTIONS, &index).status, 400);
    assert_eq!(key.get(COLLECTIONS)["total"], 0, "a collection whose schema is refused is not there");
    notes(&key, &[], false);
    let post = |kind: &str, body: Value| key.post(&format!("{COLLECTIONS}/notes/attributes/{kind}"), &body).status;
    assert_eq!(post("string", json!({"key": "s", "required": false, "size": i64::MAX})), 400);
    assert_eq!(post("string", json!({"key": "s", "required": false, "size": -1})), 400);
    assert_eq!(post("integer", json!({"key": "i", "required": false, "min": "x"})), 400);
    assert_eq!(post("float", json!({"key": "f", "required": false, "min": 1e308, "max": -1e308})), 400);
    assert_eq!(post("datetime", json!({"key": "d", "required": false, "default": "99999-01-01"})), 400);
    assert_eq!(post("enum", json!({"key": "e", "required": false, "elements": vec!["x"; 101]})), 400);
    let wide = json!({"key": "wide", "required": false, "size": 16_381});
    assert_eq!((post("varchar", wide.clone()), post("varchar", json!({"key": "wider", "required": false, "size": 16_381}))), (400, 400), "a row has an end");
}
