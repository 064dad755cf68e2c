//! One document at a time.
use serde_json::{Value, json};

use super::{COLLECTIONS, app, attribute, notes, put};

#[test]
fn a_document_from_birth_to_death() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    let made = key.post(&path, &json!({"documentId": "a", "data": {"title": "first"}}));
    let fields = (&made.is(201)["$id"], &made["$sequence"], &made["$databaseId"], &made["$collectionId"], &made["n"]);
    assert_eq!(fields, (&json!("a"), &json!("1"), &json!("db1"), &json!("notes"), &Value::Null));
    assert_eq!(key.get(&format!("{path}/a")).is(200).json, made.json);
    app.clock.advance(2);
    let changed = key.patch(&format!("{path}/a"), &json!({"data": {"n": 5}}));
    assert_eq!((&changed.is(200)["n"], &changed["title"], &changed["$createdAt"]), (&json!(5), &json!("first"), &made["$createdAt"]));
    assert_ne!(changed["$updatedAt"], made["$updatedAt"]);
    assert_eq!(key.patch(&format!("{path}/a"), &json!({"data": {"n": null}})).is(200)["n"], Value::Null);
    key.delete(&format!("{path}/a")).is(204);
    key.delete(&format!("{path}/a")).fails(404, "document_not_found");
    assert_eq!(key.get(&path)["total"], 0);
    let again = key.post(&path, &json!({"documentId": "a", "data": {"title": "second"}}));
    assert_eq!(again.is(201)["$sequence"], "2", "sequences are never given twice");
}

#[test]
fn what_is_wrong_with_a_new_document() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    let post = |body: Value| key.post(&path, &body);
    let invalid = "document_invalid_structure";
    post(json!({"documentId": "x", "data": {"n": 1}})).fails_with(400, invalid, "Invalid document structure: Missing required attribute \"title\"");
    post(json!({"documentId": "x", "data": {"title": null}})).fails_with(400, invalid, "Invalid document structure: Missing required attribute \"title\"");
    post(json!({"documentId": "x", "data": {"title": "x", "bogus": 1}})).fails_with(400, invalid, "Invalid document structure: Unknown attribute: \"bogus\"");
    post(json!({"documentId": "x", "data": {"title": "x", "n": 1.5}})).fails(400, invalid);
    post(json!({"documentId": "x", "data": {"title": 5}})).fails(400, invalid);
    post(json!({"documentId": "x", "data": {"title": "x".repeat(101)}})).fails(400, invalid);
    post(json!({"documentId": "x", "data": {}})).fails_with(
        400,
        "document_missing_data",
        "The document data is missing. Try again with document data populated",
    );
    post(json!({"documentId": "x"})).fails(400, "document_missing_data");
    post(json!({"data": {"title": "x"}})).fails_with(400, "document_missing_data", "Document ID is required when creating a single document.");
    post(json!({"documentId": "bad id", "data": {"title": "x"}})).fails(400, "general_argument_invalid");
    assert_eq!(key.get(&path)["total"], 0, "nothing was written");
    put(&key, &path, "a", json!({"title": "x"}));
    post(json!({"documentId": "a", "data": {"title": "x"}})).fails_with(
        409,
        "document_already_exists",
        "Document with the requested ID 'a' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.",
    );
    assert_eq!(post(json!({"documentId": "unique()", "data": "{\"title\": \"as text\"}"})).is(201)["title"], "as text");
}

#[test]
fn values_are_checked_and_brought_into_form() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    attribute(&key, "notes", "email", "mail", &json!({}));
    attribute(&key, "notes", "url", "link", &json!({}));
    attribute(&key, "notes", "datetime", "at", &json!({}));
    attribute(&key, "notes", "float", "f", &json!({"min": 0, "max": 10}));
    attribute(&key, "notes", "boolean", "b", &json!({"default": true}));
    let with = |name: &str, value: Value| key.post(&path, &json!({"documentId": "unique()", "data": {"title": "x", name: value}}));
    let refused = |name: &str, value: Value, why: &str| {
        let text = format!("Invalid document structure: Attribute \"{name}\" has invalid {why}");
        with(name, value).fails_with(400, "document_invalid_structure", &text);
    };
    refused("mail", json!("nope"), "format. Value must be a valid email address");
    refused("link", json!("nope"), "format. Value must be a valid URL");
    refused("b", json!(1), "type. Value must be a valid boolean");
    refused("f", json!(11.5), "format. Value must be a valid range between 0 and 10");
    refused("n", json!(1990.5), "format. Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,808");
    refused("at", json!("10000-01-01T00:00:00Z"), "type. Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.");
    assert_eq!(with("at", json!("2020-01-01T10:00:00.000+05:30")).is(201)["at"], "2020-01-01T04:30:00.000+00:00");
    assert_eq!(with("at", json!("2020-01-01")).is(201)["at"], "2020-01-01T00:00:00.000+00:00");
    assert_eq!(with("at", json!("2020-01-01T10:00:00.123456Z")).is(201)["at"], "2020-01-01T10:00:00.123+00:00");
    assert_eq!(with("f", json!(5)).is(201)["f"], 5);
    assert_eq!(with("n", json!(i64::MAX)).is(201)["n"], i64::MAX);
    assert_eq!(with("b", Value::Null).is(201)["b"], true, "nothing sent is nothing said");
    assert_eq!(with("n", json!(1)).is(201)["b"], true);
}

