//! Bodies encrypted in segments: any segment can be opened alone, and no change goes unnoticed.
//!
//! Construction: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM in its 32-bit big-endian form: the
//! nonce is 7 random bytes, the segment's number and a flag that marks the last one. Each body has its own random key,
//! wrapped by the [`Keyring`] under the body's context, so that one put in another's place does not open.
//!
//! How segments are framed is the caller's business; it keeps the stream header, [`HEADER`] bytes:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, `01` |
//! | 7 | nonce prefix |
//! | 77 | wrapped data key |
//!
//! The SHA-256 of header and context is associated data of every segment.
//!
//! The cipher is ring's, which TLS has in the binary anyway: it takes a third of the time of the one for small values.
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::keyring::SEAL_OVERHEAD;
use crate::{CryptoError, DataKey, Keyring};

/// Bytes a segment is longer than its plaintext.
pub const TAG: usize = 16;
/// Bytes of a stream header.
pub const HEADER: usize = 1 + PREFIX + 32 + SEAL_OVERHEAD;

const VERSION: u8 = 1;
const PREFIX: usize = 7;

/// What both directions share: cipher with nonce prefix, and what every segment is bound to.
struct Core {
    key: LessSafeKey,
    prefix: [u8; PREFIX],
    bound_to: [u8; 32],
}

impl Core {
    fn new(key: &DataKey, prefix: &[u8], header: &[u8], context: &[u8]) -> Result<Self, CryptoError> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| CryptoError::Parameters)?;
        let prefix = prefix.try_into().map_err(|_| CryptoError::Malformed)?;
        Ok(Self { key: LessSafeKey::new(key), prefix, bound_to: crate::sha256(&[header, context].concat()) })
    }

    /// Of a segment: prefix, number, mark of the last one. A key seals one body, so none comes twice.
    fn nonce(&self, index: u32, last: bool) -> Nonce {
        let [a, b, c, d, e, f, g] = self.prefix;
        let [h, i, j, k] = index.to_be_bytes();
        Nonce::assume_unique_for_key([a, b, c, d, e, f, g, h, i, j, k, u8::from(last)])
    }
}

/// Encrypts the segments of a body in order.
pub struct StreamSealer {
    core: Core,
    next: u64,
}

impl StreamSealer {
    /// Starts a body with a fresh key, bound to `context`: what the body is, e.g. the name of its object. The second value is the
    /// stream header to keep with it.
    ///
    /// # Errors
    /// See [`Keyring::wrap`].
    pub fn new(keyring: &Keyring, context: &[u8]) -> Result<(Self, Vec<u8>), CryptoError> {
        let key = DataKey::random();
        let prefix: [u8; PREFIX] = crate::random_bytes();
        let mut header = Vec::with_capacity(HEADER);
        header.push(VERSION);
        header.extend_from_slice(&prefix);
        header.extend_from_slice(&keyring.wrap(&key, context)?);
        let core = Core::new(&key, &prefix, &header, context)?;
        Ok((Self { core, next: 0 }, header))
    }

    /// Seals the next segment where it lies: plaintext followed by [`TAG`] bytes of room. `last` marks the end of the body; without
    /// a last segment no reader takes the body for whole.
    ///
    /// # Errors
    /// [`CryptoError::TooLong`] without room for the tag or past 2³² segments; the sealer must not be used further.
    pub fn seal_in_place(&mut self, segment: &mut [u8], last: bool) -> Result<(), CryptoError> {
        let index = u32::try_from(self.next).map_err(|_| CryptoError::TooLong)?;
        let len = segment.len().checked_sub(TAG).ok_or(CryptoError::TooLong)?;
        let (body, room) = segment.split_at_mut(len);
        let tag = self.core.key.seal_in_place_separate_tag(self.core.nonce(index, last), Aad::from(&self.core.bound_to), body);
        room.copy_from_slice(tag.map_err(|_| CryptoError::TooLong)?.as_ref());
        self.next += 1;
        Ok(())
    }
}

impl std::fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSealer").field("segments", &self.next).finish_non_exhaustive()
    }
}

/// Opens segments of a body in any order.
pub struct SegmentOpener {
    core: Core,
}

impl SegmentOpener {
    /// Reads the stream header of a body that was sealed for `context`.
    ///
    /// # Errors
    /// Unknown format, unknown key, other context or changed header.
    pub fn new(keyring: &Keyring, header: &[u8], context: &[u8]) -> Result<Self, CryptoError> {
        let (fixed, wrapped) = header.split_at_checked(1 + PREFIX).ok_or(CryptoError::Malformed)?;
        let (version, prefix) = fixed.split_first().ok_or(CryptoError::Malformed)?;
        if *version != VERSION || header.len() != HEADER {
            return Err(CryptoError::Malformed);
        }
        Ok(Self { core: Core::new(&keyring.unwrap(wrapped, context)?, prefix, header, context)? })
    }

