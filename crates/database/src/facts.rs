//! Facts about the store as a whole, kept for its owner: small numbers under names.
use kv::Read as _;

use crate::{Database, DbError, keys};

/// What the names of the owner's facts start with, so that they are not the engine's.
const OWNER: &str = "owner/";

impl Database {
    /// The owner's facts whose names start with `prefix`.
    pub fn facts(&self, prefix: &str) -> Result<Vec<(String, u64)>, DbError> {
        let (snapshot, root) = (self.store().read(), keys::meta(OWNER));
        let mut out = Vec::new();
        for item in snapshot.prefix(&keys::meta(&format!("{OWNER}{prefix}")), false) {
            let (key, value) = item?;
            let name = key.get(root.len()..).and_then(|n| std::str::from_utf8(n).ok());
            if let (Some(name), Some(number)) = (name, keys::number(&value)) {
                out.push((name.to_owned(), number));
            }
        }
        Ok(out)
    }

    /// Writes facts; durable when it returns.
    pub fn put_facts(&self, facts: &[(String, u64)]) -> Result<(), DbError> {
        let facts: Vec<(Vec<u8>, Vec<u8>)> = facts.iter().map(|(name, n)| (keys::meta(&format!("{OWNER}{name}")), n.to_be_bytes().to_vec())).collect();
        self.store().write(move |tx| -> Result<(), kv::KvError> {
            for (key, value) in facts {
                tx.put(key, value);
            }
            Ok(())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Database, Options};

    #[test]
    fn facts_are_kept_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Database::open(kv::Store::open(kv::EngineKind::Fjall, dir.path(), kv::Options::default()).unwrap(), Options::default()).unwrap();
        let db = open();
        db.put_facts(&[("key/a".into(), 1), ("key/b".into(), 2), ("other".into(), 3)]).unwrap();
        db.put_facts(&[("key/a".into(), 4)]).unwrap();
        db.store().close();
        drop(db);
        let db = open();
        assert_eq!(db.facts("key/").unwrap(), [("key/a".to_owned(), 4), ("key/b".to_owned(), 2)]);
        assert_eq!(db.facts("").unwrap().len(), 3, "the engine's own are not among them");
        db.store().close();
    }
}
