//! Many writers at once on the real binary, and the same with the process killed in the middle: nothing acknowledged is lost, nothing is half done,
//! and counters, indexes and documents tell the same.
use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::cli::{Served, json as parsed, run};
use super::support::read;

const WRITERS: u64 = 64;
/// Documents that money is moved between; it never grows nor vanishes.
const ACCOUNTS: u64 = 8;
/// More than that cannot be taken in a round.
const SEATS: u64 = 100;
const DOCUMENTS: &str = "/v1/databases/db/collections/c/documents";

/// A kept connection with an API key; `None` from the moment the server is gone.
pub(crate) struct Caller<'a> {
    host: &'a str,
    key: &'a str,
    stream: Option<TcpStream>,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(host: &'a str, key: &'a str) -> Self {
        let stream = TcpStream::connect(host).ok();
        if let Some(s) = &stream {
            s.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            s.set_nodelay(true).unwrap();
        }
        Self { host, key, stream }
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nx-appwrite-project: p\r\nx-appwrite-key: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.host,
            self.key,
            body.len()
        );
        let stream = self.stream.as_mut()?;
        let answer = stream.write_all([head, body].concat().as_bytes()).ok().and_then(|()| read(stream));
        let Some(answer) = answer else {
            self.stream = None;
            return None;
        };
        assert!(answer.status < 500, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
        Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    pub(crate) fn is(&mut self, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let (got, value) = self.call(method, path, body).unwrap_or_else(|| panic!("{method} {path}: no answer"));
        assert_eq!(got, status, "{method} {path}: {value}");
        value
    }

    /// Every document, page by page.
    fn all(&mut self) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        loop {
            let mut queries = vec![json!({"method": "limit", "values": [500]})];
            if let Some(last) = out.last() {
                queries.push(json!({"method": "cursorAfter", "values": [last["$id"]]}));
            }
            let page = self.list(&queries)["documents"].as_array().unwrap().clone();
            if page.is_empty() {
                return out;
            }
            out.extend(page);
        }
    }

    fn list(&mut self, queries: &[Value]) -> Value {
        let escape = |q: &Value| q.to_string().bytes().map(|b| format!("%{b:02x}")).collect::<String>();
        let text: Vec<String> = queries.iter().enumerate().map(|(i, q)| format!("queries[{i}]={}", escape(q))).collect();
        self.is("GET", &format!("{DOCUMENTS}?{}", text.join("&")), &Value::Null, 200)
    }
}

/// What the writers know.
#[derive(Default)]
struct Ledger {
    tried: AtomicU64,
    acknowledged: AtomicU64,
    /// Seats that somebody was told they got.
    seats: AtomicU64,
    /// Turns that were committed, and commits whose answer did not come.
    turns: AtomicU64,
    unknown: AtomicU64,
    /// Values of the unique attribute that somebody was told they got, with the document's id.
    won: Mutex<HashMap<String, String>>,
    /// Pairs that were committed, and those whose answer did not come.
    pairs: Mutex<HashSet<String>>,
    refused: Mutex<HashSet<String>>,
    deleted: Mutex<HashSet<String>>,
}

fn prepare(host: &str, key: &str) {
    let mut c = Caller::new(host, key);
    c.is("POST", "/v1/databases", &json!({"databaseId": "db", "name": "db"}), 201);
    c.is("POST", "/v1/databases/db/collections", &json!({"collectionId": "c", "name": "c"}), 201);
    let attributes = "/v1/databases/db/collections/c/attributes";
    for (kind, body) in [
        ("integer", json!({"key": "n", "required": false, "default": 0})),
        ("string", json!({"key": "u", "required": false, "size": 40})),
        ("string", json!({"key": "kind", "required": true, "size": 20})),
    ] {
        c.is("POST", &format!("{attributes}/{kind}"), &body, 202);
    }
    for (kind, key) in [("unique", "u"), ("key", "kind")] {
        c.is("POST", "/v1/databases/db/collections/c/indexes", &json!({"key": format!("by_{key}"), "type": kind, "attributes": [key]}), 202);
    }
    for id in ["sum", "seats", "turns"] {
        c.is("POST", DOCUMENTS, &json!({"documentId": id, "data": {"kind": id, "n": 0}}), 201);
    }
    for i in 0..ACCOUNTS {
        c.is("POST", DOCUMENTS, &json!({"documentId": format!("account{i}"), "data": {"kind": "account", "n": 0}}), 201);
    }
}

