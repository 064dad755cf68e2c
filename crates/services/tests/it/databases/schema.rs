//! Databases, collections, attributes and indexes.
use serde_json::{Value, json};

use super::{COLLECTIONS, app, attribute, collection, put};

#[test]
fn databases_come_and_go() {
    let app = app();
    let key = app.key();
    let made = key.post("/databases", &json!({"databaseId": "db2", "name": "Second", "enabled": false}));
    assert_eq!((&made.is(201)["enabled"], &made["type"]), (&json!(false), &json!("legacy")));
    key.post("/databases", &json!({"databaseId": "db1", "name": "x"})).fails_with(
        409,
        "database_already_exists",
        "Database with the requested ID 'db1' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.",
    );
    assert_eq!(key.get("/databases").ids("databases"), ["db1", "db2"]);
    assert_eq!(key.list("/databases", &[json!({"method": "equal", "attribute": "name", "values": ["Second"]})]).ids("databases"), ["db2"]);
    assert_eq!(key.get("/databases?search=second").ids("databases"), ["db2"]);
    assert_eq!(key.get("/databases?total=false")["total"], 0);
    assert_eq!(key.put("/databases/db1", &json!({"name": "Renamed"})).is(200)["name"], "Renamed");
    key.delete("/databases/db2").is(204);
    key.get("/databases/db2").fails_with(404, "database_not_found", "Database with the requested ID 'db2' could not be found.");
    app.user("ada").get("/databases").fails(401, "general_unauthorized_scope");
}

#[test]
fn what_is_in_a_deleted_database_is_gone_for_good() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "things", &["read(\"any\")"], false);
    attribute(&key, "things", "integer", "n", &json!({}));
    put(&key, &path, "a", json!({"n": 1}));
    key.delete("/databases/db1").is(204);
    key.get(&format!("{path}/a")).fails(404, "database_not_found");
    key.post("/databases", &json!({"databaseId": "db1", "name": "Again"})).is(201);
    assert_eq!(key.get(COLLECTIONS).is(200)["total"], 0);
    key.get(&format!("{path}/a")).fails(404, "collection_not_found");
}

#[test]
fn collections_have_names_rights_and_figures() {
    let app = app();
    let key = app.key();
    let made = key.post(COLLECTIONS, &json!({"collectionId": "c", "name": "C", "permissions": ["write(\"users\")", "read(\"any\")"]}));
    assert_eq!(made.is(201)["$permissions"], json!(["create(\"users\")", "update(\"users\")", "delete(\"users\")", "read(\"any\")"]));
    assert_eq!((&made["documentSecurity"], &made["enabled"], &made["databaseId"]), (&json!(false), &json!(true), &json!("db1")));
    key.post(COLLECTIONS, &json!({"collectionId": "c", "name": "C"})).fails(409, "collection_already_exists");
    key.post(COLLECTIONS, &json!({"collectionId": "d", "name": "D", "permissions": ["fly(\"any\")"]})).fails(400, "general_argument_invalid");
    let changed = key.put(&format!("{COLLECTIONS}/c"), &json!({"name": "Other", "documentSecurity": true}));
    assert_eq!((&changed.is(200)["name"], &changed["documentSecurity"]), (&json!("Other"), &json!(true)));
    assert_eq!(changed["$permissions"], made["$permissions"], "permissions that are not sent stay");
    key.get("/databases/nope/collections").fails(404, "database_not_found");
    key.delete(&format!("{COLLECTIONS}/c")).is(204);
    key.get(&format!("{COLLECTIONS}/c")).fails_with(404, "collection_not_found", "Collection with the requested ID 'c' could not be found.");
}

#[test]
fn collections_may_bring_attributes_and_indexes() {
    let app = app();
    let key = app.key();
    let body = json!({"collectionId": "c", "name": "C",
        "attributes": [{"key": "name", "type": "string", "size": 20, "required": true}, {"key": "age", "type": "integer", "required": false, "default": 3}],
        "indexes": [{"key": "by_age", "type": "key", "attributes": ["age"]}]});
    key.post(COLLECTIONS, &body).is(201);
    let c = key.get(&format!("{COLLECTIONS}/c"));
    let names: Vec<&Value> = c["attributes"].as_array().map(|a| a.iter().map(|x| &x["key"]).collect()).unwrap_or_default();
    assert_eq!(names, ["name", "age"]);
    assert_eq!((&c["attributes"][1]["default"], &c["attributes"][0]["status"]), (&json!(3), &json!("available")));
    assert_eq!((&c["indexes"][0]["key"], &c["indexes"][0]["status"]), (&json!("by_age"), &json!("available")));
}

