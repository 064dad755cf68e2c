//! Compression of blocks. Each is a frame of its own: no state is carried from block to block.
use std::io::{self, Read as _, Write as _};

use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use crate::types::Compression;

/// Bytes of the file in a full block.
pub(crate) const BLOCK: usize = 1 << 20;
/// Marks an index entry whose block is kept as it is because a frame would not be shorter.
const KEPT: u32 = 1 << 31;
/// zstd's own default: a good ratio at several hundred MB/s.
const ZSTD_LEVEL: i32 = 3;

/// Compresses a block of at most [`BLOCK`] bytes onto `out`; answers its entry in the index.
pub(crate) fn compress(how: Compression, block: &[u8], out: &mut Vec<u8>) -> io::Result<u32> {
    let frame = match how {
        Compression::None => Vec::new(),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::with_capacity(block.len() / 2), flate2::Compression::default());
            encoder.write_all(block)?;
            encoder.finish()?
        }
        Compression::Zstd => zstd::bulk::compress(block, ZSTD_LEVEL)?,
    };
    let kept = how == Compression::None || frame.len() >= block.len();
    let bytes = if kept { block } else { &frame };
    out.extend_from_slice(bytes);
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    Ok(if kept { len | KEPT } else { len })
}

/// Bytes that a block of this index entry takes in the body.
pub(crate) fn entry_len(entry: u32) -> u64 {
    u64::from(entry & !KEPT)
}

/// The block of `len` bytes behind an index entry; `None` when the bytes are not such a block. Never makes more than `len` bytes.
pub(crate) fn decompress(how: Compression, entry: u32, bytes: &[u8], len: usize) -> Option<Vec<u8>> {
    if entry & KEPT != 0 {
        return (bytes.len() == len).then(|| bytes.to_vec());
    }
    let block = match how {
        Compression::None => return None,
        Compression::Gzip => {
            let mut block = Vec::with_capacity(len);
            // One byte more than expected is enough to see that the frame is too long.
            GzDecoder::new(bytes).take(len as u64 + 1).read_to_end(&mut block).ok()?;
            block
        }
        Compression::Zstd => zstd::bulk::decompress(bytes, len).ok()?,
    };
    (block.len() == len).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_and_bombs_do_not() {
        let noise: Vec<u8> = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for how in [Compression::Gzip, Compression::Zstd] {
            for block in [vec![b'a'; BLOCK], b"x".to_vec(), noise.clone()] {
                let mut out = Vec::new();
                let entry = compress(how, &block, &mut out).expect("compress");
                assert_eq!(entry_len(entry), out.len() as u64);
                assert!(out.len() <= block.len());
                assert_eq!(decompress(how, entry, &out, block.len()), Some(block.clone()));
                assert_eq!(decompress(how, entry, &out, block.len() - 1), None);
                assert_eq!(decompress(how, entry, &out, block.len() + 1), None);
            }
        }
        assert_eq!(decompress(Compression::Zstd, 3, b"abc", 3), None);
        assert_eq!(decompress(Compression::None, 3, b"abc", 3), None);
    }
}
