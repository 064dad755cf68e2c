//! A deleted project leaves nothing, and nothing of others goes with it.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use std::sync::atomic::AtomicBool;

use database::{Find, Namespace};
use serde_json::json;
use testkit::{Client, TestApp, Upload};

const WHY: access::Access = access::Access::System("a test looks at everything");

fn files(t: &TestApp) -> usize {
    fn count(dir: &std::path::Path) -> usize {
        std::fs::read_dir(dir).map_or(0, |all| all.map(|e| e.unwrap().path()).map(|p| if p.is_dir() { count(&p) } else { 1 }).sum())
    }
    count(&t.folder().join("files/blobs"))
}

/// A project with a user, a document and a file.
fn fill(t: &TestApp, admin: &Client, id: &str) -> Client {
    let scopes: Vec<&str> = protocol::scopes::PROJECT_NAMES.to_vec();
    let secret = admin.post(&format!("/projects/{id}/keys"), &json!({"keyId": "unique()", "name": "k", "scopes": scopes})).is(201).str("secret");
    admin.post(&format!("/projects/{id}/dev-keys"), &json!({"name": "d", "expire": "2040-01-01T00:00:00.000+00:00"})).is(201);
    let server = t.guest().without("origin").with("x-appwrite-project", id).with("x-appwrite-key", &secret);
    server.post("/project/platforms/web", &json!({"platformId": "unique()", "name": "w", "hostname": "x.example"})).is(201);
    server.post("/users", &json!({"userId": "u", "email": "u@example.com", "password": "password-u"})).is(201);
    server.post("/databases", &json!({"databaseId": "db", "name": "db"})).is(201);
    server.post("/databases/db/collections", &json!({"collectionId": "c", "name": "c"})).is(201);
    server.post("/databases/db/collections/c/attributes/string", &json!({"key": "name", "size": 20, "required": false})).is(202);
    server.post("/databases/db/collections/c/documents", &json!({"documentId": "d", "data": {"name": "x"}})).is(201);
    server.post("/storage/buckets", &json!({"bucketId": "b", "name": "b"})).is(201);
    server.upload("/storage/buckets/b/files", &[("fileId", "f")], &Upload { filename: "a.txt", bytes: b"hello" }).is(201);
    server
}

fn records(t: &TestApp, table: &str, project: &str) -> usize {
    let coll = t.app.collection(Namespace(0), table).unwrap();
    let all = t.app.db.read().find(&WHY, &coll, &Find { limit: 1_000, ..Find::default() }).unwrap().documents;
    all.iter().filter(|d| d.str("projectId") == project).count()
}

#[test]
fn nothing_is_left_and_nothing_of_others_goes() {
    let t = TestApp::with(|s| {
        s.abuse = false;
        s.console.root_only = false;
    });
    let admin = t.organization("gone");
    admin.post("/projects", &json!({"projectId": "stays", "name": "stays", "teamId": "gone"})).is(201);
    let (gone, stays) = (fill(&t, &admin, "gone"), fill(&t, &admin, "stays"));
    let user = gone.post("/users/u/sessions", &json!({})).str("secret");
    let ns = t.app.project("gone").unwrap().unwrap().namespace;
    assert_eq!(files(&t), 2);

    admin.delete("/projects/gone").is(204);
    // At once nobody reaches it.
    gone.get("/users").fails(404, "project_not_found");
    t.guest().with("x-appwrite-project", "gone").with("x-appwrite-session", &user).get("/account").fails(404, "project_not_found");
    admin.delete("/projects/gone").fails(404, "project_not_found");
    for table in ["keys", "platforms", "devKeys"] {
        assert_eq!((records(&t, table, "gone"), records(&t, table, "stays") > 0), (0, true), "{table}");
    }
    assert_eq!(t.app.removals_waiting().unwrap(), 1);
    // A server that stops in between goes on later.
    assert_eq!(t.app.sweep_projects(&AtomicBool::new(true)).unwrap(), 0);
    assert!(!t.app.db.read().collections(ns).unwrap().is_empty());
    assert_eq!(t.app.sweep_projects(&AtomicBool::new(false)).unwrap(), 1);
    assert!(t.app.db.read().collections(ns).unwrap().is_empty());
    assert_eq!((files(&t), t.app.removals_waiting().unwrap()), (1, 0));
    // Once more after a while, for what was under way; then the note goes.
    assert_eq!(t.app.sweep_projects(&AtomicBool::new(false)).unwrap(), 0);
    t.clock.advance(601);
    assert_eq!(t.app.sweep_projects(&AtomicBool::new(false)).unwrap(), 1);
    assert_eq!(records(&t, "removals", "gone"), 0);

    stays.get("/users/u").is(200);
    stays.get("/databases/db/collections/c/documents/d").is(200);
    assert_eq!(stays.get("/storage/buckets/b/files/f/download").is(200).bytes, b"hello");
}

#[test]
fn a_new_project_of_the_same_id_starts_empty() {
    let t = TestApp::new();
    let admin = t.organization("again");
    let old = fill(&t, &admin, "again");
    admin.delete("/projects/again").is(204);
    // Before anybody tidied up.
    admin.post("/projects", &json!({"projectId": "again", "name": "again", "teamId": "again"})).is(201);
    old.get("/users").fails(401, "user_unauthorized");
    assert_eq!(files(&t), 0);
    let new = fill(&t, &admin, "again");
    assert_eq!(new.get("/users").json["total"], 1);
    t.clock.advance(1_200);
    t.app.sweep_projects(&AtomicBool::new(false)).unwrap();
    assert_eq!(new.get("/storage/buckets/b/files/f/download").is(200).bytes, b"hello");
}

#[test]
fn projects_go_with_their_organization() {
    let t = TestApp::new();
    let admin = t.organization("org");
    admin.post("/teams", &json!({"teamId": "other", "name": "Other"})).is(201);
    admin.post("/projects", &json!({"projectId": "kept", "name": "kept", "teamId": "other"})).is(201);
    admin.delete("/teams/org").is(204);
    admin.get("/projects/org").fails(404, "project_not_found");
    admin.get("/projects/kept").is(200);
}
