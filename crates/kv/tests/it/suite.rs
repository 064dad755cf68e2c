//! The promises of the store, one by one.
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use kv::{EngineKind, KvError, MAX_KEY, MAX_VALUE, Read, Store, WriteTx};

use crate::support::{all, commit, get, keys, open, put};

fn number(view: &dyn Read, key: &[u8]) -> u64 {
    view.get(key).unwrap().map_or(0, |v| u64::from_be_bytes(v.as_ref().try_into().unwrap()))
}

pub(crate) fn writes_are_read_back(kind: EngineKind) {
    let mut place = open(kind);
    assert_eq!(get(&place.store.read(), "a"), None);
    put(&place.store, &[("a", "1"), ("b", ""), ("c", "3")]);
    commit(&place.store, |tx| tx.delete(b"c".to_vec()));
    commit(&place.store, |tx| tx.delete(b"absent".to_vec()));
    for _ in 0..2 {
        let view = place.store.read();
        assert_eq!((get(&view, "a"), get(&view, "b"), get(&view, "c")), (Some("1".into()), Some(String::new()), None));
        assert_eq!(all(&view), "a b");
        drop(view);
        place.reopen();
    }
    assert_eq!(place.store.kind(), kind);
}

pub(crate) fn a_transaction_sees_its_writes(kind: EngineKind) {
    let place = open(kind);
    put(&place.store, &[("b", "old"), ("d", "old"), ("f", "old")]);
    let seen = place.store.write(|tx| {
        tx.put(b"a".to_vec(), b"new".to_vec());
        tx.put(b"d".to_vec(), b"new".to_vec());
        tx.delete(b"f".to_vec());
        tx.put(b"e".to_vec(), b"new".to_vec());
        let reversed = keys(tx, Excluded("a"), Included("f"), true);
        Ok::<_, KvError>((get(tx, "d"), get(tx, "f"), all(tx), reversed))
    });
    assert_eq!(seen.unwrap(), (Some("new".into()), None, "a b d e".into(), "e d b".into()));
}

pub(crate) fn an_error_writes_nothing(kind: EngineKind) {
    let mut place = open(kind);
    put(&place.store, &[("a", "1")]);
    #[derive(Debug, PartialEq)]
    struct Mine(&'static str);
    impl From<KvError> for Mine {
        fn from(_: KvError) -> Self {
            Self("store")
        }
    }
    let refused: Result<(), Mine> = place.store.write(|tx| {
        tx.put(b"b".to_vec(), b"1".to_vec());
        tx.delete(b"a".to_vec());
        Err(Mine("own"))
    });
    assert_eq!(refused, Err(Mine("own")));
    place.reopen();
    assert_eq!(all(&place.store.read()), "a");
}

pub(crate) fn a_panic_hits_its_transaction_only(kind: EngineKind) {
    let place = open(kind);
    let (entered, wait) = mpsc::channel();
    let (release, go) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &place.store;
        scope.spawn(move || {
            // Holds the committer, so that the others become one group.
            store.write(move |_| {
                entered.send(()).unwrap();
                go.recv().unwrap();
                Ok::<(), KvError>(())
            })
        });
        wait.recv().unwrap();
        let before = scope.spawn(move || put(store, &[("before", "1")]));
        let panicking = scope.spawn(move || {
            store.write(|tx| -> Result<(), KvError> {
                tx.put(b"panicked".to_vec(), vec![1]);
                panic!("on purpose")
            })
        });
        let after = scope.spawn(move || put(store, &[("after", "1")]));
        std::thread::sleep(Duration::from_millis(50));
        release.send(()).unwrap();
        before.join().unwrap();
        after.join().unwrap();
        assert!(matches!(panicking.join().unwrap(), Err(KvError::Aborted(_))));
    });
    assert_eq!(all(&place.store.read()), "after before");
}

pub(crate) fn a_transaction_within_one_is_refused(kind: EngineKind) {
    let place = open(kind);
    let inner = place.store.clone();
    let result = place.store.write(move |tx| {
        tx.put(b"a".to_vec(), vec![1]);
        let nested: Result<(), KvError> = inner.write(|tx| {
            tx.put(b"b".to_vec(), vec![1]);
            Ok(())
        });
        Ok::<_, KvError>(nested)
    });
    assert!(matches!(result, Ok(Err(KvError::Aborted(_)))));
    assert_eq!(all(&place.store.read()), "a");
}

