//! Permissions, conflicts, changes of schema, threads.
use std::sync::Arc;

use access::{Access, Roles};
use kv::Read;
use protocol::query::Method;
use protocol::{Query, Timestamp};
use serde_json::{Value, json};

use super::{SYS, attribute, change, index, new, open};
use crate::*;

fn holding(roles: &[&str]) -> Access {
    Access::of(Roles::new(roles.iter().copied()))
}

pub(super) fn collection(db: &Database, permissions: &[&str], security: bool, attributes: Vec<Attribute>, indexes: Vec<Index>) -> Arc<Collection> {
    let spec =
        CollectionSpec { name: "c".into(), permissions: permissions.iter().map(|s| (*s).into()).collect(), document_security: security, attributes, indexes };
    db.write(move |w| w.create_collection(Namespace(3), spec)).unwrap()
}

pub(super) fn text_n() -> Vec<Attribute> {
    vec![attribute("s", Kind::String, false), attribute("n", Kind::Integer, false)]
}

pub(super) fn put(db: &Database, c: &Arc<Collection>, docs: Vec<NewDocument>) {
    let c = c.clone();
    db.write(move |w| docs.into_iter().try_for_each(|d| w.create(&SYS, &c, d).map(drop))).unwrap();
}

fn ids(page: &Page) -> Vec<&str> {
    page.documents.iter().map(|d| d.id.as_str()).collect()
}

#[test]
fn the_permission_table() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &["create(\"users\")", "update(\"team:t\")"], true, text_n(), vec![]);
    let user = holding(&["any", "users", "user:a"]);
    let (guest, member) = (holding(&["any", "guests"]), holding(&["any", "team:t"]));
    let refused = "Missing \"create\" permission for role \"users\". Only \"[\"any\",\"guests\"]\" scopes are allowed and \"[\"users\"]\" was given.";
    let c2 = c.clone();
    db.write(move |w| -> Result<(), DbError> {
        assert_eq!(w.create(&guest, &c2, new("g", 0, &[], json!({}))), Err(DbError::Unauthorized(refused.into())));
        w.create(&user, &c2, new("own", 5, &["read(\"user:a\")", "update(\"user:a\")"], json!({"s": "x"})))?;
        w.create(&user, &c2, new("hidden", 5, &[], json!({"s": "x"})))?;
        // Reading: own documents only; others do not exist for the caller.
        assert!(w.get(&user, &c2, "own")?.is_some() && w.get(&user, &c2, "hidden")?.is_none() && w.get(&guest, &c2, "own")?.is_none());
        // Updating: existence shows, permission is told apart.
        assert!(matches!(w.update(&guest, &c2, "own", change(9, json!({"s": "y"}))), Err(DbError::Unauthorized(_))));
        assert!(matches!(w.update(&guest, &c2, "none", change(9, json!({"s": "y"}))), Err(DbError::NotFound)));
        assert!(w.update(&member, &c2, "hidden", change(9, json!({"s": "y"})))?.changed, "no read permission needed");
        // Without a change, read is what counts.
        assert!(matches!(w.update(&member, &c2, "own", change(9, json!({"s": "x"}))), Err(DbError::Unauthorized(_))));
        let same = w.update(&user, &c2, "own", change(9, json!({"s": "x"})))?;
        assert!(!same.changed && same.document.updated_at == Timestamp(5));
        assert!(matches!(w.delete(&user, &c2, "own", None), Err(DbError::Unauthorized(_))));
        assert!(matches!(w.delete(&user, &c2, "none", None), Err(DbError::NotFound)));
        Ok(())
    })
    .unwrap();
    let user = holding(&["any", "users", "user:a"]);
    let r = db.read();
    assert_eq!(ids(&r.find(&user, &c, &Find::default()).unwrap()), ["own"]);
    let c2 = c.clone();
    let open_now = db.write(move |w| w.update_collection(&c2, vec!["create(\"users\")".into()], false)).unwrap();
    // Document permissions are kept but do not count any more.
    assert!(matches!(db.read().find(&user, &open_now, &Find::default()), Err(DbError::Unauthorized(_))));
    assert!(db.read().get(&user, &open_now, "own").unwrap().is_none());
}

