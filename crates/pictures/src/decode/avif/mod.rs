//! AVIF: the container, the frames of AV1 in it, and their colours.
mod av1;
mod container;

use super::{Each, Frame, Picture, Wanted};
use crate::error::{PictureError, Result};
use crate::raster::Raster;

/// Whether the file says that it is AVIF.
pub(super) fn is_brand(bytes: &[u8]) -> bool {
    container::brands(bytes).iter().any(|b| b == b"avif" || b == b"avis")
}

pub(super) fn decode(bytes: &[u8], wanted: &Wanted<'_>, each: Each<'_>) -> Result<Picture> {
    let image = container::read(bytes)?;
    // What the container says, before anything is decoded; the decoder is bounded by the same.
    wanted.limits.read(image.width, image.height)?;
    let planes = av1::decode(&image.color, wanted.limits)?;
    let (width, height) = (planes.width, planes.height);
    let mut pixels = planes.rgba();
    if let Some(alpha) = &image.alpha {
        let opacity = av1::decode(alpha, wanted.limits)?;
        if (opacity.width, opacity.height) != (width, height) {
            return Err(PictureError::Damaged("the transparency is of another size".into()));
        }
        for (pixel, a) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(opacity.brightness()) {
            pixel[3] = a;
        }
    }
    let raster = Raster::new(width, height, true, pixels)?;
    let raster = if image.alpha.is_none() { raster.without_alpha() } else { raster };
    let frames = vec![Frame { raster: each(raster, (width, height))?, millis: 0 }];
    Ok(Picture { frames, repeat: 0, orientation: image.orientation, quality: None })
}
