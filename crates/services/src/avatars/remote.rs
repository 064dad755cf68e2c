//! Pictures from elsewhere, cut to a size.
use std::time::Duration;

use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use outbound::{Answer, Request};
use pictures::{Limits, Output, Preview};
use protocol::{Check, ErrorKind, params};

use super::cached;
use crate::support::{busy, pixels};

params! {
    pub(crate) struct Image {
        url: String = "url", Check::HttpUrl, required;
        width: i64 = "width", Check::Int { min: 0, max: 2000 }, or Int(400);
        height: i64 = "height", Check::Int { min: 0, max: 2000 }, or Int(400);
    }
}

endpoint! {
    /// Gets a picture of another server, cut to a size.
    IMAGE: Get "/v1/avatars/image" => 200 "none" by image(Image);
    sdk ["avatars.getImage"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}

/// Longest wait for another server.
const PATIENCE: Duration = Duration::from_secs(10);
/// How the server names itself.
const AGENT: &str = concat!("Ferrite/", env!("CARGO_PKG_VERSION"));
/// Quality of pictures from elsewhere.
pub(super) const QUALITY: u8 = 80;

fn image(cx: &mut Cx<'_>, p: Image) -> Result<Reply> {
    let max = usize::try_from(cx.app.settings.preview_limit).unwrap_or(usize::MAX);
    let answer = fetched(cx, &p.url, 0, max)?;
    if answer.status != 200 {
        return Err(ErrorKind::AvatarImageNotFound.into());
    }
    let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
    let preview = Preview::sized(pixels(p.width), pixels(p.height), Some(QUALITY), Output::Png);
    let made = pictures::kind(&answer.body).map(|kind| pictures::render(&answer.body, kind, &preview, &Limits::default()));
    // The reference calls this its own failure and answers 500; what lies elsewhere is none of it.
    let Some(Ok(made)) = made else { return Err(Error::with(ErrorKind::AvatarImageNotFound, "Unable to parse image")) };
    Ok(cached(made.bytes, made.mime))
}

/// What another server of the public internet answers.
pub(super) fn fetched(cx: &Cx<'_>, url: &str, redirects: u8, max_bytes: usize) -> Result<Answer> {
    let request = Request { redirects, max_bytes, timeout: PATIENCE, ..Request::get(url) }.header("user-agent", AGENT);
    cx.block_on(cx.app.outbound.send(request)).map_err(|e| {
        tracing::debug!(error = %e, "a picture could not be fetched");
        ErrorKind::AvatarRemoteUrlFailed.into()
    })
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&IMAGE];
