//! The commands, their form on the socket, and what they do.
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use access::Access;
use database::{Find, Namespace};
use kernel::{App, NewKey, NewProject};
use protocol::ErrorKind;
use serde_json::{Map, Value, json};

use super::ready;
use crate::housekeeping;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Makes a project and a key with all scopes.
    ProjectCreate { id: String, name: String, platforms: Vec<String> },
    /// Lists projects.
    ProjectList,
    /// Makes a key; no scopes means all.
    KeyCreate { project: String, name: String, scopes: Vec<String> },
    /// Makes sure that a project and its quick-start key exist.
    Ready { project: String, platforms: Vec<String> },
    /// Removes what is too old.
    Maintenance,
    /// Lists jobs that wait or were given up.
    Jobs { failed: bool },
    /// Gives a job that was given up another round.
    JobRetry { id: String },
    /// Removes a job.
    JobDrop { id: String },
    /// Tells whether a user may do something, and by which rule.
    PermissionsExplain { project: String, user: String, action: String, resource: String },
    /// Moves all files to another device; without a name goes on with a move.
    StorageMove { to: String },
    /// Reads every byte of every file.
    StorageVerify,
    /// Seals with the last of these secrets from now on.
    KeysRotate { secrets: Vec<crypto::Secret>, compromised: bool },
}

fn strings(list: &[String]) -> Value {
    list.iter().map(String::as_str).collect()
}

impl Command {
    /// The line on the socket.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::ProjectCreate { id, name, platforms } => json!({"command": "project.create", "id": id, "name": name, "platforms": strings(platforms)}),
            Self::ProjectList => json!({"command": "project.list"}),
            Self::KeyCreate { project, name, scopes } => json!({"command": "key.create", "project": project, "name": name, "scopes": strings(scopes)}),
            Self::Ready { project, platforms } => json!({"command": "ready", "project": project, "platforms": strings(platforms)}),
            Self::Maintenance => json!({"command": "maintenance"}),
            Self::Jobs { failed } => json!({"command": "jobs", "failed": failed}),
            Self::JobRetry { id } => json!({"command": "job.retry", "id": id}),
            Self::JobDrop { id } => json!({"command": "job.drop", "id": id}),
            Self::PermissionsExplain { project, user, action, resource } => {
                json!({"command": "permissions.explain", "project": project, "user": user, "action": action, "resource": resource})
            }
            Self::StorageMove { to } => json!({"command": "storage.move", "to": to}),
            Self::StorageVerify => json!({"command": "storage.verify"}),
            Self::KeysRotate { secrets, compromised } => {
                let secrets: Value = secrets.iter().map(|s| String::from_utf8_lossy(s.expose())).collect();
                json!({"command": "keys.rotate", "secrets": secrets, "compromised": compromised})
            }
        }
    }

    /// Reads a line of the socket.
    pub(crate) fn from_json(line: &Value) -> Result<Self, String> {
        let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let flag = |key: &str| line.get(key).and_then(Value::as_bool).unwrap_or(false);
        let list = |key: &str| -> Vec<String> {
            let items = line.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        match line.get("command").and_then(Value::as_str) {
            Some("project.create") => Ok(Self::ProjectCreate { id: text("id"), name: text("name"), platforms: list("platforms") }),
            Some("project.list") => Ok(Self::ProjectList),
            Some("key.create") => Ok(Self::KeyCreate { project: text("project"), name: text("name"), scopes: list("scopes") }),
            Some("ready") => Ok(Self::Ready { project: text("project"), platforms: list("platforms") }),
            Some("maintenance") => Ok(Self::Maintenance),
            Some("jobs") => Ok(Self::Jobs { failed: flag("failed") }),
            Some("job.retry") => Ok(Self::JobRetry { id: text("id") }),
            Some("job.drop") => Ok(Self::JobDrop { id: text("id") }),
            Some("permissions.explain") => {
                Ok(Self::PermissionsExplain { project: text("project"), user: text("user"), action: text("action"), resource: text("resource") })
            }
            Some("storage.move") => Ok(Self::StorageMove { to: text("to") }),
            Some("storage.verify") => Ok(Self::StorageVerify),
            Some("keys.rotate") => {
                let secrets = list("secrets").into_iter().map(crypto::Secret::new).collect();
                Ok(Self::KeysRotate { secrets, compromised: flag("compromised") })
            }
            _ => Err("the running server does not know this command; is it another version?".into()),
        }
    }

    /// Does it. The error says what to do.
    pub(crate) fn run(self, app: &Arc<App>) -> Result<Value, String> {
        match self {
            Self::ProjectCreate { id, name, platforms } => create_project(app, id, name, platforms),
            Self::ProjectList => list_projects(app),
            Self::KeyCreate { project, name, scopes } => create_key(app, &project, name, scopes),
            Self::Ready { project, platforms } => ready::ready(app, &project, platforms),
            Self::Jobs { failed } => super::jobs::list(app, failed),
            Self::JobRetry { id } => super::jobs::retry(app, &id),
            Self::JobDrop { id } => super::jobs::drop_one(app, &id),
            Self::PermissionsExplain { project, user, action, resource } => {
                explain_permission(app, &project, services::Question { user_id: user, action, resource })
            }
            Self::StorageMove { to } => crate::files::relocate(app, &to),
            Self::StorageVerify => crate::files::verify(app),
            Self::KeysRotate { secrets, compromised } => {
                let secrets: Vec<String> = secrets.iter().map(|s| String::from_utf8_lossy(s.expose()).into_owned()).collect();
                crate::keys::rotate(app, &secrets, compromised)
            }
            Self::Maintenance => {
                kernel::audit::flush(app);
                let t = housekeeping::tidy(app, &AtomicBool::new(false));
                Ok(json!({"audit": t.audit, "sessions": t.sessions, "transactions": t.transactions, "uploads": t.uploads, "orphans": t.orphans}))
            }
        }
    }
}

