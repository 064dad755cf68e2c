//! Reading users.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, lists, params};

use super::{model, store};
use crate::support::{Listing, OWN, find, page};

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::USERS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct Of { user_id: String = "userId", Check::Uid, required; }
}

endpoint! {
    /// Lists users.
    LIST: Get "/v1/users" => 200 "userList" by list(List);
    sdk ["users.list"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Gets a user.
    GET: Get "/v1/users/:userId" => 200 "user" by get(Of);
    sdk ["users.get"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Gets a user's preferences.
    PREFS: Get "/v1/users/:userId/prefs" => 200 "preferences" by prefs(Of);
    sdk ["users.getPrefs"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Deletes a user.
    DELETE: Delete "/v1/users/:userId" => 204 "none" by delete(Of);
    sdk ["users.delete"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].delete" audit "user.delete" on "user/{request.userId}"
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("users")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &OWN, &coll, &request, "User")?;
    let users = found.documents.iter().map(|u| model::user(cx, u)).collect::<Result<_>>()?;
    Ok(Reply::list("userList", "users", "user", users, found.total))
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

fn prefs(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    Ok(Reply::Model("preferences", user.value("prefs").as_object().cloned().unwrap_or_default()))
}

fn delete(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let user = store::delete(cx, &p.user_id)?;
    cx.roles_changed.push(user.id.clone());
    cx.event_payload("user", crate::support::base(&user));
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, &PREFS, &DELETE];
