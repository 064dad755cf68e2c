//! Webhooks: managed, matched, signed and sent, tried again, switched off.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::{Answer, Peer, TestApp};

/// A receiver that answers with a status that tests may change.
fn receiver() -> (Peer, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(200));
    let inner = status.clone();
    (Peer::start(move |_| (inner.load(Ordering::SeqCst), "{\"got\":\"it\"}".to_owned())), status)
}

fn make(app: &TestApp, url: &str, events: &Value, more: &Value) -> Answer {
    let mut body = json!({"webhookId": "unique()", "name": "Hook", "url": url, "events": events});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.key().post("/webhooks", &body)
}

/// Does what is due until nothing is.
fn work(app: &TestApp) {
    while app.app.run_due_jobs().unwrap() > 0 {}
}

#[test]
fn an_event_arrives_signed() {
    let app = TestApp::new();
    let (peer, _) = receiver();
    let url = peer.url("/hook?x=a%20b");
    let auth = json!({"authUsername": "user", "authPassword": "pass", "secret": "a-secret-key"});
    let hook = make(&app, &url, &json!(["users.*.create", "users.*.update.name"]), &auth);
    assert_eq!((hook.is(201).str("secret"), hook.str("authPassword")), ("a-secret-key".into(), "pass".into()));
    let ada = app.user("ada");
    ada.patch("/account/name", &json!({"name": "Ada / Ä"})).is(200);
    ada.patch("/account/prefs", &json!({"prefs": {"a": 1}})).is(200);
    work(&app);
    let heard = peer.heard();
    assert_eq!(heard.len(), 2, "{heard:?}");
    let made = heard.iter().find(|h| h.header("x-appwrite-webhook-events").contains("users.ada.create")).unwrap();
    assert_eq!((made.method.as_str(), made.path.as_str(), made.header("content-type")), ("POST", "/hook?x=a%20b", "application/json"));
    let payload: Value = serde_json::from_str(&made.body).unwrap();
    assert_eq!((&payload["$id"], &payload["email"]), (&json!("ada"), &json!("ada@example.com")));
    assert!(payload.get("password").is_none_or(|p| p == ""), "{payload}");
    let signed = format!("{}{}", url.replace("%20", " "), made.body);
    assert_eq!(made.header("x-appwrite-webhook-signature"), STANDARD.encode(crypto::hmac_sha1(b"a-secret-key", signed.as_bytes())));
    assert_eq!(made.header("x-appwrite-webhook-id"), hook.str("$id"));
    assert_eq!((made.header("x-appwrite-webhook-name"), made.header("x-appwrite-webhook-project-id")), ("Hook", app.project.as_str()));
    assert_eq!(made.header("authorization"), format!("Basic {}", STANDARD.encode("user:pass")));
    assert!(made.header("x-appwrite-webhook-events").split(',').any(|e| e == "users.*.create"));
    let renamed = heard.iter().find(|h| h.header("x-appwrite-webhook-events").contains("update.name")).unwrap();
    assert_eq!(renamed.header("x-appwrite-webhook-user-id"), "ada");
}

#[test]
fn changes_of_documents_arrive_although_no_socket_listens() {
    let app = TestApp::new();
    let (peer, _) = receiver();
    make(&app, &peer.url("/hook"), &json!(["databases.*.collections.*.documents.*"]), &json!({})).is(201);
    let key = app.key();
    key.post("/tablesdb", &json!({"databaseId": "db", "name": "db"})).is(201);
    key.post("/tablesdb/db/tables", &json!({"tableId": "t", "name": "t", "columns": [{"key": "s", "type": "string", "size": 10}]})).is(201);
    key.post("/tablesdb/db/tables/t/rows", &json!({"rowId": "a", "data": {"s": "x"}})).is(201);
    key.patch("/tablesdb/db/tables/t/rows", &json!({"data": {"s": "y"}})).is(200);
    key.delete("/databases/db/collections/t/documents/a").is(204);
    work(&app);
    let first = |h: &testkit::Heard| h.header("x-appwrite-webhook-events").split(',').next().unwrap_or_default().to_owned();
    let told: Vec<String> = peer.heard().iter().map(first).collect();
    assert_eq!(told, ["create", "update", "delete"].map(|what| format!("tablesdb.db.tables.t.rows.a.{what}")));
}

