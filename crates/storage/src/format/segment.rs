//! Protection of single segments: checksum or cipher.
use crypto::Keyring;

use super::{Mode, header};
use crate::types::Compression;

/// CRC of a plain segment, started with what all segments of the object share.
#[derive(Clone)]
pub(crate) struct Checksum(crc32fast::Hasher);

impl Checksum {
    fn new(context: &[u8]) -> Self {
        let mut crc = crc32fast::Hasher::new();
        crc.update(context);
        Self(crc)
    }

    fn of(&self, segment: u64, last: bool, bytes: &[u8]) -> [u8; 4] {
        let mut crc = self.0.clone();
        crc.update(&segment.to_le_bytes());
        crc.update(&[u8::from(last)]);
        crc.update(bytes);
        crc.finalize().to_le_bytes()
    }
}

/// Protects segments in order.
pub(crate) enum Sealer {
    Plain { sum: Checksum, next: u64 },
    Sealed(Box<crypto::stream::StreamSealer>),
}

impl Sealer {
    /// A sealer for the object `key`, and the stream header to store with it. `None` when no key can be made.
    pub(crate) fn new(mode: Mode, compression: Compression, key: &str, keyring: &Keyring) -> Option<(Self, Vec<u8>)> {
        let context = header::context(mode, compression, key);
        match mode {
            Mode::Plain => Some((Self::Plain { sum: Checksum::new(&context), next: 0 }, Vec::new())),
            Mode::Sealed => {
                let (sealer, header) = crypto::stream::StreamSealer::new(keyring, &context).ok()?;
                Some((Self::Sealed(Box::new(sealer)), header))
            }
        }
    }

    /// Protects the segment `out[start..]` in place and appends its tag. `None` after the last or 2³²-th segment.
    pub(crate) fn seal(&mut self, out: &mut Vec<u8>, start: usize, last: bool) -> Option<()> {
        match self {
            Self::Plain { sum, next } => {
                let tag = sum.of(*next, last, out.get(start..)?);
                *next += 1;
                out.extend_from_slice(&tag);
                Some(())
            }
            Self::Sealed(sealer) => {
                out.extend_from_slice(&[0; crypto::stream::TAG]);
                sealer.seal_in_place(out.get_mut(start..)?, last).ok()
            }
        }
    }
}

/// Checks and opens segments in any order.
pub(crate) enum Opener {
    Plain(Checksum),
    Sealed(Box<crypto::stream::SegmentOpener>),
}

impl Opener {
    /// `None` when the stream header does not belong to this object or to this key ring.
    pub(crate) fn new(header: &header::Header, key: &str, keyring: &Keyring) -> Option<Self> {
        let context = header::context(header.mode, header.compression, key);
        match header.mode {
            Mode::Plain => header.stream.is_empty().then(|| Self::Plain(Checksum::new(&context))),
            Mode::Sealed => Some(Self::Sealed(Box::new(crypto::stream::SegmentOpener::new(keyring, &header.stream, &context).ok()?))),
        }
    }

    /// Checks a stored segment, which takes `room` from `at` on, opens it to the beginning of `room` and answers the length of its payload;
    /// `None` when it is damaged.
    pub(crate) fn open(&self, segment: u64, last: bool, room: &mut [u8], at: usize) -> Option<usize> {
        match self {
            Self::Plain(sum) => {
                let (bytes, tag) = room.get(at..)?.split_last_chunk::<4>()?;
                let len = bytes.len();
                if sum.of(segment, last, bytes) != *tag {
                    return None;
                }
                room.copy_within(at..at + len, 0);
                Some(len)
            }
            Self::Sealed(opener) => opener.open_within(segment, last, room, at).ok(),
        }
    }
}
