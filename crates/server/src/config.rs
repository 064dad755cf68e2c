//! Settings: one table of names, defaults and meanings, read from the environment (and `NAME_FILE` for secrets).
use std::collections::BTreeMap;
use std::path::PathBuf;

use kernel::{Graphql, MailSettings, Settings, Sms};

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Environment variable.
    pub name: &'static str,
    /// Used when it is unset or empty.
    pub default: &'static str,
    /// Never shown; may also come from the file named by `<NAME>_FILE`.
    pub secret: bool,
    /// What it does.
    pub about: &'static str,
}

macro_rules! settings {
    ($($name:literal = $default:literal $($secret:ident)? : $about:literal;)*) => {
        /// Every setting that is read, in the order of the documentation.
        pub const SETTINGS: &[Setting] = &[$(Setting { name: $name, default: $default, secret: settings!(@ $($secret)?), about: $about }),*];
    };
    (@) => { false };
    (@ secret) => { true };
}

settings! {
    "_APP_ENV" = "production": "`production` or `development`. In production the server refuses to start with the default secret; in development one is made and kept in the data folder.";
    "_APP_OPENSSL_KEY_V1" = "your-secret-key" secret: "Master secret: keys for files, sealed values and tokens are derived from it. Keep a copy: without it encrypted files cannot be read. A wrong one is refused at the start.";
    "_APP_OPENSSL_KEY_V2" = "" secret: "Next master secret, beside the one in use: from the next start, or from `ferrite keys rotate` on, it seals what is new. The old one is then kept sealed in `keys.json` and may go from the settings, and this one become `_APP_OPENSSL_KEY_V1`.";
    "_APP_OPENSSL_KEY_V3" = "" secret: "The same once more; the highest numbered one that is set counts.";
    "_APP_DOMAIN" = "localhost": "Host name of the API; always an allowed origin.";
    "_APP_CONSOLE_DOMAIN" = "": "Host name of the console, whose pages may call every project; when empty, `_APP_DOMAIN` and `localhost`.";
    "_APP_CONSOLE_HOSTNAMES" = "": "Further origins of the console, separated by commas.";
    "_APP_CONSOLE_WHITELIST_ROOT" = "enabled": "`enabled`: only the first account of the console is made by signing up; further ones are invited. `disabled` opens the sign-up.";
    "_APP_CONSOLE_WHITELIST_EMAILS" = "": "E-mail addresses, separated by commas, that may sign up to the console; empty: any.";
    "_APP_CONSOLE_WHITELIST_IPS" = "": "Addresses of clients, separated by commas, that may sign up to the console; empty: any.";
    "_APP_CONSOLE_INVITES" = "enabled": "`disabled`: members of organizations invite nobody.";
    "_APP_CONSOLE_SESSION_ALERTS" = "disabled": "`enabled`: accounts of the console get a mail about new sessions.";
    "_APP_DOMAIN_TARGET_CNAME" = "": "Where own domains should point to, shown in the console.";
    "_APP_DOMAIN_TARGET_A" = "": "IPv4 address that own domains should point to, shown in the console.";
    "_APP_DOMAIN_TARGET_AAAA" = "": "IPv6 address that own domains should point to, shown in the console.";
    "_APP_DOMAIN_TARGET_CAA" = "": "Issuer of certificates for the CAA record of own domains, shown in the console.";
    "_APP_DOMAINS_NAMESERVERS" = "": "Name servers, separated by commas, shown in the console.";
    "_APP_DOMAIN_SITES" = "": "Domain of sites, shown in the console.";
    "_APP_DOMAIN_FUNCTIONS" = "": "Domain of functions, shown in the console.";
    "_APP_CUSTOM_DOMAIN_DENY_LIST" = "": "Domains, separated by commas, that nobody may claim.";
    "_APP_USAGE_STATS" = "enabled": "Whether the console shows figures of use.";
    "_APP_COMPUTE_BUILD_TIMEOUT" = "900": "Longest build of a function or site, seconds; shown in the console.";
    "_APP_COMPUTE_SIZE_LIMIT" = "30000000": "Largest code of a function or site, bytes; shown in the console.";
    "_APP_DB_ADAPTER" = "mariadb": "Name of a database that the console is told; it decides nothing here.";
    "_APP_LOCALE" = "en": "Locale of answers when a request asks for none.";
    "_APP_REGION" = "default": "Region written into projects.";
    "_APP_OPTIONS_ABUSE" = "enabled": "`disabled` switches all rate limits off.";
    "_APP_OPTIONS_FORCE_HTTPS" = "disabled": "`enabled` refuses plain HTTP (behind a proxy: judged by `X-Forwarded-Proto`).";
    "_APP_TRUSTED_HEADERS" = "x-forwarded-for": "Headers, separated by commas, that carry the client's address.";
    "_APP_SYSTEM_RESPONSE_FORMAT" = "": "Response format for requests that name none, e.g. `1.8.0`; empty is the newest.";
    "_APP_COMPRESSION_ENABLED" = "enabled": "Compress answers for clients that accept gzip.";
    "_APP_COMPRESSION_MIN_SIZE_BYTES" = "1024": "Shortest answer that is compressed, bytes.";
    "_APP_STORAGE_LIMIT" = "30000000": "Largest file, bytes; also the bound of a bucket's `maximumFileSize`.";
    "_APP_STORAGE_PREVIEW_LIMIT" = "20000000": "Largest picture that previews are made of, bytes.";
    "_APP_STORAGE_ANTIVIRUS" = "disabled": "`enabled` scans uploads of buckets that ask for it; an unreachable scanner refuses them.";
    "_APP_STORAGE_ANTIVIRUS_HOST" = "clamav": "Host of clamd.";
    "_APP_STORAGE_ANTIVIRUS_PORT" = "3310": "Port of clamd.";
    "_APP_SMTP_HOST" = "": "Mail server. Without one a development server keeps mails in the folder `mails` of its data (`ferrite mails`), a production server refuses what needs mail.";
    "_APP_SMTP_PORT" = "25": "Its port.";
    "_APP_SMTP_SECURE" = "": "How the connection to it is protected: empty (not at all), `tls` (STARTTLS) or `ssl` (TLS from the first byte).";
    "_APP_SMTP_USERNAME" = "": "User name at the mail server.";
    "_APP_SMTP_PASSWORD" = "" secret: "Password there.";
    "_APP_SYSTEM_EMAIL_NAME" = "Ferrite": "Name in the sender of mails.";
    "_APP_SYSTEM_EMAIL_ADDRESS" = "": "Address in the sender of mails; `noreply@` and `_APP_DOMAIN` when empty.";
    "_APP_SMS_PROVIDER" = "" secret: "Who takes short messages: an `http(s)://user:password@host/path` that is sent each as JSON (`to`, `from`, `message`, `id`, `projectId`), or `sms://@mock`, which keeps them in the folder `mails` of the data. Empty: phones are not served, mock numbers aside.";
    "_APP_SMS_FROM" = "": "Sender of short messages.";
    "_APP_STORAGE_RANGES" = "appwrite": "`rfc9110` answers range requests for files by the standard: single bytes, suffixes, ends beyond the file. `appwrite` refuses them as the reference does.";
    "_APP_STORAGE_DEVICE" = "local": "Where file bytes are kept: `local`, `s3`, `dospaces`, `backblaze`, `linode`, `wasabi`, `gcs` or `azure`. To change it later: `ferrite storage move`.";
    "_APP_CONNECTIONS_STORAGE" = "" secret: "`scheme://key:secret@host/bucket?region=…`; wins over `_APP_STORAGE_DEVICE` and what belongs to it.";
    "_APP_STORAGE_S3_ACCESS_KEY" = "" secret: "Access key of `s3`; empty takes what the machine is given (instance role, web identity).";
    "_APP_STORAGE_S3_SECRET" = "" secret: "Its secret.";
    "_APP_STORAGE_S3_REGION" = "us-east-1": "Region of `s3`.";
    "_APP_STORAGE_S3_BUCKET" = "": "Bucket of `s3`.";
    "_APP_STORAGE_S3_ENDPOINT" = "": "URL of another server with the S3 protocol, asked in path style, e.g. `http://minio:9000`.";
    "_APP_STORAGE_DO_SPACES_ACCESS_KEY" = "" secret: "Access key of `dospaces`.";
    "_APP_STORAGE_DO_SPACES_SECRET" = "" secret: "Its secret.";
    "_APP_STORAGE_DO_SPACES_REGION" = "us-east-1": "Region of `dospaces`.";
    "_APP_STORAGE_DO_SPACES_BUCKET" = "": "Bucket of `dospaces`.";
    "_APP_STORAGE_BACKBLAZE_ACCESS_KEY" = "" secret: "Access key of `backblaze`.";
    "_APP_STORAGE_BACKBLAZE_SECRET" = "" secret: "Its secret.";
    "_APP_STORAGE_BACKBLAZE_REGION" = "us-west-004": "Region of `backblaze`.";
    "_APP_STORAGE_BACKBLAZE_BUCKET" = "": "Bucket of `backblaze`.";
    "_APP_STORAGE_LINODE_ACCESS_KEY" = "" secret: "Access key of `linode`.";
    "_APP_STORAGE_LINODE_SECRET" = "" secret: "Its secret.";
    "_APP_STORAGE_LINODE_REGION" = "eu-central-1": "Region of `linode`.";
    "_APP_STORAGE_LINODE_BUCKET" = "": "Bucket of `linode`.";
    "_APP_STORAGE_WASABI_ACCESS_KEY" = "" secret: "Access key of `wasabi`.";
    "_APP_STORAGE_WASABI_SECRET" = "" secret: "Its secret.";
    "_APP_STORAGE_WASABI_REGION" = "eu-central-1": "Region of `wasabi`.";
    "_APP_STORAGE_WASABI_BUCKET" = "": "Bucket of `wasabi`.";
    "FERRITE_STORAGE_GCS_BUCKET" = "": "Bucket of `gcs`.";
    "FERRITE_STORAGE_GCS_SERVICE_ACCOUNT" = "" secret: "Key of a service account for `gcs`, JSON; empty takes what the machine is given.";
    "FERRITE_STORAGE_GCS_ENDPOINT" = "": "URL of another server with the protocol of `gcs`.";
    "FERRITE_STORAGE_AZURE_ACCOUNT" = "": "Storage account of `azure`.";
    "FERRITE_STORAGE_AZURE_ACCESS_KEY" = "" secret: "Its key; empty takes what the machine is given.";
    "FERRITE_STORAGE_AZURE_CONTAINER" = "": "Container of `azure`.";
    "FERRITE_STORAGE_AZURE_ENDPOINT" = "": "URL of another server with the protocol of `azure`.";
    "FERRITE_STORAGE_PREFIX" = "ferrite": "Put before the names of all objects in a bucket or container, so that it may be shared.";
    "_APP_MAINTENANCE_RETENTION_AUDIT" = "1209600": "How long audit entries are kept, seconds.";
    "_APP_EMAIL_SECURITY" = "": "Address that receivers of webhooks find in the requests; `security@` and `_APP_DOMAIN` when empty.";
    "_APP_WEBHOOK_MAX_FAILED_ATTEMPTS" = "10": "Failed deliveries in a row after which a webhook is switched off.";
    "_APP_MAINTENANCE_RETENTION_AUDIT_CONSOLE" = "15778800": "How long audit entries of the console are kept, seconds.";
    "_APP_GRAPHQL_INTROSPECTION" = "enabled": "`disabled`: nobody may ask for the schema of GraphQL. In development, asking for it counts towards no limit.";
    "_APP_GRAPHQL_MAX_BATCH_SIZE" = "10": "Most GraphQL documents of one request.";
    "_APP_GRAPHQL_MAX_COMPLEXITY" = "250": "Most fields of a GraphQL document, those of lists times the limit asked for. Not counted where `_APP_OPTIONS_ABUSE` is `disabled`.";
    "_APP_GRAPHQL_MAX_DEPTH" = "3": "Deepest nesting of fields in a GraphQL document. Not counted where `_APP_OPTIONS_ABUSE` is `disabled`.";
    "FERRITE_DATA" = "./data": "Data folder (`--data`).";
    "FERRITE_LISTEN" = "0.0.0.0:80": "Address and port (`--listen`).";
    "FERRITE_STORE" = "": "Storage engine: `fjall`, `sled` or `memory` (`--store`). Empty: the one that wrote the data folder, `fjall` for a new one.";
    "FERRITE_STORE_CACHE_MB" = "16": "Cache of the storage engine, MiB.";
    "FERRITE_DOCUMENT_CACHE_MB" = "48": "Cache of decoded documents, MiB.";
    "FERRITE_LOG" = "info": "Log filter, e.g. `info,database=debug`.";
    "FERRITE_LOG_FORMAT" = "text": "`text` or `json`.";
    "FERRITE_METRICS" = "disabled": "`enabled` serves Prometheus figures at `/metrics`.";
    "FERRITE_THREADS" = "128": "Most requests worked on at the same time.";
    "FERRITE_GEO_DB" = "": "Database in MMDB form that tells the country of an address (DB-IP, GeoLite2, ip-location-db). Empty: countries are not known.";
    "FERRITE_TIME_SERVER" = "time.google.com": "Time server that `/v1/health/time` compares the clock with, a host or `host:port`; asked only then.";
    "FERRITE_OUTBOUND_ALLOW" = "": "Networks, addresses and host names, separated by commas, that webhooks, sign-in providers and picture proxies may be reached at although they are not public, e.g. `10.0.0.0/8, keycloak.internal`.";
    "FERRITE_PICTURE_THREADS" = "2": "Most pictures worked on at the same time; each may take some hundred MiB. Further requests wait a while, then read 503.";
    "FERRITE_PREVIEW_CACHE_MB" = "512": "Disk for previews that were made, MiB, sealed like files; 0 keeps none.";
    "FERRITE_PREVIEW_MEMORY_MB" = "32": "Memory for previews asked for lately, MiB.";
    "FERRITE_HASH_THREADS" = "2": "Most passwords hashed at the same time.";
}

