//! The words of documents in full-text indexes, and queries on them.
use std::collections::BTreeSet;

use crate::keys;
use crate::reading::Context;
use crate::record::damaged;
use crate::scan::Range;
use crate::{DbError, text};

/// Longest word kept in keys, in bytes; what real words never reach.
const MAX_WORD: usize = 252;
/// Most words of one document.
const MAX_WORDS: usize = 20_000;

/// Distinct words of a text as kept in keys, and whether the text has more than are kept.
pub(crate) fn of(text: &str) -> BTreeSet<String> {
    text::words(text).into_iter().take(MAX_WORDS).map(|w| clip(&w).to_owned()).collect()
}

fn clip(word: &str) -> &str {
    word.get(..word.floor_char_boundary(MAX_WORD)).unwrap_or(word)
}

/// A full-text query: words of which one must occur (the last one as a beginning), or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    words: Vec<String>,
    phrase: bool,
}

impl Search {
    /// Reads a query; `"…"` is a phrase. Of other queries common words are left out, but for the last one: that is being
    /// typed and may go on.
    pub(crate) fn parse(text: &str) -> Self {
        let trimmed = text.trim();
        let phrase = trimmed.len() > 1 && trimmed.starts_with('"') && trimmed.ends_with('"');
        let mut words = text::query_words(trimmed);
        if let Some(last) = words.pop() {
            words.retain(|w| phrase || !text::is_common(w));
            words.push(last);
        }
        Self { words, phrase }
    }

    /// Whether a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(last) = self.words.last() else { return false };
        if self.phrase {
            return text::words(text).windows(self.words.len()).any(|w| w == self.words);
        }
        text::words(text).into_iter().any(|w| w.starts_with(last.as_str()) || self.words.contains(&w))
    }
}

/// Documents that may match a full-text query, ascending, and whether all of them do.
pub(crate) fn find(cx: &Context<'_>, base: &[u8], search: &Search) -> Result<(Vec<u64>, bool), DbError> {
    let mut found: Option<BTreeSet<u64>> = None;
    for (at, word) in search.words.iter().enumerate() {
        let open = !search.phrase && at + 1 == search.words.len();
        let mut prefix = base.to_vec();
        keys::push_text(&mut prefix, clip(word), open || word.len() > MAX_WORD);
        let mut hits = BTreeSet::new();
        for item in Range::prefix(prefix).scan(cx.kv, false) {
            hits.insert(keys::sequence_of(&item?.0).ok_or_else(|| damaged("posting"))?);
        }
        cx.note_entries(hits.len() as u64);
        found = Some(match found {
            None => hits,
            Some(before) if search.phrase => before.intersection(&hits).copied().collect(),
            Some(mut before) => {
                before.append(&mut hits);
                before
            }
        });
    }
    let exact = !search.phrase && search.words.iter().all(|w| w.len() <= MAX_WORD);
    Ok((found.unwrap_or_default().into_iter().collect(), exact))
}

/// Key of a word in a document.
pub(crate) fn entry(base: &[u8], word: &str, sequence: u64) -> Vec<u8> {
    let mut key = base.to_vec();
    keys::push_text(&mut key, word, false);
    keys::with_sequence(key, sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ored_and_the_last_is_a_beginning() {
        let s = Search::parse("Red, app");
        assert!(s.matches("a red bike") && s.matches("two Apples") && !s.matches("pineapple redder"));
        assert!(!Search::parse("  ").matches("x"));
        assert!(!Search::parse("the red").matches("the bike") && Search::parse("red the").matches("these"));
        assert!(Search::parse("cafe").matches("Cafés") && Search::parse("京").matches("東京都"));
    }

    #[test]
    fn phrases() {
        let s = Search::parse("\"two apples\"");
        assert!(s.matches("I have two, apples!") && !s.matches("two red apples"));
        let s = Search::parse("\"京都大\"");
        assert!(s.matches("東京都大会") && !s.matches("京都 大"));
    }
}
