//! CORS headers and the origin check (contract, behaviours §5).
use crate::project::Project;
use crate::settings::Settings;

/// Methods allowed across origins.
pub const ALLOW_METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
/// Request headers allowed across origins.
pub const ALLOW_HEADERS: &str = "Accept, Origin, Cookie, Set-Cookie, Content-Type, Content-Range, X-Appwrite-Project, X-Appwrite-Key, X-Appwrite-Dev-Key, X-Appwrite-Locale, X-Appwrite-Mode, X-Appwrite-JWT, X-Appwrite-Response-Format, X-Appwrite-Timeout, X-Appwrite-ID, X-Appwrite-Timestamp, X-Appwrite-Session, X-Appwrite-Platform, X-Appwrite-Impersonate-User-Id, X-Appwrite-Impersonate-User-Email, X-Appwrite-Impersonate-User-Phone, X-SDK-Version, X-SDK-Name, X-SDK-Language, X-SDK-Platform, X-SDK-GraphQL, X-SDK-Profile, Range, Cache-Control, Expires, Pragma, X-Fallback-Cookies, X-Requested-With, X-Forwarded-For, X-Forwarded-User-Agent";
/// Response headers scripts may read.
pub const EXPOSE_HEADERS: &str = "X-Appwrite-Session, X-Fallback-Cookies";

const WEB_SCHEMES: &[(&str, &str)] = &[
    ("http", "Web"),
    ("https", "Web"),
    ("chrome-extension", "Web (Chrome Extension)"),
    ("moz-extension", "Web (Firefox Extension)"),
    ("safari-web-extension", "Web (Safari Extension)"),
    ("ms-browser-extension", "Web (Edge Extension)"),
    ("tauri", "Web (Tauri)"),
];
const APP_SCHEMES: &[(&str, &str)] = &[
    ("appwrite-ios", "iOS"),
    ("appwrite-macos", "macOS"),
    ("appwrite-watchos", "watchOS"),
    ("appwrite-tvos", "tvOS"),
    ("appwrite-android", "Android"),
    ("appwrite-windows", "Windows"),
    ("appwrite-linux", "Linux"),
];

/// Scheme and host of an origin, lower case; the host may be empty.
#[must_use]
pub fn parse(origin: &str) -> (String, String) {
    let Some((scheme, rest)) = origin.trim().split_once(':') else { return (String::new(), String::new()) };
    // Browsers take a backslash for a slash: what follows it is no part of the host.
    let authority = rest.strip_prefix("//").unwrap_or("").split(['/', '\\', '?', '#']).next().unwrap_or("");
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let host = if host_port.starts_with('[') { host_port.split_inclusive(']').next().unwrap_or("") } else { host_port.split(':').next().unwrap_or("") };
    (scheme.to_lowercase(), host.to_lowercase())
}

/// Hosts whose pages may call the project.
fn host_allowed(settings: &Settings, project: &Project, host: &str) -> bool {
    let own = [settings.domain.as_str(), settings.console_domain.as_str()];
    let console: &[String] = if project.is_console() { &settings.console_hostnames } else { &[] };
    own.iter().copied().chain(console.iter().map(String::as_str)).any(|h| matches(h, host))
        || (host == "localhost" && (project.is_console() || settings.local_pages))
        || project.platforms.iter().any(|p| {
            let (key, hostname) = (p.str("key"), p.str("hostname"));
            (!hostname.is_empty() && matches(hostname, host)) || (!key.is_empty() && key.eq_ignore_ascii_case(host))
        })
}

/// `*` allows all; `*.x` allows subdomains of x but not x itself.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern.is_empty() || host.is_empty() {
        return false;
    }
    let pattern = pattern.split(':').next().unwrap_or(pattern);
    pattern == "*"
        || pattern.eq_ignore_ascii_case(host)
        || pattern.strip_prefix('*').is_some_and(|suffix| suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(&suffix.to_lowercase()))
}

/// Whether a page of this origin may call the project.
#[must_use]
pub fn allowed(settings: &Settings, project: &Project, origin: &str) -> bool {
    let (scheme, host) = parse(origin);
    if WEB_SCHEMES.iter().any(|(s, _)| *s == scheme) {
        return host_allowed(settings, project, &host);
    }
    scheme == "exp"
        || scheme == format!("appwrite-callback-{}", project.id)
        || (!scheme.is_empty() && project.platforms.iter().any(|p| p.str("type") == "scheme" && p.str("key") == scheme))
        || (APP_SCHEMES.iter().any(|(s, _)| *s == scheme) && project.platforms.iter().any(|p| p.str("key").eq_ignore_ascii_case(&host)))
}

/// Text of 403 `general_unknown_origin`.
#[must_use]
pub fn refusal(origin: &str) -> String {
    let (scheme, host) = parse(origin);
    if scheme.is_empty() && host.is_empty() {
        return "Invalid Origin.".into();
    }
    let Some((_, platform)) = WEB_SCHEMES.iter().chain(APP_SCHEMES).find(|(s, _)| *s == scheme) else {
        return format!(
            "Invalid Scheme. The scheme used ({scheme}) in the Origin ({origin}) is not supported. If you are using a custom scheme, please change it to `appwrite-callback-<PROJECT_ID>`"
        );
    };
    let host = if host.is_empty() { String::new() } else { format!("({host})") };
    format!("Invalid Origin. Register your new client {host} as a new {platform} platform on your project console dashboard")
}

/// Whether a redirect target is on one of the project's hosts (or the server's own).
#[must_use]
pub fn redirect_allowed(settings: &Settings, project: &Project, url: &str) -> bool {
    allowed(settings, project, url)
}

/// Text of the refusal of a redirect target.
#[must_use]
pub fn redirect_refusal(url: &str) -> String {
    let (scheme, host) = parse(url);
    if scheme.is_empty() && host.is_empty() {
        return "Invalid URI.".into();
    }
    let platform = WEB_SCHEMES.iter().chain(APP_SCHEMES).find(|(s, _)| *s == scheme).map_or("", |(_, p)| p);
    let host = if host.is_empty() { String::new() } else { format!("({host})") };
    format!("Invalid URI. Register your new client {host} as a new {platform} platform on your project console dashboard")
}

/// Registrable part of a host as far as cookies care: the last two labels; `None` for IP addresses and single names.
#[must_use]
pub fn registrable(host: &str) -> Option<String> {
    let host = host.split(':').next().unwrap_or(host);
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    (labels.len() >= 2).then(|| labels.iter().skip(labels.len() - 2).copied().collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        assert_eq!(parse("http://LocalHost:3000"), ("http".into(), "localhost".into()));
        assert_eq!(parse("http://evil.example\\@localhost/x").1, "evil.example");
        assert_eq!(parse("http://localhost@evil.example/").1, "evil.example");
        assert_eq!(parse("appwrite-android://com.example"), ("appwrite-android".into(), "com.example".into()));
        assert!(matches("*.x.io", "a.x.io"));
        assert!(!matches("*.x.io", "x.io"));
        assert!(!matches("*.x.io", "evilx.io"));
        assert_eq!(registrable("a.b.example.com").as_deref(), Some("example.com"));
        assert_eq!(registrable("127.0.0.1"), None);
        assert_eq!(registrable("localhost"), None);
    }
}
