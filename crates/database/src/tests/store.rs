//! What holds across restarts, engines, snapshots and threads.
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::Query;
use serde_json::json;

use super::{SYS, attribute, change, index, new, open};
use crate::*;

fn pair() -> CollectionSpec {
    CollectionSpec {
        name: "pairs".into(),
        permissions: vec![],
        document_security: false,
        attributes: vec![attribute("n", Kind::Integer, false), attribute("s", Kind::String, false)],
        indexes: vec![index("n", IndexKind::Key, &["n"], &[])],
    }
}

#[test]
fn everything_is_there_after_a_restart() {
    for kind in [kv::EngineKind::Fjall, kv::EngineKind::Sled] {
        let dir = tempfile::tempdir().unwrap();
        let open = || Database::open(kv::Store::open(kind, dir.path(), kv::Options::default()).unwrap(), Options::default()).unwrap();
        let db = open();
        let c = db.write(|w| w.create_collection(Namespace(7), pair())).unwrap();
        let c2 = c.clone();
        db.write(move |w| (0..50).try_for_each(|i| w.create(&SYS, &c2, new(&format!("d{i}"), i, &["read(\"any\")"], json!({"n": i % 5, "s": "x"}))).map(drop)))
            .unwrap();
        let c2 = c.clone();
        db.write(move |w| w.delete(&SYS, &c2, "d7", None)).unwrap();
        db.settle();
        drop(db);
        let db = open();
        let c = db.read().collection(Namespace(7), "pairs").unwrap().unwrap();
        let found = db.read().find(&SYS, &c, &Find { filters: vec![Query::equal("n", 2)], total: Total::Exact, limit: 3, ..Find::default() }).unwrap();
        assert_eq!(found.documents.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["d2", "d12", "d17"], "{kind}");
        assert_eq!(found.total, 9);
        let c2 = c.clone();
        let made = db.write(move |w| w.create(&SYS, &c2, new("new", 0, &[], json!({})))).unwrap();
        assert_eq!(made.sequence, 51, "sequences go on");
        assert!(db.read().collection(Namespace(8), "pairs").unwrap().is_none(), "namespaces are apart");
    }
}

#[test]
fn newer_layouts_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
    store
        .write(|tx| -> Result<(), kv::KvError> {
            tx.put(keys::meta("layout"), (keys::LAYOUT + 1).to_be_bytes().to_vec());
            Ok(())
        })
        .unwrap();
    assert!(matches!(Database::open(store, Options::default()), Err(DbError::Store(_))));
}

#[test]
fn a_damaged_record_is_an_error() {
    let (db, _dir) = open(5_000);
    let c = db.write(|w| w.create_collection(Namespace(7), pair())).unwrap();
    let c2 = c.clone();
    db.write(move |w| w.create(&SYS, &c2, new("a", 0, &[], json!({"n": 1, "s": "some text"})))).unwrap();
    let key = keys::document(c.id, 1);
    let whole = kv::Read::get(&db.store().read(), &key).unwrap().unwrap();
    for cut in 0..whole.len() {
        let (key, part) = (key.clone(), whole[..cut].to_vec());
        db.store()
            .write(move |tx| -> Result<(), kv::KvError> {
                tx.put(key, part);
                Ok(())
            })
            .unwrap();
        // Never a panic; a cut between two values cannot be told from a record that has fewer.
        match db.read().get(&SYS, &c, "a") {
            Ok(d) => assert!(d.is_some_and(|d| d.value("s").is_null())),
            Err(e) => assert!(matches!(e, DbError::Store(_))),
        }
        let _ = db.read().find(&SYS, &c, &Find { filters: vec![Query::equal("s", "some text")], ..Find::default() });
    }
}

/// One writer keeps two documents equal; readers must never see them differ, by whatever way and cache they read.
#[test]
fn snapshots_are_consistent_under_writes() {
    let (db, _dir) = open(5_000);
    let c = db.write(|w| w.create_collection(Namespace(7), pair())).unwrap();
    let c2 = c.clone();
    db.write(move |w| ["a", "b"].iter().try_for_each(|id| w.create(&SYS, &c2, new(id, 0, &[], json!({"n": 0}))).map(drop))).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let r = db.read();
                    let get = |id: &str| r.get(&SYS, &c, id).unwrap().unwrap().int("n");
                    let (a, listed, b) = (get("a"), r.find(&SYS, &c, &Find::default()).unwrap(), get("b"));
                    assert_eq!(a, b);
                    assert!(listed.documents.iter().all(|d| d.int("n") == a));
                    assert_eq!(r.count(&SYS, &c, &[Query::equal("n", a)], None).unwrap(), 2);
                    assert!(a >= last, "time does not go back");
                    last = a;
                    std::thread::yield_now();
                }
            });
        }
        for n in 1..400 {
            let c = c.clone();
            db.write(move |w| ["a", "b"].iter().try_for_each(|id| w.update(&SYS, &c, id, change(n, json!({"n": n}))).map(drop))).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Schemas change while documents are read and written.
#[test]
fn schema_changes_under_load() {
    let (db, _dir) = open(50);
    let c = db.write(|w| w.create_collection(Namespace(7), pair())).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                let c = c.clone();
                n += 1;
                db.write(move |w| w.create(&SYS, &c, new(&format!("d{n}"), n, &[], json!({"n": n, "s": format!("s{}", n % 3)})))).unwrap();
                let seen = db.read().collection(Namespace(7), "pairs").unwrap().unwrap();
                let by_s = Find { filters: vec![Query::equal("s", "s1")], limit: 1_000, ..Find::default() };
                let r = db.read();
                let listed = r.find(&SYS, &seen, &by_s).unwrap().documents.len() as i64;
                assert_eq!(listed, (n + 2) / 3, "an index that is being filled is not used");
            }
        });
        for round in 0..40 {
            let c = c.clone();
            let now =
                db.write(move |w| if round % 2 == 0 { w.create_index(&c, index("s", IndexKind::Key, &["s"], &[])) } else { w.delete_index(&c, "s") }).unwrap();
            assert_eq!(now.index("s").is_some(), round % 2 == 0);
            assert_eq!(db.read().collection(Namespace(7), "pairs").unwrap().unwrap().index("s").is_some(), round % 2 == 0);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn random_orders_and_selections() {
    let (db, _dir) = open(5_000);
    let c = db.write(|w| w.create_collection(Namespace(7), pair())).unwrap();
    let c2 = c.clone();
    db.write(move |w| (0..40).try_for_each(|i| w.create(&SYS, &c2, new(&format!("d{i}"), i, &[], json!({"n": i, "s": "x"}))).map(drop))).unwrap();
    let shuffled = |seed| {
        let page = db.read().find(&SYS, &c, &Find { random: Some(seed), limit: 100, ..Find::default() }).unwrap();
        page.documents.iter().map(|d| d.id.clone()).collect::<Vec<_>>()
    };
    let (one, two) = (shuffled(1), shuffled(2));
    assert!(one != two && one == shuffled(1));
    assert_eq!(one.iter().collect::<std::collections::BTreeSet<_>>().len(), 40);
    for filters in [vec![], vec![Query::equal("n", 3)]] {
        let page = db.read().find(&SYS, &c, &Find { filters, select: Some(vec!["s".into()]), limit: 1, ..Find::default() }).unwrap();
        assert_eq!(page.documents[0].data, *json!({"s": "x"}).as_object().unwrap());
    }
}