#[test]
fn servers_set_dates_and_clients_do_not() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["create(\"users\")", "read(\"any\")"], false);
    let data = json!({"title": "x", "$createdAt": "2001-01-01T00:00:00.000+00:00", "$sequence": "77", "$id": "other"});
    let made = key.post(&path, &json!({"documentId": "a", "data": data.clone()}));
    assert_eq!((&made.is(201)["$createdAt"], &made["$id"], &made["$sequence"]), (&json!("2001-01-01T00:00:00.000+00:00"), &json!("a"), &json!("1")));
    let by_user = app.user("ada").post(&path, &json!({"documentId": "b", "data": data}));
    assert_ne!(by_user.is(201)["$createdAt"], "2001-01-01T00:00:00.000+00:00");
    let moved = key.patch(&format!("{path}/b"), &json!({"data": {"$createdAt": "2002-01-01T00:00:00.000+00:00"}}));
    assert_eq!(moved.is(200)["$createdAt"], "2002-01-01T00:00:00.000+00:00");
}

#[test]
fn replacing_keeps_what_is_not_sent() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    let made = key.put(&format!("{path}/u"), &json!({"data": {"title": "one", "n": 7}, "permissions": ["read(\"any\")"]}));
    assert_eq!((&made.is(200)["title"], &made["n"]), (&json!("one"), &json!(7)));
    let replaced = key.put(&format!("{path}/u"), &json!({"data": {"title": "two"}}));
    assert_eq!((&replaced.is(200)["title"], &replaced["n"], &replaced["$permissions"]), (&json!("two"), &json!(7), &json!(["read(\"any\")"])));
    assert_eq!(replaced["$createdAt"], made["$createdAt"]);
    key.put(&format!("{path}/u"), &json!({"data": {"n": 1}})).fails_with(
        400,
        "document_invalid_structure",
        "Invalid document structure: Missing required attribute \"title\"",
    );
    key.put(&format!("{path}/u"), &json!({})).fails_with(
        400,
        "document_missing_payload",
        "The document data and permissions are missing. You must provide either document data or permissions to be updated.",
    );
    key.patch(&format!("{path}/u"), &json!({})).fails(400, "document_missing_payload");
    key.patch(&format!("{path}/nope"), &json!({"data": {"title": "x"}})).fails(404, "document_not_found");
}

#[test]
fn an_old_copy_does_not_overwrite() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x"}));
    let old = key.with("x-appwrite-timestamp", "2001-01-01T00:00:00.000Z");
    old.patch(&format!("{path}/a"), &json!({"data": {"title": "old"}})).fails_with(409, "document_update_conflict", "Remote document is newer than local.");
    old.delete(&format!("{path}/a")).fails(409, "document_update_conflict");
    let wrong = key.with("x-appwrite-timestamp", "invalid");
    let body = json!({"data": {"title": "wrong"}});
    let at = format!("{path}/a");
    for refused in [wrong.patch(&at, &body), wrong.put(&at, &body), wrong.delete(&at), wrong.patch(&path, &body), wrong.delete(&path)] {
        refused.fails_with(400, "general_argument_invalid", "Invalid X-Appwrite-Timestamp header value");
    }
    assert_eq!(key.with("x-appwrite-timestamp", "").get(&at)["title"], "x");
    let new = key.with("x-appwrite-timestamp", "2999-01-01T00:00:00.000Z");
    new.patch(&format!("{path}/a"), &json!({"data": {"title": "new"}})).is(200);
    new.delete(&format!("{path}/a")).is(204);
}

#[test]
fn numbers_go_up_and_down() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    attribute(&key, "notes", "float", "f", &json!({}));
    put(&key, &path, "a", json!({"title": "x", "n": 10, "f": 0.5}));
    let step = |at: &str, body: Value| key.patch(&format!("{path}/a/{at}"), &body);
    assert_eq!(step("n/increment", json!({"value": 5})).is(200)["n"], 15);
    assert_eq!(step("n/increment", json!({})).is(200)["n"], 16);
    assert_eq!(step("n/decrement", json!({"value": 3})).is(200)["n"], 13);
    assert_eq!(step("f/increment", json!({"value": 0.5})).is(200)["f"], 1);
    step("n/increment", json!({"value": 5, "max": 10})).fails_with(400, "attribute_limit_exceeded", "databases \"n\" has reached the maximum value of 10");
    step("n/decrement", json!({"value": 300, "min": 0})).fails_with(400, "attribute_limit_exceeded", "databases \"n\" has reached the minimum value of 0");
    step("title/increment", json!({"value": 1})).fails_with(400, "attribute_type_invalid", "databases \"title\" is not a number");
    step("nope/increment", json!({})).fails_with(404, "attribute_not_found", "Attribute with the requested key '%s' could not be found.");
    step("n/increment", json!({"value": 0})).fails_with(400, "general_argument_invalid", "Value must be numeric and greater than 0");
    step("n/increment", json!({"value": -1})).fails(400, "general_argument_invalid");
    key.patch(&format!("{path}/nope/n/increment"), &json!({})).fails(404, "attribute_not_found");
    put(&key, &path, "b", json!({"title": "x"}));
    assert_eq!(key.patch(&format!("{path}/b/n/increment"), &json!({})).is(200)["n"], 1, "nothing counts as zero");
    app.user("ada").patch(&format!("{path}/a/n/increment"), &json!({})).fails(401, "user_unauthorized");
}

