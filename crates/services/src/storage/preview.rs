//! Previews of files.
use bytes::Bytes;
use database::Document;
use kernel::{Cx, Endpoint, Error, RawReply, Reply, ReplyBody, Result, endpoint};
use pictures::{Color, Gravity, Limits, Output, PictureError, Placeholder, Preview, Rendered};
use protocol::{Check, ErrorKind, params};
use storage::BlobRef;

use super::failure::failed;
use super::{content, place, usage};
use crate::support::{busy, pixels, quality};

params! {
    pub(crate) struct Ask {
        bucket_id: String = "bucketId", Check::Uid, required;
        file_id: String = "fileId", Check::Uid, required;
        width: i64 = "width", Check::Int { min: 0, max: 4000 }, or Int(0);
        height: i64 = "height", Check::Int { min: 0, max: 4000 }, or Int(0);
        gravity: String = "gravity", Check::Enum(&["center", "top-left", "top", "top-right", "left", "right", "bottom-left", "bottom", "bottom-right"]), or Str("center");
        quality: i64 = "quality", Check::Int { min: -1, max: 100 }, or Int(-1);
        border_width: i64 = "borderWidth", Check::Int { min: 0, max: 100 }, or Int(0);
        border_color: String = "borderColor", Check::HexColor, or Str("");
        border_radius: i64 = "borderRadius", Check::Int { min: 0, max: 4000 }, or Int(0);
        opacity: f64 = "opacity", Check::FloatRange { min: 0.0, max: 1.0 }, or Int(1);
        rotation: i64 = "rotation", Check::Int { min: -360, max: 360 }, or Int(0);
        background: String = "background", Check::HexColor, or Str("");
        output: String = "output", Check::Enum(&["jpg", "jpeg", "png", "webp", "heic", "avif", "gif"]), or Str("");
        token: String = "token", Check::Text { min: 1, max: 512 }, or Str("");
    }
}

endpoint! {
    /// Gets a preview of a file: a picture in another size, shape or form; of other files an icon.
    PREVIEW: Get "/v1/storage/buckets/:bucketId/files/:fileId/preview" => 200 "none" by preview(Ask);
    sdk ["storage.getFilePreview"] auth [Admin, Session, Key, Jwt] scope ["files.read"] groups [NotConsole]
}

/// Counts changes of what the same request makes: older previews are then made anew.
const VERSION: u8 = 1;
/// Ground of icons where none is asked for.
const ICON_GROUND: Color = Color { r: 0xec, g: 0xef, b: 0xf1 };

fn preview(cx: &mut Cx<'_>, p: Ask) -> Result<Reply> {
    let place = place::place(cx, &p.bucket_id)?;
    if place.bucket.value("transformations") == &serde_json::Value::Bool(false) && !cx.privileged() {
        return Err(ErrorKind::StorageBucketTransformationsDisabled.into());
    }
    let (file, blob) = content::found(cx, &p.bucket_id, &p.file_id, &p.token)?;
    let reply = made(cx, &file, &blob, &p)?;
    usage::note_preview(cx, &place, &file)?;
    Ok(reply)
}

/// The preview that was asked for, kept or made.
fn made(cx: &Cx<'_>, file: &Document, blob: &BlobRef, p: &Ask) -> Result<Reply> {
    let plan = Plan::new(cx, file, p);
    let name = plan.name();
    let kept = || cx.app.blobs.derived().and_then(|d| d.get(&blob.key, &name));
    if let Some(bytes) = kept() {
        return Ok(answer(bytes, plan.preview.output.mime(), true));
    }
    let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
    // Whoever was before us may have made the same.
    if let Some(bytes) = kept() {
        return Ok(answer(bytes, plan.preview.output.mime(), true));
    }
    let made = plan.make(cx, blob)?;
    let bytes = Bytes::from(made.bytes);
    if let Some(derived) = cx.app.blobs.derived() {
        derived.put(&blob.key, &name, &bytes);
    }
    Ok(answer(bytes, made.mime, false))
}

/// A picture, and how long it may be kept: 30 days, and longer the second time, as the reference tells.
fn answer(bytes: Bytes, mime: &str, hit: bool) -> Reply {
    let mut headers = vec![("content-type".to_owned(), mime.to_owned())];
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    if hit {
        add("cache-control", "private, max-age=15552000");
        add("x-appwrite-cache", "hit");
    } else {
        add("cache-control", "private, max-age=2592000");
        add("pragma", "no-cache");
        add("expires", "0");
        add("x-appwrite-cache", "miss");
    }
    Reply::Raw(RawReply { status: 200, headers, body: ReplyBody::Bytes(bytes) })
}

