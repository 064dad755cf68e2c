//! Queries, values, permissions and paths that cannot be: a clear 400 each, and no more work than it takes to say so.
use std::time::{Duration, Instant};

use protocol::spec::Verb;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

/// No answer to bad input takes longer, in a build without optimization on a busy machine.
const LONG: Duration = Duration::from_secs(5);

/// A collection with a column of every kind and a document.
fn things() -> (TestApp, Client, String) {
    let app = app();
    let key = app.key();
    let path = collection(&key, "things", &["read(\"any\")"], true);
    attribute(&key, "things", "string", "s", &json!({"size": 1_000_000}));
    for (kind, name) in [("integer", "i"), ("bigint", "big"), ("float", "f"), ("boolean", "b"), ("datetime", "d"), ("point", "p"), ("polygon", "g")] {
        attribute(&key, "things", kind, name, &json!({}));
    }
    attribute(&key, "things", "string", "tags", &json!({"size": 20, "array": true}));
    key.post(&format!("{COLLECTIONS}/things/indexes"), &json!({"key": "words", "type": "fulltext", "attributes": ["s"]})).is(202);
    put(&key, &path, "a", json!({"s": "text", "i": 1, "f": 0.5, "d": "2020-01-01T00:00:00Z", "p": [1, 2]}));
    (app, key, path)
}

fn quick(answer: impl FnOnce() -> Answer) -> Answer {
    let start = Instant::now();
    let answer = answer();
    assert!(start.elapsed() < LONG, "{:?}: {}", start.elapsed(), answer.text().chars().take(200).collect::<String>());
    answer
}

/// A list with one query given as a text.
fn list(key: &Client, path: &str, query: &str) -> Answer {
    let encoded: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
    quick(|| key.get(&format!("{path}?queries[]={encoded}")))
}

fn q(method: &str, attribute: &str, values: Value) -> String {
    json!({"method": method, "attribute": attribute, "values": values}).to_string()
}

#[test]
fn queries_that_cannot_be_read() {
    let (_app, key, path) = things();
    let deep = |n: usize, word: &str| {
        let open = format!("{{\"method\":\"{word}\",\"values\":[{},", q("isNull", "s", json!([])));
        format!("{}{}{}", open.repeat(n), q("isNull", "s", json!([])), "]}".repeat(n))
    };
    let texts = [
        String::new(),
        "null".into(),
        "5".into(),
        "\u{0}".into(),
        "{".into(),
        "{\"method\":\"equal\"".into(),
        "[]".into(),
        "{\"method\":\"\\ud800\",\"attribute\":\"s\"}".into(),
        "{\"method\":\"equal\",\"attribute\":\"s\",\"values\":[\"\\ud800\"]}".into(),
        "{\"method\":\"equal\",\"attribute\":\"f\",\"values\":[NaN]}".into(),
        "{\"method\":\"equal\",\"attribute\":\"f\",\"values\":[1e999]}".into(),
        "{\"method\":\"equal\",\"attribute\":\"f\",\"values\":[Infinity]}".into(),
        q("nope", "s", json!(["x"])),
        q("regex", "s", json!(["x"])),
        "[".repeat(4_000),
        "{\"method\":\"equal\",\"attribute\":".repeat(100),
        deep(100, "and"),
        deep(100, "or"),
        deep(25, "elemMatch"),
        q("equal", "s", json!(["x".repeat(1 << 20)])),
        q("equal", "i", json!((0..10_000).collect::<Vec<_>>())),
    ];
    for text in texts {
        let answer = list(&key, &path, &text);
        let kind = answer["type"].as_str().unwrap_or_default();
        assert!(
            answer.status == 400 && matches!(kind, "general_query_invalid" | "general_argument_invalid"),
            "{} {}",
            &text[..text.len().min(60)],
            answer.text()
        );
    }
    // What does not end in valid UTF-8 is no query either.
    assert_eq!(quick(|| key.get(&format!("{path}?queries[]=%FF%FE"))).status, 400);
}

#[test]
fn queries_with_values_that_cannot_be() {
    let (_app, key, path) = things();
    let number = "{\"method\":\"equal\",\"attribute\":\"i\",\"values\":[9223372036854775808]}".to_owned();
    let refused = [
        number,
        q("equal", "i", json!(["x"])),
        q("equal", "big", json!(["9223372036854775808"])),
        q("equal", "d", json!(["0000-01-01T00:00:00Z"])),
        q("equal", "d", json!(["10000-01-01T00:00:00Z"])),
        q("equal", "d", json!(["yesterday"])),
        q("between", "i", json!([1])),
        q("between", "i", json!([1, 2, 3])),
        q("equal", "s", json!([])),
        q("equal", "s", json!([{}])),
        q("equal", "nope", json!(["x"])),
        q("equal", "s.x", json!(["x"])).replace("s.x", "zz.x"),
        q("equal", "tags", json!(["x"])),
        q("contains", "i", json!([1])),
        q("search", "tags", json!(["x"])),
        q("search", "s", json!([1])),
        q("intersects", "s", json!([[1, 2]])),
        q("intersects", "p", json!([{}])),
        q("intersects", "g", json!([[[[[1]]]]])),
        q("distanceLessThan", "p", json!([[[1, 2], "far", true]])),
        q("limit", "", json!([0])),
        q("limit", "", json!(["x"])),
        q("offset", "", json!([-1])),
        q("cursorAfter", "", json!(["../x"])),
        q("orderAsc", "nope", json!([])),
        q("select", "", json!(["nope"])),
        json!({"method": "and", "values": [{"method": "limit", "values": [1]}, {"method": "isNull", "attribute": "s"}]}).to_string(),
    ];
    for text in refused {
        list(&key, &path, &text).fails(400, "general_query_invalid");
    }
    list(&key, &path, &q("cursorAfter", "", json!(["missing"]))).fails(400, "general_cursor_not_found");
    // These can be, and find nothing.
    for text in [q("equal", "s", json!(["\u{0}"])), q("equal", "d", json!(["9999-12-31T23:59:59Z"])), q("search", "s", json!(["\u{0}\u{10ffff}"]))] {
        assert_eq!(list(&key, &path, &text).is(200)["total"], 0, "{text}");
    }
}

