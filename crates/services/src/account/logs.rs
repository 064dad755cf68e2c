//! What the account did.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, params};

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}

endpoint! {
    /// Lists what the account did, newest first.
    LIST: Get "/v1/account/logs" => 200 "logList" by list(List);
    sdk ["account.listLogs"] auth [Admin, Session, Jwt] scope ["account"]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    crate::users::logs::of(cx, Query::equal("userId", cx.user_id()), p.queries, p.total)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST];
