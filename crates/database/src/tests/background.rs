//! Filling of indexes and removal of what was dropped, in the background.
use kv::Read;
use protocol::Query;
use protocol::query::Method;
use serde_json::json;

use super::rules::{collection, put, text_n};
use super::{SYS, index, new, open};
use crate::*;

#[test]
fn indexes_are_filled_in_the_background() {
    let (db, _dir) = open(10);
    let c = collection(&db, &[], false, text_n(), vec![]);
    put(&db, &c, (0..2_500).map(|i| new(&format!("d{i}"), i, &[], json!({"n": i, "s": "same"}))).collect());
    let c2 = c.clone();
    let c = db.write(move |w| w.create_index(&c2, index("n", IndexKind::Unique, &["n"], &[]))).unwrap();
    assert_eq!(c.index("n").unwrap().status, Status::Processing);
    // Goes on in use: writers keep the unfinished index up.
    put(&db, &c, vec![new("late", 0, &[], json!({"n": 1_000_000}))]);
    let c2 = c.clone();
    db.write(move |w| w.delete(&SYS, &c2, "d7", None)).unwrap();
    db.settle();
    let c = db.read().collection(Namespace(3), "c").unwrap().unwrap();
    assert_eq!(c.index("n").unwrap().status, Status::Available);
    for (n, id) in [(1_000_000, Some("late")), (2_499, Some("d2499")), (7, None)] {
        let find = Find { filters: vec![Query::equal("n", n)], ..Find::default() };
        assert_eq!(db.read().explain(&SYS, &c, &find).unwrap().way, Way::Index("n".into()));
        assert_eq!(db.read().find(&SYS, &c, &find).unwrap().documents.first().map(|d| d.id.as_str()), id);
    }
    let c2 = c.clone();
    db.write(move |w| w.create_index(&c2, index("s", IndexKind::Unique, &["s"], &[]))).unwrap();
    db.settle();
    let c = db.read().collection(Namespace(3), "c").unwrap().unwrap();
    let failed = c.index("s").unwrap();
    assert!(failed.status == Status::Failed && !failed.error.is_empty());
    put(&db, &c, vec![new("again", 0, &[], json!({"n": 5_000_000, "s": "same"}))]);
}

#[test]
fn work_goes_on_after_a_restart_and_drops_leave_nothing() {
    let (db, _dir) = open(10);
    let c = collection(&db, &[], true, text_n(), vec![index("s", IndexKind::Fulltext, &["s"], &[])]);
    put(&db, &c, (0..5_000).map(|i| new(&format!("d{i}"), i, &["read(\"any\")"], json!({"n": i, "s": "some words"}))).collect());
    let c2 = c.clone();
    db.write(move |w| w.create_index(&c2, index("n", IndexKind::Key, &["n"], &[]))).unwrap();
    let store = db.store().clone();
    drop(db);
    let db = Database::open(store.clone(), Options { inline_rows: 10, ..Options::default() }).unwrap();
    db.settle();
    let c = db.read().collection(Namespace(3), "c").unwrap().unwrap();
    assert_eq!(c.index("n").unwrap().status, Status::Available);
    assert_eq!(db.read().count(&SYS, &c, &[Query::new(Method::LessThan, "n", vec![3.into()])], None).unwrap(), 3);
    let c2 = c.clone();
    db.write(move |w| w.drop_collection(&c2)).unwrap();
    assert_eq!(db.read().get(&SYS, &c, "d1"), Err(DbError::CollectionNotFound));
    assert!(db.read().collection(Namespace(3), "c").unwrap().is_none());
    db.settle();
    let left: Vec<Vec<u8>> = store.read().scan(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded, false).map(|i| i.unwrap().0.to_vec()).collect();
    assert!(left.iter().all(|k| k.first() == Some(&keys::table::META)), "{left:?}");
    let again = collection(&db, &[], true, text_n(), vec![]);
    assert!(again.id > c.id);
    assert_eq!(db.read().count(&SYS, &again, &[], None).unwrap(), 0);
}

/// A collection of many collections goes in one small transaction; the rest is swept later, and what others wait for is not kept up by it.
#[test]
fn much_is_dropped_in_small_transactions() {
    let (db, _dir) = open(100);
    let many = db
        .write(move |w| {
            (0..8)
                .map(|i| {
                    let spec = CollectionSpec {
                        name: format!("c{i}"),
                        permissions: vec![],
                        document_security: true,
                        attributes: text_n(),
                        indexes: vec![index("n", IndexKind::Key, &["n"], &[])],
                    };
                    w.create_collection(Namespace(3), spec)
                })
                .collect::<Result<Vec<_>, DbError>>()
        })
        .unwrap();
    for c in &many {
        put(&db, c, (0..200).map(|i| new(&format!("d{i}"), i, &["read(\"any\")"], json!({"n": i}))).collect());
    }
    let removed = db
        .write(move |w| -> Result<u64, DbError> {
            many.iter().try_for_each(|c| w.drop_collection(c))?;
            Ok(w.removed)
        })
        .unwrap();
    assert_eq!(removed, 100, "no more than may be done at once");
    db.settle();
    let left = db.store().read().scan(std::ops::Bound::Unbounded, std::ops::Bound::Unbounded, false).count();
    assert_eq!(left, 2, "the layout and the last number given");
}

#[test]
fn a_job_that_fails_keeps_no_other_waiting() {
    let (db, _dir) = open(10);
    let (a, b) = (collection(&db, &[], false, text_n(), vec![]), {
        let spec = CollectionSpec { name: "b".into(), permissions: vec![], document_security: false, attributes: text_n(), indexes: vec![] };
        db.write(move |w| w.create_collection(Namespace(3), spec)).unwrap()
    });
    for c in [&a, &b] {
        put(&db, c, (0..50).map(|i| new(&format!("d{i}"), i, &[], json!({"n": i}))).collect());
    }
    let (damaged, unreadable) = (keys::document(a.id, 20), vec![keys::table::JOB, b'a']);
    db.store()
        .write(move |tx| -> Result<(), kv::KvError> {
            tx.put(damaged, vec![9, 9, 9]);
            tx.put(unreadable, Vec::new());
            Ok(())
        })
        .unwrap();
    for c in [a, b] {
        db.write(move |w| w.create_index(&c, index("n", IndexKind::Key, &["n"], &[]))).unwrap();
    }
    db.settle();
    let status = |name: &str| db.read().collection(Namespace(3), name).unwrap().unwrap().index("n").unwrap().status;
    assert_eq!((status("c"), status("b")), (Status::Failed, Status::Available));
}