/// One writer's life: it ends when told or when the server is gone.
fn work(host: &str, key: &str, round: u64, writer: u64, ledger: &Ledger, stop: &AtomicBool) {
    let mut c = Caller::new(host, key);
    let mut seed = round * 1_000 + writer + 1;
    let mut random = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    for step in 0_u64.. {
        if stop.load(Ordering::Relaxed) || c.stream.is_none() {
            return;
        }
        let id = format!("r{round}w{writer}s{step}");
        match random(6) {
            4 => {
                // A hundred seats a round, for sixty-four who take them as fast as they can.
                let body = json!({"value": 1, "max": (round + 1) * SEATS});
                match c.call("PATCH", &format!("{DOCUMENTS}/seats/n/increment"), &body) {
                    Some((200, _)) => drop(ledger.seats.fetch_add(1, Ordering::Relaxed)),
                    Some((status, answer)) => assert_eq!((status, &answer["type"]), (400, &json!("attribute_limit_exceeded"))),
                    None => {}
                }
            }
            5 => swap(&mut c, ledger),
            0 => {
                ledger.tried.fetch_add(1, Ordering::Relaxed);
                if let Some((status, _)) = c.call("PATCH", &format!("{DOCUMENTS}/sum/n/increment"), &json!({"value": 1})) {
                    assert_eq!(status, 200);
                    ledger.acknowledged.fetch_add(1, Ordering::Relaxed);
                }
            }
            1 => {
                // Sixteen writers want each value.
                let value = format!("r{round}v{}", step * 4 + writer % 4);
                if let Some((201, made)) = c.call("POST", DOCUMENTS, &json!({"documentId": id, "data": {"kind": "unique", "u": value}})) {
                    let before = ledger.won.lock().unwrap().insert(value, made["$id"].as_str().unwrap().to_owned());
                    assert_eq!(before, None, "two were told that they got it");
                }
            }
            2 => {
                let (from, to) = (random(ACCOUNTS), random(ACCOUNTS));
                let op = |action: &str, n: u64| json!({"action": action, "databaseId": "db", "collectionId": "c", "documentId": format!("account{n}"), "data": {"attribute": "n", "value": 5}});
                let all = json!({"operations": [op("decrement", from), op("increment", to)], "commit": true});
                if let Some((status, body)) = c.call("POST", "/v1/ferrite/databases/transactions", &all) {
                    assert_eq!(status, 201, "{body}");
                }
            }
            _ => pair(&mut c, &id, ledger, random(3) == 0),
        }
    }
}

/// Reads a document, stages what it makes of it and commits: when two do so at once, one of them meets a conflict.
fn swap(c: &mut Caller<'_>, ledger: &Ledger) {
    let Some((201, transaction)) = c.call("POST", "/v1/databases/transactions", &json!({})) else { return };
    let transaction = format!("/v1/databases/transactions/{}", transaction["$id"].as_str().unwrap());
    let Some((200, seen)) = c.call("GET", &format!("{DOCUMENTS}/turns"), &Value::Null) else { return };
    let next = json!({"data": {"n": seen["n"].as_u64().unwrap() + 1}, "transactionId": transaction.rsplit('/').next()});
    let staged = c.call("PATCH", &format!("{DOCUMENTS}/turns"), &next);
    // What changed between reading and staging is the reader's own risk: it looks once more.
    if !matches!(&staged, Some((200, _))) || c.call("GET", &format!("{DOCUMENTS}/turns"), &Value::Null).is_none_or(|(_, now)| now["n"] != seen["n"]) {
        let _ = c.call("PATCH", &transaction, &json!({"rollback": true}));
        return;
    }
    match c.call("PATCH", &transaction, &json!({"commit": true})) {
        Some((200, _)) => drop(ledger.turns.fetch_add(1, Ordering::Relaxed)),
        Some((status, answer)) => assert_eq!((status, &answer["type"]), (409, &json!("transaction_conflict"))),
        None => drop(ledger.unknown.fetch_add(1, Ordering::Relaxed)),
    }
}

/// Two documents by a staged transaction: both or none. Some are removed again.
fn pair(c: &mut Caller<'_>, id: &str, ledger: &Ledger, remove: bool) {
    let Some((201, transaction)) = c.call("POST", "/v1/databases/transactions", &json!({})) else { return };
    let transaction = format!("/v1/databases/transactions/{}", transaction["$id"].as_str().unwrap());
    let op = |side: &str| json!({"action": "create", "databaseId": "db", "collectionId": "c", "documentId": format!("{id}{side}"), "data": {"kind": "pair"}});
    let Some((201, _)) = c.call("POST", &format!("{transaction}/operations"), &json!({"operations": [op("a"), op("b")]})) else { return };
    match c.call("PATCH", &transaction, &json!({"commit": true})) {
        Some((200, _)) => ledger.pairs.lock().unwrap().insert(id.to_owned()),
        Some(_) => ledger.refused.lock().unwrap().insert(id.to_owned()),
        None => false,
    };
    if remove && let Some((204, _)) = c.call("DELETE", &format!("{DOCUMENTS}/{id}a"), &Value::Null) {
        ledger.deleted.lock().unwrap().insert(id.to_owned());
    }
}

