//! Between actix and the kernel: bytes, headers and bodies in; status, headers and streams out. Every request runs on the bounded
//! pool; the workers of actix only move bytes.
mod body;
mod multipart;
mod reply;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{Method, Version, header};
use actix_web::{HttpRequest, HttpResponse, web};
use kernel::{App, Body, Headers, RawReply, Request};
use protocol::spec::Verb;

use crate::metrics::Metrics;
use crate::pool::{Failed, Pool};
use crate::websocket;

pub(crate) use multipart::ROOM;
pub(crate) use reply::{error, plain};

/// What the adapter's handlers share.
pub(crate) struct State {
    pub(crate) app: Arc<App>,
    pub(crate) store: kv::Store,
    pub(crate) store_folder: std::path::PathBuf,
    pub(crate) hub: Arc<realtime::Hub>,
    pub(crate) pool: Pool,
    pub(crate) metrics: Metrics,
    pub(crate) metrics_on: bool,
    pub(crate) spool: std::path::PathBuf,
    /// For parts of forms that stay in memory, in MiB.
    pub(crate) room: Arc<tokio::sync::Semaphore>,
    pub(crate) patience: crate::serve::Patience,
}

/// Every request of the server.
pub(crate) async fn handle(http: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    if http.path() == websocket::PATH && websocket::wanted(&http) {
        return websocket::upgrade(&http, payload, &state).await;
    }
    if state.metrics_on && http.path() == "/metrics" && *http.method() == Method::GET {
        return HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(state.metrics.render(&state));
    }
    let started = Instant::now();
    let answer = answer(&http, payload, &state).await;
    let response = reply::respond(&http, answer, state.app.settings.compression_min);
    let took = started.elapsed();
    state.metrics.request(response.status().as_u16(), took);
    tracing::debug!(method = %http.method(), path = http.path(), status = response.status().as_u16(), micros = took.as_micros(), "answered");
    response
}

async fn answer(http: &HttpRequest, payload: web::Payload, state: &State) -> RawReply {
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
    let request = request(http, verb, head, body);
    let app = state.app.clone();
    match state.pool.run(move || app.handle(request)).await {
        Ok(reply) => reply,
        Err(Failed::Busy) => {
            let mut reply = error(503, "The server is busy. Please try again.", "general_server_error");
            reply.headers.push(("retry-after".into(), "1".into()));
            reply
        }
        Err(Failed::Panicked) => {
            tracing::error!(method = %http.method(), path = http.path(), "a handler panicked");
            error(500, "Server Error", "general_server_error")
        }
    }
}

/// The kernel's view of a request.
pub(crate) fn request(http: &HttpRequest, verb: Verb, head: bool, body: Box<dyn Body>) -> Request {
    Request {
        verb,
        head,
        path: http.uri().path().to_owned(),
        query: http.query_string().to_owned(),
        headers: headers(http),
        peer: http.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip()),
        https: is_https(http),
        hostname: hostname(http),
        body,
        inner: None,
    }
}

/// Lower-case names; bytes outside of UTF-8 are replaced. HTTP/2 may send a cookie header in pieces (RFC 9113, 8.2.3), which are put
/// together again.
fn headers(http: &HttpRequest) -> Headers {
    let mut out: Vec<(String, String)> = Vec::with_capacity(http.headers().len());
    for (name, value) in http.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if http.version() == Version::HTTP_2
            && name == header::COOKIE
            && let Some((_, whole)) = out.iter_mut().find(|(n, _)| n == "cookie")
        {
            whole.push_str("; ");
            whole.push_str(&value);
            continue;
        }
        out.push((name.as_str().to_owned(), value));
    }
    Headers(out)
}

/// TLS here or, by `X-Forwarded-Proto`, at the proxy in front.
fn is_https(http: &HttpRequest) -> bool {
    let forwarded = http.headers().get("x-forwarded-proto").and_then(|v| v.to_str().ok());
    forwarded.map_or_else(|| http.app_config().secure(), |p| p.split(',').next().is_some_and(|p| p.trim().eq_ignore_ascii_case("https")))
}

/// `Host` without its port.
fn hostname(http: &HttpRequest) -> String {
    let host = http.headers().get(header::HOST).and_then(|h| h.to_str().ok()).or_else(|| http.uri().host()).unwrap_or("localhost");
    let name = if host.starts_with('[') { host.split_inclusive(']').next().unwrap_or(host) } else { host.split(':').next().unwrap_or(host) };
    name.to_lowercase()
}
