//! PNG, BMP and TIFF.
use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::{DynamicImage, ImageDecoder};

use super::{Each, Kind, Picture, Wanted, unreadable};
use crate::error::{PictureError, Result};
use crate::limits::Limits;
use crate::raster::Raster;

pub(super) fn decode(bytes: &[u8], kind: Kind, wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let cursor = Cursor::new(bytes);
    match kind {
        Kind::Bmp => picture(BmpDecoder::new(cursor).map_err(unreadable)?, wanted, each),
        Kind::Tiff => picture(TiffDecoder::new(cursor).map_err(unreadable)?, wanted, each),
        _ => picture(PngDecoder::with_limits(cursor, wanted.limits.of_decoder()).map_err(unreadable)?, wanted, each),
    }
}

fn picture(mut decoder: impl ImageDecoder, wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let raster = read(decoder, wanted.limits)?;
    let size = (raster.width(), raster.height());
    Ok(Picture::still(each(raster, size)?, orientation))
}

/// All pixels of a still picture.
pub(super) fn read(mut decoder: impl ImageDecoder, limits: &Limits) -> Result<Raster> {
    let (width, height) = decoder.dimensions();
    limits.read(width, height)?;
    if decoder.total_bytes() > limits.decoder_bytes {
        return Err(PictureError::TooLarge("it takes too much memory"));
    }
    decoder.set_limits(limits.of_decoder()).map_err(unreadable)?;
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if image.color().has_alpha() {
        Raster::new(width, height, true, image.into_rgba8().into_raw())
    } else {
        Raster::new(width, height, false, image.into_rgb8().into_raw())
    }
}
