//! Teams.
use access::Access;
use database::{DbError, Find, NewDocument, Update};
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};
use serde_json::json;

use super::store::{self, NewMembership};
use crate::support::{Listing, OWN, base, find, object, page};

params! {
    pub(crate) struct Create {
        team_id: String = "teamId", Check::CustomId, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
        roles: Vec<String> = "roles", Check::List(&Check::Key { max: 36 }, 100), or Strings(&["owner"]);
    }
}
params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::TEAMS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of { team_id: String = "teamId", Check::Uid, required; }
}
params! {
    pub(crate) struct Rename {
        team_id: String = "teamId", Check::Uid, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, required;
    }
}

endpoint! {
    /// Creates a team; a user who does becomes its owner.
    CREATE: Post "/v1/teams" => 201 "team" by create(Create);
    sdk ["teams.create"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    event "teams.[teamId].create" audit "team.create" on "team/{response.$id}"
}
endpoint! {
    /// Lists the teams the caller is a member of; a server sees all.
    LIST: Get "/v1/teams" => 200 "teamList" by list(List);
    sdk ["teams.list"] auth [Admin, Session, Key, Jwt] scope ["teams.read"]
}
endpoint! {
    /// Gets a team.
    GET: Get "/v1/teams/:teamId" => 200 "team" by get(Of);
    sdk ["teams.get"] auth [Admin, Session, Key, Jwt] scope ["teams.read"]
}
endpoint! {
    /// Changes a team's name.
    UPDATE: Put "/v1/teams/:teamId" => 200 "team" by rename(Rename);
    sdk ["teams.updateName"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    event "teams.[teamId].update" audit "team.update" on "team/{response.$id}"
}
endpoint! {
    /// Deletes a team and its memberships.
    DELETE: Delete "/v1/teams/:teamId" => 204 "none" by delete(Of);
    sdk ["teams.delete"] auth [Admin, Session, Key, Jwt] scope ["teams.write"]
    event "teams.[teamId].delete" audit "team.delete" on "team/{request.teamId}"
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let (ns, now, id) = (cx.ns(), cx.now(), cx.custom_id(&p.team_id));
    let owner = cx.identity().map(|i| i.user.id.clone());
    let membership_id = cx.new_id();
    let mut roles = p.roles;
    if owner.is_some() && !roles.iter().any(|r| r == "owner") {
        roles.push("owner".to_owned());
    }
    let permissions = vec![format!("read(\"team:{id}\")"), format!("update(\"team:{id}/owner\")"), format!("delete(\"team:{id}/owner\")")];
    let data = object(json!({"name": p.name, "total": i64::from(owner.is_some()), "prefs": {}, "search": format!("{id} {}", p.name)}));
    let new = NewDocument { id, permissions, data, created_at: now, updated_at: now };
    if let Some(user) = &owner {
        cx.roles_changed.push(user.clone());
    }
    let team = cx.write(move |tx| {
        let coll = tx.collection(ns, "teams")?;
        let team =
            tx.create(&OWN, &coll, new).map_err(|e| if matches!(e, DbError::Duplicate) { Error::from(ErrorKind::TeamAlreadyExists) } else { e.into() })?;
        if let Some(user_id) = owner {
            let memberships = tx.collection(ns, "memberships")?;
            let new = NewMembership { id: membership_id, team_id: team.id.clone(), user_id, roles, confirmed: true, secret: String::new() };
            tx.create(&OWN, &memberships, store::membership(new, now))?;
        }
        Ok(team)
    })?;
    Ok(Reply::Model("team", base(&team)))
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("teams")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &cx.access(), &coll, &request, "Team")?;
    let items = found.documents.iter().map(|t| base(t)).collect();
    Ok(Reply::list("teamList", "teams", "team", items, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    Ok(Reply::Model("team", base(&*store::visible(cx, &p.team_id)?)))
}

fn rename(cx: &mut Cx<'_>, p: Rename) -> Result<Reply> {
    let data = json!({"name": p.name, "search": format!("{} {}", p.team_id, p.name)});
    let team = change(cx, &p.team_id, data)?;
    Ok(Reply::Model("team", base(&team)))
}

/// Changes attributes of a team the caller may change.
pub(super) fn change(cx: &Cx<'_>, id: &str, data: serde_json::Value) -> Result<database::Document> {
    store::visible(cx, id)?;
    let (ns, now, access, id) = (cx.ns(), cx.now(), cx.access(), id.to_owned());
    let update = Update { data: object(data), permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
    cx.write(move |tx| {
        let coll = tx.collection(ns, "teams")?;
        match tx.update(&access, &coll, &id, update) {
            Ok(done) => Ok(done.document),
            Err(e) => Err(refused(e)),
        }
    })
}

fn refused(e: DbError) -> Error {
    match e {
        DbError::NotFound => ErrorKind::TeamNotFound.into(),
        DbError::Unauthorized(_) => ErrorKind::UserUnauthorized.into(),
        e => e.into(),
    }
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    let (ns, access, id) = (cx.ns(), cx.access(), p.team_id);
    let members = cx.write(move |tx| {
        let coll = tx.collection(ns, "teams")?;
        tx.delete(&access, &coll, &id, None).map_err(refused)?;
        forget_members(tx, ns, &id)
    })?;
    if cx.project.is_console() {
        cx.app.delete_projects_of(&team.id)?;
    }
    cx.roles_changed.extend(members);
    cx.event_payload("team", base(&team));
    Ok(Reply::Empty)
}

/// Removes a team's memberships; whose they were.
fn forget_members(tx: &mut kernel::Tx<'_, '_, '_>, ns: database::Namespace, team_id: &str) -> Result<Vec<String>> {
    let coll = tx.collection(ns, "memberships")?;
    let request = Find { filters: vec![Query::equal("teamId", team_id)], limit: u64::from(u32::MAX), ..Find::default() };
    let found = tx.db.find(&Access::system("members of a team that is deleted"), &coll, &request)?;
    for membership in &found.documents {
        tx.delete(&OWN, &coll, &membership.id, None)?;
    }
    Ok(found.documents.iter().map(|m| m.str("userId").to_owned()).collect())
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE, &LIST, &GET, &UPDATE, &DELETE];
