//! What can be switched on and off in a project, by id and by the key its setting is kept under.

/// Ways to sign in: id on the wire and key under `auths`.
pub const AUTH_METHODS: &[(&str, &str)] = &[
    ("email-password", "emailPassword"),
    ("magic-url", "usersAuthMagicURL"),
    ("email-otp", "emailOtp"),
    ("anonymous", "anonymous"),
    ("invites", "invites"),
    ("jwt", "JWT"),
    ("phone", "phone"),
];

/// Ids of the ways to sign in.
pub const AUTH_METHOD_IDS: &[&str] = &{
    let mut ids = [""; AUTH_METHODS.len()];
    let mut i = 0;
    while i < ids.len() {
        ids[i] = AUTH_METHODS[i].0;
        i += 1;
    }
    ids
};

/// Services; the key under `services` is the id.
#[rustfmt::skip]
pub const SERVICES: &[&str] = &[
    "account", "avatars", "databases", "tablesdb", "locale", "health", "project", "storage", "teams", "users", "vcs", "sites", "functions", "proxy",
    "graphql", "migrations", "messaging", "advisor",
];

/// Services as answers list them: the last came after the release whose answers are kept to; it can be switched, but is not listed.
pub const LISTED_SERVICES: &[&str] = match SERVICES.split_last() {
    Some((_, listed)) => listed,
    None => SERVICES,
};

/// Protocols; the key under `apis` is the id.
pub const PROTOCOLS: &[&str] = &["rest", "graphql", "websocket"];

/// Key under `auths` of a way to sign in.
#[must_use]
pub fn auth_key(method: &str) -> Option<&'static str> {
    AUTH_METHODS.iter().find(|(id, _)| *id == method).map(|(_, key)| *key)
}

/// Kinds of platforms that older versions told apart, and the kind each is of now.
#[rustfmt::skip]
pub const OLD_PLATFORMS: &[(&str, &str)] = &[
    ("web", "web"), ("flutter-web", "web"), ("unity", "web"), ("flutter-macos", "apple"), ("flutter-ios", "apple"), ("react-native-ios", "apple"),
    ("apple-ios", "apple"), ("apple-macos", "apple"), ("apple-watchos", "apple"), ("apple-tvos", "apple"), ("flutter-android", "android"),
    ("android", "android"), ("react-native-android", "android"), ("flutter-linux", "linux"), ("flutter-windows", "windows"),
];

/// The kind of a platform as it is called now.
#[must_use]
pub fn platform_kind(stored: &str) -> &str {
    OLD_PLATFORMS.iter().find(|(old, _)| *old == stored).map_or(stored, |(_, new)| *new)
}
