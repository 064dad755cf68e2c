//! What clients want that are newer than us.
//!
//! Most ignore what is missing. Some of 2.5, and kits of typed languages of any version, refuse an answer that lacks a field their model declares. The models
//! are those of the makers' cloud, so that its fields are wanted by clients of formats that never had them, too. They get
//! these fields in the state of somebody who does not use what came later (ADR 21).
use serde_json::{Map, Value, json};

use super::map::{fill, set};

/// Up to this format clients take answers as they are.
pub(super) const LENIENT: &str = "2.3.99";

/// From this format on the models of typed kits have fields of the cloud.
pub(super) const TYPED_SINCE: &str = "1.8.0";

/// Kits that read answers into declared types, as they name themselves in lower case, and the first major version that does.
const TYPED: [(&str, u32); 9] =
    [("python", 16), ("dart", 0), ("flutter", 0), ("kotlin", 0), ("android", 0), ("swift", 0), ("apple", 0), (".net", 0), ("rust", 0)];

/// Whether a kit of this name and version refuses answers that lack a declared field.
pub(super) fn is_typed(name: &str, version: &str) -> bool {
    let major = || version.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or(0);
    TYPED.iter().any(|(kit, since)| name.eq_ignore_ascii_case(kit) && major() >= *since)
}

/// Models that got a description.
const DESCRIBED: [&str; 14] = [
    "bucket",
    "collection",
    "columnIndex",
    "database",
    "ephemeralKey",
    "function",
    "index",
    "key",
    "site",
    "table",
    "topic",
    "variable",
    "vectorsdbCollection",
    "webhook",
];

pub(super) fn response(model: &str, map: &mut Map<String, Value>) {
    if DESCRIBED.contains(&model) || is_attribute(model) {
        fill(map, "description", "");
    }
    match model {
        "bucket" => fill(map, "stripMetadata", false),
        "database" => {
            fill(map, "policies", json!([]));
            fill(map, "archives", json!([]));
        }
        // Those that wait in a transaction have no times yet.
        "document" | "row" => {
            fill(map, "$createdAt", "");
            fill(map, "$updatedAt", "");
        }
        "execution" => {
            let function = map.get("functionId").cloned().unwrap_or_default();
            fill(map, "resourceId", function);
            fill(map, "resourceType", "functions");
        }
        "file" => file(map),
        "function" => fill(map, "emailEnabled", false),
        "identity" => fill(map, "providerIdToken", ""),
        "membership" => fill(map, "userAccessedAt", ""),
        "mfaFactors" => fill(map, "custom", false),
        "platformAndroid" => fill(map, "fingerprints", json!([])),
        "policyPasswordDictionary" | "policyPasswordPersonalData" => fill(map, "denyList", json!([])),
        "project" => project(map),
        "site" => fill(map, "scopes", json!([])),
        _ if model.starts_with("oAuth2") => provider(model, map),
        _ => {}
    }
}

fn is_attribute(model: &str) -> bool {
    let kind = model.strip_prefix("attribute").or_else(|| model.strip_prefix("column"));
    kind.is_some_and(|kind| !kind.is_empty() && !kind.contains("List") && !kind.contains("Index"))
}

/// There are no folders here, and the size of the file is the nearest to that of its storage that a reply has.
fn file(map: &mut Map<String, Value>) {
    let (name, size) = (map.get("name").cloned().unwrap_or_default(), map.get("sizeOriginal").cloned().unwrap_or_default());
    fill(map, "folder", "");
    fill(map, "key", name);
    fill(map, "sizeActual", size);
}

/// Nothing is billed here, no firewall stands before it, and it signs nobody in elsewhere.
fn project(map: &mut Map<String, Value>) {
    fill(map, "region", "default");
    fill(map, "onboarding", json!({}));
    fill(map, "blocks", json!([]));
    fill(map, "consoleAccessedAt", "");
    fill(map, "wafEnabled", false);
    // No port is an empty text in the original, where the models of typed kits have a number.
    if map.get("smtpPort").is_some_and(|port| port == "") {
        set(map, "smtpPort", 0);
    }
    let limits = ["bandwidth", "storage", "users", "executions", "GBHours", "imageTransformations", "authPhone", "budgetLimit"];
    fill(map, "billingLimits", limits.map(|name| (name.to_owned(), Value::from(0))).into_iter().collect::<Map<_, _>>());
    for no in ["oAuth2ServerEnabled", "oAuth2ServerConfidentialPkce"] {
        fill(map, no, false);
    }
    for none in ["oAuth2ServerAuthorizationUrl", "oAuth2ServerDiscoveryUrl"] {
        fill(map, none, "");
    }
    for duration in ["Access", "Refresh", "PublicAccess", "PublicRefresh"] {
        fill(map, &format!("oAuth2Server{duration}TokenDuration"), 0);
    }
    fill(map, "oAuth2ServerScopes", json!([]));
}

fn provider(model: &str, map: &mut Map<String, Value>) {
    match model {
        "oAuth2Apple" | "oAuth2Google" => {
            fill(map, "nativeEnabled", false);
            fill(map, "nativeClientIds", json!([]));
        }
        "oAuth2Auth0" | "oAuth2Discord" | "oAuth2Github" | "oAuth2Microsoft" | "oAuth2Oidc" | "oAuth2Okta" | "oAuth2Salesforce" | "oAuth2Zoho" => {
            fill(map, "prompt", json!([]));
        }
        _ => {}
    }
}
