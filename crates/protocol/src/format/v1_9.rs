//! The steps within 1.9.
use serde_json::{Map, Value};

use super::map::{drop, fill, rename, rename_or, set};
use super::{Params, Step, project};

/// 1.9.1 for clients of 1.9.0.
pub(super) static TO_0: Step = Step { before: "1.9.1", request: request_0, response: response_0 };
/// 1.9.2 for clients of 1.9.1.
pub(super) static TO_1: Step = Step { before: "1.9.2", request: request_1, response: response_1 };
/// 1.9.3 for clients of 1.9.2.
pub(super) static TO_2: Step = Step { before: "1.9.3", request: request_2, response: response_2 };
/// 1.9.4 for clients of 1.9.3.
pub(super) static TO_3: Step = Step { before: "1.9.4", request: request_3, response: response_3 };
/// 1.9.5 for clients of 1.9.4.
pub(super) static TO_4: Step = Step { before: "1.9.5", request: request_4, response: response_4 };

fn request_0(method: &str, params: &mut Params) -> Result<(), String> {
    match method {
        "project.updateService" => {
            rename(params, "service", "serviceId");
            rename(params, "status", "enabled");
        }
        "project.updateProtocol" => {
            rename(params, "api", "protocolId");
            rename(params, "status", "enabled");
            if params.get("protocolId").is_some_and(|id| id == "realtime") {
                set(params, "protocolId", "websocket");
            }
        }
        "project.createKey" | "project.updateKey" => no_scopes(params),
        "webhooks.create" | "webhooks.update" => {
            rename(params, "security", "tls");
            rename(params, "httpUser", "authUsername");
            rename(params, "httpPass", "authPassword");
        }
        _ => {}
    }
    Ok(())
}

/// No list of scopes was an empty one.
fn no_scopes(params: &mut Params) {
    if !params.get("scopes").is_some_and(|s| s.is_array() || s.is_object()) {
        set(params, "scopes", Vec::<Value>::new());
    }
}

fn response_0(model: &str, map: &mut Map<String, Value>) {
    match model {
        "project" => drop(map, &["protocolStatusForRest", "protocolStatusForGraphql", "protocolStatusForWebsocket"]),
        "webhook" => {
            rename_or(map, "tls", "security", true);
            rename_or(map, "authUsername", "httpUser", "");
            rename_or(map, "authPassword", "httpPass", "");
            rename_or(map, "secret", "signatureKey", "");
        }
        _ => {}
    }
}

fn request_1(method: &str, params: &mut Params) -> Result<(), String> {
    match method {
        "project.getEmailTemplate" | "project.deleteEmailTemplate" => rename(params, "type", "templateId"),
        "project.updateEmailTemplate" => {
            rename(params, "type", "templateId");
            rename(params, "replyTo", "replyToEmail");
        }
        "project.updateSMTP" => rename(params, "replyTo", "replyToEmail"),
        "project.updateMembershipPrivacyPolicy" => {
            set(params, "userId", false);
            set(params, "userPhone", false);
            rename(params, "mfa", "userMFA");
        }
        "project.updateSessionAlertPolicy" => rename(params, "alerts", "enabled"),
        "project.updateUserLimitPolicy" | "project.updatePasswordHistoryPolicy" | "project.updateSessionLimitPolicy" => {
            rename(params, "limit", "total");
            if params.get("total").and_then(Value::as_i64) == Some(0) {
                set(params, "total", Value::Null);
            }
        }
        "project.updateAuthMethod" => {
            rename(params, "status", "enabled");
            rename(params, "method", "methodId");
        }
        _ => {}
    }
    Ok(())
}

fn response_1(model: &str, map: &mut Map<String, Value>) {
    match model {
        "membership" => drop(map, &["userPhone"]),
        "emailTemplate" => {
            rename(map, "templateId", "type");
            rename(map, "replyToEmail", "replyTo");
            drop(map, &["replyToName", "custom"]);
        }
        "mockNumber" => {
            drop(map, &["$createdAt", "$updatedAt"]);
            rename(map, "number", "phone");
        }
        "project" => {
            drop(map, &["authMembershipsUserId", "authMembershipsUserPhone", "authMembershipsUserAccessedAt", "smtpReplyToName"]);
            rename(map, "smtpReplyToEmail", "smtpReplyTo");
        }
        _ => {}
    }
}

fn request_2(method: &str, params: &mut Params) -> Result<(), String> {
    if method == "project.createStandardKey" {
        fill(params, "keyId", "unique()");
        no_scopes(params);
    }
    Ok(())
}

fn response_2(model: &str, map: &mut Map<String, Value>) {
    if model == "ephemeralKey" {
        drop(map, &["$id", "$createdAt", "$updatedAt", "name", "expire", "sdks", "accessedAt"]);
        if let Some(secret) = map.shift_remove("secret") {
            let project = secret.as_str().and_then(project::of_jwt).unwrap_or_default();
            set(map, "projectId", project);
            set(map, "jwt", secret);
        }
    }
}

fn request_3(method: &str, params: &mut Params) -> Result<(), String> {
    if matches!(method, "functions.createVariable" | "sites.createVariable") {
        fill(params, "variableId", "unique()");
    }
    Ok(())
}

fn response_3(model: &str, map: &mut Map<String, Value>) {
    if model == "oAuth2Oidc" {
        rename(map, "tokenURL", "tokenUrl");
        rename(map, "userInfoURL", "userInfoUrl");
    }
}

fn request_4(method: &str, params: &mut Params) -> Result<(), String> {
    if method == "projects.create" {
        let gone = ["description", "logo", "url", "legalName", "legalCountry", "legalState", "legalCity", "legalAddress", "legalTaxId"];
        drop(params, &gone);
    }
    Ok(())
}

fn response_4(model: &str, map: &mut Map<String, Value>) {
    if model == "project" {
        project::flatten(map);
    }
}
