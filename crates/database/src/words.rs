//! The words of documents in full-text indexes, and queries on them.
use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;

use crate::reading::Context;
use crate::scan::Range;
use crate::text::{self, Part, Word};
use crate::waiting::{self, Waiting};
use crate::{DbError, keys, postings};

/// Longest word kept in keys, in bytes; what real words never reach.
const MAX_WORD: usize = 252;
/// Most different words of a document that are entered. One with more is entered as such, under no word at all: every search
/// looks at it then. So a single document cannot fill memory or the log, and none is missed.
pub(crate) const MAX_WORDS: usize = 20_000;
/// Entries counted at first to tell which of several words is rare.
const PROBE: usize = 64;

/// The words a document is entered under: all of its texts', or the empty one for those that have too many.
#[derive(Default)]
pub(crate) struct Entered(BTreeSet<String>);

impl Entered {
    /// Adds a text's words; `false` once there are too many.
    pub(crate) fn add(&mut self, text: &str) -> bool {
        for word in text::words(text) {
            self.0.insert(clip(&word.text).to_owned());
            if self.0.len() > MAX_WORDS {
                self.0 = BTreeSet::from([String::new()]);
                return false;
            }
        }
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn clip(word: &str) -> &str {
    word.get(..word.floor_char_boundary(MAX_WORD)).unwrap_or(word)
}

/// A word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    text: String,
    /// As a beginning.
    open: bool,
}

impl Wanted {
    fn is(&self, word: &str) -> bool {
        if self.open { word.starts_with(&self.text) } else { word == self.text }
    }

    /// What the keys of its entries start with.
    fn prefix(&self, base: &[u8]) -> Vec<u8> {
        let mut prefix = base.to_vec();
        keys::push_text(&mut prefix, clip(&self.text), self.open || self.text.len() > MAX_WORD);
        prefix
    }

    /// The same in packed words.
    fn packed(&self) -> Vec<u8> {
        let mut packed = waiting::pack(std::iter::once(clip(&self.text)));
        if self.open || self.text.len() > MAX_WORD {
            packed.pop();
        }
        packed
    }
}

/// Words one after another; `None` is any word.
type Term = Vec<Option<Wanted>>;

/// A full-text query: terms of which one must occur. `"…"` is one term; otherwise each word is, and the last one is a
/// beginning. Characters that are not parted by spaces stay together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search(Vec<Term>);

impl Search {
    /// Reads a query. Common words are left out, but for the last one: that is being typed and may go on.
    pub(crate) fn parse(text: &str) -> Self {
        let phrase = text.starts_with('"') && text.ends_with('"');
        let mut terms: Vec<Term> = Vec::new();
        let mut inside = false;
        for word in text::words(text) {
            let last = word.part == Part::Last;
            // The last character of a longer run says nothing that the pair before it does not say.
            let wanted = if last && inside { None } else { Some(Wanted { open: last, text: word.text }) };
            match terms.last_mut() {
                Some(term) if phrase || inside => term.push(wanted),
                _ => terms.push(vec![wanted]),
            }
            inside = word.part == Part::Pair;
        }
        for term in &mut terms {
            while term.last().is_some_and(Option::is_none) {
                term.pop();
            }
        }
        if !phrase && let Some(mut last) = terms.pop() {
            terms.retain(|t| !matches!(t.as_slice(), [Some(w)] if text::is_common(&w.text)));
            if let Some(Some(word)) = last.last_mut() {
                word.open = true;
            }
            terms.push(last);
        }
        Self(terms)
    }

