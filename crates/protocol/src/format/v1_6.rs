//! 1.7 for clients of 1.6.
use serde_json::{Map, Value};

use super::map::{drop, rename_or, set};
use super::{Params, Step};

pub(super) static STEP: Step = Step { before: "1.7.0", request, response };

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    match method {
        "functions.list" => attribute(params, "deployment", "deploymentId"),
        "functions.listDeployments" => attribute(params, "size", "deploymentSize"),
        "proxy.listRules" => {
            attribute(params, "resourceType", "deploymentResourceType");
            attribute(params, "resourceId", "deploymentResourceId");
        }
        "functions.create" => drop(params, &["templateRepository", "templateOwner", "templateRootDirectory", "templateVersion"]),
        "functions.listExecutions" => drop(params, &["search"]),
        "project.createVariable" | "project.listVariables" | "functions.createVariable" | "functions.updateVariable" => set(params, "secret", false),
        "functions.getDeploymentDownload" => set(params, "type", "output"),
        _ => {}
    }
    Ok(())
}

/// Gives an attribute of queries its new name.
fn attribute(params: &mut Params, old: &str, new: &str) {
    let Some(Value::Array(queries)) = params.get_mut("queries") else { return };
    for query in queries {
        let Some(Value::Object(mut map)) = query.as_str().and_then(|text| serde_json::from_str(text).ok()) else { continue };
        if map.get("attribute").and_then(Value::as_str) == Some(old) {
            set(&mut map, "attribute", new);
            *query = Value::Object(map).to_string().into();
        }
    }
}

fn response(model: &str, map: &mut Map<String, Value>) {
    match model {
        "function" => {
            rename_or(map, "deploymentId", "deployment", "");
            drop(map, &["deploymentCreatedAt", "latestDeploymentId", "latestDeploymentCreatedAt", "latestDeploymentStatus"]);
        }
        "deployment" => {
            rename_or(map, "sourceSize", "size", "");
            rename_or(map, "buildDuration", "buildTime", "");
            drop(map, &["totalSize", "screenshotLight", "screenshotDark"]);
        }
        "proxyRule" => {
            rename_or(map, "deploymentResourceType", "resourceType", "");
            rename_or(map, "deploymentResourceId", "resourceId", "");
            drop(map, &["type", "trigger", "triggerData", "redirectStatusCode", "deploymentId", "deploymentVcsProviderBranch"]);
        }
        "migration" => drop(map, &["resourceId"]),
        "project" => drop(map, &["devKeys"]),
        "providerRepository" => drop(map, &["runtime"]),
        "templateVariable" | "variable" => drop(map, &["secret"]),
        "usageFunction" => drop(map, &["buildsSuccessTotal", "buildsFailedTotal", "buildsTimeAverage", "buildsSuccess", "buildsFailed"]),
        "usageFunctions" => drop(map, &["buildsSuccessTotal", "buildsFailedTotal", "buildsSuccess", "buildsFailed"]),
        _ => {}
    }
}
