//! 1.5 for clients of 1.4: queries were written as calls.
use serde_json::{Map, Value};

use super::map::{drop, rename};
use super::{Params, Step, legacy};

pub(super) static STEP: Step = Step { before: "1.5.0", request, response };

/// Methods whose `queries` are translated.
const LISTS: [&str; 26] = [
    "account.listIdentities",
    "account.listLogs",
    "databases.list",
    "databases.listLogs",
    "databases.listCollections",
    "databases.listCollectionLogs",
    "databases.listAttributes",
    "databases.listIndexes",
    "databases.listDocuments",
    "databases.getDocument",
    "databases.listDocumentLogs",
    "functions.list",
    "functions.listDeployments",
    "functions.listExecutions",
    "migrations.list",
    "projects.list",
    "proxy.listRules",
    "storage.listBuckets",
    "storage.listFiles",
    "teams.list",
    "teams.listMemberships",
    "teams.listLogs",
    "users.list",
    "users.listLogs",
    "users.listIdentities",
    "vcs.listInstallations",
];

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    if method == "account.updateRecovery" {
        drop(params, &["passwordAgain"]);
    }
    if !LISTS.contains(&method) {
        return Ok(());
    }
    match params.get_mut("queries") {
        Some(Value::Array(queries)) => queries.iter_mut().try_for_each(translate),
        Some(Value::Object(queries)) => queries.values_mut().try_for_each(translate),
        _ => Ok(()),
    }
}

fn translate(query: &mut Value) -> Result<(), String> {
    // What is no text is refused by the check of the parameter.
    if let Value::String(text) = query {
        *text = legacy::to_json(text)?;
    }
    Ok(())
}

fn response(model: &str, map: &mut Map<String, Value>) {
    match model {
        "project" => rename(map, "oAuthProviders", "providers"),
        "user" => drop(map, &["targets", "mfa"]),
        "membership" => drop(map, &["mfa"]),
        "session" => drop(map, &["factors", "secret"]),
        "webhook" => drop(map, &["enabled", "logs", "attempts"]),
        "token" => drop(map, &["phrase"]),
        _ => {}
    }
}
