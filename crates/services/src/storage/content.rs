//! The bytes of files: to be kept, or to be shown.
use std::ops::Range;
use std::sync::Arc;

use database::Document;
use futures_util::{StreamExt as _, TryStreamExt as _};
use kernel::{Cx, Endpoint, Error, RawReply, Reply, ReplyBody, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use storage::BlobRef;

use super::conditions::{Validators, Verdict};
use super::failure::failed;
use super::place::{self, Place, run};
use super::range::{self, Asked, asked};
use super::{model, tokens};

/// Up to this size a file is read at once, which is cheaper than a stream.
const AT_ONCE: u64 = 256 * 1024;
/// Bytes of the answer to a range without an end, of a download.
const DOWNLOAD_PART: u64 = 10 << 20;

params! {
    pub(crate) struct Of {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        token: String = "token", Check::Text { min: 1, max: 512 }, or Str("");
    }
}

params! {
    pub(crate) struct Pushed {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        jwt: String = "jwt", Check::Text { min: 0, max: 2048 }, or Str("");
    }
}

endpoint! {
    /// Gets the content of a file, to be kept.
    DOWNLOAD: Get "/v1/storage/buckets/:bucketId/files/:fileId/download" => 200 "none" by download(Of);
    sdk ["storage.getFileDownload"] auth [Admin, Session, Key, Jwt] scope ["files.read"] groups [NotConsole]
}
endpoint! {
    /// Gets the content of a file, to be shown.
    VIEW: Get "/v1/storage/buckets/:bucketId/files/:fileId/view" => 200 "none" by show(Of);
    sdk ["storage.getFileView"] auth [Admin, Session, Key, Jwt] scope ["files.read"] groups [NotConsole]
}

endpoint! {
    /// Gets the content of a file that a signed link of the server names, for pictures of push messages and exports.
    PUSH: Get "/v1/storage/buckets/:bucketId/files/:fileId/push" => 200 "none" by push(Pushed);
    sdk [] auth [] scope []
}

fn download(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let (file, blob) = found(cx, &p.bucket_id, &p.file_id, &p.token)?;
    let kind = Some(file.str("mimeType")).filter(|m| !m.is_empty()).unwrap_or("application/octet-stream").to_owned();
    let headers = vec![
        ("content-type".to_owned(), kind),
        ("cache-control".to_owned(), KEPT.to_owned()),
        ("content-disposition".to_owned(), disposition("attachment", file.str("name"))),
    ];
    send(cx, &file, &blob, headers, DOWNLOAD_PART)
}

fn show(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let (file, blob) = found(cx, &p.bucket_id, &p.file_id, &p.token)?;
    let headers = vec![
        ("content-type".to_owned(), shown_as(file.str("mimeType")).to_owned()),
        ("content-security-policy".to_owned(), "script-src none;".to_owned()),
        ("content-disposition".to_owned(), disposition("inline", file.str("name"))),
        ("cache-control".to_owned(), KEPT.to_owned()),
    ];
    send(cx, &file, &blob, headers, range::LONGEST)
}

/// The link itself says what may be read: no session, no permissions.
fn push(cx: &mut Cx<'_>, p: Pushed) -> Result<Reply> {
    let claims = cx.app.keyring.verify_jwt(&p.jwt, cx.now().0 / 1_000).map_err(|_| Error::from(ErrorKind::UserUnauthorized))?;
    let says = |name: &str, value: &str| claims.get(name).and_then(serde_json::Value::as_str) == Some(value);
    if !(says("projectId", &cx.project.id) && says("bucketId", &p.bucket_id) && says("fileId", &p.file_id)) {
        return Err(ErrorKind::UserUnauthorized.into());
    }
    let file = place::place(cx, &p.bucket_id)?.file(cx, &p.file_id)?;
    let blob = model::blob(&file).ok_or_else(|| Error::from(ErrorKind::StorageFileNotFound))?;
    let how = if says("disposition", "attachment") { "attachment" } else { "inline" };
    let headers = vec![
        ("content-type".to_owned(), shown_as(file.str("mimeType")).to_owned()),
        ("content-security-policy".to_owned(), "script-src none;".to_owned()),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ("content-disposition".to_owned(), disposition(how, file.str("name"))),
        ("cache-control".to_owned(), KEPT.to_owned()),
    ];
    send(cx, &file, &blob, headers, range::LONGEST)
}

/// 45 days.
const KEPT: &str = "private, max-age=3888000";

/// A complete file the caller may read, or that a token opens for them.
pub(super) fn found(cx: &Cx<'_>, bucket_id: &str, file_id: &str, token: &str) -> Result<(Arc<Document>, BlobRef)> {
    let place = place::place(cx, bucket_id)?;
    let file = match tokens::grant(cx, token)? {
        None => place.readable(cx, file_id)?,
        Some(grant) => {
            let file = if grant.opens(&place.bucket) { place.find(cx, file_id)? } else { unopened(cx, &place, file_id)? };
            // A token that counts counts for its own file alone, also where the caller could read another without it.
            file.filter(|f| grant.is_of(f)).ok_or_else(|| Error::from(ErrorKind::UserUnauthorized))?
        }
    };
    let blob = model::blob(&file).ok_or_else(|| Error::from(ErrorKind::StorageFileNotFound))?;
    Ok((file, blob))
}

/// A file of a bucket that the caller's token is not of.
fn unopened(cx: &Cx<'_>, place: &Place, id: &str) -> Result<Option<Arc<Document>>> {
    match place.readable(cx, id) {
        Err(e) if e.kind() == ErrorKind::StorageFileNotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Keeps the content of a file as a condition of the client's wants it: all of it, the part that a `Range` header asks for, or that it has it.
fn send(cx: &Cx<'_>, file: &Document, blob: &BlobRef, mut headers: Vec<(String, String)>, limit: u64) -> Result<Reply> {
    let validators = Validators::of(file);
    headers.push(("etag".to_owned(), validators.etag.clone()));
    headers.push(("last-modified".to_owned(), validators.modified()));
    let bare = |status, mut headers: Vec<(String, String)>| {
        headers.retain(|(name, _)| matches!(name.as_str(), "etag" | "last-modified" | "cache-control"));
        Ok(Reply::Raw(RawReply { status, headers, body: ReplyBody::Empty }))
    };
    let partial = match validators.judge(cx.request_headers()) {
        Verdict::NotModified => return bare(304, headers),
        Verdict::Failed => return bare(412, headers),
        Verdict::Send => true,
        Verdict::SendWhole => false,
    };
    match cx.request_headers().get("range").filter(|_| partial) {
        None => whole(cx, blob, headers),
        Some(header) => part(cx, blob, headers, header, limit),
    }
}

fn whole(cx: &Cx<'_>, blob: &BlobRef, headers: Vec<(String, String)>) -> Result<Reply> {
    let body = if blob.size_original <= AT_ONCE {
        ReplyBody::Bytes(run(cx, true, cx.app.blobs.read_all(blob, AT_ONCE)).map_err(|e| failed(&e))?)
    } else {
        stream(cx, blob, 0..blob.size_original)?
    };
    Ok(Reply::Raw(RawReply { status: 200, headers, body }))
}

fn part(cx: &Cx<'_>, blob: &BlobRef, mut headers: Vec<(String, String)>, header: &str, limit: u64) -> Result<Reply> {
    let size = blob.size_original;
    let range = if cx.app.settings.rfc_ranges {
        match range::asked_by_rfc(header, size) {
            Asked::Whole => return whole(cx, blob, headers),
            Asked::Part(range) => Some(range),
            Asked::Nothing => None,
        }
    } else {
        asked(header, size, limit)
    };
    let range = range.ok_or_else(|| Error::from(ErrorKind::StorageInvalidRange))?;
    headers.push(("accept-ranges".to_owned(), "bytes".to_owned()));
    headers.push(("content-range".to_owned(), format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    Ok(Reply::Raw(RawReply { status: 206, headers, body: stream(cx, blob, range)? }))
}

fn stream(cx: &Cx<'_>, blob: &BlobRef, range: Range<u64>) -> Result<ReplyBody> {
    let len = range.end - range.start;
    let bytes = cx.block_on(cx.app.blobs.read(blob, Some(range))).map_err(|e| failed(&e))?;
    let key = blob.key.clone();
    let bytes = bytes.map_err(move |e| {
        tracing::error!(error = %e, key, "a download was broken off");
        std::io::Error::other(e)
    });
    Ok(ReplyBody::Stream(len, bytes.boxed()))
}

/// A `Content-Disposition` with a file's name: quoted as far as a header can hold it, in full in the form of RFC 8187 where that differs.
fn disposition(how: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| {
            if c == '"' || c == '\\' {
                '_'
            } else if c.is_ascii() {
                c
            } else {
                '?'
            }
        })
        .collect();
    let mut out = format!("{how}; filename=\"{plain}\"");
    if plain != name {
        out.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// The type a browser is told: pictures, sound, films and documents as what they are, all else as text, so that no script runs in the API's name.
fn shown_as(mime: &str) -> &str {
    if SHOWN.contains(&mime) { mime } else { "text/plain" }
}

/// Types that are shown as what they are.
const SHOWN: &[&str] = &[
    "application/msword",
    "application/pdf",
    "application/vnd.ms-access",
    "application/vnd.ms-excel",
    "application/vnd.ms-excel.addin.macroEnabled.12",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel.template.macroEnabled.12",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-powerpoint.addin.macroEnabled.12",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    "application/vnd.ms-powerpoint.template.macroEnabled.12",
    "application/vnd.ms-word.document.macroEnabled.12",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    "application/vnd.openxmlformats-officedocument.presentationml.template",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    "application/x-mpegURL",
    "audio/aac",
    "audio/basic",
    "audio/L24",
    "audio/mid",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/vnd.rn-realaudio",
    "audio/vnd.wav",
    "audio/vorbis",
    "audio/x-aiff",
    "audio/x-hx-aac-adts",
    "audio/x-mpegurl",
    "audio/x-wav",
    "image/avif",
    "image/gif",
    "image/heic",
    "image/heic-sequence",
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/3gpp",
    "video/MP2T",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-flv",
    "video/x-ms-wmv",
    "video/x-msvideo",
];

pub(super) const ENDPOINTS: &[&Endpoint] = &[&DOWNLOAD, &VIEW, &PUSH];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_quotes() {
        assert_eq!(disposition("inline", "hello.txt"), "inline; filename=\"hello.txt\"");
        assert_eq!(disposition("inline", "a\"\r\nX: y.txt"), "inline; filename=\"a_X: y.txt\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.txt");
        assert_eq!(disposition("attachment", "wörld.txt"), "attachment; filename=\"w?rld.txt\"; filename*=UTF-8''w%C3%B6rld.txt");
    }

    #[test]
    fn pages_are_not_shown_as_pages() {
        assert_eq!((shown_as("image/png"), shown_as("text/html"), shown_as("image/svg+xml")), ("image/png", "text/plain", "text/plain"));
        assert!(SHOWN.iter().all(|m| !m.contains("html") && !m.contains("svg") && !m.contains("script")));
    }
}
