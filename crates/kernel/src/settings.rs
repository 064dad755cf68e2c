//! Settings the kernel acts on. The server reads them from the environment; nothing here does.

/// Plain values, fixed at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Never show causes to clients.
    pub production: bool,
    /// `_APP_DOMAIN`: host of the API, always an allowed origin.
    pub domain: String,
    /// `_APP_CONSOLE_DOMAIN`; falls back to `domain`.
    pub console_domain: String,
    /// `_APP_CONSOLE_HOSTNAMES`: further origins of the console.
    pub console_hostnames: Vec<String>,
    /// `_APP_OPTIONS_ABUSE`: rate limits on.
    pub abuse: bool,
    /// `_APP_OPTIONS_FORCE_HTTPS`.
    pub force_https: bool,
    /// `_APP_SYSTEM_RESPONSE_FORMAT`: used when a request names none; empty = newest.
    pub response_format: String,
    /// `_APP_LOCALE`.
    pub locale: String,
    /// `_APP_STORAGE_LIMIT`: largest file, bytes.
    pub storage_limit: u64,
    /// `_APP_STORAGE_RANGES` is `rfc9110`: parts of files are asked for as in RFC 9110, not as in the reference.
    pub rfc_ranges: bool,
    /// `_APP_STORAGE_PREVIEW_LIMIT`, bytes.
    pub preview_limit: u64,
    /// `_APP_STORAGE_ANTIVIRUS`.
    pub antivirus: bool,
    /// `_APP_SMTP_HOST` is set.
    pub smtp: bool,
    /// `_APP_TRUSTED_HEADERS`, lower case: where the client's address may come from.
    pub trusted_headers: Vec<String>,
    /// `_APP_REGION`.
    pub region: String,
    /// Largest JSON or form body, bytes.
    pub body_limit: usize,
    /// `_APP_COMPRESSION_MIN_SIZE_BYTES`, `None` when compression is off.
    pub compression_min: Option<usize>,
    /// `_APP_MAINTENANCE_RETENTION_AUDIT`, seconds.
    pub audit_retention: i64,
    /// `_APP_EMAIL_SECURITY`: whom receivers of webhooks may write to.
    pub security_email: String,
    /// `_APP_WEBHOOK_MAX_FAILED_ATTEMPTS`: failures in a row after which a webhook is switched off.
    pub webhook_failures: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            production: true,
            domain: "localhost".into(),
            console_domain: "localhost".into(),
            console_hostnames: Vec::new(),
            abuse: true,
            force_https: false,
            response_format: String::new(),
            locale: "en".into(),
            storage_limit: 30_000_000,
            rfc_ranges: false,
            preview_limit: 20_000_000,
            antivirus: false,
            smtp: false,
            trusted_headers: vec!["x-forwarded-for".into()],
            region: "default".into(),
            body_limit: 20 << 20,
            compression_min: Some(1024),
            audit_retention: 1_209_600,
            security_email: "security@localhost".into(),
            webhook_failures: 10,
        }
    }
}
