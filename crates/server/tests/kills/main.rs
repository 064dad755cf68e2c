//! kill -9 before every operation on files of whatever changes files: afterwards there is the old state or the new one, what was acknowledged is there,
//! everything is whole, and the collector leaves nothing behind.
//!
//! A tracer counts the operations of the server and ends it before the n-th, for n = 0, 1, 2 … until the change goes through. `FERRITE_CRASH_ROUNDS` below
//! ten takes every fifth n only. Needs Linux on x86-64 and the right to trace own children.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]
mod devices;
mod scene;
mod tracer;

use scene::{Answer, Scene};

/// Steps between two deaths.
fn stride() -> i64 {
    let rounds: u32 = std::env::var("FERRITE_CRASH_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(2);
    if rounds < 10 { 5 } else { 1 }
}

fn noise(len: usize, seed: i64) -> Vec<u8> {
    let mut state = u32::try_from(seed).unwrap();
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

/// Lets the server die before every step of `act`. `check` is told what was answered.
fn at_every_step(
    scene: &mut Scene,
    least: i64,
    mut prepare: impl FnMut(&mut Scene, i64),
    act: impl Fn(&Scene, i64) -> Option<Answer>,
    mut check: impl FnMut(&mut Scene, i64, Option<u16>),
) {
    let mut n = 0;
    loop {
        prepare(scene, n);
        let mut said = None;
        let died = scene.dies(n, |scene| said = act(scene, n));
        if died {
            scene.kill();
            scene.start();
        }
        let status = said.as_ref().map(|(status, _)| *status);
        assert!(status.is_none_or(|s| s < 300), "step {n}: {}", String::from_utf8_lossy(&said.unwrap().1));
        assert!(died || status.is_some(), "step {n}: no answer of a server that lives");
        check(scene, n, status);
        if !died {
            break;
        }
        n += stride();
    }
    assert!(n >= least, "only {n} steps: are they seen at all?");
}

/// A file is there with these bytes, or not at all; `must` says that it must be.
fn whole_or_absent(scene: &Scene, path: &str, bytes: &[u8], must: bool) -> bool {
    let (status, got) = scene.get(&format!("{path}/download"));
    assert!(status == 200 && got == bytes || status == 404 && !must, "{path}: {status} with {} bytes", got.len());
    status == 200
}

#[test]
fn uploads() {
    let mut scene = Scene::new(&[], false);
    // In one piece, and in parts.
    for (name, len, least) in [("small", 3_000, 5), ("large", 2_300_000, 5)] {
        at_every_step(
            &mut scene,
            least,
            |_, _| (),
            |scene, n| scene.upload("b", &format!("{name}{n}"), "", &noise(len, n)),
            |scene, n, said| {
                let id = format!("{name}{n}");
                if !whole_or_absent(scene, &format!("/b/files/{id}"), &noise(len, n), said.is_some()) {
                    assert_eq!(scene.upload("b", &id, "", &noise(len, n)).unwrap().0, 201, "it may be sent again");
                    whole_or_absent(scene, &format!("/b/files/{id}"), &noise(len, n), true);
                }
            },
        );
    }
    scene.is_clean();
}

const PART: usize = 40_000;

fn part(scene: &Scene, id: &str, bytes: &[u8], n: usize) -> Option<Answer> {
    let (start, end) = (n * PART, bytes.len().min((n + 1) * PART));
    scene.upload("b", id, &format!("bytes {start}-{}/{}", end - 1, bytes.len()), &bytes[start..end])
}

#[test]
fn parts() {
    let mut scene = Scene::new(&[], false);
    let len = 2 * PART + 500;
    // The first one, one in between, and the one that completes the file; each time all are sent again, as a client does that lost its connection.
    for (name, which, least) in [("first", 0, 4), ("middle", 1, 4), ("last", 2, 5)] {
        at_every_step(
            &mut scene,
            least,
            |scene, n| (0..which).for_each(|i| assert_eq!(part(scene, &format!("{name}{n}"), &noise(len, n), i).unwrap().0, 201)),
            |scene, n| part(scene, &format!("{name}{n}"), &noise(len, n), which),
            |scene, n, said| {
                let (id, file) = (format!("{name}{n}"), noise(len, n));
                whole_or_absent(scene, &format!("/b/files/{id}"), &file, said.is_some() && which == 2);
                // What was acknowledged need not be sent again.
                for i in which + usize::from(said.is_some())..3 {
                    assert!(matches!(part(scene, &id, &file, i).unwrap().0, 200 | 201));
                }
                whole_or_absent(scene, &format!("/b/files/{id}"), &file, true);
            },
        );
    }
    scene.is_clean();
}

#[test]
fn changes_and_removals() {
    let mut scene = Scene::new(&[], false);
    let put = |scene: &mut Scene, id: String, n| assert_eq!(scene.upload("b", &id, "", &noise(3_000, n)).unwrap().0, 201);
    at_every_step(
        &mut scene,
        2,
        |scene, n| put(scene, format!("u{n}"), n),
        |scene, n| scene.call("PUT", &format!("/b/files/u{n}"), "content-type: application/json\r\n", b"{\"name\":\"new.bin\"}"),
        |scene, n, said| {
            let (_, meta) = scene.get(&format!("/b/files/u{n}"));
            let meta: serde_json::Value = serde_json::from_slice(&meta).unwrap();
            assert!(meta["name"] == "new.bin" || meta["name"] == "c.bin" && said.is_none(), "{meta}");
            whole_or_absent(scene, &format!("/b/files/u{n}"), &noise(3_000, n), true);
        },
    );
    at_every_step(
        &mut scene,
        2,
        |scene, n| put(scene, format!("d{n}"), n),
        |scene, n| scene.call("DELETE", &format!("/b/files/d{n}"), "", b""),
        |scene, n, said| {
            let there = whole_or_absent(scene, &format!("/b/files/d{n}"), &noise(3_000, n), false);
            assert!(!(there && said.is_some()), "what was removed is back");
        },
    );
    at_every_step(
        &mut scene,
        2,
        |scene, n| {
            scene.bucket(&format!("x{n}"));
            for id in ["one", "two"] {
                assert_eq!(scene.upload(&format!("x{n}"), id, "", &noise(3_000, n)).unwrap().0, 201);
            }
        },
        |scene, n| scene.call("DELETE", &format!("/x{n}"), "", b""),
        |scene, n, said| {
            let (status, _) = scene.get(&format!("/x{n}"));
            assert!(status == 404 || status == 200 && said.is_none(), "{status}");
            for id in ["one", "two"] {
                assert_eq!(whole_or_absent(scene, &format!("/x{n}/files/{id}"), &noise(3_000, n), false), status == 200, "a bucket goes as a whole");
            }
        },
    );
    scene.is_clean();
}

#[test]
fn rotations_of_the_key() {
    let mut scene = Scene::new(&[], false);
    let key = |n: i64| format!("key {n}");
    let step = stride();
    let mut files = Vec::new();
    at_every_step(
        &mut scene,
        4,
        |scene, n| {
            assert_eq!(scene.upload("b", &format!("k{n}"), "", &noise(3_000, n)).unwrap().0, 201);
            scene.set("_APP_OPENSSL_KEY_V1", &key(n));
            scene.set("_APP_OPENSSL_KEY_V2", &key(n + step));
        },
        // As the operator leaves both set, the server that is started again ends what was begun.
        |scene, _| scene.run(&["keys", "rotate"]).status.success().then(|| (200, Vec::new())),
        |scene, n, _| {
            files.push(n);
            for f in &files {
                whole_or_absent(scene, &format!("/b/files/k{f}"), &noise(3_000, *f), true);
            }
        },
    );
    // The last secret alone opens everything.
    let last = files.last().unwrap() + step;
    scene.kill();
    scene.set("_APP_OPENSSL_KEY_V1", &key(last));
    scene.set("_APP_OPENSSL_KEY_V2", "");
    scene.start();
    for f in &files {
        whole_or_absent(&scene, &format!("/b/files/k{f}"), &noise(3_000, *f), true);
    }
    scene.is_clean();
}
