//! Lists of documents.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

fn q(method: &str, attribute: &str, values: Value) -> Value {
    json!({"method": method, "attribute": attribute, "values": values})
}

/// Ten films: `m0` of 1990 to `m9` of 1999.
fn films() -> (TestApp, Client, String) {
    let app = app();
    let key = app.key();
    let path = collection(&key, "films", &["read(\"any\")"], false);
    attribute(&key, "films", "string", "title", &json!({"size": 100}));
    attribute(&key, "films", "integer", "year", &json!({}));
    attribute(&key, "films", "float", "rating", &json!({}));
    attribute(&key, "films", "string", "tags", &json!({"size": 20, "array": true}));
    attribute(&key, "films", "boolean", "seen", &json!({}));
    key.post(&format!("{COLLECTIONS}/films/indexes"), &json!({"key": "by_year", "type": "key", "attributes": ["year"]})).is(202);
    key.post(&format!("{COLLECTIONS}/films/indexes"), &json!({"key": "words", "type": "fulltext", "attributes": ["title"]})).is(202);
    for i in 0..10 {
        let rating = if i == 9 { Value::Null } else { json!(f64::from(i) / 2.0) };
        let title = format!("The {} Movie {i}", if i % 2 == 0 { "Even" } else { "Odd" });
        put(&key, &path, &format!("m{i}"), json!({"title": title, "year": 1990 + i, "rating": rating, "tags": ["all", format!("t{i}")], "seen": i < 3}));
    }
    (app, key, path)
}

