//! What is told of changes, to whom.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::events::{Event, Subscriber};

use serde_json::{Value, json};
use testkit::TestApp;

use super::{app, notes, put};

#[derive(Default)]
struct Heard(Mutex<Vec<Arc<Event>>>);

impl Subscriber for Heard {
    fn on_event(&self, event: &Arc<Event>) {
        self.all().push(event.clone());
    }
}

impl Heard {
    fn of(app: &TestApp) -> Arc<Self> {
        let heard = Arc::new(Self::default());
        app.app.bus.subscribe(heard.clone());
        heard
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Event>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The concrete names since the last call.
    fn names(&self) -> Vec<String> {
        self.all().drain(..).map(|e| e.names.first().cloned().unwrap_or_default()).collect()
    }

    fn only(&self) -> Arc<Event> {
        let mut all: Vec<_> = self.all().drain(..).collect();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

#[test]
fn documents_are_told_to_those_who_may_read_them() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"team:staff\")", "create(\"users\")"], true);
    let ada = app.user("ada");
    let heard = Heard::of(&app);
    put(&ada, &path, "a", json!({"title": "x"}));
    let made = heard.only();
    assert_eq!(made.names[0], "databases.db1.collections.notes.documents.a.create");
    assert_eq!(made.names.len(), 42, "all wildcards, parents, and the words of tables");
    assert!(made.names.iter().any(|n| n == "databases.*.tables.*.rows.*.create"), "{:?}", made.names);
    assert!(made.channels.iter().any(|c| c == "databases.db1.collections.notes.documents.a"), "{:?}", made.channels);
    assert!(made.channels.iter().any(|c| c == "rows") && made.channels.iter().any(|c| c == "documents"), "{:?}", made.channels);
    assert_eq!(made.roles, ["team:staff", "user:ada"]);
    assert_eq!((&made.payload["$id"], &made.payload["title"], &made.payload["$collectionId"]), (&json!("a"), &json!("x"), &json!("notes")));
    key.patch(&format!("{path}/a"), &json!({"data": {"title": "x"}})).is(200);
    assert_eq!(heard.names(), ["databases.db1.collections.notes.documents.a.update"], "also when nothing changed");
    key.put(&format!("{path}/b"), &json!({"data": {"title": "y"}})).is(200);
    assert_eq!(heard.only().roles, ["team:staff"]);
    key.delete(&format!("{path}/a")).is(204);
    let gone = heard.only();
    assert_eq!((gone.names[0].as_str(), &gone.payload["title"]), ("databases.db1.collections.notes.documents.a.delete", &json!("x")));
    ada.post(&path, &json!({"documentId": "c", "data": {"zz": 1}})).fails(400, "document_invalid_structure");
    assert!(heard.names().is_empty(), "what did not happen is not told");
}

#[test]
fn own_readers_count_with_document_security_only() {
    let app = app();
    let path = notes(&app.key(), &["create(\"users\")"], false);
    let ada = app.user("ada");
    let heard = Heard::of(&app);
    put(&ada, &path, "a", json!({"title": "x"}));
    assert_eq!(heard.only().roles, Vec::<String>::new());
}

#[test]
fn of_many_documents_each_is_told() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"any\")"], false);
    let heard = Heard::of(&app);
    key.post(&path, &json!({"documents": [{"$id": "a", "title": "a"}, {"$id": "b", "title": "b"}]})).is(201);
    let at = |id: &str, what: &str| format!("databases.db1.collections.notes.documents.{id}.{what}");
    assert_eq!(heard.names(), [at("a", "create"), at("b", "create")]);
    let id = key.post("/databases/transactions", &json!({})).is(201).str("$id");
    key.post(&path, &json!({"documentId": "c", "data": {"title": "c"}, "transactionId": id})).is(201);
    key.json(protocol::spec::Verb::Delete, &format!("{path}/a"), &json!({"transactionId": id})).is(204);
    assert!(heard.names().is_empty(), "nothing has happened yet");
    key.patch(&format!("/databases/transactions/{id}"), &json!({"commit": true})).is(200);
    assert_eq!(heard.names(), [at("c", "create"), at("a", "delete")]);
    key.delete(&path).is(200);
    assert_eq!(heard.names(), [at("b", "delete"), at("c", "delete")]);
}

#[test]
fn changes_of_the_schema_are_told() {
    let app = app();
    let key = app.key();
    let heard = Heard::of(&app);
    notes(&key, &[], false);
    key.post("/databases/db1/collections/notes/indexes", &json!({"key": "i", "type": "key", "attributes": ["n"]})).is(202);
    key.delete("/databases/db1/collections/notes/indexes/i").is(204);
    key.delete("/databases/db1/collections/notes/attributes/n").is(204);
    key.delete("/databases/db1/collections/notes").is(204);
    key.delete("/databases/db1").is(204);
    let expected: Vec<String> = [
        "collections.notes.create",
        "collections.notes.attributes.1_1_title.create",
        "collections.notes.attributes.1_1_title.update",
        "collections.notes.attributes.1_1_n.create",
        "collections.notes.attributes.1_1_n.update",
        "collections.notes.indexes.1_1_i.create",
        "collections.notes.indexes.1_1_i.update",
        "collections.notes.indexes.1_1_i.update",
        "collections.notes.indexes.1_1_i.delete",
        "collections.notes.attributes.1_1_n.update",
        "collections.notes.attributes.1_1_n.delete",
        "collections.notes.delete",
        "delete",
    ]
    .map(|name| format!("databases.db1.{name}"))
    .to_vec();
    assert_eq!(heard.names(), expected);
}

