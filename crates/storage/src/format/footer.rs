//! The last 64 bytes of the payload.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `FRBE` |
//! | 4 | 4 | flags: bit 0 = the digest is filled in |
//! | 8 | 8 | number of compressed blocks |
//! | 16 | 8 | bytes of the file |
//! | 24 | 8 | bytes of the body |
//! | 32 | 32 | SHA-256 of the file, zero when not filled in |
//!
//! Numbers are little endian.

/// Bytes of a footer.
pub(crate) const FOOTER: usize = 64;
const MAGIC: [u8; 4] = *b"FRBE";

/// What the payload holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Footer {
    /// Number of compressed blocks, 0 without compression.
    pub(crate) blocks: u64,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Bytes of the body.
    pub(crate) body: u64,
    /// SHA-256 of the file.
    pub(crate) sha256: Option<[u8; 32]>,
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

impl Footer {
    pub(crate) fn encode(&self) -> [u8; FOOTER] {
        let mut out = [0; FOOTER];
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&u32::from(self.sha256.is_some()).to_le_bytes());
        out[8..16].copy_from_slice(&self.blocks.to_le_bytes());
        out[16..24].copy_from_slice(&self.size.to_le_bytes());
        out[24..32].copy_from_slice(&self.body.to_le_bytes());
        out[32..].copy_from_slice(&self.sha256.unwrap_or_default());
        out
    }

    /// `None` when the bytes are no footer.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; FOOTER] = bytes.try_into().ok()?;
        if bytes[..4] != MAGIC {
            return None;
        }
        let digest: [u8; 32] = bytes[32..].try_into().ok()?;
        let sha256 = match u32::from_le_bytes(bytes[4..8].try_into().ok()?) {
            0 => None,
            1 => Some(digest),
            _ => return None,
        };
        Some(Self { blocks: number(&bytes[8..16])?, size: number(&bytes[16..24])?, body: number(&bytes[24..32])?, sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_round_trip() {
        for sha256 in [None, Some([7; 32])] {
            let footer = Footer { blocks: 3, size: 3_000_000, body: 77, sha256 };
            assert_eq!(Footer::decode(&footer.encode()), Some(footer));
        }
        assert_eq!(Footer::decode(&[0; FOOTER]), None);
        assert_eq!(Footer::decode(b"FRBE"), None);
    }
}
