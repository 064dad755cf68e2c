//! Buckets and files: who may do what, chunks in any order, ranges, and what is stored.
use serde_json::json;
use testkit::{Client, TestApp, Upload};

const FILES: &str = "/storage/buckets/bk/files";
const CHUNK: usize = 5 << 20;

fn bucket(app: &TestApp, mut settings: serde_json::Value) {
    settings["bucketId"] = "bk".into();
    settings["name"] = "Bucket".into();
    app.key().post("/storage/buckets", &settings).is(201);
}

fn put(client: &Client, id: &str, name: &str, bytes: &[u8]) -> testkit::Answer {
    client.upload(FILES, &[("fileId", id)], &Upload { filename: name, bytes })
}

fn chunk(client: &Client, id: &str, all: &[u8], at: usize, len: usize) -> testkit::Answer {
    let end = (at + len).min(all.len());
    let range = format!("bytes {at}-{}/{}", end - 1, all.len());
    client.with("content-range", &range).with("x-appwrite-id", id).upload(FILES, &[("fileId", id)], &Upload { filename: "big.bin", bytes: &all[at..end] })
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

#[test]
fn buckets_are_the_servers() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({"permissions": ["read(\"any\")"], "compression": "gzip"}));
    key.post("/storage/buckets", &json!({"bucketId": "bk", "name": "x"})).fails(409, "storage_bucket_already_exists");
    let message = "Invalid `maximumFileSize` param: Value must be a valid range between 1 and 30,000,000";
    key.post("/storage/buckets", &json!({"bucketId": "x", "name": "x", "maximumFileSize": 0})).fails_with(400, "general_argument_invalid", message);
    assert_eq!(key.get("/storage/buckets/bk").is(200)["maximumFileSize"], 30_000_000);
    app.user("ada").get("/storage/buckets/bk").fails(401, "general_unauthorized_scope");
    let changed = key.put("/storage/buckets/bk", &json!({"name": "New"}));
    assert_eq!((&changed.is(200)["name"], &changed["compression"], &changed["$permissions"]), (&json!("New"), &json!("none"), &json!(["read(\"any\")"])));
    assert_eq!(key.get("/storage/buckets?search=New").ids("buckets"), ["bk"]);
    key.delete("/storage/buckets/bk").is(204);
    key.get(FILES).fails(404, "storage_bucket_not_found");
    // The id is free at once, and what the old bucket had is not in the new one.
    bucket(&app, json!({}));
    assert_eq!(key.get(FILES).is(200)["total"], 0);
}

#[test]
fn a_file_is_what_was_sent() {
    let app = TestApp::new();
    let key = app.key();
    for (n, (compression, encryption)) in [("none", false), ("none", true), ("gzip", true), ("zstd", false)].into_iter().enumerate() {
        key.post("/storage/buckets", &json!({"bucketId": format!("b{n}"), "name": "x", "compression": compression, "encryption": encryption})).is(201);
        let files = format!("/storage/buckets/b{n}/files");
        let text = "hello world, ".repeat(30_000);
        let made = key.upload(&files, &[("fileId", "f")], &Upload { filename: "a.txt", bytes: text.as_bytes() });
        assert_eq!((&made.is(201)["sizeOriginal"], &made["mimeType"]), (&json!(text.len()), &json!("text/plain")));
        assert_eq!((&made["compression"], &made["encryption"]), (&json!(compression), &json!(encryption)));
        let stored = key.get(&format!("/storage/buckets/b{n}"))["totalSize"].as_u64().unwrap();
        assert_eq!(stored < 50_000, compression != "none", "{stored}");
        let got = key.get(&format!("{files}/f/download")).is(200).clone();
        assert_eq!(got.text(), text);
        assert_eq!(got.header("content-disposition"), Some("attachment; filename=\"a.txt\""));
        let part = key.with("range", "bytes=13-25").get(&format!("{files}/f/view"));
        assert_eq!((part.is(206).text().as_str(), part.header("content-range")), ("hello world, ", Some(&*format!("bytes 13-25/{}", text.len()))));
        key.with("range", "bytes=0-9999999").get(&format!("{files}/f/view")).fails(416, "storage_invalid_range");
        key.delete(&format!("{files}/f")).is(204);
        assert_eq!(key.get(&format!("/storage/buckets/b{n}"))["totalSize"], 0);
        key.get(&format!("{files}/f/download")).fails(404, "storage_file_not_found");
    }
}