    /// Opens segment `index`, which takes `room` from `at` on, to the beginning of `room`, and answers the length of its plaintext. After an error
    /// the bytes are worthless.
    ///
    /// # Errors
    /// [`CryptoError::Tampered`]: another place, another end, or any changed byte.
    pub fn open_within(&self, index: u64, last: bool, room: &mut [u8], at: usize) -> Result<usize, CryptoError> {
        let index = u32::try_from(index).map_err(|_| CryptoError::Malformed)?;
        let plain = self.core.key.open_within(self.core.nonce(index, last), Aad::from(&self.core.bound_to), room, at..);
        plain.map(|p| p.len()).map_err(|_| CryptoError::Tampered)
    }
}

impl std::fmt::Debug for SegmentOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentOpener").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring() -> Keyring {
        Keyring::new(&["secret".to_owned()]).unwrap()
    }

    /// Header and sealed segments.
    fn seal(ring: &Keyring, context: &[u8], segments: &[&[u8]]) -> (Vec<u8>, Vec<Vec<u8>>) {
        let (mut sealer, header) = StreamSealer::new(ring, context).unwrap();
        let last = segments.len() - 1;
        let sealed = segments.iter().enumerate().map(|(i, plain)| {
            let mut room = [plain, &[0; TAG][..]].concat();
            sealer.seal_in_place(&mut room, i == last).unwrap();
            room
        });
        let sealed = sealed.collect();
        (header, sealed)
    }

    fn open(ring: &Keyring, context: &[u8], header: &[u8], segments: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, CryptoError> {
        let opener = SegmentOpener::new(ring, header, context)?;
        let last = segments.len() - 1;
        segments
            .iter()
            .enumerate()
            .map(|(i, stored)| {
                // Wherever it lies in its room.
                let mut bytes = [&vec![7; i * TAG][..], stored].concat();
                let len = opener.open_within(i as u64, i == last, &mut bytes, i * TAG)?;
                bytes.truncate(len);
                Ok(bytes)
            })
            .collect()
    }

    #[test]
    fn what_was_sealed_is_opened() {
        let ring = ring();
        let (header, sealed) = seal(&ring, b"c", &[b"one", b"", b"three"]);
        assert_eq!(header.len(), HEADER);
        assert_eq!(open(&ring, b"c", &header, &sealed).unwrap(), [b"one".to_vec(), b"".to_vec(), b"three".to_vec()]);
        assert!(open(&ring, b"d", &header, &sealed).is_err(), "another context");
        assert!(open(&Keyring::new(&["other".to_owned()]).unwrap(), b"c", &header, &sealed).is_err(), "another ring");
    }

    /// Bodies of before, and the construction of the title: another implementation of it makes the same bytes.
    #[test]
    fn it_is_the_construction_of_that_name() {
        use aead_stream::{NewStream as _, StreamBE32, StreamPrimitive as _};
        use aes_gcm::aead::KeyInit as _;
        let ring = ring();
        let (header, sealed) = seal(&ring, b"c", &[b"hello", b"", b"world"]);
        let key = ring.unwrap(&header[1 + PREFIX..], b"c").unwrap();
        let cipher = aes_gcm::Aes256Gcm::new(&aes_gcm::Key::<aes_gcm::Aes256Gcm>::from(*key.expose()));
        let stream = StreamBE32::from_aead(cipher, header[1..=PREFIX].try_into().unwrap());
        let bound_to = crate::sha256(&[&header[..], b"c"].concat());
        for (i, plain) in [&b"hello"[..], b"", b"world"].into_iter().enumerate() {
            let mut body = plain.to_vec();
            stream.encrypt_in_place(u32::try_from(i).unwrap(), i == 2, &bound_to, &mut body).unwrap();
            assert_eq!(body, sealed[i]);
        }
    }

    #[test]
    fn every_bit_counts() {
        let ring = ring();
        let (header, sealed) = seal(&ring, b"c", &[b"hello", b"world"]);
        for bit in 0..header.len() * 8 {
            let mut bad = header.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&ring, b"c", &bad, &sealed).is_err(), "bit {bit} of the header");
        }
        for segment in 0..2 {
            for bit in 0..sealed[segment].len() * 8 {
                let mut bad = sealed.clone();
                bad[segment][bit / 8] ^= 1 << (bit % 8);
                assert!(open(&ring, b"c", &header, &bad).is_err(), "bit {bit} of segment {segment}");
            }
        }
    }

    #[test]
    fn segments_can_not_move_or_vanish() {
        let ring = ring();
        let (header, s) = seal(&ring, b"c", &[b"aaa", b"bbb", b"ccc"]);
        let (other_header, other) = seal(&ring, b"c", &[b"aaa", b"bbb", b"ccc"]);
        let pick = |order: &[usize]| order.iter().map(|i| s[*i].clone()).collect::<Vec<_>>();
        for order in [&[1, 0, 2][..], &[0, 2], &[0, 1], &[0, 0, 2], &[0, 1, 2, 2], &[2]] {
            assert!(open(&ring, b"c", &header, &pick(order)).is_err(), "{order:?}");
        }
        assert!(open(&ring, b"c", &header, &[s[0].clone(), other[1].clone(), s[2].clone()]).is_err());
        assert!(open(&ring, b"c", &other_header, &s).is_err());
    }

    proptest! {
        #[test]
        fn rubbish_is_refused(header in proptest::collection::vec(any::<u8>(), 0..200), body in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(open(&ring(), b"c", &header, &[body]).is_err());
        }
    }
}
