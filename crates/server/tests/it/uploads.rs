//! Files in parts over real connections: at the same time, across the server's death, and by clients that lie.
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::cli::{Served, json as answer, run};
use crate::orphans::{Api, all_files};
use crate::support::Answer;

const PART: usize = 100_000;

fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

/// A served folder with a project, a bucket `b` and a key of it.
struct Scene {
    dir: tempfile::TempDir,
    served: Option<Served>,
    api: Api,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = answer(&run(dir.path(), &["project", "create", "p", "--json"]));
        let mut scene = Self { dir, served: None, api: Api { at: String::new(), key: made["apiKey"].as_str().unwrap().to_owned() } };
        scene.start();
        scene.api.bucket("b");
        scene
    }

    fn start(&mut self) {
        let served = Served::with(self.data(), &[("_APP_OPTIONS_ABUSE", "disabled")]);
        self.api.at = served.text("listen").to_owned();
        self.served = Some(served);
    }

    fn data(&self) -> &Path {
        self.dir.path()
    }

    fn kill(&mut self) {
        self.served.take().unwrap().signal("KILL");
    }

    fn part(&self, id: &str, file: &[u8], n: usize) -> Option<Answer> {
        let (start, end) = (n * PART, file.len().min((n + 1) * PART));
        self.api.chunk("b", id, "", &format!("bytes {start}-{}/{}", end - 1, file.len()), &file[start..end])
    }

    fn get(&self, path: &str, headers: &str) -> Option<Answer> {
        self.api.send("GET", &format!("/storage/buckets/b/files/{path}"), headers, b"")
    }

    /// What lies in a folder of the files'.
    fn lying(&self, folder: &str) -> usize {
        let mut found = Vec::new();
        all_files(&self.data().join("files").join(folder), &mut found);
        found.len()
    }

    fn verified(&self) -> Value {
        answer(&run(self.data(), &["storage", "verify", "--json"]))
    }
}

