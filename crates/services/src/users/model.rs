//! Users, sessions, targets and log entries as the API shows them.
use std::sync::Arc;

use database::{Document, Find};
use kernel::{Cx, Result};
use protocol::Query;
use serde_json::{Map, Value, json};

use crate::support::{OWN, base};

/// Most targets shown with a user.
const TARGETS: u64 = 500;

/// Fields of `user` and `account`: the document with its targets.
pub(crate) fn user(cx: &Cx<'_>, doc: &Document) -> Result<Map<String, Value>> {
    let mut map = base(doc);
    let list = targets(cx, &doc.id)?;
    map.insert("targets".into(), list.iter().map(|t| Value::Object(base(t))).collect());
    if let Some(actor) = cx.identity().filter(|i| i.user.id == doc.id).and_then(|i| i.impersonator.as_ref()) {
        map.insert("impersonatorUserId".into(), actor.id.as_str().into());
    }
    Ok(map)
}

/// Targets of a user in order of creation.
pub(crate) fn targets(cx: &Cx<'_>, user_id: &str) -> Result<Vec<Arc<Document>>> {
    let coll = cx.collection("targets")?;
    let find = Find { filters: vec![Query::equal("userId", user_id)], limit: TARGETS, ..Find::default() };
    Ok(cx.read().find(&OWN, &coll, &find)?.documents)
}

/// Fields of `session`. `current` is for the caller to judge, `secret` is shown to servers only.
pub(crate) fn session(cx: &Cx<'_>, doc: &Document, current: bool) -> Map<String, Value> {
    let mut map = base(doc);
    map.insert("countryName".into(), country(cx, doc.str("countryCode")).into());
    map.insert("current".into(), current.into());
    crate::oauth::open_tokens(cx, &mut map);
    map
}

/// Name of a country by its code, in the language of the request.
pub(crate) fn country(cx: &Cx<'_>, code: &str) -> &'static str {
    locale::country_name(code, &cx.locale).unwrap_or_else(|| locale::unknown_country(&cx.locale))
}

/// Fields of `log` from an audit entry.
pub(crate) fn log(cx: &Cx<'_>, entry: &Document) -> Map<String, Value> {
    let agent = kernel::useragent::parse(entry.str("userAgent"));
    let mut map = base(entry);
    map.extend(device(&agent));
    map.insert("countryName".into(), country(cx, entry.str("countryCode")).into());
    map
}

/// What a user agent tells, under the names of the session model.
pub(crate) fn device(agent: &kernel::useragent::UserAgent) -> Map<String, Value> {
    crate::support::object(json!({
        "osCode": agent.os_code, "osName": agent.os_name, "osVersion": agent.os_version,
        "clientType": agent.client_type, "clientCode": agent.client_code, "clientName": agent.client_name, "clientVersion": agent.client_version,
        "clientEngine": agent.client_engine, "clientEngineVersion": agent.client_engine_version,
        "deviceName": agent.device_name, "deviceBrand": agent.device_brand, "deviceModel": agent.device_model,
    }))
}