/// Variables of the reference that mean nothing to one binary and are accepted without a word.
const IGNORED: &[&str] = &[
    "_APP_DB_",
    "_APP_DATABASE_",
    "_APP_REDIS_",
    "_APP_WORKER",
    "_APP_POOL_",
    "_APP_CONNECTIONS_",
    "_APP_STATS",
    "_APP_INFLUXDB_",
    "_APP_STATSD_",
    "_APP_USAGE_",
    "_APP_RULES_FORMAT",
    "_APP_EDITION",
    "_APP_IMAGE",
    "_APP_VERSION",
    "_APP_HOME",
    "_APP_BROWSER_HOST",
    "_APP_EMBEDDING_",
    "_APP_LOGGING_",
];

/// What was read.
#[derive(Clone)]
pub struct Config {
    values: BTreeMap<&'static str, String>,
    /// Variables that are set but not served by this release.
    pub unserved: Vec<String>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is not of its form.
    #[error("{name} is {value:?}, but must be {want}")]
    Invalid {
        /// Setting.
        name: &'static str,
        /// Value found.
        value: String,
        /// What it should be.
        want: &'static str,
    },
    /// A `_FILE` cannot be read.
    #[error("{name}_FILE names {path}, which cannot be read: {error}")]
    File {
        /// Setting.
        name: &'static str,
        /// Its path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Default secret in production.
    #[error(
        "_APP_OPENSSL_KEY_V1 is unset, or a master secret is still the default. Set it to a long random text, e.g. the output of `openssl rand -hex 32`, and keep a copy; or try things out with `ferrite serve --dev`"
    )]
    DefaultSecret,
}

