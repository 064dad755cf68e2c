//! Reading keys back.
use super::{BYTES, END, ESCAPE, FALSE, FLOAT, INT, NULL, SIGN, TEXT, TRUE, float_of};
use crate::KvError;

/// A part read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer or a time.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text. Of one that was cut within a character, the incomplete character is missing.
    Text(String),
    /// Any bytes.
    Bytes(Vec<u8>),
}

/// Reads a key field by field, in the order it was built.
#[derive(Clone, Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Starts at the beginning of a key.
    #[must_use]
    pub fn new(key: &'a [u8]) -> Self {
        Self { rest: key }
    }

    /// What was not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// A raw byte.
    ///
    /// # Errors
    /// [`KvError::Corrupt`], as of all methods here, when the key holds something else.
    pub fn tag(&mut self) -> Result<u8, KvError> {
        self.fixed().map(u8::from_be_bytes)
    }

    /// Fixed two bytes.
    ///
    /// # Errors
    /// As [`KeyReader::tag`].
    pub fn u16(&mut self) -> Result<u16, KvError> {
        self.fixed().map(u16::from_be_bytes)
    }

    /// Fixed four bytes.
    ///
    /// # Errors
    /// As [`KeyReader::tag`].
    pub fn u32(&mut self) -> Result<u32, KvError> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// Fixed eight bytes.
    ///
    /// # Errors
    /// As [`KeyReader::tag`].
    pub fn u64(&mut self) -> Result<u64, KvError> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// A part in the direction it was written.
    ///
    /// # Errors
    /// As [`KeyReader::tag`].
    pub fn part(&mut self, descending: bool) -> Result<Value, KvError> {
        let mask = if descending { u8::MAX } else { 0 };
        let wide = if descending { u64::MAX } else { 0 };
        Ok(match self.tag()? ^ mask {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int((self.u64()? ^ wide ^ SIGN).cast_signed()),
            FLOAT => Value::Float(float_of(self.u64()? ^ wide)),
            TEXT => Value::Text(text(self.escaped(mask)?)?),
            BYTES => Value::Bytes(self.escaped(mask)?),
            other => return Err(malformed(&format!("unknown part {other:#04x}"))),
        })
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], KvError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or_else(|| malformed("it ends too early"))?;
        self.rest = rest;
        Ok(*head)
    }

    /// Escaped bytes up to the end mark.
    fn escaped(&mut self, mask: u8) -> Result<Vec<u8>, KvError> {
        let mut out = Vec::new();
        loop {
            let [byte] = self.fixed()?;
            if byte ^ mask != 0 {
                out.push(byte ^ mask);
                continue;
            }
            let [after] = self.fixed()?;
            match after ^ mask {
                ESCAPE => out.push(0),
                END => return Ok(out),
                _ => return Err(malformed("a lone zero in a text")),
            }
        }
    }
}

fn text(bytes: Vec<u8>) -> Result<String, KvError> {
    String::from_utf8(bytes).or_else(|e| {
        let valid = e.utf8_error();
        if valid.error_len().is_some() {
            return Err(malformed("a text is not UTF-8"));
        }
        let mut bytes = e.into_bytes();
        bytes.truncate(valid.valid_up_to());
        String::from_utf8(bytes).map_err(|_| malformed("a text is not UTF-8"))
    })
}

fn malformed(why: &str) -> KvError {
    KvError::Corrupt(format!("a malformed key: {why}"))
}
