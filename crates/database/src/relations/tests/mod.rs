//! Relationships of all kinds against a model, and under many writers at once.
mod model;
mod rules;
mod writers;

use std::sync::Arc;

use access::Access;
use protocol::Timestamp;
use serde_json::{Value, json};

use crate::tests::{attribute, change, new, open};
use crate::*;

const SYS: Access = Access::System("test");

/// Two collections, `as` and `bs`, with a number `n` each, and a relationship `bs` from the one to the other (`as` the other way).
fn pair(db: &Database, kind: RelationKind, two_way: bool, on_delete: OnDelete) -> (Arc<Collection>, Arc<Collection>) {
    db.write(move |w| {
        let mut make = |name: &str| {
            let attributes = vec![attribute("n", Kind::Integer, false)];
            let name = format!("database_1_collection_{name}");
            w.create_collection(Namespace(1), CollectionSpec { name, permissions: vec![], document_security: false, attributes, indexes: vec![] })
        };
        let (a, b) = (make("1")?, make("2")?);
        let spec = RelationSpec {
            key: "bs".into(),
            kind,
            two_way,
            two_way_key: "as".into(),
            on_delete,
            own_id: "as".into(),
            related_id: "bs".into(),
            at: Timestamp(0),
        };
        let a = w.create_relation(&a, &b, &spec)?;
        let b = w.collection(Namespace(1), &b.name)?.ok_or(DbError::CollectionNotFound)?;
        Ok::<_, DbError>((a, b))
    })
    .unwrap()
}

fn create(db: &Database, c: &Arc<Collection>, id: &str, data: Value) -> Result<Document, DbError> {
    let (c, new) = (c.clone(), new(id, 1, &[], data));
    db.write(move |w| w.create(&SYS, &c, new))
}

fn update(db: &Database, c: &Arc<Collection>, id: &str, data: Value) -> Result<Updated, DbError> {
    let (c, id, change) = (c.clone(), id.to_owned(), change(2, data));
    db.write(move |w| w.update(&SYS, &c, &id, change))
}

fn delete(db: &Database, c: &Arc<Collection>, id: &str) -> Result<Document, DbError> {
    let (c, id) = (c.clone(), id.to_owned());
    db.write(move |w| w.delete(&SYS, &c, &id, None))
}

fn ids(page: &Page) -> Vec<String> {
    page.documents.iter().map(|d| d.id.clone()).collect()
}

/// Ids of partners of all documents, as an answer shows them.
fn shown(db: &Database, c: &Arc<Collection>, key: &str) -> Vec<(String, Vec<String>)> {
    let reader = db.read();
    let all = reader.find(&SYS, c, &Find { limit: 1_000, ..Find::default() }).unwrap();
    let selection = Selection::new(c, &["*".into(), format!("{key}.*")]);
    let trees = reader.expand(&SYS, c, all.documents, Some(&selection)).unwrap();
    let partners = |tree: &Tree| {
        let slot = tree.related.iter().find(|(k, _)| k == key).map(|(_, r)| r);
        match slot {
            Some(Related::One(one)) => vec![one.document.id.clone()],
            Some(Related::Many(many)) => many.iter().map(|t| t.document.id.clone()).collect(),
            Some(other) => panic!("{other:?} in {}", tree.document.id),
            None => Vec::new(),
        }
    };
    trees.iter().map(|t| (t.document.id.clone(), partners(t))).collect()
}

/// What the store still has of two collections, by table.
fn keys_of(db: &Database, collections: &[u32]) -> usize {
    let snapshot = db.store().read();
    let tables = keys::table::OF_COLLECTION.iter().flat_map(|t| collections.iter().map(|c| keys::base(*t, *c)));
    tables.map(|prefix| kv::Read::prefix(&snapshot, &prefix, false).count()).sum()
}
