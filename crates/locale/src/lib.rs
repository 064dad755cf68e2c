//! Countries, continents, currencies, languages, phone codes, and IP → country.
//!
//! The lists are those of the API: ISO 3166-1 alpha-2, ISO 4217, ISO 639-1, country calling codes of ITU-T E.164, and the locale codes it knows. Names
//! of countries and continents are translated, those of currencies and languages English. `data/README.md` tells where the lists come from.
mod geo;
mod names;
mod tables;

pub use geo::{GeoDb, Place};
pub use names::{continent_names, country_name, country_names};

pub use tables::{Continent, Country, Currency, Language, LocaleCode, codes, continents, countries, currencies, languages};

/// Whether a locale code is one of the API's: `de`, `pt-br`, …
#[must_use]
pub fn is_known(code: &str) -> bool {
    codes().iter().any(|l| l.code == code)
}

/// Name of a country that is not known, in a locale; where a country's variant has no word of its own, that of the language.
#[must_use]
pub fn unknown_country(locale: &str) -> &'static str {
    let word = |locale: &str| tables::unknown().iter().find(|w| w.locale == locale).map(|w| w.word);
    word(locale).or_else(|| word(locale.get(..2)?)).unwrap_or("Unknown")
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
    fn the_unknown_has_a_name_in_each_locale() {
        let named = ["de", "de-at", "ar-ma", "ar-eg", "en-gb", "zh-hk", "", "é"].map(unknown_country);
        assert_eq!(named, ["Unbekannt", "Unbekannt", "ما معروفش", "مجهول", "Unknown", "Unknown", "Unknown", "Unknown"]);
        assert!(tables::unknown().iter().all(|w| !w.word.is_empty() && codes().iter().any(|l| l.code.starts_with(w.locale))));
    }
}
