//! Conditional requests, ranges by the standard, links of push messages, and the bytes of removed buckets.
use serde_json::json;
use testkit::{TestApp, Upload};

const FILES: &str = "/storage/buckets/bk/files";
const TEXT: &[u8] = b"hello world, hello world, hello world";

fn with_file(app: &TestApp) {
    app.key().post("/storage/buckets", &json!({"bucketId": "bk", "name": "Bucket", "permissions": ["read(\"any\")"]})).is(201);
    app.key().upload(FILES, &[("fileId", "f")], &Upload { filename: "a.txt", bytes: TEXT }).is(201);
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    let app = TestApp::new();
    with_file(&app);
    let key = app.key();
    for path in [format!("{FILES}/f/download"), format!("{FILES}/f/view")] {
        let got = key.get(&path);
        let (tag, time) = (got.is(200).header("etag").unwrap().to_owned(), got.header("last-modified").unwrap().to_owned());
        for (header, value) in [("if-none-match", &tag), ("if-modified-since", &time)] {
            let known = key.with(header, value).get(&path);
            assert_eq!((known.is(304).text().as_str(), known.header("etag")), ("", Some(tag.as_str())));
        }
        assert_eq!(key.with("if-none-match", "\"other\"").get(&path).is(200).text().as_bytes(), TEXT);
        key.with("if-match", "\"other\"").get(&path).is(412);
        let part = |tag: &str| key.with("range", "bytes=0-4").with("if-range", tag).get(&path);
        assert_eq!(part(&tag).is(206).text(), "hello");
        assert_eq!(part("\"other\"").is(200).text().as_bytes(), TEXT);
        // Who may not read it is not told what it is.
        app.key().put("/storage/buckets/bk", &json!({"name": "x", "permissions": []})).is(200);
        app.guest().with("if-none-match", &tag).get(&path).is(401);
        app.key().put("/storage/buckets/bk", &json!({"name": "x", "permissions": ["read(\"any\")"]})).is(200);
    }
}

#[test]
fn ranges_of_the_standard_where_they_are_wanted() {
    let theirs = TestApp::new();
    with_file(&theirs);
    let ours = TestApp::with(|settings| (settings.rfc_ranges, settings.abuse) = (true, false));
    with_file(&ours);
    let path = format!("{FILES}/f/download");
    for (range, text) in [("bytes=0-0", "h"), ("bytes=-5", "world"), ("bytes=32-999", "world")] {
        theirs.key().with("range", range).get(&path).fails(416, "storage_invalid_range");
        assert_eq!(ours.key().with("range", range).get(&path).is(206).text(), text, "{range}");
    }
    ours.key().with("range", "bytes=37-").get(&path).fails(416, "storage_invalid_range");
    let many = format!("bytes={}", "0-0,".repeat(2_000));
    assert_eq!(ours.key().with("range", &many).get(&path).is(200).text().as_bytes(), TEXT);
}

#[test]
fn a_signed_link_opens_its_file_alone() {
    let app = TestApp::new();
    with_file(&app);
    let link = |claims: serde_json::Value| {
        let jwt = app.app.keyring.sign_jwt(claims.as_object().unwrap()).unwrap();
        app.guest().get(&format!("{FILES}/f/push?jwt={jwt}"))
    };
    app.key().put("/storage/buckets/bk", &json!({"name": "x", "permissions": []})).is(200);
    let got = link(json!({"projectId": "test", "bucketId": "bk", "fileId": "f"}));
    assert_eq!((got.is(200).text().as_bytes(), got.header("x-content-type-options")), (TEXT, Some("nosniff")));
    for wrong in [
        json!({"projectId": "other", "bucketId": "bk", "fileId": "f"}),
        json!({"projectId": "test", "bucketId": "bk", "fileId": "g"}),
        json!({"projectId": "test", "bucketId": "bk", "fileId": "f", "exp": 1}),
        json!({"fileId": "f"}),
    ] {
        link(wrong).fails(401, "user_unauthorized");
    }
    app.guest().get(&format!("{FILES}/f/push")).fails(401, "user_unauthorized");
}

#[test]
fn the_bytes_of_a_removed_bucket_go_by_a_job() {
    let app = TestApp::new();
    services::register_jobs(&app.app);
    with_file(&app);
    let blobs = || walk(&app.folder().join("files/blobs"));
    assert_eq!(blobs(), 1);
    app.key().delete("/storage/buckets/bk").is(204);
    assert_eq!((blobs(), app.app.list_jobs(None, 10).unwrap().len()), (1, 1), "written with the removal, done after it");
    app.app.run_due_jobs().unwrap();
    assert_eq!((blobs(), app.app.list_jobs(None, 10).unwrap().len()), (0, 0));
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).map(|all| all.filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    entries.iter().map(|e| if e.path().is_dir() { walk(&e.path()) } else { 1 }).sum()
}