const DEFAULT_SECRET: &str = "your-secret-key";

impl Config {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))))
    }

    /// Reads given variables.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let vars: BTreeMap<String, String> = vars.into_iter().collect();
        let mut values = BTreeMap::new();
        for s in SETTINGS {
            let mut value = vars.get(s.name).filter(|v| !v.is_empty()).cloned();
            if s.secret
                && value.is_none()
                && let Some(path) = vars.get(&format!("{}_FILE", s.name))
            {
                let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File { name: s.name, path: path.clone(), error })?;
                value = Some(text.trim_end_matches(['\r', '\n']).to_owned());
            }
            values.insert(s.name, value.unwrap_or_else(|| s.default.to_owned()));
        }
        let known = |k: &str| SETTINGS.iter().any(|s| k == s.name || k.strip_suffix("_FILE") == Some(s.name));
        let mut unserved: Vec<String> = vars
            .keys()
            .filter(|k| k.starts_with("_APP_") && !vars.get(*k).is_some_and(String::is_empty))
            .filter(|k| !known(k) && !IGNORED.iter().any(|p| k.starts_with(p)))
            .cloned()
            .collect();
        let sms = values.get("_APP_SMS_PROVIDER").map_or("", String::as_str);
        if !sms.is_empty() && sms_provider(sms).is_none() {
            unserved.push("_APP_SMS_PROVIDER".to_owned());
        }
        Ok(Self { values, unserved })
    }

    /// A value as text.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Replaces a value, for command line flags.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.values.insert(name, value);
    }

    fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, ConfigError> {
        self.get(name).parse().map_err(|_| ConfigError::Invalid { name, value: self.get(name).to_owned(), want: "a number" })
    }

    fn enabled(&self, name: &str) -> bool {
        matches!(self.get(name), "enabled" | "true" | "1" | "yes")
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.get(name).split(',').map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty()).collect()
    }

    /// Whether this is a production server.
    #[must_use]
    pub fn production(&self) -> bool {
        self.get("_APP_ENV") != "development"
    }

    /// Master secrets, V1 first. A development server without one gets its own, kept in the data folder.
    pub fn secrets(&self) -> Result<Vec<String>, ConfigError> {
        let v1 = self.get("_APP_OPENSSL_KEY_V1");
        if v1 == DEFAULT_SECRET {
            if self.production() {
                return Err(ConfigError::DefaultSecret);
            }
            let path = self.data().join(crate::secret::FILE).display().to_string();
            return crate::secret::of_folder(&self.data()).map_err(|error| ConfigError::File { name: "_APP_OPENSSL_KEY_V1", path, error });
        }
        let set = ["_APP_OPENSSL_KEY_V1", "_APP_OPENSSL_KEY_V2", "_APP_OPENSSL_KEY_V3"].iter().map(|n| self.get(n).to_owned());
        let secrets: Vec<String> = set.filter(|s| !s.is_empty()).collect();
        if secrets.iter().any(|s| s == DEFAULT_SECRET) {
            return Err(ConfigError::DefaultSecret);
        }
        Ok(secrets)
    }

    /// Whether the master secret is the folder's own, in development.
    pub(crate) fn has_own_secret(&self) -> bool {
        self.get("_APP_OPENSSL_KEY_V1") == DEFAULT_SECRET && !self.production()
    }

    /// Commands on a folder that a development server made are development too, without being told.
    pub(crate) fn follow_folder(&mut self) {
        if self.get("_APP_OPENSSL_KEY_V1") == DEFAULT_SECRET && self.data().join(crate::secret::FILE).exists() {
            self.set("_APP_ENV", "development".to_owned());
        }
    }

    /// Data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        PathBuf::from(self.get("FERRITE_DATA"))
    }

    /// Storage engine: as set, else the one that wrote the data folder, else the default.
    pub fn engine(&self) -> Result<kv::EngineKind, ConfigError> {
        if self.get("FERRITE_STORE").is_empty() {
            return Ok(kv::engine_of(&self.data()).ok().flatten().unwrap_or(kv::EngineKind::Fjall));
        }
        engine_kind(self.get("FERRITE_STORE")).ok_or_else(|| ConfigError::Invalid {
            name: "FERRITE_STORE",
            value: self.get("FERRITE_STORE").to_owned(),
            want: "fjall, sled or memory",
        })
    }

    /// Bytes of the engine's cache and of the document cache.
    pub fn caches(&self) -> Result<(u64, u64), ConfigError> {
        Ok((self.number::<u64>("FERRITE_STORE_CACHE_MB")? << 20, self.number::<u64>("FERRITE_DOCUMENT_CACHE_MB")? << 20))
    }

    /// Most requests at a time, and most hashes.
    pub fn threads(&self) -> Result<(usize, usize), ConfigError> {
        Ok((self.number::<usize>("FERRITE_THREADS")?.max(4), self.number::<usize>("FERRITE_HASH_THREADS")?.max(1)))
    }

    /// Bytes of previews kept on disk and in memory; `None` keeps none.
    pub fn previews(&self) -> Result<Option<storage::DerivedLimits>, ConfigError> {
        let (disk, memory) = (self.number::<u64>("FERRITE_PREVIEW_CACHE_MB")? << 20, self.number::<u64>("FERRITE_PREVIEW_MEMORY_MB")? << 20);
        Ok((disk > 0).then_some(storage::DerivedLimits { disk, memory }))
    }

    /// What may be called although it is not public.
    pub fn outbound(&self) -> Result<outbound::Exceptions, ConfigError> {
        let name = "FERRITE_OUTBOUND_ALLOW";
        // The operator's own provider of short messages may be anywhere.
        let sms = match sms_provider(self.get("_APP_SMS_PROVIDER")) {
            Some(Some((url, _))) => url.split("://").nth(1).and_then(|r| r.split(['/', ':']).next()).map(|h| format!(",{h}")).unwrap_or_default(),
            _ => String::new(),
        };
        outbound::Exceptions::parse(&format!("{}{sms}", self.get(name))).map_err(|value| ConfigError::Invalid {
            name,
            value,
            want: "a list of networks, addresses and host names",
        })
    }

    /// Whether `/metrics` is served.
    #[must_use]
    pub fn metrics(&self) -> bool {
        self.enabled("FERRITE_METRICS")
    }

    /// Whether range requests are answered by the standard.
    fn rfc_ranges(&self) -> Result<bool, ConfigError> {
        match self.get("_APP_STORAGE_RANGES") {
            "rfc9110" => Ok(true),
            "appwrite" => Ok(false),
            value => Err(ConfigError::Invalid { name: "_APP_STORAGE_RANGES", value: value.to_owned(), want: "appwrite or rfc9110" }),
        }
    }

    /// Address of clamd when scanning is on.
    #[must_use]
    pub fn clamd(&self) -> Option<String> {
        self.enabled("_APP_STORAGE_ANTIVIRUS").then(|| format!("{}:{}", self.get("_APP_STORAGE_ANTIVIRUS_HOST"), self.get("_APP_STORAGE_ANTIVIRUS_PORT")))
    }

    /// The kernel's part.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        self.device(&self.device_name()?)?;
        let domain = self.get("_APP_DOMAIN").to_owned();
        let console = self.get("_APP_CONSOLE_DOMAIN");
        let min = self.number("_APP_COMPRESSION_MIN_SIZE_BYTES")?;
        let security = match self.get("_APP_EMAIL_SECURITY") {
            "" => format!("security@{domain}"),
            email => email.to_owned(),
        };
        Ok(Settings {
            production: self.production(),
            local_pages: console.is_empty(),
            console_domain: if console.is_empty() { domain.clone() } else { console.to_owned() },
            domain,
            console_hostnames: self.list("_APP_CONSOLE_HOSTNAMES"),
            console: self.console(),
            advertised: self.advertised()?,
            abuse: self.get("_APP_OPTIONS_ABUSE") != "disabled",
            force_https: self.enabled("_APP_OPTIONS_FORCE_HTTPS"),
            response_format: self.get("_APP_SYSTEM_RESPONSE_FORMAT").to_owned(),
            locale: self.get("_APP_LOCALE").to_owned(),
            storage_limit: self.number("_APP_STORAGE_LIMIT")?,
            rfc_ranges: self.rfc_ranges()?,
            preview_limit: self.number("_APP_STORAGE_PREVIEW_LIMIT")?,
            picture_threads: self.number::<usize>("FERRITE_PICTURE_THREADS")?.max(1),
            antivirus: self.enabled("_APP_STORAGE_ANTIVIRUS"),
            mail: self.mail()?,
            trusted_headers: self.list("_APP_TRUSTED_HEADERS"),
            region: self.get("_APP_REGION").to_owned(),
            compression_min: self.enabled("_APP_COMPRESSION_ENABLED").then_some(min),
            audit_retention: self.number("_APP_MAINTENANCE_RETENTION_AUDIT")?,
            security_email: security,
            time_server: self.get("FERRITE_TIME_SERVER").to_owned(),
            webhook_failures: self.number("_APP_WEBHOOK_MAX_FAILED_ATTEMPTS")?,
            console_audit_retention: self.number("_APP_MAINTENANCE_RETENTION_AUDIT_CONSOLE")?,
            graphql: self.graphql()?,
            ..Settings::default()
        })
    }

    fn graphql(&self) -> Result<Graphql, ConfigError> {
        Ok(Graphql {
            batch: self.number("_APP_GRAPHQL_MAX_BATCH_SIZE")?,
            complexity: self.number("_APP_GRAPHQL_MAX_COMPLEXITY")?,
            depth: self.number("_APP_GRAPHQL_MAX_DEPTH")?,
            introspection: self.get("_APP_GRAPHQL_INTROSPECTION") != "disabled",
        })
    }

    /// Mails and short messages.
    fn mail(&self) -> Result<MailSettings, ConfigError> {
        let host = self.get("_APP_SMTP_HOST").to_owned();
        let name = "_APP_SMTP_SECURE";
        let secure = self.get(name).to_owned();
        if mail::Secure::parse(&secure).is_none() {
            return Err(ConfigError::Invalid { name, value: secure, want: "empty, tls or ssl" });
        }
        let name = "_APP_SYSTEM_EMAIL_ADDRESS";
        let domain = self.get("_APP_DOMAIN").split(':').next().unwrap_or("localhost");
        let sender_email = if self.get(name).is_empty() { format!("noreply@{domain}") } else { self.get(name).to_owned() };
        if !mail::is_address(&sender_email) {
            return Err(ConfigError::Invalid { name, value: sender_email, want: "a mail address" });
        }
        Ok(MailSettings {
            capture: (host.is_empty() && !self.production()).then(|| self.mails()),
            host,
            port: self.number("_APP_SMTP_PORT")?,
            secure,
            username: self.get("_APP_SMTP_USERNAME").to_owned(),
            password: crypto::Secret::from(self.get("_APP_SMTP_PASSWORD")),
            sender_name: self.get("_APP_SYSTEM_EMAIL_NAME").to_owned(),
            sender_email,
            sms: self.sms(),
            sms_from: self.get("_APP_SMS_FROM").to_owned(),
        })
    }

    /// Where mails and short messages are kept that go nowhere.
    #[must_use]
    pub fn mails(&self) -> PathBuf {
        self.data().join("mails")
    }

    /// Who takes short messages; providers that are not known are named in the log as not served.
    fn sms(&self) -> Sms {
        match sms_provider(self.get("_APP_SMS_PROVIDER")) {
            None => Sms::Off,
            Some(None) => Sms::Folder(self.mails()),
            Some(Some((url, credentials))) => Sms::Webhook { url, credentials: crypto::Secret::from(credentials.as_str()) },
        }
    }

    fn console(&self) -> kernel::Console {
        kernel::Console {
            root_only: self.enabled("_APP_CONSOLE_WHITELIST_ROOT"),
            emails: self.list("_APP_CONSOLE_WHITELIST_EMAILS"),
            ips: self.list("_APP_CONSOLE_WHITELIST_IPS"),
            invites: self.enabled("_APP_CONSOLE_INVITES"),
            session_alerts: self.enabled("_APP_CONSOLE_SESSION_ALERTS"),
        }
    }

    fn advertised(&self) -> Result<kernel::Advertised, ConfigError> {
        let text = |name: &str| self.get(name).to_owned();
        Ok(kernel::Advertised {
            target_cname: text("_APP_DOMAIN_TARGET_CNAME"),
            target_a: self.list("_APP_DOMAIN_TARGET_A").into_iter().next().unwrap_or_default(),
            target_aaaa: text("_APP_DOMAIN_TARGET_AAAA"),
            target_caa: text("_APP_DOMAIN_TARGET_CAA"),
            nameservers: text("_APP_DOMAINS_NAMESERVERS"),
            sites: text("_APP_DOMAIN_SITES"),
            functions: text("_APP_DOMAIN_FUNCTIONS"),
            denied_domains: self.list("_APP_CUSTOM_DOMAIN_DENY_LIST"),
            usage_stats: text("_APP_USAGE_STATS"),
            build_timeout: self.number("_APP_COMPUTE_BUILD_TIMEOUT")?,
            compute_size_limit: self.number("_APP_COMPUTE_SIZE_LIMIT")?,
            db_adapter: text("_APP_DB_ADAPTER"),
        })
    }

    /// `docs/CONFIG.md`.
    #[must_use]
    pub fn markdown() -> String {
        let mut out = String::from(
            "# Settings\n\nRead from the environment at start. Generated by `ferrite vars --markdown`; do not edit.\nSecrets may also come from a file: set `<NAME>_FILE` to its path. Flags of `ferrite serve` win over the environment.\n\n\
            `ferrite serve --dev` is `_APP_ENV=development`: without a secret one is made and kept in the data folder (`development-secret`), for that folder only.\n\
            Settings of Appwrite that concern databases, caches, queues and workers beside it are accepted and mean nothing here; others that are set but not served are named in the log at start.\n\n| name | default | meaning |\n|---|---|---|\n",
        );
        for s in SETTINGS {
            let default = if s.default.is_empty() { String::new() } else { format!("`{}`", s.default) };
            out.push_str(&format!("| `{}`{} | {default} | {} |\n", s.name, if s.secret { " (secret)" } else { "" }, s.about));
        }
        out
    }

    /// Name and value of every setting, secrets masked.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        SETTINGS.iter().map(|s| {
            let v = self.get(s.name);
            (s.name, if s.secret && !v.is_empty() { "********".to_owned() } else { v.to_owned() })
        })
    }
}

