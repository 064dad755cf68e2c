//! The layout of keys, in one place; `docs/KEYS.md` is its table.
//!
//! Every key starts with a table byte; keys of a collection go on with its id, so that a collection is a handful of
//! contiguous ranges. Parts of index keys are encoded so that bytewise order equals value order: a tag, then a payload
//! that is never a prefix of another payload. A descending part is the inverted ascending form.

/// First bytes of keys.
pub(crate) mod table {
    /// Facts about the store: layout version, next collection id.
    pub(crate) const META: u8 = 0x01;
    /// Collection id → schema record.
    pub(crate) const CATALOG: u8 = 0x02;
    /// Namespace and name → collection id.
    pub(crate) const NAME: u8 = 0x03;
    /// Collection → next sequence and number of documents.
    pub(crate) const STATS: u8 = 0x04;
    /// Collection, sequence → record.
    pub(crate) const DOCUMENT: u8 = 0x10;
    /// Collection, `$id` → sequence.
    pub(crate) const ID: u8 = 0x11;
    /// Collection, index, parts…, sequence → nothing; unique ones: collection, index, parts… → sequence.
    pub(crate) const INDEX: u8 = 0x12;
    /// Collection, role, sequence → nothing.
    pub(crate) const ROLE: u8 = 0x13;
    /// Collection, index, word, sequence → nothing.
    pub(crate) const TEXT: u8 = 0x14;
    /// Collection, role → number of documents it may read.
    pub(crate) const ROLE_COUNT: u8 = 0x15;
    /// Collection, attribute, sequence, sequence of a related document → number of the link.
    pub(crate) const LINK: u8 = 0x16;
    /// What the background thread still has to do.
    pub(crate) const JOB: u8 = 0x20;
    /// All tables whose keys start with a collection id, for dropping one.
    pub(crate) const OF_COLLECTION: [u8; 8] = [STATS, DOCUMENT, ID, INDEX, ROLE, TEXT, ROLE_COUNT, LINK];
}

/// Version of the layout.
pub(crate) const LAYOUT: u64 = 1;
/// Index of every collection on `$createdAt`.
pub(crate) const CREATED: u16 = 0xFFFE;
/// Index of every collection on `$updatedAt`.
pub(crate) const UPDATED: u16 = 0xFFFF;
/// Longest text in an index part, in bytes; longer ones are cut and checked on the record.
pub(crate) const CUT: usize = 4096;

/// Key of a fact about the store.
pub(crate) fn meta(name: &str) -> Vec<u8> {
    let mut k = vec![table::META];
    k.extend_from_slice(name.as_bytes());
    k
}

/// Table and collection: where a collection's keys of that table start.
pub(crate) fn base(table: u8, collection: u32) -> Vec<u8> {
    let mut k = Vec::with_capacity(48);
    k.push(table);
    k.extend_from_slice(&collection.to_be_bytes());
    k
}

/// Namespace and name of a collection.
pub(crate) fn name(namespace: u32, name: &str) -> Vec<u8> {
    let mut k = base(table::NAME, namespace);
    k.extend_from_slice(name.as_bytes());
    k
}

/// A document.
pub(crate) fn document(collection: u32, sequence: u64) -> Vec<u8> {
    with_sequence(base(table::DOCUMENT, collection), sequence)
}

/// A document's id.
pub(crate) fn id(collection: u32, id: &str) -> Vec<u8> {
    let mut k = base(table::ID, collection);
    k.extend_from_slice(id.as_bytes());
    k
}

/// Where the entries of an index start.
pub(crate) fn index(collection: u32, index: u16) -> Vec<u8> {
    let mut k = base(table::INDEX, collection);
    k.extend_from_slice(&index.to_be_bytes());
    k
}

/// Where the links of a relationship start.
pub(crate) fn links(collection: u32, attribute: u16) -> Vec<u8> {
    let mut k = base(table::LINK, collection);
    k.extend_from_slice(&attribute.to_be_bytes());
    k
}

/// Where the links of a document start.
pub(crate) fn links_of(collection: u32, attribute: u16, sequence: u64) -> Vec<u8> {
    with_sequence(links(collection, attribute), sequence)
}

/// A link between two documents, in one direction.
pub(crate) fn link(collection: u32, attribute: u16, sequence: u64, related: u64) -> Vec<u8> {
    with_sequence(links_of(collection, attribute, sequence), related)
}

/// Where the words of a full-text index start.
pub(crate) fn text(collection: u32, index: u16) -> Vec<u8> {
    let mut k = base(table::TEXT, collection);
    k.extend_from_slice(&index.to_be_bytes());
    k
}

/// Where the postings of a role start.
pub(crate) fn role(collection: u32, role: &str) -> Vec<u8> {
    let mut k = base(table::ROLE, collection);
    push_text(&mut k, role, false);
    k
}

