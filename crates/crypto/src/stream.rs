//! Files encrypted in segments: any segment can be opened alone, and no change goes unnoticed.
//!
//! Construction: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM in its 32-bit big-endian form: the
//! nonce is 7 random bytes, the segment's number and a flag that marks the last one. Each file has its own random key,
//! wrapped by the [`Keyring`] under the file's context, so a blob put in another file's place does not open.
//!
//! Layout, version 1:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `FERS` |
//! | 1 | version, `01` |
//! | 4 | plaintext bytes per segment, big endian, 65536 |
//! | 7 | nonce prefix |
//! | 77 | wrapped data key; its key id stands in bytes 17–20 of the file |
//! | … | segments: ciphertext and a 16 byte tag; all but the last hold a full segment of plaintext |
//!
//! An empty file has one empty segment; no other file ends with one. The SHA-256 of the header is associated data of
//! every segment.
use std::ops::Range;

use aead_stream::{NewStream as _, StreamBE32, StreamPrimitive as _};
use aes_gcm::aead::KeyInit as _;
use aes_gcm::{Aes256Gcm, Key};
use zeroize::Zeroize as _;

use crate::keyring::SEAL_OVERHEAD;
use crate::{CryptoError, DataKey, Keyring};

/// Plaintext bytes of a full segment.
pub const SEGMENT: usize = 64 * 1024;
/// Bytes a segment is longer than its plaintext.
pub const TAG: usize = 16;
/// Bytes before the first segment.
pub const HEADER: usize = WRAPPED_AT + 32 + SEAL_OVERHEAD;

const SEALED_SEGMENT: usize = SEGMENT + TAG;
const MAGIC: &[u8; 4] = b"FERS";
const VERSION: u8 = 1;
const PREFIX: usize = 7;
const WRAPPED_AT: usize = 4 + 1 + 4 + PREFIX;
/// Segments are numbered in 32 bits.
const MAX_PLAIN: u64 = (SEGMENT as u64) << 32;

/// Length of a sealed file with `plain` bytes of plaintext; `None` past 256 TiB.
#[must_use]
pub fn sealed_len(plain: u64) -> Option<u64> {
    if plain > MAX_PLAIN {
        return None;
    }
    Some(HEADER as u64 + plain + TAG as u64 * plain.div_ceil(SEGMENT as u64).max(1))
}

/// Plaintext length of a sealed file of `sealed` bytes; `None` when no sealed file has that length.
#[must_use]
pub fn plain_len(sealed: u64) -> Option<u64> {
    let body = sealed.checked_sub(HEADER as u64)?;
    let segments = body.div_ceil(SEALED_SEGMENT as u64);
    let plain = body.checked_sub(segments.checked_mul(TAG as u64)?)?;
    (sealed_len(plain) == Some(sealed)).then_some(plain)
}

/// What both directions share: cipher with nonce prefix, and the header's digest.
struct Core {
    stream: StreamBE32<Aes256Gcm>,
    header_digest: [u8; 32],
}

impl Core {
    fn new(key: &DataKey, prefix: &[u8], header: &[u8]) -> Result<Self, CryptoError> {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose()));
        let prefix = prefix.try_into().map_err(|_| CryptoError::Malformed)?;
        Ok(Self { stream: StreamBE32::from_aead(cipher, prefix), header_digest: crate::sha256(header) })
    }

    fn open(&self, index: u64, last: bool, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let index = u32::try_from(index).map_err(|_| CryptoError::Malformed)?;
        let mut buffer = sealed.to_vec();
        self.stream.decrypt_in_place(index, last, &self.header_digest, &mut buffer).map_err(|_| CryptoError::Tampered)?;
        Ok(buffer)
    }
}

/// Reads a header and unwraps its key.
fn open_header(keyring: &Keyring, context: &[u8], header: &[u8]) -> Result<Core, CryptoError> {
    let header = header.get(..HEADER).ok_or(CryptoError::Malformed)?;
    let (fixed, wrapped) = header.split_at(WRAPPED_AT);
    let (start, prefix) = fixed.split_at(WRAPPED_AT - PREFIX);
    if start != fixed_start() {
        return Err(CryptoError::Malformed);
    }
    Core::new(&keyring.unwrap(wrapped, context)?, prefix, header)
}

fn fixed_start() -> [u8; WRAPPED_AT - PREFIX] {
    let mut out = [0; WRAPPED_AT - PREFIX];
    out[..4].copy_from_slice(MAGIC);
    out[4] = VERSION;
    out[5..].copy_from_slice(&(SEGMENT as u32).to_be_bytes());
    out
}

/// Encrypts a file while it streams by. Holds at most one segment.
pub struct StreamSealer {
    core: Core,
    /// Written before the first segment; empty afterwards.
    header: Vec<u8>,
    /// Plaintext not sealed yet: a full segment waits here until it is known not to be the last.
    buffer: Vec<u8>,
    next: u64,
}

