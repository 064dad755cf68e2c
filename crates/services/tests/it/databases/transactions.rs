//! Transactions: all or nothing, and nobody sees anything before.
use serde_json::{Value, json};
use testkit::Client;

use super::{app, notes, put};

const TRANSACTIONS: &str = "/databases/transactions";

fn open(client: &Client) -> String {
    client.post(TRANSACTIONS, &json!({})).is(201).str("$id")
}

fn op(action: &str, id: &str, data: Value) -> Value {
    json!({"action": action, "databaseId": "db1", "collectionId": "notes", "documentId": id, "data": data})
}

#[test]
fn a_transaction_has_a_state_and_an_end() {
    let app = app();
    let key = app.key();
    let made = key.post(TRANSACTIONS, &json!({"ttl": 60}));
    assert_eq!((&made.is(201)["status"], &made["operations"]), (&json!("pending"), &json!(0)));
    key.post(TRANSACTIONS, &json!({"ttl": 5})).fails_with(
        400,
        "general_argument_invalid",
        "Invalid `ttl` param: Value must be a valid range between 60 and 3,600",
    );
    key.get(&format!("{TRANSACTIONS}/nope")).fails_with(404, "transaction_not_found", "Transaction with the requested ID 'nope' could not be found.");
    let (at, ada) = (format!("{TRANSACTIONS}/{}", made.str("$id")), app.user("ada"));
    ada.get(&at).fails(404, "transaction_not_found");
    let own = open(&ada);
    assert_eq!(ada.get(TRANSACTIONS).ids("transactions"), [own.as_str()]);
    assert_eq!(key.get(TRANSACTIONS)["total"], 2);
    app.user("bob").get(&format!("{TRANSACTIONS}/{own}")).fails(404, "transaction_not_found");
    key.patch(&at, &json!({})).fails_with(400, "general_bad_request", "Either commit or rollback must be true");
    key.patch(&at, &json!({"commit": true, "rollback": true})).fails_with(400, "general_bad_request", "Cannot commit and rollback at the same time");
    app.clock.advance(61);
    key.patch(&at, &json!({"commit": true})).fails(410, "transaction_expired");
    key.delete(&at).is(204);
    key.get(&at).fails(404, "transaction_not_found");
    assert_eq!(app.guest().post(TRANSACTIONS, &json!({})).is(201)["status"], "pending");
}

#[test]
fn operations_are_done_together() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"any\")"], false);
    let id = open(&key);
    let at = format!("{TRANSACTIONS}/{id}");
    let step = json!({"attribute": "n", "value": 5});
    let staged = json!({"operations": [op("create", "t1", json!({"title": "x", "n": 1})), op("update", "t1", json!({"n": 2})), op("increment", "t1", step)]});
    assert_eq!(key.post(&format!("{at}/operations"), &staged).is(201)["operations"], 3);
    let made = key.post(&path, &json!({"documentId": "t2", "data": {"title": "y", "n": 9}, "transactionId": id}));
    assert_eq!(
        made.is(201).json,
        json!({"$id": "t2", "$collectionId": "notes", "$databaseId": "db1", "title": "y", "n": 9, "$permissions": [], "$sequence": ""})
    );
    key.get(&format!("{path}/t1")).fails(404, "document_not_found");
    let inside = key.get(&format!("{path}/t1?transactionId={id}"));
    assert_eq!(inside.is(200).json, json!({"title": "x", "n": 7, "$id": "t1", "$databaseId": "db1", "$collectionId": "notes", "$sequence": ""}));
    let list = key.get(&format!("{path}?transactionId={id}"));
    assert_eq!((list.is(200).ids("documents"), &list["total"]), (vec!["t1".to_owned(), "t2".to_owned()], &json!(2)));
    assert_eq!(key.get(&path)["total"], 0);
    let changed = key.patch(&format!("{path}/t2"), &json!({"data": {"n": 10}, "transactionId": id}));
    assert_eq!((&changed.is(200)["n"], &changed["$sequence"]), (&json!(10), &json!("")));
    key.json(protocol::spec::Verb::Delete, &format!("{path}/nope"), &json!({"transactionId": id})).fails(404, "document_not_found");
    assert_eq!(key.patch(&format!("{path}/t2/n/increment"), &json!({"value": 1, "transactionId": id})).is(200)["n"], 1);
    key.put(&format!("{path}/t3"), &json!({"data": {"title": "z", "n": 3}, "transactionId": id})).is(201);
    let bulk = key.post(&path, &json!({"documents": [{"$id": "t4", "title": "b", "n": 4}], "transactionId": id}));
    assert_eq!(bulk.is(200).json, json!({"total": 1, "documents": []}));
    let done = key.patch(&at, &json!({"commit": true}));
    assert_eq!((&done.is(200)["status"], &done["operations"]), (&json!("committed"), &json!(8)));
    let after = key.get(&path);
    assert_eq!(after.ids("documents"), ["t1", "t2", "t3", "t4"]);
    let numbers: Vec<&Value> = after["documents"].as_array().map(|d| d.iter().map(|d| &d["n"]).collect()).unwrap_or_default();
    assert_eq!(numbers, [7, 11, 3, 4]);
    key.patch(&at, &json!({"commit": true})).fails(400, "transaction_not_ready");
    let late = json!({"documentId": "t9", "data": {"title": "x"}, "transactionId": id});
    key.post(&path, &late).fails(400, "transaction_not_ready");
    key.post(&format!("{at}/operations"), &json!({"operations": [op("create", "t9", json!({"title": "x"}))]})).fails_with(
        400,
        "general_bad_request",
        "Invalid or non\u{2011}pending transaction",
    );
}

