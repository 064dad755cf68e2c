//! Portable PHP password hashes (phpass 0.3): `$P$`, the iteration count as one character, 8 characters of salt, and
//! iterated MD5 in a base64 of its own. phpBB writes `$H$`. bcrypt hashes are accepted as phpass makes them, too.
use md5::{Digest, Md5};

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Most iterations computed, as a power of two; the format goes to 30, usual values are 8 to 16.
const MAX_LOG2: usize = 22;

pub(super) fn verify(password: &[u8], stored: &str) -> bool {
    if stored.starts_with("$2") {
        return super::kdf::verify_bcrypt(password, stored);
    }
    let Some((log2, salt)) = parse(stored) else {
        return false;
    };
    let mut hash = digest(salt, password);
    for _ in 0..1u32 << log2 {
        hash = digest(&hash, password);
    }
    let text = encode(&hash);
    stored.get(12..).is_some_and(|s| crate::constant_time_eq(s.as_bytes(), text.as_bytes()))
}

pub(super) fn is_usable(stored: &str) -> bool {
    if stored.starts_with("$2") {
        return super::kdf::bcrypt_cost(stored).is_some();
    }
    parse(stored).is_some() && stored.len() == 34
}

/// Exponent of the iterations, and salt.
fn parse(stored: &str) -> Option<(usize, &[u8])> {
    let rest = stored.strip_prefix("$P$").or_else(|| stored.strip_prefix("$H$"))?.as_bytes();
    let log2 = ALPHABET.iter().position(|c| Some(c) == rest.first())?;
    let salt = rest.get(1..9)?;
    (7..=MAX_LOG2).contains(&log2).then_some((log2, salt))
}

fn digest(first: &[u8], second: &[u8]) -> [u8; 16] {
    Md5::new().chain_update(first).chain_update(second).finalize().into()
}

/// Three bytes, little endian, to four characters; a rest of one byte to two.
fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(22);
    for group in bytes.chunks(3) {
        let value = group.iter().rev().fold(0usize, |v, b| v << 8 | usize::from(*b));
        for i in 0..=group.len() {
            out.push(ALPHABET.get(value >> (6 * i) & 63).copied().map_or('.', char::from));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_original() {
        // Made with passlib.
        let password = "Paßwort-123".as_bytes();
        for hash in ["$P$6abcdefghm4Sw.BnkMvw8MGgid.xZJ.", "$H$512345678eZNU0FMJ.njDOp4Ox3w9d0"] {
            assert!(verify(password, hash), "{hash}");
            assert!(is_usable(hash));
            assert!(!verify(b"other", hash));
            assert!(!verify(password, &hash[..33]));
            assert!(!verify(password, &format!("{hash}.")));
        }
        // From phpass 0.3's own test program.
        assert!(verify(b"test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"));
        assert!(verify(password, "$2a$04$CWt79LyadFvRm8HNzN.j6.V7igf8/79.JdQO0O2cUBHsgM6FCxDb."));
    }

    #[test]
    fn refuses_other_forms() {
        for bad in ["", "$P$", "$P$6abc", "$P$.abcdefghm4Sw.BnkMvw8MGgid.xZJ.", "*0", "*1", "$P$6ééééé"] {
            assert!(!verify(b"x", bad) && !is_usable(bad), "{bad}");
        }
    }
}
