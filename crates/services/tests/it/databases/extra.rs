//! What Ferrite adds: figures, plans, transactions in one request; and lists that may be kept.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{COLLECTIONS, app, attribute, collection, put};

const OURS: &str = "/ferrite/databases/db1/collections/sales";

fn sales() -> (TestApp, Client, String) {
    let app = app();
    let key = app.key();
    let path = collection(&key, "sales", &[], true);
    attribute(&key, "sales", "string", "shop", &json!({"size": 20}));
    attribute(&key, "sales", "integer", "price", &json!({}));
    attribute(&key, "sales", "float", "weight", &json!({}));
    attribute(&key, "sales", "string", "tags", &json!({"size": 20, "array": true}));
    attribute(&key, "sales", "string", "secret", &json!({"size": 200, "encrypt": true}));
    key.post(&format!("{COLLECTIONS}/sales/indexes"), &json!({"key": "by_price", "type": "key", "attributes": ["price"]})).is(202);
    app.user("ada");
    for i in 0..10 {
        let permissions = if i < 4 { json!(["read(\"user:ada\")"]) } else { json!(["read(\"team:x\")"]) };
        let shop = if i == 9 { Value::Null } else { json!(["north", "south"][i % 2]) };
        let data = json!({"shop": shop, "price": i * 10, "weight": if i == 3 { Value::Null } else { json!(0.5) }, "secret": "s"});
        key.post(&path, &json!({"documentId": format!("s{i}"), "data": data, "permissions": permissions})).is(201);
    }
    (app, key, path)
}

fn q(method: &str, attribute: &str, values: Value) -> Value {
    json!({"method": method, "attribute": attribute, "values": values})
}

