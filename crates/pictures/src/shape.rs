//! Borders and round corners.
use crate::color::Color;
use crate::raster::{Raster, over};

/// Adds a border of so many pixels around; what is transparent shows its colour.
pub(crate) fn bordered(picture: Raster, border: u32, color: Color) -> Raster {
    let picture = picture.with_alpha().over_color(color);
    let (width, height) = (picture.width() + 2 * border, picture.height() + 2 * border);
    let mut out = Raster::filled(width, height, color.rgba());
    let rows = picture.bytes().as_chunks::<4>().0.chunks_exact(picture.width() as usize);
    for (to, from) in out.pixels_mut().chunks_exact_mut(width as usize).skip(border as usize).zip(rows) {
        if let Some(place) = to.get_mut(border as usize..(border as usize) + from.len()) {
            place.copy_from_slice(from);
        }
    }
    out
}

/// A picture with round corners. With a border it keeps the size given, the border is a line around it, and the picture lies within, as in the reference.
pub(crate) fn rounded(picture: Raster, width: u32, height: u32, radius: u32, border: Option<(u32, Color)>) -> Raster {
    let picture = picture.with_alpha();
    let inset = f64::from(border.map_or(0, |b| b.0));
    let shape = RoundBox::new(f64::from(width), f64::from(height), inset, f64::from(radius));
    let mut out = Raster::filled(width, height, [0; 4]);
    let row = width.max(1) as usize;
    for (i, pixel) in out.pixels_mut().iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "sizes of pictures are small numbers")]
        let distance = shape.distance((i % row) as f64 + 0.5, (i / row) as f64 + 0.5);
        let mut p = picture.at(i64::try_from(i % row).unwrap_or(-1), i64::try_from(i / row).unwrap_or(-1));
        p[3] = faded(p[3], 0.5 - distance);
        if let Some((thickness, color)) = border {
            let mut line = color.rgba();
            line[3] = faded(255, f64::from(thickness) / 2.0 + 0.5 - distance.abs());
            p = over(p, line);
        }
        *pixel = if p[3] == 0 { [0; 4] } else { p };
    }
    out
}

/// Opacity where a shape covers only a part of a pixel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn faded(alpha: u8, coverage: f64) -> u8 {
    (f64::from(alpha) * coverage.clamp(0.0, 1.0)).round() as u8
}

/// A rectangle with round corners.
struct RoundBox {
    cx: f64,
    cy: f64,
    half_width: f64,
    half_height: f64,
    radius: f64,
}

impl RoundBox {
    fn new(width: f64, height: f64, inset: f64, radius: f64) -> Self {
        let (half_width, half_height) = ((width / 2.0 - inset).max(0.0), (height / 2.0 - inset).max(0.0));
        Self { cx: width / 2.0, cy: height / 2.0, half_width, half_height, radius: radius.min(half_width).min(half_height) }
    }

    /// How far outside of it a place is; negative within.
    fn distance(&self, x: f64, y: f64) -> f64 {
        let dx = (x - self.cx).abs() - self.half_width + self.radius;
        let dy = (y - self.cy).abs() - self.half_height + self.radius;
        dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - self.radius
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const RED: Color = Color { r: 255, g: 0, b: 0 };

    #[test]
    fn borders_surround() {
        let out = bordered(Raster::filled(4, 4, [0, 0, 255, 255]), 2, RED);
        assert_eq!((out.width(), out.height()), (8, 8));
        assert_eq!((out.at(0, 0), out.at(1, 7), out.at(2, 2), out.at(5, 5)), ([255, 0, 0, 255], [255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 255, 255]));
        assert_eq!(bordered(Raster::filled(1, 1, [0; 4]), 1, RED).at(1, 1), [255, 0, 0, 255], "what is transparent shows the border's colour");
    }

    #[test]
    fn corners_are_cut_and_the_middle_stays() {
        let out = rounded(Raster::filled(20, 20, [1, 2, 3, 255]), 20, 20, 8, None);
        assert_eq!(out.at(0, 0), [0; 4]);
        assert_eq!(out.at(10, 0), [1, 2, 3, 255]);
        assert_eq!(out.at(10, 10), [1, 2, 3, 255]);
        let out = rounded(Raster::filled(24, 24, [1, 2, 3, 255]), 20, 20, 8, Some((2, RED)));
        assert_eq!((out.width(), out.at(0, 0)), (20, [0; 4]));
        assert_eq!(out.at(10, 1)[..3], [255, 0, 0]);
        assert!(out.at(10, 1)[3] > 240);
        assert_eq!(out.at(10, 10), [1, 2, 3, 255]);
    }

    #[test]
    fn a_radius_beyond_the_picture_makes_a_disc() {
        let out = rounded(Raster::filled(20, 20, [1, 2, 3, 255]), 20, 20, 4_000, None);
        assert_eq!((out.at(1, 1), out.at(10, 10)), ([0; 4], [1, 2, 3, 255]));
    }
}
