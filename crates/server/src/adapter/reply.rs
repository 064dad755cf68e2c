//! From the kernel's reply to what actix sends.
use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use kernel::{RawReply, ReplyBody};

/// Types worth compressing.
const TEXT: [&str; 6] = ["application/json", "text/", "application/javascript", "application/xml", "image/svg+xml", "application/openapi"];

/// A plain text.
pub(crate) fn plain(status: u16, text: &'static str) -> RawReply {
    RawReply { status, headers: vec![("content-type".into(), "text/plain; charset=UTF-8".into())], body: ReplyBody::Bytes(text.as_bytes().into()) }
}

/// An error in the shape of the API, for what never reaches the kernel.
pub(crate) fn error(status: u16, message: &str, kind: &str) -> RawReply {
    let body = serde_json::json!({"message": message, "code": status, "type": kind, "version": protocol::VERSION}).to_string();
    RawReply { status, headers: vec![("content-type".into(), "application/json; charset=UTF-8".into())], body: ReplyBody::Bytes(body.into()) }
}

pub(super) fn respond(http: &HttpRequest, reply: RawReply, compress_from: Option<usize>) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status);
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_maybe_shared(bytes::Bytes::from(value))) {
            (Ok(name), Ok(value)) => headers.append(name, value),
            _ => tracing::warn!(name, "a response header cannot be sent and is left out"),
        }
    }
    headers.insert(header::SERVER, HeaderValue::from_static("Ferrite"));
    match reply.body {
        ReplyBody::Empty => response,
        ReplyBody::Bytes(bytes) => {
            let packed = compress_from.filter(|min| bytes.len() >= *min && compressible(&response) && accepts_gzip(http)).and_then(|_| gzip(&bytes));
            match packed {
                Some(packed) => {
                    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
                    response.set_body(actix_web::body::BoxBody::new(packed))
                }
                None => response.set_body(actix_web::body::BoxBody::new(bytes)),
            }
        }
        // HEAD of a stream never reads it.
        ReplyBody::Stream(..) if *http.method() == Method::HEAD => response,
        ReplyBody::Stream(len, stream) => response.set_body(actix_web::body::BoxBody::new(SizedStream::new(len, stream))),
    }
}

fn compressible(response: &HttpResponse) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    !response.headers().contains_key(header::CONTENT_ENCODING) && response.status() != StatusCode::PARTIAL_CONTENT && TEXT.iter().any(|t| kind.starts_with(t))
}

fn accepts_gzip(http: &HttpRequest) -> bool {
    let accept = http.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    accept.split(',').any(|e| {
        let mut parts = e.split(';');
        let named = parts.next().is_some_and(|n| n.trim().eq_ignore_ascii_case("gzip"));
        named && !parts.any(|q| q.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0)))
    })
}

/// Gzip at a level that favours speed; `None` when it did not get shorter.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let mut enc = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), flate2::Compression::fast());
    enc.write_all(bytes).ok()?;
    enc.finish().ok().filter(|packed| packed.len() < bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn gzip_is_used_when_asked_for() {
        let asks = |v: &str| accepts_gzip(&TestRequest::default().insert_header(("accept-encoding", v)).to_http_request());
        assert!(asks("gzip") && asks("deflate, gzip;q=0.5") && asks("GZIP"));
        assert!(!asks("gzip;q=0") && !asks("gzip; q=0.0") && !asks("br") && !asks(""));
    }

    #[test]
    fn headers_beyond_ascii_pass_and_broken_ones_do_not() {
        let http = TestRequest::default().to_http_request();
        let reply = RawReply {
            status: 200,
            headers: vec![("content-disposition".into(), "inline; filename=\"ü.png\"".into()), ("x-bad".into(), "a\r\nb: c".into())],
            body: ReplyBody::Empty,
        };
        let response = respond(&http, reply, None);
        assert!(response.headers().contains_key("content-disposition"));
        assert!(!response.headers().contains_key("x-bad"));
    }
}