#[test]
fn the_console_hears_of_a_schema_change_and_of_its_end() {
    let app = app();
    let key = app.key();
    key.post("/tablesdb/db1/tables", &json!({"tableId": "t", "name": "t"})).is(201);
    let heard = Heard::of(&app);
    key.post("/tablesdb/db1/tables/t/columns/string", &json!({"key": "title", "size": 20, "required": false})).is(202);
    key.post("/tablesdb/db1/tables/t/indexes", &json!({"key": "i", "type": "key", "columns": ["title"]})).is(202);
    key.delete("/tablesdb/db1/tables/t/indexes/i").is(204);
    key.delete("/tablesdb/db1/tables/t/columns/title").is(204);
    let all: Vec<Arc<Event>> = heard.all().drain(..).collect();
    let told: Vec<(&str, &str)> = all.iter().map(|e| (e.names[0].rsplit('.').next().unwrap(), e.payload["status"].as_str().unwrap())).collect();
    let (made, gone) = ([("create", "processing"), ("update", "available")], [("update", "deleting"), ("delete", "deleted")]);
    assert_eq!(told, [made, made, gone, [gone[0], ("delete", "deleting")]].concat());
    for event in &all {
        assert_eq!(event.channels, ["console", &format!("projects.{}", event.project_id)], "{:?}", event.names);
    }
    for name in ["databases.db1.tables.t.columns.*.update", "databases.db1.collections.t.attributes.*.update", "databases.*"] {
        assert!(all[1].names.iter().any(|n| n == name), "{name}: {:?}", all[1].names);
    }
}

#[test]
fn payloads_are_whole_documents() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &["read(\"any\")"], false);
    let heard = Heard::of(&app);
    put(&key, &path, "a", json!({"title": "x", "n": 3}));
    let payload: Value = heard.only().payload.clone();
    assert_eq!(payload, key.get(&format!("{path}/a")).json);
}

#[test]
fn rows_of_a_tables_database_have_names_of_their_own() {
    let app = TestApp::new();
    let key = app.key();
    key.post("/tablesdb", &json!({"databaseId": "td", "name": "T"})).is(201);
    key.post("/tablesdb/td/tables", &json!({"tableId": "t", "name": "T", "permissions": ["read(\"any\")"]})).is(201);
    key.post("/tablesdb/td/tables/t/columns/string", &json!({"key": "a", "size": 9, "required": false})).is(202);
    let heard = Heard::of(&app);
    key.post("/tablesdb/td/tables/t/rows", &json!({"rowId": "r", "data": {"a": "x"}})).is(201);
    let made = heard.only();
    assert_eq!(made.names[0], "tablesdb.td.tables.t.rows.r.create");
    for name in ["databases.td.tables.t.rows.r.create", "databases.td.collections.t.documents.r.create", "tablesdb.*.tables.*.rows.*.create"] {
        assert!(made.names.iter().any(|n| n == name), "{name}: {:?}", made.names);
    }
    assert_eq!((made.channels.len(), made.payload["$tableId"].as_str()), (16, Some("t")));
    // The old way to the same row.
    key.patch("/databases/td/collections/t/documents/r", &json!({"data": {"a": "y"}})).is(200);
    assert_eq!(heard.names(), ["tablesdb.td.tables.t.rows.r.update"]);
}

#[test]
fn an_index_that_is_filled_in_the_background_is_told_when_it_is_done() {
    let app = app();
    let key = app.key();
    let path = notes(&key, &[], false);
    // More than are indexed while the request waits.
    for from in (0..5_100).step_by(100) {
        let documents: Vec<Value> = (from..from + 100).map(|n| json!({"$id": format!("d{n}"), "title": "same", "n": n})).collect();
        key.post(&path, &json!({"documents": documents})).is(201);
    }
    let heard = Heard::of(&app);
    let told = |kind: &str, attribute: &str| {
        let body = json!({"key": kind, "type": kind, "attributes": [attribute]});
        key.post("/databases/db1/collections/notes/indexes", &body).is(202);
        app.app.db.settle();
        let all: Vec<Arc<Event>> = heard.all().drain(..).collect();
        let of =
            |e: &Arc<Event>| format!("{} {}", e.names[0].trim_start_matches("databases.db1.collections.notes.indexes."), e.payload["status"].as_str().unwrap());
        assert!(all.iter().all(|e| e.project_id == all[0].project_id && e.channels == all[0].channels), "{all:?}");
        // Told by two threads: mostly in this order, but nobody waits for the other one for long.
        let mut told: Vec<String> = all.iter().map(of).collect();
        told.sort_unstable();
        told
    };
    assert_eq!(told("key", "n"), ["1_1_key.create processing", "1_1_key.update available"]);
    assert_eq!(told("unique", "title"), ["1_1_unique.create processing", "1_1_unique.update failed"]);
}
