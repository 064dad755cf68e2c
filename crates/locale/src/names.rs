//! Names of countries and continents in other languages than English.
use std::sync::OnceLock;

use crate::{continents, countries};

/// Locales with their lines, which are taken apart when asked for.
fn lines() -> &'static [(&'static str, &'static str)] {
    static LINES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    LINES.get_or_init(|| include_str!("../data/names.tsv").lines().filter_map(|line| line.split_once('\t')).collect())
}

/// The names of a locale, else of its language: countries first, then continents.
fn of(locale: &str) -> Option<impl Iterator<Item = &'static str>> {
    let line = |code: &str| lines().iter().find(|(l, _)| *l == code).map(|(_, names)| *names);
    let base = locale.split('-').next().unwrap_or("");
    line(locale).or_else(|| line(base)).map(|names| names.split('\t'))
}

/// The English names with those of a locale in the place of each it has.
fn named(english: impl Iterator<Item = &'static str>, skip: usize, locale: &str) -> Vec<&'static str> {
    let mut own = of(locale).map(|names| names.skip(skip));
    english.map(|name| own.as_mut().and_then(Iterator::next).filter(|own| !own.is_empty()).unwrap_or(name)).collect()
}

/// Names of all countries in a locale, in the order of [`countries`].
#[must_use]
pub fn country_names(locale: &str) -> Vec<&'static str> {
    named(countries().iter().map(|c| c.name), 0, locale)
}

/// Names of all continents in a locale, in the order of [`continents`].
#[must_use]
pub fn continent_names(locale: &str) -> Vec<&'static str> {
    named(continents().iter().map(|c| c.name), countries().len(), locale)
}

/// Name of a country by its code, in any case, in a locale.
#[must_use]
pub fn country_name(code: &str, locale: &str) -> Option<&'static str> {
    let at = countries().iter().position(|c| c.code.eq_ignore_ascii_case(code))?;
    let own = of(locale).and_then(|mut names| names.nth(at)).filter(|name| !name.is_empty());
    own.or_else(|| countries().get(at).map(|c| c.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_names_all() {
        let count = countries().len() + continents().len();
        assert!(lines().len() > 80);
        for (locale, names) in lines() {
            assert_eq!(names.split('\t').count(), count, "{locale}");
            assert!(crate::codes().iter().any(|l| l.code == *locale || l.code.starts_with(&format!("{locale}-"))), "{locale}");
        }
    }

    #[test]
    fn names_are_those_of_the_locale() {
        let germany = ["en", "en-gb", "de", "de-at", "fr", "ja", "pt-br", "xx", ""].map(|l| country_name("de", l));
        let want = ["Germany", "Germany", "Deutschland", "Deutschland", "Allemagne", "ドイツ", "Alemanha", "Germany", "Germany"];
        assert_eq!(germany, want.map(Some));
        assert_eq!(country_name("--", "de"), None);
        assert_eq!(continent_names("de"), ["Afrika", "Antarktis", "Asien", "Europa", "Nordamerika", "Ozeanien", "Südamerika"]);
        assert_eq!(country_names("fr").first(), Some(&"Afghanistan"));
        assert_eq!(country_names("es").len(), countries().len());
        // What a language has no name for is told in English.
        assert!(country_names("mt").iter().all(|n| !n.is_empty()));
    }
}
