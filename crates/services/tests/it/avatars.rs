//! Avatars: what is drawn, and what is fetched from where.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::json;
use testkit::{Answer, TestApp};

#[track_caller]
fn png(answer: &Answer) -> (u32, u32) {
    answer.is(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert!(answer.bytes.starts_with(b"\x89PNG"));
    let side = |at: usize| u32::from_be_bytes(answer.bytes[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[test]
fn drawn_ones() {
    let app = TestApp::new();
    let guest = app.guest();
    for path in ["flags/us", "credit-cards/visa", "browsers/ch"] {
        let answer = guest.get(&format!("/avatars/{path}"));
        assert_eq!(png(&answer), (100, 100), "{path}");
        assert_eq!(answer.header("cache-control"), Some("private, max-age=2592000"));
        assert_eq!(png(&guest.get(&format!("/avatars/{path}?width=300&height=200&quality=30"))), (300, 200), "{path}");
        guest.get(&format!("/avatars/{path}?width=2001")).fails(400, "general_argument_invalid");
    }
    assert_eq!(png(&guest.get("/avatars/flags/fr?width=0&height=0")), (640, 480));
    guest.get("/avatars/flags/zz9").fails(400, "general_argument_invalid");
    guest.get("/avatars/browsers/unknown").fails(400, "general_argument_invalid");
    let message = "Invalid `code` param: Value must be one of (amex, argencard, cabal, cencosud, diners, discover, elo, hipercard, jcb, mastercard, naranja, targeta-shopping, unionpay, visa, mir, maestro, rupay)";
    guest.get("/avatars/credit-cards/unknown").fails_with(400, "general_argument_invalid", message);
}

#[test]
fn initials_and_codes() {
    let app = TestApp::new();
    let guest = app.guest();
    let plain = guest.get("/avatars/initials");
    assert_eq!(png(&plain), (500, 500));
    assert_eq!(plain.header("cache-control"), Some("private, max-age=3888000"));
    let named = guest.get("/avatars/initials?name=W+(Hello)+W&width=200&height=100&background=000000");
    assert_eq!(png(&named), (200, 100));
    assert_ne!(plain.bytes, guest.get("/avatars/initials?name=Ann+Bee").bytes);
    // Without a name those of whoever asks.
    let own = app.user("ada").get("/avatars/initials");
    assert_eq!(own.is(200).bytes, guest.get("/avatars/initials?name=ada").bytes);
    guest.get("/avatars/initials?width=5000").fails_with(
        400,
        "general_argument_invalid",
        "Invalid `width` param: Value must be a valid range between 0 and 2,000",
    );

    let code = guest.get("/avatars/qr?text=hello&size=200&margin=10&download=1");
    assert_eq!((png(&code), code.header("content-disposition")), ((200, 200), Some("attachment; filename=\"qr.png\"")));
    assert_eq!(png(&guest.get("/avatars/qr?text=hello")), (400, 400));
    assert_eq!(guest.get("/avatars/qr?text=hello").header("content-disposition"), None);
    guest.get("/avatars/qr").fails_with(400, "general_argument_invalid", "Param \"text\" is not optional.");
    for bad in ["size=1001", "margin=11", "download=2", "size=0"] {
        guest.get(&format!("/avatars/qr?text=hello&{bad}")).fails(400, "general_argument_invalid");
    }
}

/// A server that answers each path with what the test says, until the test ends; its address.
fn elsewhere(answers: Vec<(&'static str, &'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut piece = [0; 1_024];
            while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            let line = String::from_utf8_lossy(&request);
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let (head, body) = answers.iter().find(|a| a.0 == path).map_or(("404 Not Found", &b""[..]), |a| (a.1, &a.2));
            let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(body);
        }
    });
    format!("http://{address}")
}

fn flag() -> Vec<u8> {
    pictures::flag("jp", 64, 48, None, &pictures::Limits::default()).unwrap()
}

#[test]
fn pictures_from_elsewhere() {
    let app = TestApp::new();
    let guest = app.guest();
    let there = elsewhere(vec![
        ("/a.png", "200 OK", flag()),
        ("/text", "200 OK", b"hello".to_vec()),
        ("/moved", "302 Found\r\nLocation: /a.png", Vec::new()),
        ("/bomb.svg", "200 OK", format!("<svg xmlns='http://www.w3.org/2000/svg'>{}", "<g>".repeat(90_000)).into_bytes()),
    ]);
    let image = |path: &str| guest.get(&format!("/avatars/image?url={there}{path}&width=30&height=20"));
    assert_eq!(png(&image("/a.png")), (30, 20));
    image("/none.png").fails(404, "avatar_image_not_found");
    image("/text").fails(404, "avatar_image_not_found");
    image("/bomb.svg").fails(404, "avatar_image_not_found");
    image("/moved").fails(404, "avatar_image_not_found");
    guest.get("/avatars/image?url=invalid://example.com/a.png").fails(400, "general_argument_invalid");
    for private in ["http://10.0.0.1/a.png", "http://169.254.169.254/latest", "http://[::1]/a.png", "http://localhost/a.png", "http://0x7f000002/a.png"] {
        guest.get(&format!("/avatars/image?url={private}")).fails(404, "avatar_remote_url_failed");
        guest.get(&format!("/avatars/favicon?url={private}")).fails(404, "avatar_remote_url_failed");
    }
}

#[test]
fn icons_of_websites() {
    let app = TestApp::new();
    let guest = app.guest();
    let page = |links: &str| format!("<html><head>{links}</head></html>").into_bytes();
    let there = elsewhere(vec![
        ("/png", "200 OK", page("<link rel=icon href=/a.png sizes=64x48>")),
        ("/a.png", "200 OK", flag()),
        ("/svg", "200 OK", page("<link rel='icon' href='/a.svg'>")),
        (
            "/a.svg",
            "200 OK",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>alert(1)</script><rect width='9' height='9'/></svg>".to_vec(),
        ),
        ("/bad", "200 OK", page("<link rel='icon' href='/bad.svg'>")),
        ("/bad.svg", "200 OK", b"<svg".to_vec()),
        ("/inside", "200 OK", page("<link rel=icon href=http://169.254.169.254/a.png>")),
        ("/sent", "302 Found\r\nLocation: http://10.0.0.1/", Vec::new()),
        ("/plain", "200 OK", b"no page".to_vec()),
        ("/favicon.ico", "200 OK", b"\0\0\x01\0\x01\0rest of it".to_vec()),
    ]);
    let icon = |path: &str| guest.get(&format!("/avatars/favicon?url={there}{path}"));
    assert_eq!(png(&icon("/png")), (56, 56));
    let drawing = icon("/svg");
    assert_eq!(drawing.is(200).header("content-type"), Some("image/svg+xml"));
    assert!(drawing.text().contains("<path") && !drawing.text().contains("alert"), "{}", drawing.text());
    icon("/bad").fails(400, "avatar_svg_sanitization_failed");
    icon("/inside").fails(404, "avatar_remote_url_failed");
    icon("/sent").fails(404, "avatar_remote_url_failed");
    let own = icon("/plain");
    assert_eq!((own.is(200).header("content-type"), own.bytes.len()), (Some("image/x-icon"), 16));
    guest.get("/avatars/favicon?url=unknown-address").fails(400, "general_argument_invalid");
    guest.get("/avatars/screenshots?url=https://example.com").fails(501, "general_not_implemented");
    assert_eq!(guest.get("/avatars/favicon").is(400)["message"], json!("Param \"url\" is not optional."));
}
