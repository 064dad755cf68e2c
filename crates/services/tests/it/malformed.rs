//! Values of documents that cannot be read at all, before anything is looked for or written.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

const DOCUMENTS: &str = "/databases/db1/collections/notes/documents";

fn notes(app: &TestApp) -> Client {
    let key = app.key();
    key.post("/databases", &json!({"databaseId": "db1", "name": "Main"})).is(201);
    key.post("/databases/db1/collections", &json!({"collectionId": "notes", "name": "Notes"})).is(201);
    key.post("/databases/db1/collections/notes/attributes/integer", &json!({"key": "n", "required": false})).is(202);
    key.post(DOCUMENTS, &json!({"documentId": "a", "data": {"n": 1}})).is(201);
    key
}

#[test]
fn operators_that_cannot_be_read_refuse_the_request() {
    let app = TestApp::new();
    let key = notes(&app);
    let broken = json!({"n": json!({"method": "increment", "values": 5}).to_string()});
    let message = "Invalid operator for attribute \"n\": Invalid operator values. Must be an array, got integer";
    let refused = |answer: &testkit::Answer| {
        answer.fails_with(400, "general_bad_request", message);
    };
    refused(&key.patch(&format!("{DOCUMENTS}/a"), &json!({"data": broken})));
    refused(&key.patch(&format!("{DOCUMENTS}/none"), &json!({"data": broken})));
    refused(&key.put(&format!("{DOCUMENTS}/a"), &json!({"data": broken})));
    refused(&key.patch(DOCUMENTS, &json!({"data": broken})));
    refused(&key.put(DOCUMENTS, &json!({"documents": [{"$id": "a", "n": broken["n"]}]})));
    assert_eq!(key.get(&format!("{DOCUMENTS}/a"))["n"], 1);
}

#[test]
fn times_of_the_server_are_checked_as_dates_are() {
    let app = TestApp::new();
    let key = notes(&app);
    let post = |at: Value| key.post(DOCUMENTS, &json!({"documentId": "b", "data": {"n": 1, "$createdAt": at}}));
    for bad in [json!("0999-12-31T00:00:00Z"), json!("nope"), json!(5)] {
        let why = "Attribute \"$createdAt\" has invalid type. Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.";
        post(bad).fails_with(400, "document_invalid_structure", &format!("Invalid document structure: {why}"));
    }
    assert_eq!(post(json!("2001-02-03")).is(201)["$createdAt"], "2001-02-03T00:00:00.000+00:00");
}

#[test]
fn a_single_document_takes_selections_only() {
    let app = TestApp::new();
    let key = notes(&app);
    let one = format!("{DOCUMENTS}/a");
    let refused = |query: Value, why: &str| {
        key.list(&one, &[query]).fails_with(400, "general_query_invalid", why);
    };
    refused(json!({"method": "limit", "values": [1]}), "Invalid query method: limit");
    refused(json!({"method": "equal", "attribute": "n", "values": [1]}), "Invalid query method: equal");
    refused(json!({"method": "select", "values": ["bogus"]}), "Invalid query: Attribute not found in schema: bogus");
    let shown = key.list(&one, &[json!({"method": "select", "values": ["n"]})]);
    assert_eq!(shown.is(200)["n"], 1);
}
