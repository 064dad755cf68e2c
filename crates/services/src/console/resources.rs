//! Whether a name is free.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};

params! {
    pub(crate) struct Resource {
        value: String = "value", Check::Text { min: 1, max: 256 }, required;
        kind: String = "type", Check::Enum(&["rules"]), required;
    }
}

endpoint! {
    /// Answers without a word when a domain may be claimed, and says why when it may not.
    GET: Get "/v1/console/resources" => 204 "none" by get(Resource);
    sdk ["console.getResource"] auth [Admin] scope ["rules.read"]
    limit 120 per 60 by ["userId:{userId}, url:{url}"]
    groups [Console]
}

fn refused() -> Error {
    Error::with(ErrorKind::GeneralArgumentInvalid, "This domain name is not allowed. Please use a different domain.")
}

/// One label below `domain`, with none of the beginnings that are kept for previews.
fn is_sub(value: &str, domain: &str, kept: &[&str]) -> Option<bool> {
    let label = value.strip_suffix(domain)?.strip_suffix('.')?;
    Some(!label.contains('.') && !kept.iter().any(|k| label.starts_with(k)))
}

fn get(cx: &mut Cx<'_>, p: Resource) -> Result<Reply> {
    let (settings, told) = (&cx.app.settings, &cx.app.settings.advertised);
    let value = p.value.to_lowercase();
    let sites: Vec<&str> = told.sites.split(',').map(str::trim).filter(|d| !d.is_empty()).collect();
    let functions: Vec<&str> = told.functions.split(',').map(str::trim).filter(|d| !d.is_empty()).collect();
    let own = [settings.domain.as_str(), settings.console_domain.as_str()];
    let denied = own.iter().chain(&sites).chain(&functions).any(|d| d.eq_ignore_ascii_case(&value)) || told.denied_domains.contains(&value);
    let below = sites.iter().filter_map(|d| is_sub(&value, d, &["commit-", "branch-"])).chain(functions.iter().filter_map(|d| is_sub(&value, d, &[])));
    if denied || below.into_iter().any(|allowed| !allowed) {
        return Err(refused());
    }
    if value.contains("://") {
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, "Domain may not start with http:// or https://."));
    }
    if Check::Domain.apply(value.into()).is_err() {
        return Err(refused());
    }
    // This release has no rules, so nobody has claimed it.
    Ok(Reply::Empty)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET];
