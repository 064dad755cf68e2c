//! Previews: what is asked of a picture, in the order in which the reference does it.
use fast_image_resize::FilterType;

use crate::art::{self, Placeholder};
use crate::color::Color;
use crate::decode::{self, Frame, Kind, Picture, Wanted};
use crate::encode::{self, Output};
use crate::error::Result;
use crate::limits::Limits;
use crate::raster::{Cut, Raster};
use crate::svg::Drawing;
use crate::{shape, turn};

/// Which part stays when a picture is cut to another shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names of the protocol")]
pub enum Gravity {
    #[default]
    Center,
    TopLeft,
    Top,
    TopRight,
    Left,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Gravity {
    /// Names in the protocol, in its order.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("center", Self::Center),
        ("top-left", Self::TopLeft),
        ("top", Self::Top),
        ("top-right", Self::TopRight),
        ("left", Self::Left),
        ("right", Self::Right),
        ("bottom-left", Self::BottomLeft),
        ("bottom", Self::Bottom),
        ("bottom-right", Self::BottomRight),
    ];

    /// By its name in the protocol.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, g)| *g)
    }

    /// Share of what is cut off that is cut off at the left and at the top.
    fn shares(self) -> (f64, f64) {
        let x = match self {
            Self::TopLeft | Self::Left | Self::BottomLeft => 0.0,
            Self::Center | Self::Top | Self::Bottom => 0.5,
            Self::TopRight | Self::Right | Self::BottomRight => 1.0,
        };
        let y = match self {
            Self::TopLeft | Self::Top | Self::TopRight => 0.0,
            Self::Center | Self::Left | Self::Right => 0.5,
            Self::BottomLeft | Self::Bottom | Self::BottomRight => 1.0,
        };
        (x, y)
    }
}

/// What is asked of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preview {
    /// Width; 0 follows from the height.
    pub width: u32,
    /// Height; 0 follows from the width.
    pub height: u32,
    /// What stays when the shape changes.
    pub gravity: Gravity,
    /// Quality of the result; the source's where it can be told.
    pub quality: Option<u8>,
    /// Width of a border around.
    pub border_width: u32,
    /// Its colour.
    pub border_color: Color,
    /// Radius of the corners.
    pub border_radius: u32,
    /// Opacity, 0 to 1.
    pub opacity: f64,
    /// Degrees clockwise.
    pub rotation: i32,
    /// What transparent parts are laid over.
    pub background: Option<Color>,
    /// Form of the result.
    pub output: Output,
}

impl Preview {
    /// The picture as it is, in a form.
    #[must_use]
    pub fn plain(output: Output) -> Self {
        Self {
            width: 0,
            height: 0,
            gravity: Gravity::Center,
            quality: None,
            border_width: 0,
            border_color: Color::default(),
            border_radius: 0,
            opacity: 1.0,
            rotation: 0,
            background: None,
            output,
        }
    }

    /// Cut to a size around the middle.
    #[must_use]
    pub fn sized(width: u32, height: u32, quality: Option<u8>, output: Output) -> Self {
        Self { width, height, quality, ..Self::plain(output) }
    }
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub mime: &'static str,
}

/// Makes a preview of a picture.
///
/// # Errors
/// `Damaged` when the picture cannot be read, `TooLarge` when that would take more than the limits allow, `Encode`.
pub fn render(bytes: &[u8], kind: Kind, asked: &Preview, limits: &Limits) -> Result<Rendered> {
    let wanted = Wanted { limits, moving: asked.output.moves(), cover: (asked.width, asked.height) };
    let mut picture = decode::decode(bytes, kind, &wanted, &mut |raster, size| shaped(raster, size, asked, limits))?;
    let orientation = picture.orientation;
    for frame in &mut picture.frames {
        let raster = std::mem::replace(&mut frame.raster, Raster::filled(1, 1, [0; 4]));
        frame.raster = turn::upright(raster, orientation);
    }
    finish(picture, asked)
}

/// Makes a preview of one of the pictures drawn here.
///
/// # Errors
/// As [`render`].
pub fn render_drawn(placeholder: Placeholder, asked: &Preview, limits: &Limits) -> Result<Rendered> {
    drawn(&art::placeholder(placeholder), asked, limits)
}

