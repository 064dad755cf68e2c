//! Documents and files together: files that wait for a transaction, and files that go with the documents that name them.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp, Upload};

const FILES: &str = "/storage/buckets/bk/files";
const DOCS: &str = "/databases/db/collections/notes/documents";
const DECLARATION: &str = "/ferrite/databases/db/collections/notes/attributes/photo/file";
const ALL: [&str; 4] = ["read(\"any\")", "create(\"users\")", "update(\"users\")", "delete(\"users\")"];

/// A bucket that users put files into, their own ones to be read and removed, and a collection of notes.
fn app() -> TestApp {
    let app = TestApp::new();
    let key = app.key();
    key.post("/storage/buckets", &json!({"bucketId": "bk", "name": "Bucket", "fileSecurity": true, "permissions": ["create(\"users\")"]})).is(201);
    key.post("/databases", &json!({"databaseId": "db", "name": "x"})).is(201);
    collection(&key, "notes");
    app
}

fn collection(key: &Client, id: &str) {
    key.post("/databases/db/collections", &json!({"collectionId": id, "name": "x", "permissions": ALL})).is(201);
    let at = format!("/databases/db/collections/{id}/attributes");
    key.post(&format!("{at}/string"), &json!({"key": "photo", "size": 36, "required": false})).is(202);
    key.post(&format!("{at}/string"), &json!({"key": "album", "size": 36, "required": false, "array": true})).is(202);
    key.post(&format!("{at}/string"), &json!({"key": "title", "size": 99, "required": false})).is(202);
}

fn declare(key: &Client) {
    let made = key.put(DECLARATION, &json!({"bucketId": "bk"}));
    assert_eq!((&made.is(200)["status"], &made["release"]), (&json!("available"), &json!("delete")));
}

fn put(client: &Client, id: &str) -> Answer {
    client.upload(FILES, &[("fileId", id)], &Upload { filename: "a.txt", bytes: format!("text of {id}").as_bytes() })
}

fn stage(client: &Client, transaction: &str, id: &str) -> Answer {
    let bytes = format!("text of {id}");
    client.upload(FILES, &[("fileId", id), ("transactionId", transaction)], &Upload { filename: "a.txt", bytes: bytes.as_bytes() })
}

fn open(client: &Client) -> (String, String) {
    let id = client.post("/databases/transactions", &json!({})).is(201).str("$id");
    (id.clone(), format!("/databases/transactions/{id}"))
}

fn note(client: &Client, id: &str, data: &Value) -> Answer {
    client.post(DOCS, &json!({"documentId": id, "data": data}))
}

/// Names of stored bytes and of staged chunks.
fn stored(app: &TestApp) -> usize {
    fn walk(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).map(|all| all.filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
        entries.iter().map(|e| if e.path().is_dir() { walk(&e.path()) } else { 1 }).sum()
    }
    walk(&app.folder().join("files"))
}

/// What is left to do is done.
fn settle(app: &TestApp) {
    while app.app.run_due_jobs().unwrap() > 0 {}
    assert!(app.app.list_jobs(None, 10).unwrap().is_empty());
}

fn files(app: &TestApp) -> Vec<String> {
    app.key().get(FILES).is(200);
    let mut ids = app.key().get(FILES).ids("files");
    ids.sort();
    ids
}

fn size(app: &TestApp) -> i64 {
    app.key().get("/storage/buckets/bk").is(200)["totalSize"].as_i64().unwrap()
}

#[test]
fn a_file_of_a_transaction_comes_with_the_documents() {
    let app = app();
    let (key, ada) = (app.key(), app.user("ada"));
    let (id, at) = open(&ada);
    let sent = stage(&ada, &id, "f");
    assert_eq!((&sent.is(201)["$id"], &sent["chunksUploaded"], &sent["sizeOriginal"]), (&json!("f"), &json!(1), &json!(9)));
    ada.post(DOCS, &json!({"documentId": "d", "data": {"title": "x", "photo": "f"}, "transactionId": id})).is(201);
    assert_eq!(key.get(&at).is(200)["operations"], 2);
    // Nobody sees it, whatever they may do and however they ask.
    for client in [&ada, &key] {
        for way in ["", "/view", "/download", "/preview"] {
            client.get(&format!("{FILES}/f{way}")).fails(404, "storage_file_not_found");
        }
        client.put(&format!("{FILES}/f"), &json!({"name": "y"})).fails(404, "storage_file_not_found");
        client.delete(&format!("{FILES}/f")).fails(404, "storage_file_not_found");
        assert_eq!(client.get(FILES).is(200)["total"], 0);
    }
    key.post("/tokens/buckets/bk/files/f", &json!({})).fails(404, "storage_file_not_found");
    assert_eq!((size(&app), stored(&app)), (0, 1));
    stage(&ada, &id, "f").fails(409, "storage_file_already_exists");
    ada.patch(&at, &json!({"commit": true})).is(200);
    assert_eq!(ada.get(&format!("{FILES}/f/download")).is(200).text(), "text of f");
    app.user("bob").get(&format!("{FILES}/f")).fails(404, "storage_file_not_found");
    assert_eq!(key.get(&format!("{DOCS}/d")).is(200)["photo"], "f");
    assert!(size(&app) > 0);
    settle(&app);
    assert_eq!(stored(&app), 1);
}

