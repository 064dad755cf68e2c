//! The project's policies: each is an entry or some entries under `auths`, set here and obeyed where accounts, sessions and teams are made.
use kernel::{Cx, Endpoint, Project, Reply, Result, endpoint};
use protocol::models::item_name;
use protocol::{Check, Query, QueryMethod, params};
use serde_json::{Map, Value, json};

use super::store;
use crate::support::{mixed, object};

/// Largest number of users, sessions and old passwords that can be asked for.
const MOST: i64 = 5_000;
/// A year, the longest session.
const YEAR: i64 = 31_536_000;
#[rustfmt::skip]
const IDS: &[&str] = &[
    "password-dictionary", "password-history", "password-strength", "password-personal-data", "session-alert", "session-duration",
    "session-invalidation", "session-limit", "user-limit", "membership-privacy",
];
/// Members' data: parameter and key under `auths`.
const PRIVACY: [(&str, &str); 6] = [
    ("userId", "membershipsUserId"),
    ("userEmail", "membershipsUserEmail"),
    ("userPhone", "membershipsUserPhone"),
    ("userName", "membershipsUserName"),
    ("userMFA", "membershipsMfa"),
    ("userAccessedAt", "membershipsUserAccessedAt"),
];

params! {
    pub(crate) struct List {
        queries: Vec<String> = "queries", Check::QueriesPaging, or EmptyList;
        total: bool = "total", Check::Bool, or Bool(true);
    }
}
params! {
    pub(crate) struct One { id: String = "policyId", Check::Enum(IDS), required; }
}
params! {
    pub(crate) struct Enabled { enabled: bool = "enabled", Check::Bool, required; }
}
params! {
    pub(crate) struct Total { total: Option<i64> = "total", Check::Nullable(&Check::Int { min: 1, max: MOST }), nullable_required; }
}
params! {
    pub(crate) struct Duration { duration: i64 = "duration", Check::Int { min: 5, max: YEAR }, required; }
}
params! {
    pub(crate) struct Privacy {
        id: Option<bool> = "userId", Check::Bool, optional;
        email: Option<bool> = "userEmail", Check::Bool, optional;
        phone: Option<bool> = "userPhone", Check::Bool, optional;
        name: Option<bool> = "userName", Check::Bool, optional;
        mfa: Option<bool> = "userMFA", Check::Bool, optional;
        accessed_at: Option<bool> = "userAccessedAt", Check::Bool, optional;
    }
}
params! {
    pub(crate) struct Strength {
        min: Option<i64> = "min", Check::Int { min: 8, max: 256 }, optional;
        uppercase: Option<bool> = "uppercase", Check::Bool, optional;
        lowercase: Option<bool> = "lowercase", Check::Bool, optional;
        number: Option<bool> = "number", Check::Bool, optional;
        symbols: Option<bool> = "symbols", Check::Bool, optional;
    }
}

endpoint! {
    /// Lists the project's policies.
    LIST: Get "/v1/project/policies" => 200 "policyList" by list(List);
    sdk ["project.listPolicies"] auth [Admin, Key] scope ["policies.read", "project.policies.read"] groups [NotConsole]
}
endpoint! {
    /// Gets a policy.
    GET: Get "/v1/project/policies/:policyId" => 200 "policyPasswordDictionary" by get(One);
    sdk ["project.getPolicy"] auth [Admin, Key] scope ["policies.read", "project.policies.read"] groups [NotConsole]
}

/// Policies of one value: constant, path, old path, name in the SDKs, parameters, handler, what it does.
macro_rules! policies {
    ($( $name:ident $path:literal old [$($old:literal)?] $sdk:literal => $model:literal by $handler:ident($params:ident): $doc:literal )*) => {
        $( endpoint! {
            #[doc = $doc]
            $name: Patch $path => 200 $model by $handler($params);
            old [$($old)?]
            sdk [$sdk] auth [Admin, Key] scope ["policies.write", "project.policies.write"]
            event "projects.[projectId].policies.[policy].update" audit "projects.[projectId].policies.[policy].update" on "project/{project.$id}"
            groups [NotConsole]
        } )*
        pub(super) const ENDPOINTS: &[&Endpoint] = &[&LIST, &GET, $(&$name),*];
    };
}

