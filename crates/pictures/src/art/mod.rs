//! Pictures drawn here.
mod flags;
mod icons;
mod words;

use crate::encode::Output;
use crate::error::{PictureError, Result};
use crate::limits::Limits;
use crate::preview::{self, Preview};

/// Codes of the flags there are.
pub const FLAGS: [&str; 195] = {
    let mut out = [""; 195];
    let mut i = 0;
    while i < out.len() {
        out[i] = flags::TABLE[i].0;
        i += 1;
    }
    out
};

/// Codes of the cards there are.
pub const CARDS: [&str; 17] = {
    let mut out = [""; 17];
    let mut i = 0;
    while i < out.len() {
        out[i] = icons::CARDS[i].0;
        i += 1;
    }
    out
};

/// Codes of the browsers there are.
pub const BROWSERS: [&str; 14] = {
    let mut out = [""; 14];
    let mut i = 0;
    while i < out.len() {
        out[i] = icons::BROWSERS[i].0;
        i += 1;
    }
    out
};

/// What is shown in place of a preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// A file that is no picture.
    File,
    /// A picture of which no preview is made.
    Picture,
    /// A film.
    Film,
}

/// The flag of a country as PNG; a side of 0 follows from the other.
///
/// # Errors
/// `Unknown` for a code that is not in [`FLAGS`], `TooLarge`.
pub fn flag(code: &str, width: u32, height: u32, quality: Option<u8>, limits: &Limits) -> Result<Vec<u8>> {
    let (_, words) = flags::TABLE.iter().find(|f| f.0 == code).ok_or(PictureError::Unknown)?;
    icon(&words::drawing(words), width, height, quality, limits)
}

/// The icon of a payment card as PNG.
///
/// # Errors
/// As [`flag`], with [`CARDS`].
pub fn card(code: &str, width: u32, height: u32, quality: Option<u8>, limits: &Limits) -> Result<Vec<u8>> {
    let (_, name, ground, colors) = icons::CARDS.iter().find(|c| c.0 == code).ok_or(PictureError::Unknown)?;
    icon(&icons::card(name, ground, *colors), width, height, quality, limits)
}

/// The icon of a browser as PNG.
///
/// # Errors
/// As [`flag`], with [`BROWSERS`].
pub fn browser(code: &str, width: u32, height: u32, quality: Option<u8>, limits: &Limits) -> Result<Vec<u8>> {
    let (_, kind, colors) = icons::BROWSERS.iter().find(|b| b.0 == code).ok_or(PictureError::Unknown)?;
    icon(&icons::browser(kind, *colors), width, height, quality, limits)
}

fn icon(drawing: &str, width: u32, height: u32, quality: Option<u8>, limits: &Limits) -> Result<Vec<u8>> {
    Ok(preview::drawn(drawing, &Preview::sized(width, height, quality, Output::Png), limits)?.bytes)
}

/// Drawing of a placeholder.
pub(crate) fn placeholder(which: Placeholder) -> String {
    icons::placeholder(match which {
        Placeholder::File => "<path d='M26 8H60L78 26V92H26Z'/><path d='M60 8V26H78'/><path d='M38 46H66M38 60H66M38 74H56'/>",
        Placeholder::Picture => "<rect x='10' y='16' width='80' height='68' rx='6'/><circle cx='34' cy='38' r='8'/><path d='M10 74L38 54L54 66L70 46L90 66'/>",
        Placeholder::Film => {
            "<rect x='10' y='18' width='80' height='64' rx='6'/><path d='M42 38L62 50L42 62Z'/><path d='M22 18V82M78 18V82M10 34H22M10 50H22M10 66H22M78 34H90M78 50H90M78 66H90'/>"
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every one is drawn, in the size asked for, and no two flags are the same but those that are.
    #[test]
    fn all_are_drawn() {
        let limits = Limits::default();
        let mut seen = std::collections::HashMap::new();
        for code in FLAGS {
            let png = flag(code, 60, 40, None, &limits).unwrap();
            let image = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(image.dimensions(), (60, 40), "{code}");
            if let Some(same) = seen.insert(image.into_raw(), code) {
                let pair = [same, code];
                assert!([["id", "mc"], ["ro", "td"]].contains(&pair), "{pair:?} look the same");
            }
        }
        for code in CARDS {
            assert_eq!(image::load_from_memory(&card(code, 0, 0, None, &limits).unwrap()).unwrap().width(), 1_200);
        }
        for code in BROWSERS {
            assert_eq!(image::load_from_memory(&browser(code, 0, 50, None, &limits).unwrap()).unwrap().width(), 50);
        }
        assert_eq!(flag("zz", 1, 1, None, &limits), Err(PictureError::Unknown));
    }

    #[test]
    fn words_are_all_understood() {
        for (code, words) in flags::TABLE {
            for word in words.split(' ') {
                assert!(words::drawing(word).len() > words::drawing("").len(), "{code}: {word}");
            }
        }
    }
}
