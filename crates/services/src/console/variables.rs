//! Settings of the server that pages of the console depend on.
use std::net::{Ipv4Addr, Ipv6Addr};

use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use serde_json::json;

use crate::support::object;

endpoint! {
    /// Gets the settings that the console depends on.
    GET: Get "/v1/console/variables" => 200 "consoleVariables" by get(());
    sdk ["console.variables"] auth [Admin] scope ["projects.read"] groups [Console]
}

/// A name that can be somebody's: of several labels, and of no domain kept for tests.
fn is_public_name(name: &str) -> bool {
    let top = name.rsplit('.').next().unwrap_or("");
    name.contains('.') && !matches!(top, "localhost" | "test" | "local" | "example" | "invalid" | "internal")
}

fn get(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let (settings, told) = (&cx.app.settings, &cx.app.settings.advertised);
    let domains = told.target_a.parse::<Ipv4Addr>().is_ok() || told.target_aaaa.parse::<Ipv6Addr>().is_ok() || is_public_name(&told.target_cname);
    let map = json!({
        "_APP_DOMAIN_TARGET_CNAME": told.target_cname,
        "_APP_DOMAIN_TARGET_A": told.target_a,
        "_APP_DOMAIN_TARGET_AAAA": told.target_aaaa,
        "_APP_DOMAIN_TARGET_CAA": format!("0 issue \"{}\"", told.target_caa),
        "_APP_STORAGE_LIMIT": settings.storage_limit,
        "_APP_COMPUTE_BUILD_TIMEOUT": told.build_timeout,
        "_APP_COMPUTE_SIZE_LIMIT": told.compute_size_limit,
        "_APP_USAGE_STATS": told.usage_stats,
        // Repositories and the assistant are not served by this release.
        "_APP_VCS_ENABLED": false,
        "_APP_DOMAIN_ENABLED": domains,
        "_APP_ASSISTANT_ENABLED": false,
        "_APP_DOMAIN_SITES": told.sites,
        "_APP_DOMAIN_FUNCTIONS": told.functions,
        "_APP_OPTIONS_FORCE_HTTPS": if settings.force_https { "enabled" } else { "disabled" },
        "_APP_DOMAINS_NAMESERVERS": told.nameservers,
        "_APP_DB_ADAPTER": told.db_adapter,
    });
    // What the data engine can do is what the model says of its own.
    Ok(Reply::Model("consoleVariables", object(map)))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&GET];