/// Whether everything agrees with what was acknowledged.
fn check(host: &str, key: &str, ledger: &Ledger, killed: bool) {
    let mut c = Caller::new(host, key);
    let all = c.all();
    let by_id: HashMap<&str, &Value> = all.iter().map(|d| (d["$id"].as_str().unwrap(), d)).collect();
    assert_eq!(by_id.len(), all.len(), "no document twice");
    let (tried, acknowledged) = (ledger.tried.load(Ordering::SeqCst), ledger.acknowledged.load(Ordering::SeqCst));
    let sum = by_id["sum"]["n"].as_u64().unwrap();
    assert!(acknowledged <= sum && sum <= tried, "{acknowledged} acknowledged, {sum} counted, {tried} tried");
    assert!(killed || sum == acknowledged);
    let (seats, taken) = (ledger.seats.load(Ordering::SeqCst), by_id["seats"]["n"].as_u64().unwrap());
    assert!(seats <= taken && taken <= 3 * SEATS && (killed || seats == taken), "{seats} seats were given, {taken} are taken");
    let (turns, unknown, n) = (ledger.turns.load(Ordering::SeqCst), ledger.unknown.load(Ordering::SeqCst), by_id["turns"]["n"].as_u64().unwrap());
    assert!(turns <= n && n <= turns + unknown, "{turns} turns were committed, {unknown} perhaps, and {n} are counted: an update was lost");
    let balance: i64 = all.iter().filter(|d| d["kind"] == "account").map(|d| d["n"].as_i64().unwrap()).sum();
    assert_eq!(balance, 0, "money came or went");
    let mut values = HashSet::new();
    assert!(all.iter().filter_map(|d| d["u"].as_str()).all(|u| values.insert(u)), "a unique value twice");
    for (value, id) in ledger.won.lock().unwrap().iter() {
        assert_eq!(by_id.get(id.as_str()).map(|d| &d["u"]), Some(&json!(value)), "an acknowledged document is gone");
    }
    let (pairs, deleted) = (ledger.pairs.lock().unwrap(), ledger.deleted.lock().unwrap());
    let has = |id: &str, side: &str| by_id.contains_key(format!("{id}{side}").as_str());
    for id in pairs.iter() {
        // What was asked to be removed when the server went may be there or not.
        assert!(has(id, "b") && (has(id, "a") || deleted.contains(id) || killed), "half of the pair {id} is missing");
    }
    assert!(deleted.iter().all(|id| !has(id, "a")) && ledger.refused.lock().unwrap().iter().all(|id| !has(id, "a") && !has(id, "b")));
    for d in all.iter().filter(|d| d["kind"] == "pair") {
        let id = d["$id"].as_str().unwrap();
        assert!(!id.ends_with('a') || has(id.trim_end_matches('a'), "b"), "half of the pair {id} was committed");
    }
    // The counter, the index and the documents tell the same.
    let total = |n: usize| json!(n.min(5_000));
    assert_eq!(c.list(&[json!({"method": "limit", "values": [1]})])["total"], all.len());
    for kind in ["unique", "pair", "account", "sum", "seats", "turns"] {
        let n = all.iter().filter(|d| d["kind"] == kind).count();
        assert_eq!(c.list(&[json!({"method": "equal", "attribute": "kind", "values": [kind]})])["total"], total(n), "{kind} by index");
    }
    for u in values.iter().take(200) {
        assert_eq!(c.list(&[json!({"method": "equal", "attribute": "u", "values": [u]})])["documents"].as_array().map(Vec::len), Some(1), "{u} by index");
    }
}

fn rounds(engine: &str, killed: &[bool]) {
    let dir = tempfile::tempdir().unwrap();
    let data: &Path = dir.path();
    let made = parsed(&run(data, &["project", "create", "p", "--json", "--store", engine]));
    let key = made["apiKey"].as_str().unwrap();
    let ledger = Ledger::default();
    for (round, kill) in (0_u64..).zip(killed) {
        let served = Served::on(data, &["--store", engine]);
        let host = served.text("endpoint").trim_start_matches("http://").trim_end_matches("/v1").to_owned();
        if round == 0 {
            prepare(&host, key);
        }
        let stop = AtomicBool::new(false);
        let mut served = Some(served);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (ledger, stop, host) = (&ledger, &stop, &host);
                scope.spawn(move || work(host, key, round, writer, ledger, stop));
            }
            std::thread::sleep(Duration::from_millis(1_200 + round * 311));
            if *kill {
                served.take().unwrap().signal("KILL");
            }
            stop.store(true, Ordering::Relaxed);
        });
        let after = served.unwrap_or_else(|| Served::on(data, &["--store", engine]));
        let host = after.text("endpoint").trim_start_matches("http://").trim_end_matches("/v1").to_owned();
        check(&host, key, &ledger, killed.iter().take(usize::try_from(round).unwrap() + 1).any(|k| *k));
        assert_eq!(after.signal("TERM"), Some(0));
    }
    assert!(ledger.acknowledged.load(Ordering::SeqCst) > 0 && !ledger.won.lock().unwrap().is_empty() && !ledger.pairs.lock().unwrap().is_empty());
}

#[test]
fn sixty_four_writers_lose_nothing() {
    rounds("fjall", &[false, true, true]);
}

#[test]
fn sixty_four_writers_lose_nothing_on_the_other_engine() {
    rounds("sled", &[false, true]);
}