#[test]
fn conflicts_and_times() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![]);
    put(&db, &c, vec![new("a", 100, &[], json!({"s": "x"}))]);
    db.write(move |w| -> Result<(), DbError> {
        let older = Update { unless_newer: Some(Timestamp(99)), ..change(200, json!({"s": "y"})) };
        assert!(matches!(w.update(&SYS, &c, "a", older), Err(DbError::Conflict)));
        assert!(matches!(w.delete(&SYS, &c, "a", Some(Timestamp(99))), Err(DbError::Conflict)));
        let touched = w.update(&SYS, &c, "a", Update { touch: true, ..change(200, json!({})) })?;
        assert!(!touched.changed && touched.document.updated_at == Timestamp(200));
        let moved = w.update(&SYS, &c, "a", Update { created_at: Some(Timestamp(1)), ..change(300, json!({})) })?;
        assert_eq!((moved.document.created_at, moved.document.updated_at), (Timestamp(1), Timestamp(300)));
        w.delete(&SYS, &c, "a", Some(Timestamp(300))).map(drop)
    })
    .unwrap();
}

#[test]
fn a_failed_transaction_leaves_nothing() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![]);
    let c2 = c.clone();
    let failed = db.write(move |w| -> Result<(), DbError> {
        w.create(&SYS, &c2, new("a", 0, &[], json!({})))?;
        Err(DbError::NotFound)
    });
    assert_eq!(failed, Err(DbError::NotFound));
    assert!(db.read().get(&SYS, &c, "a").unwrap().is_none());
    assert_eq!(db.read().count(&SYS, &c, &[], None).unwrap(), 0);
}

#[test]
fn few_visible_among_many() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], true, text_n(), vec![index("n", IndexKind::Key, &["n"], &[])]);
    let docs = (0..3_000).map(|i| new(&format!("d{i}"), i, if i % 300 == 7 { &["read(\"user:me\")"] } else { &["read(\"user:you\")"] }, json!({"n": i % 2})));
    put(&db, &c, docs.collect());
    let me = holding(&["any", "users", "user:me"]);
    let find = Find { filters: vec![Query::equal("n", 1)], total: Total::Capped(5_000), ..Find::default() };
    let r = db.read();
    let page = r.find(&me, &c, &find).unwrap();
    assert_eq!((page.documents.len(), page.total), (10, 10));
    let plan = r.explain(&me, &c, &find).unwrap();
    assert_eq!(plan.way, Way::Roles, "{plan:?}");
    assert!(plan.records <= 10, "{plan:?}");
    // Much visible, much matching, little in common: only keys are read for what is not.
    let c2 = db.write(move |w| -> Result<_, DbError> {
        let c = w.create_collection(
            Namespace(4),
            CollectionSpec {
                name: "c2".into(),
                permissions: vec![],
                document_security: true,
                attributes: text_n(),
                indexes: vec![index("n", IndexKind::Key, &["n"], &[])],
            },
        )?;
        for i in 0..4_000_i64 {
            let (role, n) = if i < 1_000 || i % 1_000 == 0 { ("read(\"user:me\")", i / 1_000) } else { ("read(\"user:you\")", i % 3) };
            w.create(&SYS, &c, new(&format!("d{i}"), i, &[role], json!({"n": n})))?;
        }
        Ok(c)
    });
    let c2 = c2.unwrap();
    let both = Find { filters: vec![Query::equal("n", 1)], total: Total::Capped(5_000), ..Find::default() };
    let plan = db.read().explain(&me, &c2, &both).unwrap();
    assert!(plan.way == Way::RolesAndIndex("n".into()) && plan.records <= 2, "{plan:?}");
    assert_eq!(db.read().find(&me, &c2, &both).unwrap().total, 1);
    // For one who sees much, the index is better.
    let find = Find { filters: vec![Query::equal("n", 99)], ..Find::default() };
    assert_eq!(r.explain(&holding(&["user:you"]), &c, &find).unwrap().way, Way::Index("n".into()));
}