#[test]
fn attributes_of_every_scalar_type() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "all", &[], false);
    let types: [(&str, &str, Value, Value); 15] = [
        ("string", "string", json!({"size": 10}), json!("abc")),
        ("varchar", "varchar", json!({"size": 10}), json!("abc")),
        ("text", "text", json!({}), json!("abc")),
        ("mediumtext", "mediumtext", json!({}), json!("abc")),
        ("longtext", "longtext", json!({}), json!("abc")),
        ("integer", "integer", json!({"min": 0, "max": 10}), json!(5)),
        ("bigint", "bigint", json!({}), json!(9_007_199_254_740_993_i64)),
        ("float", "double", json!({"min": 0.5, "max": 2.5}), json!(1.25)),
        ("boolean", "boolean", json!({}), json!(true)),
        ("email", "string", json!({}), json!("a@example.com")),
        ("enum", "string", json!({"elements": ["x", "y"]}), json!("y")),
        ("url", "string", json!({}), json!("https://example.com/a")),
        ("ip", "string", json!({}), json!("10.0.0.1")),
        ("datetime", "datetime", json!({}), json!("2020-01-02T03:04:05.000+00:00")),
        ("string", "string", json!({"size": 10, "array": true, "key": "list"}), json!(["a", "b"])),
    ];
    let mut data = json!({});
    for (route, kind, extra, value) in &types {
        let name = extra["key"].as_str().map_or_else(|| format!("a_{route}"), str::to_owned);
        attribute(&key, "all", route, &name, extra);
        let found = key.get(&format!("{COLLECTIONS}/all/attributes/{name}"));
        assert_eq!((&found.is(200)["type"], &found["status"], &found["error"]), (&json!(kind), &json!("available"), &json!("")), "{route}");
        data[name] = value.clone();
    }
    let made = key.post(&path, &json!({"documentId": "d", "data": data.clone()}));
    for (name, value) in data.as_object().into_iter().flatten() {
        assert_eq!(&made.is(201)[name], value, "{name}");
    }
    let read = key.get(&format!("{path}/d"));
    for (name, value) in data.as_object().into_iter().flatten() {
        assert_eq!(&read.is(200)[name], value, "{name}");
    }
    let list = key.get(&format!("{COLLECTIONS}/all/attributes"));
    assert_eq!((&list["total"], list["attributes"].as_array().map(Vec::len)), (&json!(15), Some(15)));
}

#[test]
fn attributes_refuse_what_makes_no_sense() {
    let app = app();
    let key = app.key();
    collection(&key, "c", &[], false);
    let path = format!("{COLLECTIONS}/c/attributes");
    let post = |kind: &str, body: Value| key.post(&format!("{path}/{kind}"), &body);
    post("integer", json!({"key": "n", "required": true, "default": 1})).fails_with(
        400,
        "attribute_default_unsupported",
        "Cannot set default value for required attribute",
    );
    post("integer", json!({"key": "n", "required": false, "array": true, "default": 1})).fails(400, "attribute_default_unsupported");
    post("integer", json!({"key": "n", "required": false, "min": 5, "max": 1})).fails_with(
        400,
        "attribute_value_invalid",
        "Minimum value must be lesser than maximum value",
    );
    post("integer", json!({"key": "n", "required": false, "min": 5, "max": 9, "default": 1})).fails(400, "attribute_value_invalid");
    post("enum", json!({"key": "e", "required": false, "elements": ["a"], "default": "b"})).fails_with(
        400,
        "attribute_value_invalid",
        "Default value not found in elements",
    );
    post("string", json!({"key": "s", "required": false, "size": 2, "default": "abc"})).fails(400, "attribute_value_invalid");
    post("string", json!({"key": "bad key", "required": false, "size": 2})).fails(400, "general_argument_invalid");
    attribute(&key, "c", "integer", "n", &json!({}));
    post("integer", json!({"key": "n", "required": false})).fails_with(
        409,
        "attribute_already_exists",
        "Attribute with the requested key 'n' already exists. Attribute keys must be unique, try again with a different key.",
    );
    key.get(&format!("{path}/nope")).fails_with(404, "attribute_not_found", "Attribute with the requested key 'nope' could not be found.");
    key.delete(&format!("{path}/nope")).fails(404, "attribute_not_found");
}

#[test]
fn attributes_change_and_keep_their_values() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "c", &[], false);
    attribute(&key, "c", "string", "name", &json!({"size": 10}));
    key.post(&format!("{COLLECTIONS}/c/indexes"), &json!({"key": "by_name", "type": "key", "attributes": ["name"]})).is(202);
    put(&key, &path, "a", json!({"name": "Ada"}));
    let at = format!("{COLLECTIONS}/c/attributes");
    let changed = key.patch(&format!("{at}/string/name"), &json!({"required": false, "default": "none", "size": 20, "newKey": "title"}));
    assert_eq!((&changed.is(200)["key"], &changed["default"], &changed["size"]), (&json!("title"), &json!("none"), &json!(20)));
    key.get(&format!("{at}/name")).fails(404, "attribute_not_found");
    assert_eq!(key.get(&format!("{path}/a"))["title"], "Ada");
    assert_eq!(key.get(&format!("{COLLECTIONS}/c/indexes/by_name"))["attributes"], json!(["title"]));
    let made = key.post(&path, &json!({"documentId": "b", "data": {"title": "x"}}));
    assert_eq!(made.is(201)["title"], "x");
    key.delete(&format!("{at}/title")).is(204);
    assert_eq!(key.get(&format!("{path}/a")).is(200)["title"], Value::Null);
    assert_eq!(key.get(&format!("{COLLECTIONS}/c/indexes"))["total"], 0, "an index goes with its only attribute");
}