pub(crate) fn limits_refuse_the_transaction(kind: EngineKind) {
    let mut place = open(kind);
    let attempt = |store: &Store, key: Vec<u8>, value: Vec<u8>| {
        store.write(move |tx| {
            tx.put(b"other".to_vec(), vec![1]);
            tx.put(key, value);
            Ok::<(), KvError>(())
        })
    };
    for (key, value) in [(Vec::new(), Vec::new()), (vec![1; MAX_KEY + 1], Vec::new()), (vec![1], vec![0; MAX_VALUE + 1])] {
        assert!(matches!(attempt(&place.store, key, value), Err(KvError::Aborted(_))));
    }
    assert_eq!(all(&place.store.read()), "");
    attempt(&place.store, vec![b'k'; MAX_KEY], vec![]).unwrap();
    place.reopen();
    assert_eq!(place.store.read().get(&[b'k'; MAX_KEY]).unwrap().as_deref(), Some(&[][..]));
}

pub(crate) fn a_refused_write_can_be_rolled_back(kind: EngineKind) {
    let place = open(kind);
    let result = place.store.write(|tx| {
        tx.put(b"a".to_vec(), vec![1]);
        let savepoint = tx.savepoint();
        tx.put(Vec::new(), vec![1]);
        tx.rollback_to(savepoint);
        Ok::<(), KvError>(())
    });
    assert!(result.is_ok());
    assert_eq!(all(&place.store.read()), "a");
}

pub(crate) fn savepoints_nest(kind: EngineKind) {
    let place = open(kind);
    put(&place.store, &[("base", "0")]);
    let ran = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let ran = Arc::clone(&ran);
        move |tx: &mut WriteTx<'_>, name: &'static str| {
            let ran = Arc::clone(&ran);
            tx.on_commit(Box::new(move |_| ran.lock().unwrap().push(name)));
        }
    };
    let seen = place.store.write(move |tx| {
        hook(tx, "first");
        tx.put(b"a".to_vec(), b"1".to_vec());
        let outer = tx.savepoint();
        hook(tx, "outer");
        tx.put(b"a".to_vec(), b"2".to_vec());
        tx.delete(b"base".to_vec());
        let inner = tx.savepoint();
        hook(tx, "inner");
        tx.put(b"base".to_vec(), b"3".to_vec());
        tx.put(b"b".to_vec(), b"3".to_vec());
        tx.rollback_to(inner);
        let between = all(tx);
        tx.put(b"c".to_vec(), b"4".to_vec());
        tx.rollback_to(inner);
        tx.rollback_to(outer);
        let after = (all(tx), get(tx, "a"));
        hook(tx, "last");
        tx.put(b"d".to_vec(), b"5".to_vec());
        Ok::<_, KvError>((between, after))
    });
    assert_eq!(seen.unwrap(), ("a".into(), ("a base".into(), Some("1".into()))));
    assert_eq!(all(&place.store.read()), "a base d");
    assert_eq!(*ran.lock().unwrap(), ["first", "last"]);
}

pub(crate) fn hooks_run_after_the_commit(kind: EngineKind) {
    let place = open(kind);
    let (tell, told) = mpsc::channel();
    let reader = place.store.clone();
    place
        .store
        .write(move |tx| {
            tx.put(b"a".to_vec(), b"1".to_vec());
            let tell2 = tell.clone();
            tx.on_commit(Box::new(|_| panic!("on purpose")));
            tx.on_commit(Box::new(move |version| tell2.send((version, reader.read().version(), get(&reader.read(), "a"))).unwrap()));
            Ok::<(), KvError>(())
        })
        .unwrap();
    // Before the caller is answered, with the commit visible, and whatever other hooks do.
    let (version, seen, value) = told.try_recv().unwrap();
    assert_eq!((version, value), (seen, Some("1".into())));
    assert_eq!(place.store.read().version(), version);
    let never: Result<(), KvError> = place.store.write(|tx| {
        tx.on_commit(Box::new(|_| std::process::abort()));
        Err(KvError::Aborted("by design".into()))
    });
    assert!(never.is_err());
}

pub(crate) fn snapshots_stay_as_they_were(kind: EngineKind) {
    let place = open(kind);
    let mut views = Vec::new();
    for i in 0..20u32 {
        put(&place.store, &[("same", &i.to_string()), (&format!("k{i:02}"), "x")]);
        if i % 3 == 0 {
            commit(&place.store, move |tx| tx.delete(format!("k{i:02}").into_bytes()));
        }
        views.push(place.store.read());
    }
    // Dropped in an order of their own.
    for i in [3usize, 0, 19, 7, 12].into_iter().chain((0..20).filter(|i| ![3, 0, 19, 7, 12].contains(i))) {
        let view = views[i].clone();
        assert_eq!(get(&view, "same"), Some(i.to_string()));
        let wanted: Vec<String> = (0..=i).filter(|k| k % 3 != 0).map(|k| format!("k{k:02}")).chain(["same".into()]).collect();
        assert_eq!(all(&view), wanted.join(" "));
        views[i] = place.store.read();
    }
}

