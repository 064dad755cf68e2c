//! Many writers that link, part and delete at once.
use super::*;

const WRITERS: u64 = 64;
const ROUNDS: u64 = 20;

/// Small numbers that look random.
fn roll(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

fn storm(kind: RelationKind, on_delete: OnDelete) {
    let (db, _dir) = open(5_000);
    let (a, b) = pair(&db, kind, true, on_delete);
    let list = matches!(kind, RelationKind::ManyToMany);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (db, a, b) = (&db, &a, &b);
            scope.spawn(move || {
                let mut state = writer + 1;
                for round in 0..ROUNDS {
                    let parent = format!("a{}", roll(&mut state, 8));
                    let parents = if list { json!([parent]) } else { json!(parent) };
                    // Whether each succeeds depends on the others; what counts is what is left.
                    let _ = match roll(&mut state, 5) {
                        0 => create(db, a, &parent, json!({})).map(drop),
                        1 => delete(db, a, &parent).map(drop),
                        2 => update(db, b, &format!("b{writer}_{}", roll(&mut state, ROUNDS)), json!({"as": parents})).map(drop),
                        3 => update(db, a, &parent, json!({"bs": [format!("b{writer}_0"), {"$id": format!("b{writer}_{round}")}]})).map(drop),
                        _ => create(db, b, &format!("b{writer}_{round}"), json!({"as": parents})).map(drop),
                    };
                }
            });
        }
    });
    let (parents, children) = (shown(&db, &a, "bs"), shown_raw(&db, &b, kind));
    let mut down: Vec<(String, String)> = parents.iter().flat_map(|(p, cs)| cs.iter().map(|c| (p.clone(), c.clone()))).collect();
    let mut up: Vec<(String, String)> = children.iter().flat_map(|(c, ps)| ps.iter().map(|p| (p.clone(), c.clone()))).collect();
    down.sort();
    up.sort();
    assert_eq!(down, up, "both directions tell the same");
    assert!(up.iter().all(|(p, _)| parents.iter().any(|(id, _)| id == p)), "no document names one that is not there");
    // With everything deleted nothing is left, counts included.
    for (coll, all) in [(&b, &children), (&a, &parents)] {
        for (id, _) in all {
            let _ = delete(&db, coll, id);
        }
    }
    for (id, _) in &parents {
        let _ = delete(&db, &a, id);
    }
    assert_eq!((db.read().count(&SYS, &a, &[], None).unwrap(), db.read().count(&SYS, &b, &[], None).unwrap()), (0, 0));
    assert_eq!(keys_of(&db, &[a.id, b.id]), 2, "only the numbers of the two collections");
}

/// Ids as they are stored, whether they lead anywhere or not.
fn shown_raw(db: &Database, b: &Arc<Collection>, kind: RelationKind) -> Vec<(String, Vec<String>)> {
    if kind == RelationKind::ManyToMany {
        return shown(db, b, "as");
    }
    let all = db.read().find(&SYS, b, &Find { limit: 10_000, ..Find::default() }).unwrap();
    all.documents.iter().map(|d| (d.id.clone(), d.value("as").as_str().map(str::to_owned).into_iter().collect())).collect()
}

#[test]
fn sixty_four_writers_leave_no_link_to_nothing() {
    for on_delete in [OnDelete::Cascade, OnDelete::SetNull, OnDelete::Restrict] {
        storm(RelationKind::OneToMany, on_delete);
    }
    storm(RelationKind::ManyToMany, OnDelete::SetNull);
    storm(RelationKind::ManyToMany, OnDelete::Cascade);
}
