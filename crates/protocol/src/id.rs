//! Resource ids: 20 lower-case hexadecimal digits, time first, then random.

/// Makes an id from the time in microseconds and 7 hex digits' worth of randomness: 13 digits of time, 7 random.
#[must_use]
pub fn unique(micros: u64, random: u32) -> String {
    let (s, us) = (micros / 1_000_000, micros % 1_000_000);
    format!("{s:08x}{us:05x}{:07x}", random & 0x0fff_ffff)
}
