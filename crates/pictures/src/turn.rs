//! Turning: by quarters exactly, by other angles with mixing, and as a camera's note of how it was held says.
use image::metadata::Orientation;

use crate::raster::Raster;

/// The picture turned clockwise by so many degrees; what is uncovered is transparent. The new size is that of the reference: one that holds every corner, with
/// half a pixel around.
pub(crate) fn turned(picture: Raster, degrees: i32) -> Raster {
    match degrees.rem_euclid(360) {
        0 => picture,
        90 => quarter(&picture),
        180 => quarter(&quarter(&picture)),
        270 => quarter(&quarter(&quarter(&picture))),
        other => tilted(&picture.with_alpha(), f64::from(other)),
    }
}

/// Size of a picture of the given size after [`turned`].
pub(crate) fn turned_size(width: u32, height: u32, degrees: i32) -> (u32, u32) {
    match degrees.rem_euclid(360) {
        0 | 180 => (width, height),
        90 | 270 => (height, width),
        other => {
            let frame = Frame::new(width, height, f64::from(other));
            (frame.width, frame.height)
        }
    }
}

/// The picture as it was seen by who took it.
pub(crate) fn upright(picture: Raster, orientation: Orientation) -> Raster {
    match orientation {
        Orientation::NoTransforms => picture,
        Orientation::Rotate90 => turned(picture, 90),
        Orientation::Rotate180 => turned(picture, 180),
        Orientation::Rotate270 => turned(picture, 270),
        Orientation::FlipHorizontal => mirrored(picture),
        Orientation::FlipVertical => turned(mirrored(picture), 180),
        Orientation::Rotate90FlipH => mirrored(turned(picture, 90)),
        Orientation::Rotate270FlipH => mirrored(turned(picture, 270)),
    }
}

fn bytes_each(picture: &Raster) -> usize {
    if picture.has_alpha() { 4 } else { 3 }
}

/// A quarter clockwise.
fn quarter(picture: &Raster) -> Raster {
    let n = bytes_each(picture);
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let mut out = vec![0; picture.bytes().len()];
    for (y, row) in picture.bytes().chunks_exact(w * n).enumerate() {
        for (x, pixel) in row.chunks_exact(n).enumerate() {
            let at = (x * h + (h - 1 - y)) * n;
            if let Some(place) = out.get_mut(at..at + n) {
                place.copy_from_slice(pixel);
            }
        }
    }
    Raster::new(picture.height(), picture.width(), picture.has_alpha(), out).unwrap_or_else(|_| picture.clone())
}

/// Left and right exchanged.
fn mirrored(picture: Raster) -> Raster {
    let n = bytes_each(&picture);
    let (width, height, alpha) = (picture.width(), picture.height(), picture.has_alpha());
    let mut out = Vec::with_capacity(picture.bytes().len());
    for row in picture.bytes().chunks_exact(width as usize * n) {
        row.chunks_exact(n).rev().for_each(|p| out.extend_from_slice(p));
    }
    Raster::new(width, height, alpha, out).unwrap_or(picture)
}

/// Where the turned picture lies: its size, and its first corner as seen from the first corner of the picture.
struct Frame {
    left: f64,
    top: f64,
    width: u32,
    height: u32,
}

impl Frame {
    fn new(width: u32, height: u32, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (cx, cy) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
        let (dx, dy) = ((cx * cos).abs() + (cy * sin).abs(), (cx * sin).abs() + (cy * cos).abs());
        let (left, top) = ((cx - dx - 0.5).floor(), (cy - dy - 0.5).floor());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and bounded by the size of the picture")]
        let size = |far: f64, near: f64| (far - near + 0.5).ceil().max(1.0) as u32;
        Self { left, top, width: size(cx + dx, left), height: size(cy + dy, top) }
    }
}

fn tilted(picture: &Raster, degrees: f64) -> Raster {
    let frame = Frame::new(picture.width(), picture.height(), degrees);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (f64::from(picture.width()) / 2.0, f64::from(picture.height()) / 2.0);
    let mut out = Raster::filled(frame.width, frame.height, [0; 4]);
    let width = frame.width as usize;
    for (i, pixel) in out.pixels_mut().iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "sizes of pictures are small numbers")]
        let (x, y) = ((i % width) as f64 + 0.5 + frame.left - cx, (i / width) as f64 + 0.5 + frame.top - cy);
        *pixel = mixed(picture, x * cos + y * sin + cx - 0.5, y * cos - x * sin + cy - 0.5);
    }
    out
}

/// The pixel at a place between pixels: its four neighbours, each by its nearness and its opacity.
fn mixed(picture: &Raster, x: f64, y: f64) -> [u8; 4] {
    if x <= -1.0 || y <= -1.0 || x >= f64::from(picture.width()) || y >= f64::from(picture.height()) {
        return [0; 4];
    }
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    #[expect(clippy::cast_possible_truncation, reason = "within the picture")]
    let (left, top) = (left as i64, top as i64);
    let mut sum = [0.0_f64; 4];
    for (dx, dy, weight) in [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)] {
        let p = picture.at(left + dx, top + dy);
        let alpha = f64::from(p[3]) * weight;
        sum[3] += alpha;
        for (s, c) in sum.iter_mut().zip([p[0], p[1], p[2]]) {
            *s += f64::from(c) * alpha;
        }
    }
    if sum[3] < 0.5 {
        return [0; 4];
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of floats keep within the type's bounds")]
    let byte = |v: f64| v.round() as u8;
    [byte(sum[0] / sum[3]), byte(sum[1] / sum[3]), byte(sum[2] / sum[3]), byte(sum[3])]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_by_one() -> Raster {
        Raster::new(2, 1, false, vec![1, 1, 1, 2, 2, 2]).unwrap()
    }

    #[test]
    fn quarters() {
        let down = turned(two_by_one(), 90);
        assert_eq!((down.width(), down.height(), down.bytes()), (1, 2, &[1, 1, 1, 2, 2, 2][..]));
        let back = turned(two_by_one(), 180);
        assert_eq!(back.bytes(), [2, 2, 2, 1, 1, 1]);
        let up = turned(two_by_one(), -90);
        assert_eq!((up.width(), up.bytes()), (1, &[2, 2, 2, 1, 1, 1][..]));
        assert_eq!(turned(two_by_one(), 360), two_by_one());
        assert_eq!(upright(two_by_one(), Orientation::FlipHorizontal).bytes(), [2, 2, 2, 1, 1, 1]);
        assert_eq!(upright(two_by_one(), Orientation::FlipVertical), two_by_one());
    }

    /// Sizes that the reference answers.
    #[test]
    fn sizes_of_tilted_pictures() {
        assert_eq!(turned_size(64, 64, 45), (92, 92));
        assert_eq!(turned_size(300, 100, 45), (284, 284));
        assert_eq!(turned_size(300, 100, -315), (284, 284));
        assert_eq!(turned_size(300, 100, 270), (100, 300));
        let tilted = turned(Raster::filled(300, 100, [9, 8, 7, 255]), 45);
        assert_eq!((tilted.width(), tilted.height()), (284, 284));
        assert_eq!(tilted.at(142, 142), [9, 8, 7, 255]);
        assert_eq!(tilted.at(0, 0), [0; 4]);
    }
}
