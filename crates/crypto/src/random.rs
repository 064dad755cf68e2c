//! Randomness of the operating system.

/// Fills `out` with random bytes.
///
/// Ends the process when the operating system has no randomness to give: every secret made afterwards could be guessed,
/// and no caller can do anything sensible about it.
pub fn fill_random(out: &mut [u8]) {
    if getrandom::fill(out).is_err() {
        std::process::abort();
    }
}

/// `N` random bytes.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill_random(&mut out);
    out
}

/// `len` random lowercase hexadecimal digits, four bits each.
#[must_use]
pub fn random_hex(len: usize) -> String {
    let mut bytes = vec![0; len.div_ceil(2)];
    fill_random(&mut bytes);
    let mut text = hex::encode(bytes);
    text.truncate(len);
    text
}

/// A uniformly random number below `bound`; 0 when `bound` is 0.
#[must_use]
pub fn random_below(bound: u32) -> u32 {
    if bound == 0 {
        return 0;
    }
    // Values past the last whole multiple of `bound` would favour small numbers.
    let limit = (1u64 << 32) / u64::from(bound) * u64::from(bound);
    loop {
        let n = u32::from_le_bytes(random_bytes());
        if u64::from(n) < limit {
            return n % bound;
        }
    }
}

/// `len` random decimal digits, leading zeros included.
#[must_use]
pub fn random_digits(len: usize) -> String {
    (0..len).filter_map(|_| char::from_digit(random_below(10), 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_alphabets() {
        for len in [0, 1, 6, 7, 256] {
            let h = random_hex(len);
            assert_eq!(h.len(), len);
            assert!(h.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
            let d = random_digits(len);
            assert_eq!(d.len(), len);
            assert!(d.bytes().all(|b| b.is_ascii_digit()));
        }
        assert_ne!(random_hex(64), random_hex(64));
        assert_ne!(random_bytes::<32>(), [0; 32]);
    }

    #[test]
    fn below_is_below_and_reaches_all() {
        let mut seen = [false; 10];
        for _ in 0..1_000 {
            seen[random_below(10) as usize] = true;
        }
        assert!(seen.iter().all(|s| *s));
        assert_eq!(random_below(0), 0);
        assert_eq!(random_below(1), 0);
    }
}
