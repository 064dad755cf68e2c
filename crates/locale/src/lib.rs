//! Countries, continents, currencies, languages, phone codes, and IP → country.
//!
//! The lists are those of the API: ISO 3166-1 alpha-2, ISO 4217, ISO 639-1, country calling codes of ITU-T E.164, and the locale codes it knows. Names
//! of countries and continents are told in the caller's locale, all others in English. `data/README.md` tells where the lists come from.
mod geo;
mod tables;

pub use geo::{GeoDb, Place};

pub use tables::{Continent, Country, Currency, Language, LocaleCode, codes, continents, countries, currencies, languages};

/// Whether a locale code is one of the API's: `de`, `pt-br`, …
#[must_use]
pub fn is_known(code: &str) -> bool {
    codes().iter().any(|l| l.code == code)
}

/// Name of a country by its code, in any case, in a locale.
#[must_use]
pub fn country_name(code: &str, locale: &str) -> Option<&'static str> {
    let at = countries().iter().position(|c| c.code.eq_ignore_ascii_case(code))?;
    let own = tables::names_of(locale).and_then(|n| n.names.get(at).copied());
    own.or_else(|| countries().get(at).map(|c| c.name))
}

/// Name of a country that is not known, in a locale; where a country's variant has no word of its own, that of the language.
#[must_use]
pub fn unknown_country(locale: &str) -> &'static str {
    let word = |locale: &str| tables::unknown().iter().find(|w| w.locale == locale).map(|w| w.word);
    word(locale).or_else(|| word(locale.get(..2)?)).unwrap_or("Unknown")
}

/// Countries with their names in a locale, by name.
#[must_use]
pub fn countries_in(locale: &str) -> Vec<(&'static str, &'static Country)> {
    named(locale, countries(), 0, |c| c.name)
}

/// Continents with their names in a locale, by name.
#[must_use]
pub fn continents_in(locale: &str) -> Vec<(&'static str, &'static Continent)> {
    named(locale, continents(), countries().len(), |c| c.name)
}

/// The things of a table with their names in a locale, which begin at a column; English where there are none.
fn named<T>(locale: &str, table: &'static [T], first: usize, english: fn(&T) -> &'static str) -> Vec<(&'static str, &'static T)> {
    let names = tables::names_of(locale);
    let name = |at: usize, thing: &T| names.and_then(|n| n.names.get(first + at).copied()).unwrap_or_else(|| english(thing));
    let mut all: Vec<_> = table.iter().enumerate().map(|(at, thing)| (name(at, thing), thing)).collect();
    all.sort_by_key(|(name, _)| *name);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_complete() {
        assert_eq!((codes().len(), countries().len(), continents().len(), currencies().len(), languages().len()), (131, 197, 7, 117, 186));
        assert_eq!(countries().iter().filter(|c| c.eu).count(), 27);
        assert!(countries().is_sorted_by_key(|c| c.name));
    }

    #[test]
    fn lines_are_read_in_full() {
        let france = countries().iter().find(|c| c.code == "FR").map(|c| (c.name, c.phone, c.eu));
        assert_eq!(france, Some(("France", "33", true)));
        let franc = currencies().iter().find(|c| c.code == "CHF").map(|c| (c.name, c.decimal_digits, c.rounding));
        assert_eq!(franc, Some(("Swiss Franc", 2, 0.05)));
        assert_eq!(languages().iter().find(|l| l.code == "de").map(|l| l.native_name), Some("Deutsch"));
        assert!(is_known("pt-br") && is_known("en") && !is_known("xx") && !is_known(""));
    }

    #[test]
    fn countries_and_continents_have_names_in_each_locale() {
        let all = countries().len() + continents().len();
        for row in tables::names() {
            assert_eq!(row.names.len(), all, "{}", row.locale);
            assert!(row.names.iter().all(|n| !n.trim().is_empty()) && codes().iter().any(|l| l.code.starts_with(row.locale)), "{}", row.locale);
        }
        let first = |locale: &str| (countries_in(locale)[0].0, countries_in(locale)[0].1.code, continents_in(locale)[0].0);
        assert_eq!(first("es"), ("Afganistán", "AF", "América del Norte"));
        assert_eq!(first("de-at"), ("Afghanistan", "AF", "Afrika"));
        assert_eq!(first("en-gb"), ("Afghanistan", "AF", "Africa"));
        assert_eq!(first("zh-hk"), first("en"));
        let german = countries_in("es").into_iter().find(|(_, c)| c.eu).unwrap();
        assert_eq!((german.0, german.1.code), ("Alemania", "DE"));
        assert_eq!(countries_in("pt-br").iter().find(|(_, c)| c.code == "CZ").unwrap().0, "Tchéquia");
    }

    #[test]
    fn a_country_is_named_by_its_code() {
        assert_eq!([country_name("de", "de-at"), country_name("DE", "xx"), country_name("--", "de")], [Some("Deutschland"), Some("Germany"), None]);
    }

    #[test]
    fn the_unknown_has_a_name_in_each_locale() {
        let named = ["de", "de-at", "ar-ma", "ar-eg", "en-gb", "zh-hk", "", "é"].map(unknown_country);
        assert_eq!(named, ["Unbekannt", "Unbekannt", "ما معروفش", "مجهول", "Unknown", "Unknown", "Unknown", "Unknown"]);
        assert!(tables::unknown().iter().all(|w| !w.word.is_empty() && codes().iter().any(|l| l.code.starts_with(w.locale))));
    }
}