/// A path with list parameters.
fn with(path: &str, params: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = params.iter().map(|(k, v)| format!("{k}={}", v.bytes().map(|b| format!("%{b:02x}")).collect::<String>())).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[test]
fn figures_are_those_of_what_may_be_read() {
    let (app, key, _) = sales();
    let all = [("aggregates[]", "count"), ("aggregates[]", "sum(price)"), ("aggregates[]", "avg(weight)"), ("aggregates[]", "min(price)")];
    let more = [("aggregates[]", "max(shop)"), ("aggregates[]", "distinct(shop)"), ("aggregates[]", "sum(weight)")];
    let path = with(&format!("{OURS}/aggregate"), &[all.as_slice(), &more].concat());
    let by_key = key.get(&path);
    let of_all =
        json!({"count": 10, "sum(price)": 450, "avg(weight)": 0.5, "min(price)": 0, "max(shop)": "south", "distinct(shop)": 2, "sum(weight)": 4.5, "by": {}});
    assert_eq!(by_key.is(200)["groups"], json!([of_all]));
    let ada = app.sign_in("ada@example.com", "password-ada");
    let mine = ada.get(&with(&format!("{OURS}/aggregate"), &[("aggregates[]", "sum(price)")]));
    assert_eq!(mine.is(200)["groups"], json!([{"sum(price)": 60, "by": {}}]), "what others may read does not show in sums");
    let groups = with(&format!("{OURS}/aggregate"), &[("groupBy[]", "shop"), ("queries[]", &q("lessThan", "price", json!([100])).to_string())]);
    let expected = json!([{"by": {"shop": null}, "count": 1}, {"by": {"shop": "north"}, "count": 5}, {"by": {"shop": "south"}, "count": 4}]);
    assert_eq!(key.get(&groups).is(200)["groups"], expected);
    let none = with(&format!("{OURS}/aggregate"), &[("queries[]", &q("equal", "price", json!([7])).to_string()), ("aggregates[]", "avg(price)")]);
    assert_eq!(key.get(&none).is(200)["groups"], json!([{"avg(price)": null, "by": {}}]));
    for (name, value) in [("aggregates[]", "sum(shop)"), ("aggregates[]", "min(tags)"), ("aggregates[]", "max(secret)"), ("groupBy[]", "nope")] {
        key.get(&with(&format!("{OURS}/aggregate"), &[(name, value)])).fails(400, "general_query_invalid");
    }
    key.get(&with(&format!("{OURS}/aggregate"), &[("aggregates[]", "median(price)")])).fails(400, "general_argument_invalid");
    key.get(&with(&format!("{OURS}/aggregate"), &[("queries[]", &q("limit", "", json!([5])).to_string())])).fails(400, "general_query_invalid");
}

#[test]
fn groups_are_limited() {
    let (_app, key, path) = sales();
    for batch in 0..11 {
        let documents: Vec<Value> = (0..100).map(|i| json!({"$id": format!("b{batch}x{i}"), "price": 1_000 + batch * 100 + i})).collect();
        key.post(&path, &json!({"documents": documents})).is(201);
    }
    let answer = key.get(&with(&format!("{OURS}/aggregate"), &[("groupBy[]", "price")]));
    answer.fails(400, "general_query_invalid");
    assert!(answer.str("message").contains("More than 1000 groups"), "{}", answer.str("message"));
}

#[test]
fn a_plan_says_what_was_read_and_why() {
    let (app, key, _) = sales();
    let price = q("equal", "price", json!([20])).to_string();
    let plan = key.get(&with(&format!("{OURS}/explain"), &[("queries[]", &price)]));
    assert_eq!(plan.is(200)["way"], json!({"type": "index", "index": "by_price"}));
    assert!(plan["documentsRead"].as_u64().is_some_and(|n| n <= 1) && !plan.str("why").is_empty(), "{:?}", plan.text());
    let either = json!({"method": "or", "values": [q("equal", "price", json!([20])), q("equal", "$id", json!(["s7"]))]}).to_string();
    let union = key.get(&with(&format!("{OURS}/explain"), &[("queries[]", &either)]));
    assert!(union.is(200)["considered"].as_array().is_some_and(|c| c.iter().any(|w| w["way"]["type"] == "union")), "{}", union.text());
    let as_ada = key.get(&with(&format!("{OURS}/explain"), &[("userId", "ada")]));
    let ways = |plan: &testkit::Answer| plan["considered"].as_array().into_iter().flatten().map(|c| c["way"]["type"].clone()).collect::<Vec<_>>();
    assert!(ways(&as_ada).contains(&json!("roles")) && !ways(&key.get(&format!("{OURS}/explain"))).contains(&json!("roles")), "{}", as_ada.text());
    app.sign_in("ada@example.com", "password-ada").get(&format!("{OURS}/explain")).fails(401, "general_unauthorized_scope");
}

#[test]
fn operations_and_commit_in_one_request() {
    let (app, key, path) = sales();
    let op = |action: &str, id: &str, data: Value| json!({"action": action, "databaseId": "db1", "collectionId": "sales", "documentId": id, "data": data});
    let all = json!([
        op("create", "new", json!({"shop": "west", "price": 1})),
        op("increment", "new", json!({"attribute": "price", "value": 4})),
        op("update", "s1", json!({"price": 11})),
        op("delete", "s2", json!({})),
    ]);
    let route = "/ferrite/databases/transactions";
    key.post(route, &json!({"operations": all})).fails(400, "general_bad_request");
    let done = key.post(route, &json!({"operations": all, "commit": true}));
    assert_eq!((&done.is(201)["status"], &done["operations"]), (&json!("committed"), &json!(4)));
    assert_eq!(key.get(&format!("{path}/new")).is(200)["price"], 5);
    assert_eq!(key.get(&format!("{path}/s1"))["price"], 11);
    key.get(&format!("{path}/s2")).fails(404, "document_not_found");
    assert_eq!(key.get(&format!("/databases/transactions/{}", done.str("$id"))).is(200)["status"], "committed");
    // All or nothing, with the caller's rights.
    let half = json!([op("update", "s1", json!({"price": 12})), op("create", "s3", json!({"price": 1}))]);
    key.post(route, &json!({"operations": half, "commit": true})).fails(409, "transaction_conflict");
    assert_eq!(key.get(&format!("{path}/s1"))["price"], 11);
    let ada = app.sign_in("ada@example.com", "password-ada");
    ada.post(route, &json!({"operations": [op("update", "s1", json!({"price": 12}))], "commit": true})).fails(401, "user_unauthorized");
    key.post(route, &json!({"operations": [], "commit": true})).fails(400, "general_bad_request");
    let many: Vec<Value> = (0..101).map(|i| op("create", &format!("m{i}"), json!({}))).collect();
    key.post(route, &json!({"operations": many, "commit": true})).fails(400, "transaction_limit_exceeded");
    let row = json!({"action": "create", "databaseId": "db1", "tableId": "sales", "rowId": "row", "data": {"price": 3}});
    key.post("/ferrite/tablesdb/transactions", &json!({"operations": [row], "commit": true})).is(201);
}

#[test]
fn kept_lists_say_so_and_are_never_stale() {
    let (app, key, path) = sales();
    let list = |client: &Client, extra: &str| {
        let answer = client.get(&format!("{path}?ttl=30{extra}"));
        answer.is(200);
        (answer.header("x-appwrite-cache").unwrap_or("none").to_owned(), answer["total"].as_u64().unwrap_or_default())
    };
    let ada = app.sign_in("ada@example.com", "password-ada");
    assert_eq!(list(&key, ""), ("miss".into(), 10));
    assert_eq!(list(&key, ""), ("hit".into(), 10));
    assert_eq!(list(&key, "&total=false"), ("hit".into(), 0));
    assert_eq!(list(&ada, ""), ("miss".into(), 4), "another caller's list is not shown");
    assert_eq!(list(&ada, ""), ("hit".into(), 4));
    assert_eq!(key.get(&path).header("x-appwrite-cache"), None);
    key.delete(&format!("{path}/s0")).is(204);
    assert_eq!(list(&key, ""), ("miss".into(), 9));
    assert_eq!(list(&ada, ""), ("miss".into(), 3));
    // Rights that change show at once.
    key.put(&format!("{COLLECTIONS}/sales"), &json!({"name": "sales", "permissions": ["read(\"users\")"], "documentSecurity": true})).is(200);
    assert_eq!(list(&ada, ""), ("miss".into(), 9));
    attribute(&key, "sales", "integer", "later", &json!({}));
    assert_eq!(list(&key, "").0, "miss");
    assert_eq!(list(&key, "").0, "hit");
    app.clock.advance(30);
    assert_eq!(list(&key, "").0, "miss");
}

#[test]
fn usage_counts_what_is_there() {
    let (_app, key, _) = sales();
    let of = key.get("/databases/db1/collections/sales/usage");
    assert_eq!((&of.is(200)["documentsTotal"], of["documents"].as_array().map(Vec::len)), (&json!(10), Some(30)));
    assert_eq!(of["documents"][29]["value"], 10);
    assert_eq!(of["documents"][28]["value"], 0);
    let rows = key.get("/tablesdb/db1/tables/sales/usage?range=24h");
    assert_eq!((&rows.is(200)["rowsTotal"], rows["rows"].as_array().map(Vec::len)), (&json!(10), Some(24)));
    let database = key.get("/databases/db1/usage");
    assert_eq!((&database.is(200)["collectionsTotal"], &database["rowsTotal"]), (&json!(1), &json!(10)));
    assert!(database["storageTotal"].as_u64().is_some_and(|n| n > 500));
    let all = key.get("/tablesdb/usage?range=90d");
    assert_eq!((&all.is(200)["databasesTotal"], &all["tablesTotal"], &all["documentsTotal"]), (&json!(1), &json!(1), &json!(10)));
    key.get("/databases/nope/usage").fails(404, "database_not_found");
    key.get("/databases/usage?range=1y").fails(400, "general_argument_invalid");
}

#[test]
fn sizes_shrink_only_as_far_as_what_is_stored() {
    let (_app, key, path) = sales();
    put(&key, &path, "long", json!({"shop": "twelve chars"}));
    let route = format!("{COLLECTIONS}/sales/attributes/string/shop");
    let refused = "Existing data is too large for new size, truncate your existing data then try again.";
    key.patch(&route, &json!({"required": false, "default": null, "size": 11})).fails_with(400, "attribute_invalid_resize", refused);
    assert_eq!(key.patch(&route, &json!({"required": false, "default": null, "size": 12, "newKey": "store"})).is(200)["key"], "store");
    assert_eq!(key.get(&format!("{path}/long")).is(200)["store"], "twelve chars");
    key.post(&path, &json!({"documentId": "longer", "data": {"store": "thirteen char"}})).fails(400, "document_invalid_structure");
}
