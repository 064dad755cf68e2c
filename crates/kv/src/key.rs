//! Order-preserving tuple encoding of keys.
//!
//! Each part is a tag byte and a payload such that bytewise order equals value order:
//! null < false < true < numbers (i64 and f64 compared by value is NOT needed: one column has one type) < strings/bytes.
//! Strings are escaped (`00` → `00 FF`) and end in `00`. A descending part is the inverted ascending form.

/// Builds a key part by part.
#[derive(Clone, Debug, Default)]
pub struct KeyBuf(pub Vec<u8>);
impl KeyBuf {
    /// Empty key.
    pub fn new() -> Self {
        Self::default()
    }
    /// Raw single byte, e.g. a table tag.
    pub fn tag(mut self, t: u8) -> Self {
        self.0.push(t);
        self
    }
    /// Fixed four bytes, big endian, for ids.
    pub fn u32(mut self, v: u32) -> Self {
        self.0.extend_from_slice(&v.to_be_bytes());
        self
    }
    /// Fixed eight bytes, big endian, for sequences.
    pub fn u64(mut self, v: u64) -> Self {
        self.0.extend_from_slice(&v.to_be_bytes());
        self
    }
}

/// The first key after all keys that start with `prefix`; `None` when there is none.
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
