//! Texts as words: what full-text indexes hold and searches compare.
//!
//! Words are letters, digits, `_` and what is put on top of letters; everything else parts them. Case, accents and widths do
//! not count: `Café`, `CAFE` and `ｃａｆé` are one word. Chinese and Japanese do not part words, so each pair of neighbouring
//! characters is one, and so is the last character of a run alone: any character begins some word. An emoji is a word by
//! itself, whatever its colour; those joined to one picture are one. Words of every length are kept, also those the
//! reference leaves out for being short (fewer than three letters).
use std::collections::VecDeque;
use std::str::Chars;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{DecomposingNormalizerBorrowed, Decomposition};

/// Words too common to look for when there are others: those of the reference's store.
const COMMON: [&str; 35] = [
    "a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for", "from", "how", "i", "in", "is", "it", "la", "of", "on", "or", "that", "the",
    "this", "to", "und", "was", "what", "when", "where", "who", "will", "with", "www",
];

/// What a word is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Of nothing: it stands alone.
    Alone,
    /// Two neighbours in a run of characters that are not parted.
    Pair,
    /// The last character of such a run.
    Last,
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) part: Part,
}

/// Whether a word says little.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}

/// Words of a text, in order, repetitions included. Not more of it is held than a word.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut plain = if text.is_ascii() { Some(text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty())) } else { None };
    let mut other = if plain.is_none() { Some(Splitter::new(text)) } else { None };
    std::iter::from_fn(move || match (&mut plain, &mut other) {
        (Some(words), _) => words.next().map(|w| Word { text: w.to_ascii_lowercase(), part: Part::Alone }),
        (_, Some(splitter)) => splitter.next(),
        _ => None,
    })
}

/// What a character is to its word.
#[derive(PartialEq, Eq)]
enum Class {
    Letter,
    Dense,
    Emoji,
    Joiner,
    Other,
}

struct Splitter<'a> {
    chars: Decomposition<'static, Chars<'a>>,
    /// Lower-case forms of the last character read.
    lower: Option<std::char::ToLowercase>,
    classes: CanonicalCombiningClassMapBorrowed<'static>,
    word: String,
    emoji: String,
    /// Whether the next emoji belongs to the one before.
    joined: bool,
    /// The last character of a run, and whether there was one before it.
    run: Option<char>,
    ready: VecDeque<Word>,
    ended: bool,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            chars: DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars()),
            lower: None,
            classes: CanonicalCombiningClassMapBorrowed::new(),
            word: String::new(),
            emoji: String::new(),
            joined: false,
            run: None,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    fn next(&mut self) -> Option<Word> {
        loop {
            if let Some(word) = self.ready.pop_front() {
                return Some(word);
            }
            if self.ended {
                return None;
            }
            match self.read() {
                Some(c) => self.take(c),
                None => {
                    self.ended = true;
                    self.finish(&Class::Other);
                }
            }
        }
    }

    fn read(&mut self) -> Option<char> {
        loop {
            if let Some(c) = self.lower.as_mut().and_then(Iterator::next) {
                return Some(c);
            }
            self.lower = Some(self.chars.next()?.to_lowercase());
        }
    }

    fn class(&self, c: char) -> Class {
        match c {
            '_' => Class::Letter,
            '\u{200D}' => Class::Joiner,
            _ if is_emoji(c) => Class::Emoji,
            _ if c.is_alphanumeric() || self.classes.get_u8(c) != 0 => {
                if is_dense(c) {
                    Class::Dense
                } else {
                    Class::Letter
                }
            }
            _ => Class::Other,
        }
    }

    fn take(&mut self, c: char) {
        if is_silent(c) {
            return;
        }
        let class = self.class(c);
        if class == Class::Joiner && !self.emoji.is_empty() {
            self.joined = true;
            return;
        }
        self.finish(&class);
        match class {
            Class::Letter => fold(&mut self.word, c),
            Class::Dense => {
                if let Some(before) = self.run.replace(c) {
                    self.ready.push_back(Word { text: [before, c].iter().collect(), part: Part::Pair });
                }
            }
            Class::Emoji => {
                // Two letters make a flag.
                let flag = is_flag(c) && self.emoji.chars().all(is_flag) && self.emoji.chars().count() == 1;
                if !self.joined && !flag {
                    self.end_emoji();
                }
                self.joined = false;
                if self.emoji.len() < MAX_EMOJI {
                    self.emoji.push(c);
                }
            }
            Class::Joiner | Class::Other => {}
        }
    }

    /// Ends what does not go on with such a character.
    fn finish(&mut self, next: &Class) {
        if *next != Class::Letter && !self.word.is_empty() {
            self.ready.push_back(Word { text: std::mem::take(&mut self.word), part: Part::Alone });
        }
        if *next != Class::Dense
            && let Some(last) = self.run.take()
        {
            self.ready.push_back(Word { text: last.to_string(), part: Part::Last });
        }
        if *next != Class::Emoji {
            self.end_emoji();
        }
    }

    fn end_emoji(&mut self) {
        self.joined = false;
        if !self.emoji.is_empty() {
            self.ready.push_back(Word { text: std::mem::take(&mut self.emoji), part: Part::Alone });
        }
    }
}

