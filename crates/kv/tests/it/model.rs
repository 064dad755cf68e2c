//! Random work on a store and on a map: both hold the same at every step.
use std::collections::BTreeMap;
use std::ops::Bound;

use kv::{EngineKind, KvError, Read, Snapshot, WriteTx};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::open;

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Savepoint,
    /// Back to the savepoint of this number, if there are so many.
    Rollback(usize),
    Scan(Bound<Vec<u8>>, Bound<Vec<u8>>, bool),
}

#[derive(Clone, Debug)]
enum Action {
    /// A transaction; whether it ends well.
    Transaction(Vec<Step>, bool),
    Keep,
    Reopen,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, b'a', b'b', 0xFF]), 1..4)
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![Just(Bound::Unbounded), key().prop_map(Bound::Included), key().prop_map(Bound::Excluded)]
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![prop::collection::vec(any::<u8>(), 0..8), (any::<u8>(), 0..5_000usize).prop_map(|(b, n)| vec![b; n])];
    prop_oneof![
        6 => (key(), value).prop_map(|(k, v)| Step::Put(k, v)),
        3 => key().prop_map(Step::Delete),
        1 => Just(Step::Savepoint),
        1 => (0..4usize).prop_map(Step::Rollback),
        2 => (bound(), bound(), any::<bool>()).prop_map(|(a, b, r)| Step::Scan(a, b, r)),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        12 => (prop::collection::vec(step(), 1..20), prop::bool::weighted(0.8)).prop_map(|(s, ok)| Action::Transaction(s, ok)),
        3 => Just(Action::Keep),
        1 => Just(Action::Reopen),
    ]
}

fn model_scan(map: &Map, from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>, reverse: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    let after = |k: &Vec<u8>| match from {
        Bound::Unbounded => true,
        Bound::Included(b) => k >= b,
        Bound::Excluded(b) => k > b,
    };
    let before = |k: &Vec<u8>| match to {
        Bound::Unbounded => true,
        Bound::Included(b) => k <= b,
        Bound::Excluded(b) => k < b,
    };
    let mut found: Vec<_> = map.iter().filter(|(k, _)| after(k) && before(k)).map(|(k, v)| (k.clone(), v.clone())).collect();
    if reverse {
        found.reverse();
    }
    found
}

fn store_scan(view: &dyn Read, from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>, reverse: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    let items = view.scan(from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice), reverse);
    items.map(|i| i.map(|(k, v)| (k.to_vec(), v.to_vec())).unwrap()).collect()
}

/// Runs the steps on both; the model as it is at the end.
fn run(tx: &mut WriteTx<'_>, steps: &[Step], mut map: Map) -> Map {
    let mut savepoints: Vec<(usize, Map)> = Vec::new();
    for step in steps {
        match step {
            Step::Put(k, v) => {
                tx.put(k.clone(), v.clone());
                map.insert(k.clone(), v.clone());
            }
            Step::Delete(k) => {
                tx.delete(k.clone());
                map.remove(k);
            }
            Step::Savepoint => savepoints.push((tx.savepoint(), map.clone())),
            Step::Rollback(n) => {
                if let Some((savepoint, then)) = savepoints.get(*n).cloned() {
                    tx.rollback_to(savepoint);
                    savepoints.truncate(n + 1);
                    map = then;
                }
            }
            Step::Scan(from, to, reverse) => assert_eq!(store_scan(tx, from, to, *reverse), model_scan(&map, from, to, *reverse)),
        }
    }
    same(tx, &map);
    map
}

fn same(view: &dyn Read, map: &Map) {
    for reverse in [false, true] {
        assert_eq!(store_scan(view, &Bound::Unbounded, &Bound::Unbounded, reverse), model_scan(map, &Bound::Unbounded, &Bound::Unbounded, reverse));
    }
    for (key, value) in map.iter().step_by(5) {
        assert!(view.get(key).unwrap().is_some_and(|v| *v == **value));
    }
}

pub(crate) fn behaves_like_a_map(kind: EngineKind) {
    let cases = if kind == EngineKind::Memory { 200 } else { 12 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() });
    let ran = runner.run(&prop::collection::vec(action(), 1..40), |actions| {
        let mut place = open(kind);
        let mut map = Map::new();
        let mut kept: Vec<(Snapshot, Map)> = Vec::new();
        for action in actions {
            match action {
                Action::Transaction(steps, ok) => {
                    let before = map.clone();
                    let result = place.store.write(move |tx| {
                        let after = run(tx, &steps, before);
                        if ok { Ok(after) } else { Err(KvError::Aborted("by design".into())) }
                    });
                    match result {
                        Ok(after) => map = after,
                        Err(e) => prop_assert!(!ok && e.to_string().contains("by design"), "{}", e),
                    }
                }
                Action::Keep => kept.push((place.store.read(), map.clone())),
                Action::Reopen => {
                    kept.drain(..).for_each(|(view, then)| same(&view, &then));
                    place.reopen();
                }
            }
            same(&place.store.read(), &map);
        }
        kept.iter().for_each(|(view, then)| same(view, then));
        Ok(())
    });
    ran.unwrap();
}
