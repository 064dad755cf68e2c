//! 1.6 for clients of 1.5.
use serde_json::{Map, Value};

use super::map::{drop, rename_or};
use super::{Params, Step};

pub(super) static STEP: Step = Step { before: "1.6.0", request, response };

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    match method {
        "account.deleteMfaAuthenticator" | "account.deleteMFAAuthenticator" => drop(params, &["otp"]),
        "functions.create" => rename_or(params, "templateBranch", "templateVersion", ""),
        _ => {}
    }
    Ok(())
}

fn response(model: &str, map: &mut Map<String, Value>) {
    match model {
        "function" => drop(map, &["scopes", "specification"]),
        "execution" => {
            // A function that answered with a client's error had failed then.
            let refused = map.get("responseStatusCode").or_else(|| map.get("statusCode")).and_then(Value::as_i64).is_some_and(|s| (400..500).contains(&s));
            if refused && map.get("status").and_then(Value::as_str) == Some("completed") {
                map.insert("status".into(), "failed".into());
            }
            drop(map, &["scheduledAt"]);
        }
        "project" => drop(map, &["authMockNumbers", "authSessionAlerts"]),
        "runtime" => drop(map, &["key"]),
        _ => {}
    }
}