impl StreamSealer {
    /// Starts a file with a fresh key, bound to `context`: what the file is, e.g. project, bucket and file id.
    ///
    /// # Errors
    /// See [`Keyring::wrap`].
    pub fn new(keyring: &Keyring, context: &[u8]) -> Result<Self, CryptoError> {
        let key = DataKey::random();
        let prefix: [u8; PREFIX] = crate::random_bytes();
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&fixed_start());
        header.extend_from_slice(&prefix);
        header.extend_from_slice(&keyring.wrap(&key, context)?);
        let core = Core::new(&key, &prefix, &header)?;
        Ok(Self { core, header, buffer: Vec::with_capacity(SEALED_SEGMENT), next: 0 })
    }

    /// Takes the next plaintext and appends what can be sealed to `out`.
    ///
    /// # Errors
    /// [`CryptoError::TooLong`] past 256 TiB; the sealer must not be used further.
    pub fn push(&mut self, mut plain: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        out.append(&mut self.header);
        while !plain.is_empty() {
            if self.buffer.len() == SEGMENT {
                self.seal(false, out)?;
            }
            let (now, later) = plain.split_at(plain.len().min(SEGMENT - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            plain = later;
        }
        Ok(())
    }

    /// Seals the rest as the last segment and appends it to `out`. Without this call the file does not open.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        out.append(&mut self.header);
        self.seal(true, out)
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let index = u32::try_from(self.next).map_err(|_| CryptoError::TooLong)?;
        self.core.stream.encrypt_in_place(index, last, &self.core.header_digest, &mut self.buffer).map_err(|_| CryptoError::TooLong)?;
        out.append(&mut self.buffer);
        self.next += 1;
        Ok(())
    }
}

impl Drop for StreamSealer {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

impl std::fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSealer").field("segments", &self.next).finish_non_exhaustive()
    }
}

/// Which part of a sealed file holds a range of plaintext, see [`SegmentOpener::span`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Numbers of the segments needed.
    pub segments: Range<u64>,
    /// Bytes of the sealed file they take up.
    pub sealed: Range<u64>,
    /// Plaintext bytes to drop before the range starts.
    pub skip: usize,
}

/// Opens single segments of a sealed file, for ranged reads.
///
/// What it yields is what was sealed at that place of that file. That the file still has its whole length shows when
/// the last segment is opened, or when `plain_len` is compared with the length noted elsewhere.
pub struct SegmentOpener {
    core: Core,
    plain: u64,
    count: u64,
}

impl SegmentOpener {
    /// Reads the header (the first [`HEADER`] bytes) of a file of `sealed_len` bytes in all.
    ///
    /// # Errors
    /// Unknown format, impossible length, unknown key, other context or changed header.
    pub fn new(keyring: &Keyring, context: &[u8], header: &[u8], sealed_len: u64) -> Result<Self, CryptoError> {
        let plain = plain_len(sealed_len).ok_or(CryptoError::Malformed)?;
        let core = open_header(keyring, context, header)?;
        Ok(Self { core, plain, count: plain.div_ceil(SEGMENT as u64).max(1) })
    }

    /// Plaintext length of the file.
    #[must_use]
    pub fn plain_len(&self) -> u64 {
        self.plain
    }

    /// How many segments there are, at least one.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.count
    }

    /// Where segment `index` stands in the sealed file; `None` past the last one.
    #[must_use]
    pub fn sealed_range(&self, index: u64) -> Option<Range<u64>> {
        if index >= self.count {
            return None;
        }
        let start = HEADER as u64 + index * SEALED_SEGMENT as u64;
        let plain = (self.plain - index * SEGMENT as u64).min(SEGMENT as u64);
        Some(start..start + plain + TAG as u64)
    }

    /// What must be read for the plaintext bytes `range`; `None` when empty or not inside the file.
    #[must_use]
    pub fn span(&self, range: Range<u64>) -> Option<Span> {
        if range.start >= range.end || range.end > self.plain {
            return None;
        }
        let segments = range.start / SEGMENT as u64..(range.end - 1) / SEGMENT as u64 + 1;
        let sealed = self.sealed_range(segments.start)?.start..self.sealed_range(segments.end - 1)?.end;
        Some(Span { segments, sealed, skip: usize::try_from(range.start % SEGMENT as u64).ok()? })
    }

    /// Opens segment `index`, given exactly its bytes ([`Self::sealed_range`]).
    ///
    /// # Errors
    /// Wrong number or length, or any changed byte.
    pub fn open(&self, index: u64, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let range = self.sealed_range(index).ok_or(CryptoError::Malformed)?;
        if range.end - range.start != sealed.len() as u64 {
            return Err(CryptoError::Malformed);
        }
        self.core.open(index, index + 1 == self.count, sealed)
    }
}