policies! {
    PRIVACY_SET "/v1/project/policies/membership-privacy" old ["/v1/projects/:projectId/auth/memberships-privacy"] "project.updateMembershipPrivacyPolicy" => "project" by privacy(Privacy): "Sets what members of a team see of each other."
    DICTIONARY "/v1/project/policies/password-dictionary" old ["/v1/projects/:projectId/auth/password-dictionary"] "project.updatePasswordDictionaryPolicy" => "project" by dictionary(Enabled): "Sets whether the commonest passwords are refused."
    HISTORY "/v1/project/policies/password-history" old ["/v1/projects/:projectId/auth/password-history"] "project.updatePasswordHistoryPolicy" => "project" by history(Total): "Sets how many old passwords may not be chosen again."
    PERSONAL "/v1/project/policies/password-personal-data" old ["/v1/projects/:projectId/auth/personal-data"] "project.updatePasswordPersonalDataPolicy" => "project" by personal(Enabled): "Sets whether passwords with the person's data in them are refused."
    STRENGTH "/v1/project/policies/password-strength" old [] "project.updatePasswordStrengthPolicy" => "policyPasswordStrength" by strength(Strength): "Sets what new passwords must consist of."
    ALERT "/v1/project/policies/session-alert" old ["/v1/projects/:projectId/auth/session-alerts"] "project.updateSessionAlertPolicy" => "project" by alert(Enabled): "Sets whether users get a mail about new sessions."
    DURATION "/v1/project/policies/session-duration" old ["/v1/projects/:projectId/auth/duration"] "project.updateSessionDurationPolicy" => "project" by duration(Duration): "Sets how long sessions live."
    INVALIDATION "/v1/project/policies/session-invalidation" old ["/v1/projects/:projectId/auth/session-invalidation"] "project.updateSessionInvalidationPolicy" => "project" by invalidation(Enabled): "Sets whether a new password ends the user's sessions."
    SESSIONS "/v1/project/policies/session-limit" old ["/v1/projects/:projectId/auth/max-sessions"] "project.updateSessionLimitPolicy" => "project" by sessions(Total): "Sets how many sessions a user may have."
    USERS "/v1/project/policies/user-limit" old ["/v1/projects/:projectId/auth/limit"] "project.updateUserLimitPolicy" => "project" by users(Total): "Sets how many users may sign up."
}

/// One policy as it is set.
fn of(project: &Project, id: &str) -> Map<String, Value> {
    let value = match id {
        "password-dictionary" => json!({"enabled": project.auth_flag("passwordDictionary", false)}),
        "password-history" => json!({"total": project.auth_number("passwordHistory", 0)}),
        "password-strength" => project.password_strength().fields(),
        "password-personal-data" => json!({"enabled": project.auth_flag("personalDataCheck", false)}),
        "session-alert" => json!({"enabled": project.auth_flag("sessionAlerts", false)}),
        "session-duration" => json!({"duration": project.session_seconds()}),
        "session-invalidation" => json!({"enabled": project.auth_flag("invalidateSessions", true)}),
        "session-limit" => json!({"total": project.auth_number("maxSessions", 0)}),
        "user-limit" => json!({"total": project.auth_number("limit", 0)}),
        _ => PRIVACY.iter().map(|(name, key)| ((*name).to_owned(), project.auth_flag(key, false).into())).collect::<Map<_, _>>().into(),
    };
    let mut map = object(value);
    map.insert("$id".into(), id.into());
    map
}

