//! The two range headers of files: `Content-Range` of chunks that come, `Range` of parts that are asked for.
use std::ops::Range;

/// A `Content-Range` header: which bytes a chunk brings, and of how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// First byte.
    pub(super) start: u64,
    /// Bytes of the chunk.
    pub(super) len: u64,
    /// Bytes of the file.
    pub(super) total: u64,
}

impl ContentRange {
    /// `unit start-end/total`. The reference asks for no unit in particular and accepts an end of one past the last byte, which some clients send.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (_, rest) = header.trim().split_once(' ')?;
        let (bytes, total) = rest.split_once('/')?;
        let (start, end) = bytes.split_once('-')?;
        let (start, end, total) = (number(start)?, number(end)?, number(total)?);
        if start > end || end > total {
            return None;
        }
        let last = end.min(total.saturating_sub(1));
        let len = if total == 0 { 0 } else { (last + 1).checked_sub(start)? };
        Some(Self { start, len, total })
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    // `parse` would take a sign.
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The part of a file of `size` bytes that a `Range` header asks for. As in the reference a range is `bytes=a-b` with `a < b < size`, or `bytes=a-`;
/// that and what is longer than 20 MB brings at most `limit` bytes.
pub(super) fn asked(header: &str, size: u64, limit: u64) -> Option<Range<u64>> {
    let (start, end) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let start = number(start)?;
    let cut = start.saturating_add(limit - 1).min(size.saturating_sub(1));
    let end = if end.trim().is_empty() { cut } else { number(end)? };
    let end = if end.saturating_sub(start) > LONGEST { cut } else { end };
    (start < end && end < size).then(|| start..end + 1)
}

/// What a `Range` header asks for by RFC 9110.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything: another unit, no known form, or several parts, which a server may answer with the whole.
    Whole,
    /// A part that is there.
    Part(Range<u64>),
    /// Nothing that is there.
    Nothing,
}

/// The part of a file of `size` bytes that a `Range` header asks for, by RFC 9110, 14: `bytes=a-b`, `bytes=a-` or `bytes=-n`.
pub(super) fn asked_by_rfc(header: &str, size: u64) -> Asked {
    let one = header.trim().split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes")).and_then(|(_, set)| set.split_once('-'));
    let Some((start, end)) = one else { return Asked::Whole };
    let (start, end) = (start.trim(), end.trim());
    let range = match (start.is_empty(), end.is_empty()) {
        (true, true) => return Asked::Whole,
        (true, false) => number(end).map(|n| size.saturating_sub(n)..size),
        (false, true) => number(start).map(|a| a..size),
        (false, false) => match (number(start), number(end)) {
            (Some(a), Some(b)) if a <= b => Some(a..b.saturating_add(1).min(size)),
            _ => None,
        },
    };
    match range {
        None => Asked::Whole,
        Some(range) if range.start < range.end => Asked::Part(range),
        Some(_) => Asked::Nothing,
    }
}

/// Longest range that is answered as asked, bytes.
pub(super) const LONGEST: u64 = 20_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        let parse = |text| ContentRange::parse(text).map(|r| (r.start, r.len, r.total));
        assert_eq!(parse("bytes 0-9/20"), Some((0, 10, 20)));
        assert_eq!(parse("bytes 10-19/20"), Some((10, 10, 20)));
        assert_eq!(parse("bytes 10-20/20"), Some((10, 10, 20)));
        assert_eq!(parse("bytes 19-19/20"), Some((19, 1, 20)));
        assert_eq!(parse("bytes 0-0/0"), Some((0, 0, 0)));
        for bad in
            ["", "bytes", "bytes 0-10", "bytes 10-5/100", "bytes 0-21/20", "bytes -5/20", "bytes a-b/c", "bytes 0-9/*", "bytes +0-9/20", "bytes 20-20/20x"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ranges_by_the_rfc() {
        let ask = |text| asked_by_rfc(text, 59);
        for (text, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=58-58", 58..59),
            ("bytes=58-", 58..59),
            ("bytes=0-999999", 0..59),
            ("bytes=0-18446744073709551615", 0..59),
            ("bytes=-5", 54..59),
            ("bytes=-500", 0..59),
            ("Bytes=5-9", 5..10),
        ] {
            assert_eq!(ask(text), Asked::Part(range), "{text}");
        }
        for text in ["bytes=59-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(ask(text), Asked::Nothing, "{text}");
        }
        let many = format!("bytes={}", "0-1,".repeat(5_000));
        for text in
            ["bytes=abc", "items=0-4", "bytes=4-2", "bytes=0-1,3-4", "bytes=-", "bytes=", "bytes", "bytes=+1-2", "bytes=0-99999999999999999999", "", &many]
        {
            assert_eq!(ask(text), Asked::Whole, "{text}");
        }
        assert_eq!(asked_by_rfc("bytes=0-", 0), Asked::Nothing);
    }

    #[test]
    fn asked_ranges() {
        let ask = |text| asked(text, 59, LONGEST);
        assert_eq!(ask("bytes=0-4"), Some(0..5));
        assert_eq!(ask("bytes=5-"), Some(5..59));
        assert_eq!(ask("bytes=0-58"), Some(0..59));
        for bad in
            ["bytes=-5", "bytes=0-999999", "bytes=100-200", "bytes=abc", "items=0-4", "bytes=4-2", "bytes=0-1,3-4", "bytes=0-0", "bytes=58-", "bytes=", ""]
        {
            assert_eq!(ask(bad), None, "{bad}");
        }
        assert_eq!(asked("bytes=0-", 100_000_000, 10), Some(0..10));
        assert_eq!(asked("bytes=5-50000000", 100_000_000, 10), Some(5..15));
        assert_eq!(asked("bytes=0-1", 0, 10), None);
    }
}
