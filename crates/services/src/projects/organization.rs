//! Projects of one organization, which the header `X-Appwrite-Organization` names.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, params};
use serde_json::json;

use super::{projects, removal};
use crate::project::store;
use crate::support::{OWN, object};

params! {
    pub(crate) struct Create {
        id: String = "projectId", Check::ProjectId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        region: String = "region", projects::REGION, or Str("");
    }
}
params! {
    pub(crate) struct One { id: String = "projectId", Check::Uid, required; }
}
params! {
    pub(crate) struct Change {
        id: String = "projectId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
    }
}

endpoint! {
    /// Lists the organization's projects.
    LIST: Get "/v1/organization/projects" => 200 "projectList" by list(projects::List);
    sdk ["organization.listProjects"] auth [Admin, Key] scope ["projects.read"]
}
endpoint! {
    /// Creates a project of the organization.
    CREATE: Post "/v1/organization/projects" => 201 "project" by create(Create);
    sdk ["organization.createProject"] auth [Admin, Key] scope ["projects.write"] audit "projects.create" on "project/{response.$id}"
}
endpoint! {
    /// Gets one of the organization's projects.
    GET: Get "/v1/organization/projects/:projectId" => 200 "project" by get(One);
    sdk ["organization.getProject"] auth [Admin, Key] scope ["projects.read"]
}
endpoint! {
    /// Changes the name of one of the organization's projects.
    UPDATE: Patch "/v1/organization/projects/:projectId" => 200 "project" by change(Change);
    sdk ["organization.updateProject"] auth [Admin, Key] scope ["projects.write"] audit "projects.update" on "project/{response.$id}"
}
endpoint! {
    /// Deletes one of the organization's projects with all that is in it.
    DELETE: Delete "/v1/organization/projects/:projectId" => 204 "none" by delete(One);
    sdk ["organization.deleteProject"] auth [Admin, Key] scope ["projects.write"] audit "projects.delete" on "project/{request.projectId}"
}

/// The organization: of a project its own, on the console the one named, in which the pipeline found the caller to be a member.
fn team(cx: &Cx<'_>) -> Result<String> {
    let named = cx.request_headers().get("x-appwrite-organization").unwrap_or("").to_owned();
    let id = if cx.project.is_console() { named } else { cx.project.team_id().to_owned() };
    let exists = !id.is_empty() && cx.read().get(&OWN, &*cx.app.collection(store::CONSOLE, "teams")?, &id)?.is_some();
    if exists && cx.privileged() { Ok(id) } else { Err(ErrorKind::TeamNotFound.into()) }
}

/// A project of the organization, or 404.
fn own(cx: &Cx<'_>, id: &str) -> Result<()> {
    let team = team(cx)?;
    let project = cx.app.project(id)?.filter(|p| !p.is_console() && p.team_id() == team);
    project.map(|_| ()).ok_or_else(|| Error::from(ErrorKind::ProjectNotFound))
}

fn list(cx: &mut Cx<'_>, p: projects::List) -> Result<Reply> {
    let team = team(cx)?;
    projects::listed(cx, p, &OWN, vec![Query::equal("teamId", team)])
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let team = team(cx)?;
    projects::make(cx, &p.id, p.name, team, p.region)
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    own(cx, &p.id)?;
    store::shown(cx, &p.id)
}

fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    own(cx, &p.id)?;
    let mut data = object(json!({"name": p.name}));
    data.insert("search".into(), projects::search(&p.id, &p.name));
    store::set(cx, &p.id, data, None)?;
    store::shown(cx, &p.id)
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    own(cx, &p.id)?;
    removal::remove(cx, &p.id)?;
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &GET, &UPDATE, &DELETE];