/// A provider of short messages: `Some(None)` for the mock, URL and `user:password` for a webhook, `None` for what is not known.
fn sms_provider(text: &str) -> Option<Option<(String, String)>> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme {
        "sms" => (rest.rsplit('@').next() == Some("mock")).then_some(None),
        "http" | "https" => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let (credentials, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            (!host.is_empty()).then(|| Some((format!("{scheme}://{host}{path}"), credentials.to_owned())))
        }
        _ => None,
    }
}

/// `fjall`, `sled` or `memory`.
#[must_use]
pub fn engine_kind(name: &str) -> Option<kv::EngineKind> {
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(vars: &[(&str, &str)]) -> Config {
        Config::from_vars(vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).unwrap()
    }

    #[test]
    fn production_needs_a_secret() {
        assert!(matches!(config(&[]).secrets(), Err(ConfigError::DefaultSecret)));
        let dir = tempfile::tempdir().unwrap();
        let development = config(&[("_APP_ENV", "development"), ("FERRITE_DATA", dir.path().to_str().unwrap())]);
        assert_eq!(development.secrets().unwrap(), development.secrets().unwrap());
        assert_ne!(development.secrets().unwrap(), [DEFAULT_SECRET]);
        assert_eq!(config(&[("_APP_OPENSSL_KEY_V1", "a"), ("_APP_OPENSSL_KEY_V2", "b")]).secrets().unwrap(), ["a", "b"]);
        assert!(matches!(config(&[("_APP_OPENSSL_KEY_V1", "a"), ("_APP_OPENSSL_KEY_V2", DEFAULT_SECRET)]).secrets(), Err(ConfigError::DefaultSecret)));
    }

    #[test]
    fn secrets_come_from_files_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, "from a file\n").unwrap();
        let c = config(&[("_APP_OPENSSL_KEY_V1_FILE", path.to_str().unwrap())]);
        assert_eq!(c.secrets().unwrap(), ["from a file"]);
        assert!(c.shown().all(|(_, v)| !v.contains("from a file")));
    }

    fn beside_the_crates(file: &str) -> String {
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
    }

    #[test]
    fn the_page_of_the_documentation_is_current() {
        assert_eq!(beside_the_crates("docs/CONFIG.md"), Config::markdown(), "run: cargo run -p server -- vars --markdown > docs/CONFIG.md");
    }

    #[test]
    fn the_compose_file_sets_what_is_read() {
        let compose = beside_the_crates("docker-compose.yml");
        let set: Vec<&str> = compose.lines().filter_map(|l| l.trim().split_once(": ${")).map(|(name, _)| name).collect();
        assert!(set.len() > 20);
        for name in set {
            assert!(SETTINGS.iter().any(|s| s.name == name), "{name}");
        }
    }

    #[test]
    fn providers_of_short_messages() {
        let hook = |url: &str, c: &str| Some(Some((url.to_owned(), c.to_owned())));
        assert_eq!(sms_provider("https://u:p@sms.example/send?x=1"), hook("https://sms.example/send?x=1", "u:p"));
        assert_eq!(sms_provider("http://10.0.0.1:9000"), hook("http://10.0.0.1:9000", ""));
        assert_eq!(sms_provider("sms://user:pass@mock"), Some(None));
        assert_eq!(sms_provider("sms://user:pass@twilio"), None);
        assert_eq!(config(&[("_APP_SMS_PROVIDER", "sms://user:pass@twilio")]).unserved, ["_APP_SMS_PROVIDER"]);
        assert!(matches!(config(&[]).sms(), Sms::Off));
    }

    #[test]
    fn mails_are_kept_in_development_only() {
        let mail = |vars: &[(&str, &str)]| config(vars).mail().unwrap();
        assert!(!mail(&[]).available());
        assert!(mail(&[("_APP_ENV", "development")]).capture.is_some());
        let both = mail(&[("_APP_ENV", "development"), ("_APP_SMTP_HOST", "mx"), ("_APP_DOMAIN", "api.example.com:8080")]);
        assert_eq!((both.capture, both.port, both.sender_email.as_str()), (None, 25, "noreply@api.example.com"));
        assert!(config(&[("_APP_SMTP_SECURE", "ssh")]).mail().is_err() && config(&[("_APP_SYSTEM_EMAIL_ADDRESS", "a@b\r\nBcc: c@d")]).mail().is_err());
    }

    #[test]
    fn bad_values_are_named() {
        let e = config(&[("_APP_STORAGE_LIMIT", "lots")]).settings().unwrap_err();
        assert!(e.to_string().contains("_APP_STORAGE_LIMIT"));
        let e = config(&[("FERRITE_OUTBOUND_ALLOW", "10.0.0.0/8, http://x")]).outbound().unwrap_err();
        assert!(e.to_string().contains("FERRITE_OUTBOUND_ALLOW is \"http://x\""), "{e}");
        assert_eq!(config(&[("_APP_FUNCTIONS_TIMEOUT", "9"), ("_APP_REDIS_HOST", "x")]).unserved, ["_APP_FUNCTIONS_TIMEOUT"]);
    }
}
