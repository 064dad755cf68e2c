//! From pixels to bytes.
use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Delay, ExtendedColorType, ImageEncoder, RgbaImage};
use ravif::{Img, RGB8, RGBA8};
use webp::{AnimEncoder, AnimFrame, WebPConfig};

use crate::decode::{Frame, Picture};
use crate::error::{PictureError, Result, damaged, unwritable};
use crate::raster::Raster;

/// Forms of pictures that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names of formats")]
pub enum Output {
    Jpeg,
    Png,
    Gif,
    Webp,
    Avif,
}

impl Output {
    /// By its name in the protocol. There is no free encoder for HEIC: who asks for it gets JPEG, and is told so by the type.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "jpg" | "jpeg" | "heic" => Self::Jpeg,
            "png" => Self::Png,
            "gif" => Self::Gif,
            "webp" => Self::Webp,
            "avif" => Self::Avif,
            _ => return None,
        })
    }

    /// Media type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// Whether the form can move.
    pub(crate) fn moves(self) -> bool {
        matches!(self, Self::Gif | Self::Webp)
    }
}

/// Qualities where none is asked for and none is known of the source, those of the reference.
const JPEG_QUALITY: u8 = 92;
const WEBP_QUALITY: u8 = 75;
const AVIF_QUALITY: u8 = 50;
/// Longest side of a JPEG, a GIF and a WebP.
const JPEG_SIDE: u32 = 65_500;
const GIF_SIDE: u32 = 65_535;
const WEBP_SIDE: u32 = 16_383;
/// Effort of the search for the colours of a GIF, 1 the most.
const GIF_SPEED: i32 = 10;

/// Writes a picture; `quality` is 0 to 100.
pub(crate) fn encode(picture: Picture, output: Output, quality: Option<u8>) -> Result<Vec<u8>> {
    let quality = quality.map(|q| q.min(100));
    let (frames, repeat) = (picture.frames, picture.repeat);
    if output.moves() && frames.len() > 1 {
        return if output == Output::Gif { gif(frames, repeat) } else { moving_webp(frames, repeat, quality.unwrap_or(WEBP_QUALITY)) };
    }
    let raster = frames.into_iter().next().ok_or_else(|| damaged("no frame"))?.raster;
    match output {
        Output::Jpeg => jpeg(raster, quality.unwrap_or(JPEG_QUALITY)),
        Output::Png => png(&raster.compact(), quality),
        Output::Gif => gif(vec![Frame { raster, millis: 0 }], repeat),
        Output::Webp => webp(&raster.compact(), quality.unwrap_or(WEBP_QUALITY)),
        Output::Avif => avif(raster.compact(), quality.unwrap_or(AVIF_QUALITY)),
    }
}

fn fits(raster: &Raster, side: u32) -> Result<()> {
    if raster.width().max(raster.height()) > side { Err(PictureError::TooLarge("too long a side for this form")) } else { Ok(()) }
}

fn jpeg(raster: Raster, quality: u8) -> Result<Vec<u8>> {
    fits(&raster, JPEG_SIDE)?;
    let raster = raster.without_alpha();
    let side = |v: u32| u16::try_from(v).map_err(unwritable);
    let mut out = Vec::with_capacity(raster.bytes().len() / 8);
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality.max(1));
    // As libjpeg's callers do: colours at half the resolution unless the best is asked for.
    encoder.set_sampling_factor(if quality < 90 { jpeg_encoder::SamplingFactor::F_2_2 } else { jpeg_encoder::SamplingFactor::F_1_1 });
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(raster.bytes(), side(raster.width())?, side(raster.height())?, jpeg_encoder::ColorType::Rgb).map_err(unwritable)?;
    Ok(out)
}