#[test]
fn what_cannot_be_done_leaves_nothing() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x", "n": 1}));
    let commit = |id: &str| key.patch(&format!("{TRANSACTIONS}/{id}"), &json!({"commit": true}));
    let state = |id: &str| key.get(&format!("{TRANSACTIONS}/{id}")).str("status");

    let rolled_back = open(&key);
    key.post(&path, &json!({"documentId": "rb", "data": {"title": "x"}, "transactionId": rolled_back})).is(201);
    assert_eq!(key.patch(&format!("{TRANSACTIONS}/{rolled_back}"), &json!({"rollback": true})).is(200)["status"], "failed");

    let duplicate = open(&key);
    key.post(&path, &json!({"documentId": "new", "data": {"title": "x"}, "transactionId": duplicate})).is(201);
    key.post(&path, &json!({"documentId": "a", "data": {"title": "x"}, "transactionId": duplicate})).is(201);
    commit(&duplicate).fails_with(409, "transaction_conflict", "The transaction has a conflict. Please resolve the conflict and try again.");
    assert_eq!(state(&duplicate), "failed");

    let stale = open(&key);
    key.patch(&format!("{path}/a"), &json!({"data": {"n": 77}, "transactionId": stale})).is(200);
    app.clock.advance(1);
    key.patch(&format!("{path}/a"), &json!({"data": {"n": 78}})).is(200);
    commit(&stale).fails(409, "transaction_conflict");

    let wrong = open(&key);
    key.post(&path, &json!({"documentId": "ok", "data": {"title": "x"}, "transactionId": wrong})).is(201);
    key.post(&path, &json!({"documentId": "bad", "data": {"zz": 1}, "transactionId": wrong})).is(201);
    commit(&wrong).fails(400, "document_invalid_structure");

    let all = key.get(&path);
    assert_eq!((all.ids("documents"), &all["documents"][0]["n"]), (vec!["a".to_owned()], &json!(78)));
}

#[test]
fn of_two_at_the_same_moment_one_wins() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    put(&key, &path, "a", json!({"title": "x", "n": 1}));
    let (one, two) = (open(&key), open(&key));
    // The clock of the tests moves by microseconds: all of this happens within one millisecond.
    for (id, n) in [(&one, 10), (&two, 20)] {
        key.patch(&format!("{path}/a"), &json!({"data": {"n": n}, "transactionId": id})).is(200);
        key.put(&format!("{path}/new"), &json!({"data": {"title": "t", "n": n}, "transactionId": id})).is(201);
    }
    let commit = |id: &str| key.patch(&format!("{TRANSACTIONS}/{id}"), &json!({"commit": true}));
    commit(&two).is(200);
    commit(&one).fails(409, "transaction_conflict");
    assert_eq!((&key.get(&format!("{path}/a"))["n"], &key.get(&format!("{path}/new"))["n"]), (&json!(20), &json!(20)));
}