fn list(cx: &mut Cx<'_>, p: List) -> Result<Reply> {
    let queries = Query::parse_all(&p.queries).unwrap_or_default();
    let number = |method: QueryMethod| queries.iter().find(|q| q.method == method).and_then(|q| q.values.first()?.as_u64());
    let (skip, take) = (number(QueryMethod::Offset).unwrap_or(0), number(QueryMethod::Limit).unwrap_or(IDS.len() as u64));
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let items = IDS.iter().skip(size(skip)).take(size(take)).map(|id| of(&cx.project, id)).collect();
    let total = if p.total { IDS.len() as u64 } else { 0 };
    Ok(mixed("policyList", "policies", items, total))
}

fn get(cx: &mut Cx<'_>, p: One) -> Result<Reply> {
    let policy = of(&cx.project, &p.id);
    Ok(Reply::Model(item_name("policyList", &policy).unwrap_or("policyPasswordDictionary"), policy))
}

/// Sets entries under `auths` and shows the project.
fn set(cx: &mut Cx<'_>, policy: &'static str, values: Vec<(&'static str, Value)>) -> Result<Reply> {
    told(cx, policy);
    store::change(cx, &cx.project.id, "auths", move |auths| {
        auths.extend(values.into_iter().map(|(key, value)| (key.to_owned(), value)));
        Ok(())
    })?;
    store::shown(cx, &cx.project.id)
}

fn told(cx: &mut Cx<'_>, policy: &'static str) {
    cx.event_value("projectId", cx.project.id.clone());
    cx.event_value("policy", policy);
}

fn privacy(cx: &mut Cx<'_>, p: Privacy) -> Result<Reply> {
    let sent = [p.id, p.email, p.phone, p.name, p.mfa, p.accessed_at];
    let values = PRIVACY.iter().zip(sent).filter_map(|((_, key), on)| Some((*key, on?.into()))).collect();
    set(cx, "membership-privacy", values)
}

fn dictionary(cx: &mut Cx<'_>, p: Enabled) -> Result<Reply> {
    set(cx, "password-dictionary", vec![("passwordDictionary", p.enabled.into())])
}

fn history(cx: &mut Cx<'_>, p: Total) -> Result<Reply> {
    set(cx, "password-history", vec![("passwordHistory", p.total.unwrap_or(0).into())])
}

fn personal(cx: &mut Cx<'_>, p: Enabled) -> Result<Reply> {
    set(cx, "password-personal-data", vec![("personalDataCheck", p.enabled.into())])
}

fn strength(cx: &mut Cx<'_>, p: Strength) -> Result<Reply> {
    told(cx, "password-strength");
    let sent = [("uppercase", p.uppercase), ("lowercase", p.lowercase), ("number", p.number), ("symbols", p.symbols)];
    store::change(cx, &cx.project.id, "auths", move |auths| {
        let mut rules = auths.get("passwordStrength").and_then(Value::as_object).cloned().unwrap_or_default();
        rules.extend(p.min.map(|n| ("min".to_owned(), n.into())));
        rules.extend(sent.into_iter().filter_map(|(key, on)| Some((key.to_owned(), on?.into()))));
        auths.insert("passwordStrength".into(), rules.into());
        Ok(())
    })?;
    let project = store::fresh(cx, &cx.project.id)?;
    Ok(Reply::Model("policyPasswordStrength", of(&project, "password-strength")))
}

fn alert(cx: &mut Cx<'_>, p: Enabled) -> Result<Reply> {
    set(cx, "session-alert", vec![("sessionAlerts", p.enabled.into())])
}

fn duration(cx: &mut Cx<'_>, p: Duration) -> Result<Reply> {
    set(cx, "session-duration", vec![("duration", p.duration.into())])
}

fn invalidation(cx: &mut Cx<'_>, p: Enabled) -> Result<Reply> {
    set(cx, "session-invalidation", vec![("invalidateSessions", p.enabled.into())])
}

fn sessions(cx: &mut Cx<'_>, p: Total) -> Result<Reply> {
    set(cx, "session-limit", vec![("maxSessions", p.total.unwrap_or(0).into())])
}

fn users(cx: &mut Cx<'_>, p: Total) -> Result<Reply> {
    set(cx, "user-limit", vec![("limit", p.total.unwrap_or(0).into())])
}
