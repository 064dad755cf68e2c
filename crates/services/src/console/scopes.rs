//! Scopes that keys may be given, with what each allows.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::scopes::{ORGANIZATION, PROJECT};
use serde_json::{Map, Value, json};

use crate::support::object;

endpoint! {
    /// Lists the scopes of project keys.
    PROJECT_SCOPES: Get "/v1/console/scopes/project" => 200 "consoleKeyScopeList" by project(());
    sdk ["console.listProjectScopes"] auth [Admin] scope []
}
endpoint! {
    /// Lists the scopes of organization keys.
    ORGANIZATION_SCOPES: Get "/v1/console/scopes/organization" => 200 "consoleKeyScopeList" by organization(());
    sdk ["console.listOrganizationScopes"] auth [Admin] scope []
}

fn list(items: Vec<Map<String, Value>>) -> Reply {
    let total = items.len() as u64;
    Reply::list("consoleKeyScopeList", "scopes", "consoleKeyScope", items, total)
}

/// What a scope allows, from its two parts.
fn describe(name: &str) -> String {
    let (what, action) = name.rsplit_once('.').unwrap_or((name, ""));
    let what = match what {
        "project" => "settings, variables and labels of the project",
        "keys" => "API keys of the project",
        "devKeys" => "development keys of projects",
        "projects" => "organization projects",
        "policies" | "project.policies" => "policies of the project",
        "oauth2" => "OAuth2 providers of the project",
        "mocks" => "mock phone numbers of the project",
        "templates" => "mail templates of the project",
        "platforms" => "platforms of the project",
        "log" => "logs of sites",
        "vcs" => "connected repositories",
        "rules" => "rules for own domains",
        "targets" => "messaging targets of users",
        "files" => "files and their previews",
        "health" => "the health of the server",
        "locale" => "the locale service",
        "avatars" => "the avatars service",
        "assistant" => "the assistant",
        other => other,
    };
    match action {
        "read" => format!("Access to read {what}"),
        "write" => format!("Access to create, update, and delete {what}"),
        _ => format!("Access to use {what}"),
    }
}

fn project(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let of = |s: &protocol::scopes::Scope| object(json!({"$id": s.name, "description": describe(s.name), "category": s.category, "deprecated": s.deprecated}));
    Ok(list(PROJECT.iter().map(of).collect()))
}

fn organization(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let category = |name: &str| if name.starts_with("devKeys") { "Dev Keys" } else { "Projects" };
    let of = |name: &&str| object(json!({"$id": name, "description": describe(name), "category": category(name), "deprecated": false}));
    Ok(list(ORGANIZATION.iter().map(of).collect()))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&PROJECT_SCOPES, &ORGANIZATION_SCOPES];
