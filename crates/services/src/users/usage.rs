//! How many users and sessions there are, and when users signed up.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, Query, QueryMethod, Timestamp, params};
use serde_json::{Value, json};

use crate::support::{OWN, object};

params! {
    pub(crate) struct Range { range: String = "range", Check::Enum(&["24h", "30d", "90d"]), or Str("30d"); }
}

endpoint! {
    /// Gets figures about users.
    GET: Get "/v1/users/usage" => 200 "usageUsers" by get(Range);
    sdk ["users.getUsage"] auth [Admin] scope ["users.read"]
}

/// Steps of a range: how many, and their length in seconds.
fn steps(range: &str) -> (i64, i64) {
    match range {
        "24h" => (24, 3_600),
        "90d" => (90, 86_400),
        _ => (30, 86_400),
    }
}

fn get(cx: &mut Cx<'_>, p: Range) -> Result<Reply> {
    let (count, seconds) = steps(&p.range);
    let reader = cx.read();
    let (users, sessions) = (cx.collection("users")?, cx.collection("sessions")?);
    let step = seconds * 1_000;
    let end = cx.now().0.div_euclid(step) * step + step;
    let mut by_user = Vec::new();
    let mut by_session = Vec::new();
    for at in (0..count).rev() {
        let (from, to) = (Timestamp(end - (at + 1) * step), Timestamp(end - at * step));
        // Everything until the end of the step: the course of the total.
        let until = vec![Query::new(QueryMethod::LessThan, "$createdAt", vec![to.format().into()])];
        by_user.push(json!({"value": reader.count(&OWN, &users, &until, None)?, "date": from.format()}));
        by_session.push(json!({"value": reader.count(&OWN, &sessions, &until, None)?, "date": from.format()}));
    }
    let total = |list: &[Value]| list.last().map_or(Value::from(0), |v| v["value"].clone());
    let map = json!({"range": p.range, "usersTotal": total(&by_user), "sessionsTotal": total(&by_session), "users": by_user, "sessions": by_session});
    Ok(Reply::Model("usageUsers", object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET];
