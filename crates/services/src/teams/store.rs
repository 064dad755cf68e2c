//! Finding teams and keeping count of their members.
use std::sync::Arc;

use access::Access;
use database::{Document, Find, Namespace, NewDocument, Update};
use kernel::{Cx, Error, Result, Tx};
use protocol::{ErrorKind, Query, Timestamp};
use serde_json::json;

use crate::project::store::CONSOLE;
use crate::support::{OWN, object};

/// A team the caller may see, or 404: outsiders do not learn that it exists.
pub(crate) fn visible(cx: &Cx<'_>, id: &str) -> Result<Arc<Document>> {
    get(cx, &cx.access(), id)?.ok_or_else(|| ErrorKind::TeamNotFound.into())
}

/// Any team by id.
pub(crate) fn find(cx: &Cx<'_>, id: &str) -> Result<Option<Arc<Document>>> {
    get(cx, &OWN, id)
}

fn get(cx: &Cx<'_>, access: &Access, id: &str) -> Result<Option<Arc<Document>>> {
    Ok(cx.read().get(access, &*cx.collection("teams")?, id)?)
}

/// Whether the caller may manage a team: its owners, servers, administrators.
pub(crate) fn manages(cx: &Cx<'_>, team_id: &str) -> bool {
    cx.privileged() || cx.roles().contains(&format!("team:{team_id}/owner"))
}

/// Refuses to take the last owner away from an organization of the console: nobody could add one, or end it. Owners that have only been invited
/// do not count. Told to the owner; for others the permissions decide.
pub(crate) fn keep_an_owner(tx: &Tx<'_, '_, '_>, ns: Namespace, membership: &Document, caller: &str, kind: ErrorKind) -> Result<()> {
    if ns != CONSOLE || membership.str("userId") != caller || !owns(membership) {
        return Ok(());
    }
    let coll = tx.collection(ns, "memberships")?;
    let find = Find { filters: vec![Query::equal("teamId", membership.str("teamId"))], limit: u64::from(u32::MAX), ..Find::default() };
    let others = tx.db.find(&OWN, &coll, &find)?.documents.into_iter().filter(|m| m.id != membership.id && m.bool("confirm") && owns(m)).count();
    if others == 0 { Err(Error::with(kind, "There must be at least one owner in the organization.")) } else { Ok(()) }
}

fn owns(membership: &Document) -> bool {
    membership.strings("roles").any(|r| r == "owner")
}

/// Adds to a team's number of confirmed members; a team that is gone is no error.
pub(crate) fn recount(tx: &mut Tx<'_, '_, '_>, ns: Namespace, team_id: &str, by: i64) -> Result<()> {
    let teams = tx.collection(ns, "teams")?;
    let Some(team) = tx.db.get(&OWN, &teams, team_id)? else { return Ok(()) };
    let data = object(json!({"total": (team.int("total") + by).max(0)}));
    // The number is not a change of the team itself: its date stays.
    let update = Update { data, permissions: None, updated_at: team.updated_at, created_at: None, touch: true, unless_newer: None };
    tx.update(&OWN, &teams, team_id, update)?;
    Ok(())
}

/// A membership to be made.
pub(crate) struct NewMembership {
    pub(crate) id: String,
    pub(crate) team_id: String,
    pub(crate) user_id: String,
    pub(crate) roles: Vec<String>,
    /// Member at once; otherwise invited.
    pub(crate) confirmed: bool,
    /// Digest of the invitation's secret.
    pub(crate) secret: String,
}

/// The document of a membership: readable by anyone who finds it, changed and ended by the member and the team's owners.
pub(crate) fn membership(new: NewMembership, now: Timestamp) -> NewDocument {
    let (user, team) = (&new.user_id, &new.team_id);
    let permissions = vec![
        "read(\"any\")".to_owned(),
        format!("update(\"user:{user}\")"),
        format!("update(\"team:{team}/owner\")"),
        format!("delete(\"user:{user}\")"),
        format!("delete(\"team:{team}/owner\")"),
    ];
    let data = json!({"userId": user, "teamId": team, "roles": new.roles, "invited": now.format(), "joined": new.confirmed.then(|| now.format()),
        "confirm": new.confirmed, "secret": new.secret, "search": format!("{} {user}", new.id)});
    NewDocument { id: new.id, permissions, data: object(data), created_at: now, updated_at: now }
}
