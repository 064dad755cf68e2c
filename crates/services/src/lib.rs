//! The endpoints: one folder per service, one file per resource. Each file holds declarations, parameters and handlers; each folder ends in its
//! list of endpoints, so that reading the lists is reading the API.
mod account;
mod avatars;
mod console;
mod databases;
mod ferrite;
mod general;
mod graphql;
mod health;
mod locale;
mod mailing;
mod oauth;
mod project;
mod projects;
mod storage;
mod support;
mod teams;
mod unbuilt;
mod users;
mod watcher;
mod webhooks;

use std::sync::Arc;

use kernel::{App, Endpoint, Registry};

pub use ferrite::{Question, explain as explain_permission};

/// Every list of endpoints, in the order of the documentation.
const SERVICES: &[&[&[&Endpoint]]] = &[
    account::ENDPOINTS,
    oauth::ENDPOINTS,
    users::ENDPOINTS,
    mailing::ENDPOINTS,
    teams::ENDPOINTS,
    databases::ENDPOINTS,
    storage::ENDPOINTS,
    health::ENDPOINTS,
    projects::ENDPOINTS,
    project::ENDPOINTS,
    console::ENDPOINTS,
    locale::ENDPOINTS,
    avatars::ENDPOINTS,
    general::ENDPOINTS,
    graphql::ENDPOINTS,
    webhooks::ENDPOINTS,
    unbuilt::ENDPOINTS,
    ferrite::ENDPOINTS,
];

/// Adds what a development server has besides: providers of identities for trying things out.
///
/// # Errors
/// Two declarations that clash, by name; a programming error.
pub fn add_development(registry: &mut Registry) -> Result<(), String> {
    registry.add(oauth::mock::ENDPOINTS)
}

/// Says who does the jobs of the store that endpoints cause.
pub fn register_jobs(app: &Arc<App>) {
    mailing::register(app);
    app.db.set_watcher(Arc::new(watcher::Watcher::new(app)));
    app.jobs.register(storage::removal::KIND, storage::removal::POLICY, Arc::new(storage::removal::run));
    app.jobs.register(storage::erase::KIND, storage::erase::POLICY, Arc::new(storage::erase::run));
    app.jobs.register(storage::release::KIND, storage::release::POLICY, Arc::new(storage::release::run));
    app.jobs.register(storage::declared::KIND, storage::declared::POLICY, Arc::new(storage::declared::run));
    app.jobs.register(webhooks::KIND, webhooks::POLICY, Arc::new(webhooks::deliver));
}

/// Removes transactions of a project whose time is over, at most so many; answers how many.
///
/// # Errors
/// Those of the store.
pub fn remove_expired_transactions(app: &Arc<App>, project: &str, ns: database::Namespace, now: protocol::Timestamp, most: u64) -> kernel::Result<u64> {
    databases::remove_expired(app, project, ns, now, most)
}

/// Every endpoint that requests can call within themselves: those of [`registry`].
fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    SERVICES.iter().flat_map(|service| service.iter()).flat_map(|list| list.iter()).copied()
}

/// The endpoints of this build.
///
/// # Errors
/// Two declarations that clash, by name; a programming error.
pub fn registry() -> Result<Registry, String> {
    let mut registry = Registry::default();
    for list in SERVICES.iter().flat_map(|service| service.iter()) {
        registry.add(list)?;
    }
    Ok(registry)
}
