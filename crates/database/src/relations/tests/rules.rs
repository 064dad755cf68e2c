//! Single rules.
use protocol::Query;

use super::*;

#[test]
fn both_sides_are_defined_and_go_together() {
    let (db, _dir) = open(5_000);
    let (a, b) = pair(&db, RelationKind::OneToMany, true, OnDelete::Cascade);
    let twin = b.attribute("as").and_then(Relation::of).unwrap();
    assert_eq!((twin.is_parent, twin.two_way_key.as_str(), twin.related.as_str()), (false, "bs", "as"));
    create(&db, &a, "a1", json!({"bs": [{"$id": "b1", "n": 1}]})).unwrap();
    let c = a.clone();
    let renamed = db.write(move |w| w.update_relation(&c, "bs", Some("books"), Some(OnDelete::SetNull), Timestamp(5))).unwrap();
    let b = db.read().collection(Namespace(1), &b.name).unwrap().unwrap();
    let twin = b.attribute("as").and_then(Relation::of).unwrap();
    assert_eq!((twin.two_way_key.as_str(), twin.on_delete), ("books", OnDelete::SetNull));
    assert_eq!(shown(&db, &renamed, "books"), [("a1".to_owned(), vec!["b1".to_owned()])], "links stay");
    let c = b.clone();
    db.write(move |w| w.delete_attribute(&c, "as")).unwrap();
    let a = db.read().collection(Namespace(1), &a.name).unwrap().unwrap();
    assert!(a.attribute("books").is_none());
    assert!(!db.read().get(&SYS, &b, "b1").unwrap().unwrap().data.contains_key("as"));
}

#[test]
fn a_dropped_collection_takes_its_relationships_with_it() {
    let (db, _dir) = open(5_000);
    for kind in [RelationKind::OneToOne, RelationKind::ManyToOne, RelationKind::ManyToMany] {
        let (a, b) = pair(&db, kind, false, OnDelete::Restrict);
        let value = if kind == RelationKind::ManyToMany { json!([{"$id": "b1"}]) } else { json!({"$id": "b1"}) };
        create(&db, &a, "a1", json!({"bs": value})).unwrap();
        let c = b.clone();
        db.write(move |w| w.drop_collection(&c)).unwrap();
        let a = db.read().collection(Namespace(1), &a.name).unwrap().unwrap();
        assert_eq!(a.attributes.len(), 1);
        delete(&db, &a, "a1").unwrap();
        db.settle();
        assert_eq!(keys_of(&db, &[a.id, b.id]), 1, "the numbers of the collection that is left");
        let c = a.clone();
        db.write(move |w| w.drop_collection(&c)).unwrap();
    }
}

#[test]
fn hidden_twins_cannot_be_named() {
    let (db, _dir) = open(5_000);
    let (_, b) = pair(&db, RelationKind::OneToMany, false, OnDelete::Restrict);
    let hidden = b.relations().next().unwrap();
    assert!(hidden.is_hidden());
    assert!(matches!(create(&db, &b, "b1", json!({hidden.key.as_str(): "a1"})), Err(DbError::Structure(_))));
    let find = Find { filters: vec![Query::equal(&hidden.key, "a1")], ..Find::default() };
    assert!(matches!(db.read().find(&SYS, &b, &find), Err(DbError::Query(_))));
    let find = Find { select: Some(vec![hidden.key.clone()]), ..Find::default() };
    assert!(matches!(db.read().find(&SYS, &b, &find), Err(DbError::Query(_))));
}

#[test]
fn a_collection_can_be_related_to_itself() {
    let (db, _dir) = open(5_000);
    let (a, _) = pair(&db, RelationKind::OneToOne, false, OnDelete::Restrict);
    let c = a.clone();
    let spec = |key: &str, kind, twin: &str| RelationSpec {
        key: key.into(),
        kind,
        two_way: true,
        two_way_key: twin.into(),
        on_delete: OnDelete::Cascade,
        own_id: "as".into(),
        related_id: "as".into(),
        at: Timestamp(0),
    };
    let (parent, friends) = (spec("parent", RelationKind::ManyToOne, "children"), spec("friends", RelationKind::ManyToMany, "friendOf"));
    let a = db
        .write(move |w| {
            let c = w.create_relation(&c, &c, &parent)?;
            w.create_relation(&c, &c, &friends)
        })
        .unwrap();
    create(&db, &a, "root", json!({"children": [{"$id": "kid"}], "friends": [{"$id": "pal"}]})).unwrap();
    update(&db, &a, "kid", json!({"friends": ["kid", "root"]})).unwrap();
    assert_eq!(db.read().get(&SYS, &a, "kid").unwrap().unwrap().str("parent"), "root");
    let friends_of_root = shown(&db, &a, "friendOf").into_iter().find(|(id, _)| id == "root").unwrap().1;
    assert_eq!(friends_of_root, ["kid"]);
    update(&db, &a, "root", json!({"parent": "root"})).unwrap();
    delete(&db, &a, "root").unwrap();
    assert_eq!(db.read().count(&SYS, &a, &[], None).unwrap(), 0, "children and friends go, each once");
}

#[test]
fn a_long_chain_is_deleted_without_recursion() {
    let (db, _dir) = open(50_000);
    let (a, _) = pair(&db, RelationKind::OneToOne, false, OnDelete::Restrict);
    let c = a.clone();
    let spec = RelationSpec {
        key: "next".into(),
        kind: RelationKind::OneToOne,
        two_way: true,
        two_way_key: "before".into(),
        on_delete: OnDelete::Cascade,
        own_id: "as".into(),
        related_id: "as".into(),
        at: Timestamp(0),
    };
    let a = db.write(move |w| w.create_relation(&c, &c, &spec)).unwrap();
    let c = a.clone();
    db.write(move |w| {
        for i in 0..20_000 {
            let before = if i == 0 { Value::Null } else { json!(format!("d{}", i - 1)) };
            w.create(&SYS, &c, new(&format!("d{i}"), 1, &[], json!({"before": before})))?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
    delete(&db, &a, "d10000").unwrap();
    assert_eq!(db.read().count(&SYS, &a, &[], None).unwrap(), 0);
}

#[test]
fn deletes_cost_what_is_related_not_what_is_there() {
    let (db, _dir) = open(5_000);
    let (a, b) = pair(&db, RelationKind::OneToMany, true, OnDelete::SetNull);
    let (a2, b2) = (a.clone(), b.clone());
    db.write(move |w| {
        for i in 0..2_000 {
            w.create(&SYS, &a2, new(&format!("a{i}"), 1, &[], json!({})))?;
            w.create(&SYS, &b2, new(&format!("b{i}"), 1, &[], json!({"n": 1, "as": format!("a{i}")})))?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
    let by_id = Find { filters: vec![Query::equal("as", "a7")], ..Find::default() };
    let plan = db.read().explain(&SYS, &b, &by_id).unwrap();
    assert!(plan.entries + plan.records < 10, "{plan:?}");
    let nested = Find { filters: vec![Query::equal("bs.$id", "b7")], ..Find::default() };
    let plan = db.read().explain(&SYS, &a, &nested).unwrap();
    assert!(plan.entries + plan.records < 20, "{plan:?}");
    assert_eq!(ids(&db.read().find(&SYS, &a, &nested).unwrap()), ["a7"]);
    delete(&db, &a, "a7").unwrap();
    assert!(db.read().get(&SYS, &b, "b7").unwrap().unwrap().value("as").is_null());
}
