//! Initials of a name, cut out of a coloured ground.
use crate::color::Color;
use crate::encode;
use crate::error::Result;
use crate::limits::Limits;
use crate::raster::Raster;
use crate::svg::Drawing;

/// Grounds of which a name chooses one.
const GROUNDS: [Color; 5] = [
    Color { r: 0xfd, g: 0x36, b: 0x6e },
    Color { r: 0xfe, g: 0x95, b: 0x67 },
    Color { r: 0x7c, g: 0x67, b: 0xfe },
    Color { r: 0x68, g: 0xa3, b: 0xfe },
    Color { r: 0x85, g: 0xdb, b: 0xd8 },
];

/// The letters that stand for a name, and its colour: the first letters of its words as far as they are Latin letters or digits, no more after the second word.
#[must_use]
pub fn initials_of(name: &str) -> (String, Color) {
    let upper = name.to_ascii_uppercase();
    let spaced: Vec<&str> = upper.split(' ').collect();
    let words = if spaced.len() == 1 { upper.split('_').collect() } else { spaced };
    let (mut letters, mut sum) = (String::new(), 0_usize);
    for (at, word) in words.iter().enumerate() {
        let Some(first) = word.bytes().next().filter(u8::is_ascii_alphanumeric) else { continue };
        letters.push(char::from(first));
        sum += usize::from(first);
        if at == 1 {
            break;
        }
    }
    (letters, GROUNDS.get(sum % 10 % GROUNDS.len()).copied().unwrap_or_default())
}

/// A PNG of letters in a size.
///
/// # Errors
/// `TooLarge`.
pub fn initials(letters: &str, ground: Color, width: u32, height: u32, limits: &Limits) -> Result<Vec<u8>> {
    let (width, height) = (width.max(1), height.max(1));
    limits.make(width, height)?;
    let mut picture = Raster::filled(width, height, ground.rgba());
    if letters.bytes().any(|b| b.is_ascii_alphanumeric()) {
        let size = f64::from(width.min(height)) / 2.0;
        let (x, y) = (f64::from(width) / 1.97, f64::from(height) / 2.0 + size / 3.0);
        let letters: String = letters.chars().filter(char::is_ascii_alphanumeric).collect();
        let text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'><text x='{x}' y='{y}' font-size='{size}' text-anchor='middle'>{letters}</text></svg>"
        );
        let limits = Limits { drawing_pixels: limits.made_pixels, ..*limits };
        let cut_out = Drawing::own(&text)?.raster((0, 0), &limits)?;
        for (pixel, letter) in picture.pixels_mut().iter_mut().zip(cut_out.bytes().as_chunks::<4>().0) {
            pixel[3] = 255 - letter[3];
        }
    }
    encode::png(&picture.compact(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_names() {
        for (name, letters) in [
            ("Ann Bee", "AB"),
            ("ann", "A"),
            ("ann_bee", "AB"),
            ("Ann Bee Cee", "AB"),
            ("W (Hello) W", "WW"),
            ("", ""),
            ("Äb c", "C"),
            ("  x", "X"),
            ("mail@example.com", "M"),
            ("7 of 9", "7O"),
        ] {
            assert_eq!(initials_of(name).0, letters, "{name:?}");
        }
        assert_eq!(initials_of("").1, GROUNDS[0]);
        assert_eq!(initials_of("A").1, GROUNDS[0], "65: 5 of 5");
        assert_eq!(initials_of("Ann Bee").1, GROUNDS[1], "65 + 66 = 131");
    }

    #[test]
    fn letters_are_cut_out() {
        let png = initials("WW", GROUNDS[2], 200, 100, &Limits::default()).unwrap();
        let image = image::load_from_memory(&png).unwrap().into_rgba8();
        assert_eq!(image.dimensions(), (200, 100));
        assert_eq!(image.get_pixel(1, 1).0, GROUNDS[2].rgba());
        assert!(image.pixels().filter(|p| p.0[3] == 0).count() > 200);
        let plain = image::load_from_memory(&initials("", GROUNDS[2], 20, 20, &Limits::default()).unwrap()).unwrap();
        assert!(!plain.color().has_alpha());
    }
}
