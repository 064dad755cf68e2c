//! Declarations against the contract.
use protocol::contract::differences;

#[test]
fn declarations_are_those_of_the_contract() {
    let registry = services::registry().expect("declarations do not clash");
    let of_databases = |path: &str| path.starts_with("/v1/databases") || path.starts_with("/v1/tablesdb");
    let ours: Vec<_> = registry.endpoints().iter().filter(|e| of_databases(e.spec.path)).collect();
    let found: Vec<String> = ours.iter().flat_map(|e| differences(e.spec)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let missing: Vec<&str> = protocol::routes::ROUTES
        .iter()
        .filter(|(verb, path, _)| of_databases(path) && !ours.iter().any(|e| e.spec.verb == *verb && serves(e.spec, path)))
        .map(|(_, path, _)| *path)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Whether an endpoint is at a path, also an old one.
fn serves(spec: &protocol::Spec, path: &str) -> bool {
    std::iter::once(&spec.path).chain(spec.aliases).any(|p| shape(p) == shape(path))
}

/// A path without the names of its placeholders.
fn shape(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with([':', '{']) { ":" } else { part }).collect::<Vec<_>>().join("/")
}
