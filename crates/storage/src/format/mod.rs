//! The container of stored files, `FRB1`.
//!
//! ```text
//! object  = header  segment(0) … segment(n-1)
//! header  = HEADER bytes, see `header`
//! segment = up to 65,536 bytes of the payload, then a tag; all but the last are full, the last is not empty
//! payload = body  index  footer
//! body    = the file itself, or its compressed blocks one after another
//! index   = length of each compressed block, u32 little endian, top bit set for a block kept as it is; empty without compression
//! footer  = 64 bytes, see `footer`
//! ```
//!
//! *Sealed* objects: a segment is encrypted with AES-256-GCM by the STREAM construction, the tag has 16 bytes; the data key is
//! the object's own and stands wrapped in the header; the object's name and the header are authenticated with it.
//! *Plain* objects: the tag is a CRC-32 (IEEE, 4 bytes, little endian) over name, header, number of the segment, last-mark and
//! the bytes; it finds accidents, not forgers. In both, a changed, missing, added, swapped or reordered stretch is found in the
//! segments that are read, before any of their bytes is handed out.
//!
//! Compression works on blocks of 1 MiB, each of them a complete gzip or zstd frame, so a range costs at most two
//! blocks more than its own length.
mod compress;
mod encoder;
mod footer;
mod header;
mod layout;
mod segment;

pub(crate) use compress::{BLOCK, decompress, entry_len};
pub(crate) use encoder::{Encoded, Encoder};
pub(crate) use footer::{FOOTER, Footer};
pub(crate) use header::{HEADER, Header};
pub(crate) use layout::{Layout, SEGMENT};
pub(crate) use segment::Opener;

/// Version of the container written by this build, and the only one read.
pub const FORMAT_VERSION: u8 = 1;

/// What protects the segments of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Checksums.
    Plain,
    /// Authenticated encryption.
    Sealed,
}

impl Mode {
    /// Bytes that follow each segment.
    pub(crate) fn tag(self) -> usize {
        match self {
            Self::Plain => 4,
            Self::Sealed => 16,
        }
    }
}
