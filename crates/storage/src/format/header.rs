//! The first bytes of an object.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `FRB1` |
//! | 4 | 1 | version of the format, 1 |
//! | 5 | 1 | mode: 1 plain, 2 sealed |
//! | 6 | 1 | compression: 0 none, 1 gzip, 2 zstd |
//! | 7 | 1 | 0 |
//! | 8 | 2 | length of the stream header, little endian; 0 in plain objects |
//! | 10 | n | stream header: the wrapped data key and what else the cipher needs |
//! | 10 + n | … | zeros |
//! | 252 | 4 | CRC-32 of the object's name and of the 252 bytes before, little endian |
//!
//! The checksum is there so that an accident gives a clear error; what keeps forgers out of sealed objects is that the first
//! eight bytes and the name are authenticated with every segment.
use super::{FORMAT_VERSION, Mode};
use crate::types::Compression;

/// Bytes of a header.
pub(crate) const HEADER: usize = 256;
const MAGIC: [u8; 4] = *b"FRB1";
const FIXED: usize = 10;
const CHECK: usize = HEADER - 4;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Protection of the segments.
    pub(crate) mode: Mode,
    /// Compression of the body.
    pub(crate) compression: Compression,
    /// Stream header of a sealed object.
    pub(crate) stream: Vec<u8>,
}

fn check(key: &str, bytes: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key.as_bytes());
    crc.update(bytes);
    crc.finalize().to_le_bytes()
}

/// What segments are bound to: the object's name, and how it is to be understood.
pub(crate) fn context(mode: Mode, compression: Compression, key: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + key.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[FORMAT_VERSION, mode_byte(mode), compression_byte(compression), 0]);
    out.extend_from_slice(key.as_bytes());
    out
}

fn mode_byte(mode: Mode) -> u8 {
    match mode {
        Mode::Plain => 1,
        Mode::Sealed => 2,
    }
}

fn compression_byte(compression: Compression) -> u8 {
    match compression {
        Compression::None => 0,
        Compression::Gzip => 1,
        Compression::Zstd => 2,
    }
}

impl Header {
    /// `None` when the stream header does not fit.
    pub(crate) fn encode(&self, key: &str) -> Option<[u8; HEADER]> {
        let mut out = [0; HEADER];
        out[..8].copy_from_slice(context(self.mode, self.compression, key).get(..8)?);
        out[8..FIXED].copy_from_slice(&u16::try_from(self.stream.len()).ok()?.to_le_bytes());
        out[FIXED..CHECK].get_mut(..self.stream.len())?.copy_from_slice(&self.stream);
        let sum = check(key, &out[..CHECK]);
        out[CHECK..].copy_from_slice(&sum);
        Some(out)
    }

    /// The header of the object `key`, or what is wrong with it.
    pub(crate) fn decode(key: &str, bytes: &[u8]) -> Result<Self, &'static str> {
        let bytes: &[u8; HEADER] = bytes.try_into().map_err(|_| "header cut off")?;
        if bytes[..4] != MAGIC {
            return Err("not a stored file");
        }
        if bytes[CHECK..] != check(key, &bytes[..CHECK]) {
            return Err("checksum of the header");
        }
        if bytes[4] != FORMAT_VERSION {
            return Err("unknown version of the format");
        }
        let mode = match bytes[5] {
            1 => Mode::Plain,
            2 => Mode::Sealed,
            _ => return Err("unknown mode"),
        };
        let compression = match bytes[6] {
            0 => Compression::None,
            1 => Compression::Gzip,
            2 => Compression::Zstd,
            _ => return Err("unknown compression"),
        };
        let len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let (stream, rest) = bytes[FIXED..CHECK].split_at_checked(len).ok_or("length in the header")?;
        if bytes[7] != 0 || rest.iter().any(|b| *b != 0) {
            return Err("unknown fields in the header");
        }
        Ok(Self { mode, compression, stream: stream.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_bit_is_seen() {
        let header = Header { mode: Mode::Sealed, compression: Compression::Zstd, stream: (1..=90).collect() };
        let bytes = header.encode("p/b/f-1").expect("fits");
        assert_eq!(Header::decode("p/b/f-1", &bytes), Ok(header));
        assert!(Header::decode("p/b/f-2", &bytes).is_err());
        for bit in 0..HEADER * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::decode("p/b/f-1", &bad).is_err(), "bit {bit}");
        }
        assert!(Header { mode: Mode::Plain, compression: Compression::None, stream: vec![0; 243] }.encode("x").is_none());
    }
}