#[test]
fn a_few_documents_tell_whether_the_caller_may_read_an_indexs() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], true, text_n(), vec![index("s", IndexKind::Key, &["s"], &[])]);
    // A hundred of one's own under a value; under another one a hundred of somebody else's, but for one.
    let docs = (0..2_000).map(|i| {
        let role = if i % 20 == 0 || i == 207 { "read(\"user:me\")" } else { "read(\"user:you\")" };
        new(&format!("d{i}"), i, &[role], json!({"s": format!("s{}", i % 20), "n": -i}))
    });
    put(&db, &c, docs.collect());
    let me = holding(&["any", "users", "user:me"]);
    let sorted = |s: &str| Find { filters: vec![Query::equal("s", s)], orders: vec![("n".into(), false)], total: Total::Capped(5_000), ..Find::default() };
    let plan = db.read().explain(&me, &c, &sorted("s0")).unwrap();
    assert!(plan.way == Way::Index("s".into()) && plan.records <= 100 && plan.entries <= 100, "{plan:?}");
    let page = db.read().find(&me, &c, &sorted("s0")).unwrap();
    assert_eq!((page.total, page.documents.first().map(|d| d.id.as_str())), (100, Some("d1980")));
    let plan = db.read().explain(&me, &c, &sorted("s7")).unwrap();
    assert!(plan.way == Way::RolesAndIndex("s".into()) && plan.records <= 5, "{plan:?}");
    assert_eq!(db.read().find(&me, &c, &sorted("s7")).unwrap().total, 1);
}

#[test]
fn lists_read_what_they_return() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![index("n", IndexKind::Key, &["n"], &[]), index("sn", IndexKind::Key, &["s", "n"], &[])]);
    put(&db, &c, (0..2_000).map(|i| new(&format!("d{i}"), i, &[], json!({"n": i % 500, "s": format!("s{}", i % 4)}))).collect());
    let r = db.read();
    let cases = [
        (vec![], vec![], Way::Scan),
        (vec![], vec![("$createdAt", true)], Way::Index("$createdAt".into())),
        (vec![], vec![("n", true)], Way::Index("n".into())),
        (vec![Query::equal("n", 3)], vec![], Way::Index("n".into())),
        (vec![Query::equal("s", "s1")], vec![("n", false)], Way::Index("sn".into())),
        (vec![Query::equal("s", "s1"), Query::new(Method::GreaterThan, "n", vec![100.into()])], vec![("n", true)], Way::Index("sn".into())),
        (vec![Query::equal("$id", "d9")], vec![], Way::Ids),
    ];
    for (filters, orders, way) in cases {
        let orders = orders.into_iter().map(|(k, d)| (k.to_owned(), d)).collect();
        let find = Find { filters, orders, limit: 5, ..Find::default() };
        let plan = r.explain(&SYS, &c, &find).unwrap();
        assert_eq!(plan.way, way, "{find:?} {plan:?}");
        assert!(plan.ordered && plan.records <= 6, "{find:?} {plan:?}");
    }
    let deep = Find { orders: vec![("n".into(), true)], limit: 5, cursor: Some(Cursor { id: "d3".into(), before: false }), ..Find::default() };
    let plan = r.explain(&SYS, &c, &deep).unwrap();
    assert!(plan.records <= 7 && plan.entries <= 10, "a cursor is a place, not a walk: {plan:?}");
}

#[test]
fn either_of_two_is_looked_up_twice() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![index("n", IndexKind::Key, &["n"], &[]), index("s", IndexKind::Key, &["s"], &[])]);
    put(&db, &c, (0..3_000).map(|i| new(&format!("d{i}"), i, &[], json!({"n": i % 1_000, "s": format!("s{}", i % 700)}))).collect());
    let either = |extra: Vec<Query>| Find {
        filters: vec![Query::nested(Method::Or, "", [vec![Query::equal("n", 7), Query::equal("s", "s9")], extra].concat())],
        total: Total::Exact,
        ..Find::default()
    };
    let r = db.read();
    let (find, plain) = (either(vec![]), either(vec![Query::new(Method::Contains, "s", vec!["x".into()])]));
    let plan = r.explain(&SYS, &c, &find).unwrap();
    assert_eq!(plan.way, Way::Union(vec![Way::Index("n".into()), Way::Index("s".into())]), "{plan:?}");
    assert!(plan.ordered && plan.checked == 0 && plan.records <= 10, "{plan:?}");
    let page = r.find(&SYS, &c, &find).unwrap();
    assert_eq!(ids(&page), ["d7", "d9", "d709", "d1007", "d1409", "d2007", "d2109", "d2809"]);
    // A branch that no index helps makes looking at all documents the only way.
    assert_eq!(r.explain(&SYS, &c, &plain).unwrap().way, Way::Scan);
    assert_eq!(ids(&r.find(&SYS, &c, &plain).unwrap()), ids(&page));
}

