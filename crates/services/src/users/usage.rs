//! How many users and sessions there are, and when users signed up.
use database::Collection;
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};
use serde_json::json;

use crate::support::{OWN, Steps, object};

params! {
    pub(crate) struct Range { range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d"); }
}

endpoint! {
    /// Gets figures about users.
    GET: Get "/v1/users/usage" => 200 "usageUsers" by get(Range);
    sdk ["users.getUsage"] auth [Admin] scope ["users.read"]
}

fn get(cx: &mut Cx<'_>, p: Range) -> Result<Reply> {
    let steps = Steps::of(&p.range, cx.now());
    let reader = cx.read();
    // Everything until the end of each step: the course of the total.
    let course = |collection: &Collection| -> Result<Vec<u64>> { steps.until().map(|until| Ok(reader.count(&OWN, collection, &until, None)?)).collect() };
    let (users, sessions) = (course(&*cx.collection("users")?)?, course(&*cx.collection("sessions")?)?);
    let total = |list: &[u64]| list.last().copied().unwrap_or(0);
    let map = json!({
        "range": p.range,
        "usersTotal": total(&users),
        "sessionsTotal": total(&sessions),
        "users": steps.dated(users),
        "sessions": steps.dated(sessions),
    });
    Ok(Reply::Model("usageUsers", object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET];