/// What is to be done.
struct Plan {
    /// The icon that is shown; a picture when there is none.
    icon: Option<Placeholder>,
    preview: Preview,
}

impl Plan {
    fn new(cx: &Cx<'_>, file: &Document, p: &Ask) -> Self {
        let icon = icon_of(cx, file);
        let mut preview = Preview {
            width: pixels(p.width),
            height: pixels(p.height),
            gravity: Gravity::from_name(&p.gravity).unwrap_or_default(),
            quality: quality(p.quality),
            border_width: pixels(p.border_width),
            border_color: Color::from_hex(&p.border_color).unwrap_or_default(),
            border_radius: pixels(p.border_radius),
            opacity: p.opacity,
            rotation: i32::try_from(p.rotation).unwrap_or(0),
            background: Color::from_hex(&p.background),
            output: output(file, &p.output, icon),
        };
        if icon.is_some() {
            preview.background = preview.background.or(Some(ICON_GROUND));
        }
        Self { icon, preview }
    }

    /// A name for the result: the same for requests that differ in nothing.
    fn name(&self) -> String {
        let mut digest = crypto::sha256_hex(format!("{VERSION} {:?} {:?}", self.icon, self.preview).as_bytes());
        digest.truncate(32);
        digest
    }

    fn make(&self, cx: &Cx<'_>, blob: &BlobRef) -> Result<Rendered> {
        let limits = Limits::default();
        if let Some(icon) = self.icon {
            return pictures::render_drawn(icon, &self.preview, &limits).map_err(|e| refused(&e));
        }
        let bytes = cx.block_on(cx.app.blobs.read_all(blob, cx.app.settings.preview_limit)).map_err(|e| failed(&e))?;
        let kind = pictures::kind(&bytes).ok_or_else(|| refused(&PictureError::Unknown))?;
        match pictures::render(&bytes, kind, &self.preview, &limits) {
            Err(PictureError::TooLarge(why)) => {
                tracing::info!(why, key = blob.key, "no preview is made of a picture");
                let preview = Preview { background: self.preview.background.or(Some(ICON_GROUND)), ..self.preview };
                pictures::render_drawn(Placeholder::Picture, &preview, &limits).map_err(|e| refused(&e))
            }
            done => done.map_err(|e| refused(&e)),
        }
    }
}

/// The icon for a file of which no preview is made.
fn icon_of(cx: &Cx<'_>, file: &Document) -> Option<Placeholder> {
    let mime = file.str("mimeType");
    let read = matches!(
        mime,
        "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif" | "image/bmp" | "image/x-ms-bmp" | "image/tiff" | "image/svg+xml"
    );
    if read {
        let fits = u64::try_from(file.int("sizeOriginal")).is_ok_and(|s| s <= cx.app.settings.preview_limit);
        return (!fits).then_some(Placeholder::Picture);
    }
    Some(match mime {
        // Formats whose decoders are not free.
        "image/heic" | "image/heif" | "image/heic-sequence" => Placeholder::Picture,
        "application/x-mpegURL" => Placeholder::Film,
        m if m.starts_with("video/") => Placeholder::Film,
        _ => Placeholder::File,
    })
}

/// The form asked for, else that of the file's name if it is one that is written, else JPEG; icons are PNG.
fn output(file: &Document, asked: &str, icon: Option<Placeholder>) -> Output {
    if let Some(output) = Output::from_name(asked) {
        return output;
    }
    if icon.is_some() {
        return Output::Png;
    }
    let extension = file.str("name").rsplit('/').next().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
    match extension.filter(|e| !e.is_empty()) {
        Some(extension) => Output::from_name(&extension).unwrap_or(Output::Jpeg),
        None => file.str("mimeType").strip_prefix("image/").and_then(Output::from_name).unwrap_or(Output::Jpeg),
    }
}

/// Why there is no preview.
fn refused(e: &PictureError) -> Error {
    match e {
        PictureError::Encode(cause) => Error::internal(cause),
        e => Error::with(ErrorKind::StorageFileTypeUnsupported, e.to_string()),
    }
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&PREVIEW];