#[test]
fn eight_parts_at_the_same_time_across_a_crash() {
    let mut scene = Scene::new();
    let file = noise(8 * PART + 12_345, 3);
    let order = [7, 2, 8, 5, 0, 6, 1, 4, 3];
    // Nine parts by eight connections; the server dies when five are acknowledged, and others are on their way.
    let (acknowledged, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let done: Vec<AtomicUsize> = order.iter().map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                while acknowledged.load(Ordering::SeqCst) < 5
                    && let Some(n) = order.get(next.fetch_add(1, Ordering::SeqCst)).copied()
                {
                    if scene.part("big", &file, n).is_some_and(|a| a.status == 201) {
                        done[n].store(1, Ordering::SeqCst);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    scene.kill();
    scene.start();
    let before = scene.get("big", "").unwrap();
    assert_eq!((before.status, before.json()["sizeOriginal"].as_u64()), (200, Some(file.len() as u64)));
    let missing: Vec<usize> = order.into_iter().filter(|n| done[*n].load(Ordering::SeqCst) == 0).collect();
    // All may have come although not every answer went out.
    let arrived = scene.get("big/download", "").unwrap();
    assert!(arrived.status == 200 && arrived.body == file || arrived.status == 404 && !missing.is_empty(), "{}", arrived.status);
    // The client goes on with what was not acknowledged, and is unsure of one that was.
    std::thread::scope(|s| {
        for n in missing {
            let (scene, file) = (&scene, &file);
            s.spawn(move || assert!(matches!(scene.part("big", file, n).unwrap().status, 200 | 201)));
        }
    });
    assert_eq!(scene.part("big", &file, order[0]).unwrap().status, 200);
    let got = scene.get("big/download", "").unwrap();
    assert!(got.status == 200 && got.body == file);
    assert_eq!(scene.lying("staging"), 0);
    assert_eq!(scene.verified()["damaged"], json!([]));
    let meta = scene.get("big", "").unwrap().json();
    assert_eq!((&meta["chunksUploaded"], &meta["chunksTotal"], &meta["signature"]), (&json!(1), &json!(1), &json!(crypto::md5_hex(&file))));
}

#[test]
fn parts_that_overlap_and_parts_that_lie() {
    let scene = Scene::new();
    let file = noise(1_000, 1);
    let send = |id: &str, range: &str, bytes: &[u8]| scene.api.chunk("b", id, "", range, bytes).unwrap();
    // Those that overlap make the file when they agree.
    for (start, end) in [(600, 1_000), (100, 700), (0, 300), (200, 250)] {
        let status = send("o", &format!("bytes {start}-{}/1000", end - 1), &file[start..end]).status;
        assert!(matches!(status, 200 | 201), "{start}: {status}");
    }
    assert_eq!(scene.get("o/download", "").unwrap().body, file);
    // One who lies about where, how long, of how much.
    for (range, len) in [
        ("bytes 0-9/20", 9),
        ("bytes 0-9/20", 11),
        ("bytes 15-25/20", 11),
        ("bytes -5-9/20", 10),
        ("bytes 0-9/-20", 10),
        ("bytes --1-9/20", 10),
        ("bytes 9-0/20", 10),
        ("bytes 0-9/*", 10),
        ("bytes */20", 10),
        ("bytes 0-18446744073709551615/18446744073709551615", 10),
        ("bytes 0-9/99999999999999999999999999", 10),
        ("bytes 9223372036854775807-9223372036854775808/9223372036854775809", 2),
        ("bytes 0-9,10-19/20", 20),
        ("rubbish", 10),
    ] {
        let got = send("lie", range, &vec![0; len]);
        assert_eq!(got.status, 400, "{range} {len}: {}", String::from_utf8_lossy(&got.body));
    }
    assert_eq!(scene.get("lie", "").unwrap().status, 404);
    assert_eq!(scene.lying("staging"), 0, "nothing of it stays");
    // A total that changes on the way.
    assert_eq!(send("t", "bytes 0-9/20", &[1; 10]).status, 201);
    for other in ["bytes 10-19/21", "bytes 10-19/30", "bytes 0-9/10"] {
        let got = send("t", other, &[2; 10]);
        assert_eq!((got.status, got.json()["type"].as_str()), (400, Some("storage_invalid_content_range")), "{other}");
    }
    assert_eq!(send("t", "bytes 10-19/20", &[3; 10]).status, 201);
    assert_eq!(scene.get("t/download", "").unwrap().body, [[1; 10], [3; 10]].concat());
}

#[test]
fn bodies_that_lie_about_their_length() {
    let scene = Scene::new();
    let raw = |head: &str| {
        use std::io::Write as _;
        let mut s = std::net::TcpStream::connect(&scene.api.at).unwrap();
        s.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let key = &scene.api.key;
        write!(s, "POST /v1/storage/buckets/b/files HTTP/1.1\r\nhost: localhost\r\nx-appwrite-project: p\r\nx-appwrite-key: {key}\r\n{head}").unwrap();
        crate::support::read(&mut s).map_or(0, |a| a.status)
    };
    for lengths in ["content-length: -5", "content-length: 5\r\ncontent-length: 6", "content-length: 99999999999999999999999", "content-length: 0x10"] {
        let status = raw(&format!("content-type: multipart/form-data; boundary=b\r\n{lengths}\r\n\r\n--b--\r\n"));
        assert!(matches!(status, 0 | 400), "{lengths}: {status}");
    }
    // More parts than any form has.
    let parts = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n1\r\n".repeat(5_000) + "--b--\r\n";
    let got = scene.api.send("POST", "/storage/buckets/b/files", "content-type: multipart/form-data; boundary=b\r\n", parts.as_bytes());
    assert!(got.is_none_or(|a| a.status == 400));
    assert_eq!((scene.lying("staging"), scene.lying("blobs")), (0, 0));
    assert_eq!(scene.api.call("GET", "/storage/buckets/b/files", "text/plain", "").json()["total"], 0);
}

#[test]
fn names_that_point_elsewhere() {
    let scene = Scene::new();
    let outside = scene.data().join("evil.txt");
    for (n, name) in
        ["../../../evil.txt", "/etc/passwd", "..\\..\\evil.txt", "a\0b.txt", "a/../../evil.txt", ".", "..", &"x".repeat(5_000)].into_iter().enumerate()
    {
        let field = format!("--b\r\ncontent-disposition: form-data; name=\"fileId\"\r\n\r\nn{n}\r\n");
        let body = format!("{field}--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\nhello\r\n--b--\r\n");
        let Some(got) = scene.api.send("POST", "/storage/buckets/b/files", "content-type: multipart/form-data; boundary=b\r\n", body.as_bytes()) else {
            continue;
        };
        assert!(matches!(got.status, 201 | 400), "{name:?}: {}", got.status);
        if got.status == 201 {
            let back = scene.get(&format!("n{n}/download"), "").unwrap();
            let disposition = back.header("content-disposition").unwrap();
            assert!(back.body == b"hello" && disposition.bytes().all(|b| (b' '..0x7f).contains(&b)), "{name:?}: {disposition}");
        }
    }
    // Ids never reach a path.
    for id in ["../x", "..%2fx", "a/b", "%00", ".hidden", "x%0d%0ax"] {
        for path in [format!("{id}/download"), format!("{id}/view"), id.to_owned()] {
            let status = scene.get(&path, "").unwrap().status;
            assert!(matches!(status, 400 | 404), "{path}: {status}");
        }
        let got = scene.api.chunk("b", id, "", "bytes 0-4/10", b"hello");
        assert!(got.is_some_and(|a| a.status == 400), "{id}");
    }
    assert!(!outside.exists() && !scene.data().join("files/evil.txt").exists());
    let mut all = Vec::new();
    all_files(&scene.data().join("files/blobs"), &mut all);
    assert!(all.iter().all(|p| p.file_name().unwrap().to_str().unwrap().starts_with('n')), "{all:?}");
}

#[test]
fn ranges_by_the_thousand() {
    let scene = Scene::new();
    scene.api.upload("b", "f", &"0123456789".repeat(1_000));
    let list = |n: usize| format!("range: bytes={}0-1\r\n", "0-1,".repeat(n));
    let started = std::time::Instant::now();
    for n in [2, 100, 1_000, 50_000] {
        let got = scene.get("f/download", &list(n));
        // Refused, or never answered because the head is too long; not a part for each.
        assert!(got.as_ref().is_none_or(|a| matches!(a.status, 400 | 416 | 431)), "{n}: {:?}", got.map(|a| a.status));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
    for bad in ["bytes=-5", "bytes=9-1", "bytes=10000-10001", "bytes=0-10000", "bytes=-1-5"] {
        let got = scene.get("f/view", &format!("range: {bad}\r\n")).unwrap();
        assert_eq!((got.status, got.json()["type"].as_str()), (416, Some("storage_invalid_range")), "{bad}");
    }
    assert_eq!(scene.get("f/view", "range: bytes=5-7\r\n").unwrap().body, b"567");
}

#[test]
fn bytes_that_were_tampered_with_are_not_given() {
    let scene = Scene::new();
    let (small, large) = (noise(5_000, 1), noise(3_000_000, 2));
    for (id, file) in [("small", &small), ("large", &large)] {
        let got = scene.api.chunk("b", id, "", "", file).unwrap();
        assert_eq!(got.status, 201, "{}", String::from_utf8_lossy(&got.body));
    }
    let mut blobs = Vec::new();
    all_files(&scene.data().join("files/blobs"), &mut blobs);
    for (id, file) in [("small", &small), ("large", &large)] {
        let path = blobs.iter().find(|p| p.file_name().unwrap().to_str().unwrap().starts_with(id)).unwrap();
        let whole = std::fs::read(path).unwrap();
        for at in [0, 5, 60, 300, whole.len() / 2, whole.len() - 40, whole.len() - 1] {
            let mut bad = whole.clone();
            bad[at] ^= 0x10;
            std::fs::write(path, &bad).unwrap();
            for how in ["download", "view"] {
                // Either an error, or a download that breaks off: what came is what was written.
                let got = scene.broken(&format!("{id}/{how}"));
                assert!(got.0 != 200 || got.1.len() < file.len() && file.starts_with(&got.1), "{id} {how} byte {at}: {} with {} bytes", got.0, got.1.len());
            }
            let found = run(scene.data(), &["storage", "verify", "--json"]);
            assert!(!found.status.success() && String::from_utf8_lossy(&found.stdout).contains(id), "byte {at}");
        }
        std::fs::write(path, &whole[..whole.len() - 1]).unwrap();
        assert_ne!(scene.broken(&format!("{id}/download")).0, 200, "cut off");
        std::fs::remove_file(path).unwrap();
        let gone = scene.get(&format!("{id}/download"), "").unwrap();
        assert_eq!((gone.status, gone.json()["type"].as_str()), (404, Some("storage_file_not_found")));
        std::fs::write(path, &whole).unwrap();
        assert!(scene.get(&format!("{id}/download"), "").unwrap().body == *file);
    }
    // One in the place of the other.
    let path = |id: &str| blobs.iter().find(|p| p.file_name().unwrap().to_str().unwrap().starts_with(id)).unwrap();
    std::fs::copy(path("large"), path("small")).unwrap();
    assert_ne!(scene.broken("small/download").0, 200);
}

impl Scene {
    /// Status and the bytes that came, also of an answer that breaks off.
    fn broken(&self, path: &str) -> (u16, Vec<u8>) {
        use std::io::{Read as _, Write as _};
        let mut s = std::net::TcpStream::connect(&self.api.at).unwrap();
        s.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let key = &self.api.key;
        write!(
            s,
            "GET /v1/storage/buckets/b/files/{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-appwrite-project: p\r\nx-appwrite-key: {key}\r\n\r\n"
        )
        .unwrap();
        let mut all = Vec::new();
        let _ = s.read_to_end(&mut all);
        let end = all.windows(4).position(|w| w == b"\r\n\r\n").map_or(all.len(), |at| at + 4);
        let status = String::from_utf8_lossy(&all[..end]).split(' ').nth(1).and_then(|c| c.parse().ok()).unwrap_or(0);
        (status, all.split_off(end))
    }
}

/// A request that names no project can store nothing: as the original does, it is refused for its size.
#[test]
fn large_files_need_a_project() {
    let scene = Scene::new();
    let nameless = |len: usize| {
        let form = [b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n", &noise(len, 5)[..], b"\r\n--x--\r\n"].concat();
        scene.api.nameless("POST", "/storage/buckets/b/files", "content-type: multipart/form-data; boundary=x\r\n", &form).unwrap().status
    };
    assert_eq!((nameless(1_000), nameless(13 << 20)), (401, 413));
}
