//! What the console knows: projects, their keys and platforms.
use super::Type::{Bool, Int, Json, Str, Strs, Time};
use super::{Attr, Idx, Table};

pub(super) const PROJECTS: Table = Table {
    name: "projects",
    document_security: true,
    attributes: &[
        Attr("name", Str(128)),
        Attr("teamId", Str(36)),
        Attr("region", Str(128)),
        Attr("namespace", Int),
        Attr("description", Str(256)),
        Attr("logo", Str(1024)),
        Attr("url", Str(16384)),
        Attr("legalName", Str(256)),
        Attr("legalCountry", Str(256)),
        Attr("legalState", Str(256)),
        Attr("legalCity", Str(256)),
        Attr("legalAddress", Str(256)),
        Attr("legalTaxId", Str(256)),
        Attr("labels", Strs(128)),
        Attr("status", Str(32)),
        Attr("pingCount", Int),
        Attr("pingedAt", Time),
        Attr("accessedAt", Time),
        Attr("settings", Json),
        Attr("search", Str(16384)),
    ],
    indexes: &[Idx::Key("_key_name", &["name"]), Idx::Key("_key_team", &["teamId"]), Idx::Text("_fulltext_search", "search")],
};

pub(super) const KEYS: Table = Table {
    name: "keys",
    document_security: false,
    attributes: &[
        Attr("projectId", Str(36)),
        Attr("name", Str(256)),
        Attr("scopes", Strs(256)),
        // Sealed; the plain secret is shown to administrators only.
        Attr("secret", Str(4096)),
        Attr("secretHash", Str(64)),
        Attr("expire", Time),
        Attr("accessedAt", Time),
        Attr("sdks", Strs(256)),
    ],
    indexes: &[Idx::Key("_key_project", &["projectId"]), Idx::Key("_key_secret", &["secretHash"])],
};

pub(super) const PLATFORMS: Table = Table {
    name: "platforms",
    document_security: false,
    attributes: &[Attr("projectId", Str(36)), Attr("type", Str(32)), Attr("name", Str(256)), Attr("key", Str(256)), Attr("hostname", Str(256))],
    indexes: &[Idx::Key("_key_project", &["projectId"])],
};

pub(super) const DEV_KEYS: Table = Table {
    name: "devKeys",
    document_security: false,
    attributes: &[
        Attr("projectId", Str(36)),
        Attr("name", Str(256)),
        Attr("secret", Str(4096)),
        Attr("secretHash", Str(64)),
        Attr("expire", Time),
        Attr("accessedAt", Time),
        Attr("sdks", Strs(256)),
    ],
    indexes: &[Idx::Key("_key_project", &["projectId"]), Idx::Key("_key_secret", &["secretHash"])],
};

/// Work to be done after the answer; see [`crate::jobs`].
pub(super) const JOBS: Table = Table {
    name: "jobs",
    document_security: false,
    attributes: &[
        Attr("kind", Str(32)),
        Attr("projectId", Str(36)),
        // Sealed: links and codes that open accounts.
        Attr("payload", Str(8 << 20)),
        Attr("about", Str(255)),
        Attr("state", Str(16)),
        Attr("attempts", Int),
        Attr("nextAt", Time),
        Attr("until", Time),
        Attr("error", Str(1024)),
    ],
    indexes: &[Idx::Key("_key_due", &["state", "kind", "nextAt"]), Idx::Key("_key_project", &["projectId"])],
};

/// Of each project, in its own namespace.
pub(super) const WEBHOOKS: Table = Table {
    name: "webhooks",
    document_security: false,
    attributes: &[
        Attr("name", Str(128)),
        Attr("url", Str(2048)),
        Attr("events", Strs(256)),
        Attr("security", Bool),
        Attr("httpUser", Str(256)),
        // Sealed.
        Attr("httpPass", Str(4096)),
        Attr("signatureKey", Str(4096)),
        Attr("enabled", Bool),
        Attr("logs", Str(100_000)),
        Attr("attempts", Int),
    ],
    indexes: &[],
};

/// Deleted projects of which something may be left.
pub(super) const REMOVALS: Table = Table {
    name: "removals",
    document_security: false,
    attributes: &[Attr("projectId", Str(36)), Attr("namespace", Int), Attr("swept", Bool)],
    indexes: &[Idx::Key("_key_project", &["projectId"])],
};