#[test]
fn rare_matches_are_sorted_and_frequent_ones_walked() {
    let (db, _dir) = open(50_000);
    let indexes = vec![index("n", IndexKind::Key, &["n"], &[]), index("s", IndexKind::Key, &["s"], &[])];
    let c = collection(&db, &[], false, text_n(), indexes);
    let s = |i: i64| if i % 200 == 0 { "rare" } else { "frequent" };
    put(&db, &c, (0..10_000).map(|i| new(&format!("d{i}"), i, &[], json!({"n": i * 7 % 1000, "s": s(i)}))).collect());
    for (value, way, most) in [("rare", "s", 50), ("frequent", "n", 40)] {
        let find = Find { filters: vec![Query::equal("s", value)], orders: vec![("n".into(), true)], ..Find::default() };
        let plan = db.read().explain(&SYS, &c, &find).unwrap();
        assert_eq!(plan.way, Way::Index(way.into()), "{plan:?}");
        assert!(plan.records <= most, "{plan:?}");
    }
}

#[test]
fn a_cursor_need_not_match_the_filters() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![index("n", IndexKind::Key, &["n"], &[])]);
    put(&db, &c, vec![new("first", 0, &[], json!({"n": 1})), new("other", 1, &[], json!({"n": 2})), new("last", 2, &[], json!({"n": 1}))]);
    let after = |descending| Find {
        filters: vec![Query::equal("n", 1)],
        orders: vec![("n".into(), descending)],
        cursor: Some(Cursor { id: "other".into(), before: false }),
        ..Find::default()
    };
    assert_eq!(ids(&db.read().find(&SYS, &c, &after(true)).unwrap()), ["first", "last"]);
    assert!(db.read().find(&SYS, &c, &after(false)).unwrap().documents.is_empty());
}

#[test]
fn sizes_shrink_only_as_far_as_stored_texts_allow() {
    let (db, _dir) = open(5_000);
    let list = attribute("l", Kind::String, true);
    let c = collection(&db, &[], false, vec![attribute("s", Kind::String, false), list], vec![]);
    put(&db, &c, vec![new("a", 0, &[], json!({"s": "éééé", "l": ["a", "abcdef"]}))]);
    for (key, array, size, fits) in [("s", false, 4, true), ("s", false, 3, false), ("l", true, 6, true), ("l", true, 5, false)] {
        let (c, smaller) = (c.clone(), Attribute { size, ..attribute(key, Kind::String, array) });
        let done = db.write(move |w| w.update_attribute(&c, key, smaller));
        assert_eq!(done.as_ref().err(), if fits { None } else { Some(&DbError::TooLong) }, "{key} {size}");
    }
}

#[test]
fn indexes_tell_nothing_of_encrypted_values() {
    let dir = tempfile::tempdir().unwrap();
    let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
    let db = Database::open(store.clone(), Options { sealer: Some(Arc::new(Mirror)), ..Options::default() }).unwrap();
    let secret = Attribute { encrypt: true, ..attribute("s", Kind::String, false) };
    let indexes =
        vec![index("us", IndexKind::Unique, &["s"], &[]), index("uns", IndexKind::Unique, &["n", "s"], &[]), index("words", IndexKind::Fulltext, &["s"], &[])];
    let c = collection(&db, &[], false, vec![secret, attribute("n", Kind::Integer, false)], indexes);
    put(&db, &c, (0..3).map(|i| new(&format!("d{i}"), 0, &[], json!({"s": "very secret", "n": 1}))).collect());
    for item in store.read().scan(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded, false) {
        let (key, value) = item.unwrap();
        assert!(!key.windows(6).chain(value.windows(6)).any(|w| w == b"secret"));
    }
    assert_eq!(db.read().find(&SYS, &c, &Find { orders: vec![("s".into(), true)], ..Find::default() }).unwrap().documents.len(), 3);
}

