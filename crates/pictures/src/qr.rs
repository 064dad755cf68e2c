//! QR codes.
use fast_image_resize::FilterType;
use qrcode::{Color as Module, EcLevel, QrCode};

use crate::encode;
use crate::error::{PictureError, Result};
use crate::raster::{Cut, Raster};

/// Pixels of a module before the code is brought to its size.
const SCALE: usize = 15;

/// A PNG of a text as a QR code of `size` pixels a side, with a margin of so many modules.
///
/// # Errors
/// `TooLarge` when the text does not fit into a code.
pub fn qr(text: &str, size: u32, margin: u32) -> Result<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| PictureError::TooLarge("the text is too long"))?;
    let (width, margin) = (code.width(), margin as usize);
    let side = (width + 2 * margin) * SCALE;
    let colors = code.to_colors();
    let mut pixels = Vec::with_capacity(side * side * 3);
    for y in 0..side {
        for x in 0..side {
            let module = |v: usize| (v / SCALE).checked_sub(margin).filter(|m| *m < width);
            let dark = module(x).zip(module(y)).and_then(|(x, y)| colors.get(y * width + x)) == Some(&Module::Dark);
            pixels.extend_from_slice(&[if dark { 0 } else { 255 }; 3]);
        }
    }
    let side = u32::try_from(side).map_err(|_| PictureError::TooLarge("a code too large"))?;
    let whole = Cut { x: 0.0, y: 0.0, width: f64::from(side), height: f64::from(side) };
    encode::png(&Raster::new(side, side, false, pixels)?.resized(whole, size, size, FilterType::Lanczos3)?, Some(90))
}
