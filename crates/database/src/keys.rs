//! The layout of keys, in one place; `docs/KEYS.md` is its table.
//!
//! Every key starts with a table byte; keys of a collection go on with its id, so that a collection is a handful of
//! contiguous ranges. Parts of index keys are those of [`kv::key`]: their bytewise order is that of the values.
pub(crate) use kv::key::{Part, push};
use kv::key::{push_cut, push_escaped};

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
    /// Collection, index, parts…, sequence → nothing; unique ones: collection, index, parts… → sequence; spatial ones:
    /// collection, index, cell, sequence → nothing.
    pub(crate) const INDEX: u8 = 0x12;
    /// Collection, role, sequence → nothing.
    pub(crate) const ROLE: u8 = 0x13;
    /// Collection, index, word, first sequence of a block → the others of the block.
    pub(crate) const TEXT: u8 = 0x14;
    /// Collection, role → number of documents it may read.
    pub(crate) const ROLE_COUNT: u8 = 0x15;
    /// Collection, attribute, sequence, sequence of a related document → number of the link.
    pub(crate) const LINK: u8 = 0x16;
    /// Collection, index, sequence → words of a document that are not in the postings yet.
    pub(crate) const WAITING: u8 = 0x17;
    /// What the background thread still has to do.
    pub(crate) const JOB: u8 = 0x20;
    /// All tables whose keys start with a collection id, for dropping one.
    pub(crate) const OF_COLLECTION: [u8; 9] = [STATS, DOCUMENT, ID, INDEX, ROLE, TEXT, ROLE_COUNT, LINK, WAITING];
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

/// Where the documents start whose words wait to be entered into a full-text index.
pub(crate) fn waiting(collection: u32, index: u16) -> Vec<u8> {
    let mut k = base(table::WAITING, collection);
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

/// Appends an escaped text with its end mark; with `open` without the mark, for searching by prefix.
pub(crate) fn push_text(key: &mut Vec<u8>, text: &str, open: bool) {
    push_escaped(key, text.as_bytes(), open);
}

/// Appends a value of an index key, texts no longer than [`CUT`].
pub(crate) fn push_part(key: &mut Vec<u8>, part: Part<'_>, descending: bool) {
    push_cut(key, part, descending, CUT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use std::cmp::Ordering;

    fn part(text: &str, descending: bool) -> Vec<u8> {
        let mut key = Vec::new();
        push_part(&mut key, Part::Text(text), descending);
        key
    }

    /// A text of about the length at which keys are cut, with characters of every width around that place.
    fn long() -> impl Strategy<Value = String> {
        let end = proptest::collection::vec(proptest::sample::select(vec!['\0', 'a', 'b', 'é', '€', '\u{ffff}', '😀', '\u{10ffff}']), 0..6);
        (CUT - 8..CUT + 2, end).prop_map(|(length, end)| "a".repeat(length) + &end.into_iter().collect::<String>())
    }

    proptest! {
        #[test]
        fn cut_texts_keep_their_order(a in long(), b in long()) {
            // Cut ones may become equal, but never change places; those that fit stay apart.
            let order = part(&a, false).cmp(&part(&b, false));
            let short = a.len() <= CUT && b.len() <= CUT;
            prop_assert!(order == a.cmp(&b) || (order == Ordering::Equal && !short));
            prop_assert_eq!(part(&a, true).cmp(&part(&b, true)), order.reverse());
        }
    }

    #[test]
    fn long_texts_are_cut_to_the_byte() {
        let (before, after) = ("a".repeat(CUT - 1) + "b", "a".repeat(CUT - 1) + "é");
        assert!(before < after && part(&before, false) < part(&after, false), "a cut between characters would turn them round");
    }
}
