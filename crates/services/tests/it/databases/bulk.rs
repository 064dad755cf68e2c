//! Many documents at once: for servers.
use serde_json::{Value, json};

use super::{app, notes, put};

#[test]
fn many_are_made_together_or_not_at_all() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["create(\"users\")"], false);
    let post = |documents: Value| key.post(&path, &json!({"documents": documents}));
    let made = post(json!([{"$id": "a", "title": "a"}, {"$id": "b", "title": "b", "$permissions": ["read(\"any\")"]}, {"title": "c"}]));
    assert_eq!((&made.is(201)["total"], &made["documents"][1]["$permissions"]), (&json!(3), &json!(["read(\"any\")"])));
    post(json!([{"$id": "z", "title": "z"}, {"$id": "a", "title": "again"}])).fails_with(
        409,
        "document_already_exists",
        "Document with the requested ID '' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.",
    );
    post(json!([{"$id": "z", "title": "z"}, {"$id": "y"}])).fails(400, "document_invalid_structure");
    key.get(&format!("{path}/z")).fails(404, "document_not_found");
    post(json!([{"$id": "bad id", "title": "x"}])).fails(400, "general_bad_request");
    post(json!([])).fails(400, "document_missing_data");
    let many: Vec<Value> = (0..101).map(|i| json!({"title": i.to_string()})).collect();
    post(json!(many)).fails(400, "general_argument_invalid");
    key.post(&path, &json!({"documents": [{"title": "x"}], "permissions": ["read(\"any\")"]})).fails_with(
        400,
        "general_bad_request",
        "Param \"permissions\" is disallowed when creating multiple documents, set \"$permissions\" on each instead",
    );
    app.user("ada").post(&path, &json!({"documents": [{"title": "x"}]})).fails(401, "general_unauthorized_scope");
    assert_eq!(key.get(&path)["total"], 3);
}

#[test]
fn many_are_changed_replaced_and_deleted() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["update(\"users\")", "delete(\"users\")"], false);
    for i in 0..5 {
        put(&key, &path, &format!("d{i}"), json!({"title": "x", "n": i}));
    }
    let few = json!({"method": "lessThan", "attribute": "n", "values": [2]}).to_string();
    let changed = key.patch(&path, &json!({"data": {"title": "few"}, "queries": [few]}));
    assert_eq!((&changed.is(200)["total"], changed.ids("documents")), (&json!(2), vec!["d0".to_owned(), "d1".to_owned()]));
    let one = json!({"method": "limit", "values": [1]}).to_string();
    assert_eq!(key.patch(&path, &json!({"data": {"title": "one"}, "queries": [one.clone()]})).is(200)["total"], 1);
    assert_eq!(key.patch(&path, &json!({"data": {"title": "all"}})).is(200)["total"], 5);
    key.patch(&path, &json!({"data": {"zz": 1}})).fails(400, "document_invalid_structure");
    key.patch(&path, &json!({"data": {}})).fails(400, "document_missing_payload");
    key.patch(&path, &json!({"data": {"title": "x"}, "queries": ["{bad"]})).fails_with(400, "general_query_invalid", "Invalid query: Syntax error");
    let put_many = key.put(&path, &json!({"documents": [{"$id": "d0", "title": "again"}, {"$id": "new", "title": "new"}]}));
    assert_eq!((&put_many.is(200)["total"], &put_many["documents"][0]["n"]), (&json!(2), &json!(0)));
    let ada = app.user("ada");
    for refused in [ada.patch(&path, &json!({"data": {"title": "x"}})), ada.put(&path, &json!({"documents": [{"title": "x"}]})), ada.delete(&path)] {
        refused.fails_with(404, "database_not_found", "Database with the requested ID 'db1' could not be found.");
    }
    let gone = key.json(protocol::spec::Verb::Delete, &path, &json!({"queries": [one]}));
    assert_eq!((&gone.is(200)["total"], gone.ids("documents")), (&json!(1), vec!["d0".to_owned()]));
    assert_eq!(key.delete(&path).is(200)["total"], 5);
    assert_eq!(key.get(&path)["total"], 0);
}

#[test]
fn totals_go_beyond_what_is_shown() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    for batch in 0..2 {
        let documents: Vec<Value> = (0..75).map(|i| json!({"title": format!("{batch}-{i}")})).collect();
        key.post(&path, &json!({"documents": documents})).is(201);
    }
    let changed = key.patch(&path, &json!({"data": {"n": 1}}));
    assert_eq!((&changed.is(200)["total"], changed["documents"].as_array().map(Vec::len)), (&json!(150), Some(100)));
    assert_eq!(key.list(&path, &[json!({"method": "equal", "attribute": "n", "values": [1]})])["total"], 150);
}
