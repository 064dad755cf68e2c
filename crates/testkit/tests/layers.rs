//! The table of crates in docs/ARCHITECTURE.md is what the manifests say.
#![allow(clippy::unwrap_used, reason = "a test: what is unexpected fails it")]
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Dependencies among our own crates, dev-dependencies aside.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeSet<String> = std::fs::read_dir(root().join("crates")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let uses = |name: &String| {
        let text = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let section = text.split("\n[dependencies]\n").nth(1).unwrap_or("");
        let lines = section.lines().take_while(|l| !l.starts_with('['));
        lines.filter_map(|l| l.split(['.', ' ', '=']).next()).filter(|d| names.contains(*d)).map(str::to_owned).collect()
    };
    names.iter().map(|n| (n.clone(), uses(n))).collect()
}

#[test]
fn crates_use_what_the_architecture_allows() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let manifests = manifests();
    let everything: BTreeSet<String> = manifests.keys().cloned().collect();
    let below_kernel: BTreeSet<String> =
        ["kernel", "access", "protocol", "crypto", "kv", "database", "storage", "locale", "outbound", "mail"].iter().map(|s| (*s).to_owned()).collect();
    let mut seen = BTreeSet::new();
    for line in text.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (name, allowed) = (cells[1].trim_matches('`'), cells[3]);
        let allowed: BTreeSet<String> = match allowed {
            "–" => BTreeSet::new(),
            "all" => everything.clone(),
            "kernel and below" => below_kernel.clone(),
            "kernel and below, pictures, graphql" => below_kernel.iter().cloned().chain(["pictures".to_owned(), "graphql".to_owned()]).collect(),
            "services and below" => below_kernel.iter().cloned().chain(["services".to_owned()]).collect(),
            list => list.split(", ").map(str::to_owned).collect(),
        };
        let used = manifests.get(name).unwrap_or_else(|| panic!("{name} is in the table but not in crates/"));
        let extra: Vec<_> = used.difference(&allowed).collect();
        assert!(extra.is_empty(), "{name} may not use {extra:?}");
        seen.insert(name.to_owned());
    }
    assert_eq!(seen, everything, "every crate is in the table");
}

#[test]
fn heavy_dependencies_have_owners() {
    let owners = [
        ("actix-web", &["server"][..]),
        ("object_store", &["storage"]),
        // Devices speak HTTP by object_store, which takes a client made ready.
        ("reqwest", &["outbound", "storage"]),
        ("geo", &["database"]),
        ("lettre", &["mail"]),
        ("image", &["pictures"]),
        ("resvg", &["pictures"]),
        ("fjall", &["kv"]),
        ("sled", &["kv"]),
        ("aes-gcm", &["crypto"]),
        ("ring", &["crypto"]),
        ("argon2", &["crypto"]),
        ("jsonwebtoken", &["crypto"]),
        ("getrandom", &["crypto"]),
    ];
    for (dependency, owners) in owners {
        for name in manifests().keys() {
            let text = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
            let uses = text.lines().any(|l| l.split(['.', ' ', '=']).next() == Some(dependency));
            assert_eq!(uses, owners.contains(&name.as_str()), "{dependency} belongs to {owners:?}, looked at {name}");
        }
    }
}