pub(crate) fn scans_of_a_snapshot_ignore_later_writes(kind: EngineKind) {
    let place = open(kind);
    // More than the first chunks of engines that read in chunks.
    let fill = |store: &Store, value: &'static str| {
        store
            .write(move |tx| {
                for i in 0..2_000u32 {
                    tx.put(i.to_be_bytes().to_vec(), value.as_bytes().to_vec());
                }
                Ok::<(), KvError>(())
            })
            .unwrap();
    };
    fill(&place.store, "old");
    let view = place.store.read();
    for reverse in [false, true] {
        let mut scan = view.scan(Unbounded, Unbounded, reverse);
        let mut seen = Vec::new();
        seen.extend(scan.by_ref().take(10).map(Result::unwrap));
        place
            .store
            .write(|tx| {
                for i in 0..1_000u32 {
                    tx.delete((i * 2).to_be_bytes().to_vec());
                    tx.put([(i * 2).to_be_bytes().as_slice(), b"+"].concat(), vec![1]);
                }
                Ok::<(), KvError>(())
            })
            .unwrap();
        fill(&place.store, "new");
        seen.extend(scan.map(Result::unwrap));
        assert!(seen.iter().all(|(k, v)| k.len() == 4 && **v == *b"old"));
        let mut numbers: Vec<u32> = seen.iter().map(|(k, _)| u32::from_be_bytes(k[..].try_into().unwrap())).collect();
        if reverse {
            numbers.reverse();
        }
        assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
    }
    assert_eq!(get(&place.store.read(), "\0\0\0\u{1}"), Some("new".into()));
}

pub(crate) fn bounds_and_directions(kind: EngineKind) {
    let place = open(kind);
    put(&place.store, &[("a", ""), ("b", ""), ("c", ""), ("d", "")]);
    let view = place.store.read();
    let cases = [
        (Included("b"), Included("c"), "b c"),
        (Excluded("b"), Included("d"), "c d"),
        (Included("a"), Excluded("c"), "a b"),
        (Unbounded, Excluded("b"), "a"),
        (Excluded("bb"), Unbounded, "c d"),
        (Included("x"), Unbounded, ""),
        // Empty and inverted ranges.
        (Included("c"), Included("b"), ""),
        (Excluded("b"), Excluded("b"), ""),
        (Included("b"), Excluded("b"), ""),
        (Excluded("c"), Included("a"), ""),
    ];
    for (from, to, wanted) in cases {
        let reversed = wanted.split(' ').rev().collect::<Vec<_>>().join(" ");
        assert_eq!(keys(&view, from, to, false), wanted, "{from:?} {to:?}");
        assert_eq!(keys(&view, from, to, true), reversed, "{from:?} {to:?}");
        let within = place.store.write(move |tx| {
            tx.put(b"zz".to_vec(), vec![]);
            tx.rollback_to(0);
            Ok::<_, KvError>((keys(tx, from, to, false), keys(tx, from, to, true)))
        });
        assert_eq!(within.unwrap(), (wanted.to_owned(), reversed));
    }
}

pub(crate) fn prefixes(kind: EngineKind) {
    let place = open(kind);
    let stored: Vec<Vec<u8>> = vec![vec![1], vec![1, 0xFF], vec![1, 0xFF, 0xFF], vec![1, 0xFF, 0xFF, 7], vec![2], vec![0xFF, 0xFF], vec![0xFF, 0xFF, 0]];
    let all = stored.clone();
    commit(&place.store, move |tx| all.into_iter().for_each(|k| tx.put(k, vec![])));
    let view = place.store.read();
    for prefix in [&[][..], &[1], &[1, 0xFF], &[1, 0xFF, 0xFF], &[0xFF], &[0xFF, 0xFF], &[3]] {
        let wanted: Vec<_> = stored.iter().filter(|k| k.starts_with(prefix)).cloned().collect();
        let found: Vec<_> = view.prefix(prefix, false).map(|i| i.unwrap().0.to_vec()).collect();
        let mut reversed: Vec<_> = view.prefix(prefix, true).map(|i| i.unwrap().0.to_vec()).collect();
        reversed.reverse();
        assert_eq!((&found, &reversed), (&wanted, &wanted), "{prefix:?}");
    }
}

