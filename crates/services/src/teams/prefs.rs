//! Preferences that a team's members share.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, params};
use serde_json::{Map, Value, json};

use super::{store, teams};

params! {
    pub(crate) struct Of { team_id: String = "teamId", Check::Uid, required; }
}
params! {
    pub(crate) struct Set {
        team_id: String = "teamId", Check::Uid, required;
        prefs: Map<String, Value> = "prefs", Check::Prefs, required;
    }
}

endpoint! {
    /// Gets a team's preferences.
    GET: Get "/v1/teams/:teamId/prefs" => 200 "preferences" by get(Of);
    sdk ["teams.getPrefs"] auth [Admin, Session, Jwt] scope ["teams.read"]
}
endpoint! {
    /// Replaces a team's preferences.
    UPDATE: Put "/v1/teams/:teamId/prefs" => 200 "preferences" by set(Set);
    sdk ["teams.updatePrefs"] auth [Admin, Session, Jwt] scope ["teams.write"]
    event "teams.[teamId].update.prefs" audit "team.update" on "team/{response.$id}"
}

fn get(cx: &mut Cx<'_>, p: Of) -> Result<Reply> {
    let team = store::visible(cx, &p.team_id)?;
    Ok(Reply::Model("preferences", team.value("prefs").as_object().cloned().unwrap_or_default()))
}

fn set(cx: &mut Cx<'_>, p: Set) -> Result<Reply> {
    teams::change(cx, &p.team_id, json!({"prefs": p.prefs}))?;
    Ok(Reply::Model("preferences", p.prefs))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET, &UPDATE];
