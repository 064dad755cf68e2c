//! A project that is there, with a key that stays the same: for quick starts and tests.
use std::sync::Arc;

use kernel::{App, NewKey, NewProject};
use serde_json::{Value, json};

use super::command::explain;

/// Makes the project unless it exists, and its quick-start key unless that exists; answers both.
pub(super) fn ready(app: &Arc<App>, id: &str, mut platforms: Vec<String>) -> Result<Value, String> {
    let project = match app.project(id).map_err(|e| explain(&e))? {
        Some(p) => p,
        None => {
            if platforms.is_empty() {
                platforms.push("localhost".into());
            }
            app.create_project(NewProject { id: id.to_owned(), platforms, ..NewProject::default() }).map_err(|e| explain(&e))?
        }
    };
    // Ids of keys are the console's, so the project is part of it.
    let hash = crypto::sha256_hex(format!("quick start of {id}").as_bytes());
    let key_id = hash.get(..20).unwrap_or(&hash).to_owned();
    let key = match project.keys.iter().find(|k| k.doc.id == key_id) {
        Some(k) => app
            .keyring
            .open_text("api-key", k.doc.str("secret"))
            .map_err(|_| format!("the stored key of project {id} cannot be read; make another with: ferrite key create {id}"))?,
        None => {
            let scopes = protocol::scopes::all().map(str::to_owned).collect();
            app.create_key(id, NewKey { id: key_id, name: "Quick start".into(), scopes, expire: None }).map_err(|e| explain(&e))?
        }
    };
    Ok(json!({"projectId": id, "apiKey": key}))
}
