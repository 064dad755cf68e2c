//! JPEG.
use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Each, Frame, Picture, Wanted};
use crate::error::{PictureError, Result, damaged};
use crate::raster::Raster;

/// Passes over a progressive picture; one that has more was made to cost time.
const SCANS: usize = 64;

pub(super) fn decode(bytes: &[u8], wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    if bytes.windows(2).filter(|pair| *pair == b"\xff\xda").count() > SCANS {
        return Err(PictureError::TooLarge("too many passes"));
    }
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB).jpeg_set_max_scans(SCANS).set_max_width(1 << 16).set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or_else(|| damaged("no size"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    wanted.limits.read(width, height)?;
    let orientation = decoder.exif().and_then(|e| Orientation::from_exif_chunk(e)).unwrap_or(Orientation::NoTransforms);
    let raster = match reduced(bytes, (info.width, info.height), wanted) {
        Some(raster) => raster,
        None => Raster::new(width, height, false, decoder.decode().map_err(damaged)?)?,
    };
    Ok(Picture { frames: vec![Frame { raster: each(raster, (width, height))?, millis: 0 }], repeat: 0, orientation, quality: quality(bytes) })
}

/// The picture in a half, a quarter or an eighth of its size, if that is still at least twice the size it will be shown in: blocks are
/// then transformed to fewer pixels, which is several times faster than making and mixing all of them. `None` where that does not go.
fn reduced(bytes: &[u8], (width, height): (u16, u16), wanted: &Wanted<'_>) -> Option<Raster> {
    let shown = (f64::from(wanted.cover.0) / f64::from(width)).max(f64::from(wanted.cover.1) / f64::from(height));
    if shown <= 0.0 || shown > 0.25 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than the size of the picture")]
    let twice = |side: u16| (f64::from(side) * shown * 2.0).ceil() as u16;
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(wanted.limits.decoder_bytes).unwrap_or(usize::MAX));
    let (width, height) = decoder.scale(twice(width), twice(height)).ok()?;
    let pixels = decoder.decode().ok()?;
    let pixels = match decoder.info()?.pixel_format {
        jpeg_decoder::PixelFormat::RGB24 => pixels,
        jpeg_decoder::PixelFormat::L8 => pixels.into_iter().flat_map(|v| [v; 3]).collect(),
        _ => return None,
    };
    Raster::new(u32::from(width), u32::from(height), false, pixels).ok()
}

/// Sum of the standard's table of brightness at quality 50.
const STANDARD: u32 = 3_689;

/// The quality a picture was written with, judged by its table for brightness, if it is like the standard's.
fn quality(bytes: &[u8]) -> Option<u8> {
    let mut rest = bytes.get(2..)?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + length)?;
        match marker {
            0xdb if segment.first()? & 15 == 0 => return table(segment),
            0xda => return None,
            _ => rest = rest.get(2 + length..)?,
        }
    }
}

fn table(segment: &[u8]) -> Option<u8> {
    let sum: u32 = if segment.first()? >> 4 == 0 {
        segment.get(1..65)?.iter().map(|q| u32::from(*q)).sum()
    } else {
        segment.get(1..129)?.as_chunks::<2>().0.iter().map(|q| u32::from(u16::from_be_bytes(*q))).sum()
    };
    let percent = sum * 100 / STANDARD;
    let quality = if percent == 0 {
        100
    } else if percent <= 100 {
        100 - percent / 2
    } else {
        5_000 / percent
    };
    u8::try_from(quality.clamp(1, 100)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_is_found_again() {
        for asked in [10, 35, 50, 75, 90, 98] {
            let mut out = Vec::new();
            jpeg_encoder::Encoder::new(&mut out, asked).encode(&[7; 8 * 8 * 3], 8, 8, jpeg_encoder::ColorType::Rgb).unwrap();
            let found = quality(&out).unwrap();
            // Very coarse tables end at 255.
            assert!(found.abs_diff(asked) <= if asked < 20 { 5 } else { 1 }, "{asked} is read as {found}");
        }
        assert_eq!(quality(b"\xff\xd8\xff"), None);
        assert_eq!(quality(b"\xff\xd8\xff\xdb\x00\x00"), None);
    }
}
