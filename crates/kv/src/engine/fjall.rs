//! The fjall engine: one keyspace, so that no idle keyspace keeps journals alive; small memtables; `fdatasync` of the
//! journal at every commit.
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use fjall::config::PartitioningPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use super::fjall_journal::{self, Cut};
use super::{Batch, Engine, Range, Rescue, View};
use crate::{Bytes, Item, KvError, Options};

const KEYSPACE: &str = "main";
/// Sealed journals beyond this force a flush. The engine's least value.
const JOURNAL_BYTES: u64 = 64 << 20;
/// The engine's lock is let go some moments after the last handle is dropped: so many tries,
const OPEN_TRIES: u32 = 40;
/// so far apart (the engine itself waits as well).
const OPEN_PAUSE: Duration = Duration::from_millis(50);

struct Inner {
    keyspace: Keyspace,
    db: Database,
    /// Last field: dies after the engine is closed.
    alive: Arc<()>,
}

pub(crate) struct Fjall {
    inner: Arc<Inner>,
    /// Sequence number from which on nothing is acknowledged.
    unacknowledged: AtomicU64,
}

impl Fjall {
    pub(crate) fn open(dir: &Path, options: &Options, rescue: Option<&Rescue>) -> Result<Self, KvError> {
        if let Some(Rescue::CutJournal(seqno)) = rescue {
            fjall_journal::cut_from(dir, *seqno)?;
        }
        let db = match open_database(dir, options) {
            Err(fjall::Error::JournalRecovery(why)) => without_torn_tail(dir, options, why)?,
            other => other.map_err(failure)?,
        };
        let keyspace = db.keyspace(KEYSPACE, || layout(options)).map_err(failure)?;
        let unacknowledged = AtomicU64::new(db.seqno());
        Ok(Self { inner: Arc::new(Inner { keyspace, db, alive: Arc::default() }), unacknowledged })
    }
}

/// How tables are written. Their indexes and filters are in parts at every level: whole ones grow to megabytes, more than the cache takes of one
/// block, and would be read from the file by every request. The lowest level, which holds nearly all keys, has no filters, as nearly all keys that
/// are asked for exist.
fn layout(options: &Options) -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(options.write_buffer_bytes.max(64 << 10))
        .index_block_partitioning_policy(PartitioningPolicy::all(true))
        .filter_block_partitioning_policy(PartitioningPolicy::all(true))
        .expect_point_read_hits(true)
}

fn open_database(dir: &Path, options: &Options) -> fjall::Result<Database> {
    let mut tries = 0;
    loop {
        // Two workers: one may compact for long while the other flushes.
        let opened = Database::builder(dir).cache_size(options.cache_bytes).max_journaling_size(JOURNAL_BYTES).worker_threads(2).open();
        match opened {
            Err(fjall::Error::Locked) if tries < OPEN_TRIES => {
                tries += 1;
                std::thread::sleep(OPEN_PAUSE);
            }
            other => return other,
        }
    }
}

/// Opens a database whose journal ends in a batch that only partly reached the disk. Every acknowledged batch was
/// synced before the next was written, so only the last one can be torn by a power cut, and it was never acknowledged.
/// The engine drops most torn tails by itself, but refuses one that lost bytes in the middle. If damage remains without
/// the last batch, it is something else: all is put back, and the store reported damaged.
fn without_torn_tail(dir: &Path, options: &Options, why: impl std::fmt::Debug) -> Result<Database, KvError> {
    let damaged = |why: &dyn std::fmt::Debug| KvError::Corrupt(format!("the journal cannot be read: {why:?}"));
    let Some(cut) = Cut::last_batch(dir)? else { return Err(damaged(&why)) };
    match open_database(dir, options) {
        Ok(db) => {
            tracing::warn!(bytes = cut.len(), "dropped an incomplete, unacknowledged batch from the journal's end");
            Ok(db)
        }
        Err(e) => {
            cut.put_back()?;
            Err(damaged(&e))
        }
    }
}

impl Engine for Fjall {
    fn view(&self, _: u64) -> Arc<dyn View> {
        Arc::new(FjallView { snapshot: self.inner.db.snapshot(), inner: Arc::clone(&self.inner) })
    }

    fn commit(&self, _: u64, batch: &Batch) -> Result<(), KvError> {
        let inner = &self.inner;
        self.unacknowledged.store(inner.db.seqno(), Ordering::Release);
        let mut out = fjall::OwnedWriteBatch::with_capacity(inner.db.clone(), batch.len()).durability(Some(PersistMode::SyncData));
        for (key, entry) in batch {
            match entry {
                Some(value) => out.insert(&inner.keyspace, key.as_slice(), value.0.clone()),
                None => out.remove(&inner.keyspace, key.as_slice()),
            }
        }
        out.commit().map_err(failure)
    }

    fn rescue(&self) -> Rescue {
        Rescue::CutJournal(self.unacknowledged.load(Ordering::Acquire))
    }

    fn alive(&self) -> Weak<()> {
        Arc::downgrade(&self.inner.alive)
    }
}

struct FjallView {
    snapshot: fjall::Snapshot,
    inner: Arc<Inner>,
}

impl View for FjallView {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, KvError> {
        let value = self.snapshot.get(&self.inner.keyspace, key).map_err(failure)?;
        Ok(value.map(Bytes))
    }

    fn scan<'a>(&'a self, range: Range<'_>, reverse: bool) -> Box<dyn Iterator<Item = Item> + 'a> {
        let items = self.snapshot.range::<&[u8], _>(&self.inner.keyspace, range);
        if reverse { Box::new(until_error(items.rev())) } else { Box::new(until_error(items)) }
    }
}

/// Converts items and ends after the first error.
fn until_error(items: impl Iterator<Item = fjall::Guard>) -> impl Iterator<Item = Item> {
    let mut failed = false;
    items.map_while(move |item| {
        if failed {
            return None;
        }
        let item = item.into_inner().map(|(k, v)| (k.to_vec(), Bytes(v))).map_err(failure);
        failed = item.is_err();
        Some(item)
    })
}

fn failure(e: fjall::Error) -> KvError {
    use fjall::{Error, LsmError};
    match e {
        Error::InvalidVersion(_) => KvError::Corrupt(format!("files of another version of the engine: {e}")),
        Error::Storage(
            LsmError::ChecksumMismatch { .. }
            | LsmError::InvalidTag(_)
            | LsmError::InvalidTrailer
            | LsmError::InvalidHeader(_)
            | LsmError::InvalidVersion(_)
            | LsmError::Decompress(_)
            | LsmError::Unrecoverable,
        )
        | Error::JournalRecovery(_)
        | Error::Decompress(_)
        | Error::InvalidTrailer
        | Error::InvalidTag(_)
        | Error::Unrecoverable => KvError::Corrupt(e.to_string()),
        e => KvError::Io(e.to_string()),
    }
}
