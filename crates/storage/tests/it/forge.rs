//! Builds plain objects by the description of the format alone, sound and unsound ones: whoever can write to the disk can do that, too.
//! Also used by the fuzz targets.

use storage::Compression;

/// The object `key` with any payload: header and checksums are right.
pub(crate) fn object(key: &str, compression: Compression, payload: &[u8]) -> Vec<u8> {
    let way = match compression {
        Compression::None => 0,
        Compression::Gzip => 1,
        Compression::Zstd => 2,
    };
    let start = [b'F', b'R', b'B', b'1', 1, 1, way, 0];
    let mut out = vec![0; 256];
    out[..8].copy_from_slice(&start);
    let sum = sum(&[key.as_bytes(), &out[..252]]);
    out[252..].copy_from_slice(&sum);
    let segments = payload.len().div_ceil(65_536);
    for (n, segment) in payload.chunks(65_536).enumerate() {
        let last = u8::from(n + 1 == segments);
        out.extend_from_slice(segment);
        out.extend_from_slice(&self::sum(&[&start, key.as_bytes(), &(n as u64).to_le_bytes(), &[last], segment]));
    }
    out
}

fn sum(parts: &[&[u8]]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|p| crc.update(p));
    crc.finalize().to_le_bytes()
}

/// A footer with the given numbers and no digest.
pub(crate) fn footer(blocks: u64, size: u64, body: u64) -> Vec<u8> {
    let mut out = b"FRBE\0\0\0\0".to_vec();
    for n in [blocks, size, body] {
        out.extend_from_slice(&n.to_le_bytes());
    }
    out.resize(64, 0);
    out
}

/// An object with this body and this index; the footer says a size of the file of `body.len()`.
pub(crate) fn plain(key: &str, compression: Compression, body: &[u8], index: &[u32]) -> Vec<u8> {
    sized(key, compression, body, index, body.len() as u64)
}

/// An object whose file is said to have `size` bytes.
pub(crate) fn sized(key: &str, compression: Compression, body: &[u8], index: &[u32], size: u64) -> Vec<u8> {
    let entries: Vec<u8> = index.iter().flat_map(|e| e.to_le_bytes()).collect();
    let payload = [body, &entries, &footer(index.len() as u64, size, body.len() as u64)].concat();
    object(key, compression, &payload)
}
