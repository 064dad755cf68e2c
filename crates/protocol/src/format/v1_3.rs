//! 1.4 for clients of 1.3.
use serde_json::{Map, Value};

use super::map::{fill, rename, rename_or, set};
use super::{Params, Step};

pub(super) static STEP: Step = Step { before: "1.4.0", request, response };

/// How dependencies were installed before it could be said.
const INSTALL: [(&str, &str); 7] = [
    ("node", "npm install"),
    ("python", "pip install --no-cache-dir -r requirements.txt"),
    ("dart", "dart pub get"),
    ("php", "composer update --no-interaction --ignore-platform-reqs --optimize-autoloader --prefer-dist --no-dev"),
    ("ruby", "bundle install"),
    ("swift", "swift package resolve"),
    ("dotnet", "dotnet restore"),
];

fn request(method: &str, params: &mut Params) -> Result<(), String> {
    match method {
        "functions.create" | "functions.update" => {
            let runtime = params.get("runtime").and_then(Value::as_str).unwrap_or_default();
            let commands = INSTALL.iter().find(|(language, _)| runtime.starts_with(language)).map_or("", |(_, command)| command);
            set(params, "commands", commands);
        }
        "functions.createExecution" => rename_or(params, "data", "body", ""),
        _ => {}
    }
    Ok(())
}

fn response(model: &str, map: &mut Map<String, Value>) {
    match model {
        "deployment" => deployment(map),
        "execution" => {
            rename(map, "responseStatusCode", "statusCode");
            rename(map, "responseBody", "response");
            rename(map, "logs", "stdout");
            rename(map, "errors", "stderr");
        }
        // The runs before and after now are only known to the scheduler.
        "function" => {
            fill(map, "schedulePrevious", "");
            fill(map, "scheduleNext", "");
        }
        "project" => fill(map, "domains", Vec::<Value>::new()),
        "variable" => rename(map, "resourceId", "functionId"),
        _ => {}
    }
}

fn deployment(map: &mut Map<String, Value>) {
    if map.contains_key("buildLogs") {
        set(map, "buildStderr", "");
        rename(map, "buildLogs", "buildStdout");
    }
    if let Some(built) = map.shift_remove("buildSize").and_then(|size| size.as_i64()) {
        let size = map.get("size").and_then(Value::as_i64).unwrap_or_default();
        set(map, "size", size.saturating_add(built));
    }
}
