//! Relationships through the API.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

const ALL: [&str; 4] = ["create(\"users\")", "read(\"users\")", "update(\"users\")", "delete(\"users\")"];

/// Two collections with a name each and a relationship `rel` (back: `back`) from the first to the second.
fn related(app: &TestApp, kind: &str, extra: Value, permissions: &[&str]) -> (String, String) {
    let key = app.key();
    let paths = ["one", "two"].map(|id| {
        let path = collection(&key, id, permissions, true);
        attribute(&key, id, "string", "name", &json!({"size": 50}));
        path
    });
    relate(&key, "one", "two", kind, extra).is(202);
    let [one, two] = paths;
    (one, two)
}

fn relate(key: &Client, from: &str, to: &str, kind: &str, extra: Value) -> testkit::Answer {
    let mut body = json!({"relatedCollectionId": to, "type": kind, "key": "rel", "twoWayKey": "back"});
    if let (Some(body), Value::Object(extra)) = (body.as_object_mut(), extra) {
        body.extend(extra);
    }
    key.post(&format!("{COLLECTIONS}/{from}/attributes/relationship"), &body)
}

/// A read with a selection.
fn chosen(client: &Client, path: &str, names: &[&str]) -> testkit::Answer {
    client.list(path, &[json!({"method": "select", "values": names})])
}

#[test]
fn an_attribute_and_its_twin() {
    let app = app();
    let key = app.key();
    let (_, _) = related(&app, "oneToMany", json!({"twoWay": true, "onDelete": "cascade"}), &[]);
    let one = key.get(&format!("{COLLECTIONS}/one/attributes/rel"));
    let wanted = json!(["relationship", "available", "two", "oneToMany", true, "back", "cascade", "parent"]);
    let shown =
        |a: &testkit::Answer| json!([a["type"], a["status"], a["relatedCollection"], a["relationType"], a["twoWay"], a["twoWayKey"], a["onDelete"], a["side"]]);
    assert_eq!(shown(&one), wanted);
    let two = key.get(&format!("{COLLECTIONS}/two/attributes/back"));
    assert_eq!(shown(&two), json!(["relationship", "available", "one", "oneToMany", true, "rel", "cascade", "child"]));
    assert_eq!(key.get(&format!("{COLLECTIONS}/two/attributes"))["total"], 2);
    relate(&key, "one", "two", "oneToOne", json!({"key": "REL"})).fails(409, "attribute_already_exists");
    relate(&key, "one", "two", "oneToOne", json!({"key": "other"})).fails(409, "attribute_already_exists");
    relate(&key, "one", "two", "oneToOne", json!({"key": "other", "twoWayKey": "NAME", "twoWay": true})).fails(409, "attribute_already_exists");
    relate(&key, "one", "nope", "oneToOne", json!({"key": "other"})).fails(404, "collection_not_found");
    relate(&key, "one", "two", "manyToMany", json!({"key": "m", "twoWayKey": "n"})).is(202);
    assert_eq!(
        relate(&key, "one", "two", "manyToMany", json!({"key": "m2", "twoWayKey": "n2"})).fails(409, "attribute_already_exists")["message"],
        "Creating more than one \"manyToMany\" relationship on the same collection is currently not permitted."
    );
    let path = format!("{COLLECTIONS}/one/attributes/rel/relationship");
    assert_eq!(key.patch(&path, &json!({"onDelete": "setNull", "newKey": "things"})).is(200)["key"], "things");
    let twin = key.get(&format!("{COLLECTIONS}/two/attributes/back"));
    assert_eq!((&twin["twoWayKey"], &twin["onDelete"]), (&json!("things"), &json!("setNull")));
    key.patch(&format!("{COLLECTIONS}/one/attributes/relationship/name"), &json!({"onDelete": "setNull"})).fails(400, "attribute_type_invalid");
    key.delete(&format!("{COLLECTIONS}/two/attributes/back")).is(204);
    key.get(&format!("{COLLECTIONS}/one/attributes/things")).fails(404, "attribute_not_found");
}