#[test]
fn attributes_come_and_go_without_touching_documents() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![index("sn", IndexKind::Key, &["s", "n"], &[]), index("n", IndexKind::Key, &["n"], &[])]);
    put(&db, &c, vec![new("a", 0, &[], json!({"s": "x", "n": 1})), new("b", 0, &[], json!({"s": "x", "n": 2}))]);
    assert_eq!(db.read().get(&SYS, &c, "a").unwrap().unwrap().int("n"), 1);
    let old = c.clone();
    let c2 = db.write(move |w| w.update_attribute(&old, "s", attribute("title", Kind::String, false))).unwrap();
    assert_eq!(c2.index("sn").unwrap().attributes, ["title", "n"]);
    assert_eq!(db.read().get(&SYS, &c, "a").unwrap().unwrap().data, *json!({"title": "x", "n": 1}).as_object().unwrap());
    let c3 = db.write(move |w| w.delete_attribute(&c2, "n")).unwrap();
    assert!(c3.index("n").is_none());
    assert_eq!(c3.index("sn").unwrap().attributes, ["title"]);
    assert_eq!(db.read().get(&SYS, &c3, "a").unwrap().unwrap().data, *json!({"title": "x"}).as_object().unwrap());
    let find = Find { filters: vec![Query::equal("title", "x")], ..Find::default() };
    assert_eq!(ids(&db.read().find(&SYS, &c3, &find).unwrap()), ["a", "b"]);
    let c4 = db.write(move |w| w.create_attribute(&c3, attribute("n", Kind::Integer, false))).unwrap();
    assert_eq!(db.read().get(&SYS, &c4, "a").unwrap().unwrap().value("n"), &Value::Null, "a new attribute is not the old one of that name");
    let taken = c4.clone();
    assert_eq!(db.write(move |w| w.create_attribute(&taken, attribute("N", Kind::Integer, false))), Err(DbError::Exists("attribute")));
}

#[test]
fn an_index_that_becomes_the_same_as_another_goes() {
    let (db, _dir) = open(5_000);
    let sorted = |key: &str, attributes: &[&str], orders: &[Order]| Index {
        orders: orders.iter().copied().map(Some).collect(),
        ..index(key, IndexKind::Key, attributes, &[])
    };
    let indexes = vec![
        index("first", IndexKind::Key, &["s", "n"], &[]),
        index("unique", IndexKind::Unique, &["n", "s"], &[]),
        sorted("falling", &["s", "n"], &[Order::Asc, Order::Desc]),
        sorted("second", &["n", "s"], &[Order::Asc, Order::Asc]),
        sorted("falling again", &["n", "s"], &[Order::Desc, Order::Asc]),
        index("n", IndexKind::Key, &["n"], &[]),
        index("s", IndexKind::Key, &["s"], &[]),
    ];
    let c = collection(&db, &[], false, text_n(), indexes);
    put(&db, &c, vec![new("a", 0, &[], json!({"s": "x", "n": 1})), new("b", 0, &[], json!({"s": "y", "n": 2}))]);
    let left = db.write(move |w| w.delete_attribute(&c, "s")).unwrap();
    let left: Vec<_> = left.indexes.iter().map(|i| i.key.as_str()).collect();
    assert_eq!(left, ["unique", "falling", "n"], "in the order they were made in");
}

