//! Between actix and the kernel: bytes, headers and bodies in; status, headers and streams out. Every request runs on the bounded
//! pool; the workers of actix only move bytes.
mod body;
mod multipart;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use kernel::{App, Headers, RawReply, ReplyBody, Request};
use protocol::spec::Verb;
use tokio::sync::Semaphore;

use crate::metrics::Metrics;

/// What the adapter's handlers share.
pub(crate) struct State {
    pub(crate) app: Arc<App>,
    pub(crate) store: kv::Store,
    pub(crate) hub: Arc<realtime::Hub>,
    pub(crate) metrics: Metrics,
    pub(crate) metrics_on: bool,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) spool: std::path::PathBuf,
    pub(crate) runtime: tokio::runtime::Handle,
}

/// How long a request waits for a free slot before it is told to come again.
const SLOT_WAIT: Duration = Duration::from_secs(20);

/// Everything that is not the websocket or a page of the server's own.
pub(crate) async fn handle(http: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    let started = Instant::now();
    let reply = answer(&http, payload, &state).await;
    let response = respond(&http, reply, state.app.settings.compression_min);
    state.metrics.request(response.status().as_u16(), started.elapsed());
    response
}

async fn answer(http: &HttpRequest, payload: web::Payload, state: &web::Data<State>) -> RawReply {
    let (verb, head) = match *http.method() {
        Method::GET => (Verb::Get, false),
        Method::HEAD => (Verb::Get, true),
        Method::POST => (Verb::Post, false),
        Method::PUT => (Verb::Put, false),
        Method::PATCH => (Verb::Patch, false),
        Method::DELETE => (Verb::Delete, false),
        Method::OPTIONS => return App::preflight(http.headers().get(header::ORIGIN).and_then(|o| o.to_str().ok())),
        _ => return plain(405, "Method Not Allowed"),
    };
    let body = match body::read(http, payload, verb, state).await {
        Ok(b) => b,
        Err(reply) => return reply,
    };
    let request = Request {
        verb,
        head,
        path: http.uri().path().to_owned(),
        query: http.query_string().to_owned(),
        headers: headers(http),
        peer: http.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip()),
        https: is_https(http),
        hostname: hostname(http),
        body,
    };
    let Ok(Ok(permit)) = tokio::time::timeout(SLOT_WAIT, state.slots.clone().acquire_owned()).await else {
        return error(503, "The server is busy. Please try again.", "general_server_error");
    };
    let app = state.app.clone();
    let done = state.runtime.spawn_blocking(move || {
        let reply = app.handle(request);
        drop(permit);
        reply
    });
    done.await.unwrap_or_else(|e| {
        tracing::error!(error = %e, path = http.uri().path(), "a handler panicked");
        error(500, "Server Error", "general_server_error")
    })
}

/// Lower-case names; bytes outside of UTF-8 are replaced.
pub(crate) fn headers(http: &HttpRequest) -> Headers {
    Headers(http.headers().iter().map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect())
}

/// TLS here or, by `X-Forwarded-Proto`, at the proxy in front.
pub(crate) fn is_https(http: &HttpRequest) -> bool {
    let forwarded = http.headers().get("x-forwarded-proto").and_then(|v| v.to_str().ok());
    forwarded.map_or_else(|| http.app_config().secure(), |p| p.split(',').next().is_some_and(|p| p.trim().eq_ignore_ascii_case("https")))
}

/// `Host` without its port.
pub(crate) fn hostname(http: &HttpRequest) -> String {
    let host = http.headers().get(header::HOST).and_then(|h| h.to_str().ok()).or_else(|| http.uri().host()).unwrap_or("localhost");
    let name = if host.starts_with('[') { host.split_inclusive(']').next().unwrap_or(host) } else { host.split(':').next().unwrap_or(host) };
    name.to_lowercase()
}

pub(crate) fn plain(status: u16, text: &'static str) -> RawReply {
    RawReply { status, headers: vec![("content-type".into(), "text/plain; charset=UTF-8".into())], body: ReplyBody::Bytes(text.as_bytes().into()) }
}

/// An error in the shape of the API, for what never reaches the kernel.
pub(crate) fn error(status: u16, message: &str, kind: &str) -> RawReply {
    let body = serde_json::json!({"message": message, "code": status, "type": kind, "version": protocol::VERSION}).to_string();
    RawReply { status, headers: vec![("content-type".into(), "application/json; charset=UTF-8".into())], body: ReplyBody::Bytes(body.into()) }
}

fn respond(http: &HttpRequest, reply: RawReply, compress_from: Option<usize>) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut b = HttpResponse::build(status);
    for (name, value) in reply.headers {
        b.append_header((name, value));
    }
    b.insert_header((header::SERVER, "Ferrite"));
    match reply.body {
        // HEAD and 204 carry no body; the length of what GET would send is not known without making it.
        ReplyBody::Empty => b.finish(),
        ReplyBody::Bytes(bytes) => match compress_from.filter(|min| bytes.len() > *min && accepts_gzip(http)).and_then(|_| body::gzip(&bytes)) {
            Some(packed) => b.insert_header((header::CONTENT_ENCODING, "gzip")).insert_header((header::VARY, "Accept-Encoding")).body(packed),
            None => b.body(bytes),
        },
        ReplyBody::Stream(len, stream) => b.no_chunking(len).streaming(stream),
    }
}

fn accepts_gzip(http: &HttpRequest) -> bool {
    let accept = http.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    accept.split(',').any(|e| {
        let mut parts = e.split(';');
        parts.next().is_some_and(|n| n.trim().eq_ignore_ascii_case("gzip")) && !parts.any(|q| matches!(q.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}
