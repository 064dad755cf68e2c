//! Changing a project's settings and what belongs to it.
use std::sync::Arc;

use database::{Collection, DbError, Document, Find, Namespace, NewDocument, Update};
use kernel::{Cx, Error, Project, Reply, Result, Tx};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::{Map, Value};

use super::model;
use crate::support::{Listing, OWN, find, page};

/// Where the console keeps its records.
pub(crate) const CONSOLE: Namespace = Namespace(0);

/// The project as it is now.
pub(crate) fn fresh(cx: &Cx<'_>, id: &str) -> Result<Arc<Project>> {
    cx.app.project(id)?.ok_or_else(|| ErrorKind::ProjectNotFound.into())
}

/// The answer that shows a project as it is now.
pub(crate) fn shown(cx: &Cx<'_>, id: &str) -> Result<Reply> {
    Ok(Reply::Model("project", model::project(cx, &*fresh(cx, id)?)?))
}

/// Attributes, and permissions where they are to change; the rest stays.
pub(crate) fn update(data: Map<String, Value>, permissions: Option<Vec<String>>, now: Timestamp) -> Update {
    Update { data, permissions, updated_at: now, created_at: None, touch: true, unless_newer: None }
}

/// Changes attributes of a project; 404 when it is gone.
pub(crate) fn set(cx: &Cx<'_>, id: &str, data: Map<String, Value>, permissions: Option<Vec<String>>) -> Result<()> {
    let (id, update) = (id.to_owned(), update(data, permissions, cx.now()));
    cx.write(move |tx| {
        let projects = tx.collection(CONSOLE, "projects")?;
        tx.update(&OWN, &projects, &id, update).map_err(gone)?;
        Ok(())
    })
}

/// Changes one section of a project's settings. The section is read in the transaction, so that no other change of it is lost.
pub(crate) fn change<F>(cx: &Cx<'_>, id: &str, section: &'static str, how: F) -> Result<()>
where
    F: FnOnce(&mut Map<String, Value>) -> Result<()> + Send + 'static,
{
    let (id, now) = (id.to_owned(), cx.now());
    cx.write(move |tx| change_in(tx, &id, section, now, how))
}

/// As [`change`], as a part of a transaction.
pub(crate) fn change_in<F>(tx: &mut Tx<'_, '_, '_>, id: &str, section: &'static str, now: Timestamp, how: F) -> Result<()>
where
    F: FnOnce(&mut Map<String, Value>) -> Result<()>,
{
    let projects = tx.collection(CONSOLE, "projects")?;
    let project = tx.db.get(&OWN, &projects, id)?.ok_or(Error::from(ErrorKind::ProjectNotFound))?;
    let mut settings = project.value("settings").as_object().cloned().unwrap_or_default();
    let mut part = settings.get(section).and_then(Value::as_object).cloned().unwrap_or_default();
    how(&mut part)?;
    settings.insert(section.into(), part.into());
    let data = Map::from_iter([("settings".to_owned(), settings.into())]);
    tx.update(&OWN, &projects, id, update(data, None, now)).map_err(gone)?;
    Ok(())
}

fn gone(e: DbError) -> Error {
    match e {
        DbError::NotFound => ErrorKind::ProjectNotFound.into(),
        e => e.into(),
    }
}

/// Records of the console that belong to a project: keys, platforms, development keys.
pub(crate) struct Records {
    table: &'static str,
    missing: ErrorKind,
    taken: ErrorKind,
    /// Name in the message about a cursor that is not there.
    label: &'static str,
}

/// API keys.
pub(crate) const KEYS: Records = Records { table: "keys", missing: ErrorKind::KeyNotFound, taken: ErrorKind::KeyAlreadyExists, label: "Key" };
/// Development keys.
pub(crate) const DEV_KEYS: Records = Records { table: "devKeys", missing: ErrorKind::KeyNotFound, taken: ErrorKind::KeyAlreadyExists, label: "Dev key" };
/// Platforms.
pub(crate) const PLATFORMS: Records =
    Records { table: "platforms", missing: ErrorKind::PlatformNotFound, taken: ErrorKind::PlatformAlreadyExists, label: "Platform" };

impl Records {
    fn collection(&self, cx: &Cx<'_>) -> Result<Arc<Collection>> {
        cx.app.collection(CONSOLE, self.table)
    }

    /// Adds one; the field `projectId` is set here.
    pub(crate) fn create(&self, cx: &Cx<'_>, project: &str, id: String, mut data: Map<String, Value>) -> Result<Document> {
        data.insert("projectId".into(), project.into());
        let (now, table, taken) = (cx.now(), self.table, self.taken);
        cx.write(move |tx| {
            let coll = tx.collection(CONSOLE, table)?;
            tx.create(&OWN, &coll, NewDocument { id, permissions: Vec::new(), data, created_at: now, updated_at: now })
                .map_err(|e| if matches!(e, DbError::Duplicate) { taken.into() } else { e.into() })
        })
    }

    /// One of the project's, or 404.
    pub(crate) fn get(&self, cx: &Cx<'_>, project: &str, id: &str) -> Result<Arc<Document>> {
        let found = cx.read().get(&OWN, &*self.collection(cx)?, id)?;
        found.filter(|d| d.str("projectId") == project).ok_or_else(|| self.missing.into())
    }

    /// Changes one of the project's after `judge` has seen it.
    pub(crate) fn update<F>(&self, cx: &Cx<'_>, project: &str, id: &str, data: Map<String, Value>, judge: F) -> Result<Document>
    where
        F: FnOnce(&Document) -> Result<()> + Send + 'static,
    {
        let (project, id, table, missing, update) = (project.to_owned(), id.to_owned(), self.table, self.missing, update(data, None, cx.now()));
        cx.write(move |tx| {
            let coll = tx.collection(CONSOLE, table)?;
            let old = tx.db.get(&OWN, &coll, &id)?.filter(|d| d.str("projectId") == project).ok_or(Error::from(missing))?;
            judge(&old)?;
            Ok(tx.update(&OWN, &coll, &id, update)?.document)
        })
    }

    /// Removes one of the project's.
    pub(crate) fn delete(&self, cx: &Cx<'_>, project: &str, id: &str) -> Result<Document> {
        let (project, id, table, missing) = (project.to_owned(), id.to_owned(), self.table, self.missing);
        cx.write(move |tx| {
            let coll = tx.collection(CONSOLE, table)?;
            tx.db.get(&OWN, &coll, &id)?.filter(|d| d.str("projectId") == project).ok_or(Error::from(missing))?;
            Ok(tx.delete(&OWN, &coll, &id, None)?)
        })
    }

    /// Some of the project's and how many there are; without a limit of the caller's, at most `most`.
    pub(crate) fn list(&self, cx: &Cx<'_>, project: &str, listing: Listing, most: u64) -> Result<(Vec<Arc<Document>>, u64)> {
        let limited = listing.queries.iter().any(|q| Query::parse(q).is_ok_and(|q| q.method == protocol::QueryMethod::Limit));
        let mut request: Find = find(cx, listing, vec![Query::equal("projectId", project)])?;
        if !limited {
            request.limit = most;
        }
        // A cursor names one of the project's own.
        if let Some(cursor) = &request.cursor
            && self.get(cx, project, &cursor.id).is_err()
        {
            let message = format!("{} '{}' for the 'cursor' value not found.", self.label, cursor.id);
            return Err(Error::with(ErrorKind::GeneralCursorNotFound, message));
        }
        let found = page(cx, &OWN, &*self.collection(cx)?, &request, self.label)?;
        Ok((found.documents, found.total))
    }
}