#[test]
fn nothing_leaves_the_project_or_an_idle_webhook() {
    let app = TestApp::new();
    let (peer, _) = receiver();
    make(&app, &peer.url("/"), &json!(["users.*.create"]), &json!({"enabled": false})).is(201);
    make(&app, &peer.url("/"), &json!(["teams.*.create"]), &json!({})).is(201);
    let (_, secret) = app.make_project("other");
    let other = app.key().with("x-appwrite-project", "other").with("x-appwrite-key", &secret);
    assert_eq!(other.get("/webhooks").is(200)["total"], 0);
    other.post("/teams", &json!({"teamId": "t", "name": "t"})).is(201);
    app.user("ada");
    // A refused request causes nothing.
    app.key().post("/teams", &json!({"teamId": "t", "name": ""})).is(400);
    work(&app);
    assert!(peer.heard().is_empty(), "{:?}", peer.heard());
}

#[test]
fn failures_are_tried_again_and_told() {
    let app = TestApp::new();
    let (peer, status) = receiver();
    status.store(503, Ordering::SeqCst);
    let id = make(&app, &peer.url("/h"), &json!(["teams.*.create"]), &json!({})).str("$id");
    app.key().post("/teams", &json!({"teamId": "t", "name": "t"})).is(201);
    work(&app);
    let told = app.key().get(&format!("/webhooks/{id}"));
    assert_eq!(told["attempts"], 1);
    assert_eq!(told["logs"], format!("URL: {}\nMethod: POST\nStatus code: 503\nBody: \n{{\"got\":\"it\"}}\n", peer.url("/h")));
    assert_eq!(peer.heard().len(), 1);
    // Not before its time; then the same once more, which still counts once.
    work(&app);
    assert_eq!(peer.heard().len(), 1);
    app.clock.advance(11);
    work(&app);
    assert_eq!((peer.heard().len(), &app.key().get(&format!("/webhooks/{id}"))["attempts"]), (2, &json!(1)));
    status.store(204, Ordering::SeqCst);
    app.clock.advance(60);
    work(&app);
    let heard = peer.heard();
    assert_eq!((heard.len(), &heard[0].body), (3, &heard[2].body));
    assert_eq!(app.key().get(&format!("/webhooks/{id}"))["attempts"], 0);
    app.clock.advance(10_000);
    work(&app);
    assert_eq!(peer.heard().len(), 3);
}

#[test]
fn a_webhook_that_keeps_failing_is_switched_off() {
    let app = TestApp::with(|s| (s.abuse, s.webhook_failures) = (false, 3));
    let (peer, status) = receiver();
    status.store(500, Ordering::SeqCst);
    let id = make(&app, &peer.url("/h"), &json!(["teams.*.create"]), &json!({})).str("$id");
    for n in 0..4 {
        app.key().post("/teams", &json!({"teamId": format!("t{n}"), "name": "t"})).is(201);
        work(&app);
    }
    let told = app.key().get(&format!("/webhooks/{id}"));
    assert_eq!((&told["attempts"], &told["enabled"], peer.heard().len()), (&json!(3), &json!(false), 3));
    // What waits for another attempt is dropped.
    status.store(200, Ordering::SeqCst);
    app.clock.advance(100_000);
    work(&app);
    assert_eq!(peer.heard().len(), 3);
    // Switched on again it starts afresh.
    let again = json!({"name": "Hook", "url": peer.url("/h"), "events": ["teams.*.create"], "enabled": true});
    assert_eq!(app.key().put(&format!("/webhooks/{id}"), &again).is(200)["attempts"], 0);
    app.key().post("/teams", &json!({"teamId": "t9", "name": "t"})).is(201);
    work(&app);
    assert_eq!(peer.heard().len(), 4);
}

