//! Failing disks: what was acknowledged stays, what was not goes, and the store recovers.
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Weak, mpsc};
use std::time::Duration;

use super::mvcc::{Mvcc, Raw};
use super::{Batch, Engine, Range, Rescue, View, fjall, sled};
use crate::folder::Folder;
use crate::{Bytes, EngineKind, KvError, Options, Read, Store};

const WORK: u8 = 0;
/// The batch reaches the disk, its sync fails.
const SYNC_FAILS: u8 = 1;
/// The engine panics half way.
const PANIC: u8 = 2;
/// The engine cannot be opened again.
const OPEN_FAILS: u8 = 3;
/// Opening panics.
const OPEN_PANICS: u8 = 4;

/// What goes wrong at the moment.
#[derive(Clone, Default)]
struct Fault(Arc<AtomicU8>);

impl Fault {
    fn set(&self, fault: u8) {
        self.0.store(fault, Ordering::SeqCst);
    }

    fn is(&self, fault: u8) -> bool {
        self.0.load(Ordering::SeqCst) == fault
    }

    /// After the batch was written.
    fn strike(&self) -> Result<(), KvError> {
        assert!(!self.is(PANIC), "the engine panics on purpose");
        if self.is(WORK) { Ok(()) } else { Err(KvError::Io("the disk fails on purpose".into())) }
    }
}

struct FaultyEngine(fjall::Fjall, Fault);

impl Engine for FaultyEngine {
    fn view(&self, version: u64) -> Arc<dyn View> {
        self.0.view(version)
    }
    fn commit(&self, version: u64, batch: &Batch) -> Result<(), KvError> {
        self.0.commit(version, batch)?;
        self.1.strike()
    }
    fn rescue(&self) -> Rescue {
        self.0.rescue()
    }
    fn close(&self) {
        self.0.close();
    }
    fn alive(&self) -> Weak<()> {
        self.0.alive()
    }
}

struct FaultyRaw(sled::Sled, Fault);

impl Raw for FaultyRaw {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        self.0.get(key)
    }
    fn chunk(&self, range: Range<'_>, reverse: bool, limit: usize) -> Result<Vec<(Bytes, Bytes)>, KvError> {
        self.0.chunk(range, reverse, limit)
    }
    fn apply(&self, batch: &Batch) -> Result<(), KvError> {
        self.0.apply(batch)
    }
    fn sync(&self) -> Result<(), KvError> {
        self.0.sync()?;
        self.1.strike()
    }
}

fn faulty(kind: EngineKind, dir: &Path) -> (Store, Fault) {
    let fault = Fault::default();
    let shared = fault.clone();
    let folder = Folder::open(dir, kind).unwrap();
    let files = folder.engine();
    let opener = move |rescue: Option<&Rescue>| -> Result<Arc<dyn Engine>, KvError> {
        if shared.is(OPEN_FAILS) {
            return Err(KvError::Io("the disk fails on purpose".into()));
        }
        assert!(!shared.is(OPEN_PANICS), "opening panics on purpose");
        // What fails here would not have reached the tables; no flush, then.
        let options = Options { write_buffer_bytes: 256 << 20, ..Options::default() };
        if kind == EngineKind::Fjall {
            return Ok(Arc::new(FaultyEngine(fjall::Fjall::open(&files, &options, rescue)?, shared.clone())));
        }
        let engine = Mvcc::new(FaultyRaw(sled::Sled::open(&files, &options)?, shared.clone()));
        if let Some(Rescue::WriteBack(batch)) = rescue {
            engine.write_back(batch)?;
        }
        Ok(Arc::new(engine))
    };
    (Store::start(kind, Box::new(opener), Some(folder)).unwrap(), fault)
}

fn put(store: &Store, key: &'static str, value: &'static str) -> Result<(), KvError> {
    store.write(move |tx| {
        tx.put(key.into(), value.into());
        Ok(())
    })
}

