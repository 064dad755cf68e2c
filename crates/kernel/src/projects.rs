//! Making and loading projects and their keys.
use std::sync::Arc;

use access::Access;
use database::{DbError, Document, Find, Namespace, NewDocument, Update};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::project::{CONSOLE, Key, Project};

const WHY: Access = Access::System("projects are the server's own records");

/// A project to be made.
#[derive(Clone, Debug, Default)]
pub struct NewProject {
    /// Id; made up when empty.
    pub id: String,
    /// Name; the id when empty.
    pub name: String,
    /// Team of the console that administers it; may be empty.
    pub team_id: String,
    /// Region; the server's own when empty.
    pub region: String,
    /// Web platforms' host names.
    pub platforms: Vec<String>,
}

/// An API key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id; made up when empty.
    pub id: String,
    /// Name.
    pub name: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// When it ends; never when `None`.
    pub expire: Option<Timestamp>,
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(m) => m,
        _ => Map::new(),
    }
}

/// What a new project may do: every way to sign in is on, members of teams see nothing of each other.
fn default_auths() -> Map<String, Value> {
    let mut auths = object(json!({
        "limit": 0, "maxSessions": 0, "passwordHistory": 0, "passwordDictionary": false, "duration": 31_536_000, "personalDataCheck": false,
        "passwordStrength": {"min": 8, "uppercase": false, "lowercase": false, "number": false, "symbols": false},
        "disposableEmails": false, "canonicalEmails": false, "freeEmails": false, "corporateEmails": false, "mockNumbers": [], "sessionAlerts": false,
        "membershipsUserName": false, "membershipsUserEmail": false, "membershipsMfa": false, "membershipsUserId": false,
        "membershipsUserPhone": false, "invalidateSessions": true,
    }));
    auths.extend(protocol::project::AUTH_METHODS.iter().map(|(_, key)| ((*key).to_owned(), true.into())));
    auths
}

/// Who may see, change and delete a project: owners and developers of its team, of the whole of it or of this project.
#[must_use]
pub fn project_permissions(team: &str, project: &str) -> Vec<String> {
    if team.is_empty() {
        return Vec::new();
    }
    let roles = ["owner".to_owned(), "developer".to_owned(), format!("project-{project}-owner"), format!("project-{project}-developer")];
    ["read", "update", "delete"].iter().flat_map(|action| roles.iter().map(move |role| format!("{action}(\"team:{team}/{role}\")"))).collect()
}