impl std::fmt::Debug for SegmentOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentOpener").field("plain", &self.plain).finish_non_exhaustive()
    }
}

/// Opens a whole sealed file while it streams by, in pieces of any size. Holds at most one segment.
///
/// Every byte it yields is authentic, but only [`Self::finish`] tells that nothing is missing at the end.
pub struct StreamOpener<'k> {
    keyring: &'k Keyring,
    context: Vec<u8>,
    core: Option<Core>,
    buffer: Vec<u8>,
    next: u64,
}

impl<'k> StreamOpener<'k> {
    /// Starts a file that was sealed for `context`.
    #[must_use]
    pub fn new(keyring: &'k Keyring, context: &[u8]) -> Self {
        Self { keyring, context: context.to_vec(), core: None, buffer: Vec::new(), next: 0 }
    }

    /// Takes the next sealed bytes and appends what can be opened to `out`.
    ///
    /// # Errors
    /// Unknown format or key, other context or any changed byte; the opener must not be used further.
    pub fn push(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        while !sealed.is_empty() {
            let want = if self.core.is_some() { SEALED_SEGMENT } else { HEADER };
            if self.buffer.len() == want {
                self.flush(false, out)?;
                continue;
            }
            let (now, later) = sealed.split_at(sealed.len().min(want - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            sealed = later;
        }
        Ok(())
    }

    /// Opens the last segment and appends it to `out`.
    ///
    /// # Errors
    /// As [`Self::push`], and when the file was cut short.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        if self.core.is_none() {
            return Err(CryptoError::Malformed);
        }
        // Only an empty file ends with an empty segment.
        if self.buffer.len() < TAG || (self.buffer.len() == TAG && self.next > 0) {
            return Err(CryptoError::Malformed);
        }
        self.flush(true, out)
    }

    fn flush(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        match &self.core {
            None => self.core = Some(open_header(self.keyring, &self.context, &self.buffer)?),
            Some(core) => {
                out.append(&mut core.open(self.next, last, &self.buffer)?);
                self.next += 1;
            }
        }
        self.buffer.clear();
        Ok(())
    }
}

