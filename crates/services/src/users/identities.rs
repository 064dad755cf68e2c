//! Identities at other providers.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, lists, params};

use crate::support::{Listing, OWN, find, page};

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::IDENTITIES), or EmptyList;
        search: String = "search", Check::Text { min: 1, max: 256 }, or Str("");
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { identity_id: String = "identityId", Check::Uid, required; }
}

endpoint! {
    /// Lists the identities of all users.
    LIST: Get "/v1/users/identities" => 200 "identityList" by list(List);
    sdk ["users.listIdentities"] auth [Admin, Key] scope ["users.read"]
}
endpoint! {
    /// Deletes an identity.
    DELETE: Delete "/v1/users/identities/:identityId" => 204 "none" by delete(One);
    sdk ["users.deleteIdentity"] auth [Admin, Key] scope ["users.write"]
    event "users.[userId].identities.[identityId].delete" audit "identity.delete" on "identity/{request.$identityId}"
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("identities")?;
    let request = find(cx, Listing::with_search(p.queries, p.search, p.total), Vec::new())?;
    let found = page(cx, &OWN, &coll, &request, "Identity")?;
    let items = found.documents.iter().map(|i| crate::oauth::identity(cx, i)).collect();
    Ok(Reply::list("identityList", "identities", "identity", items, found.total))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let coll = cx.collection("identities")?;
    let identity = cx.read().get(&OWN, &coll, &p.identity_id)?.ok_or(kernel::Error::from(ErrorKind::UserIdentityNotFound))?;
    let (ns, id) = (cx.ns(), identity.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "identities")?;
        Ok(tx.delete(&OWN, &coll, &id, None)?)
    })?;
    cx.event_value("userId", identity.str("userId"));
    let payload = crate::oauth::identity(cx, &identity);
    cx.event_payload("identity", payload);
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &DELETE];
