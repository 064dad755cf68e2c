//! Where the segments of an object lie.
use std::ops::Range;

use super::{HEADER, Mode};

/// Payload bytes of a full segment.
pub(crate) const SEGMENT: u64 = 64 * 1024;

/// Positions of segments, all from the stored length alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    stored: u64,
    tag: u64,
    /// Number of segments.
    pub(crate) segments: u64,
    /// Bytes of the payload.
    pub(crate) payload: u64,
}

impl Layout {
    /// `None` when no object of this mode has that length.
    pub(crate) fn of_stored(stored: u64, mode: Mode) -> Option<Self> {
        let tag = mode.tag() as u64;
        let area = stored.checked_sub(HEADER as u64)?;
        let segments = area.div_ceil(SEGMENT + tag);
        let last = area.checked_sub(segments.checked_sub(1)? * (SEGMENT + tag))?;
        (last > tag).then(|| Self { stored, tag, segments, payload: area - segments * tag })
    }

    /// The segments that hold a stretch of the payload; `range` is not empty and lies within it.
    pub(crate) fn covering(&self, range: &Range<u64>) -> Range<u64> {
        range.start / SEGMENT..(range.end - 1) / SEGMENT + 1
    }

    /// Where some segments lie in the object.
    pub(crate) fn span(&self, segments: &Range<u64>) -> Range<u64> {
        let at = |n: u64| (HEADER as u64 + n * (SEGMENT + self.tag)).min(self.stored);
        at(segments.start)..at(segments.end)
    }

    /// Whether a segment is the last one.
    pub(crate) fn is_last(&self, segment: u64) -> bool {
        segment + 1 == self.segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_lengths_and_payloads_correspond() {
        for mode in [Mode::Plain, Mode::Sealed] {
            for payload in [1, 64, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 7] {
                let stored = HEADER as u64 + payload + payload.div_ceil(SEGMENT) * mode.tag() as u64;
                let layout = Layout::of_stored(stored, mode).expect("a length");
                assert_eq!((layout.payload, layout.segments), (payload, payload.div_ceil(SEGMENT)));
                assert_eq!(layout.span(&(0..layout.segments)), HEADER as u64..stored);
            }
            assert!(Layout::of_stored(0, mode).is_none());
            assert!(Layout::of_stored(HEADER as u64, mode).is_none());
            assert!(Layout::of_stored(HEADER as u64 + mode.tag() as u64, mode).is_none());
            assert!(Layout::of_stored(HEADER as u64 + SEGMENT + 2 * mode.tag() as u64, mode).is_none());
        }
    }
}