#[test]
fn what_a_bucket_refuses() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({"maximumFileSize": 100, "allowedFileExtensions": ["txt"]}));
    put(&key, "a", "UP.TXT", b"x").is(201);
    put(&key, "a", "a.txt", b"x").fails(409, "storage_file_already_exists");
    put(&key, "b", "b.exe", b"x").fails_with(400, "storage_file_type_unsupported", "File extension not allowed");
    put(&key, "b", "noext", b"x").fails(400, "storage_file_type_unsupported");
    put(&key, "b", "b.txt", &[0; 101]).fails_with(400, "storage_invalid_file_size", "File size not allowed");
    put(&key, "e", "e.txt", b"").is(201);
    put(&key, "bad id", "b.txt", b"x").fails(400, "general_argument_invalid");
    key.post(FILES, &json!({"fileId": "z"})).fails(400, "storage_file_empty");
    for bad in ["bytes 0-10", "bytes 10-5/100", "bytes 0-10/100"] {
        let upload = Upload { filename: "a.txt", bytes: b"12345" };
        key.with("content-range", bad).upload(FILES, &[("fileId", "r")], &upload).fails(400, "storage_invalid_content_range");
    }
}

#[test]
fn chunks_come_in_any_order_and_again() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({"compression": "zstd"}));
    let all = noise(2 * CHUNK + 768);
    let first = chunk(&key, "big", &all, 0, CHUNK);
    assert_eq!((&first.is(201)["chunksTotal"], &first["chunksUploaded"], &first["signature"]), (&json!(3), &json!(1), &json!("")));
    assert_eq!(key.get(FILES)["total"], 1);
    key.get(&format!("{FILES}/big/download")).fails(404, "storage_file_not_found");
    assert_eq!(chunk(&key, "big", &all, 2 * CHUNK, CHUNK).is(201)["chunksUploaded"], 2);
    assert_eq!(chunk(&key, "big", &all, 0, CHUNK).is(201)["chunksUploaded"], 2);
    let last = chunk(&key, "big", &all, CHUNK, CHUNK);
    assert_eq!((&last.is(201)["chunksUploaded"], &last["sizeOriginal"]), (&json!(3), &json!(all.len())));
    assert_eq!(chunk(&key, "big", &all, CHUNK, CHUNK).is(200)["chunksUploaded"], 3);
    assert_eq!(key.get(&format!("{FILES}/big/download")).is(200).bytes, all);
    let range = format!("bytes={}-{}", CHUNK - 5, CHUNK + 5);
    assert_eq!(key.with("range", &range).get(&format!("{FILES}/big/view")).is(206).bytes, all[CHUNK - 5..=CHUNK + 5]);
}

#[test]
fn chunks_of_any_size_make_the_whole_file() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({}));
    let all = noise(20);
    assert_eq!(chunk(&key, "s", &all, 0, 10).is(201)["chunksUploaded"], 0);
    let done = chunk(&key, "s", &all, 10, 10);
    assert_eq!((&done.is(201)["chunksUploaded"], &done["chunksTotal"]), (&json!(1), &json!(1)));
    assert_eq!(key.get(&format!("{FILES}/s/download")).is(200).bytes, all);
}

