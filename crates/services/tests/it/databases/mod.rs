//! Databases in both vocabularies: schemas, documents and rows, who may do what with them, queries, operators, transactions.
mod bad_input;
mod bulk;
mod contract;
mod documents;
mod events;
mod extra;
mod hostile;
mod operators;
mod permissions;
mod queries;
mod relationships;
mod schema;
mod search;
mod spatial;
mod tables;
mod transactions;

use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// Where the tests' collections are.
const COLLECTIONS: &str = "/databases/db1/collections";

/// An app with a database.
fn app() -> TestApp {
    let app = TestApp::new();
    app.key().post("/databases", &json!({"databaseId": "db1", "name": "Main"})).is(201);
    app
}

/// Makes a collection and returns the path of its documents.
fn collection(key: &Client, id: &str, permissions: &[&str], document_security: bool) -> String {
    let body = json!({"collectionId": id, "name": id, "permissions": permissions, "documentSecurity": document_security});
    key.post(COLLECTIONS, &body).is(201);
    format!("{COLLECTIONS}/{id}/documents")
}

/// Makes an attribute; `extra` are the parameters besides `key` and `required`.
fn attribute(key: &Client, collection: &str, kind: &str, name: &str, extra: &Value) {
    let mut body = json!({"key": name, "required": false});
    if let (Some(body), Some(extra)) = (body.as_object_mut(), extra.as_object()) {
        body.extend(extra.clone());
    }
    let made = key.post(&format!("{COLLECTIONS}/{collection}/attributes/{kind}"), &body);
    assert_eq!(made.is(202)["status"], "processing");
}

/// A collection `notes` with a required `title` and an optional number `n`.
fn notes(key: &Client, permissions: &[&str], document_security: bool) -> String {
    let path = collection(key, "notes", permissions, document_security);
    attribute(key, "notes", "string", "title", &json!({"size": 100, "required": true}));
    attribute(key, "notes", "integer", "n", &json!({}));
    path
}

/// Makes a document.
fn put(client: &Client, path: &str, id: &str, data: Value) {
    client.post(path, &json!({"documentId": id, "data": data})).is(201);
}
