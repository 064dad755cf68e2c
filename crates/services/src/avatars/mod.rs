//! Avatars: pictures that stand for people, places and things. Those of things are drawn by us; those from elsewhere are fetched only from the public internet.
mod drawn;
mod favicon;
mod initials;
mod remote;

use bytes::Bytes;
use kernel::{Cx, Endpoint, Error, RawReply, Reply, ReplyBody};
use pictures::PictureError;
use protocol::{ApiError, ErrorKind};

/// 45 days.
const LONG: &str = "private, max-age=3888000";
/// 30 days.
const MONTH: &str = "private, max-age=2592000";

/// A picture that may be kept by its reader.
fn picture(bytes: impl Into<Bytes>, mime: &str, kept: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), mime.to_owned()), ("cache-control".to_owned(), kept.to_owned())];
    Reply::Raw(RawReply { status: 200, headers, body: ReplyBody::Bytes(bytes.into()) })
}

/// A picture of the kind that the reference keeps in its cache.
fn cached(bytes: impl Into<Bytes>, mime: &str) -> Reply {
    match picture(bytes, mime, MONTH) {
        Reply::Raw(mut raw) => {
            for (name, value) in [("pragma", "no-cache"), ("expires", "0"), ("x-appwrite-cache", "miss")] {
                raw.headers.push((name.to_owned(), value.to_owned()));
            }
            Reply::Raw(raw)
        }
        other => other,
    }
}

/// What goes wrong with drawings of ours.
fn undrawable(e: &PictureError) -> Error {
    match e {
        PictureError::Unknown => ErrorKind::AvatarNotFound.into(),
        PictureError::TooLarge(why) => ApiError::argument(format!("The picture is too large: {why}")).into(),
        e => Error::internal(e),
    }
}

/// Name of the signed-in user, or their address.
fn name_of_caller(cx: &Cx<'_>) -> String {
    let user = cx.identity().map(|i| i.user.clone());
    user.map(|u| if u.str("name").is_empty() { u.str("email").to_owned() } else { u.str("name").to_owned() }).unwrap_or_default()
}

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[initials::ENDPOINTS, drawn::ENDPOINTS, remote::ENDPOINTS, favicon::ENDPOINTS];