impl std::fmt::Debug for StreamOpener<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamOpener").field("segments", &self.next).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring() -> Keyring {
        Keyring::new(&["secret".to_owned()]).unwrap()
    }

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i % 251) as u8).collect()
    }

    fn seal(ring: &Keyring, context: &[u8], plain: &[u8], piece: usize) -> Vec<u8> {
        let mut sealer = StreamSealer::new(ring, context).unwrap();
        let mut out = Vec::new();
        for p in plain.chunks(piece) {
            sealer.push(p, &mut out).unwrap();
        }
        sealer.finish(&mut out).unwrap();
        out
    }

    fn open(ring: &Keyring, context: &[u8], sealed: &[u8], piece: usize) -> Result<Vec<u8>, CryptoError> {
        let mut opener = StreamOpener::new(ring, context);
        let mut out = Vec::new();
        for p in sealed.chunks(piece) {
            opener.push(p, &mut out)?;
        }
        opener.finish(&mut out)?;
        Ok(out)
    }

    /// Reads everything segment by segment, as ranged reads do.
    fn open_segments(ring: &Keyring, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let opener = SegmentOpener::new(ring, context, sealed, sealed.len() as u64)?;
        let mut out = Vec::new();
        for i in 0..opener.segments() {
            let r = opener.sealed_range(i).unwrap();
            out.extend(opener.open(i, &sealed[r.start as usize..r.end as usize])?);
        }
        Ok(out)
    }

    #[test]
    fn all_interesting_lengths() {
        let ring = ring();
        for len in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 17] {
            let plain = sample(len);
            let sealed = seal(&ring, b"c", &plain, 10_000);
            assert_eq!(sealed_len(len as u64), Some(sealed.len() as u64));
            assert_eq!(plain_len(sealed.len() as u64), Some(len as u64));
            assert_eq!(open(&ring, b"c", &sealed, 7_777).unwrap(), plain);
            assert_eq!(open_segments(&ring, b"c", &sealed).unwrap(), plain);
            assert!(open(&ring, b"d", &sealed, 7_777).is_err());
            assert!(open_segments(&ring, b"d", &sealed).is_err());
        }
    }

    #[test]
    fn every_bit_of_a_small_file_counts() {
        let ring = ring();
        let sealed = seal(&ring, b"c", b"hello", 5);
        for i in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[i / 8] ^= 1 << (i % 8);
            assert!(open(&ring, b"c", &bad, 4096).is_err(), "bit {i}");
            assert!(open_segments(&ring, b"c", &bad).is_err(), "bit {i}");
        }
    }

    #[test]
    fn changes_in_many_segments_are_found() {
        let ring = ring();
        let sealed = seal(&ring, b"c", &sample(2 * SEGMENT + 100), 50_000);
        // Whole header, all seams and tags, and a stride through the rest.
        let seams = [HEADER, HEADER + SEALED_SEGMENT, HEADER + 2 * SEALED_SEGMENT, sealed.len()];
        let near = seams.iter().flat_map(|s| s.saturating_sub(20)..(s + 4).min(sealed.len()));
        for i in (0..HEADER).chain(near).chain((0..sealed.len()).step_by(9_973)) {
            let mut bad = sealed.clone();
            bad[i] ^= 1 << (i % 8);
            assert!(open(&ring, b"c", &bad, 60_000).is_err(), "byte {i}");
            assert!(open_segments(&ring, b"c", &bad).is_err(), "byte {i}");
        }
        // Cut short, also exactly between segments; lengthened.
        for n in (0..HEADER).step_by(7).chain(seams[..3].iter().flat_map(|s| s - 1..s + 18)) {
            assert!(open(&ring, b"c", &sealed[..n], 60_000).is_err(), "cut to {n}");
            assert!(open_segments(&ring, b"c", &sealed[..n]).is_err(), "cut to {n}");
        }
        for extra in [1, TAG, TAG + 1] {
            let long = [&sealed[..], &vec![0; extra]].concat();
            assert!(open(&ring, b"c", &long, 60_000).is_err());
            assert!(open_segments(&ring, b"c", &long).is_err());
        }
    }

    #[test]
    fn segments_can_not_move() {
        let ring = ring();
        let sealed = seal(&ring, b"c", &sample(3 * SEGMENT), SEGMENT);
        let other = seal(&ring, b"c", &sample(3 * SEGMENT), SEGMENT);
        let part = |s: &[u8], i: usize| s[HEADER + i * SEALED_SEGMENT..HEADER + (i + 1) * SEALED_SEGMENT].to_vec();
        let build = |parts: &[Vec<u8>]| [&sealed[..HEADER], &parts.concat()].concat();
        for parts in [
            vec![part(&sealed, 1), part(&sealed, 0), part(&sealed, 2)],
            vec![part(&sealed, 0), part(&sealed, 2)],
            vec![part(&sealed, 0), part(&sealed, 1)],
            vec![part(&sealed, 0), part(&sealed, 0), part(&sealed, 2)],
            vec![part(&sealed, 0), part(&other, 1), part(&sealed, 2)],
            vec![part(&sealed, 0), part(&sealed, 1), part(&sealed, 2), part(&sealed, 2)],
        ] {
            assert!(open(&ring, b"c", &build(&parts), 99_999).is_err());
            assert!(open_segments(&ring, b"c", &build(&parts)).is_err());
        }
        assert!(open(&ring, b"c", &[&other[..HEADER], &sealed[HEADER..]].concat(), 99_999).is_err());
    }

    #[test]
    fn lengths_that_can_not_be() {
        assert_eq!(plain_len(0), None);
        assert_eq!(plain_len(HEADER as u64), None);
        assert_eq!(plain_len(HEADER as u64 + 15), None);
        assert_eq!(plain_len((HEADER + TAG) as u64), Some(0));
        // A full segment followed by an empty one is never written.
        assert_eq!(plain_len((HEADER + SEALED_SEGMENT + TAG) as u64), None);
        assert_eq!(plain_len(u64::MAX), None);
        assert_eq!(sealed_len(u64::MAX), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn ranges_equal_slices(len in 1..3 * SEGMENT, a in any::<u64>(), b in any::<u64>()) {
            let ring = ring();
            let plain = sample(len);
            let sealed = seal(&ring, b"c", &plain, 100_000);
            let opener = SegmentOpener::new(&ring, b"c", &sealed[..HEADER], sealed.len() as u64).unwrap();
            let (a, b) = (a % len as u64, b % len as u64);
            let range = a.min(b)..a.max(b) + 1;
            let span = opener.span(range.clone()).unwrap();
            let bytes = &sealed[span.sealed.start as usize..span.sealed.end as usize];
            let mut got = Vec::new();
            for (i, s) in span.segments.clone().zip(bytes.chunks(SEALED_SEGMENT)) {
                got.extend(opener.open(i, s).unwrap());
            }
            let wanted = (range.end - range.start) as usize;
            prop_assert_eq!(&got[span.skip..span.skip + wanted], &plain[range.start as usize..range.end as usize]);
            prop_assert_eq!(opener.span(0..len as u64 + 1), None);
        }

        #[test]
        fn length_functions_are_inverse(plain in 0..MAX_PLAIN) {
            prop_assert_eq!(plain_len(sealed_len(plain).unwrap()), Some(plain));
        }

        #[test]
        fn rubbish_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(open(&ring(), b"c", &bytes, 64).is_err());
        }
    }
}