    /// Whether a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let longest = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let mut window: VecDeque<Word> = VecDeque::with_capacity(longest);
        let found = text::words(text).try_for_each(|word| {
            if window.len() == longest {
                window.pop_front();
            }
            window.push_back(word);
            let ends = |term: &Term| {
                let from = window.len().checked_sub(term.len());
                from.is_some_and(|from| window.iter().skip(from).zip(term).all(|(word, wanted)| wanted.as_ref().is_none_or(|w| w.is(&word.text))))
            };
            if longest > 0 && self.0.iter().any(ends) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found.is_break()
    }
}

/// What an index says about a search.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Documents that may match, ascending.
    pub(crate) sequences: Vec<u64>,
    /// All of them do.
    pub(crate) exact: bool,
}

/// Looks a search up; `None` when more than `limit` postings had to be read.
pub(crate) fn find(cx: &Context<'_>, collection: u32, index: u16, search: &Search, limit: u64) -> Result<Option<Hits>, DbError> {
    // Documents with more words than are entered have the empty one.
    let everywhere = Wanted { text: String::new(), open: false };
    let words: Vec<&Wanted> = std::iter::once(&everywhere).chain(search.0.iter().flatten().flatten()).collect();
    let patterns: Vec<Vec<u8>> = words.iter().map(|w| w.packed()).collect();
    let waiting = Waiting::read(cx.kv, collection, index, &patterns)?;
    let base = keys::text(collection, index);
    let mut lookup = Lookup { cx, base: &base, words: &words, waiting: &waiting, left: usize::try_from(limit).unwrap_or(usize::MAX) };
    let Some(mut found) = lookup.all(0)? else { return Ok(None) };
    let mut exact = found.is_empty();
    let mut at = 1;
    for term in &search.0 {
        let of_term = at..at + term.iter().flatten().count();
        at = of_term.end;
        exact &= term.len() == 1 && term.iter().flatten().all(|w| w.text.len() <= MAX_WORD);
        match lookup.term(of_term)? {
            Some(hits) => found.extend(hits),
            None => return Ok(None),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(Hits { sequences: found, exact }))
}

/// Looks words up, each named by its place in `words`.
struct Lookup<'l, 'a> {
    cx: &'l Context<'a>,
    base: &'l [u8],
    words: &'l [&'l Wanted],
    waiting: &'l Waiting,
    /// Postings that may still be read.
    left: usize,
}

impl Lookup<'_, '_> {
    fn prefix(&self, word: usize) -> Vec<u8> {
        self.words.get(word).map(|w| w.prefix(self.base)).unwrap_or_default()
    }

    /// Documents that have all of some words, by way of the rarest.
    fn term(&mut self, words: std::ops::Range<usize>) -> Result<Option<Vec<u64>>, DbError> {
        let Some(rarest) = self.rarest(words.clone())? else { return Ok(None) };
        let Some(mut hits) = self.all(rarest)? else { return Ok(None) };
        for word in words.filter(|w| *w != rarest) {
            if self.words.get(word).is_some_and(|w| !w.open && w.text.len() <= MAX_WORD) {
                hits = self.having(hits, word)?;
            }
        }
        Ok(Some(hits))
    }

    /// Those of some documents, ascending, that have a word.
    fn having(&self, hits: Vec<u64>, word: usize) -> Result<Vec<u64>, DbError> {
        let prefix = self.prefix(word);
        let mut block: Vec<u64> = Vec::new();
        let mut kept = Vec::with_capacity(hits.len());
        for sequence in hits {
            let has = match self.waiting.has(sequence, word) {
                Some(has) => has,
                None => {
                    if block.last().is_none_or(|last| *last < sequence) {
                        self.cx.note_entries(1);
                        block = postings::block_of(self.cx.kv, &prefix, sequence)?.map(|(_, sequences)| sequences).unwrap_or_default();
                    }
                    block.binary_search(&sequence).is_ok()
                }
            };
            if has {
                kept.push(sequence);
            }
        }
        Ok(kept)
    }

    /// The word of which there are the fewest, found by counting all of them further and further. `None` when even it has
    /// more postings than may be read.
    fn rarest(&mut self, words: std::ops::Range<usize>) -> Result<Option<usize>, DbError> {
        if words.len() == 1 {
            return Ok(Some(words.start));
        }
        let mut most = PROBE;
        while most <= self.left.saturating_mul(2) {
            for word in words.clone() {
                if self.count(word, most)? < most {
                    return Ok(Some(word));
                }
            }
            most = most.saturating_mul(8);
        }
        Ok(None)
    }

