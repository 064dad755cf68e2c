//! Bytes without a record are found by what uploads really leave on the disk.
use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cli::{Served, json, run};
use crate::support::{Answer, read};

pub(crate) struct Api {
    pub(crate) at: String,
    pub(crate) key: String,
}

impl Api {
    pub(crate) fn call(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        self.send(method, path, &format!("content-type: {kind}\r\n"), body.as_bytes()).unwrap()
    }

    /// With headers of one's own; nothing when the connection ends without an answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let key = &self.key;
        let who = if key.is_empty() { String::new() } else { format!("x-appwrite-key: {key}\r\n") };
        self.nameless(method, path, &format!("x-appwrite-project: p\r\n{who}{headers}"), body)
    }

    /// Without a project and a key, unless the headers name them.
    pub(crate) fn nameless(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let mut s = TcpStream::connect(&self.at).ok()?;
        s.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!("{method} /v1{path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {}\r\n\r\n", body.len());
        s.write_all(&[head.as_bytes(), body].concat()).ok()?;
        read(&mut s)
    }

    /// One part of a file.
    pub(crate) fn chunk(&self, bucket: &str, id: &str, headers: &str, range: &str, bytes: &[u8]) -> Option<Answer> {
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"fileId\"\r\n\r\n{id}\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"c.bin\"\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
        let range = if range.is_empty() { String::new() } else { format!("content-range: {range}\r\n") };
        let headers = format!("content-type: multipart/form-data; boundary=b\r\nx-appwrite-id: {id}\r\n{range}{headers}");
        self.send("POST", &format!("/storage/buckets/{bucket}/files"), &headers, &body)
    }

    pub(crate) fn upload(&self, bucket: &str, id: &str, text: &str) {
        let field = |name: &str, more: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n");
        let body = field("fileId", "", id) + &field("file", "; filename=\"a.txt\"", text) + "--b--\r\n";
        let answer = self.call("POST", &format!("/storage/buckets/{bucket}/files"), "multipart/form-data; boundary=b", &body);
        assert_eq!(answer.status, 201, "{:?}", String::from_utf8_lossy(&answer.body));
    }

    pub(crate) fn bucket(&self, id: &str) {
        let answer = self.call("POST", "/storage/buckets", "application/json", &format!("{{\"bucketId\":\"{id}\",\"name\":\"b\"}}"));
        assert_eq!(answer.status, 201);
    }
}

pub(crate) fn all_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() { all_files(&entry.path(), into) } else { into.push(entry.path()) }
    }
}

#[test]
fn maintenance_finds_what_no_file_names() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let made = json(&run(&data, &["project", "create", "p", "--json"]));
    let served = Served::on(&data, &[]);
    let at = served.text("listen").to_owned();
    let api = Api { at, key: made["apiKey"].as_str().unwrap().to_owned() };
    for bucket in ["one", "two"] {
        api.bucket(bucket);
        api.upload(bucket, "kept-by-its-record", "hello");
    }
    let mut blobs = Vec::new();
    all_files(&data.join("files/blobs"), &mut blobs);
    assert_eq!(blobs.len(), 2);
    // A copy under another name is what a crash before the record leaves; a folder of an unknown bucket what one within a removal does.
    let name = blobs[0].file_name().unwrap().to_str().unwrap();
    let lost = blobs[0].with_file_name(name.replace("kept", "lost"));
    let bucket = data.join("files/blobs/p/99");
    std::fs::create_dir(&bucket).unwrap();
    let (young, removed) = (blobs[0].with_file_name("young-0123456789abcdef"), bucket.join(name));
    for copy in [&lost, &young, &removed] {
        std::fs::copy(&blobs[0], copy).unwrap();
    }
    let before = SystemTime::now() - Duration::from_secs(25 * 3_600);
    for old in blobs.iter().chain([&lost, &removed]) {
        std::fs::File::options().write(true).open(old).unwrap().set_modified(before).unwrap();
    }

    let said = String::from_utf8(run(&data, &["maintenance"]).stdout).unwrap();
    assert!(said.contains(" 2 files without a record"), "{said}");
    assert!(!lost.exists() && !removed.exists() && young.exists());
    for bucket in ["one", "two"] {
        let answer = api.call("GET", &format!("/storage/buckets/{bucket}/files/kept-by-its-record/download"), "text/plain", "");
        assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
    }
    assert_eq!(served.signal("TERM"), Some(0));
    // The same on a folder that is not served.
    std::fs::File::options().write(true).open(&young).unwrap().set_modified(before).unwrap();
    let said = String::from_utf8(run(&data, &["maintenance"]).stdout).unwrap();
    assert!(said.contains(" 1 files without a record") && !young.exists() && blobs.iter().all(|b| b.exists()), "{said}");
}