impl App {
    /// Makes a project. 409 when the id is taken, 400 when it is not a valid project id.
    pub fn create_project(&self, new: NewProject) -> Result<Arc<Project>> {
        let now = self.now();
        let id = if new.id.is_empty() { self.new_id() } else { new.id };
        if id == CONSOLE {
            return Err(Error::with(ErrorKind::ProjectReservedProject, "'console' is a reserved project."));
        }
        protocol::Check::ProjectId
            .apply(Value::String(id.clone()))
            .map_err(|why| Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `projectId` param: {why}")))?;
        self.make_room(&id)?;
        let name = if new.name.is_empty() { id.clone() } else { new.name };
        let platforms: Vec<(String, String)> = new.platforms.into_iter().map(|h| (self.new_id(), h.to_lowercase())).collect();
        let region = if new.region.is_empty() { self.settings.region.clone() } else { new.region };
        let (team, pid) = (new.team_id, id.clone());
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), "projects")?;
            // Deleted since room was made: its files may not be removed under the new one.
            let removals = tx.collection(Namespace(0), "removals")?;
            if tx.db.find_one(&WHY, &removals, vec![Query::equal("projectId", pid.as_str())])?.is_some() {
                return Err(ErrorKind::ProjectAlreadyExists.into());
            }
            let data = json!({"name": name, "teamId": team, "region": region, "status": "active", "labels": [], "pingCount": 0, "accessedAt": now.format(),
                "settings": {"auths": default_auths()}, "search": format!("{pid} {name}")});
            let new = NewDocument { id: pid.clone(), permissions: project_permissions(&team, &pid), data: object(data), created_at: now, updated_at: now };
            let made = tx
                .create(&WHY, &coll, new)
                .map_err(|e| if matches!(e, DbError::Duplicate) { Error::from(ErrorKind::ProjectAlreadyExists) } else { e.into() })?;
            // The number of a document is never given twice, so what a deleted project left can never be a new one's.
            let data = object(json!({"namespace": made.sequence}));
            tx.update(&WHY, &coll, &pid, Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None })?;
            let coll = tx.collection(Namespace(0), "platforms")?;
            for (platform_id, host) in platforms {
                let data = json!({"projectId": pid, "type": "web", "name": host, "key": "", "hostname": host});
                tx.create(&WHY, &coll, NewDocument { id: platform_id, permissions: Vec::new(), data: object(data), created_at: now, updated_at: now })?;
            }
            Ok(())
        })?;
        self.project(&id)?.ok_or_else(|| Error::internal("the project vanished"))
    }

    /// Makes an API key and returns its secret, `standard_` and 256 hexadecimal digits.
    pub fn create_key(&self, project_id: &str, new: NewKey) -> Result<String> {
        if self.project(project_id)?.is_none() {
            return Err(ErrorKind::ProjectNotFound.into());
        }
        Ok(self.create_key_of(project_id, new)?.1)
    }

    /// Makes an API key of a project that is known to exist: its document and its secret. 409 when the id is taken.
    pub fn create_key_of(&self, project_id: &str, new: NewKey) -> Result<(Document, String)> {
        let now = self.now();
        let secret = format!("standard_{}", crypto::random_hex(256));
        let sealed = self.keyring.seal_text("api-key", &secret).map_err(Error::internal)?;
        let hash = crypto::sha256_hex(secret.as_bytes());
        let id = if new.id.is_empty() { self.new_id() } else { new.id };
        let data = json!({"projectId": project_id, "name": new.name, "scopes": new.scopes, "secret": sealed, "secretHash": hash,
            "expire": new.expire.map(Timestamp::format), "sdks": []});
        let document = self.write(move |tx| {
            let coll = tx.collection(Namespace(0), "keys")?;
            tx.create(&WHY, &coll, NewDocument { id, permissions: Vec::new(), data: object(data), created_at: now, updated_at: now })
                .map_err(|e| if matches!(e, DbError::Duplicate) { Error::from(ErrorKind::KeyAlreadyExists) } else { e.into() })
        })?;
        Ok((document, secret))
    }

    pub(crate) fn load_project(&self, id: &str) -> Result<Option<Project>> {
        if id == CONSOLE {
            return Ok(Some(self.console_project()));
        }
        let r = self.db.read();
        let coll = self.collection(Namespace(0), "projects")?;
        let Some(doc) = r.get(&WHY, &coll, id)? else { return Ok(None) };
        let all = |table: &str| -> Result<_> {
            let coll = self.collection(Namespace(0), table)?;
            let find = Find { filters: vec![Query::equal("projectId", id)], limit: 5_000, ..Find::default() };
            Ok(r.find(&WHY, &coll, &find)?.documents)
        };
        let namespace = Namespace(u32::try_from(doc.int("namespace")).map_err(Error::internal)?);
        // Not there yet in a project that was never used.
        let webhooks = match r.collection(namespace, "webhooks")? {
            Some(coll) => r.find(&WHY, &coll, &Find { limit: 5_000, ..Find::default() })?.documents,
            None => Vec::new(),
        };
        let keys = all("keys")?.into_iter().map(|d| Key { scopes: d.strings("scopes").map(str::to_owned).collect(), doc: d }).collect();
        Ok(Some(Project {
            id: doc.id.clone(),
            namespace,
            webhooks,
            settings: doc.value("settings").as_object().cloned().unwrap_or_default(),
            platforms: all("platforms")?,
            keys,
            dev_keys: all("devKeys")?,
            doc: Some(doc),
        }))
    }

    fn console_project(&self) -> Project {
        let console = &self.settings.console;
        let settings = json!({"auths": {
            "limit": i64::from(console.root_only), "invalidateSessions": true, "membershipsUserName": true, "membershipsUserEmail": true,
            "membershipsMfa": true, "membershipsUserId": true, "membershipsUserPhone": true, "membershipsUserAccessedAt": true, "mockNumbers": [],
            "invites": console.invites, "sessionAlerts": console.session_alerts, "duration": 31_536_000,
        }});
        Project {
            id: CONSOLE.into(),
            namespace: Namespace(0),
            doc: None,
            settings: object(settings),
            platforms: Vec::new(),
            keys: Vec::new(),
            dev_keys: Vec::new(),
            webhooks: Vec::new(),
        }
    }
}
