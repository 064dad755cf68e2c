//! A frame of AV1, decoded by rav1d through its C interface, the only one it has.
#![allow(unsafe_code, reason = "the decoder's interface is that of the C library it is a translation of")]
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use re_rav1d::include::dav1d::data::Dav1dData;
use re_rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dSettings};
use re_rav1d::include::dav1d::headers::{DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I444};
use re_rav1d::include::dav1d::picture::Dav1dPicture;
use re_rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture, dav1d_open, dav1d_picture_unref, dav1d_send_data,
};

use crate::error::{PictureError, Result, damaged};
use crate::limits::Limits;

/// Brightness and colours of a frame, eight bits each.
pub(super) struct Planes {
    pub(super) width: u32,
    pub(super) height: u32,
    brightness: Vec<u8>,
    /// Blue and red, if there are colours, with their width and height.
    colors: Option<(Vec<u8>, Vec<u8>, usize, usize)>,
    matrix: u32,
    full: bool,
}

/// A decoder that is closed when it is no longer needed.
struct Decoder(Option<Dav1dContext>);

impl Decoder {
    fn open(limits: &Limits) -> Result<Self> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        // SAFETY: the function writes all of what it is pointed to, which is of its type and lives until it returns.
        let mut settings = unsafe {
            dav1d_default_settings(NonNull::from(&mut settings).cast());
            settings.assume_init()
        };
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.frame_size_limit = u32::try_from(limits.pixels).unwrap_or(u32::MAX);
        let mut context = None;
        // SAFETY: both point to values of their types that live until the function returns.
        let opened = unsafe { dav1d_open(Some(NonNull::from(&mut context)), Some(NonNull::from(&mut settings))) };
        if opened.0 == 0 { Ok(Self(context)) } else { Err(damaged("the decoder does not start")) }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context is the decoder's own and is used no more.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.0))) };
    }
}

/// Decodes the first frame.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Planes> {
    if bytes.is_empty() {
        return Err(damaged("an empty frame"));
    }
    let decoder = Decoder::open(limits)?;
    let mut data = Dav1dData::default();
    // SAFETY: the function makes a buffer of the length asked for, which is filled before it is used.
    unsafe {
        let buffer = dav1d_data_create(Some(NonNull::from(&mut data)), bytes.len());
        if buffer.is_null() {
            return Err(PictureError::TooLarge("it takes too much memory"));
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len());
    }
    let mut picture = Dav1dPicture::default();
    // SAFETY: the context is open, and the others point to values of their types that live until the functions return.
    let got = unsafe {
        let sent = dav1d_send_data(decoder.0, Some(NonNull::from(&mut data)));
        let got = if sent.0 == 0 { dav1d_get_picture(decoder.0, Some(NonNull::from(&mut picture))) } else { sent };
        dav1d_data_unref(Some(NonNull::from(&mut data)));
        got
    };
    let planes = if got.0 == 0 { planes(&picture, limits) } else { Err(damaged(format!("a frame of AV1 cannot be decoded ({})", got.0))) };
    // SAFETY: the picture is the decoder's or empty, and is used no more.
    unsafe { dav1d_picture_unref(Some(NonNull::from(&mut picture))) };
    planes
}

fn planes(picture: &Dav1dPicture, limits: &Limits) -> Result<Planes> {
    let side = |v: i32| u32::try_from(v).map_err(damaged);
    let (width, height) = (side(picture.p.w)?, side(picture.p.h)?);
    limits.read(width, height)?;
    let (w, h) = (width as usize, height as usize);
    let bits = picture.p.bpc;
    let brightness = plane(picture.data[0], picture.stride[0], w, h, bits)?;
    let layout = picture.p.layout;
    let colors = if layout == DAV1D_PIXEL_LAYOUT_I400 {
        None
    } else {
        let cw = if layout == DAV1D_PIXEL_LAYOUT_I444 { w } else { w.div_ceil(2) };
        let ch = if layout == DAV1D_PIXEL_LAYOUT_I420 { h.div_ceil(2) } else { h };
        Some((plane(picture.data[1], picture.stride[1], cw, ch, bits)?, plane(picture.data[2], picture.stride[1], cw, ch, bits)?, cw, ch))
    };
    let header = picture.seq_hdr.ok_or_else(|| damaged("no header"))?;
    // SAFETY: a decoded picture points to the header it was decoded with, which lives as long as the picture.
    let (matrix, full) = unsafe { ((*header.as_ptr()).mtrx, (*header.as_ptr()).color_range != 0) };
    Ok(Planes { width, height, brightness, colors, matrix, full })
}

/// Copies a plane, ten and twelve bits brought to eight.
fn plane(data: Option<NonNull<c_void>>, stride: isize, width: usize, height: usize, bits: i32) -> Result<Vec<u8>> {
    let data = data.ok_or_else(|| damaged("a plane is missing"))?.cast::<u8>();
    let bytes = if bits > 8 { 2 } else { 1 };
    if usize::try_from(stride.abs()).is_ok_and(|s| s < width * bytes) {
        return Err(damaged("a plane is too narrow"));
    }
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        // SAFETY: the decoder's planes have `height` rows of `stride` bytes each, of which the first `width * bytes` are read.
        let row = unsafe { std::slice::from_raw_parts(data.as_ptr().offset(stride * isize::try_from(y).map_err(damaged)?), width * bytes) };
        if bits > 8 {
            out.extend(row.as_chunks::<2>().0.iter().map(|p| u8::try_from(u16::from_ne_bytes(*p) >> (bits - 8)).unwrap_or(255)));
        } else {
            out.extend_from_slice(row);
        }
    }
    Ok(out)
}

impl Planes {
    /// Brightness from 0 to 255, as transparency is kept.
    pub(super) fn brightness(&self) -> impl Iterator<Item = u8> + '_ {
        let full = self.full;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        self.brightness.iter().map(move |v| if full { *v } else { ((f32::from(*v) - 16.0) * 255.0 / 219.0).round().clamp(0.0, 255.0) as u8 })
    }

    /// Red, green, blue and full opacity.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    pub(super) fn rgba(&self) -> Vec<u8> {
        let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
        // Shares of red and blue in brightness: BT.709, BT.2020, else BT.601.
        let (kr, kb) = match self.matrix {
            1 => (0.2126_f32, 0.0722),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        };
        let kg = 1.0 - kr - kb;
        let (black, range, span) = if self.full { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) };
        let width = self.width as usize;
        let mut out = Vec::with_capacity(self.brightness.len() * 4);
        for (i, luma) in self.brightness.iter().enumerate() {
            let y = (f32::from(*luma) - black) * 255.0 / range;
            let Some((blue, red, cw, ch)) = &self.colors else {
                out.extend_from_slice(&[byte(y), byte(y), byte(y), 255]);
                continue;
            };
            let at = (i / width) * ch / self.height as usize * cw + (i % width) * cw / width;
            let (u, v) = (blue.get(at).copied().unwrap_or(128), red.get(at).copied().unwrap_or(128));
            if self.matrix == 0 {
                // The planes are green, blue and red.
                out.extend_from_slice(&[v, *luma, u, 255]);
                continue;
            }
            let (u, v) = ((f32::from(u) - 128.0) * 255.0 / span, (f32::from(v) - 128.0) * 255.0 / span);
            let (r, b) = (y + 2.0 * (1.0 - kr) * v, y + 2.0 * (1.0 - kb) * u);
            out.extend_from_slice(&[byte(r), byte((y - kr * r - kb * b) / kg), byte(b), 255]);
        }
        out
    }
}
