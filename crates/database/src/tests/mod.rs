//! The engine as a whole, on the memory store.
use access::Access;
use protocol::{Query, Timestamp};
use serde_json::{Value, json};

use crate::*;

mod background;
mod fuzzing;
mod planner;
mod rules;
mod spatial;
mod store;
mod words;

const SYS: Access = Access::System("test");

pub(crate) fn open(inline_rows: u64) -> (Database, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
    (Database::open(store, Options { inline_rows, ..Options::default() }).unwrap(), dir)
}

pub(crate) fn attribute(key: &str, kind: Kind, array: bool) -> Attribute {
    let t = Timestamp(0);
    let size = if kind == Kind::String { 64 } else { 0 };
    Attribute {
        id: 0,
        key: key.into(),
        kind,
        size,
        required: false,
        array,
        default: Value::Null,
        format: String::new(),
        elements: Vec::new(),
        min: Value::Null,
        max: Value::Null,
        encrypt: false,
        options: Value::Null,
        status: Status::Available,
        error: String::new(),
        created_at: t,
        updated_at: t,
    }
}

pub(crate) fn index(key: &str, kind: IndexKind, attributes: &[&str], orders: &[Option<Order>]) -> Index {
    let t = Timestamp(0);
    Index {
        id: 0,
        key: key.into(),
        kind,
        attributes: attributes.iter().map(|s| (*s).into()).collect(),
        orders: orders.to_vec(),
        lengths: Vec::new(),
        status: Status::Available,
        error: String::new(),
        created_at: t,
        updated_at: t,
    }
}

fn spec() -> CollectionSpec {
    CollectionSpec {
        name: "things".into(),
        permissions: vec![],
        document_security: true,
        attributes: vec![
            attribute("name", Kind::String, false),
            attribute("n", Kind::Integer, false),
            attribute("at", Kind::Datetime, false),
            attribute("tags", Kind::String, true),
        ],
        indexes: vec![index("by_name", IndexKind::Unique, &["name"], &[]), index("by_n", IndexKind::Key, &["n"], &[])],
    }
}

pub(crate) fn new(id: &str, t: i64, permissions: &[&str], data: Value) -> NewDocument {
    let Value::Object(data) = data else { panic!("object") };
    NewDocument { id: id.into(), permissions: permissions.iter().map(|s| (*s).into()).collect(), data, created_at: Timestamp(t), updated_at: Timestamp(t) }
}

pub(crate) fn change(t: i64, data: Value) -> Update {
    let Value::Object(data) = data else { panic!("object") };
    Update { data, permissions: None, updated_at: Timestamp(t), created_at: None, touch: false, unless_newer: None }
}

fn things(db: &Database) -> std::sync::Arc<Collection> {
    db.write(|w| w.create_collection(Namespace(1), spec())).unwrap()
}

#[test]
fn makes_finds_changes_removes() {
    let (db, _dir) = open(5_000);
    let c = things(&db);
    let c2 = c.clone();
    db.write(move |w| -> Result<(), DbError> {
        for i in 0..10 {
            w.create(&SYS, &c2, new(&format!("d{i}"), i, &[], json!({"name": format!("n{i}"), "n": i % 3, "tags": ["a", "b"]})))?;
        }
        assert_eq!(w.create(&SYS, &c2, new("d1", 0, &[], json!({}))), Err(DbError::Duplicate));
        assert_eq!(w.create(&SYS, &c2, new("dx", 0, &[], json!({"name": "n1"}))), Err(DbError::Unique("by_name".into())));
        Ok(())
    })
    .unwrap();
    let r = db.read();
    let d = r.get(&SYS, &c, "d3").unwrap().unwrap();
    assert_eq!((d.str("name"), d.int("n"), d.sequence), ("n3", 0, 4));
    assert!(std::sync::Arc::ptr_eq(&d, &r.get(&SYS, &c, "d3").unwrap().unwrap()), "kept decoded");
    let page = r.find(&SYS, &c, &Find { filters: vec![Query::equal("n", 1)], total: Total::Exact, limit: 2, ..Find::default() }).unwrap();
    assert_eq!(page.documents.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["d1", "d4"]);
    assert_eq!(page.total, 3);
    let c2 = c.clone();
    db.write(move |w| w.update(&SYS, &c2, "d3", change(99, json!({"name": "new"})))).unwrap();
    let d2 = db.read().get(&SYS, &c, "d3").unwrap().unwrap();
    assert_eq!((d2.str("name"), d2.updated_at), ("new", Timestamp(99)));
    assert_eq!(r.get(&SYS, &c, "d3").unwrap().unwrap().str("name"), "n3", "the old snapshot stays as it was");
    assert_eq!(db.read().find_one(&SYS, &c, vec![Query::equal("name", "new")]).unwrap().unwrap().id, "d3");
    assert!(db.read().find_one(&SYS, &c, vec![Query::equal("name", "n3")]).unwrap().is_none());
    let c2 = c.clone();
    db.write(move |w| w.delete(&SYS, &c2, "d3", None)).unwrap();
    assert!(db.read().get(&SYS, &c, "d3").unwrap().is_none());
    assert_eq!(db.read().count(&SYS, &c, &[], None).unwrap(), 9);
}