#[test]
fn documents_with_values_that_cannot_be() {
    let (_app, key, path) = things();
    let post = |name: &str, value: &str| {
        let body = format!("{{\"documentId\":\"x\",\"data\":{{\"{name}\":{value}}}}}");
        quick(|| key.raw(Verb::Post, &path, "application/json", body.into()))
    };
    let list = serde_json::to_string(&(0..10_000).collect::<Vec<_>>()).unwrap();
    for (name, value) in [
        ("i", "9223372036854775808"),
        ("big", "\"9223372036854775808\""),
        ("f", "\"NaN\""),
        ("b", "\"true\""),
        ("d", "\"0000-01-01T00:00:00Z\""),
        ("d", "\"10000-01-01\""),
        ("d", "\"2020-13-45\""),
        ("tags", list.as_str()),
        ("tags", "\"x\""),
        ("p", "[181, 0]"),
        ("p", "[1e308, 0]"),
        ("p", "[[1, 2]]"),
        ("p", "\"POINT(1\""),
        ("g", "[[0, 0], [1, 1], [0, 0]]"),
        ("g", "\"POLYGON((((\""),
        ("nope", "1"),
        ("s", "{}"),
    ] {
        post(name, value).fails(400, "document_invalid_structure");
    }
    for (name, value) in [("f", "NaN"), ("f", "1e999"), ("s", "\"\\ud800\""), ("s", "\"\\udc00\\ud800\""), ("s", "\"\u{1}\"")] {
        assert_eq!(post(name, value).status, 400, "{name} {value}");
    }
    let raw = quick(|| key.raw(Verb::Post, &path, "application/json", b"{\"documentId\":\"x\",\"data\":{\"s\":\"\xff\"}}".to_vec().into()));
    assert_eq!(raw.status, 400);
    let long = "x".repeat(1_000_001);
    post("s", &format!("\"{long}\"")).fails(400, "document_invalid_structure");
    assert_eq!(key.get(&path)["total"], 1);
    // The largest that can be.
    let fits = format!("{{\"documentId\":\"x\",\"data\":{{\"s\":\"{}\",\"d\":\"9999-12-31T23:59:59Z\"}}}}", "x".repeat(1_000_000));
    assert_eq!(quick(|| key.raw(Verb::Post, &path, "application/json", fits.into())).status, 201);
}

#[test]
fn permissions_that_cannot_be() {
    let (_app, key, path) = things();
    let long = format!("read(\"user:{}\")", "x".repeat(1 << 20));
    for permission in [
        "",
        "read",
        "read(",
        "read(\"\")",
        "read(any)",
        "read(\"user:\")",
        "read(\"user:a/b/c\")",
        "read(\"team:t/\")",
        "read(\"label:ä\")",
        "read(\"nobody\")",
        "create(\"any\")",
        "execute(\"any\")",
        "read(\"user:\u{0}\")",
        "*",
        "role:all",
        long.as_str(),
    ] {
        let answer = quick(|| key.post(&path, &json!({"documentId": "x", "data": {"s": "x"}, "permissions": [permission]})));
        answer.fails(400, "general_argument_invalid");
    }
    let many: Vec<String> = (0..10_000).map(|n| format!("read(\"user:u{n}\")")).collect();
    quick(|| key.post(&path, &json!({"documentId": "x", "data": {"s": "x"}, "permissions": many}))).fails(400, "general_argument_invalid");
    for permissions in [json!("read(\"any\")"), json!([1]), json!([["read(\"any\")"]]), json!([null])] {
        assert_eq!(key.post(&path, &json!({"documentId": "x", "data": {"s": "x"}, "permissions": permissions})).status, 400, "{permissions}");
    }
    assert_eq!(key.get(&path)["total"], 1);
}

#[test]
fn paths_that_cannot_be() {
    let (_app, key, path) = things();
    for id in ["%00", "%FF", "a%2Fb", "..%2F..", "%F0%9F%8C%8D", "_x", "a%20b"] {
        let status = quick(|| key.get(&format!("{path}/{id}"))).status;
        assert!(matches!(status, 400 | 404), "{id}: {status}");
    }
    let long = "x".repeat(10_000);
    for path in [format!("{path}/{long}"), format!("/databases/{long}/collections"), format!("/databases/db1/collections/things/attributes/{long}")] {
        let status = quick(|| key.get(&path)).status;
        assert!(matches!(status, 400 | 404), "{status}");
    }
}
