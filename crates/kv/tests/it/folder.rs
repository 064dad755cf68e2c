//! The folder: one process, one engine, one version.
use kv::{EngineKind, KvError, Store, engine_of};

use crate::support::{all, options, put};

const DISK: [EngineKind; 2] = [EngineKind::Fjall, EngineKind::Sled];

#[test]
fn two_handles_on_one_folder_are_refused() {
    for kind in DISK {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(kind, folder.path(), options()).unwrap();
        let second = Store::open(kind, folder.path(), options());
        assert!(matches!(&second, Err(KvError::Unusable(why)) if why.contains("in use by another process")), "{:?}", second.err());
        drop(store);
        Store::open(kind, folder.path(), options()).unwrap();
    }
}

#[test]
fn another_engine_is_refused_with_the_way_out() {
    for (kind, other) in [(DISK[0], DISK[1]), (DISK[1], DISK[0])] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(engine_of(folder.path()).unwrap(), None);
        drop(Store::open(kind, folder.path(), options()).unwrap());
        assert_eq!(engine_of(folder.path()).unwrap(), Some(kind));
        let wrong = Store::open(other, folder.path(), options());
        assert!(matches!(&wrong, Err(KvError::Unusable(why)) if why.contains(&format!("ferrite store convert --to {other}"))), "{:?}", wrong.err());
    }
}

#[test]
fn a_later_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(DISK[0], folder.path(), options()).unwrap());
    std::fs::write(folder.path().join("store/FORMAT"), "ferrite-store 2\nfjall\n").unwrap();
    assert!(matches!(Store::open(DISK[0], folder.path(), options()), Err(KvError::Corrupt(_))));
    assert!(matches!(engine_of(folder.path()), Err(KvError::Corrupt(_))));
}

#[test]
fn a_creation_that_was_broken_off_is_begun_again() {
    for kind in DISK {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir_all(store.join("engine/blobs")).unwrap();
        std::fs::write(store.join("FORMAT.new"), "ferrite-").unwrap();
        std::fs::write(store.join("engine/conf"), "half of it").unwrap();
        let opened = Store::open(kind, folder.path(), options()).unwrap();
        put(&opened, &[("a", "1")]);
        assert!(!store.join("FORMAT.new").exists());
    }
}

#[test]
fn data_without_a_marker_is_not_touched() {
    for kind in DISK {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(kind, folder.path(), options()).unwrap();
        put(&store, &[("a", "1")]);
        drop(store);
        let marker = folder.path().join("store/FORMAT");
        let text = std::fs::read(&marker).unwrap();
        std::fs::remove_file(&marker).unwrap();
        assert!(matches!(Store::open(kind, folder.path(), options()), Err(KvError::Corrupt(_))));
        std::fs::write(&marker, text).unwrap();
        assert_eq!(all(&Store::open(kind, folder.path(), options()).unwrap().read()), "a");
    }
}

#[test]
fn names_of_engines() {
    for kind in [EngineKind::Fjall, EngineKind::Sled, EngineKind::Memory] {
        assert_eq!(kind.name().parse::<EngineKind>().unwrap(), kind);
    }
    assert!("rocksdb".parse::<EngineKind>().is_err());
}