#[test]
fn a_collection_may_go_before_the_commit() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    let id = open(&key);
    key.post(&path, &json!({"documentId": "a", "data": {"title": "x"}, "transactionId": id})).is(201);
    key.delete("/databases/db1/collections/notes").is(204);
    key.patch(&format!("{TRANSACTIONS}/{id}"), &json!({"commit": true})).fails_with(
        404,
        "collection_not_found",
        "Collection with the requested ID 'notes' could not be found.",
    );
    assert_eq!(key.get(&format!("{TRANSACTIONS}/{id}"))["status"], "failed");
}

#[test]
fn operations_are_judged_when_they_come() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["create(\"users\")"], true);
    let id = open(&key);
    let at = format!("{TRANSACTIONS}/{id}/operations");
    let post = |operations: Value| key.post(&at, &json!({"operations": operations}));
    post(json!([op("fly", "t", json!({}))])).fails(400, "general_argument_invalid");
    post(json!([{"action": "create"}])).fails_with(
        400,
        "general_argument_invalid",
        "Invalid `operations` param: Value must a valid array and Missing required key: databaseId",
    );
    post(json!([])).fails_with(400, "general_bad_request", "Operations array cannot be empty");
    post(json!([{"action": "create", "databaseId": "db1", "collectionId": "nope", "documentId": "x", "data": {}}])).fails(404, "collection_not_found");
    post(json!([op("update", "nope", json!({"n": 1}))])).fails(404, "document_not_found");
    let many: Vec<Value> = (0..101).map(|i| op("create", &format!("z{i}"), json!({"title": "x"}))).collect();
    post(json!(many)).fails_with(400, "transaction_limit_exceeded", "Transaction already has 0 operations, adding 101 would exceed the maximum of 100");

    let (ada, bob) = (app.user("ada"), app.user("bob"));
    put(&bob, &path, "his", json!({"title": "x"}));
    let own = open(&ada);
    let by_ada = |operations: Value| ada.post(&format!("{TRANSACTIONS}/{own}/operations"), &json!({"operations": operations}));
    by_ada(json!([op("delete", "his", json!({}))])).fails(404, "document_not_found");
    by_ada(json!([{"action": "bulkDelete", "databaseId": "db1", "collectionId": "notes", "data": {"queries": []}}])).fails(401, "user_unauthorized");
    by_ada(json!([op("create", "mine", json!({"title": "x", "$permissions": ["read(\"user:bob\")"]}))])).fails(401, "user_unauthorized");
    by_ada(json!([op("create", "mine", json!({"title": "x", "$permissions": ["read(\"user:ada\")"]}))])).is(201);
    ada.patch(&format!("{TRANSACTIONS}/{own}"), &json!({"commit": true})).is(200);
    assert_eq!(ada.get(&path).ids("documents"), ["mine"]);
    let not_hers = format!("{path}/mine?transactionId={id}");
    ada.get(&not_hers).is(200);
}

#[test]
fn bulk_operations_see_what_came_before() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    for i in 0..4 {
        put(&key, &path, &format!("d{i}"), json!({"title": "x", "n": i}));
    }
    let id = open(&key);
    key.post(&path, &json!({"documentId": "d9", "data": {"title": "x", "n": 0}, "transactionId": id})).is(201);
    let small = json!({"method": "lessThan", "attribute": "n", "values": [2]}).to_string();
    let large = json!({"method": "greaterThanEqual", "attribute": "n", "values": [3]}).to_string();
    assert_eq!(key.patch(&path, &json!({"data": {"title": "small"}, "queries": [small], "transactionId": id})).is(200)["total"], 0);
    let bulk_delete = json!({"queries": [large], "transactionId": id});
    key.json(protocol::spec::Verb::Delete, &path, &bulk_delete).is(200);
    assert_eq!(key.get(&format!("{path}/d1?transactionId={id}"))["title"], "small");
    key.get(&format!("{path}/d3?transactionId={id}")).fails(404, "document_not_found");
    assert_eq!(key.get(&path).ids("documents").len(), 4);
    key.patch(&format!("{TRANSACTIONS}/{id}"), &json!({"commit": true})).is(200);
    let after = key.get(&path);
    let titles: Vec<&Value> = after["documents"].as_array().map(|d| d.iter().map(|d| &d["title"]).collect()).unwrap_or_default();
    assert_eq!((after.ids("documents").join(" ").as_str(), titles), ("d0 d1 d2 d9", vec![&json!("small"), &json!("small"), &json!("x"), &json!("small")]));
}

