//! Order-preserving tuple encoding of keys.
//!
//! A key is a row of fixed-width fields ([`KeyBuf::tag`], [`KeyBuf::u16`] …) and of [`Part`]s. A part is a tag byte and a
//! payload such that bytewise order of keys equals order of values, and no part's bytes are a prefix of another's:
//!
//! | part | tag | payload |
//! |---|---|---|
//! | null | `02` | – |
//! | false, true | `03`, `04` | – |
//! | integer | `05` | big endian with flipped sign, 8 bytes |
//! | float | `06` | IEEE 754 big endian; sign flipped, or all bits where negative; `-0` is `0`, `NaN` last |
//! | text | `07` | UTF-8 with `00` as `00 FF`, then the end mark `00 01` |
//! | bytes | `08` | as text |
//!
//! So null < false < true < integers < floats < texts < bytes. The end mark has two bytes because whatever follows it
//! may begin with `FF`. In a descending part every byte, the tag too, is inverted. Long texts can be shortened with
//! [`push_cut`]; order then is `≤` where it was `<`, never turned round.
mod decode;

pub use decode::{KeyReader, Value};

const NULL: u8 = 0x02;
const FALSE: u8 = 0x03;
const TRUE: u8 = 0x04;
const INT: u8 = 0x05;
const FLOAT: u8 = 0x06;
const TEXT: u8 = 0x07;
const BYTES: u8 = 0x08;

/// Stands for a zero byte together with the zero before it.
const ESCAPE: u8 = 0xFF;
/// Ends a text together with the zero before it.
const END: u8 = 0x01;
const SIGN: u64 = 1 << 63;

/// Room of a new key; most fit.
const ROOM: usize = 48;

/// One value of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<'a> {
    /// Nothing; before all others.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer or a time.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// Any bytes.
    Bytes(&'a [u8]),
}

/// Appends a part; `descending` inverts it.
pub fn push(key: &mut Vec<u8>, part: Part<'_>, descending: bool) {
    push_cut(key, part, descending, usize::MAX);
}

/// Appends a part of which no more than the first `max` bytes of a text (or of bytes) count. Cut to the byte, since a cut
/// between characters could turn the order round.
pub fn push_cut(key: &mut Vec<u8>, part: Part<'_>, descending: bool, max: usize) {
    let start = key.len();
    match part {
        Part::Null => key.push(NULL),
        Part::Bool(b) => key.push(if b { TRUE } else { FALSE }),
        Part::Int(i) => fixed(key, INT, i.cast_unsigned() ^ SIGN),
        Part::Float(f) => fixed(key, FLOAT, ordered_bits(f)),
        Part::Text(s) => tagged(key, TEXT, cut(s.as_bytes(), max)),
        Part::Bytes(b) => tagged(key, BYTES, cut(b, max)),
    }
    if descending {
        key.iter_mut().skip(start).for_each(|b| *b = !*b);
    }
}

/// Appends escaped bytes without tag and with the end mark; with `open` without the mark too, for searching by prefix.
pub fn push_escaped(key: &mut Vec<u8>, bytes: &[u8], open: bool) {
    let mut rest = bytes;
    while let Some(zero) = rest.iter().position(|b| *b == 0) {
        let (before, after) = rest.split_at(zero + 1);
        key.extend_from_slice(before);
        key.push(ESCAPE);
        rest = after;
    }
    key.extend_from_slice(rest);
    if !open {
        key.extend_from_slice(&[0, END]);
    }
}

/// The first `max` bytes.
#[must_use]
pub fn cut(bytes: &[u8], max: usize) -> &[u8] {
    bytes.get(..max).unwrap_or(bytes)
}

fn fixed(key: &mut Vec<u8>, tag: u8, payload: u64) {
    key.push(tag);
    key.extend_from_slice(&payload.to_be_bytes());
}

fn tagged(key: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    key.reserve(bytes.len() + 3);
    key.push(tag);
    push_escaped(key, bytes, false);
}

/// Bits of a float that sort as the float does; one for both zeros, one for all `NaN`s.
fn ordered_bits(f: f64) -> u64 {
    let bits = if f.is_nan() { f64::NAN.to_bits() & !SIGN } else { (f + 0.0).to_bits() };
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn float_of(bits: u64) -> f64 {
    f64::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })
}

/// The first key after all keys that start with `prefix`; `None` when there is none.
#[must_use]
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// Builds a key part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBuf(pub Vec<u8>);

impl KeyBuf {
    /// Empty key.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(ROOM))
    }

    /// Raw single byte, e.g. a table tag.
    #[must_use]
    pub fn tag(mut self, t: u8) -> Self {
        self.0.push(t);
        self
    }

    /// Fixed two bytes, big endian.
    #[must_use]
    pub fn u16(mut self, v: u16) -> Self {
        self.0.extend_from_slice(&v.to_be_bytes());
        self
    }

    /// Fixed four bytes, big endian, for ids.
    #[must_use]
    pub fn u32(mut self, v: u32) -> Self {
        self.0.extend_from_slice(&v.to_be_bytes());
        self
    }

    /// Fixed eight bytes, big endian, for sequences.
    #[must_use]
    pub fn u64(mut self, v: u64) -> Self {
        self.0.extend_from_slice(&v.to_be_bytes());
        self
    }

    /// A part, ascending.
    #[must_use]
    pub fn part(mut self, part: Part<'_>) -> Self {
        push(&mut self.0, part, false);
        self
    }

    /// A part, descending.
    #[must_use]
    pub fn part_desc(mut self, part: Part<'_>) -> Self {
        push(&mut self.0, part, true);
        self
    }

    /// The key.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl AsRef<[u8]> for KeyBuf {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<KeyBuf> for Vec<u8> {
    fn from(key: KeyBuf) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests;