#[test]
fn old_handles_do_not_miss_new_indexes() {
    let (db, _dir) = open(5_000);
    let old = collection(&db, &[], false, text_n(), vec![]);
    let c = old.clone();
    let fresh = db.write(move |w| w.create_index(&c, index("n", IndexKind::Unique, &["n"], &[]))).unwrap();
    put(&db, &old, vec![new("a", 0, &[], json!({"n": 1}))]);
    assert_eq!(db.read().find_one(&SYS, &fresh, vec![Query::equal("n", 1)]).unwrap().unwrap().id, "a");
    let c = old.clone();
    assert_eq!(db.write(move |w| w.create(&SYS, &c, new("b", 0, &[], json!({"n": 1})))), Err(DbError::Unique("n".into())));
}

#[test]
fn long_unique_texts_are_compared_whole() {
    let (db, _dir) = open(5_000);
    let long = Attribute { size: 100_000, ..attribute("s", Kind::String, false) };
    let c = collection(&db, &[], false, vec![long], vec![index("s", IndexKind::Unique, &["s"], &[])]);
    let (a, b) = (format!("{}a", "é".repeat(5_000)), format!("{}b", "é".repeat(5_000)));
    put(&db, &c, vec![new("a", 0, &[], json!({"s": a})), new("b", 0, &[], json!({"s": b}))]);
    let (c2, same) = (c.clone(), a.clone());
    assert_eq!(db.write(move |w| w.create(&SYS, &c2, new("c", 0, &[], json!({"s": same})))), Err(DbError::Unique("s".into())));
    assert_eq!(ids(&db.read().find(&SYS, &c, &Find { filters: vec![Query::equal("s", b)], ..Find::default() }).unwrap()), ["b"]);
    let find = Find { orders: vec![("s".into(), true)], ..Find::default() };
    assert_eq!(ids(&db.read().find(&SYS, &c, &find).unwrap()), ["b", "a"]);
}

/// Turns bytes round; shows whether the engine seals at all.
struct Mirror;
impl Sealer for Mirror {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        Ok(plain.iter().map(|b| !b).collect())
    }
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        self.seal(sealed)
    }
}

#[test]
fn encrypted_attributes_are_sealed_in_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
    let db = Database::open(store.clone(), Options { sealer: Some(Arc::new(Mirror)), ..Options::default() }).unwrap();
    let c = collection(&db, &[], false, vec![Attribute { encrypt: true, ..attribute("s", Kind::String, false) }], vec![]);
    put(&db, &c, vec![new("a", 0, &[], json!({"s": "very secret"}))]);
    assert_eq!(db.read().get(&SYS, &c, "a").unwrap().unwrap().str("s"), "very secret");
    for item in store.read().scan(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded, false) {
        assert!(!item.unwrap().1.windows(6).any(|w| w == b"secret"));
    }
    let blind = Database::open(store, Options::default()).unwrap();
    assert!(matches!(blind.read().get(&SYS, &c, "a"), Err(DbError::Store(_))), "without the keys it is an error, not nothing");
}

#[test]
fn threads_agree() {
    let (db, _dir) = open(5_000);
    let c = collection(&db, &[], false, text_n(), vec![index("s", IndexKind::Unique, &["s"], &[])]);
    put(&db, &c, vec![new("sum", 0, &[], json!({"n": 0}))]);
    let won: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|t| {
                let (db, c) = (&db, &c);
                scope.spawn(move || {
                    let mut won = 0;
                    for i in 0..50 {
                        let (c1, c2) = (c.clone(), c.clone());
                        let made = db.write(move |w| w.create(&SYS, &c1, new(&format!("t{t}i{i}"), 0, &[], json!({"s": format!("v{i}")}))));
                        won += usize::from(made.is_ok());
                        db.write(move |w| {
                            let n = w.get(&SYS, &c2, "sum")?.map_or(0, |d| d.int("n"));
                            w.update(&SYS, &c2, "sum", change(1, json!({"n": n + 1})))
                        })
                        .unwrap();
                        assert!(db.read().get(&SYS, c, "sum").unwrap().unwrap().int("n") > 0);
                    }
                    won
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(won, 50, "one winner for each value");
    assert_eq!(db.read().get(&SYS, &c, "sum").unwrap().unwrap().int("n"), 800, "no increment lost");
    assert_eq!(db.read().count(&SYS, &c, &[], None).unwrap(), 51);
}
