//! Scopes: what keys may be granted and what each role holds.

/// A scope a project key may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Name, e.g. `users.read`.
    pub name: &'static str,
    /// Heading under which it is offered.
    pub category: &'static str,
    /// Kept for old keys only.
    pub deprecated: bool,
}

const fn scope(name: &'static str, category: &'static str) -> Scope {
    Scope { name, category, deprecated: false }
}

const fn old(name: &'static str, category: &'static str) -> Scope {
    Scope { name, category, deprecated: true }
}

/// Scopes every key has besides its own.
pub const KEY_IMPLICIT: &[&str] = &["global", "health.read", "graphql"];

/// Scopes of project keys.
pub const PROJECT: &[Scope] = &[
    scope("project.read", "Project"),
    scope("project.write", "Project"),
    scope("keys.read", "Project"),
    scope("keys.write", "Project"),
    scope("platforms.read", "Project"),
    scope("platforms.write", "Project"),
    scope("mocks.read", "Project"),
    scope("mocks.write", "Project"),
    old("policies.read", "Project"),
    old("policies.write", "Project"),
    scope("project.policies.read", "Project"),
    scope("project.policies.write", "Project"),
    scope("templates.read", "Project"),
    scope("templates.write", "Project"),
    scope("oauth2.read", "Project"),
    scope("oauth2.write", "Project"),
    scope("users.read", "Auth"),
    scope("users.write", "Auth"),
    scope("sessions.read", "Auth"),
    scope("sessions.write", "Auth"),
    scope("teams.read", "Auth"),
    scope("teams.write", "Auth"),
    scope("databases.read", "Databases"),
    scope("databases.write", "Databases"),
    scope("tables.read", "Databases"),
    scope("tables.write", "Databases"),
    scope("columns.read", "Databases"),
    scope("columns.write", "Databases"),
    scope("indexes.read", "Databases"),
    scope("indexes.write", "Databases"),
    scope("rows.read", "Databases"),
    scope("rows.write", "Databases"),
    old("collections.read", "Databases"),
    old("collections.write", "Databases"),
    old("attributes.read", "Databases"),
    old("attributes.write", "Databases"),
    old("documents.read", "Databases"),
    old("documents.write", "Databases"),
    scope("buckets.read", "Storage"),
    scope("buckets.write", "Storage"),
    scope("files.read", "Storage"),
    scope("files.write", "Storage"),
    scope("tokens.read", "Storage"),
    scope("tokens.write", "Storage"),
    scope("functions.read", "Functions"),
    scope("functions.write", "Functions"),
    scope("executions.read", "Functions"),
    scope("executions.write", "Functions"),
    old("execution.read", "Functions"),
    old("execution.write", "Functions"),
    scope("sites.read", "Sites"),
    scope("sites.write", "Sites"),
    scope("log.read", "Sites"),
    scope("log.write", "Sites"),
    scope("providers.read", "Messaging"),
    scope("providers.write", "Messaging"),
    scope("topics.read", "Messaging"),
    scope("topics.write", "Messaging"),
    scope("subscribers.read", "Messaging"),
    scope("subscribers.write", "Messaging"),
    scope("targets.read", "Messaging"),
    scope("targets.write", "Messaging"),
    scope("messages.read", "Messaging"),
    scope("messages.write", "Messaging"),
    scope("rules.read", "Proxy"),
    scope("rules.write", "Proxy"),
    scope("webhooks.read", "Other"),
    scope("webhooks.write", "Other"),
    scope("locale.read", "Other"),
    scope("avatars.read", "Other"),
    scope("health.read", "Other"),
    scope("assistant.read", "Other"),
    scope("migrations.read", "Other"),
    scope("migrations.write", "Other"),
    scope("schedules.read", "Other"),
    scope("schedules.write", "Other"),
    scope("vcs.read", "Other"),
    scope("vcs.write", "Other"),
    scope("insights.read", "Advisor"),
    scope("insights.write", "Advisor"),
    scope("reports.read", "Advisor"),
    scope("reports.write", "Advisor"),
    scope("presences.read", "Presences"),
    scope("presences.write", "Presences"),
];

/// Scopes of organization keys.
pub const ORGANIZATION: &[&str] = &["projects.read", "projects.write", "devKeys.read", "devKeys.write"];

/// Scopes of account keys.
pub const ACCOUNT: &[&str] = &["account", "teams.read", "teams.write"];

/// Nobody signed in.
#[rustfmt::skip]
const GUESTS: &[&str] = &[
    "global", "public", "home", "console", "graphql", "sessions.write", "documents.read", "documents.write", "rows.read", "rows.write", "files.read",
    "files.write", "locale.read", "avatars.read", "executions.write",
];