/// Makes a preview of a drawing of ours.
pub(crate) fn drawn(text: &str, asked: &Preview, limits: &Limits) -> Result<Rendered> {
    let limits = Limits { drawing_pixels: limits.made_pixels, ..*limits };
    let raster = Drawing::own(text)?.raster((asked.width, asked.height), &limits)?;
    let size = (raster.width(), raster.height());
    let frames = vec![Frame { raster: shaped(raster, size, asked, &limits)?, millis: 0 }];
    finish(Picture { frames, repeat: 0, orientation: image::metadata::Orientation::NoTransforms, quality: None }, asked)
}

fn finish(picture: Picture, asked: &Preview) -> Result<Rendered> {
    let quality = asked.quality.or(picture.quality);
    Ok(Rendered { bytes: encode::encode(picture, asked.output, quality)?, mime: asked.output.mime() })
}

/// Everything that is asked but the form.
fn shaped(raster: Raster, size: (u32, u32), asked: &Preview, limits: &Limits) -> Result<Raster> {
    let mut raster = cropped(raster, size, asked, limits)?;
    let (width, height) = (raster.width(), raster.height());
    if asked.opacity < 1.0 {
        raster = faded(raster, asked.opacity);
    }
    if let Some(color) = asked.background
        && raster.has_alpha()
    {
        raster = raster.over_color(color);
    }
    if asked.border_width > 0 {
        limits.make(width.saturating_add(2 * asked.border_width), height.saturating_add(2 * asked.border_width))?;
        raster = shape::bordered(raster, asked.border_width, asked.border_color);
    }
    if asked.border_radius > 0 {
        let border = (asked.border_width > 0).then_some((asked.border_width, asked.border_color));
        raster = shape::rounded(raster, width, height, asked.border_radius, border);
    }
    if asked.rotation % 360 != 0 {
        let (width, height) = turn::turned_size(raster.width(), raster.height(), asked.rotation);
        limits.make(width, height)?;
        raster = turn::turned(raster, asked.rotation);
    }
    Ok(raster)
}

/// The size a picture of a size is brought to; `None` when it keeps its own.
fn target((width, height): (u32, u32), asked: &Preview) -> Option<(u32, u32)> {
    if asked.width == 0 && asked.height == 0 {
        return None;
    }
    let aspect = f64::from(width) / f64::from(height);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; casts of floats keep within the type's bounds")]
    let follows = |v: f64| (v as u32).max(1);
    let w = if asked.width == 0 { follows(f64::from(asked.height) * aspect) } else { asked.width };
    let h = if asked.height == 0 { follows(f64::from(asked.width) / aspect) } else { asked.height };
    ((w, h) != (width, height)).then_some((w, h))
}

/// Brought to the size asked for: the largest part of that shape, where gravity says, in that size.
fn cropped(raster: Raster, size: (u32, u32), asked: &Preview, limits: &Limits) -> Result<Raster> {
    let Some((width, height)) = target(size, asked) else {
        limits.read(raster.width(), raster.height())?;
        return Ok(raster);
    };
    limits.make(width, height)?;
    let (have_width, have_height) = (f64::from(raster.width()), f64::from(raster.height()));
    let scale = (f64::from(width) / have_width).max(f64::from(height) / have_height);
    let (cut_width, cut_height) = ((f64::from(width) / scale).min(have_width), (f64::from(height) / scale).min(have_height));
    let (left, top) = asked.gravity.shares();
    let cut = Cut { x: (have_width - cut_width) * left, y: (have_height - cut_height) * top, width: cut_width, height: cut_height };
    let filter = if asked.gravity == Gravity::Center {
        // As the reference's library chooses.
        if raster.has_alpha() || scale > 1.0 { FilterType::Mitchell } else { FilterType::Lanczos3 }
    } else if scale < 1.0 {
        FilterType::Box
    } else {
        FilterType::Bilinear
    };
    raster.resized(cut, width, height, filter)
}

/// The same opacity everywhere, as in the reference.
fn faded(raster: Raster, opacity: f64) -> Raster {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
    let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    let mut raster = raster.with_alpha();
    raster.pixels_mut().iter_mut().for_each(|p| p[3] = alpha);
    raster
}
