//! Colours of the protocol: hexadecimal digits without `#`.

/// A colour without transparency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Color {
    /// Three or six hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let part = |from: usize, len: usize| {
            let digits = text.get(from..from + len)?;
            digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok()).flatten().map(|v| if len == 1 { v * 17 } else { v })
        };
        let (r, g, b) = match text.len() {
            3 => (part(0, 1), part(1, 1), part(2, 1)),
            6 => (part(0, 2), part(2, 2), part(4, 2)),
            _ => return None,
        };
        Some(Self { r: r?, g: g?, b: b? })
    }

    /// As an opaque pixel.
    pub(crate) fn rgba(self) -> [u8; 4] {
        [self.r, self.g, self.b, 255]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        assert_eq!(Color::from_hex("ff8000"), Some(Color { r: 255, g: 128, b: 0 }));
        assert_eq!(Color::from_hex("f80"), Some(Color { r: 255, g: 136, b: 0 }));
        for bad in ["", "ff", "gggggg", "#fff", "ff80000", "ééé", "+1+1+1"] {
            assert_eq!(Color::from_hex(bad), None, "{bad}");
        }
    }
}