#[test]
fn private_addresses_are_refused_when_it_is_made_and_when_it_is_sent() {
    let app = TestApp::new();
    let bad = "general_argument_invalid";
    for url in ["http://localhost/h", "http://10.0.0.1/h", "http://169.254.169.254/", "https://db.internal/h", "ftp://example.com/", "http://[::1]/", "x"] {
        make(&app, url, &json!(["users.*.create"]), &json!({})).fails(400, bad);
    }
    let id = make(&app, "https://example.com/h", &json!(["users.*.create"]), &json!({})).is(201).str("$id");
    let moved = json!({"name": "Hook", "url": "http://localhost/h", "events": ["users.*.create"]});
    app.key().put(&format!("/webhooks/{id}"), &moved).fails(400, bad);
    assert_eq!(app.key().get(&format!("/webhooks/{id}"))["url"], "https://example.com/h");
}

#[test]
fn managing() {
    let app = TestApp::new();
    let key = app.key();
    let hook = make(&app, "https://example.com/a", &json!(["users.*.create"]), &json!({"webhookId": "one"}));
    assert_eq!((hook.is(201).str("secret").len(), &hook["tls"], &hook["attempts"], &hook["logs"]), (128, &json!(false), &json!(0), &json!("")));
    make(&app, "https://example.com/a", &json!(["users.*.create"]), &json!({"webhookId": "one"})).fails(409, "webhook_already_exists");
    make(&app, "https://example.com/b", &json!(["users.*.update.email"]), &json!({"webhookId": "two", "tls": true, "enabled": false})).is(201);
    make(&app, "https://example.com/b", &json!(["nope.*"]), &json!({})).fails(400, "general_argument_invalid");
    make(&app, "https://example.com/b", &json!(["users.*"]), &json!({"secret": "short"})).fails(400, "general_argument_invalid");
    assert_eq!(key.get("/webhooks/one")["secret"], "");
    let list = key.list("/webhooks", &[json!({"method": "equal", "attribute": "tls", "values": [true]})]);
    assert_eq!((list.is(200).ids("webhooks"), &list["webhooks"][0]["secret"]), (vec!["two".to_owned()], &json!("")));
    key.list("/webhooks", &[json!({"method": "cursorAfter", "values": ["none"]})]).fails(400, "general_cursor_not_found");
    let rotated = key.patch("/webhooks/one/secret", &json!({}));
    assert_eq!(rotated.is(200).str("secret").len(), 128);
    assert_ne!(rotated["secret"], hook["secret"]);
    assert_eq!(key.patch("/webhooks/one/secret", &json!({"secret": "chosen-key"}))["secret"], "chosen-key");
    let changed = key.put("/webhooks/one", &json!({"name": "New", "url": "https://example.com/n", "events": ["teams.*"], "tls": true}));
    assert_eq!((&changed.is(200)["name"], &changed["tls"], &changed["secret"]), (&json!("New"), &json!(true), &json!("")));
    let old = key.with("x-appwrite-response-format", "1.8.0").get("/webhooks/one");
    assert_eq!((&old["security"], &old["httpUser"]), (&json!(true), &json!("")));
    key.delete("/webhooks/one").is(204);
    for gone in [key.get("/webhooks/one"), key.delete("/webhooks/one"), key.patch("/webhooks/one/secret", &json!({}))] {
        gone.fails(404, "webhook_not_found");
    }
    app.guest().get("/webhooks").fails(401, "general_unauthorized_scope");
    app.key_with(&["webhooks.read"]).delete("/webhooks/two").fails(401, "general_unauthorized_scope");
}

#[test]
fn secrets_are_sealed_where_they_are_kept() {
    let app = TestApp::new();
    make(&app, "https://example.com/a", &json!(["users.*.create"]), &json!({"authUsername": "u", "authPassword": "plain-pass", "secret": "plain-key"})).is(201);
    let project = app.app.project(&app.project).unwrap().unwrap();
    let kept = format!("{:?}", project.webhooks);
    assert!(project.webhooks.len() == 1 && !kept.contains("plain-pass") && !kept.contains("plain-key"), "{kept}");
}

