//! Routes of the console about projects, by their older paths.
use access::Access;
use kernel::{Cx, Endpoint, Error, NewProject, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::{Map, Value, json};

use crate::project::{model, store};
use crate::support::{Listing, OWN, find, object, page};

/// Regions to choose from.
pub(super) const REGION: Check = Check::Enum(&["default"]);

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::PROJECTS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Create {
        id: String = "projectId", Check::ProjectId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        team_id: String = "teamId", Check::Uid, required;
        region: String = "region", REGION, or Str("");
    }
}
params! {
    pub(crate) struct Change {
        id: String = "projectId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        description: String = "description", Check::Text { min: 1, max: 256 }, or Str("");
        logo: String = "logo", Check::Text { min: 1, max: 1024 }, or Str("");
        url: String = "url", Check::Url, or Str("");
        legal_name: String = "legalName", Check::Text { min: 1, max: 256 }, or Str("");
        legal_country: String = "legalCountry", Check::Text { min: 1, max: 256 }, or Str("");
        legal_state: String = "legalState", Check::Text { min: 1, max: 256 }, or Str("");
        legal_city: String = "legalCity", Check::Text { min: 1, max: 256 }, or Str("");
        legal_address: String = "legalAddress", Check::Text { min: 1, max: 256 }, or Str("");
        legal_tax_id: String = "legalTaxId", Check::Text { min: 1, max: 256 }, or Str("");
    }
}
params! {
    pub(crate) struct Transfer {
        id: String = "projectId", Check::Uid, required;
        team_id: String = "teamId", Check::Uid, required;
    }
}

endpoint! {
    /// Lists the projects the caller may see.
    LIST: Get "/v1/projects" => 200 "projectList" by list(List);
    sdk [] auth [Admin] scope ["projects.read"] groups [Console]
}
endpoint! {
    /// Creates a project of an organization.
    CREATE: Post "/v1/projects" => 201 "project" by create(Create);
    sdk [] auth [Admin] scope ["projects.write"] audit "projects.create" on "project/{response.$id}" groups [Console]
}
endpoint! {
    /// Changes what is told of a project.
    UPDATE: Patch "/v1/projects/:projectId" => 200 "project" by change(Change);
    sdk [] auth [Admin] scope ["projects.write"] audit "projects.update" on "project/{request.projectId}" groups [Console]
}
endpoint! {
    /// Hands a project over to another organization.
    TRANSFER: Patch "/v1/projects/:projectId/team" => 200 "project" by transfer(Transfer);
    sdk ["projects.updateTeam"] auth [Admin] scope ["projects.write"] groups [Console]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    // Those of the teams the caller is a member of, and of the one named, when it is.
    let access = Access::of(cx.roles().clone());
    listed(cx, p, &access, Vec::new())
}

/// What a project is kept as, in the words of the contract, internal fields aside: what may be selected. The answer shows of it what its format has.
#[rustfmt::skip]
const KEPT: &[&str] = &[
    "teamInternalId", "teamId", "name", "region", "description", "database", "logo", "url", "version", "legalName", "legalCountry", "legalState", "legalCity",
    "legalAddress", "legalTaxId", "accessedAt", "services", "apis", "smtp", "templates", "auths", "oAuthProviders", "platforms", "webhooks", "keys",
    "devKeys", "search", "pingCount", "pingedAt", "labels", "status",
];

/// Refuses to select what no project has.
fn selected(wanted: Option<Vec<String>>) -> Result<Option<Vec<String>>> {
    let unknown = wanted.iter().flatten().find(|key| *key != "*" && !key.starts_with('$') && !KEPT.contains(&key.as_str()));
    match unknown {
        Some(key) => {
            let message = format!("Invalid `queries` param: Invalid query: Attribute not found in schema: {key}");
            Err(Error::with(ErrorKind::GeneralArgumentInvalid, message))
        }
        None => Ok(wanted),
    }
}

/// Projects that `access` may see and `also` holds of.
pub(super) fn listed(cx: &mut Cx<'_>, p: List, access: &Access, also: Vec<Query>) -> Result<Reply> {
    let mut request = find(cx, Listing::with_search(p.queries, p.search, p.total), also)?;
    cx.selection = selected(request.select.take())?;
    let coll = cx.app.collection(store::CONSOLE, "projects")?;
    let found = page(cx, access, &coll, &request, "Project")?;
    let mut items = Vec::with_capacity(found.documents.len());
    for doc in &found.documents {
        // One that goes while the list is made is no longer of it.
        if let Some(project) = cx.app.project(&doc.id)? {
            items.push(model::project(cx, &project)?);
        }
    }
    Ok(Reply::list("projectList", "projects", "project", items, found.total))
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    make(cx, &p.id, p.name, p.team_id, p.region)
}

/// Makes a project of a team that exists.
pub(super) fn make(cx: &Cx<'_>, id: &str, name: String, team_id: String, region: String) -> Result<Reply> {
    team(cx, &team_id)?;
    let made = cx.app.create_project(NewProject { id: cx.custom_id(id), name, team_id, region, platforms: Vec::new() })?;
    Ok(Reply::Model("project", model::project(cx, &made)?))
}

/// 404 for a team that is not there.
fn team(cx: &Cx<'_>, id: &str) -> Result<()> {
    let found = cx.read().get(&OWN, &*cx.app.collection(store::CONSOLE, "teams")?, id)?;
    found.map(|_| ()).ok_or_else(|| ErrorKind::TeamNotFound.into())
}

/// Words a project is found by.
pub(super) fn search(id: &str, name: &str) -> Value {
    format!("{id} {name}").into()
}

fn change(cx: &mut Cx<'_>, p: Change) -> Result<Reply> {
    let mut data: Map<String, Value> = object(json!({
        "name": p.name, "description": p.description, "logo": p.logo, "url": p.url, "legalName": p.legal_name, "legalCountry": p.legal_country,
        "legalState": p.legal_state, "legalCity": p.legal_city, "legalAddress": p.legal_address, "legalTaxId": p.legal_tax_id,
    }));
    data.insert("search".into(), search(&p.id, &p.name));
    visible(cx, &p.id)?;
    store::set(cx, &p.id, data, None)?;
    store::shown(cx, &p.id)
}

/// 404 for a project that the caller may not see.
pub(crate) fn visible(cx: &Cx<'_>, id: &str) -> Result<()> {
    let coll = cx.app.collection(store::CONSOLE, "projects")?;
    let found = cx.read().get(&Access::of(cx.roles().clone()), &coll, id)?;
    found.map(|_| ()).ok_or_else(|| ErrorKind::ProjectNotFound.into())
}

fn transfer(cx: &mut Cx<'_>, p: Transfer) -> Result<Reply> {
    store::fresh(cx, &p.id)?;
    team(cx, &p.team_id)?;
    // The new organization is one the caller belongs to: nobody is given what they did not ask for.
    if !cx.roles().contains(&format!("team:{}", p.team_id)) {
        return Err(Error::from(ErrorKind::UserUnauthorized));
    }
    let permissions = kernel::project_permissions(&p.team_id, &p.id);
    store::set(cx, &p.id, object(json!({"teamId": p.team_id})), Some(permissions))?;
    store::shown(cx, &p.id)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &CREATE, &UPDATE, &TRANSFER];
