//! Requests that are in order.
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::support::{Running, quick, read};

#[test]
fn a_connection_is_kept_and_pipelined() {
    let r = Running::start();
    let mut s = r.connect();
    for i in 0..5 {
        let body = format!("{{\"text\":\"{i}\"}}");
        write!(s, "POST /v1/test/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let a = read(&mut s).unwrap();
        assert_eq!((a.status, a.json()["text"].as_str()), (200, Some(i.to_string().as_str())));
    }
    s.write_all(b"GET /v1/test/slow?size=1 HTTP/1.1\r\nhost: a\r\n\r\nGET /v1/test/slow?size=2 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert_eq!(read(&mut s).unwrap().json()["slept"], 1);
    assert_eq!(read(&mut s).unwrap().json()["slept"], 2);
}

#[test]
fn a_body_of_get_means_nothing_and_is_in_nobodys_way() {
    let r = Running::start();
    let mut s = r.connect();
    for body in ["{}", "null", &"x".repeat(100_000)] {
        write!(s, "GET /v1/test/slow?size=1 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        assert_eq!(read(&mut s).map(|a| a.status), Some(200));
    }
}

#[test]
fn head_preflight_and_unknown_paths() {
    let r = Running::start();
    let mut s = r.connect();
    s.write_all(b"HEAD /v1/test/slow?size=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut all = String::new();
    s.read_to_string(&mut all).unwrap();
    assert!(all.starts_with("HTTP/1.1 200") && all.ends_with("\r\n\r\n"), "{all}");
    let a = r.send("OPTIONS /v1/account HTTP/1.1\r\nhost: a\r\norigin: http://Page.example\r\naccess-control-request-method: POST\r\n\r\n");
    assert_eq!((a.status, a.header("access-control-allow-origin")), (204, Some("http://page.example")));
    assert_eq!(r.get("/nothing/here").status, 404);
    assert_eq!(r.send("BREW /v1/account HTTP/1.1\r\nhost: a\r\n\r\n").status, 405);
}

#[test]
fn streams_are_whole_and_of_known_length() {
    let r = Running::start();
    let a = r.get("/v1/test/stream?size=3000001");
    assert_eq!((a.status, a.header("content-length"), a.body.len()), (200, Some("3000001"), 3_000_001));
    assert!(a.header("transfer-encoding").is_none());
}

#[test]
fn a_client_that_leaves_a_stream_harms_nobody() {
    let r = Running::start();
    for _ in 0..8 {
        let mut s = r.connect();
        s.write_all(b"GET /v1/test/stream?size=1000000000 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let mut some = [0; 1_000];
        s.read_exact(&mut some).unwrap();
    }
    assert_eq!(r.get("/v1/test/slow?size=0").status, 200);
}

#[test]
fn long_answers_are_compressed_when_asked_for() {
    let r = Running::start();
    let text = "ferrite ".repeat(1_000);
    let post = |accept: &str, text: &str| {
        let body = serde_json::json!({"text": text}).to_string();
        r.send(&format!(
            "POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\naccept-encoding: {accept}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let packed = post("gzip, br", &text);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_string(&mut plain).unwrap();
    assert!(plain.contains(&text));
    assert_eq!(post("identity", &text).header("content-encoding"), None);
    assert_eq!(post("gzip;q=0", &text).header("content-encoding"), None);
    assert_eq!(post("gzip", "short").header("content-encoding"), None);
}

#[test]
fn proxies_are_heard() {
    let r = Running::start();
    let a = r.send("POST /v1/test/echo HTTP/1.1\r\nhost: API.example:443\r\nx-forwarded-proto: https\r\nx-forwarded-for: 203.0.113.9, 10.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{\"text\":\"x\"}");
    assert_eq!(a.json(), serde_json::json!({"text": "x", "https": true, "ip": "203.0.113.9", "host": "api.example"}));
}

#[test]
fn forms_with_files_are_kept_in_memory_or_spooled() {
    let r = Running::start();
    let send = |size: usize| {
        let mut body = b"--b\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nJ\xc3\xbcrgen\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.bin\"\r\ncontent-type: application/octet-stream\r\n\r\n".to_vec();
        body.extend(std::iter::repeat_n(b'z', size));
        body.extend_from_slice(b"\r\n--b--\r\n");
        let mut s = r.connect();
        write!(s, "POST /v1/test/upload HTTP/1.1\r\nhost: a\r\nx-appwrite-project: console\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n", body.len())
            .unwrap();
        s.write_all(&body).unwrap();
        read(&mut s).unwrap().json()
    };
    let small = send(1_000);
    assert_eq!(small["name"], "Jürgen");
    assert_eq!(small["files"][0], serde_json::json!({"field": "file", "filename": "a b.bin", "len": 1000, "kept": 1000, "spooled": false}));
    let chunk = send(5 << 20);
    assert_eq!((&chunk["files"][0]["kept"], &chunk["files"][0]["spooled"]), (&serde_json::json!(5 << 20), &serde_json::json!(false)));
    let large = send(17_000_000);
    assert_eq!(large["files"][0]["kept"], 17_000_000);
    assert_eq!(large["files"][0]["spooled"], true);
    let spool = r.folder.path().join("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0, "spooled parts are removed");
}

#[test]
fn a_panic_is_a_500_and_nothing_more() {
    let r = Running::start();
    for _ in 0..3 {
        let a = r.get("/v1/test/panic");
        assert_eq!((a.status, a.json()["type"].as_str()), (500, Some("general_server_error")));
    }
    assert_eq!(r.get("/v1/test/slow?size=0").status, 200);
}

#[test]
fn stopping_lets_requests_finish() {
    let r = Running::start();
    let addr = r.addr;
    let mut s = r.connect();
    s.write_all(b"GET /v1/test/slow?size=800 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let stopper = std::thread::spawn(move || r.stop());
    assert_eq!(read(&mut s).unwrap().json()["slept"], 800);
    stopper.join().unwrap();
    assert!(std::net::TcpStream::connect(addr).is_err(), "nobody listens any more");
}

#[test]
fn stopping_does_not_wait_for_idle_connections() {
    let r = Running::start();
    let mut s = r.connect();
    s.write_all(b"GET /v1/test/slow?size=0 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    read(&mut s).unwrap();
    let started = Instant::now();
    r.stop();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[test]
fn metrics_are_there_when_asked_for() {
    let r = Running::with(&[("FERRITE_METRICS", "enabled")], quick());
    r.get("/v1/test/slow?size=3");
    r.get("/v1/test/panic");
    let a = r.get("/metrics");
    let text = String::from_utf8(a.body).unwrap();
    for line in [
        "ferrite_requests_total{class=\"2xx\"} 1",
        "ferrite_requests_total{class=\"5xx\"} 1",
        "ferrite_request_seconds_count 2",
        "ferrite_store_transactions_total",
        "process_resident_memory_bytes",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    assert_eq!(Running::start().get("/metrics").status, 404);
}
