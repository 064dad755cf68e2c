//! Clients that are slow, endless, cut off or wrong.
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::support::{Running, quick, read};

fn alive(r: &Running) {
    assert_eq!(r.get("/v1/test/slow?size=0").status, 200, "the server still answers");
}

#[test]
fn a_slow_head_is_given_up() {
    let r = Running::start();
    let mut s = r.connect();
    s.write_all(b"GET /v1/test/slow?size=0 HTTP/1.1\r\nhost").unwrap();
    let started = Instant::now();
    let mut rest = Vec::new();
    let _ = s.read_to_end(&mut rest);
    assert!(started.elapsed() < Duration::from_secs(10), "the connection was kept for {:?}", started.elapsed());
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"));
    alive(&r);
}

#[test]
fn slow_bodies_are_given_up() {
    let r = Running::start();
    // Nothing comes.
    let mut s = r.connect();
    s.write_all(b"POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{").unwrap();
    let a = read(&mut s).unwrap();
    assert_eq!((a.status, a.json()["type"].as_str()), (408, Some("general_argument_invalid")));
    // Always a little comes.
    let mut s = r.connect();
    s.write_all(b"POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n").unwrap();
    let mut drip = s.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(200));
            if drip.write_all(b" ").is_err() {
                return;
            }
        }
    });
    assert_eq!(read(&mut s).map(|a| a.status), Some(408));
    drop(s);
    dripping.join().unwrap();
    // A form as well.
    let mut s = r.connect();
    s.write_all(b"POST /v1/test/upload HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 1000\r\n\r\n--b\r\n").unwrap();
    assert_eq!(read(&mut s).map(|a| a.status), Some(408));
    alive(&r);
}

#[test]
fn a_reader_that_stops_is_given_up() {
    let r = Running::start();
    let size: u64 = 200 << 20;
    let mut s = r.connect();
    s.write_all(format!("GET /v1/test/stream?size={size} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).unwrap();
    // Nothing is read while the buffers of both sides fill up and the server's patience ends.
    std::thread::sleep(Duration::from_secs(6));
    let mut taken = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(n) = s.read(&mut piece) {
        if n == 0 {
            break;
        }
        taken += n as u64;
    }
    assert!(taken < size, "the download went on after {taken} bytes");
    alive(&r);
}

#[test]
fn bodies_that_end_early_change_nothing() {
    let r = Running::start();
    for head in [
        "content-type: application/json\r\ncontent-length: 100",
        "content-type: multipart/form-data; boundary=b\r\ncontent-length: 900",
        "transfer-encoding: chunked",
    ] {
        let mut s = r.connect();
        write!(s, "POST /v1/test/upload HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n").unwrap();
        s.write_all(b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nabc").unwrap();
        s.shutdown(std::net::Shutdown::Write).unwrap();
        let answered = read(&mut s).map(|a| a.status);
        assert!(answered.is_none_or(|s| (400..500).contains(&s)), "{head}: {answered:?}");
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(std::fs::read_dir(r.folder.path().join("spool")).unwrap().count(), 0);
    alive(&r);
}

#[test]
fn heads_are_bounded() {
    let r = Running::start();
    let huge = "x".repeat(300_000);
    for request in [
        format!("GET /v1/test/slow?size=0 HTTP/1.1\r\nhost: a\r\nx-huge: {huge}\r\n\r\n"),
        format!("GET /{huge} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET /v1/test/slow?size=0 HTTP/1.1\r\nhost: a\r\n{}\r\n", "x-many: 1\r\n".repeat(2_000)),
        "GARBAGE\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-length: nonsense\r\n\r\n".to_owned(),
        "POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let mut s = r.connect();
        let _ = s.write_all(request.as_bytes());
        let answered = read(&mut s).map(|a| a.status);
        assert!(answered.is_none_or(|s| (400..500).contains(&s)), "{:.40}: {answered:?}", request);
        alive(&r);
    }
}

#[test]
fn bodies_are_bounded() {
    let r = Running::start();
    let mut s = r.connect();
    s.write_all(b"POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900000000000\r\n\r\n").unwrap();
    let a = read(&mut s).unwrap();
    assert_eq!((a.status, a.json()["type"].as_str()), (400, Some("general_argument_invalid")));
    // Too long by little: all of it is taken, so that the answer arrives.
    let mut s = r.connect();
    write!(
        s,
        "POST /v1/test/echo HTTP/1.1\r\nhost: a\r\nx-appwrite-project: console\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        22 << 20
    )
    .unwrap();
    s.write_all(&vec![b' '; 22 << 20]).unwrap();
    assert_eq!(read(&mut s).unwrap().json()["message"], "The request body is too large.");
    // Endless, without saying so.
    let mut s = r.connect();
    s.write_all(b"POST /v1/test/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let piece = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..2_000 {
        if s.write_all(piece.as_bytes()).is_err() {
            break;
        }
    }
    alive(&r);
}

#[test]
fn forms_are_bounded() {
    let r = Running::with(&[("_APP_STORAGE_LIMIT", "1000000")], quick());
    let send = |body: &[u8]| {
        let mut s = r.connect();
        write!(s, "POST /v1/test/upload HTTP/1.1\r\nhost: a\r\nx-appwrite-project: console\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n", body.len())
            .unwrap();
        let _ = s.write_all(body);
        read(&mut s)
    };
    let field = b"--b\r\ncontent-disposition: form-data; name=\"f\"\r\n\r\nx\r\n".repeat(2_000);
    assert_eq!(send(&[field.as_slice(), b"--b--\r\n"].concat()).map(|a| a.status), Some(400));
    let long = [b"--b\r\ncontent-disposition: form-data; name=\"f\"\r\n\r\n".as_slice(), &vec![b'x'; 3 << 20], b"\r\n--b--\r\n"].concat();
    assert_eq!(send(&long).map(|a| a.status), Some(400));
    // A file beyond the limit is counted, not kept: the endpoint answers with its own error.
    let file = [b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n".as_slice(), &vec![b'x'; 3 << 20], b"\r\n--b--\r\n"].concat();
    let a = send(&file).unwrap().json();
    assert_eq!(a["files"][0]["len"], 3 << 20);
    assert!(a["files"][0]["kept"].as_u64().unwrap() <= 1_000_000);
    assert_eq!(send(b"not a form at all").map(|a| a.status), Some(400));
    alive(&r);
}

#[test]
fn a_crowd_is_told_to_come_again() {
    let r = Running::with(&[("FERRITE_THREADS", "4")], quick());
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..80).map(|_| scope.spawn(|| r.get("/v1/test/slow?size=700"))).collect();
        all.into_iter().map(|t| t.join().unwrap().status).collect()
    });
    assert!(answers.iter().all(|s| [200, 503].contains(s)), "{answers:?}");
    assert_eq!(answers.iter().filter(|s| **s == 503).count(), 80 - 4 - 32, "four work, eight wait for each");
    alive(&r);
}
