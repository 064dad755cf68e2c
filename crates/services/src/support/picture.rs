//! What previews and avatars share.
use kernel::{RawReply, Reply, ReplyBody};
use serde_json::json;

/// A parameter that counts pixels.
pub(crate) fn pixels(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// A parameter of quality: −1 asks for none in particular.
pub(crate) fn quality(value: i64) -> Option<u8> {
    u8::try_from(value).ok()
}

/// Too many pictures are being worked on.
pub(crate) fn busy() -> Reply {
    let error = json!({"message": "The server is busy. Please try again.", "code": 503, "type": "general_server_error", "version": protocol::VERSION});
    let headers = [("content-type", "application/json; charset=UTF-8"), ("retry-after", "1"), ("cache-control", "no-cache, no-store, must-revalidate")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply::Raw(RawReply { status: 503, headers, body: ReplyBody::Bytes(error.to_string().into()) })
}
