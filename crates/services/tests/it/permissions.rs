//! Who may do what, explained.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

fn setup() -> (TestApp, Client) {
    let app = TestApp::new();
    let key = app.key();
    key.post("/databases", &json!({"databaseId": "db", "name": "Main"})).is(201);
    let body = json!({"collectionId": "c", "name": "C", "permissions": ["create(\"users\")", "update(\"label:editor\")"], "documentSecurity": true});
    key.post("/databases/db/collections", &body).is(201);
    key.post("/databases/db/collections/c/attributes/integer", &json!({"key": "n", "required": false})).is(202);
    for id in ["ada", "bob"] {
        app.user(id);
    }
    key.post("/teams", &json!({"teamId": "staff", "name": "Staff"})).is(201);
    key.post("/teams/staff/memberships", &json!({"userId": "bob", "roles": ["chief"]})).is(201);
    let permissions = json!(["read(\"user:ada\")", "read(\"team:staff/chief\")", "delete(\"guests\")"]);
    key.post("/databases/db/collections/c/documents", &json!({"documentId": "d", "data": {"n": 1}, "permissions": permissions})).is(201);
    (app, key)
}

fn ask(key: &Client, user: &str, action: &str, resource: &str) -> Value {
    let answer = key.get(&format!("/ferrite/permissions/explain?userId={user}&action={action}&resource={resource}"));
    answer.is(200);
    serde_json::from_str(&answer.text()).unwrap_or_default()
}

#[test]
fn the_rule_that_decides_is_named() {
    let (_app, key) = setup();
    let document = "databases/db/collections/c/documents/d";
    let ada = ask(&key, "ada", "read", document);
    assert_eq!((&ada["allowed"], &ada["rule"]["level"], &ada["rule"]["permission"]), (&json!(true), &json!("document"), &json!("read(\"user:ada\")")));
    assert_eq!(ada["rule"]["why"], "is this user");
    let bob = ask(&key, "bob", "read", document);
    assert_eq!((&bob["allowed"], &bob["rule"]["role"]), (&json!(true), &json!("team:staff/chief")));
    assert!(bob["rule"]["why"].as_str().is_some_and(|w| w.starts_with("has the role chief in the team staff (membership ")), "{bob}");
    let guest = ask(&key, "", "read", document);
    assert_eq!((&guest["allowed"], &guest["rule"]), (&json!(false), &Value::Null));
    assert_eq!(guest["wouldAllow"], json!(["read(\"user:ada\")", "read(\"team:staff/chief\")"]));
    assert!(ask(&key, "", "delete", document)["allowed"] == true);
    let update = ask(&key, "ada", "update", document);
    assert_eq!(
        (&update["allowed"], &update["reason"]),
        (&json!(false), &json!("Neither the collection nor the document gives update to a role that is held."))
    );
    key.put("/users/ada/labels", &json!({"labels": ["editor"]})).is(200);
    let update = ask(&key, "ada", "update", "tablesdb/db/tables/c/rows/d");
    assert_eq!((&update["allowed"], &update["rule"]["level"], &update["rule"]["why"]), (&json!(true), &json!("table"), &json!("has the label editor")));
    let create = ask(&key, "ada", "create", "databases/db/collections/c");
    assert_eq!((&create["allowed"], &create["rule"]["why"]), (&json!(true), &json!("is signed in")));
    // What counts for nothing is told, too.
    key.put("/databases/db/collections/c", &json!({"name": "C", "permissions": [], "documentSecurity": false})).is(200);
    let reason = ask(&key, "ada", "read", document)["reason"].clone();
    assert!(reason.as_str().is_some_and(|r| r.contains("which does not count: document security of the collection is off")), "{reason}");
    key.patch("/users/ada/status", &json!({"status": false})).is(200);
    assert_eq!(ask(&key, "ada", "create", document)["reason"], "The user is blocked: every request is refused.");
}

/// The answers are those the routes give.
#[test]
fn answers_agree_with_what_happens() {
    let (app, key) = setup();
    let path = "/databases/db/collections/c/documents/d";
    for (name, client) in [("ada", app.sign_in("ada@example.com", "password-ada")), ("bob", app.sign_in("bob@example.com", "password-bob")), ("", app.guest())]
    {
        let allowed = |action: &str| ask(&key, name, action, "databases/db/collections/c/documents/d")["allowed"] == true;
        assert_eq!(allowed("read"), client.get(path).status == 200, "{name} reads");
        assert_eq!(allowed("update"), client.patch(path, &json!({"data": {"n": 2}})).status == 200, "{name} updates");
    }
}

#[test]
fn files_and_what_is_not_there() {
    let (app, key) = setup();
    key.post("/storage/buckets", &json!({"bucketId": "b", "name": "B", "permissions": ["read(\"any\")"], "fileSecurity": false})).is(201);
    let read = ask(&key, "", "read", "buckets/b");
    assert_eq!((&read["allowed"], &read["rule"]["level"], &read["rule"]["why"]), (&json!(true), &json!("bucket"), &json!("everybody")));
    key.put("/storage/buckets/b", &json!({"name": "B", "permissions": ["read(\"any\")"], "enabled": false})).is(200);
    assert_eq!(ask(&key, "", "read", "buckets/b")["reason"], "The bucket is disabled: only servers and administrators see it.");
    let path = |user: &str, resource: &str| format!("/ferrite/permissions/explain?userId={user}&action=read&resource={resource}");
    key.get(&path("", "buckets/b/files/x")).fails(404, "storage_file_not_found");
    key.get(&path("", "databases/db/collections/c/documents/x")).fails(404, "document_not_found");
    key.get(&path("zoe", "buckets/b")).fails(404, "user_not_found");
    key.get(&path("", "teams/x")).fails(400, "general_argument_invalid");
    app.user("eve").get(&path("", "buckets/b")).fails(401, "general_unauthorized_scope");
}
