//! What fuzzing does for minutes, on a few thousand inputs that are nearly right.
use proptest::prelude::*;

use crate::fuzzing;

/// Pieces that the readers know, in any order.
fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![8 => proptest::sample::select(pieces).prop_map(str::to_owned), 1 => "\\PC{0,3}"], 0..24).prop_map(|p| p.concat())
}

const QUERY: &[&str] = &[
    "{\"method\":\"",
    "equal",
    "search",
    "intersects",
    "distanceLessThan",
    "or",
    "and",
    "limit",
    "\",\"attribute\":\"",
    "string",
    "point",
    "polygon",
    "integer",
    "\",\"values\":[",
    "]}",
    "]",
    "[",
    "{",
    "}",
    ",",
    "\"",
    "1",
    "-0.5",
    "1e308",
    "9223372036854775808",
    "null",
    "true",
    "\\u0000",
    "\\ud800",
    "equal(",
    "between(",
    ")",
    "'",
    "cursorAfter",
];
const SHAPE: &[&str] = &[
    "POINT",
    "LINESTRING",
    "polygon",
    "(",
    ")",
    ",",
    " ",
    "[",
    "]",
    "0",
    "1",
    "2",
    "4",
    "-180",
    "180.5",
    "90",
    "1e9",
    "\"7\"",
    "null",
    ";",
    "[[0,0],[4,4]]",
    "[[[0,0],[4,0],[4,4],[0,4],[0,0]]]",
    "[1,1]",
    "NaN",
    "1e400",
];
const VALUES: &[&str] = &[
    "{",
    "}",
    "\"string\":",
    "\"integer\":",
    "\"datetime\":",
    "\"point\":",
    "\"strings\":",
    "\"polygon\":",
    "[",
    "]",
    ",",
    "\"",
    "1",
    "null",
    "[1,2]",
    "0000-01-01",
    "9999-12-31T23:59:59.999+14:00",
    "now",
    "9223372036854775808",
    "-1e400",
    "\\u0000",
    "\\udfff",
    "true",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]
    #[test]
    fn queries(t in text(QUERY)) {
        fuzzing::query(&t);
    }

    #[test]
    fn geometries(t in text(SHAPE)) {
        fuzzing::geometry(&t);
    }

    #[test]
    fn values(t in text(VALUES)) {
        fuzzing::values(&t);
    }

    #[test]
    fn records(bytes in proptest::collection::vec(any::<u8>(), 0..120), spoiled in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4)) {
        fuzzing::record(&bytes);
        let mut head = vec![1, 1, 1, b'a', 2, 2, 0];
        head.extend_from_slice(&bytes);
        fuzzing::record(&head);
        // A sound record with a few bytes changed.
        for (at, byte) in spoiled {
            let mut sound = b"\x01\x01\x01a\x02\x02\x0f\x0eread(\"user:a\")\x01\x05\x03abc\x03\x03\x0a\x07\x0a\x11\x01".to_vec();
            sound.extend_from_slice(&[0; 16]);
            let at = at % sound.len();
            sound[at] = byte;
            fuzzing::record(&sound);
        }
    }
}