fn state(store: &Store) -> String {
    let view = store.read();
    view.prefix(b"", false)
        .map(|i| i.map(|(k, v)| format!("{}={}", String::from_utf8_lossy(&k), String::from_utf8_lossy(&v))).unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

fn on_disk_engines(test: impl Fn(EngineKind, &Path)) {
    for kind in [EngineKind::Fjall, EngineKind::Sled] {
        test(kind, tempfile::tempdir().unwrap().path());
    }
}

#[test]
fn a_failed_commit_is_invisible_and_taken_back() {
    for fault_kind in [SYNC_FAILS, PANIC] {
        on_disk_engines(|kind, dir| {
            let (store, fault) = faulty(kind, dir);
            put(&store, "a", "1").unwrap();
            put(&store, "b", "1").unwrap();
            let before = store.read();
            fault.set(fault_kind);
            let failed: Result<(), KvError> = store.write(|tx| {
                tx.put(b"a".to_vec(), b"2".to_vec());
                tx.delete(b"b".to_vec());
                tx.put(b"c".to_vec(), b"2".to_vec());
                tx.on_commit(Box::new(|_| std::process::abort()));
                Ok(())
            });
            assert!(matches!(failed, Err(KvError::Io(_))), "{kind}: {failed:?}");
            assert_eq!(state(&store), "a=1 b=1", "{kind}: readers go on");
            assert_eq!(before.version(), store.read().version());
            drop(before);
            fault.set(WORK);
            put(&store, "d", "3").unwrap();
            assert_eq!(state(&store), "a=1 b=1 d=3", "{kind}: taken back");
            assert_eq!((store.stats().failures, store.stats().commits), (1, 3));
            store.close();
            drop(store);
            let (store, _) = faulty(kind, dir);
            assert_eq!(state(&store), "a=1 b=1 d=3", "{kind}: for good");
        });
    }
}

#[test]
fn all_of_a_failed_group_are_told_and_what_follows_is_not_committed_on_top() {
    on_disk_engines(|kind, dir| {
        let (store, fault) = faulty(kind, dir);
        let (entered, wait) = mpsc::channel();
        let (release, go) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let store = &store;
            scope.spawn(move || {
                store.write(move |_| {
                    entered.send(()).unwrap();
                    go.recv().unwrap();
                    Ok::<(), KvError>(())
                })
            });
            wait.recv().unwrap();
            // More bytes than a group takes, so that another group waits behind the one that fails.
            let large = move |key| {
                store.write(move |tx| {
                    tx.put(vec![key], vec![0; 12 << 20]);
                    Ok::<(), KvError>(())
                })
            };
            let callers: Vec<_> = (0..6).map(|key| scope.spawn(move || large(key))).collect();
            std::thread::sleep(Duration::from_millis(100));
            fault.set(SYNC_FAILS);
            release.send(()).unwrap();
            for caller in callers {
                assert!(matches!(caller.join().unwrap(), Err(KvError::Io(_))));
            }
        });
        fault.set(WORK);
        put(&store, "after", "1").unwrap();
        assert_eq!(state(&store), "after=1", "{kind}");
    });
}

#[test]
fn while_the_disk_takes_nothing_readers_go_on() {
    on_disk_engines(|kind, dir| {
        let (store, fault) = faulty(kind, dir);
        put(&store, "a", "1").unwrap();
        fault.set(SYNC_FAILS);
        put(&store, "b", "1").unwrap_err();
        fault.set(WORK);
        // The probe cannot be written.
        std::fs::create_dir(dir.join("PROBE")).unwrap();
        for _ in 0..3 {
            assert!(matches!(put(&store, "c", "1"), Err(KvError::Io(_))));
            assert_eq!(state(&store), "a=1", "{kind}");
        }
        std::fs::remove_dir(dir.join("PROBE")).unwrap();
        fault.set(OPEN_FAILS);
        assert!(matches!(put(&store, "d", "1"), Err(KvError::Io(_))));
        assert!(matches!(store.read().get(b"a"), Err(KvError::Io(_))), "the engine is gone for the moment");
        fault.set(WORK);
        put(&store, "e", "1").unwrap();
        assert_eq!(state(&store), "a=1 e=1", "{kind}");
    });
}

#[test]
fn nobody_waits_for_a_committer_that_died() {
    on_disk_engines(|kind, dir| {
        let (store, fault) = faulty(kind, dir);
        put(&store, "a", "1").unwrap();
        fault.set(SYNC_FAILS);
        put(&store, "b", "1").unwrap_err();
        fault.set(OPEN_PANICS);
        assert!(matches!(put(&store, "c", "1"), Err(KvError::Closed)));
        assert!(matches!(put(&store, "d", "1"), Err(KvError::Closed)));
        assert!(matches!(store.read().get(b"a"), Err(KvError::Closed)));
        store.close();
    });
}
