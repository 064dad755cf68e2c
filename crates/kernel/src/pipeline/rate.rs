//! Step 6: rate limits and their headers.
use protocol::ErrorKind;
use serde_json::Value;

use super::params::RawParams;
use crate::actor::Actor;
use crate::app::App;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::project::Project;
use crate::request::Request;

/// Counts the call under every declared key; returns the keys counted, for a later reset.
#[expect(clippy::too_many_arguments, reason = "one step of a straight line; a struct would only rename them")]
pub(super) fn check(
    app: &App,
    project: &Project,
    actor: &Actor,
    endpoint: &Endpoint,
    raw: &RawParams,
    req: &Request,
    ip: &str,
    headers: &mut Vec<(String, String)>,
) -> Result<Vec<String>> {
    let Some(limit) = &endpoint.spec.limit else { return Ok(Vec::new()) };
    let exempt = !app.settings.abuse || actor.privileged() || actor.dev_key.is_some();
    let now = u64::try_from(app.now().0 / 1000).unwrap_or(0);
    let mut keys = Vec::new();
    let mut worst = (limit.max, 0);
    for template in limit.keys {
        let key = format!("{}/{}", project.id, fill(template, endpoint, actor, raw, req, ip));
        let window = if exempt { app.limits.hit("", 0, limit.seconds, now) } else { app.limits.hit(&key, limit.max, limit.seconds, now) };
        let used = if exempt { 0 } else { window.used };
        let left = limit.max.saturating_sub(used);
        if left < worst.0 || worst.1 == 0 {
            worst = (left, window.reset);
        }
        keys.push(key);
    }
    headers.push(("x-ratelimit-limit".into(), limit.max.to_string()));
    headers.push(("x-ratelimit-remaining".into(), worst.0.saturating_sub(1).to_string()));
    headers.push(("x-ratelimit-reset".into(), worst.1.to_string()));
    if worst.0 == 0 {
        return Err(ErrorKind::GeneralRateLimitExceeded.into());
    }
    Ok(if exempt { Vec::new() } else { keys })
}

fn fill(template: &str, endpoint: &Endpoint, actor: &Actor, raw: &RawParams, req: &Request, ip: &str) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        match name {
            "url" => {
                out.push_str(&req.hostname);
                out.push_str(endpoint.spec.path);
            }
            "ip" => out.push_str(ip),
            "method" => out.push_str(req.verb.as_str()),
            "userId" => out.push_str(actor.identity.as_ref().map_or("", |i| i.user.id.as_str())),
            "userAgent" => out.push_str(req.headers.get("user-agent").unwrap_or("")),
            "chunkId" => out.push_str(&chunk_id(req).to_string()),
            _ => match name.strip_prefix("param-").and_then(|p| raw.get(p)) {
                Some(Value::String(s)) => out.push_str(s),
                Some(v) => out.push_str(&v.to_string()),
                None => {}
            },
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Which chunk of an upload a `Content-Range` names, so that the chunks of one file do not count together.
fn chunk_id(req: &Request) -> u64 {
    let range = req.headers.get("content-range").and_then(|r| r.strip_prefix("bytes ")).and_then(|r| r.split('/').next());
    let Some((start, end)) = range.and_then(|r| r.split_once('-')) else { return 0 };
    match (start.trim().parse::<u64>(), end.trim().parse::<u64>()) {
        (Ok(s), Ok(e)) if e >= s => s / (e - s).saturating_add(1),
        _ => 0,
    }
}
