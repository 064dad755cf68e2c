//! IP → country, from a database in MMDB form. Which one is the operator's choice: DB-IP, GeoLite2 and the databases of ip-location-db are understood.
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;

use crate::tables;

/// IP → country data; perhaps none.
#[derive(Default)]
pub struct GeoDb(Option<maxminddb::Reader<Vec<u8>>>);

/// A country an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// Code of its continent; empty when not known.
    pub continent: &'static str,
    /// ISO 4217 of its currency, for the countries the API tells it for; else empty.
    pub currency: &'static str,
}

/// What the databases hold, under the names of the one or the other.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    country: Option<Country<'a>>,
    #[serde(borrow, default)]
    country_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Country<'a> {
    #[serde(borrow, default)]
    iso_code: Option<&'a str>,
}

impl std::fmt::Debug for GeoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("GeoDb").field(&self.0.as_ref().map(|r| r.metadata().database_type.clone())).finish()
    }
}

impl GeoDb {
    /// No data: no country is known.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Reads a database into memory.
    ///
    /// # Errors
    /// Why the file is none.
    pub fn open(path: &Path) -> Result<Self, String> {
        maxminddb::Reader::open_readfile(path).map(|r| Self(Some(r))).map_err(|e| e.to_string())
    }

    /// Where an address belongs.
    #[must_use]
    pub fn place(&self, ip: &str) -> Option<Place> {
        let ip: IpAddr = ip.parse().ok()?;
        let record: Record<'_> = self.0.as_ref()?.lookup(ip).ok()?.decode().ok()??;
        let code = record.country.and_then(|c| c.iso_code).or(record.country_code)?;
        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        let code = code.to_ascii_uppercase();
        let found = tables::places().iter().find(|p| p.country == code);
        Some(Place { continent: found.map_or("", |p| p.continent), currency: found.map_or("", |p| p.currency), country: code })
    }

    /// Code of the country of an address as sessions and logs have it: lower case, `--` when not known.
    #[must_use]
    pub fn code(&self, ip: &str) -> String {
        self.place(ip).map_or_else(|| "--".to_owned(), |p| p.country.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of 2/8 to 6/8: of the one form, of the other, and three that are odd.
    fn sample() -> GeoDb {
        GeoDb::open(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sample.mmdb"))).unwrap()
    }

    #[test]
    fn both_forms_are_read() {
        let db = sample();
        assert_eq!(db.place("2.1.2.3"), Some(Place { country: "DE".into(), continent: "EU", currency: "" }));
        assert_eq!(db.place("3.0.0.1"), Some(Place { country: "US".into(), continent: "NA", currency: "USD" }));
        assert_eq!((db.code("2.1.2.3"), db.code("6.0.0.0")), ("de".into(), "tw".into()));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let db = sample();
        for ip in ["127.0.0.1", "4.0.0.1", "5.0.0.1", "::1", "2.1.2", "", "x"] {
            assert_eq!((db.place(ip), db.code(ip).as_str()), (None, "--"), "{ip}");
        }
        assert_eq!(GeoDb::none().place("2.1.2.3"), None);
        assert!(GeoDb::open(Path::new("/nowhere")).is_err() && GeoDb::open(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).is_err());
    }
}
