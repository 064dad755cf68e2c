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

/// So much of a body beyond its limit is read.
const MAX_IGNORED: usize = 32 << 20;

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
pub(super) async fn read(http: &HttpRequest, payload: web::Payload, verb: Verb, state: &State) -> std::result::Result<Box<dyn Body>, RawReply> {
    let text = |name: header::HeaderName| http.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    if !http.headers().contains_key(header::TRANSFER_ENCODING) && matches!(text(header::CONTENT_LENGTH), "" | "0") {
        return Ok(Box::new(Ready::Bytes(Bytes::new())));
    }
    let is_form = text(header::CONTENT_TYPE).trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    if is_form && verb != Verb::Get {
        let named = http.headers().contains_key("x-appwrite-project") || kernel::body::query_value(http.query_string(), "project").is_some();
        let form = multipart::read(http.headers(), payload, named, state).await?;
        return Ok(Box::new(Ready::Form(Some(form))));
    }
    let announced = text(header::CONTENT_LENGTH).parse::<usize>().unwrap_or(0);
    // Some SDKs send a body with GET; it means nothing, but has to be taken off the connection.
    let max = if verb == Verb::Get { 0 } else { state.app.settings.body_limit };
    Ok(Box::new(match whole(payload, announced, max, state).await? {
        None if verb == Verb::Get => Ready::Bytes(Bytes::new()),
        None => Ready::TooLong,
        Some(bytes) => Ready::Bytes(bytes),
    }))
}

/// A body of at most `max` bytes; `None` for a longer one, which is read on for a while without being kept, so that the client gets
/// its answer instead of a broken connection.
async fn whole(mut payload: web::Payload, announced: usize, max: usize, state: &State) -> std::result::Result<Option<Bytes>, RawReply> {
    let bound = max.saturating_add(MAX_IGNORED);
    if announced > bound {
        return Ok(None);
    }
    let mut out = BytesMut::with_capacity(announced.min(max).min(64 << 10));
    let mut len = 0_usize;
    let end = Instant::now() + state.patience.body;
    loop {
        let patience = state.patience.piece.min(end.saturating_duration_since(Instant::now()));
        let next = tokio::time::timeout(patience, payload.next()).await.map_err(|_| late())?;
        match next {
            None => return Ok((len <= max).then(|| out.freeze())),
            Some(Ok(piece)) => {
                len = len.saturating_add(piece.len());
                if len > bound {
                    return Ok(None);
                }
                if len <= max {
                    out.extend_from_slice(&piece);
                } else {
                    out = BytesMut::new();
                }
            }
            Some(Err(e)) => return Err(error(400, &format!("The request body is broken: {e}"), "general_argument_invalid")),
        }
    }
}
