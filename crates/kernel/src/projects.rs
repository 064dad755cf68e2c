//! Making and loading projects and their keys.
use std::sync::Arc;

use access::Access;
use database::{Find, Namespace, NewDocument};
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

impl App {
    /// Makes a project. 409 when the id is taken, 400 when it is not a valid project id.
    pub fn create_project(&self, new: NewProject) -> Result<Arc<Project>> {
        let now = self.now();
        let id = if new.id.is_empty() { self.new_id() } else { new.id };
        if id == CONSOLE {
            return Err(ErrorKind::ProjectAlreadyExists.into());
        }
        protocol::Check::ProjectId
            .apply(Value::String(id.clone()))
            .map_err(|why| Error::with(ErrorKind::GeneralArgumentInvalid, format!("Invalid `projectId` param: {why}")))?;
        let name = if new.name.is_empty() { id.clone() } else { new.name };
        let platforms: Vec<(String, String)> = new.platforms.into_iter().map(|h| (self.new_id(), h.to_lowercase())).collect();
        let team = new.team_id;
        let region = self.settings.region.clone();
        let pid = id.clone();
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), "projects")?;
            // The namespace is the next free number; the committer runs transactions one after another.
            let last = tx.db.find(&WHY, &coll, &Find { orders: vec![("$sequence".into(), true)], limit: 1, ..Find::default() })?;
            let namespace = last.documents.first().map_or(1, |d| d.int("namespace") + 1);
            let data = json!({"name": name, "teamId": team, "region": region, "namespace": namespace, "settings": {}, "search": format!("{pid} {name}")});
            let permissions = if team.is_empty() {
                Vec::new()
            } else {
                vec![
                    format!("read(\"team:{team}\")"),
                    format!("update(\"team:{team}/owner\")"),
                    format!("update(\"team:{team}/developer\")"),
                    format!("delete(\"team:{team}/owner\")"),
                    format!("delete(\"team:{team}/developer\")"),
                ]
            };
            tx.create(&WHY, &coll, NewDocument { id: pid.clone(), permissions, data: object(data), created_at: now, updated_at: now })
                .map_err(|e| if matches!(e, database::DbError::Duplicate) { Error::from(ErrorKind::ProjectAlreadyExists) } else { e.into() })?;
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
        let now = self.now();
        let secret = format!("standard_{}", crypto::random_hex(256));
        let sealed = self.keyring.seal_text("api-key", &secret).map_err(Error::internal)?;
        let hash = crypto::sha256_hex(secret.as_bytes());
        let id = if new.id.is_empty() { self.new_id() } else { new.id };
        let data = json!({"projectId": project_id, "name": new.name, "scopes": new.scopes, "secret": sealed, "secretHash": hash,
            "expire": new.expire.map(Timestamp::format), "sdks": []});
        self.write(move |tx| {
            let coll = tx.collection(Namespace(0), "keys")?;
            tx.create(&WHY, &coll, NewDocument { id, permissions: Vec::new(), data: object(data), created_at: now, updated_at: now })?;
            Ok(())
        })?;
        Ok(secret)
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
        let settings = json!({"auths": {"limit": 1, "invalidateSessions": true, "membershipsUserName": true, "membershipsUserEmail": true, "membershipsMfa": true,
            "membershipsUserId": true, "membershipsUserPhone": true, "duration": 31_536_000}});
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