/// PNG loses nothing: quality decides how hard it is packed, 0 the hardest, as the reference means it.
pub(crate) fn png(raster: &Raster, quality: Option<u8>) -> Result<Vec<u8>> {
    let effort = match quality {
        None => CompressionType::Default,
        Some(0..=33) => CompressionType::Best,
        Some(34..=89) => CompressionType::Default,
        Some(_) => CompressionType::Fast,
    };
    let mut out = Vec::new();
    let color = if raster.has_alpha() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
    PngEncoder::new_with_quality(&mut out, effort, FilterType::Adaptive)
        .write_image(raster.bytes(), raster.width(), raster.height(), color)
        .map_err(unwritable)?;
    Ok(out)
}

fn webp(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    fits(raster, WEBP_SIDE)?;
    let (width, height) = (raster.width(), raster.height());
    let encoder =
        if raster.has_alpha() { webp::Encoder::from_rgba(raster.bytes(), width, height) } else { webp::Encoder::from_rgb(raster.bytes(), width, height) };
    Ok(encoder.encode_simple(false, f32::from(quality)).map_err(unwritable)?.to_vec())
}

fn moving_webp(frames: Vec<Frame>, repeat: u32, quality: u8) -> Result<Vec<u8>> {
    let frames: Vec<Frame> = frames.into_iter().map(|f| Frame { raster: f.raster.with_alpha(), millis: f.millis }).collect();
    let Some(first) = frames.first() else { return Err(damaged("no frame")) };
    fits(&first.raster, WEBP_SIDE)?;
    let mut config = WebPConfig::new().map_err(unwritable)?;
    config.quality = f32::from(quality);
    // The fastest that still packs well: a moving picture is many pictures.
    config.method = 2;
    let mut encoder = AnimEncoder::new(first.raster.width(), first.raster.height(), &config);
    encoder.set_loop_count(i32::try_from(repeat).unwrap_or(0));
    let mut shown_at = 0_i32;
    for frame in &frames {
        encoder.add_frame(AnimFrame::from_rgba(frame.raster.bytes(), frame.raster.width(), frame.raster.height(), shown_at));
        shown_at = shown_at.saturating_add(i32::try_from(frame.millis).unwrap_or(i32::MAX));
    }
    Ok(encoder.try_encode().map_err(unwritable)?.to_vec())
}

fn gif(frames: Vec<Frame>, repeat: u32) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, GIF_SPEED);
    if frames.len() > 1 {
        encoder.set_repeat(u16::try_from(repeat).ok().filter(|r| *r > 0).map_or(Repeat::Infinite, Repeat::Finite)).map_err(unwritable)?;
    }
    for Frame { raster, millis } in frames {
        fits(&raster, GIF_SIDE)?;
        let raster = raster.with_alpha();
        let (width, height) = (raster.width(), raster.height());
        let pixels = RgbaImage::from_raw(width, height, raster.into_bytes()).ok_or_else(|| damaged("pixels are missing"))?;
        encoder.encode_frame(image::Frame::from_parts(pixels, 0, 0, Delay::from_numer_denom_ms(millis, 1))).map_err(unwritable)?;
    }
    drop(encoder);
    Ok(out)
}

/// AV1 without assembler is slow: the larger the picture, the less is searched.
fn avif(raster: Raster, quality: u8) -> Result<Vec<u8>> {
    let (width, height) = (raster.width() as usize, raster.height() as usize);
    let quality = f32::from(quality.clamp(1, 100));
    let speed = if width * height > 400_000 { 10 } else { 9 };
    let encoder = ravif::Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(speed)
        .with_bit_depth(ravif::BitDepth::Eight)
        .with_num_threads(Some(1));
    let done = if raster.has_alpha() {
        let pixels: Vec<RGBA8> = raster.bytes().as_chunks::<4>().0.iter().map(|p| RGBA8::new(p[0], p[1], p[2], p[3])).collect();
        encoder.encode_rgba(Img::new(&pixels, width, height))
    } else {
        let pixels: Vec<RGB8> = raster.bytes().as_chunks::<3>().0.iter().map(|p| RGB8::new(p[0], p[1], p[2])).collect();
        encoder.encode_rgb(Img::new(&pixels, width, height))
    };
    Ok(done.map_err(unwritable)?.avif_file)
}