pub(crate) fn large_keys_and_values(kind: EngineKind) {
    let mut place = open(kind);
    let value: Vec<u8> = (0..3_000_000u32).flat_map(|i| (i.wrapping_mul(2_654_435_761)).to_be_bytes()).collect();
    let stored = value.clone();
    place
        .store
        .write(move |tx| {
            tx.put(vec![7; MAX_KEY], b"at the limit".to_vec());
            tx.put(b"large".to_vec(), stored);
            Ok::<(), KvError>(())
        })
        .unwrap();
    for _ in 0..2 {
        let view = place.store.read();
        assert!(view.get(b"large").unwrap().is_some_and(|v| *v == *value));
        assert_eq!(view.get(&[7; MAX_KEY]).unwrap().as_deref(), Some(&b"at the limit"[..]));
        drop(view);
        place.reopen();
    }
}

pub(crate) fn counting_from_many_threads_loses_nothing(kind: EngineKind) {
    let mut place = open(kind);
    let (threads, each) = (8, 50);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..each {
                    let next = place.store.write(|tx| {
                        let next = number(tx, b"n") + 1;
                        tx.put(b"n".to_vec(), next.to_be_bytes().to_vec());
                        Ok::<_, KvError>(next)
                    });
                    // What was answered is visible from then on.
                    assert!(number(&place.store.read(), b"n") >= next.unwrap());
                }
            });
        }
    });
    place.reopen();
    assert_eq!(number(&place.store.read(), b"n"), threads * each);
}

pub(crate) fn writers_share_commits(kind: EngineKind) {
    let place = open(kind);
    let before = place.store.stats();
    let (entered, wait) = mpsc::channel();
    let (release, go) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &place.store;
        scope.spawn(move || {
            store.write(move |_| {
                entered.send(()).unwrap();
                go.recv().unwrap();
                Ok::<(), KvError>(())
            })
        });
        wait.recv().unwrap();
        for i in 0..20 {
            scope.spawn(move || put(store, &[(&format!("k{i}"), "x")]));
        }
        std::thread::sleep(Duration::from_millis(200));
        release.send(()).unwrap();
    });
    let after = place.store.stats();
    assert_eq!(after.transactions - before.transactions, 21);
    assert!(after.commits - before.commits < 10, "{after:?}");
    assert_eq!(after.failures, 0);
    assert_eq!(place.store.read().version(), after.commits);
}

pub(crate) fn readers_never_see_half_a_transaction(kind: EngineKind) {
    let place = open(kind);
    let stop = AtomicBool::new(false);
    let looks = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let view = place.store.read();
                    let found: Vec<u64> =
                        view.scan(Unbounded, Unbounded, false).map(|i| u64::from_be_bytes(i.unwrap().1.as_ref().try_into().unwrap())).collect();
                    assert!(found.is_empty() || found.len() == 100, "{}", found.len());
                    assert!(found.windows(2).all(|w| w[0] == w[1]), "{found:?}");
                    assert_eq!(number(&view, &[50]), found.first().copied().unwrap_or(0));
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for n in 1..=100u64 {
            place
                .store
                .write(move |tx| {
                    for key in 0..100u8 {
                        tx.put(vec![key], n.to_be_bytes().to_vec());
                    }
                    Ok::<(), KvError>(())
                })
                .unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(looks.load(Ordering::Relaxed) > 0);
}

pub(crate) fn a_closed_store_refuses(kind: EngineKind) {
    let place = open(kind);
    put(&place.store, &[("a", "1")]);
    let other = place.store.clone();
    place.store.close();
    place.store.close();
    assert!(matches!(other.write(|_| Ok::<(), KvError>(())), Err(KvError::Closed)));
    assert!(matches!(other.read().get(b"a"), Err(KvError::Closed)));
    assert!(matches!(other.read().scan(Unbounded, Unbounded, false).next(), Some(Err(KvError::Closed))));
}

pub(crate) fn the_last_handle_may_go_within_a_transaction(kind: EngineKind) {
    let place = open(kind);
    let (store, folder) = (place.store.clone(), place.folder);
    let (done, finished) = mpsc::channel();
    let (dropped, go) = mpsc::channel::<()>();
    let held = store.clone();
    let caller = std::thread::spawn(move || {
        let result = store.write(move |tx| {
            go.recv().unwrap();
            tx.put(b"a".to_vec(), vec![1]);
            tx.on_commit(Box::new(move |_| drop(held)));
            Ok::<(), KvError>(())
        });
        done.send(result).unwrap();
        store
    });
    drop(place.store);
    dropped.send(()).unwrap();
    finished.recv_timeout(Duration::from_secs(20)).unwrap().unwrap();
    drop(caller.join().unwrap());
    drop(folder);
}
