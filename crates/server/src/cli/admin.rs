//! `ferrite project`, `ferrite key` and `ferrite maintenance`.
use clap::Subcommand;
use serde_json::Value;

use super::{Outcome, Place, folder_config};
use crate::admin::{Command, call};
use crate::config::Config;
use crate::parts;

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Makes a project and prints its id and an API key with all scopes.
    Create {
        /// Id: lower-case letters, digits and hyphens.
        id: String,
        /// Name (default: the id).
        #[arg(long, default_value = "")]
        name: String,
        /// Host name of a page that may call the project; may be given several times.
        #[arg(long, value_name = "HOST")]
        platform: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Lists the projects.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Makes an API key and prints it. It is not shown again.
    Create {
        /// Id of the project.
        project: String,
        /// Name of the key.
        #[arg(long, default_value = "Command line")]
        name: String,
        /// A scope of the key; may be given several times (default: all).
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PermissionsCommand {
    /// Tells whether a user may do something, and by which rule.
    Explain {
        /// Id of the project.
        project: String,
        /// Id of the user; without it, a guest.
        #[arg(long, default_value = "")]
        user: String,
        /// What is to be done: create, read, update or delete.
        #[arg(long, value_name = "ACTION")]
        action: String,
        /// databases/ID/collections/ID[/documents/ID] (or tables and rows), or buckets/ID[/files/ID].
        resource: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn permissions(command: PermissionsCommand) -> Outcome {
    let PermissionsCommand::Explain { project, user, action, resource, json, place } = command;
    let answer = perform(&place, &Command::PermissionsExplain { project, user, action, resource })?;
    if json {
        println!("{answer}");
        return Ok(());
    }
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let list = |key: &str| answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    println!("{}  {}", if answer.get("allowed") == Some(&Value::Bool(true)) { "allowed" } else { "refused" }, text(&answer, "reason"));
    if let Some(rule) = answer.get("rule").filter(|r| r.is_object()) {
        println!("rule     {} of the {}: the caller {}", text(rule, "permission"), text(rule, "level"), text(rule, "why"));
    } else {
        let needed: Vec<String> = list("wouldAllow").iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
        println!("needed   {}", if needed.is_empty() { "no permission there is would allow it".to_owned() } else { needed.join(", ") });
    }
    for role in list("roles") {
        println!("role     {:<30}  {}", text(&role, "role"), text(&role, "why"));
    }
    Ok(())
}

pub(super) fn project(command: ProjectCommand) -> Outcome {
    match command {
        ProjectCommand::Create { id, name, platform, json, place } => {
            let made = perform(&place, &Command::ProjectCreate { id, name, platforms: platform })?;
            show(&made, json, &[("project", "projectId"), ("api key", "apiKey")]);
        }
        ProjectCommand::List { json, place } => {
            let found = perform(&place, &Command::ProjectList)?;
            if json {
                println!("{found}");
                return Ok(());
            }
            for p in found.get("projects").and_then(Value::as_array).into_iter().flatten() {
                let text = |key: &str| p.get(key).and_then(Value::as_str).unwrap_or("");
                println!("{:<36}  {}  {}", text("projectId"), text("created"), text("name"));
            }
        }
    }
    Ok(())
}

pub(super) fn key(command: KeyCommand) -> Outcome {
    let KeyCommand::Create { project, name, scope, json, place } = command;
    let made = perform(&place, &Command::KeyCreate { project, name, scopes: scope })?;
    show(&made, json, &[("project", "projectId"), ("api key", "apiKey")]);
    Ok(())
}

pub(super) fn maintenance(place: &Place) -> Outcome {
    let done = perform(place, &Command::Maintenance)?;
    let n = |key: &str| done.get(key).and_then(Value::as_u64).unwrap_or(0);
    println!(
        "removed: {} audit entries, {} ended sessions, {} abandoned transactions, {} abandoned uploads, {} files without a record",
        n("audit"),
        n("sessions"),
        n("transactions"),
        n("uploads"),
        n("orphans")
    );
    Ok(())
}

fn show(made: &Value, json: bool, fields: &[(&str, &str)]) {
    if json {
        println!("{made}");
        return;
    }
    for (title, key) in fields {
        println!("{title:<9} {}", made.get(*key).and_then(Value::as_str).unwrap_or(""));
    }
}

/// In the running server, else on the folder itself.
pub(super) fn perform(place: &Place, command: &Command) -> Result<Value, String> {
    let config = folder_config(place)?;
    match call(&config.data(), command)? {
        Some(answer) => Ok(answer),
        None => offline(&config, command.clone()),
    }
}

fn offline(config: &Config, command: Command) -> Result<Value, String> {
    if config.get("FERRITE_STORE") == "memory" {
        return Err("no server runs on this folder, and the memory engine keeps nothing: start the server first".into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(|e| e.to_string())?;
    let parts = parts::open(config, runtime.handle().clone()).map_err(|e| e.to_string())?;
    let result = command.run(&parts.app);
    kernel::audit::flush(&parts.app);
    parts.store.close();
    result
}
