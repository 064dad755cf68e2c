//! Tokens of files, and figures of use of storage.
use serde_json::{Value, json};
use testkit::{Client, TestApp, Upload};

/// A bucket of which nobody may read anything, with two files.
fn private(app: &TestApp, id: &str) -> String {
    let key = app.key();
    key.post("/storage/buckets", &json!({"bucketId": id, "name": "x", "fileSecurity": true})).is(201);
    let files = format!("/storage/buckets/{id}/files");
    for (file, text) in [("a", "the first"), ("b", "the second")] {
        key.upload(&files, &[("fileId", file)], &Upload { filename: "a.txt", bytes: text.as_bytes() }).is(201);
    }
    files
}

fn token(key: &Client, bucket: &str, file: &str, body: &Value) -> (String, String) {
    let made = key.post(&format!("/tokens/buckets/{bucket}/files/{file}"), body);
    made.is(201);
    let text = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
    (text("$id"), text("secret"))
}

#[test]
fn a_token_opens_its_file_alone() {
    let app = TestApp::new();
    let (key, guest) = (app.key(), app.guest());
    let files = private(&app, "bk");
    private(&app, "other");
    let (id, secret) = token(&key, "bk", "a", &json!({}));
    for way in ["view", "download"] {
        guest.get(&format!("{files}/a/{way}")).fails(404, "storage_file_not_found");
        assert_eq!(guest.get(&format!("{files}/a/{way}?token={secret}")).is(200).text(), "the first");
        let part = guest.with("range", "bytes=4-8").get(&format!("{files}/a/{way}?token={secret}"));
        assert_eq!(part.is(206).text(), "first");
        guest.get(&format!("{files}/b/{way}?token={secret}")).fails(401, "user_unauthorized");
        guest.get(&format!("{files}/none/{way}?token={secret}")).fails(401, "user_unauthorized");
        guest.get(&format!("/storage/buckets/other/files/b/{way}?token={secret}")).fails(401, "user_unauthorized");
        guest.get(&format!("{files}/a/{way}?token={secret}x")).fails(404, "storage_file_not_found");
        guest.get(&format!("{files}/a/{way}?token=bad")).fails(404, "storage_file_not_found");
    }
    // What is known of the file stays hidden, and a disabled bucket stays shut.
    guest.get(&format!("{files}/a?token={secret}")).fails(404, "storage_file_not_found");
    key.put("/storage/buckets/bk", &json!({"name": "x", "fileSecurity": true, "enabled": false})).is(200);
    guest.get(&format!("{files}/a/view?token={secret}")).fails(404, "storage_bucket_not_found");
    key.put("/storage/buckets/bk", &json!({"name": "x", "fileSecurity": true})).is(200);
    key.delete(&format!("/tokens/{id}")).is(204);
    key.delete(&format!("/tokens/{id}")).fails(404, "token_not_found");
    guest.get(&format!("{files}/a/view?token={secret}")).fails(404, "storage_file_not_found");
}

#[test]
fn tokens_do_not_open_a_file_of_the_same_name() {
    let app = TestApp::new();
    let (key, guest) = (app.key(), app.guest());
    let files = private(&app, "bk");
    let (_, secret) = token(&key, "bk", "a", &json!({}));
    key.delete(&format!("{files}/a")).is(204);
    key.upload(&files, &[("fileId", "a")], &Upload { filename: "a.txt", bytes: b"another" }).is(201);
    guest.get(&format!("{files}/a/view?token={secret}")).fails(401, "user_unauthorized");
    let (_, secret) = token(&key, "bk", "a", &json!({}));
    key.delete("/storage/buckets/bk").is(204);
    private(&app, "bk");
    guest.get(&format!("{files}/a/view?token={secret}")).fails(401, "user_unauthorized");
}

#[test]
fn tokens_end() {
    let app = TestApp::new();
    let (key, guest) = (app.key(), app.guest());
    let files = private(&app, "bk");
    let now = app.app.now();
    let soon = now.plus_seconds(60).format();
    let (id, secret) = token(&key, "bk", "a", &json!({"expire": soon}));
    assert_eq!(key.get(&format!("/tokens/{id}")).is(200)["expire"], soon.as_str());
    let past = key.patch(&format!("/tokens/{id}"), &json!({"expire": "2001-01-01T00:00:00.000+00:00"}));
    past.fails_with(
        400,
        "general_argument_invalid",
        "Invalid `expire` param: Value must be valid date in the future and between 0000-01-01 00:00:00 and 9999-12-31 00:00:00. or null",
    );
    let view = |secret: &str| guest.get(&format!("{files}/a/view?token={secret}"));
    view(&secret).is(200);
    app.clock.advance(61);
    view(&secret).fails(404, "storage_file_not_found");
    // Without an end the record opens again, with a secret that says so.
    let open = key.patch(&format!("/tokens/{id}"), &json!({"expire": null}));
    assert_eq!(open.is(200)["expire"], "");
    view(&secret).fails(404, "storage_file_not_found");
    let endless = open["secret"].as_str().unwrap();
    view(endless).is(200);
    // The end that counts is the record's.
    key.patch(&format!("/tokens/{id}"), &json!({"expire": app.app.now().plus_seconds(60).format()})).is(200);
    app.clock.advance(61);
    view(endless).fails(404, "storage_file_not_found");
}

