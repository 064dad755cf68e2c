//! Users, sessions, tokens, teams and what belongs to them.
use super::Type::{Bool, Int, Json, Str, Strs, Time};
use super::{Attr, Idx, Table};

pub(super) const USERS: Table = Table {
    name: "users",
    document_security: true,
    attributes: &[
        Attr("name", Str(256)),
        Attr("email", Str(320)),
        Attr("phone", Str(16)),
        Attr("status", Bool),
        Attr("labels", Strs(128)),
        Attr("password", Str(16384)),
        Attr("hash", Str(256)),
        Attr("hashOptions", Json),
        Attr("passwordHistory", Json),
        Attr("passwordUpdate", Time),
        Attr("prefs", Json),
        Attr("registration", Time),
        Attr("emailVerification", Bool),
        Attr("phoneVerification", Bool),
        Attr("reset", Bool),
        Attr("mfa", Bool),
        // Sealed: they are shown again.
        Attr("mfaRecoveryCodes", Json),
        // Whether one of the user's authenticators is verified; kept with it.
        Attr("mfaTotp", Bool),
        Attr("impersonator", Bool),
        Attr("accessedAt", Time),
        Attr("search", Str(16384)),
    ],
    indexes: &[
        Idx::Unique("_key_email", &["email"]),
        Idx::Unique("_key_phone", &["phone"]),
        Idx::Key("_key_name", &["name"]),
        Idx::Key("_key_status", &["status"]),
        Idx::Key("_key_registration", &["registration"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};

pub(super) const SESSIONS: Table = Table {
    name: "sessions",
    document_security: true,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("provider", Str(128)),
        Attr("providerUid", Str(2048)),
        Attr("providerAccessToken", Str(16384)),
        Attr("providerAccessTokenExpiry", Time),
        Attr("providerRefreshToken", Str(16384)),
        Attr("secret", Str(512)),
        Attr("userAgent", Str(16384)),
        Attr("ip", Str(45)),
        Attr("countryCode", Str(2)),
        Attr("osCode", Str(256)),
        Attr("osName", Str(256)),
        Attr("osVersion", Str(256)),
        Attr("clientType", Str(256)),
        Attr("clientCode", Str(256)),
        Attr("clientName", Str(256)),
        Attr("clientVersion", Str(256)),
        Attr("clientEngine", Str(256)),
        Attr("clientEngineVersion", Str(256)),
        Attr("deviceName", Str(256)),
        Attr("deviceBrand", Str(256)),
        Attr("deviceModel", Str(256)),
        Attr("factors", Strs(256)),
        Attr("expire", Time),
        Attr("mfaUpdatedAt", Time),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Key("_key_secret", &["secret"])],
};

pub(super) const TOKENS: Table = Table {
    name: "tokens",
    document_security: true,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("type", Int),
        Attr("secret", Str(512)),
        Attr("expire", Time),
        // Of tokens that a login at a provider made.
        Attr("provider", Str(128)),
        Attr("userAgent", Str(16384)),
        Attr("ip", Str(45)),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Key("_key_expire", &["expire"])],
};

/// Apps that make one-time passwords for a user.
pub(super) const AUTHENTICATORS: Table = Table {
    name: "authenticators",
    document_security: false,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("type", Str(32)),
        Attr("verified", Bool),
        // Sealed.
        Attr("secret", Str(1024)),
    ],
    indexes: &[Idx::Unique("_key_unique", &["userId", "type"])],
};

/// Second factors asked for and not yet given.
pub(super) const CHALLENGES: Table = Table {
    name: "challenges",
    document_security: false,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("type", Str(32)),
        // Digest of the code that was sent; empty for factors that need none.
        Attr("code", Str(64)),
        Attr("expire", Time),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Key("_key_expire", &["expire"])],
};

pub(super) const TEAMS: Table = Table {
    name: "teams",
    document_security: true,
    attributes: &[Attr("name", Str(128)), Attr("total", Int), Attr("prefs", Json), Attr("search", Str(16384))],
    indexes: &[Idx::Key("_key_name", &["name"]), Idx::Key("_key_total", &["total"]), Idx::Text("_fulltext_search", "search")],
};

pub(super) const MEMBERSHIPS: Table = Table {
    name: "memberships",
    document_security: true,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("teamId", Str(36)),
        Attr("roles", Strs(128)),
        Attr("invited", Time),
        Attr("joined", Time),
        Attr("confirm", Bool),
        Attr("secret", Str(256)),
        Attr("search", Str(16384)),
    ],
    indexes: &[
        Idx::Unique("_key_unique", &["teamId", "userId"]),
        Idx::Key("_key_user", &["userId"]),
        Idx::Key("_key_team", &["teamId"]),
        Idx::Text("_fulltext_search", "search"),
    ],
};

pub(super) const IDENTITIES: Table = Table {
    name: "identities",
    document_security: true,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("provider", Str(128)),
        Attr("providerUid", Str(2048)),
        Attr("providerEmail", Str(320)),
        // Whether the provider vouches for the address.
        Attr("verified", Bool),
        Attr("providerAccessToken", Str(16384)),
        Attr("providerAccessTokenExpiry", Time),
        Attr("providerRefreshToken", Str(16384)),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Key("_key_provider", &["provider", "providerUid"])],
};

pub(super) const TARGETS: Table = Table {
    name: "targets",
    document_security: true,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("sessionId", Str(36)),
        Attr("providerType", Str(256)),
        Attr("providerId", Str(36)),
        Attr("identifier", Str(320)),
        Attr("name", Str(256)),
        Attr("expired", Bool),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Unique("_key_identifier", &["identifier"])],
};

pub(super) const AUDIT: Table = Table {
    name: "audit",
    document_security: false,
    attributes: &[
        Attr("userId", Str(36)),
        Attr("userEmail", Str(320)),
        Attr("userName", Str(256)),
        Attr("userType", Str(32)),
        Attr("mode", Str(16)),
        Attr("event", Str(256)),
        Attr("resource", Str(512)),
        Attr("userAgent", Str(16384)),
        Attr("ip", Str(45)),
        Attr("countryCode", Str(2)),
        Attr("time", Time),
    ],
    indexes: &[Idx::Key("_key_user", &["userId"]), Idx::Key("_key_resource", &["resource"]), Idx::Key("_key_time", &["time"])],
};