#[test]
fn a_file_of_a_transaction_goes_with_it() {
    let app = app();
    let (key, ada) = (app.key(), app.user("ada"));
    let ends: [&dyn Fn(&str); 4] = [
        &|at| {
            ada.patch(at, &json!({"rollback": true})).is(200);
        },
        &|at| {
            ada.delete(at).is(204);
        },
        &|_| {
            app.clock.advance(301);
            let p = app.app.project("test").unwrap().unwrap();
            assert!(services::remove_expired_transactions(&app.app, "test", p.namespace, app.app.now(), 10).unwrap() > 0);
        },
        // One that cannot be done.
        &|at| {
            let id = at.rsplit('/').next().unwrap();
            ada.post(DOCS, &json!({"documentId": "taken", "data": {"title": "x"}, "transactionId": id})).is(201);
            note(&key, "taken", &json!({"title": "y"})).is(201);
            ada.patch(at, &json!({"commit": true})).fails(409, "transaction_conflict");
        },
    ];
    for end in ends {
        let (id, at) = open(&ada);
        stage(&ada, &id, "f").is(201);
        assert_eq!(stored(&app), 1);
        end(&at);
        assert_eq!(stored(&app), 1, "bytes go after it");
        settle(&app);
        assert_eq!((stored(&app), files(&app).len(), size(&app)), (0, 0, 0));
    }
    // The id is free again.
    put(&ada, "f").is(201);
}

#[test]
fn what_a_transaction_takes_is_checked() {
    let app = app();
    let (key, ada, bob) = (app.key(), app.user("ada"), app.user("bob"));
    let (id, at) = open(&ada);
    stage(&bob, &id, "f").fails(404, "transaction_not_found");
    stage(&app.guest(), &id, "f").fails(401, "user_unauthorized");
    stage(&ada, "nope", "f").fails(404, "transaction_not_found");
    stage(&ada, "no id!", "f").fails(400, "general_argument_invalid");
    let foreign =
        ada.upload(FILES, &[("fileId", "f"), ("transactionId", &id), ("permissions[]", "read(\"user:bob\")")], &Upload { filename: "a.txt", bytes: b"x" });
    foreign.fails(401, "user_unauthorized");
    put(&key, "there").is(201);
    stage(&ada, &id, "there").fails(409, "storage_file_already_exists");
    assert_eq!(ada.get(&at).is(200)["operations"], 0);
    // Rights and places count when it is committed.
    stage(&ada, &id, "f").is(201);
    key.put("/storage/buckets/bk", &json!({"name": "x", "fileSecurity": true, "permissions": []})).is(200);
    ada.patch(&at, &json!({"commit": true})).fails(401, "user_unauthorized");
    assert_eq!(key.get(&at).is(200)["status"], "failed");
    stage(&ada, &id, "g").fails(401, "user_unauthorized");
    key.put("/storage/buckets/bk", &json!({"name": "x", "permissions": ["create(\"users\")"]})).is(200);
    stage(&ada, &id, "g").fails(400, "transaction_not_ready");
    let (id, at) = open(&ada);
    stage(&ada, &id, "f").is(201);
    put(&key, "f").is(201);
    ada.patch(&at, &json!({"commit": true})).fails(409, "transaction_conflict");
    let (id, at) = open(&ada);
    stage(&ada, &id, "g").is(201);
    key.delete("/storage/buckets/bk").is(204);
    ada.patch(&at, &json!({"commit": true})).fails(404, "storage_bucket_not_found");
    let (id, _) = open(&key);
    app.clock.advance(301);
    key.post("/storage/buckets", &json!({"bucketId": "bk", "name": "x"})).is(201);
    stage(&key, &id, "f").fails(410, "transaction_expired");
}

