//! Countries, continents, currencies, languages, phone codes, and IP → country.

/// IP → country data.
#[derive(Debug, Default)]
pub struct GeoDb(());
impl GeoDb {
    /// No data.
    #[must_use]
    pub fn none() -> Self {
        Self(())
    }
}
/// Whether a locale code is one of the reference's.
#[must_use]
pub fn is_known(_code: &str) -> bool {
    todo!()
}

/// Name of a country that is not known, in a locale.
#[must_use]
pub fn unknown_country(code: &str) -> &'static str {
    if code == "de" { "Unbekannt" } else { "Unknown" }
}