/// Somebody signed in.
#[rustfmt::skip]
const USERS: &[&str] = &[
    "global", "public", "home", "console", "graphql", "sessions.write", "account", "teams.read", "teams.write", "presences.read", "presences.write",
    "documents.read", "documents.write", "rows.read", "rows.write", "files.read", "files.write", "projects.read", "locale.read", "avatars.read",
    "executions.read", "executions.write", "targets.read", "targets.write", "subscribers.write", "subscribers.read", "assistant.read", "rules.read",
];

/// Administrators and developers of a project.
#[rustfmt::skip]
const ADMIN: &[&str] = &[
    "global", "graphql", "sessions.write", "teams.read", "teams.write", "documents.read", "documents.write", "rows.read", "rows.write", "files.read",
    "files.write", "buckets.read", "buckets.write", "users.read", "users.write", "presences.read", "presences.write", "databases.read",
    "databases.write", "collections.read", "collections.write", "tables.read", "tables.write", "platforms.read", "platforms.write", "oauth2.read",
    "oauth2.write", "mocks.read", "mocks.write", "project.policies.read", "project.policies.write", "templates.read", "templates.write",
    "projects.write", "keys.read", "keys.write", "devKeys.read", "devKeys.write", "webhooks.read", "webhooks.write", "project.read", "project.write",
    "locale.read", "avatars.read", "health.read", "functions.read", "functions.write", "sites.read", "sites.write", "log.read", "log.write",
    "executions.read", "executions.write", "rules.read", "rules.write", "migrations.read", "migrations.write", "vcs.read", "vcs.write",
    "targets.read", "targets.write", "providers.write", "providers.read", "messages.write", "messages.read", "topics.write", "topics.read",
    "subscribers.write", "subscribers.read", "tokens.read", "tokens.write", "schedules.read", "schedules.write", "insights.read", "insights.write",
    "reports.read", "reports.write",
];

/// Owners of a project: everything a user and an administrator may.
#[rustfmt::skip]
const OWNER: &[&str] = &[
    "global", "public", "home", "console", "graphql", "sessions.write", "account", "teams.read", "teams.write", "presences.read", "presences.write",
    "documents.read", "documents.write", "rows.read", "rows.write", "files.read", "files.write", "projects.read", "locale.read", "avatars.read",
    "executions.read", "executions.write", "targets.read", "targets.write", "subscribers.write", "subscribers.read", "assistant.read", "rules.read",
    "buckets.read", "buckets.write", "users.read", "users.write", "databases.read", "databases.write", "collections.read", "collections.write",
    "tables.read", "tables.write", "platforms.read", "platforms.write", "oauth2.read", "oauth2.write", "mocks.read", "mocks.write",
    "project.policies.read", "project.policies.write", "templates.read", "templates.write", "projects.write", "keys.read", "keys.write",
    "devKeys.read", "devKeys.write", "webhooks.read", "webhooks.write", "project.read", "project.write", "health.read", "functions.read",
    "functions.write", "sites.read", "sites.write", "log.read", "log.write", "rules.write", "migrations.read", "migrations.write", "vcs.read",
    "vcs.write", "providers.write", "providers.read", "messages.write", "messages.read", "topics.write", "topics.read", "tokens.read",
    "tokens.write", "schedules.read", "schedules.write", "insights.read", "insights.write", "reports.read", "reports.write",
];

/// Scopes of a role; none for roles that are not known.
#[must_use]
pub fn of_role(role: &str) -> &'static [&'static str] {
    match role {
        "guests" => GUESTS,
        "users" => USERS,
        "admin" | "admins" | "developer" => ADMIN,
        "owner" => OWNER,
        "keys" | "apps" => KEY_IMPLICIT,
        _ => &[],
    }
}

/// Names of the scopes of project keys, in order, for checks of lists of scopes.
pub const PROJECT_NAMES: &[&str] = &{
    let mut names = [""; PROJECT.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = PROJECT[i].name;
        i += 1;
    }
    names
};

/// Whether a project key may be granted a scope of this name.
#[must_use]
pub fn is_project_scope(name: &str) -> bool {
    PROJECT.iter().any(|s| s.name == name)
}

/// Names of all scopes of project keys, for keys that may do everything.
pub fn all() -> impl Iterator<Item = &'static str> {
    PROJECT_NAMES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for list in [GUESTS, USERS, ADMIN, OWNER, &all().collect::<Vec<_>>()] {
            for name in list {
                assert_eq!(list.iter().filter(|n| *n == name).count(), 1, "{name}");
            }
        }
        assert_eq!(PROJECT.len(), 84);
    }

    #[test]
    fn roles_hold_what_the_contract_says() {
        assert!(of_role("guests").contains(&"documents.write") && !of_role("guests").contains(&"account"));
        assert!(of_role("users").contains(&"account") && !of_role("users").contains(&"users.read"));
        assert!(ADMIN.iter().all(|s| OWNER.contains(s)));
        assert!(of_role("nobody").is_empty());
    }
}
