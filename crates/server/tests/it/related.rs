//! Many writers on related documents, and the same with the process killed in the middle: no document names one that is not there, and both
//! directions of every relationship tell the same.
use std::collections::{BTreeSet, HashSet};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::cli::{Served, json as parsed, run};
use super::support::read;

const WRITERS: u64 = 64;
const AUTHORS: u64 = 8;
const COLLECTIONS: &str = "/v1/databases/db/collections";

/// A kept connection with an API key; nothing more is answered once the server is gone.
struct Caller<'a> {
    host: &'a str,
    key: &'a str,
    stream: Option<TcpStream>,
}

impl<'a> Caller<'a> {
    fn new(host: &'a str, key: &'a str) -> Self {
        let stream = TcpStream::connect(host).ok();
        if let Some(s) = &stream {
            s.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        }
        Self { host, key, stream }
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (host, key, length) = (self.host, self.key, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nx-appwrite-project: p\r\nx-appwrite-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        let stream = self.stream.as_mut()?;
        let Some(answer) = stream.write_all([head, body].concat().as_bytes()).ok().and_then(|()| read(stream)) else {
            self.stream = None;
            return None;
        };
        assert!(answer.status < 500, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
        Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    fn is(&mut self, method: &str, path: &str, body: &Value, status: u16) {
        let (got, value) = self.call(method, path, body).unwrap();
        assert_eq!(got, status, "{method} {path}: {value}");
    }

    /// Every document of a collection with its partners, page by page.
    fn all(&mut self, collection: &str, key: &str) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        loop {
            let mut queries = vec![json!({"method": "limit", "values": [500]}), json!({"method": "select", "values": ["*", format!("{key}.$id")]})];
            if let Some(last) = out.last() {
                queries.push(json!({"method": "cursorAfter", "values": [last["$id"]]}));
            }
            let escape = |q: &Value| q.to_string().bytes().map(|b| format!("%{b:02x}")).collect::<String>();
            let text: Vec<String> = queries.iter().enumerate().map(|(i, q)| format!("queries[{i}]={}", escape(q))).collect();
            let (status, page) = self.call("GET", &format!("{COLLECTIONS}/{collection}/documents?{}", text.join("&")), &Value::Null).unwrap();
            assert_eq!(status, 200, "{page}");
            let page = page["documents"].as_array().unwrap();
            if page.is_empty() {
                return out;
            }
            out.extend(page.iter().cloned());
        }
    }
}

fn prepare(host: &str, key: &str) {
    let mut c = Caller::new(host, key);
    c.is("POST", "/v1/databases", &json!({"databaseId": "db", "name": "db"}), 201);
    for id in ["authors", "books", "tags", "shelves"] {
        c.is("POST", COLLECTIONS, &json!({"collectionId": id, "name": id}), 201);
        c.is("POST", &format!("{COLLECTIONS}/{id}/attributes/integer"), &json!({"key": "n", "required": false}), 202);
    }
    for (from, to, kind, key, back, rule) in [
        ("authors", "books", "oneToMany", "books", "author", "cascade"),
        ("books", "tags", "manyToMany", "tags", "books", "setNull"),
        ("shelves", "tags", "oneToMany", "tags", "shelf", "restrict"),
    ] {
        let body = json!({"relatedCollectionId": to, "type": kind, "twoWay": true, "key": key, "twoWayKey": back, "onDelete": rule});
        c.is("POST", &format!("{COLLECTIONS}/{from}/attributes/relationship"), &body, 202);
    }
}

/// One writer's life: it ends when told or when the server is gone.
fn work(host: &str, key: &str, seed: u64, stop: &AtomicBool) {
    let mut c = Caller::new(host, key);
    let mut state = seed + 1;
    let mut random = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut mine: u64 = 0;
    while !stop.load(Ordering::Relaxed) && c.stream.is_some() {
        let author = format!("a{}", random(AUTHORS));
        let book = |n: u64| format!("b{seed}_{n}");
        let tags = json!([{"$id": format!("t{}", random(4)), "n": 1}, format!("t{}", random(8))]);
        // Whether each succeeds depends on the others; what counts is what is left.
        let shelf = format!("s{}", random(3));
        let _ = match random(9) {
            0 => c.call("DELETE", &format!("{COLLECTIONS}/authors/documents/{author}"), &Value::Null),
            1 => {
                mine += 1;
                let books = json!([{"$id": book(mine), "n": 1, "tags": tags}]);
                c.call("PUT", &format!("{COLLECTIONS}/authors/documents/{author}"), &json!({"data": {"n": 1, "books": books}}))
            }
            2 => c.call("PATCH", &format!("{COLLECTIONS}/books/documents/{}", book(random(mine + 1))), &json!({"data": {"author": author, "tags": tags}})),
            3 => c.call("DELETE", &format!("{COLLECTIONS}/tags/documents/t{}", random(8)), &Value::Null),
            4 => c.call("PUT", &format!("{COLLECTIONS}/shelves/documents/{shelf}"), &json!({"data": {"n": 1, "tags": [format!("t{}", random(8))]}})),
            5 => c.call("PATCH", &format!("{COLLECTIONS}/tags/documents/t{}", random(8)), &json!({"data": {"shelf": null}})),
            // Refused while there is a tag on it.
            6 => c.call("DELETE", &format!("{COLLECTIONS}/shelves/documents/{shelf}"), &Value::Null),
            _ => {
                mine += 1;
                c.call("POST", &format!("{COLLECTIONS}/books/documents"), &json!({"documentId": book(mine), "data": {"author": author, "n": 1}}))
            }
        };
    }
}

fn id(document: &Value) -> String {
    document["$id"].as_str().unwrap().to_owned()
}

/// Pairs that lists tell of, seen from one side.
fn pairs(documents: &[Value], key: &str) -> BTreeSet<(String, String)> {
    let of = |d: &Value| d[key].as_array().into_iter().flatten().map(|p| (id(d), id(p))).collect::<Vec<_>>();
    documents.iter().flat_map(of).collect()
}

fn check(host: &str, key: &str) -> usize {
    let mut c = Caller::new(host, key);
    let (authors, books, tags) = (c.all("authors", "books"), c.all("books", "author"), c.all("tags", "books"));
    let there: HashSet<String> = authors.iter().map(id).collect();
    let mut up = BTreeSet::new();
    for book in books.iter().filter(|b| !b["author"].is_null()) {
        assert!(there.contains(&id(&book["author"])), "{book} names an author that is gone");
        up.insert((id(&book["author"]), id(book)));
    }
    assert_eq!(pairs(&authors, "books"), up);
    // A shelf with tags on it is not removed: every tag's shelf is there, and knows of it.
    let (shelves, shelved) = (c.all("shelves", "tags"), c.all("tags", "shelf"));
    let on: BTreeSet<_> = shelved.iter().filter(|t| !t["shelf"].is_null()).map(|t| (id(&t["shelf"]), id(t))).collect();
    assert_eq!(pairs(&shelves, "tags"), on, "a shelf with a tag on it is gone, or does not know of it");
    let linked = pairs(&c.all("books", "tags"), "tags");
    assert_eq!(pairs(&tags, "books"), linked.iter().map(|(b, t)| (t.clone(), b.clone())).collect());
    for (collection, all) in [("authors", &authors), ("books", &books), ("tags", &tags), ("shelves", &shelves)] {
        let path = format!("{COLLECTIONS}/{collection}/documents?queries[0]=%7B%22method%22%3A%22limit%22%2C%22values%22%3A%5B1%5D%7D");
        assert_eq!(c.call("GET", &path, &Value::Null).unwrap().1["total"], all.len(), "the total of {collection} is that of a full count");
    }
    up.len() + linked.len()
}

#[test]
fn sixty_four_writers_and_a_kill_leave_no_orphan() {
    let dir = tempfile::tempdir().unwrap();
    let data: &Path = dir.path();
    let made = parsed(&run(data, &["project", "create", "p", "--json"]));
    let key = made["apiKey"].as_str().unwrap();
    let host = |served: &Served| served.text("endpoint").trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    for (round, kill) in [(0_u64, false), (1, true), (2, true)] {
        let served = Served::on(data, &[]);
        let at = host(&served);
        if round == 0 {
            prepare(&at, key);
        }
        let (stop, mut served) = (AtomicBool::new(false), Some(served));
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (at, stop) = (&at, &stop);
                scope.spawn(move || work(at, key, round * 1_000 + writer, stop));
            }
            std::thread::sleep(Duration::from_millis(1_100 + round * 217));
            if kill {
                served.take().unwrap().signal("KILL");
            }
            stop.store(true, Ordering::Relaxed);
        });
        let after = served.unwrap_or_else(|| Served::on(data, &[]));
        assert!(check(&host(&after), key) > 0, "something was related");
        assert_eq!(after.signal("TERM"), Some(0));
    }
}
