//! From bytes to pixels.
mod avif;
mod jpeg;
mod moving;
mod still;

use image::metadata::Orientation;

use crate::error::{PictureError, Result};
use crate::limits::Limits;
use crate::raster::Raster;
use crate::svg::Drawing;

/// Forms of pictures that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names of formats")]
pub enum Kind {
    Jpeg,
    Png,
    Gif,
    Webp,
    Avif,
    Bmp,
    Tiff,
    Svg,
}

/// The form of a picture, judged by its first bytes; neither name nor declared type are asked.
#[must_use]
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
    if at(0, b"\xff\xd8\xff") {
        Some(Kind::Jpeg)
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Png)
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Some(Kind::Gif)
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Some(Kind::Webp)
    } else if at(4, b"ftyp") && avif::is_brand(bytes) {
        Some(Kind::Avif)
    } else if at(0, b"BM") {
        Some(Kind::Bmp)
    } else if at(0, b"II*\0") || at(0, b"MM\0*") {
        Some(Kind::Tiff)
    } else if is_drawing(bytes) {
        Some(Kind::Svg)
    } else {
        None
    }
}

/// Whether a text begins like SVG; what stands before it may be a declaration, a document type and comments.
fn is_drawing(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(2_048)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<svg") || ((text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg"))
}

/// What was read.
pub(crate) struct Picture {
    /// At least one.
    pub(crate) frames: Vec<Frame>,
    /// How often a moving picture is shown; 0 is for ever.
    pub(crate) repeat: u32,
    /// How the camera was held.
    pub(crate) orientation: Orientation,
    /// Quality it was written with, as far as the form has one and it can be told.
    pub(crate) quality: Option<u8>,
}

/// A frame and how long it is shown.
pub(crate) struct Frame {
    pub(crate) raster: Raster,
    pub(crate) millis: u32,
}

impl Picture {
    fn still(raster: Raster, orientation: Orientation) -> Self {
        Self { frames: vec![Frame { raster, millis: 0 }], repeat: 0, orientation, quality: None }
    }
}

/// What is wanted of a picture.
pub(crate) struct Wanted<'a> {
    /// Bounds.
    pub(crate) limits: &'a Limits,
    /// All frames, or only the first.
    pub(crate) moving: bool,
    /// Size it will be shown in, 0 where that does not matter; drawings are drawn for it, others may be read coarser.
    pub(crate) cover: (u32, u32),
}

/// What is done with each frame as soon as it is read, so that no two of full size are kept; told the size the picture has, as it may have been read coarser.
pub(crate) type Each<'a> = &'a mut dyn FnMut(Raster, (u32, u32)) -> Result<Raster>;

/// Reads a picture.
pub(crate) fn decode(bytes: &[u8], kind: Kind, wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    match kind {
        Kind::Jpeg => jpeg::decode(bytes, wanted, each),
        Kind::Png | Kind::Bmp | Kind::Tiff => still::decode(bytes, kind, wanted, each),
        Kind::Gif => moving::gif(bytes, wanted, each),
        Kind::Webp => moving::webp(bytes, wanted, each),
        Kind::Avif => avif::decode(bytes, wanted, each),
        Kind::Svg => {
            let drawn = Drawing::read(bytes, wanted.limits)?.raster(wanted.cover, wanted.limits)?;
            let size = (drawn.width(), drawn.height());
            Ok(Picture::still(each(drawn, size)?, Orientation::NoTransforms))
        }
    }
}

/// An error of the library of decoders.
pub(crate) fn unreadable(e: image::ImageError) -> PictureError {
    match e {
        image::ImageError::Limits(_) => PictureError::TooLarge("it takes too much memory"),
        e => PictureError::Damaged(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide() {
        for (head, want) in [
            (&b"\xff\xd8\xff\xe0"[..], Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n...", Some(Kind::Png)),
            (b"GIF89a", Some(Kind::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Kind::Webp)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\0\0\0\x14ftypavif\0\0\0\0avif", Some(Kind::Avif)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Some(Kind::Avif)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", None),
            (b"\0\0\0\x1cftypisom", None),
            (b"BM", Some(Kind::Bmp)),
            (b"II*\0", Some(Kind::Tiff)),
            (b"<svg/>", Some(Kind::Svg)),
            (b"<?xml version='1.0'?>\n<!-- x --><svg/>", Some(Kind::Svg)),
            (b"<html><svg/>", None),
            (b"PK\x03\x04", None),
            (b"", None),
        ] {
            assert_eq!(kind(head), want, "{}", String::from_utf8_lossy(head));
        }
    }
}
