//! From one engine to another.
use std::ops::Bound;

use kv::{EngineKind, KvError, Read, Store, convert, engine_of};

use crate::support::options;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn pairs(store: &Store) -> Pairs {
    store.read().scan(Bound::Unbounded, Bound::Unbounded, false).map(|i| i.map(|(k, v)| (k.to_vec(), v.to_vec())).unwrap()).collect()
}

#[test]
fn everything_arrives_and_the_source_stays() {
    for (from, to) in [(EngineKind::Fjall, EngineKind::Sled), (EngineKind::Sled, EngineKind::Fjall)] {
        let (source, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(from, source.path(), options()).unwrap();
        store
            .write(|tx| {
                for i in 0..2_500u32 {
                    tx.put([&i.to_be_bytes()[..], b"k"].concat(), vec![i as u8; (i % 300) as usize]);
                }
                tx.put(b"large".to_vec(), vec![9; 6 << 20]);
                Ok::<(), KvError>(())
            })
            .unwrap();
        let wanted = pairs(&store);
        let busy = convert(source.path(), target.path(), to, &options(), |_| {});
        assert!(matches!(busy, Err(KvError::Unusable(_))), "the source is in use");
        drop(store);
        let mut told = Vec::new();
        let done = convert(source.path(), target.path(), to, &options(), |so_far| told.push(so_far.pairs)).unwrap();
        assert_eq!(done.pairs, 2_501);
        assert_eq!(done.bytes, wanted.iter().map(|(k, v)| (k.len() + v.len()) as u64).sum::<u64>());
        assert!(told.len() >= 3 && told.is_sorted() && told.last() == Some(&2_501), "{told:?}");
        assert_eq!((engine_of(source.path()).unwrap(), engine_of(target.path()).unwrap()), (Some(from), Some(to)));
        assert_eq!(pairs(&Store::open(to, target.path(), options()).unwrap()), wanted);
        assert_eq!(pairs(&Store::open(from, source.path(), options()).unwrap()), wanted);
    }
}

#[test]
fn without_a_source_or_onto_a_store_nothing_happens() {
    let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Store::open(EngineKind::Fjall, full.path(), options()).unwrap());
    let result = |from: &tempfile::TempDir, to: &tempfile::TempDir| convert(from.path(), to.path(), EngineKind::Sled, &options(), |_| {});
    assert!(matches!(result(&empty, &full), Err(KvError::Unusable(_))));
    assert!(std::fs::read_dir(empty.path()).unwrap().next().is_none());
    let other = tempfile::tempdir().unwrap();
    drop(Store::open(EngineKind::Sled, other.path(), options()).unwrap());
    assert!(matches!(result(&full, &other), Err(KvError::Unusable(_))));
}
