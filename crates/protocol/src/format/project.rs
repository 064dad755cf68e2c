//! The flat project of clients before 1.9.5.
//!
//! Much of it is no longer in the model. Who answers with a project adds the stored one under `$raw`: the fields
//! `auths`, `oAuthProviders`, `description`, `logo`, `url`, `legal…` and the lists `platforms`, `webhooks`, `keys`.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::models::RAW_PROJECT as RAW;
use crate::project::{AUTH_METHODS, LISTED_SERVICES, PROTOCOLS};

/// One year, the length of sessions when the project does not say.
const YEAR: i64 = 31_536_000;

/// Sign-in providers in order.
#[rustfmt::skip]
const PROVIDERS: [(&str, &str); 45] = [
    ("amazon", "Amazon"), ("apple", "Apple"), ("auth0", "Auth0"), ("authentik", "Authentik"), ("autodesk", "Autodesk"), ("bitbucket", "BitBucket"),
    ("bitly", "Bitly"), ("box", "Box"), ("dailymotion", "Dailymotion"), ("discord", "Discord"), ("disqus", "Disqus"), ("dropbox", "Dropbox"),
    ("etsy", "Etsy"), ("facebook", "Facebook"), ("figma", "Figma"), ("fusionauth", "FusionAuth"), ("github", "GitHub"), ("gitlab", "GitLab"),
    ("google", "Google"), ("keycloak", "Keycloak"), ("kick", "Kick"), ("linkedin", "LinkedIn"), ("microsoft", "Microsoft"), ("notion", "Notion"),
    ("oidc", "OpenID Connect"), ("okta", "Okta"), ("paypal", "PayPal"), ("paypalSandbox", "PayPal Sandbox"), ("podio", "Podio"),
    ("salesforce", "Salesforce"), ("slack", "Slack"), ("spotify", "Spotify"), ("stripe", "Stripe"), ("tradeshift", "Tradeshift"),
    ("tradeshiftBox", "Tradeshift Sandbox"), ("twitch", "Twitch"), ("wordpress", "WordPress"), ("x", "X"), ("yahoo", "Yahoo"), ("yammer", "Yammer"),
    ("yandex", "Yandex"), ("zoho", "Zoho"), ("zoom", "Zoom"), ("mock", "Mock"), ("mock-unverified", "MockUnverified"),
];
/// Names of the numbers, switches and lists of `auths`, then and now, and what they are when unset.
const AUTHS: [(&str, &str, Unset); 18] = [
    ("authLimit", "limit", Unset::Number(0)),
    ("authDuration", "duration", Unset::Number(YEAR)),
    ("authSessionsLimit", "maxSessions", Unset::Number(0)),
    ("authPasswordHistory", "passwordHistory", Unset::Number(0)),
    ("authPasswordDictionary", "passwordDictionary", Unset::Off),
    ("authPersonalDataCheck", "personalDataCheck", Unset::Off),
    ("authDisposableEmails", "disposableEmails", Unset::Off),
    ("authCanonicalEmails", "canonicalEmails", Unset::Off),
    ("authFreeEmails", "freeEmails", Unset::Off),
    ("authMockNumbers", "mockNumbers", Unset::Empty),
    ("authSessionAlerts", "sessionAlerts", Unset::Off),
    ("authMembershipsUserName", "membershipsUserName", Unset::Off),
    ("authMembershipsUserEmail", "membershipsUserEmail", Unset::Off),
    ("authMembershipsMfa", "membershipsMfa", Unset::Off),
    ("authMembershipsUserId", "membershipsUserId", Unset::Off),
    ("authMembershipsUserPhone", "membershipsUserPhone", Unset::Off),
    ("authMembershipsUserAccessedAt", "membershipsUserAccessedAt", Unset::Off),
    ("authInvalidateSessions", "invalidateSessions", Unset::Off),
];
const TEXTS: [&str; 9] = ["description", "logo", "url", "legalName", "legalCountry", "legalState", "legalCity", "legalAddress", "legalTaxId"];

#[derive(Clone, Copy)]
enum Unset {
    Number(i64),
    Off,
    Empty,
}

impl From<Unset> for Value {
    fn from(unset: Unset) -> Self {
        match unset {
            Unset::Number(n) => n.into(),
            Unset::Off => false.into(),
            Unset::Empty => Self::Array(Vec::new()),
        }
    }
}

/// Removes the stored project from a reply.
pub(super) fn drop_raw(model: &str, map: &mut Map<String, Value>) {
    match model {
        "project" => {
            map.shift_remove(RAW);
        }
        "projectList" => {
            let Some(Value::Array(projects)) = map.get_mut("projects") else { return };
            for project in projects.iter_mut().filter_map(Value::as_object_mut) {
                project.shift_remove(RAW);
            }
        }
        _ => {}
    }
}