    /// Postings of a word, counted until there are `most`.
    fn count(&self, word: usize, most: usize) -> Result<usize, DbError> {
        let mut seen = 0;
        for item in Range::prefix(self.prefix(word)).scan(self.cx.kv, false) {
            seen += postings::len(&item?.1);
            if seen >= most {
                break;
            }
        }
        self.cx.note_entries(seen as u64);
        Ok(seen)
    }

    /// Documents that have a word, ascending.
    fn all(&mut self, word: usize) -> Result<Option<Vec<u64>>, DbError> {
        let mut hits = Vec::new();
        for item in Range::prefix(self.prefix(word)).scan(self.cx.kv, false) {
            let (key, value) = item?;
            postings::read(&key, &value, &mut hits)?;
            if hits.len() > self.left {
                self.cx.note_entries(hits.len() as u64);
                return Ok(None);
            }
        }
        self.cx.note_entries(hits.len() as u64);
        self.left -= hits.len();
        hits.retain(|sequence| self.waiting.has(*sequence, word).is_none());
        hits.extend(self.waiting.with(word));
        hits.sort_unstable();
        hits.dedup();
        Ok(Some(hits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_ored_and_the_last_is_a_beginning() {
        let s = Search::parse("Red, app");
        assert!(s.matches("a red bike") && s.matches("two Apples") && !s.matches("pineapple redder"));
        assert!(!Search::parse("  ").matches("x") && !Search::parse("\"").matches("x"));
        assert!(!Search::parse("the red").matches("the bike") && Search::parse("red the").matches("these"));
        assert!(Search::parse("app*").matches("Apples") && Search::parse("+cafe*").matches("Cafés"));
        assert!(Search::parse("foo* bar").matches("foo") && !Search::parse("foo* bar").matches("food"), "only the last is a beginning");
    }

    #[test]
    fn characters_without_spaces_stay_together() {
        assert!(Search::parse("京").matches("東京都") && Search::parse("都").matches("東京都"));
        let s = Search::parse("東京都");
        assert!(s.matches("昨日東京都で") && !s.matches("京都") && !s.matches("東京 京都"));
        assert!(Search::parse("京都 tokyo").matches("Tokyo!") && Search::parse("🌍").matches("hello🌍") && !Search::parse("🌍").matches("🌎"));
    }

    #[test]
    fn phrases() {
        let s = Search::parse("\"two apples\"");
        assert!(s.matches("I have two, apples!") && !s.matches("two red apples") && !s.matches("two applesauce"));
        let s = Search::parse("\"京都大\"");
        assert!(s.matches("東京都大会") && !s.matches("京都 大"));
        let s = Search::parse("\"in 東京都 today\"");
        assert!(s.matches("I was in 東京都, today") && !s.matches("in 東京 today") && !s.matches("in 東京都x today"));
        assert!(!Search::parse("\"two").matches("twofold apples two".get(8..14).unwrap_or("")), "an open quote is no phrase");
    }

    #[test]
    fn too_many_words_are_entered_as_such() {
        let text: String = (0..=MAX_WORDS).map(|n| format!("w{n} ")).collect();
        let mut entered = Entered::default();
        assert!(entered.add("first") && !entered.add(&text));
        assert_eq!(entered.iter().collect::<Vec<_>>(), [""]);
    }

    proptest! {
        #[test]
        fn a_text_is_found_by_its_words(text in "[\\PC東京都\"]{0,30}") {
            for word in text::words(&text).filter(|w| w.part != Part::Pair) {
                prop_assert!(Search::parse(&word.text).matches(&text), "{:?}", word);
                let quoted = format!("\"{}\"", word.text);
                prop_assert!(Search::parse(&quoted).matches(&text), "{:?}", word);
            }
            let whole = format!("\"{text}\"");
            prop_assert!(text::words(&text).next().is_none() || Search::parse(&whole).matches(&text));
        }
    }
}
