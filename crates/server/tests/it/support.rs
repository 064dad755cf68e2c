//! A server with endpoints of the tests' own, and a client that can misbehave.
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use kernel::{Cx, Registry, Reply, ReplyBody, Result, endpoint};
use protocol::{Check, params};
use serde_json::{Value, json};
use server::config::Config;
use server::{Patience, Server};

/// A server in a folder of its own.
pub(crate) struct Running {
    pub(crate) server: Option<Server>,
    pub(crate) addr: SocketAddr,
    pub(crate) folder: tempfile::TempDir,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::with(&[], quick())
    }

    /// With the tests' own endpoints.
    pub(crate) fn with(settings: &[(&str, &str)], patience: Patience) -> Self {
        Self::serving(settings, patience, registry())
    }

    /// With the whole API.
    pub(crate) fn full() -> Self {
        Self::serving(&[("_APP_OPTIONS_ABUSE", "disabled")], quick(), services::registry().unwrap())
    }

    fn serving(settings: &[(&str, &str)], patience: Patience, registry: Registry) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let fixed =
            [("_APP_OPENSSL_KEY_V1", "a secret of the tests"), ("FERRITE_DATA", data.as_str()), ("FERRITE_LISTEN", "127.0.0.1:0"), ("FERRITE_STORE", "memory")];
        let vars = fixed.iter().chain(settings).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let config = Config::from_vars(vars).unwrap();
        let server = Server::start_with(&config, registry, patience).unwrap();
        Self { addr: server.addr(), server: Some(server), folder }
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn stop(mut self) {
        self.server.take().unwrap().stop();
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let s = TcpStream::connect(self.addr).unwrap();
        s.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        s.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        s
    }

    /// One request on a connection of its own.
    pub(crate) fn send(&self, request: &str) -> Answer {
        let mut s = self.connect();
        s.write_all(request.as_bytes()).unwrap();
        read(&mut s).unwrap()
    }

    /// One call of the API.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

/// Short waits, so that tests of slow clients are quick.
pub(crate) fn quick() -> Patience {
    let ms = Duration::from_millis;
    Patience { head: ms(600), piece: ms(500), body: ms(1_500), reader: ms(1_000), keep_alive: Duration::from_secs(5), drain: Duration::from_secs(5) }
}

/// An answer as read from the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Reads one answer with a content length (or to the end of the connection); `None` when the connection ends before it.
pub(crate) fn read(s: &mut TcpStream) -> Option<Answer> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match s.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let mut lines = text.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    let length = headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse::<usize>().ok());
    let mut body = Vec::new();
    match length {
        _ if status == 204 || status == 304 || status == 101 => {}
        Some(n) => {
            body.resize(n, 0);
            s.read_exact(&mut body).ok()?;
        }
        None => {
            let _ = s.read_to_end(&mut body);
        }
    }
    Some(Answer { status, headers, body })
}

params! {
    struct Echo { text: String = "text", Check::Text { min: 0, max: 0 }, required; }
}
params! {
    struct Size { size: i64 = "size", Check::Int { min: 0, max: 1 << 40 }, required; }
}
params! {
    struct Upload { file: Value = "file", Check::Any, optional; name: Option<String> = "name", Check::Text { min: 0, max: 0 }, optional; }
}

endpoint! {
    /// Panics.
    PANIC: Get "/v1/test/panic" => 200 "any" by panic_now(());
    sdk ["test.panic"] auth [] scope []
}
endpoint! {
    /// Takes its time.
    SLOW: Get "/v1/test/slow" => 200 "any" by slow(Size);
    sdk ["test.slow"] auth [] scope []
}
endpoint! {
    /// Streams bytes.
    STREAM: Get "/v1/test/stream" => 200 "any" by stream(Size);
    sdk ["test.stream"] auth [] scope []
}
endpoint! {
    /// Answers what it got.
    ECHO: Post "/v1/test/echo" => 200 "any" by echo(Echo);
    sdk ["test.echo"] auth [] scope []
}
endpoint! {
    /// Answers what was uploaded.
    UPLOAD: Post "/v1/test/upload" => 200 "any" by upload(Upload);
    sdk ["test.upload"] auth [] scope []
}

fn registry() -> Registry {
    let mut r = Registry::default();
    r.add(&[&PANIC, &SLOW, &STREAM, &ECHO, &UPLOAD]).unwrap();
    r
}

fn json_reply(v: &Value) -> Result<Reply> {
    Ok(Reply::Bytes("application/json; charset=UTF-8", Bytes::from(v.to_string())))
}

fn panic_now(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    panic!("as the test wants it");
}

fn slow(_: &mut Cx<'_>, p: Size) -> Result<Reply> {
    std::thread::sleep(Duration::from_millis(p.size.unsigned_abs()));
    json_reply(&json!({"slept": p.size}))
}

fn stream(_: &mut Cx<'_>, p: Size) -> Result<Reply> {
    let len = p.size.unsigned_abs();
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    let pieces = futures_util::stream::unfold(len, move |left| {
        let next = (left > 0).then(|| {
            let n = left.min(piece.len() as u64);
            (Ok(piece.slice(..usize::try_from(n).unwrap())), left - n)
        });
        std::future::ready(next)
    });
    Ok(Reply::Raw(kernel::RawReply {
        status: 200,
        headers: vec![("content-type".into(), "application/octet-stream".into())],
        body: ReplyBody::Stream(len, pieces.boxed()),
    }))
}

fn echo(cx: &mut Cx<'_>, p: Echo) -> Result<Reply> {
    json_reply(&json!({"text": p.text, "https": cx.https(), "ip": cx.ip(), "host": cx.hostname()}))
}

fn upload(cx: &mut Cx<'_>, p: Upload) -> Result<Reply> {
    let files: Vec<Value> = cx
        .files
        .iter()
        .map(|f| {
            let (kept, spooled) = match &f.content {
                kernel::FileContent::Memory(kept) => (kept.pieces.iter().map(|p| p.len() as u64).sum(), false),
                kernel::FileContent::Spooled(path) => (std::fs::metadata(&path.0).map_or(0, |m| m.len()), true),
            };
            json!({"field": f.field, "filename": f.filename, "len": f.len, "kept": kept, "spooled": spooled})
        })
        .collect();
    let _ = p.file;
    json_reply(&json!({"name": p.name, "files": files}))
}
