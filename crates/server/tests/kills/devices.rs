//! Moves between devices that the server does not survive.
use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::scene::Scene;
use crate::{noise, stride, whole_or_absent};

/// A server of the S3 protocol with one bucket; its address.
fn object_store(runtime: &tokio::runtime::Runtime, folder: &Path) -> String {
    std::fs::create_dir(folder.join("files")).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("key", "secret"));
    let service = service.build();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

/// More operations than a move has.
const UNDISTURBED: i64 = 1 << 40;

#[test]
fn moves() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let endpoint = object_store(&runtime, elsewhere.path());
    let s3 = [
        ("_APP_STORAGE_S3_ENDPOINT", endpoint.as_str()),
        ("_APP_STORAGE_S3_BUCKET", "files"),
        ("_APP_STORAGE_S3_ACCESS_KEY", "key"),
        ("_APP_STORAGE_S3_SECRET", "secret"),
    ];
    let mut scene = Scene::new(&s3, true);
    let mut files: Vec<i64> = Vec::new();
    let mut ends = [0, 0];
    // There and back again, until each way has gone through once undisturbed.
    for turn in 0.. {
        let (way, to) = [(0, "s3"), (1, "local")][turn % 2];
        let n = ends[way];
        let name = i64::try_from(turn).unwrap();
        // Each file makes a move longer; a few are enough.
        if files.len() < 4 {
            assert_eq!(scene.upload("b", &format!("m{name}"), "", &noise(3_000, name)).unwrap().0, 201);
            files.push(name);
        }
        let died = scene.dies(n, |scene| {
            let done = scene.run(&["storage", "move", "--to", to]);
            // Broken off it tells so; what counts is what the server finds when it starts.
            drop(done);
        });
        if died {
            scene.kill();
            scene.start();
        }
        for f in &files {
            whole_or_absent(&scene, &format!("/b/files/m{f}"), &noise(3_000, *f), true);
        }
        // What was begun is ended, and what was not even begun is done now.
        let on = scene.run(&["storage", "move"]);
        let known = String::from_utf8_lossy(&on.stderr).into_owned();
        if !on.status.success() {
            assert!(known.contains("no move was broken off"), "{known}");
            let again = scene.run(&["storage", "move", "--to", to]);
            let said = String::from_utf8_lossy(&again.stderr).into_owned();
            assert!(again.status.success() || said.contains("already"), "{said}");
        }
        scene.set("_APP_STORAGE_DEVICE", to);
        for f in &files {
            whole_or_absent(&scene, &format!("/b/files/m{f}"), &noise(3_000, *f), true);
        }
        // A way that has gone through goes on undisturbed until the other one has, too.
        ends[way] = if died { n + 2 * stride() } else { UNDISTURBED };
        if ends == [UNDISTURBED; 2] {
            break;
        }
    }
    let report = scene.json(&["storage", "verify", "--json"]);
    assert_eq!((report["damaged"].as_array().map(Vec::len), report["files"].as_u64()), (Some(0), Some(files.len() as u64)), "{report}");
    scene.kill();
}
