//! GIF and WebP, which may move.
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::{LoopCount, Orientation};
use image::{AnimationDecoder, ImageDecoder};

use super::{Each, Frame, Picture, Wanted, still, unreadable};
use crate::error::{PictureError, Result};
use crate::raster::Raster;

pub(super) fn gif(bytes: &[u8], wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    wanted.limits.read(width, height)?;
    decoder.set_limits(wanted.limits.of_decoder()).map_err(unreadable)?;
    frames(decoder, wanted, each)
}

pub(super) fn webp(bytes: &[u8], wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    wanted.limits.read(width, height)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if decoder.has_animation() {
        return Ok(Picture { orientation, ..frames(decoder, wanted, each)? });
    }
    let raster = still::read(decoder, wanted.limits)?;
    Ok(Picture::still(each(raster, (width, height))?, orientation))
}

/// The frames, each as the whole picture looks while it is shown.
fn frames<'a>(decoder: impl AnimationDecoder<'a>, wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let repeat = match decoder.loop_count() {
        LoopCount::Infinite => 0,
        LoopCount::Finite(times) => times.get(),
    };
    let (mut out, mut read, mut made) = (Vec::new(), 0_u64, 0_u64);
    for frame in decoder.into_frames() {
        // A moving picture that is cut off moves as long as it can.
        let frame = match frame {
            Ok(frame) => frame,
            Err(e) if out.is_empty() => return Err(unreadable(e)),
            Err(_) => break,
        };
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let pixels = frame.into_buffer();
        let (width, height) = pixels.dimensions();
        let raster = each(Raster::new(width, height, true, pixels.into_raw())?, (width, height))?;
        read += u64::from(width) * u64::from(height);
        made += u64::from(raster.width()) * u64::from(raster.height());
        let all = read > wanted.limits.moving_pixels || made > wanted.limits.moving_pixels / 2 || out.len() >= wanted.limits.frames;
        if wanted.moving && all {
            return Err(PictureError::TooLarge("too many frames"));
        }
        out.push(Frame { raster, millis: numerator / denominator.max(1) });
        if !wanted.moving {
            break;
        }
    }
    if out.is_empty() {
        return Err(PictureError::Damaged("it has no frame".into()));
    }
    Ok(Picture { frames: out, repeat, orientation: Orientation::NoTransforms, quality: None })
}
