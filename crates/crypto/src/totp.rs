//! One-time passwords by time (RFC 6238): six digits, thirty seconds, HMAC-SHA1, as every authenticator app makes them.
use crate::digest::{constant_time_eq, hmac_sha1};
use crate::random::random_bytes;

/// Seconds a password is valid for.
const PERIOD: u64 = 30;
/// Periods a clock may be off.
const SKEW: u64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret: 512 random bits in Base32.
#[must_use]
pub fn secret() -> String {
    encode(&random_bytes::<64>())
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for b in bytes {
        buffer = (buffer << 8) | u32::from(*b);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(&mut out, buffer >> bits);
        }
    }
    if bits > 0 {
        push(&mut out, buffer << (5 - bits));
    }
    out
}

fn push(out: &mut String, five: u32) {
    let at = usize::try_from(five & 31).unwrap_or(0);
    out.push(ALPHABET.get(at).map_or('A', |c| char::from(*c)));
}

/// Bytes of a Base32 text in any case, padding aside; `None` when it is none.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|a| *a == c.to_ascii_uppercase())?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The password of a period.
fn at(key: &[u8], period: u64) -> String {
    let mac = hmac_sha1(key, &period.to_be_bytes());
    let offset = usize::from(mac[19] & 0x0f);
    let four = mac.get(offset..offset + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

/// The password at a time (seconds since 1970); `None` when the secret is no Base32.
#[must_use]
pub fn code(secret: &str, now: u64) -> Option<String> {
    Some(at(&decode(secret)?, now / PERIOD))
}

/// Whether a password is the one of now, or of the period before or after.
#[must_use]
pub fn verify(secret: &str, password: &str, now: u64) -> bool {
    let Some(key) = decode(secret).filter(|k| !k.is_empty()) else { return false };
    let period = now / PERIOD;
    // All are looked at, whatever the first says.
    (period.saturating_sub(SKEW)..=period + SKEW).fold(false, |found, p| constant_time_eq(at(&key, p).as_bytes(), password.as_bytes()) | found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_passwords() {
        // RFC 6238, appendix B, SHA1, its last six digits.
        let secret = encode(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (time, code_then) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(code(&secret, time).as_deref(), Some(code_then));
            assert!(verify(&secret, code_then, time) && verify(&secret, code_then, time + 30) && !verify(&secret, code_then, time + 90));
        }
        assert!(!verify(&secret, "", 59) && !verify("", "000000", 59) && !verify("1!", "000000", 59));
    }

    #[test]
    fn secrets_are_long_and_their_own() {
        let s = secret();
        assert_eq!((s.len(), decode(&s).unwrap().len()), (103, 64));
        assert_ne!(s, secret());
        assert_eq!(decode("mzxw6ytboi======").unwrap(), b"foobar");
    }
}