/// An error of the kernel for the command line.
pub(super) fn explain(e: &kernel::Error) -> String {
    match e.kind() {
        ErrorKind::GeneralServerError => format!("{} (see the server's log)", e.0.cause.as_deref().unwrap_or(&e.0.message)),
        _ => e.0.message.to_string(),
    }
}

fn create_project(app: &Arc<App>, id: String, name: String, platforms: Vec<String>) -> Result<Value, String> {
    let asked = id.clone();
    let project = app.create_project(NewProject { id, name, platforms, ..NewProject::default() }).map_err(|e| match e.kind() {
        ErrorKind::ProjectAlreadyExists => format!("project {asked} exists already; make another key for it with: ferrite key create {asked}"),
        _ => explain(&e),
    })?;
    let key = new_key(app, &project.id, "All scopes", Vec::new())?;
    Ok(json!({"projectId": project.id, "name": project.doc.as_ref().map_or("", |d| d.str("name")), "apiKey": key}))
}

fn create_key(app: &Arc<App>, project: &str, name: String, scopes: Vec<String>) -> Result<Value, String> {
    let unknown: Vec<&String> = scopes.iter().filter(|s| !protocol::scopes::is_project_scope(s)).collect();
    if let Some(first) = unknown.first() {
        return Err(format!("there is no scope {first:?}; scopes are: {}", protocol::scopes::all().collect::<Vec<_>>().join(", ")));
    }
    let key = new_key(app, project, &name, scopes)?;
    Ok(json!({"projectId": project, "apiKey": key}))
}

fn new_key(app: &Arc<App>, project: &str, name: &str, mut scopes: Vec<String>) -> Result<String, String> {
    if scopes.is_empty() {
        scopes = protocol::scopes::all().map(str::to_owned).collect();
    }
    app.create_key(project, NewKey { id: String::new(), name: name.to_owned(), scopes, expire: None }).map_err(|e| match e.kind() {
        ErrorKind::ProjectNotFound => format!("there is no project {project}; make it with: ferrite project create {project}"),
        _ => explain(&e),
    })
}

fn explain_permission(app: &Arc<App>, project: &str, question: services::Question) -> Result<Value, String> {
    let found = app.project(project).map_err(|e| explain(&e))?.ok_or_else(|| format!("there is no project {project}; see: ferrite project list"))?;
    services::explain_permission(app, found.namespace, &question).map(Value::Object).map_err(|e| explain(&e))
}

fn list_projects(app: &Arc<App>) -> Result<Value, String> {
    let coll = app.collection(Namespace(0), "projects").map_err(|e| explain(&e))?;
    let find = Find { limit: 10_000, ..Find::default() };
    let page = app.db.read().find(&Access::system("an administrator lists projects"), &coll, &find).map_err(|e| e.to_string())?;
    let items: Vec<Value> = page
        .documents
        .iter()
        .map(|d| {
            let mut item = Map::new();
            item.insert("projectId".into(), d.id.as_str().into());
            item.insert("name".into(), d.str("name").into());
            item.insert("created".into(), d.created_at.format().into());
            Value::Object(item)
        })
        .collect();
    Ok(json!({"projects": items}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_survive_the_socket() {
        let list = |s: &str| vec![s.to_owned()];
        for c in [
            Command::ProjectCreate { id: "p".into(), name: "n".into(), platforms: list("localhost") },
            Command::ProjectList,
            Command::KeyCreate { project: "p".into(), name: "k".into(), scopes: list("users.read") },
            Command::Ready { project: "p".into(), platforms: Vec::new() },
            Command::Maintenance,
            Command::Jobs { failed: true },
            Command::JobRetry { id: "j".into() },
            Command::JobDrop { id: "j".into() },
            Command::PermissionsExplain { project: "p".into(), user: "u".into(), action: "read".into(), resource: "buckets/b".into() },
            Command::StorageMove { to: "s3".into() },
            Command::StorageVerify,
            Command::KeysRotate { secrets: vec![crypto::Secret::from("s")], compromised: true },
        ] {
            assert_eq!(Command::from_json(&c.to_json()), Ok(c));
        }
        assert!(Command::from_json(&json!({"command": "rm"})).is_err());
        assert!(Command::from_json(&json!(5)).is_err());
    }
}