#[test]
fn the_owners_are_told_of_a_webhook_that_is_switched_off() {
    let app = TestApp::with(|s| (s.abuse, s.webhook_failures, s.console.root_only) = (false, 2, false));
    let owner = app.organization("org");
    app.administrator("dev");
    app.join("org", "dev", &["developer"]);
    let here = owner.with("x-appwrite-project", "org").with("x-appwrite-mode", "admin");
    let (peer, status) = receiver();
    status.store(500, Ordering::SeqCst);
    let hook = json!({"webhookId": "h", "name": "Orders", "url": peer.url("/h"), "events": ["teams.*.create"]});
    here.post("/webhooks", &hook).is(201);
    let before = app.mails().len();
    here.post("/teams", &json!({"teamId": "t1", "name": "t"})).is(201);
    work(&app);
    assert_eq!(app.mails().len(), before);
    here.post("/teams", &json!({"teamId": "t2", "name": "t"})).is(201);
    work(&app);
    let mails = app.mails().split_off(before);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!((mails[0].subject.as_str(), mails[0].to.as_str()), ("Webhook deliveries have been paused", "org@example.com"));
    for part in ["Orders", "after 2 consecutive failures", "Status code: 500", "/settings/webhooks/h"] {
        assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
    }
    // Once: what is tried again later says nothing more.
    app.clock.advance(10_000);
    work(&app);
    assert_eq!(app.mails().len(), before + 1);
}

#[test]
fn documents_files_and_secrets_of_verifications_reach_webhooks_though_nobody_else_listens() {
    let app = TestApp::new();
    let (peer, _) = receiver();
    make(&app, &peer.url("/h"), &json!(["databases.*", "buckets.*", "users.*"]), &json!({}));
    let key = app.key();
    key.post("/databases", &json!({"databaseId": "d", "name": "d"})).is(201);
    key.post("/databases/d/collections", &json!({"collectionId": "c", "name": "c"})).is(201);
    key.post("/databases/d/collections/c/attributes/string", &json!({"key": "a", "size": 9, "required": false})).is(202);
    key.post("/databases/d/collections/c/documents", &json!({"documentId": "x", "data": {"a": "1"}})).is(201);
    key.delete("/databases/d/collections/c/documents/x").is(204);
    let ada = app.user("ada");
    ada.post("/account/verifications/email", &json!({"url": "http://localhost/v"})).is(201);
    let mail = app.mails().pop().unwrap().text;
    let secret = mail.split("secret=").nth(1).unwrap().chars().take_while(char::is_ascii_hexdigit).collect::<String>();
    let used = app.guest().put("/account/verifications/email", &json!({"userId": "ada", "secret": secret}));
    assert_eq!(used.is(200)["secret"], "");
    work(&app);
    let heard = peer.heard();
    let told = |name: &str| heard.iter().find(|h| h.header("x-appwrite-webhook-events").split(',').any(|e| e == name)).unwrap_or_else(|| panic!("{name}"));
    let made: Value = serde_json::from_str(&told("databases.d.collections.c.documents.x.create").body).unwrap();
    assert_eq!((&made["$id"], &made["$collectionId"]), (&json!("x"), &json!("c")));
    told("databases.d.collections.c.documents.x.delete");
    let asked: Value = serde_json::from_str(&told("users.ada.verification.*.create").body).unwrap();
    assert_eq!(asked["secret"], secret);
    let confirmed: Value = serde_json::from_str(&told("users.ada.verification.*.update").body).unwrap();
    assert_eq!(confirmed["secret"], secret);
    // Whoever signs what they read and write again comes to the same: an account without preferences has a list of them.
    assert!(told("users.ada.create").body.contains("\"prefs\":[]"));
}
