//! What clients want that are newer than us.
//!
//! Most ignore what is missing. Some of 2.5 refuse an answer that lacks a field their model declares, so they get these
//! fields in the state of somebody who does not use what came later.
use serde_json::{Map, Value, json};

use super::map::fill;

/// Up to this format clients take answers as they are.
pub(super) const LENIENT: &str = "2.3.99";

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
        "project" => {
            fill(map, "region", "default");
            fill(map, "onboarding", json!({}));
            fill(map, "blocks", json!([]));
            fill(map, "consoleAccessedAt", "");
        }
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
