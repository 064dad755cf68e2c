//! What happened to a team, from the audit log.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, params};

use super::store;

params! {
    pub(crate) struct List {
        team_id: String = "teamId", Check::Uid, required;
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}

endpoint! {
    /// Lists what happened to a team, newest first.
    LIST: Get "/v1/teams/:teamId/logs" => 200 "logList" by list(List);
    sdk ["teams.listLogs"] auth [Admin] scope ["teams.read"]
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    crate::users::logs::of(cx, Query::equal("resource", format!("team/{}", team.id)), p.queries, p.total)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST];