#[test]
fn every_condition_finds_its_documents() {
    let (_app, key, path) = films();
    let cases: Vec<(Value, &[usize])> = vec![
        (q("equal", "year", json!([1991, 1993])), &[1, 3]),
        (q("notEqual", "year", json!([1991])), &[0, 2, 3, 4, 5, 6, 7, 8, 9]),
        (q("lessThan", "year", json!([1992])), &[0, 1]),
        (q("lessThanEqual", "year", json!([1992])), &[0, 1, 2]),
        (q("greaterThan", "year", json!([1997])), &[8, 9]),
        (q("greaterThanEqual", "year", json!([1997])), &[7, 8, 9]),
        (q("between", "year", json!([1992, 1994])), &[2, 3, 4]),
        (q("notBetween", "year", json!([1992, 1998])), &[0, 1, 9]),
        (q("isNull", "rating", json!([])), &[9]),
        (q("isNotNull", "rating", json!([])), &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (q("notEqual", "rating", json!([0.5])), &[0, 2, 3, 4, 5, 6, 7, 8]),
        (q("startsWith", "title", json!(["The Even"])), &[0, 2, 4, 6, 8]),
        (q("endsWith", "title", json!(["movie 3"])), &[3]),
        (q("contains", "title", json!(["Odd"])), &[1, 3, 5, 7, 9]),
        (q("notContains", "title", json!(["Odd"])), &[0, 2, 4, 6, 8]),
        (q("notStartsWith", "title", json!(["The Even"])), &[1, 3, 5, 7, 9]),
        (q("contains", "tags", json!(["t4", "t5"])), &[4, 5]),
        (q("containsAll", "tags", json!(["all", "t6"])), &[6]),
        (q("search", "title", json!(["even"])), &[0, 2, 4, 6, 8]),
        (q("equal", "seen", json!([true])), &[0, 1, 2]),
        (q("equal", "$id", json!(["m7"])), &[7]),
        (json!({"method": "or", "values": [q("equal", "year", json!([1990])), q("equal", "year", json!([1999]))]}), &[0, 9]),
        (
            json!({"method": "and", "values": [q("greaterThan", "year", json!([1992])), q("equal", "seen", json!([false])), q("lessThan", "rating", json!([2]))]}),
            &[3],
        ),
    ];
    for (query, expected) in cases {
        let reply = key.list(&path, std::slice::from_ref(&query));
        let expected: Vec<String> = expected.iter().map(|i| format!("m{i}")).collect();
        assert_eq!(reply.is(200).ids("documents"), expected, "{query}");
        assert_eq!(reply["total"], expected.len(), "{query}");
    }
}

#[test]
fn pages_in_order() {
    let (_app, key, path) = films();
    let ids = |queries: &[Value]| key.list(&path, queries).is(200).ids("documents");
    let limit = |n: u32| json!({"method": "limit", "values": [n]});
    let cursor = |method: &str, id: &str| json!({"method": method, "values": [id]});
    assert_eq!(ids(&[limit(2)]), ["m0", "m1"]);
    assert_eq!(ids(&[limit(2), json!({"method": "offset", "values": [3]})]), ["m3", "m4"]);
    assert_eq!(ids(&[q("orderDesc", "year", json!([])), limit(2)]), ["m9", "m8"]);
    assert_eq!(ids(&[limit(2), cursor("cursorAfter", "m3")]), ["m4", "m5"]);
    assert_eq!(ids(&[limit(2), cursor("cursorBefore", "m3")]), ["m1", "m2"]);
    assert_eq!(ids(&[q("orderDesc", "year", json!([])), limit(2), cursor("cursorAfter", "m5")]), ["m4", "m3"]);
    assert_eq!(ids(&[q("orderDesc", "year", json!([])), limit(2), cursor("cursorBefore", "m5")]), ["m7", "m6"]);
    assert_eq!(ids(&[q("orderAsc", "seen", json!([])), limit(1)]), ["m3"], "equal values come in the order they were made");
    assert_eq!(key.list(&path, &[limit(2)])["total"], 10, "pages do not change the total");
    assert_eq!(key.list(&format!("{path}?total=0"), &[])["total"], 0);
    assert_eq!(ids(&[json!({"method": "orderRandom"})]).len(), 10);
    key.list(&path, &[cursor("cursorAfter", "nope")]).fails_with(400, "general_cursor_not_found", "Document 'nope' for the 'cursor' value not found.");
    key.list(&path, &[q("orderAsc", "rating", json!([])), cursor("cursorAfter", "m9")]).fails(400, "database_query_order_null");
}

#[test]
fn only_what_is_asked_for() {
    let (_app, key, path) = films();
    let select = json!({"method": "select", "values": ["title"]});
    let found = key.list(&path, &[select.clone(), json!({"method": "limit", "values": [1]})]);
    let item = &found.is(200)["documents"][0];
    assert_eq!((item["title"].is_string(), item.get("year"), item["$id"].as_str()), (true, None, Some("m0")));
    let one = key.list(&format!("{path}/m1"), std::slice::from_ref(&select));
    assert_eq!((one.is(200)["title"].is_string(), one.json.get("year")), (true, None));
    key.list(&format!("{path}/m1"), &[json!({"method": "select", "values": ["nope"]})]).fails_with(
        400,
        "general_query_invalid",
        "Invalid query: Attribute not found in schema: nope",
    );
}

#[test]
fn queries_that_make_no_sense() {
    let (_app, key, path) = films();
    let invalid = |query: Value| key.list(&path, std::slice::from_ref(&query)).fails(400, "general_query_invalid").clone();
    invalid(q("equal", "nope", json!([1])));
    invalid(q("equal", "year", json!(["text"])));
    invalid(q("fly", "year", json!([1])));
    invalid(q("search", "tags", json!(["x"])));
    invalid(q("equal", "year", json!([])));
    invalid(json!({"method": "or", "values": [q("equal", "year", json!([1]))]}));
    invalid(json!({"method": "limit", "values": [0]}));
    invalid(json!({"method": "offset", "values": [-1]}));
    invalid(q("orderAsc", "nope", json!([])));
    invalid(q("equal", "year", Value::Array((0..501).map(Value::from).collect())));
    key.get(&format!("{path}?queries[]=%7Bbad")).fails(400, "general_query_invalid");
    let deep = (0..200).fold(q("equal", "year", json!([1])), |inner, _| json!({"method": "or", "values": [inner.clone(), inner["x"].clone()]}));
    assert_eq!(key.list(&path, &[deep]).status, 400, "deep nesting is an error, not a crash");
}

#[test]
fn a_list_ends_when_its_time_is_over() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "c", &[], false);
    attribute(&key, "c", "string", "text", &json!({"size": 9_000}));
    let long = "lorem ipsum ".repeat(700);
    for some in 0..10 {
        let documents: Vec<Value> = (0..100).map(|n| json!({"$id": format!("d{some}-{n}"), "text": long})).collect();
        key.post(&path, &json!({"documents": documents})).is(201);
    }
    let other = json!({"method": "notContains", "attribute": "text", "values": ["x"]});
    let within = |ms: &str| key.with("x-appwrite-timeout", ms).list(&path, std::slice::from_ref(&other));
    assert_eq!((within("1").status, &within("1")["type"]), (408, &json!("database_timeout")));
    // So does the list that a transaction sees.
    let transaction = key.post("/databases/transactions", &json!({})).is(201).str("$id");
    key.post(&path, &json!({"documentId": "n", "data": {"text": "new"}, "transactionId": transaction})).is(201);
    let seen = key
        .with("x-appwrite-timeout", "1")
        .get(&format!("{path}?transactionId={transaction}&queries[]={{\"method\":\"notContains\",\"attribute\":\"text\",\"values\":[\"x\"]}}"));
    assert_eq!((seen.status, &seen["type"]), (408, &json!("database_timeout")));
    assert_eq!(within("60000")["total"], 1_000);
    assert_eq!(within("soon")["total"], 1_000);
}
