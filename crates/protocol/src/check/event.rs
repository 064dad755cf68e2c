//! Event names and patterns that webhooks may listen to.

/// Resources (with their parents) and what happens to them; an action may have a part of the resource behind it.
const RESOURCES: &[(&str, &[&str])] = &[
    ("users", &["create", "delete", "update", "update.email", "update.name", "update.password", "update.status", "update.prefs"]),
    ("users.sessions", &["create", "delete"]),
    ("users.recovery", &["create", "update"]),
    ("users.verification", &["create", "update"]),
    ("users.targets", &["create", "update", "delete"]),
    ("users.tokens", &["create"]),
    ("databases", &["create", "update", "delete"]),
    ("databases.tables", &["create", "update", "delete"]),
    ("databases.tables.rows", &["create", "update", "upsert", "delete"]),
    ("databases.tables.indexes", &["create", "update", "delete"]),
    ("databases.tables.columns", &["create", "delete", "update"]),
    ("databases.collections", &["create", "update", "delete"]),
    ("databases.collections.documents", &["create", "update", "upsert", "delete"]),
    ("databases.collections.indexes", &["create", "delete", "update"]),
    ("databases.collections.attributes", &["create", "update", "delete"]),
    ("buckets", &["create", "delete", "update"]),
    ("buckets.files", &["create", "delete", "update"]),
    ("teams", &["create", "delete", "update", "update.prefs"]),
    ("teams.memberships", &["create", "delete", "update", "update.status"]),
    ("sites", &["create", "delete", "update"]),
    ("sites.deployments", &["create", "delete", "update"]),
    ("functions", &["create", "delete", "update"]),
    ("functions.deployments", &["create", "delete", "update"]),
    ("functions.executions", &["create", "delete", "update"]),
    ("messages", &["create", "update"]),
    ("topics", &["create", "update", "delete"]),
    ("topics.subscribers", &["create", "delete"]),
    ("providers", &["create", "update", "delete"]),
    ("schedules", &["create"]),
    ("rules", &["create", "delete", "update"]),
    ("reports", &["create", "update", "delete"]),
    ("reports.insights", &["create", "update", "delete"]),
];
/// Most parts of a name.
const MAX_PARTS: usize = 7;

/// Whether a name or pattern is one of the contract's events: `users.*`, `users.*.create`, `users.x.sessions.*`, …
pub(super) fn is_known(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').take(MAX_PARTS + 1).collect();
    if !(2..=MAX_PARTS).contains(&parts.len()) {
        return false;
    }
    // Resources and ids take turns; what is left is an action.
    let mut path = String::new();
    let mut actions: &[&str] = &[];
    let mut rest = parts.as_slice();
    while let [kind, id, tail @ ..] = rest {
        let next = if path.is_empty() { (*kind).to_owned() } else { format!("{path}.{kind}") };
        let Some((_, found)) = RESOURCES.iter().find(|(name, _)| *name == next) else { break };
        if id.is_empty() {
            return false;
        }
        (path, actions, rest) = (next, found, tail);
    }
    match rest {
        [] => true,
        // Also the name of a resource below, without an id.
        [last] if RESOURCES.iter().any(|(name, _)| name.strip_prefix(path.as_str()).is_some_and(|n| n.strip_prefix('.') == Some(*last))) => !path.is_empty(),
        _ => !path.is_empty() && actions.contains(&rest.join(".").as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_the_contract() {
        for good in [
            "users.*",
            "users.alice.create",
            "users.*.update.email",
            "users.*.sessions",
            "users.*.sessions.*.delete",
            "databases.*.collections.*.documents.*.upsert",
            "databases.*.tables.*.rows.*",
            "databases.db.update",
            "teams.*.memberships.*.update.status",
            "buckets.*.files.*.create",
        ] {
            assert!(is_known(good), "{good}");
        }
        for bad in [
            "",
            "users",
            "users.",
            "users..create",
            "nope.*.create",
            "users.*.nope",
            "users.*.create.email",
            "users.*.update.labels",
            "databases.*.nope.*",
            "users.*.sessions.*.delete.x",
            "create.x",
            ".*.create",
            "a.b.c.d.e.f.g.h",
        ] {
            assert!(!is_known(bad), "{bad}");
        }
        assert!(!is_known(&"users.*.".repeat(100_000)));
    }
}
