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
fn of_what_stays_as_it_is_nothing_is_told() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    for i in 0..3 {
        put(&key, &path, &format!("d{i}"), json!({"title": "x", "n": i}));
    }
    let whole = |id: &str, title: &str| {
        let mut document = key.get(&format!("{path}/{id}")).json;
        document.as_object_mut().unwrap().retain(|name, _| name == "$id" || !name.starts_with('$'));
        document["title"] = json!(title);
        document
    };
    let changed_at = |id: &str| key.get(&format!("{path}/{id}"))["$updatedAt"].clone();
    let before = changed_at("d0");
    app.clock.advance(1);
    let put_many = |documents: Value| key.put(&path, &json!({"documents": documents}));
    let done = put_many(json!([whole("d0", "x"), whole("d1", "changed"), {"$id": "new", "title": "new"}]));
    assert_eq!((&done.is(200)["total"], done.ids("documents")), (&json!(2), vec!["d1".to_owned(), "new".to_owned()]));
    assert_eq!(changed_at("d0"), before);
    put_many(json!([whole("d0", "x"), whole("d0", "x")])).is(200);
    put_many(json!([whole("d0", "y"), whole("d0", "z")])).fails(409, "document_already_exists");
    assert_eq!(changed_at("d0"), before);
    // Who does not name all of it changes it; so does who changes many.
    key.put(&format!("{path}/d0"), &json!({"data": {"title": "x"}})).is(200);
    let named = changed_at("d0");
    assert_ne!(named, before);
    app.clock.advance(1);
    assert_eq!(key.patch(&path, &json!({"data": {"n": 0}})).is(200)["total"], 4);
    assert_ne!(changed_at("d0"), named);
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

/// Documents `d0…` with `n` counting up, so many that a change takes several transactions.
fn many(key: &testkit::Client, path: &str, count: usize) {
    for from in (0..count).step_by(100) {
        let documents: Vec<Value> = (from..count.min(from + 100)).map(|i| json!({"$id": format!("d{i}"), "title": "x", "n": i})).collect();
        key.post(path, &json!({"documents": documents})).is(201);
    }
}

#[test]
fn more_than_one_portion() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    many(&key, &path, 2_300);
    let total = |queries: &[Value]| key.list(&path, queries)["total"].clone();
    let titled = |title: &str| json!({"method": "equal", "attribute": "title", "values": [title]});
    // What a change makes of the documents does not decide which of them are changed.
    let unchanged = json!({"method": "equal", "attribute": "title", "values": ["x"]}).to_string();
    let changed = key.patch(&path, &json!({"data": {"title": "y"}, "queries": [unchanged]}));
    assert_eq!((&changed.is(200)["total"], changed.ids("documents").len(), &changed["documents"][0]["$id"]), (&json!(2_300), 100, &json!("d0")));
    assert_eq!(total(&[titled("y")]), 2_300);
    // In an order, as many as wanted.
    let (down, limit) = (json!({"method": "orderDesc", "attribute": "n"}).to_string(), json!({"method": "limit", "values": [1_500]}).to_string());
    let some = key.patch(&path, &json!({"data": {"title": "z"}, "queries": [down, limit]}));
    assert_eq!((&some.is(200)["total"], &some["documents"][0]["$id"]), (&json!(1_500), &json!("d2299")));
    assert_eq!(total(&[titled("z"), json!({"method": "greaterThanEqual", "attribute": "n", "values": [800]})]), 1_500);
    // In an order, all: the answer shows those that come first in it.
    let down = json!({"method": "orderDesc", "attribute": "n"}).to_string();
    let all = key.patch(&path, &json!({"data": {"title": "a"}, "queries": [down]}));
    assert_eq!((&all.is(200)["total"], &all["documents"][0]["$id"], &all["documents"][99]["$id"]), (&json!(2_300), &json!("d2299"), &json!("d2200")));
    let gone = key.json(protocol::spec::Verb::Delete, &path, &json!({"queries": [json!({"method": "offset", "values": [200]}).to_string()]}));
    assert_eq!(gone.is(200)["total"], 2_100);
    assert_eq!(total(&[]), 200);
    assert_eq!(key.delete(&path).is(200)["total"], 200);
    assert_eq!(total(&[]), 0);
}

#[test]
fn what_is_read_and_written_is_counted() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    many(&key, &path, 120);
    put(&key, &path, "one", json!({"title": "x"}));
    key.get(&format!("{path}/one")).is(200);
    key.list(&path, &[json!({"method": "limit", "values": [40]})]).is(200);
    assert_eq!(key.patch(&path, &json!({"data": {"title": "y"}})).is(200)["total"], 121);
    key.delete(&format!("{path}/one")).is(204);
    let of = key.get("/databases/db1/usage?range=24h");
    let (reads, writes) = (41, 120 + 1 + 121 + 1);
    assert_eq!((&of.is(200)["databaseReadsTotal"], &of["databaseWritesTotal"]), (&json!(reads), &json!(writes)), "{}", of.text());
    let sum = |answer: &testkit::Answer, key: &str| answer[key].as_array().unwrap().iter().filter_map(|v| v["value"].as_u64()).sum::<u64>();
    assert_eq!((sum(&of, "databaseReads"), sum(&of, "databaseWrites")), (reads, writes));
    let all = key.get("/tablesdb/usage?range=30d");
    assert_eq!((&all.is(200)["databasesReadsTotal"], sum(&all, "databasesWrites")), (&json!(reads), writes));
    let project = app.key_with(&["projects.read"]).get("/project/usage?startDate=2026-01-01T00:00:00.000Z&endDate=2026-01-08T00:00:00.000Z");
    assert_eq!((sum(project.is(200), "databasesReads"), sum(&project, "databasesWrites")), (reads, writes));
    assert!(sum(&project, "requests") > 5 && sum(&project, "network") > 1_000, "{}", project.text());
}
