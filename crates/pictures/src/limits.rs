//! How much one picture may cost.
use crate::error::{PictureError, Result};

/// Bounds of one piece of work. Time follows from them: every step costs a bounded time per pixel.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most pixels of a picture that is read.
    pub pixels: u64,
    /// Most pixels of all frames of a moving picture together.
    pub moving_pixels: u64,
    /// Most frames of a moving picture.
    pub frames: usize,
    /// Most pixels of a picture that is made.
    pub made_pixels: u64,
    /// Most bytes a decoder may ask for at once.
    pub decoder_bytes: u64,
    /// Most bytes of a drawing (SVG), and most pixels it is drawn in.
    pub drawing_bytes: usize,
    /// Most pixels a drawing is drawn in.
    pub drawing_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixels: 50_000_000,
            moving_pixels: 150_000_000,
            frames: 1_000,
            made_pixels: 33_000_000,
            decoder_bytes: 420 << 20,
            drawing_bytes: 4 << 20,
            drawing_pixels: 4_000_000,
        }
    }
}

impl Limits {
    /// Refuses a picture of so many pixels before it is read.
    pub(crate) fn read(&self, width: u32, height: u32) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(PictureError::Damaged("it has no pixels".into()));
        }
        if u64::from(width) * u64::from(height) > self.pixels {
            return Err(PictureError::TooLarge("too many pixels"));
        }
        Ok(())
    }

    /// Refuses to make a picture of so many pixels.
    pub(crate) fn make(&self, width: u32, height: u32) -> Result<()> {
        if u64::from(width) * u64::from(height) > self.made_pixels {
            return Err(PictureError::TooLarge("too many pixels were asked for"));
        }
        Ok(())
    }

    /// The bounds in the words of the decoders' library.
    pub(crate) fn of_decoder(&self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_alloc = Some(self.decoder_bytes);
        limits
    }
}
