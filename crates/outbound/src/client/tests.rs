use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn block<F: Future>(f: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(f)
}

/// Answers each connection with what `reply` makes of the request's text.
async fn server(reply: impl Fn(&str) -> String + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while !text.windows(4).any(|w| w == b"\r\n\r\n") {
                match socket.read(&mut buffer).await {
                    Ok(n) if n > 0 => text.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let _ = socket.write_all(reply(&String::from_utf8_lossy(&text)).as_bytes()).await;
        }
    });
    addr
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn local() -> Client {
    Client::new(Exceptions::parse("127.0.0.1").unwrap()).unwrap()
}

#[test]
fn nothing_private_is_reached() {
    let client = Client::new(Exceptions::none()).unwrap();
    block(async {
        let addr = server(|_| ok("secret")).await;
        let port = addr.port();
        for url in [
            format!("http://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("http://2130706433:{port}/"),
            format!("http://0x7f.1:{port}/"),
            format!("http://[::ffff:127.0.0.1]:{port}/"),
            format!("http://0.0.0.0:{port}/"),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "http://[fd00::1]/".to_owned(),
        ] {
            let e = client.send(Request::get(url.clone())).await.unwrap_err();
            assert!(matches!(e, FetchError::Private(_)), "{url}: {e}");
        }
        for url in ["file:///etc/passwd", "ftp://example.com/", "gopher://x/", "x", ""] {
            assert!(matches!(client.send(Request::get(url)).await, Err(FetchError::Url(_))), "{url}");
        }
    });
}

#[test]
fn redirects_are_judged_like_everything_else() {
    block(async {
        let addr = server(|text| {
            let to = if text.starts_with("GET /meta") { "http://169.254.169.254/" } else { "/loop" };
            format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        })
        .await;
        let get = |path: &str, redirects| Request { redirects, ..Request::get(format!("http://{addr}{path}")) };
        assert!(matches!(local().send(get("/meta", 3)).await, Err(FetchError::Private(_))));
        assert!(matches!(local().send(get("/loop", 3)).await, Err(FetchError::Redirects)));
        assert_eq!(local().send(get("/loop", 0)).await.unwrap().status, 302);
    });
}

#[test]
fn secrets_stay_with_the_server_they_are_for() {
    block(async {
        let other = server(|text| ok(if text.to_lowercase().contains("authorization") { "leaked" } else { "clean" })).await;
        let first = server(move |_| format!("HTTP/1.1 307 Temporary\r\nlocation: http://{other}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")).await;
        let request = Request { redirects: 2, ..Request::get(format!("http://{first}/")) }.header("authorization", "Bearer x");
        let answer = local().send(request).await.unwrap();
        assert_eq!((answer.status, &answer.body[..], answer.content_type.as_str()), (200, &b"clean"[..], "text/plain"));
        assert_eq!(answer.url, format!("http://{other}/"));
    });
}

#[test]
fn size_and_time_are_bounded() {
    block(async {
        let addr = server(|text| match text {
            t if t.starts_with("GET /told") => "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_owned(),
            t if t.starts_with("GET /endless") => format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(5_000)),
            _ => "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx".to_owned(),
        })
        .await;
        let get = |path: &str| Request { max_bytes: 1_000, timeout: Duration::from_millis(300), ..Request::get(format!("http://{addr}{path}")) };
        assert!(matches!(local().send(get("/told")).await, Err(FetchError::TooLarge)));
        assert!(matches!(local().send(get("/endless")).await, Err(FetchError::TooLarge)));
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        assert!(matches!(local().send(Request { timeout: Duration::from_millis(100), ..Request::get(url) }).await, Err(FetchError::Timeout)));
    });
}

#[test]
fn headers_cannot_be_broken_up() {
    block(async {
        let request = Request::get("http://127.0.0.1:1/").header("x-name", "a\r\nx-evil: 1");
        assert!(matches!(local().send(request).await, Err(FetchError::Header(_))));
    });
}
