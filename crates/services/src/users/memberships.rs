//! A user's memberships of teams.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, lists, params};

use super::store;
use crate::support::{Listing, OWN, find, page};

params! {
    pub(crate) struct List {
        user_id: String = "userId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::Queries(&lists::MEMBERSHIPS), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}

endpoint! {
    /// Lists a user's memberships.
    LIST: Get "/v1/users/:userId/memberships" => 200 "membershipList" by list(List);
    sdk ["users.listMemberships"] auth [Admin, Key] scope ["users.read"]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    let coll = cx.collection("memberships")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), vec![Query::equal("userId", user.id.as_str())])?;
    let found = page(cx, &OWN, &coll, &request, "Membership")?;
    let mut items = Vec::with_capacity(found.documents.len());
    for membership in &found.documents {
        let team = crate::teams::store::find(cx, membership.str("teamId"))?;
        items.push(crate::teams::model::membership(membership, team.as_deref(), Some(&*user), crate::teams::model::Shown::WHO));
    }
    Ok(Reply::list("membershipList", "memberships", "membership", items, found.total))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST];