/// Number of documents a role may read.
pub(crate) fn role_count(collection: u32, role: &str) -> Vec<u8> {
    let mut k = base(table::ROLE_COUNT, collection);
    k.extend_from_slice(role.as_bytes());
    k
}

/// Appends a sequence.
pub(crate) fn with_sequence(mut key: Vec<u8>, sequence: u64) -> Vec<u8> {
    key.extend_from_slice(&sequence.to_be_bytes());
    key
}

/// The sequence a key ends in.
pub(crate) fn sequence_of(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|b| u64::from_be_bytes(*b))
}

/// A number in a value.
pub(crate) fn number(value: &[u8]) -> Option<u64> {
    value.first_chunk::<8>().map(|b| u64::from_be_bytes(*b))
}

/// The first key after all that start with `prefix`. Our prefixes start with a table byte, so there always is one.
pub(crate) fn after(prefix: &[u8]) -> Vec<u8> {
    kv::key::prefix_end(prefix).unwrap_or_else(|| vec![u8::MAX; 8])
}

/// One value in an index key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part<'a> {
    /// Nothing; before all others.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer or a time.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(&'a str),
}

const NULL: u8 = 0x02;
const FALSE: u8 = 0x03;
const TRUE: u8 = 0x04;
const INT: u8 = 0x05;
const FLOAT: u8 = 0x06;
const TEXT: u8 = 0x07;

/// Appends a value; `descending` inverts it.
pub(crate) fn push(key: &mut Vec<u8>, part: Part<'_>, descending: bool) {
    let start = key.len();
    match part {
        Part::Null => key.push(NULL),
        Part::Bool(b) => key.push(if b { TRUE } else { FALSE }),
        Part::Int(i) => {
            key.push(INT);
            key.extend_from_slice(&(i.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        }
        Part::Float(f) => {
            let bits = (f + 0.0).to_bits(); // -0 becomes 0
            let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
            key.push(FLOAT);
            key.extend_from_slice(&ordered.to_be_bytes());
        }
        Part::Text(s) => {
            key.push(TEXT);
            push_text(key, s, false);
        }
    }
    if descending {
        key.iter_mut().skip(start).for_each(|b| *b = !*b);
    }
}

/// Appends an escaped text with its end mark; with `open` without the mark, for searching by prefix.
pub(crate) fn push_text(key: &mut Vec<u8>, text: &str, open: bool) {
    for b in text.bytes() {
        key.push(b);
        if b == 0 {
            key.push(0xFF);
        }
    }
    if !open {
        key.extend_from_slice(&[0, 1]);
    }
}

/// The most of a text that fits an index part.
pub(crate) fn cut(text: &str) -> &str {
    if text.len() <= CUT {
        return text;
    }
    text.get(..text.floor_char_boundary(CUT)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn enc(p: Part<'_>, d: bool) -> Vec<u8> {
        let mut k = Vec::new();
        push(&mut k, p, d);
        k
    }

    proptest! {
        #[test]
        fn texts_keep_their_order(a in "[\\x00-\\x02ab\\u{ff}]{0,4}", b in "[\\x00-\\x02ab\\u{ff}]{0,4}", x in any::<u64>(), y in any::<u64>()) {
            let key = |s: &str, n: u64, d: bool| with_sequence(enc(Part::Text(s), d), n);
            prop_assert_eq!(key(&a, x, false).cmp(&key(&b, y, false)), a.cmp(&b).then(x.cmp(&y)));
            prop_assert_eq!(key(&a, x, true).cmp(&key(&b, y, true)), b.cmp(&a).then(x.cmp(&y)));
        }
        #[test]
        fn numbers_keep_their_order(a in any::<i64>(), b in any::<i64>(), f in any::<f64>(), g in any::<f64>()) {
            prop_assert_eq!(enc(Part::Int(a), false).cmp(&enc(Part::Int(b), false)), a.cmp(&b));
            prop_assert_eq!(enc(Part::Int(a), true).cmp(&enc(Part::Int(b), true)), b.cmp(&a));
            if let Some(order) = f.partial_cmp(&g) {
                prop_assert_eq!(enc(Part::Float(f), false).cmp(&enc(Part::Float(g), false)), order);
            }
        }
    }

    #[test]
    fn null_comes_first() {
        for p in [Part::Bool(false), Part::Int(i64::MIN), Part::Float(f64::NEG_INFINITY), Part::Text("")] {
            assert!(enc(Part::Null, false) < enc(p, false));
            assert!(enc(Part::Null, true) > enc(p, true));
        }
        assert_eq!(enc(Part::Float(-0.0), false), enc(Part::Float(0.0), false));
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(CUT);
        assert!(cut(&long).len() <= CUT && long.starts_with(cut(&long)));
        assert_eq!(cut("abc"), "abc");
    }
}
