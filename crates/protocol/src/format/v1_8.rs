//! 1.9 for clients of 1.8.
use serde_json::{Map, Value};

use super::map::{drop, fill, rename};
use super::{Params, Step};
use crate::Query;

pub(super) static STEP: Step = Step { before: "1.9.0", request, response };

/// How many variables and platforms a list had when lists were not paged.
const ALL_VARIABLES: u64 = 1000;
const ALL_PLATFORMS: u64 = 5000;
/// Names of a platform's key by kind of platform.
const KEYS: [&str; 4] = ["bundleIdentifier", "applicationId", "packageIdentifierName", "packageName"];
/// Deepest nesting of related documents that is looked at.
const MAX_DEPTH: usize = 16;

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    if let Some((action, kind)) = platform_method(method) {
        platform_params(action, kind, params);
        return Ok(());
    }
    match method {
        "project.listPlatforms" => fill(params, "queries", vec![Query::limit(ALL_PLATFORMS).to_json()]),
        "project.listVariables" => fill(params, "queries", vec![Query::limit(ALL_VARIABLES).to_json()]),
        "webhooks.create" => fill(params, "webhookId", "unique()"),
        "project.createKey" => fill(params, "keyId", "unique()"),
        "project.createVariable" => fill(params, "variableId", "unique()"),
        "functions.createTemplateDeployment" | "sites.createTemplateDeployment" if filled(params, "version") => {
            rename(params, "version", "reference");
            params.insert("type".into(), "tag".into());
        }
        "functions.create" | "sites.create" | "functions.update" | "sites.update" => {
            if let Some(specification) = params.get("specification").filter(|_| filled(params, "specification")).cloned() {
                params.insert("buildSpecification".into(), specification);
                rename(params, "specification", "runtimeSpecification");
            }
        }
        _ => {}
    }
    Ok(())
}

fn filled(params: &Params, name: &str) -> bool {
    params.get(name).is_some_and(|v| !v.is_null() && v != "")
}

/// `create` or `update`, and the kind, of `project.createApplePlatform`.
fn platform_method(method: &str) -> Option<(&str, &str)> {
    let name = method.strip_prefix("project.")?.strip_suffix("Platform")?;
    let action = ["create", "update"].into_iter().find(|action| name.starts_with(action))?;
    Some((action, name.strip_prefix(action)?))
}

fn platform_params(action: &str, kind: &str, params: &mut Params) {
    let key = match kind {
        "Web" => None,
        "Apple" => Some("bundleIdentifier"),
        "Android" => Some("applicationId"),
        "Windows" => Some("packageIdentifierName"),
        "Linux" => Some("packageName"),
        _ => return,
    };
    if action == "create" {
        fill(params, "platformId", "unique()");
    }
    drop(params, &["store"]);
    if let Some(key) = key {
        if !params.contains_key(key) {
            rename(params, "key", key);
        }
        drop(params, &["key", "hostname"]);
    }
}

fn response(model: &str, map: &mut Map<String, Value>) {
    match model {
        "user" | "account" => drop(map, &["impersonator", "impersonatorUserId"]),
        "document" | "row" => numeric_sequence(map, 0),
        "site" | "function" => {
            if map.contains_key("buildSpecification") || !map.contains_key("specification") {
                let specification = map.get("buildSpecification").cloned().unwrap_or_default();
                map.insert("specification".into(), specification);
            }
            drop(map, &["buildSpecification", "runtimeSpecification"]);
        }
        "platformWeb" | "platformApple" | "platformAndroid" | "platformWindows" | "platformLinux" => platform(map),
        "project" => {
            if let Some(Value::Array(platforms)) = map.get_mut("platforms") {
                platforms.iter_mut().filter_map(Value::as_object_mut).for_each(platform);
            }
        }
        _ => {}
    }
}

fn platform(map: &mut Map<String, Value>) {
    let own = KEYS.iter().chain(&["key"]).find_map(|name| map.get(*name).and_then(Value::as_str).filter(|key| !key.is_empty()));
    let key = own.unwrap_or_default().to_owned();
    map.insert("key".into(), key.into());
    drop(map, &KEYS);
    fill(map, "store", "");
    fill(map, "hostname", "");
}

/// `$sequence` of a document and of those related to it was an integer.
fn numeric_sequence(map: &mut Map<String, Value>, depth: usize) {
    if let Some(sequence) = map.get_mut("$sequence") {
        let number = match &*sequence {
            Value::String(text) => text.parse::<i64>().ok(),
            other => other.as_i64(),
        };
        *sequence = number.unwrap_or_default().into();
    }
    if depth == MAX_DEPTH {
        return;
    }
    let is_document = |map: &Map<String, Value>| map.get("$id").is_some_and(|id| !id.is_null());
    for value in map.values_mut() {
        match value {
            Value::Object(inner) if is_document(inner) => numeric_sequence(inner, depth + 1),
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).filter(|m| is_document(m)).for_each(|m| numeric_sequence(m, depth + 1)),
            _ => {}
        }
    }
}
