//! Previews: what is made of which file for whom, what is kept of it, and for how long.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use pictures::{Limits, Output, Preview};
use serde_json::json;
use testkit::{Answer, Client, TestApp, Upload};

const FILES: &str = "/storage/buckets/bk/files";

/// A picture of 320 × 200 with something on it, in a form.
fn picture(output: Output) -> Vec<u8> {
    let (letters, color) = pictures::initials_of("Ann Bee");
    let png = pictures::initials(&letters, color, 320, 200, &Limits::default()).unwrap();
    let preview = Preview { background: Some(color), ..Preview::plain(output) };
    pictures::render(&png, pictures::Kind::Png, &preview, &Limits::default()).unwrap().bytes
}

fn app(settings: serde_json::Value) -> TestApp {
    let app = TestApp::new();
    let mut settings = settings;
    settings["bucketId"] = "bk".into();
    settings["name"] = "Bucket".into();
    app.key().post("/storage/buckets", &settings).is(201);
    app
}

fn put(client: &Client, id: &str, name: &str, bytes: &[u8]) {
    client.upload(FILES, &[("fileId", id)], &Upload { filename: name, bytes }).is(201);
}

/// Width and height of a PNG.
#[track_caller]
fn size(answer: &Answer) -> (u32, u32) {
    answer.is(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert!(answer.bytes.starts_with(b"\x89PNG"), "a PNG");
    let side = |at: usize| u32::from_be_bytes(answer.bytes[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[test]
fn every_form_becomes_every_form() {
    let app = app(json!({}));
    let key = app.key();
    for (name, source) in [("jpg", Output::Jpeg), ("png", Output::Png), ("gif", Output::Gif), ("webp", Output::Webp), ("avif", Output::Avif)] {
        put(&key, name, &format!("a.{name}"), &picture(source));
        let own = key.get(&format!("{FILES}/{name}/preview"));
        assert_eq!(own.is(200).header("content-type"), Some(source.mime()), "{name} stays what it is");
        for (output, mime, start) in [
            ("jpg", "image/jpeg", &b"\xff\xd8"[..]),
            ("jpeg", "image/jpeg", b"\xff\xd8"),
            ("png", "image/png", b"\x89PNG"),
            ("gif", "image/gif", b"GIF89a"),
            ("webp", "image/webp", b"RIFF"),
            ("heic", "image/jpeg", b"\xff\xd8"),
            ("avif", "image/avif", b"\0\0\0"),
        ] {
            let made = key.get(&format!("{FILES}/{name}/preview?width=32&output={output}"));
            assert_eq!(made.is(200).header("content-type"), Some(mime), "{name} as {output}");
            assert!(made.bytes.starts_with(start), "{name} as {output}");
        }
        assert_eq!(size(&key.get(&format!("{FILES}/{name}/preview?width=32&output=png"))), (32, 20), "{name}");
    }
    put(&key, "svg", "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'><rect width='9' height='9'/></svg>");
    assert_eq!(size(&key.get(&format!("{FILES}/svg/preview?width=60&output=png"))), (60, 40));
    assert_eq!(key.get(&format!("{FILES}/svg/preview")).is(200).header("content-type"), Some("image/jpeg"), "a form that is not written becomes JPEG");
}

#[test]
fn sizes_and_shapes() {
    let app = app(json!({}));
    let key = app.key();
    put(&key, "p", "a.png", &picture(Output::Png));
    for (query, want) in [
        ("", (320, 200)),
        ("width=100", (100, 62)),
        ("height=100", (160, 100)),
        ("width=50&height=80", (50, 80)),
        ("width=50&height=80&gravity=bottom-right", (50, 80)),
        ("gravity=top", (320, 200)),
        ("width=640", (640, 400)),
        ("borderWidth=2&borderColor=ff0000", (324, 204)),
        ("borderRadius=20&borderWidth=2&borderColor=f00", (320, 200)),
        ("rotation=90", (200, 320)),
        ("rotation=-90", (200, 320)),
        ("rotation=360", (320, 200)),
        ("width=300&height=100&borderRadius=50&opacity=0.5&output=png&rotation=45", (284, 284)),
        ("width=300&height=100&borderRadius=50&opacity=0.5&output=png&rotation=-315", (284, 284)),
        ("background=00ff00&rotation=45", (370, 370)),
        ("quality=0", (320, 200)),
    ] {
        assert_eq!(size(&key.get(&format!("{FILES}/p/preview?{query}"))), want, "{query}");
    }
    for (query, message) in [
        ("width=4001", "Invalid `width` param: Value must be a valid range between 0 and 4,000"),
        ("quality=101", "Invalid `quality` param: Value must be a valid range between -1 and 100"),
        ("background=zz", "Invalid `background` param: Value must be a valid Hex color code"),
        ("gravity=zz", "Invalid `gravity` param: Value must be one of (center, top-left, top, top-right, left, right, bottom-left, bottom, bottom-right)"),
        ("output=zzz", "Invalid `output` param: Value must be one of (jpg, jpeg, png, webp, heic, avif, gif)"),
    ] {
        key.get(&format!("{FILES}/p/preview?{query}")).fails_with(400, "general_argument_invalid", message);
    }
    key.get(&format!("{FILES}/none/preview")).fails(404, "storage_file_not_found");
}

#[test]
fn other_files_have_an_icon() {
    let app = app(json!({}));
    let key = app.key();
    put(&key, "text", "a.txt", b"hello world");
    assert_eq!(size(&key.get(&format!("{FILES}/text/preview"))), (1200, 800));
    assert_eq!(size(&key.get(&format!("{FILES}/text/preview?width=120"))), (120, 80));
    assert_eq!(key.get(&format!("{FILES}/text/preview?output=webp")).is(200).header("content-type"), Some("image/webp"));
    // A lie about the size costs nothing.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\x01\xf4\0\0\x01\xf4\0\x08\x02\0\0\0".to_vec();
    bomb.extend_from_slice(&[0; 64]);
    put(&key, "bomb", "a.png", &bomb);
    let answer = key.get(&format!("{FILES}/bomb/preview?width=60"));
    assert!(answer.status == 200 || answer.status == 400, "{}", answer.text());
    let mut cut = picture(Output::Png);
    cut.truncate(60);
    put(&key, "cut", "a.png", &cut);
    key.get(&format!("{FILES}/cut/preview")).fails(400, "storage_file_type_unsupported");
}

#[test]
fn who_may_see_them() {
    let app = app(json!({"fileSecurity": true}));
    let (key, guest) = (app.key(), app.guest());
    put(&key, "p", "a.png", &picture(Output::Png));
    let path = format!("{FILES}/p/preview?width=40");
    guest.get(&path).fails(404, "storage_file_not_found");
    assert_eq!(key.get(&path).is(200).header("x-appwrite-cache"), Some("miss"));
    guest.get(&path).fails(404, "storage_file_not_found");
    let secret = key.post("/tokens/buckets/bk/files/p", &json!({})).str("secret");
    let opened = guest.get(&format!("{path}&token={secret}"));
    assert_eq!((opened.is(200).header("x-appwrite-cache"), opened.header("cache-control")), (Some("hit"), Some("private, max-age=15552000")));
    key.put(&format!("{FILES}/p"), &json!({"permissions": ["read(\"any\")"]})).is(200);
    guest.get(&path).is(200);
    key.put("/storage/buckets/bk", &json!({"name": "x", "fileSecurity": true, "transformations": false})).is(200);
    guest.get(&path).fails(403, "storage_bucket_transformations_disabled");
    key.get(&path).is(200);
    key.put("/storage/buckets/bk", &json!({"name": "x"})).is(200);
    guest.get(&path).fails(401, "user_unauthorized");
    guest.get("/storage/buckets/none/files/p/preview").fails(404, "storage_bucket_not_found");
}

/// Files below a folder.
fn count(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|e| e.unwrap()).map(|e| if e.file_type().unwrap().is_dir() { count(&e.path()) } else { 1 }).sum()
}

#[test]
fn what_is_kept_goes_with_the_file() {
    let app = app(json!({"encryption": true, "compression": "zstd"}));
    let key = app.key();
    let kept = app.folder().join("previews");
    put(&key, "p", "a.png", &picture(Output::Png));
    let first = key.get(&format!("{FILES}/p/preview?width=40&quality=80"));
    assert_eq!((first.is(200).header("x-appwrite-cache"), first.header("cache-control")), (Some("miss"), Some("private, max-age=2592000")));
    let again = key.get(&format!("{FILES}/p/preview?quality=80&width=40"));
    assert_eq!((again.is(200).header("x-appwrite-cache"), &again.bytes), (Some("hit"), &first.bytes));
    key.get(&format!("{FILES}/p/preview?width=41")).is(200);
    assert_eq!(count(&kept), 2);
    key.delete(&format!("{FILES}/p")).is(204);
    assert_eq!(count(&kept), 0);
    key.get(&format!("{FILES}/p/preview?width=40&quality=80")).fails(404, "storage_file_not_found");
    // The same id again is another file.
    put(&key, "p", "a.png", &picture(Output::Jpeg));
    let other = key.get(&format!("{FILES}/p/preview?width=40&quality=80"));
    assert_eq!(other.is(200).header("x-appwrite-cache"), Some("miss"));
    assert_ne!(other.bytes, first.bytes);
}

#[test]
fn overload_is_told() {
    let app = TestApp::with(|s| {
        s.abuse = false;
        s.picture_threads = 1;
    });
    let key = app.key();
    key.post("/storage/buckets", &json!({"bucketId": "bk", "name": "x"})).is(201);
    put(&key, "p", "a.png", &picture(Output::Png));
    let place = app.app.pictures.enter();
    std::thread::scope(|s| {
        let waiting: Vec<_> = (10..18)
            .map(|width| {
                let key = app.key();
                s.spawn(move || key.get(&format!("{FILES}/p/preview?width={width}")).status)
            })
            .collect();
        while app.app.pictures.waiting() < 8 {
            std::thread::yield_now();
        }
        let refused = key.get("/avatars/flags/fr");
        refused.fails(503, "general_server_error");
        assert_eq!(refused.header("retry-after"), Some("1"));
        drop(place);
        assert!(waiting.into_iter().all(|w| w.join().unwrap() == 200));
    });
}