#[test]
fn uses_are_noted_once_a_day() {
    let app = TestApp::new();
    let (key, guest) = (app.key(), app.guest());
    let files = private(&app, "bk");
    let (id, secret) = token(&key, "bk", "a", &json!({}));
    let accessed = || key.get(&format!("/tokens/{id}")).is(200)["accessedAt"].as_str().unwrap().to_owned();
    let look = || guest.get(&format!("{files}/a/view?token={secret}")).is(200).status;
    assert_eq!(accessed(), "");
    look();
    let first = accessed();
    assert_ne!(first, "");
    app.clock.advance(3_600);
    look();
    assert_eq!(accessed(), first);
    app.clock.advance(86_400);
    look();
    assert!(accessed() > first);
}

#[test]
fn tokens_are_the_servers() {
    let app = TestApp::new();
    let key = app.key();
    private(&app, "bk");
    let path = "/tokens/buckets/bk/files/a";
    let (first, _) = token(&key, "bk", "a", &json!({}));
    let (second, _) = token(&key, "bk", "a", &json!({"expire": "2096-01-01T00:00:00.000+00:00"}));
    token(&key, "bk", "b", &json!({}));
    let all = key.get(path);
    assert_eq!((all.ids("tokens"), &all["total"]), (vec![first.clone(), second.clone()], &json!(2)));
    assert_eq!(all["tokens"][0]["resourceId"], "bk:a");
    assert_eq!(key.list(path, &[json!({"method": "limit", "values": [1]}), json!({"method": "cursorAfter", "values": [first]})]).ids("tokens"), [second]);
    let message = "File token 'nope' for the 'cursor' value not found.";
    key.list(path, &[json!({"method": "cursorAfter", "values": ["nope"]})]).fails_with(400, "general_cursor_not_found", message);
    key.post("/tokens/buckets/bk/files/nope", &json!({})).fails(404, "storage_file_not_found");
    key.post("/tokens/buckets/nope/files/a", &json!({})).fails(404, "storage_bucket_not_found");
    key.get("/tokens/nope").fails(404, "token_not_found");
    app.user("ada").get(path).fails(401, "general_unauthorized_scope");
    app.key_with(&["files.read"]).post(path, &json!({})).fails(401, "general_unauthorized_scope");
}

#[test]
fn declarations_are_those_of_the_contract() {
    let registry = services::registry().unwrap();
    let ours = registry.endpoints().iter().filter(|e| e.spec.path.starts_with("/v1/storage") || e.spec.path.starts_with("/v1/tokens"));
    let found: Vec<String> = ours.flat_map(|e| protocol::contract::differences(e.spec)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn figures_follow_what_is_there() {
    let app = TestApp::new();
    let key = app.key();
    let course = |answer: &testkit::Answer, key: &str| -> Vec<u64> { answer[key].as_array().unwrap().iter().map(|v| v["value"].as_u64().unwrap()).collect() };
    let files = private(&app, "bk");
    app.clock.advance(3 * 86_400);
    private(&app, "other");
    key.upload(&files, &[("fileId", "c")], &Upload { filename: "c.txt", bytes: b"more" }).is(201);
    key.delete(&format!("{files}/b")).is(204);
    let stored = |id: &str| key.get(&format!("/storage/buckets/{id}")).is(200)["totalSize"].as_u64().unwrap();
    let of = key.get("/storage/bk/usage");
    assert_eq!((&of.is(200)["filesTotal"], &of["filesStorageTotal"], &of["range"]), (&json!(2), &json!(stored("bk")), &json!("30d")));
    let days = course(&of, "files");
    assert_eq!((days.len(), &days[24..]), (30, &[0, 0, 1, 1, 1, 2][..]));
    assert_eq!(course(&of, "storage")[29], stored("bk"));
    assert!(course(&of, "storage")[26] > 0 && course(&of, "storage")[25] == 0);
    assert_eq!(course(&of, "imageTransformations"), [0; 30]);
    let all = key.get("/storage/usage?range=24h");
    assert_eq!((&all.is(200)["bucketsTotal"], &all["filesTotal"]), (&json!(2), &json!(4)));
    assert_eq!(all["filesStorageTotal"], stored("bk") + stored("other"));
    assert_eq!((course(&all, "files").len(), course(&all, "files")[0], course(&all, "buckets")[0]), (24, 1, 1));
    key.get("/storage/nope/usage").fails(404, "storage_bucket_not_found");
    key.get("/storage/usage?range=1y").fails(400, "general_argument_invalid");
    // Files of which previews were made within a month, each once; looking at them is no change of them.
    let changed = key.get(&format!("{files}/c")).is(200)["$updatedAt"].clone();
    for width in [10, 10, 20] {
        key.get(&format!("{files}/c/preview?width={width}")).is(200);
    }
    let transformed = || {
        let of = key.get("/storage/bk/usage");
        (course(&of, "imageTransformations")[29], of.is(200)["imageTransformationsTotal"].clone())
    };
    assert_eq!((transformed(), &key.get(&format!("{files}/c"))["$updatedAt"]), ((1, json!(1)), &changed));
    app.clock.advance(32 * 86_400);
    assert_eq!(transformed(), (0, json!(0)));
}