#[test]
fn one_way_twins_do_not_show() {
    let app = app();
    let key = app.key();
    let (one, two) = related(&app, "oneToMany", json!({"twoWayKey": "name"}), &[]);
    assert_eq!(key.get(&format!("{COLLECTIONS}/two"))["attributes"].as_array().map(Vec::len), Some(1));
    put(&key, &one, "a", json!({"rel": [{"$id": "b", "name": "B"}]}));
    let child = key.get(&format!("{two}/b"));
    assert_eq!(child["name"], "B");
    assert!(child.json.as_object().unwrap().keys().all(|k| k == "name" || k.starts_with('$')), "{:?}", child.json);
    key.delete(&format!("{one}/a")).fails(403, "document_delete_restricted");
    key.delete(&format!("{two}/b")).is(204);
    key.delete(&format!("{one}/a")).is(204);
    key.delete(&format!("{COLLECTIONS}/two")).is(204);
    assert_eq!(key.get(&format!("{COLLECTIONS}/one"))["attributes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn nothing_is_expanded_unless_it_is_selected() {
    let app = app();
    let key = app.key();
    let (one, two) = related(&app, "manyToOne", json!({"twoWay": true}), &[]);
    put(&key, &one, "a", json!({"name": "A", "rel": {"$id": "b", "name": "B"}}));
    put(&key, &one, "c", json!({"name": "C", "rel": "b"}));
    assert_eq!(key.get(&format!("{one}/a"))["rel"], "b");
    assert!(key.get(&format!("{two}/b")).json.get("back").is_none());
    let seen = chosen(&key, &format!("{two}/b"), &["back.name"]);
    assert_eq!(seen["back"][1]["name"], "C");
    assert!(seen["back"][1].get("rel").is_none(), "what leads back is left out");
    assert_eq!(seen["name"], "B", "a selection of related documents alone selects the whole document");
    let list = key.list(&one, &[json!({"method": "select", "values": ["name", "rel.$id"]}), json!({"method": "orderDesc", "attribute": "name"})]);
    assert_eq!((&list["documents"][0]["rel"]["$id"], list["documents"][0]["rel"].get("name")), (&json!("b"), None));
    let old = key.with("x-appwrite-response-format", "1.7.0").get(&format!("{two}/b"));
    assert_eq!(old["back"][0]["$id"], "a");
    chosen(&key, &format!("{two}/b"), &["nope.*"]).fails(400, "general_query_invalid");
}

#[test]
fn three_levels_and_no_more() {
    let app = app();
    let key = app.key();
    for id in ["l1", "l2", "l3", "l4"] {
        collection(&key, id, &[], true);
        attribute(&key, id, "string", "name", &json!({"size": 50}));
    }
    for (from, to) in [("l1", "l2"), ("l2", "l3"), ("l3", "l4")] {
        relate(&key, from, to, "oneToOne", json!({"twoWayKey": format!("of_{from}")})).is(202);
    }
    let path = format!("{COLLECTIONS}/l1/documents");
    let deep = json!({"name": "1", "rel": {"name": "2", "rel": {"name": "3", "rel": {"name": "4"}}}});
    let made = key.post(&path, &json!({"documentId": "d", "data": deep}));
    assert_eq!(made.is(201)["rel"]["rel"]["name"], "3");
    assert!(made["rel"]["rel"].get("rel").is_none());
    assert_eq!(key.get(&format!("{COLLECTIONS}/l4/documents"))["total"], 0);
    assert_eq!(key.get(&format!("{COLLECTIONS}/l3/documents"))["total"], 1);
    let found = key.list(&path, &[json!({"method": "equal", "attribute": "rel.rel.name", "values": ["3"]})]);
    assert_eq!(found["documents"][0]["$id"], "d");
}

#[test]
fn lists_say_exactly_who_belongs() {
    let app = app();
    let key = app.key();
    for (kind, twin) in [("oneToMany", "x1"), ("manyToMany", "x2")] {
        let app = TestApp::new();
        app.key().post("/databases", &json!({"databaseId": "db1", "name": "Main"})).is(201);
        let key = app.key();
        let (one, two) = related(&app, kind, json!({"twoWay": true, "twoWayKey": twin}), &[]);
        let made = key.post(&one, &json!({"documentId": "a", "data": {"rel": [{"$id": "b1", "name": "1"}, {"name": "2"}, "nobody"]}}));
        assert_eq!(made.is(201)["rel"].as_array().map(Vec::len), Some(2));
        let second = made["rel"][1]["$id"].clone();
        app.clock.advance(2);
        let same = key.patch(&format!("{one}/a"), &json!({"data": {"rel": ["b1", second]}}));
        assert_eq!(same.is(200)["$updatedAt"], made["$updatedAt"], "nothing has changed");
        let fewer = key.patch(&format!("{one}/a"), &json!({"data": {"rel": [{"$id": "b1", "name": "new"}]}}));
        assert_eq!(fewer.is(200)["rel"][0]["name"], "new");
        assert_ne!(fewer["$updatedAt"], made["$updatedAt"]);
        let left = chosen(&key, &format!("{two}/{}", second.as_str().unwrap()), &["*", &format!("{twin}.*")]);
        assert_eq!(left[twin], if kind == "oneToMany" { Value::Null } else { json!([]) });
        let wrong = "relationship_value_invalid";
        for (value, text) in [
            (Value::Null, "Invalid relationship value. Must be either an array of documents or document IDs, NULL given."),
            (json!("b1"), "Invalid relationship value. Must be either an array of documents or document IDs, string given."),
            (json!([5]), "Relationship value must be an object, document ID string, or associative array"),
            (json!([{"$id": 5}]), "Relationship $id must be a string"),
        ] {
            key.patch(&format!("{one}/a"), &json!({"data": {"rel": value}})).fails_with(400, wrong, text);
        }
        key.post(&one, &json!({"documentId": "z", "data": {"rel": {"name": "x"}}})).fails_with(
            400,
            wrong,
            "Invalid relationship value. Must be either an array of documents or document IDs, document given.",
        );
        assert_eq!(key.patch(&format!("{one}/a"), &json!({"data": {"rel": []}})).is(200)["rel"], json!([]));
    }
    let (one, _) = related(&app, "oneToOne", json!({}), &[]);
    key.post(&one, &json!({"documentId": "z", "data": {"rel": ["x"]}})).fails_with(
        400,
        "relationship_value_invalid",
        "Invalid relationship value. Must be either a document ID or a document, array given.",
    );
    key.post(&one, &json!({"documentId": "z", "data": {"rel": "bad id"}})).fails(400, "relationship_value_invalid");
    assert_eq!(key.get(&one)["total"], 0);
}

#[test]
fn a_partner_belongs_to_one_only() {
    let app = app();
    let key = app.key();
    let (one, two) = related(&app, "oneToOne", json!({"twoWay": true}), &[]);
    put(&key, &one, "a1", json!({"rel": {"$id": "b1", "name": "1"}}));
    key.post(&one, &json!({"documentId": "a2", "data": {"rel": "b1"}})).fails(409, "document_already_exists");
    key.post(&one, &json!({"documentId": "a2", "data": {"rel": {"$id": "b1", "name": "stolen"}}})).fails(409, "document_already_exists");
    key.put(&format!("{one}/a2"), &json!({"data": {"rel": {"$id": "b1", "name": "stolen"}}})).fails(409, "document_already_exists");
    assert_eq!(key.get(&format!("{two}/b1"))["name"], "1", "nothing of what was refused is left");
    key.get(&format!("{one}/a2")).fails(404, "document_not_found");
    key.post(&two, &json!({"documentId": "b2", "data": {"back": "a1"}})).fails(409, "document_already_exists");
    put(&key, &two, "b2", json!({"name": "2"}));
    key.patch(&format!("{one}/a1"), &json!({"data": {"rel": "b2"}})).is(200);
    assert_eq!((&key.get(&format!("{one}/a1"))["rel"], &key.get(&format!("{two}/b1"))["back"]), (&json!("b2"), &Value::Null));
    key.patch(&format!("{one}/a1"), &json!({"data": {"rel": null}})).is(200);
    assert_eq!(key.get(&format!("{two}/b2"))["back"], Value::Null);
}

#[test]
fn what_deletes_do() {
    for (kind, rule, child, left, children) in [
        ("oneToOne", "restrict", false, None, 1),
        ("oneToMany", "restrict", false, None, 1),
        ("manyToMany", "restrict", false, None, 1),
        ("manyToOne", "restrict", false, Some(0), 1),
        ("manyToOne", "restrict", true, None, 1),
        ("oneToMany", "restrict", true, Some(1), 0),
        ("oneToOne", "setNull", false, Some(0), 1),
        ("oneToMany", "setNull", false, Some(0), 1),
        ("manyToOne", "setNull", true, Some(1), 0),
        ("oneToMany", "cascade", false, Some(0), 0),
        ("oneToOne", "cascade", true, Some(0), 0),
        ("manyToOne", "cascade", true, Some(0), 0),
        ("manyToOne", "cascade", false, Some(0), 1),
        ("manyToMany", "cascade", false, Some(0), 0),
        ("manyToMany", "cascade", true, Some(1), 0),
    ] {
        let app = app();
        let key = app.key();
        let (one, two) = related(&app, kind, json!({"twoWay": true, "onDelete": rule}), &[]);
        let value = if kind.ends_with("Many") { json!([{"$id": "b"}]) } else { json!({"$id": "b"}) };
        put(&key, &one, "a", json!({"rel": value}));
        let gone = key.delete(&if child { format!("{two}/b") } else { format!("{one}/a") });
        let case = format!("{kind} {rule} child={child}");
        match left {
            None => drop(gone.fails(403, "document_delete_restricted")),
            Some(_) => drop(gone.is(204)),
        }
        assert_eq!((&key.get(&one)["total"], &key.get(&two)["total"]), (&json!(left.unwrap_or(1)), &json!(children)), "{case}");
        let path = if child { &one } else { &two };
        for document in key.get(path)["documents"].as_array().into_iter().flatten().filter(|_| left.is_some()) {
            let value = document.get("rel").or_else(|| document.get("back"));
            assert!(value.is_none_or(Value::is_null), "{case}: {document}");
        }
    }
}

#[test]
fn rights_of_the_related_collection_count() {
    let app = app();
    let key = app.key();
    let (one, two) = related(&app, "oneToMany", json!({"twoWay": true, "onDelete": "cascade"}), &[]);
    let (alice, bob) = (app.user("alice"), app.user("bob"));
    let allow = |id: &str, permissions: &[&str]| {
        key.put(&format!("{COLLECTIONS}/{id}"), &json!({"name": id, "permissions": permissions, "documentSecurity": true})).is(200);
    };
    allow("one", &ALL);
    allow("two", &["read(\"users\")"]);
    alice.post(&one, &json!({"documentId": "a", "data": {"rel": [{"$id": "b"}]}})).fails(401, "user_unauthorized");
    assert_eq!(key.get(&one)["total"], 0, "nothing was made");
    allow("two", &["create(\"users\")"]);
    let made = alice.post(&one, &json!({"documentId": "a", "data": {"rel": [{"$id": "b", "name": "mine"}]}}));
    assert_eq!(made.is(201)["rel"][0]["$permissions"].as_array().map(Vec::len), Some(3), "permissions are inherited");
    bob.patch(&format!("{one}/a"), &json!({"data": {"rel": [{"$id": "b", "name": "his"}]}})).fails(409, "document_already_exists");
    key.patch(&format!("{two}/b"), &json!({"permissions": ["read(\"users\")", "update(\"user:alice\")"]})).is(200);
    bob.patch(&format!("{one}/a"), &json!({"data": {"rel": [{"$id": "b", "name": "his"}]}})).fails(401, "user_unauthorized");
    assert_eq!(key.get(&format!("{two}/b"))["name"], "mine");
    alice.delete(&format!("{one}/a")).fails(401, "user_unauthorized");
    assert_eq!(key.get(&one)["total"], 1);
    key.patch(&format!("{two}/b"), &json!({"permissions": []})).is(200);
    assert_eq!(chosen(&alice, &format!("{one}/a"), &["*", "rel.*"])["rel"], json!([]), "what cannot be read is left out");
    let nested = [json!({"method": "equal", "attribute": "rel.name", "values": ["mine"]})];
    assert_eq!((&alice.list(&one, &nested)["total"], &key.list(&one, &nested)["total"]), (&json!(0), &json!(1)), "nor does it tell of itself");
    let foreign = json!({"documentId": "x", "data": {"rel": [{"$permissions": ["read(\"user:bob\")"]}]}});
    alice.post(&one, &foreign).fails(401, "user_unauthorized");
}

#[test]
fn many_at_once_and_transactions() {
    let app = app();
    let key = app.key();
    let (one, two) = related(&app, "oneToMany", json!({"twoWay": true, "onDelete": "cascade"}), &[]);
    let bad = "general_bad_request";
    let many = json!({"documents": [{"$id": "a"}], "data": {"name": "x"}});
    let text = |what: &str| format!("Bulk {what} is not supported for databases with relationship attributes");
    key.post(&one, &json!({"documents": [{"$id": "a"}]})).fails_with(400, bad, &text("create"));
    key.put(&one, &many).fails_with(400, bad, &text("upsert"));
    key.patch(&one, &many).fails_with(400, bad, &text("update"));
    key.delete(&one).fails_with(400, bad, &text("delete"));
    let id = key.post("/databases/transactions", &json!({})).is(201)["$id"].as_str().unwrap().to_owned();
    let operations = format!("/databases/transactions/{id}/operations");
    let operation = |action: &str, collection: &str, id: &str, data: Value| json!({"action": action, "databaseId": "db1", "collectionId": collection, "documentId": id, "data": data});
    let bulk = json!({"operations": [{"action": "bulkCreate", "databaseId": "db1", "collectionId": "one", "data": [{"$id": "x"}]}]});
    key.post(&operations, &bulk).fails_with(400, bad, "Bulk operations are not supported for collectionId with relationship attributes");
    let staged = [
        operation("create", "one", "a", json!({"name": "A", "rel": [{"$id": "b1", "name": "1"}, {"name": "2"}]})),
        operation("create", "two", "b3", json!({"back": "a"})),
        operation("update", "one", "a", json!({"rel": ["b1", "b3"]})),
    ];
    key.post(&operations, &json!({"operations": staged})).is(201);
    assert_eq!(key.get(&two)["total"], 0);
    key.patch(&format!("/databases/transactions/{id}"), &json!({"commit": true})).is(200);
    let a = chosen(&key, &format!("{one}/a"), &["*", "rel.*"]);
    let partners: Vec<&Value> = a["rel"].as_array().into_iter().flatten().map(|d| &d["$id"]).collect();
    assert_eq!(partners, ["b1", "b3"]);
    assert_eq!(key.get(&two)["total"], 3);
}

#[test]
fn rows_have_them_too() {
    let app = app();
    let key = app.key();
    let tables = "/tablesdb/db1/tables";
    for id in ["t1", "t2"] {
        key.post(tables, &json!({"tableId": id, "name": id})).is(201);
    }
    let column = key.post(&format!("{tables}/t1/columns/relationship"), &json!({"relatedTableId": "t2", "type": "manyToMany", "twoWay": true}));
    assert_eq!((&column.is(202)["key"], &column["relatedTable"], &column["twoWayKey"]), (&json!("t2"), &json!("t2"), &json!("t1")));
    let row = key.post(&format!("{tables}/t1/rows"), &json!({"rowId": "r", "data": {"t2": [{"$id": "s"}]}}));
    assert_eq!((&row.is(201)["t2"][0]["$tableId"], row["t2"][0].get("t1")), (&json!("t2"), None));
    key.delete(&format!("{tables}/t1/rows/r")).fails(403, "row_delete_restricted");
    let changed = key.patch(&format!("{tables}/t1/columns/t2/relationship"), &json!({"onDelete": "setNull", "newKey": null}));
    assert_eq!(changed.is(200)["onDelete"], "setNull");
    key.post(&format!("{tables}/t1/rows"), &json!({"rows": [{"$id": "x"}]})).fails_with(
        400,
        "general_bad_request",
        "Bulk create is not supported for tablesDB with relationship columns",
    );
    key.delete(&format!("{tables}/t1/rows/r")).is(204);
    let s = chosen(&key, &format!("{tables}/t2/rows/s"), &["*", "t1.*"]);
    assert_eq!(s["t1"], json!([]));
}

#[test]
fn conditions_on_related_documents() {
    let app = app();
    let key = app.key();
    let (one, _) = related(&app, "oneToMany", json!({"twoWay": true}), &[]);
    attribute(&key, "two", "integer", "n", &json!({}));
    for (id, partners) in [("a1", json!([{"name": "x", "n": 1}, {"name": "y", "n": 2}])), ("a2", json!([{"name": "x", "n": 2}])), ("a3", json!([]))] {
        put(&key, &one, id, json!({"name": id, "rel": partners}));
    }
    let q = |method: &str, attribute: &str, values: Value| json!({"method": method, "attribute": attribute, "values": values});
    let found = |queries: &[Value]| {
        let list = key.list(&one, queries);
        list.is(200)["documents"].as_array().unwrap().iter().map(|d| d["$id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[q("equal", "rel.name", json!(["x"]))]), ["a1", "a2"]);
    assert_eq!(found(&[q("equal", "rel.name", json!(["x"])), q("greaterThan", "rel.n", json!([1]))]), ["a2"], "one partner meets both");
    assert_eq!(found(&[q("containsAll", "rel.name", json!(["x", "y"]))]), ["a1"]);
    assert_eq!(found(&[json!({"method": "or", "values": [q("equal", "rel.n", json!([1])), q("equal", "name", json!(["a3"]))]})]), ["a1", "a3"]);
    assert_eq!(found(&[q("equal", "rel.name", json!(["nobody"]))]), [""; 0]);
    for (wrong, text) in [
        (vec![q("equal", "rel", json!(["x"]))], "Invalid query: Cannot query on virtual relationship attribute"),
        (vec![q("equal", "rel.nope", json!(["x"]))], "Invalid query: Attribute not found in schema: nope"),
        (
            vec![q("equal", "rel.n", json!([1])), q("equal", "rel.n", json!([2]))],
            "Multiple equal queries on 'rel.n' will never match a single document. Use Query::containsAll() to match across different related documents.",
        ),
        (vec![json!({"method": "orderAsc", "attribute": "rel.n"})], "Invalid query: Cannot order by nested attribute: rel"),
    ] {
        key.list(&one, &wrong).fails_with(400, "general_query_invalid", text);
    }
    let deep = format!("rel.{}n", "back.rel.".repeat(200));
    key.list(&one, &[q("equal", &deep, json!([1]))]).fails(400, "general_query_invalid");
    let many: Vec<Value> = (0..60).map(|n| q("equal", "rel.n", json!([n]))).collect();
    let either = json!({"method": "or", "values": many});
    assert_eq!(key.list(&one, std::slice::from_ref(&either)).is(200)["total"], 2);
    key.list(&one, &[either.clone(), either]).fails_with(400, "general_query_invalid", "Invalid query: Too many conditions on related documents");
}
