//! The account's identities at other providers.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, Query, lists, params};

use crate::support::{Listing, OWN, find, page};

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::Queries(&lists::IDENTITIES), or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { identity_id: String = "identityId", Check::Uid, required; }
}

endpoint! {
    /// Lists the account's identities.
    LIST: Get "/v1/account/identities" => 200 "identityList" by list(List);
    sdk ["account.listIdentities"] auth [Admin, Session, Jwt] scope ["account"]
}
endpoint! {
    /// Deletes one of the account's identities.
    DELETE: Delete "/v1/account/identities/:identityId" => 204 "none" by delete(One);
    sdk ["account.deleteIdentity"] auth [Admin, Session, Jwt] scope ["account"]
    event "users.[userId].identities.[identityId].delete" audit "identity.delete" on "identity/{request.$identityId}"
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let coll = cx.collection("identities")?;
    let request = find(cx, Listing::new(p.queries, p.total), vec![Query::equal("userId", cx.user_id())])?;
    let found = page(cx, &OWN, &coll, &request, "Identity")?;
    let items = found.documents.iter().map(|i| crate::oauth::identity(cx, i)).collect();
    Ok(Reply::list("identityList", "identities", "identity", items, found.total))
}

fn delete(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let coll = cx.collection("identities")?;
    let found = cx.read().get(&OWN, &coll, &p.identity_id)?.filter(|i| i.str("userId") == cx.user_id());
    let identity = found.ok_or(Error::from(ErrorKind::UserIdentityNotFound))?;
    let (ns, id) = (cx.ns(), identity.id.clone());
    cx.write(move |tx| {
        let coll = tx.collection(ns, "identities")?;
        Ok(tx.delete(&OWN, &coll, &id, None)?)
    })?;
    let payload = crate::oauth::identity(cx, &identity);
    cx.event_payload("identity", payload);
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &DELETE];