#[test]
fn chunks_of_a_transaction_do_not_mix_with_others() {
    let app = app();
    let ada = app.user("ada");
    let (id, at) = open(&ada);
    let all: Vec<u8> = (0..6_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let send = |client: &Client, transaction: Option<&str>, bytes: &[u8], part: std::ops::Range<usize>| {
        let range = format!("bytes {}-{}/{}", part.start, part.end - 1, bytes.len());
        let mut fields = vec![("fileId", "big")];
        fields.extend(transaction.map(|t| ("transactionId", t)));
        client.with("content-range", &range).with("x-appwrite-id", "big").upload(FILES, &fields, &Upload { filename: "b.bin", bytes: &bytes[part] })
    };
    let half = 5 << 20;
    assert_eq!(send(&ada, Some(&id), &all, 0..half).is(201)["chunksUploaded"], 1);
    assert_eq!(files(&app), [""; 0], "nothing of it is listed on its way");
    ada.patch(&at, &json!({"commit": true})).fails(400, "transaction_not_ready");
    assert_eq!(ada.get(&at).is(200)["status"], "pending", "the rest may still come");
    // Another's upload of the same id is another file.
    let other = vec![7_u8; all.len()];
    let bob = app.user("bob");
    send(&bob, None, &other, half..other.len()).is(201);
    assert_eq!(send(&ada, Some(&id), &all, half..all.len()).fails(409, "storage_file_already_exists").status, 409);
    app.key().delete(&format!("{FILES}/big")).is(204);
    assert_eq!(send(&ada, Some(&id), &all, half..all.len()).is(201)["chunksUploaded"], 2);
    send(&ada, Some(&id), &all, half..all.len()).is(200);
    assert_eq!(ada.get(&at).is(200)["operations"], 1, "parts are one operation");
    ada.patch(&at, &json!({"commit": true})).is(200);
    assert_eq!(crypto::sha256_hex(&ada.get(&format!("{FILES}/big/download")).is(200).bytes), crypto::sha256_hex(&all));
    // What has come of a file goes with a rollback.
    let before = stored(&app);
    let (id, at) = open(&ada);
    let fields = [("fileId", "cut"), ("transactionId", id.as_str())];
    let first = Upload { filename: "b.bin", bytes: &all[..half] };
    ada.with("content-range", &format!("bytes 0-{}/{}", half - 1, all.len())).with("x-appwrite-id", "cut").upload(FILES, &fields, &first).is(201);
    assert!(stored(&app) > before);
    ada.patch(&at, &json!({"rollback": true})).is(200);
    settle(&app);
    assert_eq!(stored(&app), before);
}

#[test]
fn a_file_goes_with_the_last_document_that_names_it() {
    let app = app();
    let key = app.key();
    declare(&key);
    key.put("/ferrite/databases/db/collections/notes/attributes/album/file", &json!({"bucketId": "bk"})).is(200);
    for id in ["a", "b", "c", "d", "e", "f"] {
        put(&key, id).is(201);
    }
    note(&key, "one", &json!({"photo": "a", "album": ["b", "c"]})).is(201);
    note(&key, "two", &json!({"photo": "a"})).is(201);
    key.delete(&format!("{DOCS}/one")).is(204);
    assert_eq!(files(&app), ["a", "d", "e", "f"], "what another names stays");
    // Another name, none, and the same again.
    key.patch(&format!("{DOCS}/two"), &json!({"data": {"photo": "d", "album": ["e", "f"]}})).is(200);
    assert_eq!(files(&app), ["d", "e", "f"]);
    key.patch(&format!("{DOCS}/two"), &json!({"data": {"title": "x", "photo": "d"}})).is(200);
    key.patch(&format!("{DOCS}/two"), &json!({"data": {"album": ["f"]}})).is(200);
    assert_eq!(files(&app), ["d", "f"]);
    key.patch(&format!("{DOCS}/two"), &json!({"data": {"photo": null}})).is(200);
    assert_eq!(files(&app), ["f"]);
    settle(&app);
    assert_eq!(stored(&app), 1);
    // A rename of the attribute changes nothing.
    key.patch("/databases/db/collections/notes/attributes/string/album", &json!({"required": false, "default": null, "newKey": "pictures"})).is(200);
    key.patch(&format!("{DOCS}/two"), &json!({"data": {"pictures": []}})).is(200);
    assert_eq!((files(&app).len(), size(&app)), (0, 0));
}

#[test]
fn files_go_with_many_documents_at_once() {
    let app = app();
    let key = app.key();
    declare(&key);
    collection(&key, "parents");
    let relation = json!({"relatedCollectionId": "notes", "type": "oneToMany", "key": "notes", "onDelete": "cascade"});
    let fill = |ids: [&str; 2]| {
        for id in ids {
            put(&key, id).is(201);
        }
    };
    // Bulk, in both ways.
    fill(["a", "b"]);
    key.post(DOCS, &json!({"documents": [{"$id": "a", "photo": "a"}, {"$id": "b", "photo": "b"}]})).is(201);
    key.patch(DOCS, &json!({"data": {"photo": null}, "queries": [r#"{"method":"equal","attribute":"$id","values":["a"]}"#]})).is(200);
    assert_eq!(files(&app), ["b"]);
    key.delete(DOCS).is(200);
    assert_eq!(files(&app).len(), 0);
    // A transaction, which brings its file as well.
    fill(["a", "b"]);
    note(&key, "a", &json!({"photo": "a"})).is(201);
    let (id, at) = open(&key);
    stage(&key, &id, "c").is(201);
    key.patch(&format!("{DOCS}/a"), &json!({"data": {"photo": "c"}, "transactionId": id})).is(200);
    assert_eq!(files(&app), ["a", "b"]);
    key.patch(&at, &json!({"commit": true})).is(200);
    assert_eq!(files(&app), ["b", "c"]);
    // The attribute, and the collection.
    key.delete("/databases/db/collections/notes/attributes/photo").is(204);
    assert_eq!(files(&app), ["b"]);
    key.post("/databases/db/collections/notes/attributes/string", &json!({"key": "photo", "size": 36, "required": false})).is(202);
    declare(&key);
    key.patch(&format!("{DOCS}/a"), &json!({"data": {"photo": "b"}})).is(200);
    // A cascade from another collection.
    key.post("/databases/db/collections/parents/attributes/relationship", &relation).is(202);
    let parents = "/databases/db/collections/parents/documents";
    key.post(parents, &json!({"documentId": "p", "data": {"title": "x", "notes": ["a"]}})).is(201);
    key.delete(&format!("{parents}/p")).is(204);
    assert_eq!(files(&app).len(), 0);
    fill(["a", "b"]);
    note(&key, "a", &json!({"photo": "a"})).is(201);
    key.delete("/databases/db/collections/notes").is(204);
    assert_eq!(files(&app), ["b"]);
    settle(&app);
    assert_eq!(stored(&app), 1);
}

#[test]
fn nobody_gives_away_the_file_of_another() {
    let app = app();
    let key = app.key();
    declare(&key);
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    put(&ada, "adas").is(201);
    let message = "Invalid document structure: Attribute \"photo\" must name a file of bucket \"bk\" that you may delete";
    for data in [json!({"photo": "adas"}), json!({"photo": "none"})] {
        note(&bob, "d", &data).fails_with(400, "document_invalid_structure", message);
        bob.put(&format!("{DOCS}/d"), &json!({"data": data})).fails(400, "document_invalid_structure");
    }
    let (id, at) = open(&bob);
    bob.post(DOCS, &json!({"documentId": "d", "data": {"photo": "adas"}, "transactionId": id})).is(201);
    bob.patch(&at, &json!({"commit": true})).fails(400, "document_invalid_structure");
    assert!(key.get(DOCS).ids("documents").is_empty());
    note(&ada, "d", &json!({"photo": "adas"})).is(201);
    // Who may delete the document releases its file.
    bob.patch(&format!("{DOCS}/d"), &json!({"data": {"title": "seen"}})).is(200);
    bob.delete(&format!("{DOCS}/d")).is(204);
    assert_eq!(files(&app).len(), 0);
    // A file that is kept needs to be readable only, and a new file of an old id is another.
    key.delete(DECLARATION).is(204);
    key.put(DECLARATION, &json!({"bucketId": "bk", "release": "keep"})).is(200);
    put(&ada, "adas").is(201);
    note(&bob, "d", &json!({"photo": "adas"})).fails(400, "document_invalid_structure");
    note(&ada, "d", &json!({"photo": "adas"})).is(201);
    key.delete(&format!("{DOCS}/d")).is(204);
    assert_eq!(files(&app), ["adas"]);
}

#[test]
fn declarations_are_made_and_taken_back() {
    let app = app();
    let key = app.key();
    for id in ["a", "b", "c"] {
        put(&key, id).is(201);
    }
    // What is there counts; what names no file is left alone.
    note(&key, "one", &json!({"photo": "a"})).is(201);
    note(&key, "two", &json!({"photo": "http://elsewhere"})).is(201);
    key.get(DECLARATION).fails(404, "attribute_not_found");
    key.delete(DECLARATION).fails(404, "attribute_not_found");
    app.user("ada").put(DECLARATION, &json!({"bucketId": "bk"})).fails(401, "general_unauthorized_scope");
    key.put(DECLARATION, &json!({"bucketId": "none"})).fails(404, "storage_bucket_not_found");
    key.put(DECLARATION, &json!({"bucketId": "bk", "release": "burn"})).fails(400, "general_argument_invalid");
    key.put(&DECLARATION.replace("photo", "none"), &json!({"bucketId": "bk"})).fails(404, "attribute_not_found");
    declare(&key);
    declare(&key);
    key.put(DECLARATION, &json!({"bucketId": "bk", "release": "keep"})).fails(409, "attribute_already_exists");
    assert_eq!(key.get(DECLARATION).is(200)["bucketId"], "bk");
    let attribute = key.get("/databases/db/collections/notes/attributes/photo");
    assert!(attribute.is(200).json.get("watched").is_none() && attribute["type"] == "string");
    key.delete(&format!("{DOCS}/two")).is(204);
    key.delete(&format!("{DOCS}/one")).is(204);
    assert_eq!(files(&app), ["b", "c"]);
    note(&key, "one", &json!({"photo": "b"})).is(201);
    key.delete(DECLARATION).is(204);
    key.delete(&format!("{DOCS}/one")).is(204);
    note(&key, "one", &json!({"photo": "anything"})).is(201);
    assert_eq!(files(&app), ["b", "c"]);
    // A file that somebody removed is no hindrance to those who named it.
    declare(&key);
    key.patch(&format!("{DOCS}/one"), &json!({"data": {"photo": "c"}})).is(200);
    key.delete(&format!("{FILES}/c")).is(204);
    put(&key, "c").is(201);
    key.patch(&format!("{DOCS}/one"), &json!({"data": {"title": "x"}})).is(200);
    key.delete(&format!("{DOCS}/one")).is(204);
    assert_eq!(files(&app), ["b", "c"], "the new file was never named");
}

#[test]
fn references_of_a_large_collection_are_filled_in_by_a_job() {
    let app = app();
    let key = app.key();
    put(&key, "a").is(201);
    put(&key, "b").is(201);
    let ns = app.app.project("test").unwrap().unwrap().namespace;
    let why = access::Access::System("a test makes many documents");
    let store = app.app.db.read().collections(ns).unwrap().into_iter().find(|c| c.name.contains("_collection_")).unwrap();
    let (now, coll) = (app.app.now(), store.clone());
    app.app
        .write(move |tx| {
            for n in 0..6_000 {
                let data = json!({"photo": if n == 5_999 { "a" } else { "x" }});
                let data = data.as_object().cloned().unwrap();
                tx.create(&why, &coll, database::NewDocument { id: format!("n{n}"), permissions: vec![], data, created_at: now, updated_at: now })?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(key.put(DECLARATION, &json!({"bucketId": "bk"})).is(200)["status"], "processing");
    // A file that lost a reference meanwhile waits: who else names it is not known yet.
    note(&key, "new", &json!({"photo": "a"})).is(201);
    key.delete(&format!("{DOCS}/new")).is(204);
    note(&key, "new", &json!({"photo": "b"})).is(201);
    key.delete(&format!("{DOCS}/new")).is(204);
    assert_eq!(files(&app), ["a", "b"]);
    app.clock.advance(1);
    for _ in 0..20 {
        app.app.run_due_jobs().unwrap();
        app.clock.advance(120);
    }
    assert_eq!(key.get(DECLARATION).is(200)["status"], "available");
    assert_eq!(files(&app), ["a"]);
    // Very many go at once.
    key.delete("/databases/db/collections/notes").is(204);
    settle(&app);
    assert_eq!(files(&app).len(), 0);
}

#[test]
fn equal_content_is_kept_once_where_that_is_wanted() {
    let app = app();
    let (key, ada, bob) = (app.key(), app.user("ada"), app.user("bob"));
    let at = "/ferrite/storage/buckets/bk";
    let upload = |client: &Client, id: &str| client.upload(FILES, &[("fileId", id)], &Upload { filename: "same.txt", bytes: b"the same" });
    upload(&ada, "a").is(201);
    upload(&ada, "b").is(201);
    assert_eq!(key.get(at).is(200)["deduplicate"], false);
    ada.patch(at, &json!({"deduplicate": true})).fails(401, "general_unauthorized_scope");
    key.patch(at, &json!({})).fails(400, "general_argument_invalid");
    assert_eq!(key.patch(at, &json!({"deduplicate": true})).is(200)["deduplicate"], true);
    assert!(key.get("/storage/buckets/bk").is(200).json.get("additions").is_none());
    ada.delete(&format!("{FILES}/b")).is(204);
    let (before, size_before) = (stored(&app), size(&app));
    let again = upload(&ada, "c");
    assert_eq!((&again.is(200)["$id"], stored(&app), size(&app)), (&json!("a"), before, size_before));
    ada.get(&format!("{FILES}/c")).fails(404, "storage_file_not_found");
    // Who may not read it is not told of it; whoever may read both gets one of them.
    assert_eq!(upload(&bob, "d").is(201)["$id"], "d");
    assert_eq!(files(&app), ["a", "d"]);
    assert_eq!(upload(&key, "e").is(200)["$id"], "a");
    // In parts, and for a transaction.
    let part = |range: &str, bytes: &[u8]| {
        let file = Upload { filename: "same.txt", bytes };
        ada.with("content-range", range).with("x-appwrite-id", "f").upload(FILES, &[("fileId", "f")], &file)
    };
    part("bytes 0-3/8", b"the ").is(201);
    assert_eq!(part("bytes 4-7/8", b"same").is(200)["$id"], "a");
    assert_eq!(files(&app), ["a", "d"]);
    let (id, _) = open(&ada);
    let staged = ada.upload(FILES, &[("fileId", "g"), ("transactionId", &id)], &Upload { filename: "same.txt", bytes: b"the same" });
    assert_eq!(staged.is(200)["$id"], "a");
    assert_eq!(stored(&app), before + 1);
    // The setting survives a change of the bucket, and is taken back.
    key.put("/storage/buckets/bk", &json!({"name": "y", "fileSecurity": true, "permissions": ["create(\"users\")"]})).is(200);
    assert_eq!(key.get(at).is(200)["deduplicate"], true);
    key.patch(at, &json!({"deduplicate": false})).is(200);
    upload(&ada, "h").is(201);
}

#[test]
fn equal_content_at_the_same_time_is_one_file() {
    let app = app();
    let key = app.key();
    key.patch("/ferrite/storage/buckets/bk", &json!({"deduplicate": true})).is(200);
    let ids: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8)
            .map(|n| {
                let key = &key;
                scope.spawn(move || {
                    let sent = key.upload(FILES, &[("fileId", &format!("f{n}"))], &Upload { filename: "a.bin", bytes: &[9; 50_000] });
                    assert!([200, 201].contains(&sent.status), "{}", sent.text());
                    sent.str("$id")
                })
            })
            .collect();
        running.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!((files(&app), stored(&app)), (vec![ids[0].clone()], 1));
}

#[test]
fn a_webhook_hears_of_both() {
    let app = app();
    let key = app.key();
    declare(&key);
    let peer = testkit::Peer::start(|_| (200, "{}".to_owned()));
    let events = ["buckets.*.files.*.create", "buckets.*.files.*.delete", "databases.*.collections.*.documents.*.create"];
    key.post("/webhooks", &json!({"webhookId": "unique()", "name": "Hook", "url": peer.url("/"), "events": events})).is(201);
    let (id, at) = open(&key);
    stage(&key, &id, "f").is(201);
    key.post(DOCS, &json!({"documentId": "d", "data": {"photo": "f"}, "transactionId": id})).is(201);
    settle(&app);
    assert!(peer.heard().is_empty(), "nothing has happened yet");
    key.patch(&at, &json!({"commit": true})).is(200);
    settle(&app);
    key.delete(&format!("{DOCS}/d")).is(204);
    settle(&app);
    let mut heard: Vec<String> = peer.heard().iter().map(|h| h.header("x-appwrite-webhook-events").split(',').next().unwrap().to_owned()).collect();
    heard.sort();
    assert_eq!(heard, ["buckets.bk.files.f.create", "buckets.bk.files.f.delete", "databases.db.collections.notes.documents.d.create"]);
}
