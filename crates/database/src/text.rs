//! Texts as words: what full-text indexes hold and searches compare.
//!
//! Words are letters, digits, `_` and what is put on top of letters; everything else (punctuation, emoji) parts them. Case,
//! accents and widths do not count: `Café`, `CAFE` and `ｃａｆé` are one word. Chinese and Japanese do not part words, so
//! each pair of neighbouring characters is one, and so is the last character alone: any character begins some word.
//! Words of every length are kept, also those the reference leaves out for being short (fewer than three letters).
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// Words too common to look for when there are others: those of the reference's store.
const COMMON: [&str; 35] = [
    "a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for", "from", "how", "i", "in", "is", "it", "la", "of", "on", "or", "that", "the",
    "this", "to", "und", "was", "what", "when", "where", "who", "will", "with", "www",
];

/// Words of a document's text, in order, repetitions included.
pub(crate) fn words(text: &str) -> Vec<String> {
    split(text, true)
}

/// Words of a query's text.
pub(crate) fn query_words(text: &str) -> Vec<String> {
    split(text, false)
}

/// Whether a word says little.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}

fn split(text: &str, stored: bool) -> Vec<String> {
    let mut words = Vec::new();
    if text.is_ascii() {
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty());
        words.extend(parts.map(str::to_ascii_lowercase));
        return words;
    }
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let (mut word, mut run) = (String::new(), Vec::new());
    for c in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars()).flat_map(char::to_lowercase) {
        if is_accent(c) {
            continue;
        }
        let inside = c.is_alphanumeric() || c == '_' || classes.get_u8(c) != 0;
        let dense = inside && is_dense(c);
        if (dense || !inside) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !dense && !run.is_empty() {
            pairs(&mut words, &std::mem::take(&mut run), stored);
        }
        if dense {
            run.push(c);
        } else if inside {
            fold(&mut word, c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    pairs(&mut words, &run, stored);
    words
}

/// Pairs of neighbours; a stored text's last character stands alone as well, a query's only when it is all there is.
fn pairs(words: &mut Vec<String>, run: &[char], stored: bool) {
    words.extend(run.windows(2).map(|w| w.iter().collect::<String>()));
    if let Some(last) = run.last().filter(|_| stored || run.len() == 1) {
        words.push(last.to_string());
    }
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

    #[test]
    fn case_accents_and_widths_do_not_count() {
        assert_eq!(words("Café CAFE ｃａｆé, naïve-Straße!"), ["cafe", "cafe", "cafe", "naive", "strasse"]);
        assert_eq!(words("Łódź Đà Nẵng ŒUVRE İstanbul Ёлка ΟΔΟΣ"), ["lodz", "da", "nang", "oeuvre", "istanbul", "елка", "οδοσ"]);
        assert_eq!(words("snake_case don't 100%"), ["snake_case", "don", "t", "100"]);
        assert_eq!(words("a 🌍 b"), ["a", "b"]);
        assert_eq!(words("हिन्दी ไม่"), ["हिन्दी", "ไม่"], "marks inside words do not part them");
    }

    #[test]
    fn scripts_without_spaces() {
        assert_eq!(words("東京都 tokyo"), ["東京", "京都", "都", "tokyo"]);
        assert_eq!(query_words("東京都"), ["東京", "京都"]);
        assert_eq!(query_words("京"), ["京"]);
        assert_eq!(words("x東y"), ["x", "東", "y"]);
        assert_eq!(words("が"), words("か"));
        assert_eq!(words("한국어").len(), 1);
    }

    proptest! {
        #[test]
        fn words_are_their_own_words(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty());
                prop_assert_eq!(query_words(&word), vec![word.clone()]);
            }
        }

        #[test]
        fn every_word_of_a_query_for_itself_is_found(text in "\\PC{0,40}") {
            let all = words(&text);
            prop_assert!(query_words(&text).iter().all(|w| all.contains(w)));
        }
    }
}