/// Longest joined emoji, in bytes; what real ones never reach.
const MAX_EMOJI: usize = 64;

/// Pictures and signs; letters in boxes are letters once they are decomposed.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{23FF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FBEF}') && !is_skin(c)
}

fn is_flag(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn is_skin(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// What changes nothing: accents, and how an emoji is shown.
fn is_silent(c: char) -> bool {
    is_accent(c) || is_skin(c) || matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Accents of Latin, Greek and Cyrillic letters, and the voicing marks of Japanese, once taken off their letters.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}')
}

/// Scripts that do not part words.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Letters that are others with a stroke through them, or two in one.
fn fold(word: &mut String, c: char) {
    match c {
        'ß' => word.push_str("ss"),
        'æ' => word.push_str("ae"),
        'œ' => word.push_str("oe"),
        'þ' => word.push_str("th"),
        'ø' => word.push('o'),
        'đ' | 'ð' => word.push('d'),
        'ł' => word.push('l'),
        'ħ' => word.push('h'),
        'ı' => word.push('i'),
        'ς' => word.push('σ'),
        other => word.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(text: &str) -> Vec<String> {
        words(text).map(|w| w.text).collect()
    }

    #[test]
    fn case_accents_and_widths_do_not_count() {
        assert_eq!(list("Café CAFE ｃａｆé, naïve-Straße!"), ["cafe", "cafe", "cafe", "naive", "strasse"]);
        assert_eq!(list("Łódź Đà Nẵng ŒUVRE İstanbul Ёлка ΟΔΟΣ"), ["lodz", "da", "nang", "oeuvre", "istanbul", "елка", "οδοσ"]);
        assert_eq!(list("snake_case don't 100%"), ["snake_case", "don", "t", "100"]);
        assert_eq!(list("हिन्दी ไม่"), ["हिन्दी", "ไม่"], "marks inside words do not part them");
    }

    #[test]
    fn emoji_are_words() {
        assert_eq!(list("a 🌍 b☕"), ["a", "🌍", "b", "☕"]);
        assert_eq!(list("👍👍🏽❤\u{FE0F}"), ["👍", "👍", "❤"], "whatever their colour");
        assert_eq!(list("👩‍👩‍👧!🇩🇪🇫🇷"), ["👩👩👧", "🇩🇪", "🇫🇷"], "what is one picture is one word");
    }

    #[test]
    fn scripts_without_spaces() {
        assert_eq!(list("東京都 tokyo"), ["東京", "京都", "都", "tokyo"]);
        assert_eq!(words("東京").map(|w| w.part).collect::<Vec<_>>(), [Part::Pair, Part::Last]);
        assert_eq!(list("x東y"), ["x", "東", "y"]);
        assert_eq!(list("が"), list("か"));
        assert_eq!(list("한국어").len(), 1);
    }

    proptest! {
        #[test]
        fn words_are_their_own_words(text in "[\\PC東京都👩👧\u{200D}🇩🇪]{0,40}") {
            for word in words(&text).filter(|w| w.part == Part::Alone) {
                prop_assert!(!word.text.is_empty());
                if !word.text.chars().any(is_emoji) {
                    prop_assert_eq!(list(&word.text), vec![word.text.clone()]);
                }
            }
        }
    }
}
