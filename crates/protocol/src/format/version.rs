//! Comparing versions as PHP does, which the reference uses.
use std::cmp::Ordering;

/// Longest text that is told apart.
const MAX: usize = 32;
/// Words in versions and their rank; anything else comes before them. A number ranks as `#`.
const WORDS: [(&str, i8); 10] = [("dev", 0), ("alpha", 1), ("a", 1), ("beta", 2), ("b", 2), ("RC", 3), ("rc", 3), ("#", 4), ("pl", 5), ("p", 5)];
const NUMBER: &str = "#";

/// `1.9` < `1.9.0` < `1.9.10`, `2.0.0-rc1` < `2.0.0`, `abc` < everything.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    // What nearly every client sends, without cutting it into pieces.
    if let (Some(a), Some(b)) = (plain(a), plain(b)) {
        return a.cmp(&b);
    }
    let (a, b) = (parts(a), parts(b));
    for i in 0..a.len().max(b.len()) {
        let order = match (a.get(i), b.get(i)) {
            (Some(a), Some(b)) => part(a, b),
            (Some(a), None) => {
                if is_number(a) {
                    Ordering::Greater
                } else {
                    part(a, NUMBER)
                }
            }
            (None, Some(b)) => {
                if is_number(b) {
                    Ordering::Less
                } else {
                    part(NUMBER, b)
                }
            }
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// The three numbers of `1.9.5`.
fn plain(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.split('.').map(|n| n.parse::<u32>().ok().filter(|_| is_number(n)));
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(found)
}

fn part(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => value(a).cmp(&value(b)),
        (true, false) => rank(NUMBER).cmp(&rank(b)),
        (false, true) => rank(a).cmp(&rank(NUMBER)),
        (false, false) => rank(a).cmp(&rank(b)),
    }
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

fn value(part: &str) -> u64 {
    part.parse().unwrap_or(u64::MAX)
}

fn rank(part: &str) -> i8 {
    WORDS.iter().find(|(word, _)| part.starts_with(word)).map_or(-1, |(_, rank)| *rank)
}

/// Runs of digits and runs of other characters; `.`, `-`, `_` and `+` part them.
fn parts(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars().take(MAX) {
        if matches!(c, '.' | '-' | '_' | '+') {
            open = false;
            continue;
        }
        match out.last_mut() {
            Some(last) if open && is_number(last) == c.is_ascii_digit() => last.push(c),
            _ => out.push(c.to_string()),
        }
        open = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_order() {
        let sorted = [
            "abc",
            "0.15.0",
            "1.4",
            "1.4.0",
            "1.4.1",
            "1.9.5",
            "1.9.10",
            "1.10.0",
            "2.0.0-dev",
            "2.0.0-alpha1",
            "2.0.0-rc1",
            "2.0.0",
            "2.0.0pl1",
            "99999999999999999999999",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(compare("1.9.5", "1-9_5"), Ordering::Equal);
        assert_eq!(compare(&"1.".repeat(100_000), "1.9.5"), Ordering::Less);
    }
}