#[test]
fn rows_have_transactions_too() {
    let app = app();
    let key = app.key();
    notes(&key, &[], false);
    let id = key.post("/tablesdb/transactions", &json!({})).is(201).str("$id");
    let rows = "/tablesdb/db1/tables/notes/rows";
    let made = key.post(rows, &json!({"rowId": "r1", "data": {"title": "x"}, "transactionId": id}));
    assert_eq!(made.is(201).json, json!({"$id": "r1", "$tableId": "notes", "$databaseId": "db1", "title": "x", "$permissions": [], "$sequence": ""}));
    let staged = json!({"operations": [{"action": "create", "databaseId": "db1", "tableId": "notes", "rowId": "r2", "data": {"title": "y"}},
        {"action": "increment", "databaseId": "db1", "tableId": "notes", "rowId": "r2", "data": {"column": "n", "value": 2}}]});
    assert_eq!(key.post(&format!("/tablesdb/transactions/{id}/operations"), &staged).is(201)["operations"], 3);
    key.patch(&format!("/tablesdb/transactions/{id}"), &json!({"commit": true})).is(200);
    let after = key.get(rows);
    assert_eq!((after.ids("rows").join(" ").as_str(), &after["rows"][1]["n"]), ("r1 r2", &json!(2)));
}

/// Small numbers that look random; the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Title and number of every document, by id.
fn contents(reply: &testkit::Answer) -> Vec<(String, Value, Value)> {
    let documents = reply.is(200)["documents"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<_> = documents.iter().map(|d| (d["$id"].to_string(), d["title"].clone(), d["n"].clone())).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn what_is_seen_inside_is_what_the_commit_makes() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    for seed in 0..40 {
        let mut dice = Dice(seed);
        key.delete(&path).is(200);
        for i in 0..3 {
            put(&key, &path, &format!("d{i}"), json!({"title": "old", "n": i}));
        }
        let before = contents(&key.get(&path));
        let id = open(&key);
        let mut sent = Vec::new();
        for _ in 0..12 {
            let (doc, n) = (format!("d{}", dice.roll(6)), dice.roll(5));
            let at = format!("{path}/{doc}");
            let query = json!({"method": "greaterThanEqual", "attribute": "n", "values": [n]}).to_string();
            let is_there = key.get(&format!("{at}?transactionId={id}")).status == 200;
            let kind = dice.roll(7);
            sent.push(format!("{kind} {doc} {n} {is_there}"));
            let reply = match kind {
                0 if !is_there => key.post(&path, &json!({"documentId": doc, "data": {"title": "new", "n": n}, "transactionId": id})),
                1 => key.patch(&at, &json!({"data": {"n": n}, "transactionId": id})),
                2 => key.put(&at, &json!({"data": {"title": "put", "n": n}, "transactionId": id})),
                3 => key.json(protocol::spec::Verb::Delete, &at, &json!({"transactionId": id})),
                4 if is_there => key.patch(&format!("{at}/n/increment"), &json!({"value": n + 1, "transactionId": id})),
                5 => key.patch(&path, &json!({"data": {"title": "many"}, "queries": [query], "transactionId": id})),
                6 => key.json(protocol::spec::Verb::Delete, &path, &json!({"queries": [query], "transactionId": id})),
                _ => continue,
            };
            let missing = !is_there && matches!(kind, 1 | 3);
            assert_eq!(reply.status == 404, missing, "{sent:?}: {}", reply.text());
        }
        let inside = key.get(&format!("{path}?transactionId={id}"));
        assert_eq!(contents(&key.get(&path)), before, "{sent:?}");
        key.patch(&format!("{TRANSACTIONS}/{id}"), &json!({"commit": true})).is(200);
        assert_eq!(contents(&inside), contents(&key.get(&path)), "seed {seed}: {sent:?}");
    }
}
