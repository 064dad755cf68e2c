//! "Did you mean …?"
use std::collections::BTreeMap;

/// Most names of a suggestion.
const MOST: usize = 5;

/// The sentence with what is spelled nearly like `input`, with a space before it; empty when nothing is.
pub(crate) fn did_you_mean<'a>(input: &str, options: impl Iterator<Item = &'a str>) -> String {
    let threshold = threshold(input.chars().count());
    let mut found: BTreeMap<(usize, &str), ()> = BTreeMap::new();
    for option in options {
        if let Some(distance) = distance(input, option).filter(|d| *d <= threshold) {
            found.insert((distance, option), ());
        }
    }
    let names: Vec<&str> = found.keys().map(|(_, name)| *name).collect();
    if names.is_empty() { String::new() } else { format!(" Did you mean {}?", or_list(&names)) }
}

/// `0.4 × length + 1`, rounded down as distances are whole.
fn threshold(length: usize) -> usize {
    length * 2 / 5 + 1
}

/// `"a", "b", or "c"` of the first few.
pub(crate) fn or_list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} or {two}"),
        [start @ .., last] => format!("{}, or {last}", start.join(", ")),
    }
}

/// How many letters are to be added, taken away, changed or swapped; case counts once. Nothing when it is too far.
fn distance(input: &str, option: &str) -> Option<usize> {
    if input == option {
        return Some(0);
    }
    let lower = |s: &str| s.to_ascii_lowercase().chars().collect::<Vec<char>>();
    let (a, b) = (lower(option), lower(input));
    if a == b {
        return Some(1);
    }
    if a.len().abs_diff(b.len()) > threshold(b.len()) {
        return None;
    }
    let cell = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut up: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let mut best = (cell(&up, j + 1) + 1).min(cell(&row, j) + 1).min(cell(&up, j) + usize::from(from != to));
            let swapped = i > 0 && j > 0 && b.get(j - 1) == Some(from) && a.get(i - 1) == Some(to);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut up, row);
    }
    up.last().copied()
}
