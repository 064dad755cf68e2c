//! The endpoints of the contract as data, for comparing declarations with it.
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use crate::compatibility::form;
use crate::{Param, Spec, Vocab};

/// One line per endpoint: method, path, status, parameters, scopes, rate limit, event.
const TABLE: &str = include_str!("contract.tsv");

static ROUTES: LazyLock<HashMap<(&'static str, String), Route>> = LazyLock::new(|| TABLE.lines().skip(1).filter_map(Route::parse).collect());

/// An endpoint as the contract has it.
struct Route {
    /// Empty where the contract says nothing.
    status: &'static str,
    /// Name and whether it is required.
    params: Vec<(&'static str, bool)>,
    scope: BTreeSet<&'static str>,
    /// `calls/seconds`.
    limit: &'static str,
    event: &'static str,
}

impl Route {
    fn parse(line: &'static str) -> Option<((&'static str, String), Self)> {
        let mut cells = line.split('\t');
        let (verb, path) = (cells.next()?, cells.next()?);
        let status = cells.next()?;
        let params = cells.next()?.split_whitespace().map(|p| p.strip_suffix('!').map_or((p, false), |name| (name, true))).collect();
        // Public is what needs no scope.
        let scope = cells.next()?.split('|').filter(|s| !s.is_empty() && *s != "public").collect();
        Some(((verb, form(path)), Self { status, params, scope, limit: cells.next()?, event: cells.next()? }))
    }
}

/// What a declaration has other than the contract; empty when they agree. Each line names method and path.
#[must_use]
pub fn differences(spec: &Spec) -> Vec<String> {
    let name = format!("{} {}", spec.verb.as_str(), spec.path);
    let Some(route) = ROUTES.get(&(spec.verb.as_str(), form(spec.path))) else {
        return vec![format!("{name}: no route of the contract")];
    };
    let mut out = Vec::new();
    let status = spec.reply.status.to_string();
    if !route.status.is_empty() && route.status != status {
        out.push(format!("status {status} instead of {}", route.status));
    }
    parameters(route, spec, &mut out);
    let scope: BTreeSet<&str> = spec.scope.iter().copied().collect();
    if scope != route.scope {
        out.push(format!("scopes {scope:?} instead of {:?}", route.scope));
    }
    let limit = spec.limit.as_ref().map_or_else(String::new, |l| format!("{}/{}", l.max, l.seconds));
    if limit != route.limit {
        out.push(format!("limit {limit:?} instead of {:?}", route.limit));
    }
    let event = spec.event.unwrap_or_default();
    if event != route.event {
        out.push(format!("event {event:?} instead of {:?}", route.event));
    }
    out.into_iter().map(|difference| format!("{name}: {difference}")).collect()
}

fn parameters(route: &Route, spec: &Spec, out: &mut Vec<String>) {
    for (name, required) in &route.params {
        match spec.params.iter().find(|p| is_called(p, spec.vocab, name)) {
            None => out.push(format!("parameter {name} is missing")),
            Some(p) if p.required != *required => out.push(format!("parameter {name} is {}", if p.required { "required" } else { "optional" })),
            Some(_) => {}
        }
    }
    for p in spec.params {
        if !route.params.iter().any(|(name, _)| is_called(p, spec.vocab, name)) {
            out.push(format!("parameter {} is none of the contract", p.name));
        }
    }
}

fn is_called(p: &Param, vocab: Vocab, name: &str) -> bool {
    p.name_in(vocab) == name || p.aliases.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Limit, ReplySpec, Verb};
    use crate::{Check, params, params::Params as _};

    params! {
        #[allow(dead_code, reason = "only the declaration is looked at")]
        struct Create {
            user_id: String = "userId", Check::CustomId, required;
            email: String = "email", Check::Email, optional;
            name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
            nick: String = "nick", Check::Any, optional;
        }
    }

    static CREATE: Spec = Spec {
        verb: Verb::Post,
        path: "/v1/account",
        aliases: &[],
        sdk: &["account.create"],
        auth: &[],
        scope: &["sessions.write"],
        limit: Some(Limit { max: 10, seconds: 3600, keys: &[], reset_on: &[] }),
        event: Some("users.[userId].create"),
        groups: &[],
        vocab: Vocab::Collections,
        params: Create::PARAMS,
        reply: ReplySpec { status: 200, model: "account" },
        summary: "",
    };

    #[test]
    fn the_table_is_complete() {
        assert_eq!(ROUTES.len(), TABLE.lines().count() - 1);
        let served: BTreeSet<_> = crate::routes::ROUTES.iter().map(|(verb, path, _)| (verb.as_str(), form(path))).collect();
        let missing: Vec<_> = ROUTES.keys().filter(|key| !served.contains(*key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn what_differs_is_named() {
        let found = differences(&CREATE);
        let expected = ["status 200 instead of 201", "parameter email is optional", "parameter password is missing", "parameter nick is none of the contract"];
        for part in expected {
            assert!(found.iter().any(|f| f.ends_with(part)), "{part} in {found:?}");
        }
        assert!(!found.iter().any(|f| f.contains("scope") || f.contains("limit") || f.contains("userId is")), "{found:?}");
    }
}
