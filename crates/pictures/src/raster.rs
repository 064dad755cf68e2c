//! Pixels in memory.
use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::color::Color;
use crate::error::{PictureError, Result};

/// Pixels, row by row, red first; three bytes each, or four with transparency (not multiplied into the colours).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raster {
    width: u32,
    height: u32,
    alpha: bool,
    pixels: Vec<u8>,
}

/// A stretch of a picture, in pixels and parts of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Raster {
    /// Takes pixels that must be as many as the size says.
    pub(crate) fn new(width: u32, height: u32, alpha: bool, pixels: Vec<u8>) -> Result<Self> {
        let want = width as usize * height as usize * if alpha { 4 } else { 3 };
        if width == 0 || height == 0 || pixels.len() != want {
            return Err(PictureError::Damaged("pixels are missing".into()));
        }
        Ok(Self { width, height, alpha, pixels })
    }

    /// One colour throughout.
    pub(crate) fn filled(width: u32, height: u32, pixel: [u8; 4]) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self { width, height, alpha: true, pixels: pixel.repeat(width as usize * height as usize) }
    }

    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    pub(crate) fn has_alpha(&self) -> bool {
        self.alpha
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.pixels
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.pixels
    }

    /// With four bytes for each pixel.
    pub(crate) fn with_alpha(self) -> Self {
        if self.alpha {
            return self;
        }
        let mut pixels = Vec::with_capacity(self.pixels.len() / 3 * 4);
        for p in self.pixels.as_chunks::<3>().0 {
            pixels.extend_from_slice(&[p[0], p[1], p[2], 255]);
        }
        Self { alpha: true, pixels, ..self }
    }

    /// With three bytes for each pixel; transparency is dropped, not mixed.
    pub(crate) fn without_alpha(self) -> Self {
        if !self.alpha {
            return self;
        }
        let mut pixels = Vec::with_capacity(self.pixels.len() / 4 * 3);
        for p in self.pixels.as_chunks::<4>().0 {
            pixels.extend_from_slice(&[p[0], p[1], p[2]]);
        }
        Self { alpha: false, pixels, ..self }
    }

    /// Three bytes for each pixel if none of them is transparent.
    pub(crate) fn compact(self) -> Self {
        let opaque = self.alpha && self.pixels.as_chunks::<4>().0.iter().all(|p| p[3] == 255);
        if opaque { self.without_alpha() } else { self }
    }

    /// The pixels as four bytes each; none without transparency.
    pub(crate) fn pixels_mut(&mut self) -> &mut [[u8; 4]] {
        if self.alpha { self.pixels.as_chunks_mut::<4>().0 } else { &mut [] }
    }

    /// A pixel of a picture with transparency; nothing outside of it.
    pub(crate) fn at(&self, x: i64, y: i64) -> [u8; 4] {
        let inside = x >= 0 && y >= 0 && x < i64::from(self.width) && y < i64::from(self.height);
        let index = usize::try_from(y * i64::from(self.width) + x).unwrap_or(0);
        if inside { self.pixels.as_chunks::<4>().0.get(index).copied().unwrap_or_default() } else { [0; 4] }
    }

    /// A stretch of the picture in another size.
    pub(crate) fn resized(&self, cut: Cut, width: u32, height: u32, filter: FilterType) -> Result<Self> {
        let kind = if self.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
        // The library wants the source writable, so it is told of a view of it.
        let source = fast_image_resize::images::ImageRef::new(self.width, self.height, &self.pixels, kind).map_err(crate::error::damaged)?;
        let mut target = Image::new(width.max(1), height.max(1), kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(cut.x, cut.y, cut.width, cut.height);
        Resizer::new().resize(&source, &mut target, &options).map_err(crate::error::damaged)?;
        Self::new(width.max(1), height.max(1), self.alpha, target.into_vec())
    }

    /// Lays the picture over a colour.
    pub(crate) fn over_color(self, color: Color) -> Self {
        let mut out = self;
        for p in out.pixels_mut() {
            let a = u32::from(p[3]);
            for (c, under) in p.iter_mut().zip([color.r, color.g, color.b]) {
                *c = u8::try_from((u32::from(*c) * a + u32::from(under) * (255 - a) + 127) / 255).unwrap_or(255);
            }
            p[3] = 255;
        }
        out
    }
}

/// Lays one pixel over another.
pub(crate) fn over(top: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    let (ta, ua) = (u32::from(top[3]), u32::from(under[3]));
    let rest = ua * (255 - ta);
    let alpha = ta * 255 + rest;
    if alpha == 0 {
        return [0; 4];
    }
    let mix = |t: u8, u: u8| u8::try_from((u32::from(t) * ta * 255 + u32::from(u) * rest + alpha / 2) / alpha).unwrap_or(255);
    [mix(top[0], under[0]), mix(top[1], under[1]), mix(top[2], under[2]), u8::try_from((alpha + 127) / 255).unwrap_or(255)]
}
