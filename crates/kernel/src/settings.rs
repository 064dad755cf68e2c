//! Settings the kernel acts on. The server reads them from the environment; nothing here does.
use std::path::PathBuf;

use crypto::Secret;

/// How mails and short messages leave the server.
#[derive(Clone, Debug, Default)]
pub struct MailSettings {
    /// `_APP_SMTP_HOST`; no mail server when empty.
    pub host: String,
    /// `_APP_SMTP_PORT`.
    pub port: u16,
    /// `_APP_SMTP_SECURE`: empty, `tls` or `ssl`.
    pub secure: String,
    /// `_APP_SMTP_USERNAME`.
    pub username: String,
    /// `_APP_SMTP_PASSWORD`.
    pub password: Secret,
    /// `_APP_SYSTEM_EMAIL_NAME`.
    pub sender_name: String,
    /// `_APP_SYSTEM_EMAIL_ADDRESS`.
    pub sender_email: String,
    /// Without a mail server, mails are kept in this folder (development).
    pub capture: Option<PathBuf>,
    /// Who takes short messages.
    pub sms: Sms,
    /// `_APP_SMS_FROM`.
    pub sms_from: String,
}

impl MailSettings {
    /// Whether the server itself has a way for mails.
    #[must_use]
    pub fn available(&self) -> bool {
        !self.host.is_empty() || self.capture.is_some()
    }
}

/// Who takes short messages.
#[derive(Clone, Debug, Default)]
pub enum Sms {
    /// Nobody: phones are not served.
    #[default]
    Off,
    /// A folder, for development and tests.
    Folder(PathBuf),
    /// A URL that is sent each message as JSON, with user and password when there are any.
    Webhook {
        /// The URL, without user and password.
        url: String,
        /// `user:password`.
        credentials: Secret,
    },
}

/// Who may have an account of the console.
#[derive(Clone, Debug)]
pub struct Console {
    /// `_APP_CONSOLE_WHITELIST_ROOT`: only the first account is made by signing up, others are invited.
    pub root_only: bool,
    /// `_APP_CONSOLE_WHITELIST_EMAILS`, lower case; empty = any.
    pub emails: Vec<String>,
    /// `_APP_CONSOLE_WHITELIST_IPS`; empty = any.
    pub ips: Vec<String>,
    /// `_APP_CONSOLE_INVITES`: members of organizations may invite others.
    pub invites: bool,
    /// `_APP_CONSOLE_SESSION_ALERTS`: mails about new sessions.
    pub session_alerts: bool,
}

impl Default for Console {
    fn default() -> Self {
        Self { root_only: true, emails: Vec::new(), ips: Vec::new(), invites: true, session_alerts: false }
    }
}

/// What the console is told about the server's surroundings, by the names of the settings.
#[derive(Clone, Debug, Default)]
pub struct Advertised {
    /// `_APP_DOMAIN_TARGET_CNAME`.
    pub target_cname: String,
    /// `_APP_DOMAIN_TARGET_A`, the first.
    pub target_a: String,
    /// `_APP_DOMAIN_TARGET_AAAA`.
    pub target_aaaa: String,
    /// `_APP_DOMAIN_TARGET_CAA`.
    pub target_caa: String,
    /// `_APP_DOMAINS_NAMESERVERS`.
    pub nameservers: String,
    /// `_APP_DOMAIN_SITES`.
    pub sites: String,
    /// `_APP_DOMAIN_FUNCTIONS`.
    pub functions: String,
    /// `_APP_CUSTOM_DOMAIN_DENY_LIST`.
    pub denied_domains: Vec<String>,
    /// `_APP_USAGE_STATS`.
    pub usage_stats: String,
    /// `_APP_COMPUTE_BUILD_TIMEOUT`, seconds.
    pub build_timeout: i64,
    /// `_APP_COMPUTE_SIZE_LIMIT`, bytes.
    pub compute_size_limit: i64,
    /// `_APP_DB_ADAPTER`.
    pub db_adapter: String,
}

/// What a request may ask for with GraphQL.
#[derive(Clone, Copy, Debug)]
pub struct Graphql {
    /// `_APP_GRAPHQL_MAX_BATCH_SIZE`: most documents of a request.
    pub batch: usize,
    /// `_APP_GRAPHQL_MAX_COMPLEXITY`: most fields of a document.
    pub complexity: u64,
    /// `_APP_GRAPHQL_MAX_DEPTH`: deepest nesting of a document.
    pub depth: u64,
    /// `_APP_GRAPHQL_INTROSPECTION`: the schema may be asked for.
    pub introspection: bool,
}

impl Default for Graphql {
    fn default() -> Self {
        Self { batch: 10, complexity: 250, depth: 3, introspection: true }
    }
}

/// Plain values, fixed at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Never show causes to clients.
    pub production: bool,
    /// `_APP_DOMAIN`: host of the API, always an allowed origin.
    pub domain: String,
    /// `_APP_CONSOLE_DOMAIN`; falls back to `domain`.
    pub console_domain: String,
    /// Pages of `localhost` may call every project, as in the original while `_APP_CONSOLE_DOMAIN` is not set.
    pub local_pages: bool,
    /// `_APP_CONSOLE_HOSTNAMES`: further origins of the console.
    pub console_hostnames: Vec<String>,
    /// Who may sign up to the console.
    pub console: Console,
    /// What the console is told.
    pub advertised: Advertised,
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
    /// Most pictures worked on at the same time.
    pub picture_threads: usize,
    /// `_APP_STORAGE_ANTIVIRUS`.
    pub antivirus: bool,
    /// Mails and short messages.
    pub mail: MailSettings,
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
    /// `FERRITE_TIME_SERVER`: whose time the server's clock is compared with.
    pub time_server: String,
    /// `_APP_WEBHOOK_MAX_FAILED_ATTEMPTS`: failures in a row after which a webhook is switched off.
    pub webhook_failures: i64,
    /// `_APP_MAINTENANCE_RETENTION_AUDIT_CONSOLE`, seconds.
    pub console_audit_retention: i64,
    /// What GraphQL may ask for.
    pub graphql: Graphql,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            production: true,
            domain: "localhost".into(),
            console_domain: "localhost".into(),
            local_pages: true,
            console_hostnames: Vec::new(),
            console: Console::default(),
            advertised: Advertised::default(),
            abuse: true,
            force_https: false,
            response_format: String::new(),
            locale: "en".into(),
            storage_limit: 30_000_000,
            rfc_ranges: false,
            preview_limit: 20_000_000,
            picture_threads: 2,
            antivirus: false,
            mail: MailSettings::default(),
            trusted_headers: vec!["x-forwarded-for".into()],
            region: "default".into(),
            body_limit: 20 << 20,
            compression_min: Some(1024),
            audit_retention: 1_209_600,
            security_email: "security@localhost".into(),
            time_server: "time.google.com".into(),
            webhook_failures: 10,
            console_audit_retention: 15_778_800,
            graphql: Graphql::default(),
        }
    }
}
