//! Reading request bodies: bounded, with an idle limit, before a pool thread is taken, so that slow senders hold no thread.
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use kernel::{Body, Error, Multipart, RawReply, Result};
use protocol::ErrorKind;
use protocol::spec::Verb;

use super::{State, error, multipart};

/// Longest pause between two pieces of a body.
pub(super) const IDLE: Duration = Duration::from_secs(30);

/// A body that was read before the request reached the kernel.
enum Ready {
    Bytes(Bytes),
    TooLong,
    Form(Option<Multipart>),
}

impl Body for Ready {
    fn bytes(&mut self, max: usize) -> Result<Bytes> {
        match self {
            Self::Bytes(b) if b.len() <= max => Ok(b.clone()),
            Self::Bytes(_) | Self::TooLong => Err(Error::with(ErrorKind::GeneralArgumentInvalid, "The request body is too large.")),
            Self::Form(_) => Ok(Bytes::new()),
        }
    }

    fn multipart(&mut self, _max_fields: usize, _max_file: u64) -> Result<Multipart> {
        match self {
            Self::Form(form) => Ok(form.take().unwrap_or_default()),
            _ => Ok(Multipart::default()),
        }
    }
}

/// Reads the body; `Err` is the answer to a broken or too slow one.
pub(super) async fn read(http: &HttpRequest, mut payload: web::Payload, verb: Verb, state: &State) -> std::result::Result<Box<dyn Body>, RawReply> {
    // Some SDKs send a body with GET; it means nothing.
    if verb == Verb::Get {
        return Ok(Box::new(Ready::Bytes(Bytes::new())));
    }
    let kind = http.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        let form = multipart::read(http.headers(), payload, &state.spool, state.app.settings.storage_limit).await?;
        return Ok(Box::new(Ready::Form(Some(form))));
    }
    let max = state.app.settings.body_limit;
    let announced = http.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    if announced > max {
        return Ok(Box::new(Ready::TooLong));
    }
    let mut out = BytesMut::with_capacity(announced.min(64 << 10));
    loop {
        let next = tokio::time::timeout(IDLE, payload.next()).await.map_err(|_| error(408, "The request body did not arrive in time.", "general_argument_invalid"))?;
        match next {
            None => return Ok(Box::new(Ready::Bytes(out.freeze()))),
            Some(Ok(piece)) if out.len() + piece.len() <= max => out.extend_from_slice(&piece),
            Some(Ok(_)) => return Ok(Box::new(Ready::TooLong)),
            Some(Err(e)) => return Err(error(400, &format!("The request body is broken: {e}"), "general_argument_invalid")),
        }
    }
}

/// Gzip at a level that favours speed; `None` when it did not get shorter.
pub(super) fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let mut enc = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), flate2::Compression::fast());
    enc.write_all(bytes).ok()?;
    enc.finish().ok().filter(|packed| packed.len() < bytes.len())
}
