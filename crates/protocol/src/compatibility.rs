//! Which routes of the contract are served: the table of `docs/COMPATIBILITY.md`.
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use crate::Spec;
use crate::routes::ROUTES;

/// How many of some routes are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Served.
    pub served: usize,
    /// In all.
    pub all: usize,
}

impl Count {
    fn add(&mut self, served: bool) {
        self.all += 1;
        self.served += usize::from(served);
    }
}

/// Routes of one service, with whether they are served.
type Service = Vec<(&'static str, &'static str, u8, bool)>;

/// Served and all routes of a tier; tier 0 is all of them.
#[must_use]
pub fn count(specs: &[&Spec], tier: u8) -> Count {
    let built = built(specs);
    let mut count = Count::default();
    for (verb, path, of) in ROUTES {
        if tier == 0 || *of == tier {
            count.add(built.contains(&(verb.as_str(), form(path))));
        }
    }
    count
}

/// The page: what is served by tier and by service, then every route.
#[must_use]
pub fn markdown(specs: &[&Spec]) -> String {
    let built = built(specs);
    let mut services: BTreeMap<&'static str, Service> = BTreeMap::new();
    for (verb, path, tier) in ROUTES {
        let served = built.contains(&(verb.as_str(), form(path)));
        services.entry(service(path)).or_default().push((verb.as_str(), path, *tier, served));
    }
    let mut out =
        String::from("# Routes\n\nGenerated from the table of endpoints; do not edit. A route that is not served yet answers 501 `general_not_implemented`.\n");
    summary(&mut out, specs, &services);
    for (name, routes) in &services {
        details(&mut out, name, routes);
    }
    out
}

fn summary(out: &mut String, specs: &[&Spec], services: &BTreeMap<&'static str, Service>) {
    out.push_str("\n| tier | served | of |\n|---|---|---|\n");
    let mut tiers: Vec<u8> = ROUTES.iter().map(|(_, _, tier)| *tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    for tier in tiers {
        row(out, &tier.to_string(), count(specs, tier));
    }
    row(out, "all", count(specs, 0));
    out.push_str("\n| service | served | of |\n|---|---|---|\n");
    for (name, routes) in services {
        let mut count = Count::default();
        routes.iter().for_each(|(_, _, _, served)| count.add(*served));
        row(out, name, count);
    }
}

fn row(out: &mut String, name: &str, count: Count) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "| {name} | {} | {} |", count.served, count.all);
}

fn details(out: &mut String, name: &str, routes: &Service) {
    let _ = write!(out, "\n## {name}\n\n| method | path | tier | state |\n|---|---|---|---|\n");
    for (verb, path, tier, served) in routes {
        let _ = writeln!(out, "| {verb} | `{path}` | {tier} | {} |", if *served { "served" } else { "501" });
    }
}

/// Methods and paths that are served, old paths included.
fn built(specs: &[&Spec]) -> HashSet<(&'static str, String)> {
    let paths = |spec: &&Spec| {
        let verb = spec.verb.as_str();
        std::iter::once(&spec.path).chain(spec.aliases).map(move |path| (verb, form(path))).collect::<Vec<_>>()
    };
    specs.iter().flat_map(paths).collect()
}

/// A path without the names of its parameters and a trailing slash.
pub(crate) fn form(path: &str) -> String {
    let part = |part: &'_ str| if part.starts_with(':') { ":".to_owned() } else { part.to_owned() };
    path.trim_end_matches('/').split('/').map(part).collect::<Vec<_>>().join("/")
}

/// `teams` of `/v1/teams/:teamId`.
fn service(path: &'static str) -> &'static str {
    path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).filter(|s| !s.is_empty() && !s.starts_with(':')).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vocab;
    use crate::spec::{ReplySpec, Verb};

    static JWT: Spec = Spec { verb: Verb::Post, path: "/v1/account/jwts", aliases: &["/v1/account/jwt"], ..BASE };
    static SESSION: Spec = Spec { path: "/v1/account/sessions/:id", ..BASE };
    const BASE: Spec = Spec {
        verb: Verb::Get,
        path: "",
        aliases: &[],
        sdk: &[],
        auth: &[],
        scope: &[],
        limit: None,
        event: None,
        groups: &[],
        vocab: Vocab::Collections,
        params: &[],
        reply: ReplySpec { status: 200, model: "session" },
        summary: "",
    };

    #[test]
    fn served_and_not() {
        let page = markdown(&[&JWT, &SESSION]);
        for line in [
            "| POST | `/v1/account/jwt` | 1 | served |",
            "| POST | `/v1/account/jwts` | 1 | served |",
            "| GET | `/v1/account/sessions/:sessionId` | 1 | served |",
            "| DELETE | `/v1/account` | 1 | 501 |",
        ] {
            assert!(page.contains(line), "{line}");
        }
        assert_eq!(count(&[&JWT, &SESSION], 0), Count { served: 3, all: ROUTES.len() });
        assert_eq!(count(&[], 1).served, 0);
        assert_eq!(page.matches("| served |").count(), 3 + 2);
    }
}
