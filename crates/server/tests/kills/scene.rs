//! A folder whose server dies and is started again.
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::tracer::Traced;

/// Status and body.
pub(crate) type Answer = (u16, Vec<u8>);

pub(crate) struct Scene {
    dir: tempfile::TempDir,
    settings: Vec<(String, String)>,
    network: bool,
    key: String,
    at: String,
    server: Option<Traced>,
}

fn command(data: &Path, settings: &[(String, String)], args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ferrite"));
    c.args(args).env_clear().env("FERRITE_DATA", data).env("_APP_OPTIONS_ABUSE", "disabled").stdin(Stdio::null());
    c.envs(settings.iter().map(|(k, v)| (k, v)));
    c
}

impl Scene {
    /// A project `p` with a bucket `b`.
    pub(crate) fn new(settings: &[(&str, &str)], network: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings: Vec<(String, String)> =
            [("_APP_OPENSSL_KEY_V1", "key 0")].iter().chain(settings).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut scene = Self { dir, settings, network, key: String::new(), at: String::new(), server: None };
        let made = scene.json(&["project", "create", "p", "--json"]);
        scene.key = made["apiKey"].as_str().unwrap().to_owned();
        scene.start();
        scene.bucket("b");
        scene
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(n, _)| n != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    fn data(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn start(&mut self) {
        let serve = command(self.data(), &self.settings, &["serve", "--listen", "127.0.0.1:0", "--json"]);
        let server = Traced::start(serve, self.data(), self.network);
        let said: Value = serde_json::from_str(&server.line).unwrap_or_else(|e| panic!("{:?}: {e}", server.line));
        self.at = said["listen"].as_str().unwrap().to_owned();
        self.server = Some(server);
    }

    pub(crate) fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.end();
        }
    }

    /// Does something that the server may not survive; whether it did not. It runs again afterwards, with settings made in between.
    pub(crate) fn dies(&mut self, operations: i64, work: impl FnOnce(&Self)) -> bool {
        self.server.as_ref().unwrap().arm(operations);
        work(self);
        self.server.as_ref().unwrap().disarm()
    }

    /// A command beside the server.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        command(self.data(), &self.settings, args).output().unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    /// A request; nothing when the server ends before its answer.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<Answer> {
        let mut s = TcpStream::connect(&self.at).ok()?;
        s.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (key, len) = (&self.key, body.len());
        let head = format!(
            "{method} /v1/storage/buckets{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-appwrite-project: p\r\nx-appwrite-key: {key}\r\n{headers}content-length: {len}\r\n\r\n"
        );
        s.write_all(&[head.as_bytes(), body].concat()).ok()?;
        let mut all = Vec::new();
        s.read_to_end(&mut all).ok()?;
        let end = all.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
        let status = String::from_utf8_lossy(&all[..end]).split(' ').nth(1)?.parse().ok()?;
        Some((status, all.split_off(end)))
    }

    pub(crate) fn bucket(&self, id: &str) {
        let body = format!("{{\"bucketId\":\"{id}\",\"name\":\"B\"}}");
        assert_eq!(self.call("POST", "", "content-type: application/json\r\n", body.as_bytes()).unwrap().0, 201);
    }

    /// A file, or with a range a part of one.
    pub(crate) fn upload(&self, bucket: &str, id: &str, range: &str, bytes: &[u8]) -> Option<Answer> {
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"fileId\"\r\n\r\n{id}\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"c.bin\"\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
        let range = if range.is_empty() { String::new() } else { format!("x-appwrite-id: {id}\r\ncontent-range: {range}\r\n") };
        self.call("POST", &format!("/{bucket}/files"), &format!("content-type: multipart/form-data; boundary=b\r\n{range}"), &body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "", b"").unwrap()
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() { walk(&entry.path(), into) } else { into.push(entry.path()) }
            }
        }
        let mut all = Vec::new();
        walk(&self.data().join("files").join(folder), &mut all);
        all
    }

    /// After all that has happened: every file is whole, and when the grace time is over nothing lies there that no file names.
    pub(crate) fn is_clean(&mut self) {
        let report = self.json(&["storage", "verify", "--json"]);
        assert_eq!(report["damaged"].as_array().map(Vec::len), Some(0), "{report}");
        let before = SystemTime::now() - Duration::from_secs(49 * 3_600);
        for file in self.files("blobs").into_iter().chain(self.files("staging")) {
            std::fs::File::options().write(true).open(file).unwrap().set_modified(before).unwrap();
        }
        assert!(self.run(&["maintenance"]).status.success());
        let blobs = self.files("blobs");
        assert_eq!(blobs.len() as u64, report["files"].as_u64().unwrap(), "{blobs:?}");
        assert_eq!(self.files("staging"), Vec::<PathBuf>::new());
        let again = self.json(&["storage", "verify", "--json"]);
        assert_eq!(again["files"], report["files"]);
        self.kill();
    }
}