#[test]
fn chunks_at_the_same_time_make_one_file() {
    let app = TestApp::new();
    bucket(&app, json!({}));
    let all = noise(4 * CHUNK + 1);
    let events = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|s| {
        for at in (0..all.len()).step_by(CHUNK) {
            let (key, all, events) = (app.key(), &all, &events);
            s.spawn(move || {
                let answer = chunk(&key, "p", all, at, CHUNK);
                assert!(answer.status == 201 || answer.status == 200, "{}", answer.text());
                if answer.status == 201 && answer["chunksUploaded"] == 5 {
                    events.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        }
    });
    assert!(events.into_inner() >= 1);
    assert_eq!(app.key().get(&format!("{FILES}/p/download")).is(200).bytes, all);
}

#[test]
fn files_are_seen_by_those_they_name() {
    let app = TestApp::new();
    let (ada, bob, key, guest) = (app.user("ada"), app.user("bob"), app.key(), app.guest());
    bucket(&app, json!({"permissions": ["create(\"users\")"], "fileSecurity": true}));
    let made = put(&ada, "f", "a.txt", b"mine");
    assert_eq!(made.is(201)["$permissions"], json!(["read(\"user:ada\")", "update(\"user:ada\")", "delete(\"user:ada\")"]));
    put(&guest, "g", "a.txt", b"x").fails(401, "user_unauthorized");
    assert_eq!(ada.get(FILES)["total"], 1);
    assert_eq!(bob.get(FILES)["total"], 0);
    for path in ["", "/view", "/download"] {
        ada.get(&format!("{FILES}/f{path}")).is(200);
        bob.get(&format!("{FILES}/f{path}")).fails(404, "storage_file_not_found");
    }
    bob.put(&format!("{FILES}/f"), &json!({"name": "h"})).fails(401, "user_unauthorized");
    bob.delete(&format!("{FILES}/f")).fails(401, "user_unauthorized");
    let other = json!({"permissions": ["read(\"user:bob\")"]});
    ada.put(&format!("{FILES}/f"), &other).fails(401, "user_unauthorized");
    key.put(&format!("{FILES}/f"), &other).is(200);
    bob.get(&format!("{FILES}/f")).is(200);
    ada.get(&format!("{FILES}/f")).fails(404, "storage_file_not_found");
    key.put("/storage/buckets/bk", &json!({"name": "x", "enabled": false, "permissions": []})).is(200);
    bob.get(&format!("{FILES}/f")).fails(404, "storage_bucket_not_found");
    key.get(&format!("{FILES}/f")).is(200);
    key.put("/storage/buckets/bk", &json!({"name": "x"})).is(200);
    bob.get(&format!("{FILES}/f")).fails_with(401, "user_unauthorized", "No permissions provided for action 'read'");
    bob.get(FILES).fails(401, "user_unauthorized");
}

#[test]
fn chunks_that_lie_leave_nothing() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({"maximumFileSize": 100}));
    let send = |id: &str, range: &str, bytes: &[u8]| {
        key.with("content-range", range).with("x-appwrite-id", id).upload(FILES, &[("fileId", id)], &Upload { filename: "c.bin", bytes })
    };
    send("big", "bytes 0-9/101", &[0; 10]).fails(400, "storage_invalid_file_size");
    send("bad id!", "bytes 0-9/20", &[0; 10]).fails(400, "general_argument_invalid");
    key.with("content-range", "bytes 0-9/20")
        .with("x-appwrite-id", "../../x")
        .upload(FILES, &[("fileId", "ok")], &Upload { filename: "c.bin", bytes: &[0; 10] })
        .fails(400, "storage_invalid_appwrite_id");
    for (range, len) in [("bytes 0-9/20", 9), ("bytes 0-9/20", 11), ("bytes 15-25/20", 11), ("bytes 0-18446744073709551615/18446744073709551615", 10)] {
        assert_eq!(send("lie", range, &vec![0; len]).status, 400, "{range} {len}");
    }
    assert_eq!(key.get(FILES).is(200)["total"], 0);
    // The size a file is to have does not change on the way, and what came before the lie still counts.
    send("c", "bytes 0-9/20", &[1; 10]).is(201);
    send("c", "bytes 10-19/30", &[2; 10]).fails(400, "storage_invalid_content_range");
    send("c", "bytes 10-19/20", &[2; 10]).is(201);
    assert_eq!(key.get(&format!("{FILES}/c/download")).is(200).bytes, [[1; 10], [2; 10]].concat());
}