#[test]
fn steps_go_beyond_the_attributes_bounds_and_lists_are_never_null() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    attribute(&key, "notes", "integer", "small", &json!({"min": 1700, "max": 2200}));
    attribute(&key, "notes", "integer", "list", &json!({"array": true}));
    put(&key, &path, "a", json!({"title": "x"}));
    let read = key.get(&format!("{path}/a"));
    assert_eq!((&read["list"], &read["small"]), (&json!([]), &Value::Null));
    assert_eq!(key.patch(&format!("{path}/a/small/increment"), &json!({})).is(200)["small"], 1);
    key.patch(&format!("{path}/a"), &json!({"data": {"small": 2}})).fails(400, "document_invalid_structure");
}

#[test]
fn sixteen_callers_count_to_the_same_number() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x", "n": 0}));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..10 {
                    key.patch(&format!("{path}/a/n/increment"), &json!({})).is(200);
                }
            });
        }
    });
    assert_eq!(key.get(&format!("{path}/a"))["n"], 160);
}

#[test]
fn what_happened_to_a_document_is_on_record() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x"}));
    key.get(&format!("{path}/nope")).fails(404, "document_not_found");
    key.get(&format!("{COLLECTIONS}/nope/documents/a")).fails_with(404, "collection_not_found", "Collection with the requested ID 'nope' could not be found.");
    key.get("/databases/nope/collections/notes/documents/a").fails(404, "database_not_found");
    key.patch(&format!("{path}/a"), &json!({"data": {"n": 1}})).is(200);
    // The creation is on record with the collection.
    let logs = key.get(&format!("{path}/a/logs"));
    assert_eq!((&logs.is(200)["total"], &logs["logs"][0]["event"], &logs["logs"][0]["userType"]), (&json!(1), &json!("document.update"), &json!("keyProject")));
    assert_eq!(key.get(&format!("{COLLECTIONS}/notes/logs")).is(200)["logs"][0]["event"], "document.create");
    app.user("ada").get(&format!("{path}/nope/logs")).fails(404, "document_not_found");
}

#[test]
fn documents_are_written_as_models_are() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], true);
    attribute(&key, "notes", "float", "f", &json!({}));
    attribute(&key, "notes", "boolean", "flags", &json!({"array": true}));
    attribute(&key, "notes", "point", "at", &json!({}));
    let own = json!(["read(\"any\")", "update(\"user:a\")"]);
    let all = [
        json!({"title": "\" \\ / \u{1} \n \u{7f} \u{2028} é 京 😀", "n": -7, "f": 1e21, "flags": [true, false], "at": [1.5, -2]}),
        json!({"title": "", "f": 0.1}),
        json!({"title": "x", "n": 9_007_199_254_740_993_i64, "f": -0.0, "flags": []}),
    ];
    let made: Vec<String> =
        all.iter().map(|data| key.post(&path, &json!({"documentId": "unique()", "data": data, "permissions": own}))).map(|a| a.is(201).text()).collect();
    // What is made comes as a map and is shaped; what is read is written right away.
    assert_eq!(key.get(&path).is(200).text(), format!("{{\"total\":3,\"documents\":[{}]}}", made.join(",")));
    for text in &made {
        let id = serde_json::from_str::<Value>(text).unwrap()["$id"].as_str().unwrap().to_owned();
        assert_eq!(&key.get(&format!("{path}/{id}")).is(200).text(), text);
    }
    // Older clients have it shaped.
    let old = key.with("x-appwrite-response-format", "1.3.0").get(&path);
    assert_eq!(old.is(200)["documents"][0]["title"], all[0]["title"]);
}

#[test]
fn older_formats_differ_in_the_sequence_alone() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "\"quoted\" text"}));
    let (one, all) = (key.get(&format!("{path}/a")), key.get(&path));
    for (format, sequence) in [("1.3.0", json!(1)), ("1.8.0", json!(1)), ("1.9.2", json!("1")), ("2.5.0", json!("1"))] {
        let old = key.with("x-appwrite-response-format", format);
        let as_then = |document: &Value| {
            let mut document = document.clone();
            document["$sequence"] = sequence.clone();
            document
        };
        assert_eq!(old.get(&format!("{path}/a")).json, as_then(&one.json), "{format}");
        assert_eq!(&old.get(&path)["documents"][0], &as_then(&all["documents"][0]), "{format}");
    }
}
