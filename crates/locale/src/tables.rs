//! The lists, from the tab-separated files in `data/`, each read once.
use std::sync::OnceLock;

/// A locale the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocaleCode {
    /// ISO 639-1, often with a country: `de-at`.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
}

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Calling code without `+`; empty where the API lists none.
    pub phone: &'static str,
    /// Member of the European Union.
    pub eu: bool,
}

/// A continent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continent {
    /// Two letters.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
}

/// A currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Currency {
    /// ISO 4217.
    pub code: &'static str,
    /// Symbol outside of its countries.
    pub symbol: &'static str,
    /// Symbol in its countries.
    pub symbol_native: &'static str,
    /// Digits after the point.
    pub decimal_digits: u8,
    /// Smallest step of cash; 0 for none.
    pub rounding: f64,
    /// English name.
    pub name: &'static str,
    /// English name of several.
    pub name_plural: &'static str,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// ISO 639-1.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Its own name.
    pub native_name: &'static str,
}

macro_rules! table {
    ($(#[$doc:meta])* $vis:vis $name:ident -> $item:ty = $file:literal, $fields:literal, |$f:ident| $make:expr) => {
        $(#[$doc])*
        $vis fn $name() -> &'static [$item] {
            static TABLE: OnceLock<Vec<$item>> = OnceLock::new();
            TABLE.get_or_init(|| {
                let rows = include_str!(concat!("../data/", $file)).lines().map(|line| {
                    let mut $f = [""; $fields];
                    for (slot, field) in $f.iter_mut().zip(line.split('\t')) {
                        *slot = field;
                    }
                    $make
                });
                rows.collect()
            })
        }
    };
}

table! {
    /// Locales, by code.
    pub codes -> LocaleCode = "codes.tsv", 2, |f| LocaleCode { code: f[0], name: f[1] }
}
table! {
    /// Countries, by name.
    pub countries -> Country = "countries.tsv", 4, |f| Country { code: f[0], name: f[1], phone: f[2], eu: f[3] == "eu" }
}
table! {
    /// Continents, by name.
    pub continents -> Continent = "continents.tsv", 2, |f| Continent { code: f[0], name: f[1] }
}
table! {
    /// Currencies, the most used first.
    pub currencies -> Currency = "currencies.tsv", 7, |f| Currency {
        code: f[0],
        symbol: f[1],
        symbol_native: f[2],
        decimal_digits: f[3].parse().unwrap_or_default(),
        rounding: f[4].parse().unwrap_or_default(),
        name: f[5],
        name_plural: f[6],
    }
}
table! {
    /// Languages, by code.
    pub languages -> Language = "languages.tsv", 3, |f| Language { code: f[0], name: f[1], native_name: f[2] }
}

/// Where a country is, and what it pays with as far as the API tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Where {
    /// ISO 3166-1 alpha-2.
    pub(crate) country: &'static str,
    /// Continent.
    pub(crate) continent: &'static str,
    /// ISO 4217; empty for most.
    pub(crate) currency: &'static str,
}

table! {
    /// Countries and territories with their continents, by code.
    pub(crate) places -> Where = "places.tsv", 3, |f| Where { country: f[0], continent: f[1], currency: f[2] }
}

/// A word in a locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Locale; two letters stand for all of its countries that have no line of their own.
    pub(crate) locale: &'static str,
    /// The word.
    pub(crate) word: &'static str,
}

table! {
    /// What a country or continent is called that is not known, where it is not `Unknown`.
    pub(crate) unknown -> Word = "unknown.tsv", 2, |f| Word { locale: f[0], word: f[1] }
}
