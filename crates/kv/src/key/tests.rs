//! Order of keys is order of values, for every type and direction.
use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn part_of(value: &Value) -> Part<'_> {
    match value {
        Value::Null => Part::Null,
        Value::Bool(b) => Part::Bool(*b),
        Value::Int(i) => Part::Int(*i),
        Value::Float(f) => Part::Float(*f),
        Value::Text(s) => Part::Text(s),
        Value::Bytes(b) => Part::Bytes(b),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Float(_) => 3,
        Value::Text(_) => 4,
        Value::Bytes(_) => 5,
    }
}

/// The order values have, told without the encoding.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn same(a: &Value, b: &Value) -> bool {
    rank(a) == rank(b) && order(a, b) == Ordering::Equal
}

fn value() -> impl Strategy<Value = Value> {
    let special = prop::sample::select(vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE, -f64::MIN_POSITIVE, f64::MAX, f64::MIN]);
    let text = prop::collection::vec(prop::sample::select(vec!['\0', '\u{1}', 'a', 'b', '\u{7f}', 'é', '\u{ffff}', '😀']), 0..6);
    let bytes = prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 0x7F, 0xFE, 0xFF]), 0..6);
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -3..3i64, Just(i64::MIN), Just(i64::MAX)].prop_map(Value::Int),
        prop_oneof![any::<f64>(), special].prop_map(Value::Float),
        text.prop_map(|c| Value::Text(c.into_iter().collect())),
        bytes.prop_map(Value::Bytes),
    ]
}

/// Rows of three values with the directions of their columns and two numbers that follow.
fn row() -> impl Strategy<Value = (Vec<Value>, u64)> {
    (prop::collection::vec(value(), 3), prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(0xFF00_0000_0000_0000)])
}

fn key(row: &[Value], descending: &[bool], sequence: u64) -> Vec<u8> {
    let mut key = KeyBuf::new().tag(7).u16(0xFF00).u32(9);
    for (value, d) in row.iter().zip(descending) {
        key = if *d { key.part_desc(part_of(value)) } else { key.part(part_of(value)) };
    }
    key.u64(sequence).into_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn keys_sort_as_rows((a, n) in row(), (b, m) in row(), descending in prop::collection::vec(any::<bool>(), 3)) {
        let mut wanted = Ordering::Equal;
        for ((x, y), d) in a.iter().zip(&b).zip(&descending) {
            let one = if *d { order(y, x) } else { order(x, y) };
            wanted = wanted.then(one);
        }
        prop_assert_eq!(key(&a, &descending, n).cmp(&key(&b, &descending, m)), wanted.then(n.cmp(&m)));
    }

    #[test]
    fn same_type_neighbours_sort((a, b) in value().prop_flat_map(|a| (Just(a), value())), d in any::<bool>()) {
        let one = |v: &Value| { let mut k = Vec::new(); push(&mut k, part_of(v), d); k };
        let wanted = if d { order(&b, &a) } else { order(&a, &b) };
        prop_assert_eq!(one(&a).cmp(&one(&b)), wanted);
        prop_assert!(one(&a) == one(&b) || !one(&b).starts_with(&one(&a)), "no part is a prefix of another");
    }

    #[test]
    fn rows_read_back((row, n) in row(), descending in prop::collection::vec(any::<bool>(), 3)) {
        let key = key(&row, &descending, n);
        let mut reader = KeyReader::new(&key);
        prop_assert_eq!((reader.tag().unwrap(), reader.u16().unwrap(), reader.u32().unwrap()), (7, 0xFF00, 9));
        for (value, d) in row.iter().zip(&descending) {
            let read = reader.part(*d).unwrap();
            prop_assert!(same(&read, value), "{:?} became {:?}", value, read);
        }
        prop_assert_eq!(reader.u64().unwrap(), n);
        prop_assert!(reader.rest().is_empty());
    }

    #[test]
    fn reading_garbage_ends_in_an_error_or_a_value(bytes in prop::collection::vec(any::<u8>(), 0..40), d in any::<bool>()) {
        let mut reader = KeyReader::new(&bytes);
        while reader.part(d).is_ok() {}
    }

    #[test]
    fn cutting_never_turns_the_order_round(a in "[ab\\x00é😀]{0,8}", b in "[ab\\x00é😀]{0,8}", max in 0..12usize, d in any::<bool>()) {
        let one = |s: &str| { let mut k = Vec::new(); push_cut(&mut k, Part::Text(s), d, max); k };
        let wanted = if d { b.cmp(&a) } else { a.cmp(&b) };
        let found = one(&a).cmp(&one(&b));
        prop_assert!(found == wanted || found == Ordering::Equal);
        let read = KeyReader::new(&one(&a)).part(d).unwrap();
        let Value::Text(read) = read else { return Err(TestCaseError::fail("not a text")) };
        prop_assert!(a.starts_with(&read) && read.len() <= max && read.len() + 4 > max.min(a.len()));
    }

    #[test]
    fn a_prefix_ends_where_it_should(prefix in prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xFE, 0xFF]), 0..4), key in prop::collection::vec(any::<u8>(), 0..5)) {
        let within = prefix_end(&prefix).map_or(key >= prefix, |end| key >= prefix && key < end);
        prop_assert_eq!(within, key.starts_with(&prefix));
    }
}

#[test]
fn zeros_are_one_and_nan_is_last() {
    let one = |f: f64| KeyBuf::new().part(Part::Float(f)).into_vec();
    assert_eq!(one(-0.0), one(0.0));
    assert_eq!(one(f64::NAN), one(-f64::NAN));
    assert!(one(f64::INFINITY) < one(f64::NAN));
}

#[test]
fn open_texts_are_prefixes_of_longer_ones() {
    let mut open = Vec::new();
    push_escaped(&mut open, b"a\0b", true);
    let mut whole = Vec::new();
    push_escaped(&mut whole, b"a\0bc", false);
    assert_eq!(open, b"a\0\xFFb");
    assert!(whole.starts_with(&open));
}

#[test]
fn a_key_that_ends_too_early_is_malformed() {
    let key = KeyBuf::new().part(Part::Text("abc")).into_vec();
    for end in 0..key.len() {
        assert!(matches!(KeyReader::new(&key[..end]).part(false), Err(crate::KvError::Corrupt(_))));
    }
    assert!(KeyReader::new(&[0xF0]).part(false).is_err());
    assert!(KeyReader::new(&[TEXT, 0xC3, 0x28, 0, END]).part(false).is_err());
}
