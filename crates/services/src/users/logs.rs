//! What a user did, from the audit log.
use database::Find;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, params};

use super::{model, store};
use crate::support::{Listing, OWN, find};

params! {
    pub(crate) struct List {
        user_id: String = "userId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}

endpoint! {
    /// Lists what a user did.
    LIST: Get "/v1/users/:userId/logs" => 200 "logList" by list(List);
    sdk ["users.listLogs"] auth [Admin, Key] scope ["users.read"]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let user = store::get(cx, &p.user_id)?;
    of(cx, Query::equal("userId", user.id.as_str()), p.queries, p.total)
}

/// Audit entries that match, newest first.
pub(crate) fn of(cx: &Cx<'_>, filter: Query, queries: Vec<String>, total: bool) -> Result<Reply> {
    // What this server has seen but not written yet belongs to the answer.
    kernel::audit::flush_now(cx.app);
    let coll = cx.collection("audit")?;
    let paging = find(cx, Listing::new(queries, total), vec![filter])?;
    let request = Find { orders: vec![("$sequence".into(), true)], ..paging };
    let found = cx.read().find(&OWN, &coll, &request)?;
    let items = found.documents.iter().map(|e| model::log(cx, e)).collect();
    Ok(Reply::list("logList", "logs", "log", items, found.total))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST];
