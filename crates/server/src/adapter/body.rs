//! Reading request bodies: bounded, with an idle limit, before a pool thread is taken, so that slow senders hold no thread.
use std::time::Instant;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use kernel::{Body, Error, Multipart, RawReply, Result};
use protocol::ErrorKind;
use protocol::spec::Verb;

use super::{State, error, multipart};

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

/// The answer to a sender that is too slow.
pub(super) fn late() -> RawReply {
    let mut reply = error(408, "The request body did not arrive in time.", "general_argument_invalid");
    reply.headers.push(("connection".into(), "close".into()));
    reply
}

/// Reads the body; `Err` is the answer to a broken or too slow one.
pub(super) async fn read(http: &HttpRequest, mut payload: web::Payload, verb: Verb, state: &State) -> std::result::Result<Box<dyn Body>, RawReply> {
    // Some SDKs send a body with GET; it means nothing.
    if verb == Verb::Get {
        return Ok(Box::new(Ready::Bytes(Bytes::new())));
    }
    let kind = http.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        let form = multipart::read(http.headers(), payload, state).await?;
        return Ok(Box::new(Ready::Form(Some(form))));
    }
    let max = state.app.settings.body_limit;
    let announced = http.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    if announced > max {
        return Ok(Box::new(Ready::TooLong));
    }
    let mut out = BytesMut::with_capacity(announced.min(64 << 10));
    let end = Instant::now() + state.patience.body;
    loop {
        let patience = state.patience.piece.min(end.saturating_duration_since(Instant::now()));
        let next = tokio::time::timeout(patience, payload.next()).await.map_err(|_| late())?;
        match next {
            None => return Ok(Box::new(Ready::Bytes(out.freeze()))),
            Some(Ok(piece)) if out.len() + piece.len() <= max => out.extend_from_slice(&piece),
            Some(Ok(_)) => return Ok(Box::new(Ready::TooLong)),
            Some(Err(e)) => return Err(error(400, &format!("The request body is broken: {e}"), "general_argument_invalid")),
        }
    }
}
