//! Full text while documents come, change and go, and while their words are entered in the background.
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::words::Search;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, String),
    Remove(u8),
    /// Waits for the background.
    Settle,
    DropIndex,
    MakeIndex,
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(vec!["red", "reddish", "blue", "sea", "東京都", "🌍", "Öl", "x1"]), 0..6)
        .prop_map(|words| words.join(" "))
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let put = || (0_u8..12, text()).prop_map(|(id, text)| Step::Put(id, text));
    let step = prop_oneof![6 => put(), 2 => (0_u8..12).prop_map(Step::Remove), 1 => Just(Step::Settle), 1 => Just(Step::DropIndex), 2 => Just(Step::MakeIndex)];
    proptest::collection::vec(step, 1..60)
}

fn spec() -> CollectionSpec {
    CollectionSpec {
        name: "texts".into(),
        permissions: vec![],
        document_security: false,
        attributes: vec![attribute("body", Kind::String, false)],
        indexes: vec![index("by_words", IndexKind::Fulltext, &["body"], &[])],
    }
}

fn act(db: &Database, coll: &mut std::sync::Arc<Collection>, model: &mut BTreeMap<String, String>, step: Step) {
    let of = coll.clone();
    match step {
        Step::Put(id, text) => {
            let id = format!("d{id}");
            let known = model.insert(id.clone(), text.clone()).is_some();
            db.write(move |w| -> Result<(), DbError> {
                if known {
                    w.update(&SYS, &of, &id, change(2, json!({"body": text})))?;
                } else {
                    w.create(&SYS, &of, new(&id, 1, &[], json!({"body": text})))?;
                }
                Ok(())
            })
            .unwrap();
        }
        Step::Remove(id) => {
            let id = format!("d{id}");
            if model.remove(&id).is_some() {
                db.write(move |w| w.delete(&SYS, &of, &id, None).map(drop)).unwrap();
            }
        }
        Step::Settle => db.settle(),
        Step::DropIndex => {
            if of.indexes.iter().any(|i| i.key == "by_words") {
                *coll = db.write(move |w| w.delete_index(&of, "by_words")).unwrap();
            }
        }
        Step::MakeIndex => {
            if of.indexes.is_empty() {
                *coll = db.write(move |w| w.create_index(&of, index("by_words", IndexKind::Fulltext, &["body"], &[]))).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn searches_find_what_is_there(steps in steps(), most in 1_usize..8, inline_rows in prop_oneof![Just(0_u64), Just(1_000)]) {
        let dir = tempfile::tempdir().unwrap();
        let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
        let db = Database::open(store, Options { inline_rows, waiting_documents: most, ..Options::default() }).unwrap();
        let mut coll = db.write(|w| w.create_collection(Namespace(0), spec())).unwrap();
        let mut model = BTreeMap::new();
        for step in steps {
            act(&db, &mut coll, &mut model, step);
            if coll.indexes.is_empty() {
                continue;
            }
            for query in ["red", "\"red\"", "blue sea", "\"blue sea\"", "東京", "京", "🌍", "oel ol", "\"red 東京都\""] {
                let search = Search::parse(query);
                let wanted: Vec<&String> = model.iter().filter(|(_, text)| search.matches(text)).map(|(id, _)| id).collect();
                let find = Find { filters: vec![Query::new(protocol::QueryMethod::Search, "body", vec![query.into()])], limit: 100, total: Total::Exact, ..Find::default() };
                let page = db.read().find(&SYS, &coll, &find).unwrap();
                let mut found: Vec<&String> = page.documents.iter().map(|d| &d.id).collect();
                found.sort();
                prop_assert_eq!(&found, &wanted, "{}", query);
                prop_assert_eq!(page.total, wanted.len() as u64);
            }
        }
    }
}

#[test]
fn what_was_entered_is_not_walked_over_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = kv::Store::open(kv::EngineKind::Memory, dir.path(), kv::Options::default()).unwrap();
    let db = Database::open(store.clone(), Options { waiting_documents: 2, ..Options::default() }).unwrap();
    let mut coll = db.write(|w| w.create_collection(Namespace(0), spec())).unwrap();
    let index = coll.indexes[0].id;
    let first = |coll: &Collection| waiting::first(&store.read(), coll.id, index).unwrap();
    let mut model = BTreeMap::new();
    for id in 0..4 {
        act(&db, &mut coll, &mut model, Step::Put(id, "red".into()));
    }
    db.settle();
    assert_eq!(first(&coll), 5, "after the four that were entered");
    act(&db, &mut coll, &mut model, Step::Put(1, "blue".into()));
    assert_eq!(first(&coll), 2, "the second document has changed");
}