/// Lists of switches become one field each; what only the stored project has is added.
pub(super) fn flatten(map: &mut Map<String, Value>) {
    let Some(methods) = map.shift_remove("authMethods") else { return };
    let services = map.shift_remove("services").unwrap_or_default();
    let protocols = map.shift_remove("protocols").unwrap_or_default();
    for (id, name) in AUTH_METHODS {
        map.insert(format!("auth{}", capital(name)), enabled(&methods, id));
    }
    for id in LISTED_SERVICES {
        map.insert(format!("serviceStatusFor{}", capital(id)), enabled(&services, id));
    }
    for id in PROTOCOLS {
        map.insert(format!("protocolStatusFor{}", capital(id)), enabled(&protocols, id));
    }
    let raw = map.shift_remove(RAW).unwrap_or_default();
    for (name, stored, unset) in AUTHS {
        map.insert(name.into(), present(raw.get("auths").and_then(|a| a.get(stored))).unwrap_or_else(|| unset.into()));
    }
    for name in TEXTS {
        map.insert(name.into(), present(raw.get(name)).unwrap_or_else(|| "".into()));
    }
    map.insert("oAuthProviders".into(), PROVIDERS.iter().map(|(key, name)| provider(&raw, key, name)).collect());
    map.insert("platforms".into(), items(&raw, "platforms", platform));
    map.insert("webhooks".into(), items(&raw, "webhooks", webhook));
    map.insert("keys".into(), items(&raw, "keys", key));
}

/// Whether a list of switches has one turned on; on when it is not there.
fn enabled(list: &Value, id: &str) -> Value {
    let switch = list.as_array().and_then(|items| items.iter().find(|item| item.get("$id").is_some_and(|i| i == id)));
    switch.and_then(|s| s.get("enabled")).cloned().unwrap_or(Value::Bool(true))
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn present(value: Option<&Value>) -> Option<Value> {
    value.filter(|v| !v.is_null()).cloned()
}

fn or(value: &Value, name: &str, unset: impl Into<Value>) -> Value {
    present(value.get(name)).unwrap_or_else(|| unset.into())
}

fn provider(raw: &Value, key: &str, name: &str) -> Value {
    let stored = raw.get("oAuthProviders").unwrap_or(&Value::Null);
    let (app, enabled) = (or(stored, &format!("{key}Appid"), ""), or(stored, &format!("{key}Enabled"), false));
    json!({"key": key, "name": name, "appId": app, "secret": "", "enabled": enabled})
}

fn items(raw: &Value, name: &str, form: fn(&Value) -> Value) -> Value {
    raw.get(name).and_then(Value::as_array).map(|items| items.iter().map(form).collect()).unwrap_or_else(|| Value::Array(Vec::new()))
}

fn platform(stored: &Value) -> Value {
    let text = |name: &str| or(stored, name, "");
    let kind = text("type");
    let mut out = json!({"$id": text("$id"), "$createdAt": text("$createdAt"), "$updatedAt": text("$updatedAt"), "name": text("name"), "type": kind});
    if let Value::Object(map) = &mut out {
        let own = match kind.as_str().unwrap_or_default() {
            "android" => "applicationId",
            "apple" => "bundleIdentifier",
            "linux" => "packageName",
            "windows" => "packageIdentifierName",
            _ => {
                map.insert("hostname".into(), text("hostname"));
                "key"
            }
        };
        map.insert(own.into(), text("key"));
    }
    out
}

fn webhook(stored: &Value) -> Value {
    let text = |name: &str| or(stored, name, "");
    json!({"$id": text("$id"), "$createdAt": text("$createdAt"), "$updatedAt": text("$updatedAt"), "name": text("name"), "url": text("url"),
        "events": or(stored, "events", Vec::<Value>::new()), "tls": or(stored, "security", true), "authUsername": text("httpUser"),
        "authPassword": text("httpPass"), "secret": text("signatureKey"), "enabled": or(stored, "enabled", true), "logs": text("logs"),
        "attempts": or(stored, "attempts", 0)})
}

fn key(stored: &Value) -> Value {
    let text = |name: &str| or(stored, name, "");
    let list = |name: &str| or(stored, name, Vec::<Value>::new());
    json!({"$id": text("$id"), "$createdAt": text("$createdAt"), "$updatedAt": text("$updatedAt"), "name": text("name"), "expire": text("expire"),
        "scopes": list("scopes"), "secret": text("secret"), "accessedAt": text("accessedAt"), "sdks": list("sdks")})
}

/// The project a short-lived key is for, read from its claims without checking them: we made it a moment ago.
pub(super) fn of_jwt(secret: &str) -> Option<String> {
    let claims = secret.split_once('_')?.1.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.get("projectId")?.as_str().map(str::to_owned)
}