#[test]
fn the_route_of_another_type_changes_what_both_have() {
    let app = app();
    let key = app.key();
    collection(&key, "c", &[], false);
    attribute(&key, "c", "string", "name", &json!({"size": 10, "required": true}));
    attribute(&key, "c", "email", "mail", &json!({}));
    attribute(&key, "c", "integer", "n", &json!({"min": 1, "max": 9}));
    attribute(&key, "c", "enum", "e", &json!({"elements": ["a", "b"]}));
    let at = format!("{COLLECTIONS}/c/attributes");
    let change = |path: &str, body: Value| key.patch(&format!("{at}/{path}"), &body);
    let changed = change("integer/name", json!({"required": false, "default": null}));
    assert_eq!((&changed.is(200)["type"], &changed["required"], &changed["min"]), (&json!("string"), &json!(false), &json!(null)));
    assert_eq!(key.get(&format!("{at}/name"))["size"], 10);
    change("integer/name", json!({"required": false, "default": 5})).fails(400, "document_invalid_structure");
    change("varchar/name", json!({"required": false, "default": null, "size": 20})).is(200);
    assert_eq!(key.get(&format!("{at}/name"))["size"], 20);
    change("string/mail", json!({"required": false, "default": "a@b.example"})).is(200);
    change("string/mail", json!({"required": false, "default": "none"})).fails(400, "attribute_value_invalid");
    assert_eq!(key.get(&format!("{at}/mail"))["format"], "email");
    change("float/n", json!({"required": false, "default": null, "max": 5.0})).is(200);
    let n = key.get(&format!("{at}/n"));
    assert_eq!((&n["type"], &n["min"], &n["max"]), (&json!("integer"), &json!(1), &json!(5)));
    change("string/e", json!({"required": false, "default": null})).fails(400, "attribute_value_invalid");
    assert_eq!(key.get(&format!("{at}/e"))["elements"], json!(["a", "b"]));
}

#[test]
fn defaults_of_dates_are_shown_as_told() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "c", &[], false);
    attribute(&key, "c", "datetime", "born", &json!({"default": "2000-01-01T00:00:00Z"}));
    attribute(&key, "c", "integer", "n", &json!({}));
    assert_eq!(key.get(&format!("{COLLECTIONS}/c/attributes/born"))["default"], "2000-01-01T00:00:00Z");
    assert_eq!(key.post(&path, &json!({"documentId": "a", "data": {"n": 1}})).is(201)["born"], "2000-01-01T00:00:00.000+00:00");
}

#[test]
fn indexes_of_all_kinds() {
    let app = app();
    let key = app.key();
    let path = collection(&key, "c", &[], false);
    attribute(&key, "c", "string", "name", &json!({"size": 50}));
    attribute(&key, "c", "integer", "n", &json!({}));
    let at = format!("{COLLECTIONS}/c/indexes");
    let made = key.post(&at, &json!({"key": "u", "type": "unique", "attributes": ["name"]}));
    assert_eq!((&made.is(202)["status"], &made["type"]), (&json!("processing"), &json!("unique")));
    assert_eq!(key.get(&format!("{at}/u")).is(200)["status"], "available");
    key.post(&at, &json!({"key": "made", "type": "key", "attributes": ["$createdAt"], "orders": ["DESC"]})).is(202);
    key.post(&at, &json!({"key": "words", "type": "fulltext", "attributes": ["name"]})).is(202);
    key.post(&at, &json!({"key": "u", "type": "key", "attributes": ["n"]})).fails(409, "index_already_exists");
    key.post(&at, &json!({"key": "x", "type": "key", "attributes": ["nope"]})).fails(400, "attribute_unknown");
    key.post(&at, &json!({"key": "x", "type": "fulltext", "attributes": ["n"]})).fails(400, "index_invalid");
    key.post(&at, &json!({"key": "x", "type": "odd", "attributes": ["n"]})).fails(400, "general_argument_invalid");
    put(&key, &path, "a", json!({"name": "Ada"}));
    key.post(&path, &json!({"documentId": "b", "data": {"name": "Ada"}})).fails(409, "document_already_exists");
    key.delete(&format!("{at}/u")).is(204);
    put(&key, &path, "b", json!({"name": "Ada"}));
    key.get(&format!("{at}/u")).fails(404, "index_not_found");
    assert_eq!(key.get(&at)["total"], 2);
}