#[test]
fn nobody_goes_on_with_what_another_sends() {
    let app = TestApp::new();
    let (ada, bob, key, guest) = (app.user("ada"), app.user("bob"), app.key(), app.guest());
    bucket(&app, json!({"permissions": ["create(\"any\")"], "fileSecurity": true}));
    let all = noise(30);
    chunk(&ada, "f", &all, 0, 10).is(201);
    let forged = vec![b'!'; 30];
    for (other, at) in [(&bob, 0), (&bob, 10), (&guest, 20)] {
        let refused = chunk(other, "f", &forged, at, 10);
        refused.fails(409, "storage_file_already_exists");
        assert!(!refused.text().contains("big.bin"), "nothing of the file is told");
    }
    chunk(&ada, "f", &all, 20, 10).is(201);
    chunk(&key, "f", &all, 10, 10).is(201);
    assert_eq!(ada.get(&format!("{FILES}/f/download")).is(200).bytes, all);
    // Of a file that is complete only those read who may.
    chunk(&bob, "f", &forged, 0, 10).fails(409, "storage_file_already_exists");
    chunk(&guest, "f", &forged, 0, 30).fails(409, "storage_file_already_exists");
    assert_eq!(chunk(&ada, "f", &forged, 0, 10).is(200)["name"], "big.bin");
    assert_eq!(key.get(&format!("{FILES}/f/download")).is(200).bytes, all);
    // Who may not read what they sent still sends all of it, and again what they are unsure of.
    bucket_of_a_letter_box(&app);
    for (sender, id) in [(&ada, "letter"), (&guest, "note")] {
        for at in [0, 10, 20] {
            let part = sender.with("content-range", &format!("bytes {at}-{}/30", at + 9)).with("x-appwrite-id", id);
            part.upload("/storage/buckets/box/files", &[("fileId", id)], &Upload { filename: "l.txt", bytes: &all[at..at + 10] }).is(201);
        }
        assert_eq!(key.get(&format!("/storage/buckets/box/files/{id}/download")).is(200).bytes, all);
    }
}

fn bucket_of_a_letter_box(app: &TestApp) {
    app.key().post("/storage/buckets", &json!({"bucketId": "box", "name": "Box", "permissions": ["create(\"any\")"]})).is(201);
}

#[test]
fn names_do_not_break_headers() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({}));
    for (n, (name, header)) in [
        ("plain.txt", "attachment; filename=\"plain.txt\""),
        ("a\"b\\c.txt", "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("a\r\nX-Evil: 1.txt", "attachment; filename=\"aX-Evil: 1.txt\"; filename*=UTF-8''a%0D%0AX-Evil%3A%201.txt"),
        ("żółw.txt", "attachment; filename=\"???w.txt\"; filename*=UTF-8''%C5%BC%C3%B3%C5%82w.txt"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("f{n}");
        assert_eq!(put(&key, &id, name, b"x").is(201)["name"], name);
        assert_eq!(key.get(&format!("{FILES}/{id}/download")).is(200).header("content-disposition"), Some(header), "{name:?}");
    }
}

#[test]
fn what_could_run_in_a_browser_is_shown_as_text() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({}));
    put(&key, "h", "page.html", b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>").is(201);
    put(&key, "s", "drawing.svg", b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>").is(201);
    for id in ["h", "s"] {
        let shown = key.get(&format!("{FILES}/{id}/view"));
        assert!(!shown.is(200).header("content-type").unwrap_or_default().contains("html"), "{id}");
        assert_eq!(shown.header("content-security-policy"), Some("script-src none;"), "{id}");
    }
    // An empty file has no byte to give a part of.
    put(&key, "e", "empty.txt", b"").is(201);
    assert_eq!(key.get(&format!("{FILES}/e/view")).is(200).bytes, b"");
    key.with("range", "bytes=0-").get(&format!("{FILES}/e/view")).fails(416, "storage_invalid_range");
}

#[test]
fn deleting_leaves_no_bytes_behind() {
    let app = TestApp::new();
    let key = app.key();
    bucket(&app, json!({}));
    let left = || app.block_on(async { futures_util::StreamExt::count(app.app.blobs.list(&app.project, None).unwrap()).await });
    put(&key, "a", "a.txt", b"one").is(201);
    put(&key, "b", "b.txt", b"two").is(201);
    assert_eq!(left(), 2);
    key.delete(&format!("{FILES}/a")).is(204);
    assert_eq!(left(), 1);
    key.delete("/storage/buckets/bk").is(204);
    // The bytes of a bucket go by a job.
    app.app.run_due_jobs().unwrap();
    assert_eq!(left(), 0);
}

#[test]
fn a_name_for_any_file_is_taken_with_an_honest_chunk_alone() {
    let app = TestApp::new();
    bucket(&app, json!({"maximumFileSize": 1_000}));
    let send = |range: &str| {
        let key = app.key().with("content-range", range).with("x-appwrite-id", "unique()");
        key.upload(FILES, &[("fileId", "unique()")], &Upload { filename: "a.bin", bytes: b"12345" })
    };
    send("bytes 0-24000000/24000000").fails(400, "storage_invalid_appwrite_id");
    send("bytes 0-4/24000000").fails(400, "storage_invalid_file_size");
    assert_ne!(send("bytes 0-4/10").is(201)["$id"], "unique()");
}
