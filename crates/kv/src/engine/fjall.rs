//! The fjall engine: one keyspace, so that no idle keyspace keeps journals alive; small memtables; `fdatasync` of the
//! journal at every commit.
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use fjall::config::{PartitioningPolicy, PinningPolicy};
use fjall::{AbstractTree, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use super::fjall_flushed;
use super::fjall_journal::{self, Cut};
use super::{Batch, Engine, Range, Rescue, View};
use crate::{Bytes, Item, KvError, Options};

const KEYSPACE: &str = "main";
/// Sealed journals beyond this force a flush. The engine's least value.
const JOURNAL_BYTES: u64 = 64 << 20;
/// Threads that flush and merge. One merges for long while another flushes. The engine asks for as many merges as there are threads with each flush,
/// and its first thread, which does not merge, puts the requests it finds back in line: while all others merge it turns in circles. So there are others to take what is asked for
/// too much; they find nothing to do, as one level takes part in one merge at a time.
const WORKERS: usize = 4;
/// The engine merges the tables of so many flushes into one level. Its tables have 64 MB and the level above the last, where removed keys stay until they
/// meet what they remove, is not needed below four of them: with smaller ones, searches of a hundred thousand documents walked over all words ever entered.
const MERGE: usize = 4;
/// The engine's lock is let go some moments after the last handle is dropped: so many tries,
const OPEN_TRIES: u32 = 40;
/// so far apart (the engine itself waits as well).
const OPEN_PAUSE: Duration = Duration::from_millis(50);
/// It is noted what has reached the tables so many times while the write buffer fills.
const NOTES: u64 = 8;
/// Before closing so long is waited for the rest to reach them.
const LAST_FLUSH: Duration = Duration::from_secs(10);

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
    dir: PathBuf,
    /// Bytes of commits between two notes.
    note_every: u64,
    /// Bytes committed since the last.
    since_note: AtomicU64,
    /// What the last note says.
    noted: AtomicU64,
}

impl Fjall {
    pub(crate) fn open(dir: &Path, options: &Options, rescue: Option<&Rescue>) -> Result<Self, KvError> {
        if let Some(Rescue::CutJournal(seqno)) = rescue {
            fjall_journal::cut_from(dir, *seqno)?;
        }
        fjall_flushed::drop_covered(dir)?;
        let db = match open_database(dir, options) {
            Err(fjall::Error::JournalRecovery(why)) => without_torn_tail(dir, options, why)?,
            other => other.map_err(failure)?,
        };
        let keyspace = db.keyspace(KEYSPACE, || layout(options)).map_err(failure)?;
        fjall_flushed::forget(dir)?;
        let unacknowledged = AtomicU64::new(db.seqno());
        let inner = Arc::new(Inner { keyspace, db, alive: Arc::default() });
        let note_every = options.write_buffer_bytes / NOTES;
        Ok(Self { inner, unacknowledged, dir: dir.to_owned(), note_every, since_note: AtomicU64::new(0), noted: AtomicU64::new(0) })
    }

    /// Notes what is in the tables, if that is news.
    fn note(&self) {
        self.since_note.store(0, Ordering::Relaxed);
        let Some(seqno) = self.inner.keyspace.tree.get_highest_persisted_seqno() else { return };
        if self.noted.swap(seqno, Ordering::Relaxed) != seqno
            && let Err(e) = fjall_flushed::note(&self.dir, seqno)
        {
            tracing::warn!(error = %e, "cannot note what is flushed; the next start will read more of the journal");
        }
    }
}

/// How tables are written. Their indexes are in parts: whole ones grow to megabytes, more than the cache takes of one block, and would be read from
/// the file by every request. The filters are whole and stay in memory, for every look at a key asks those of all tables that may have it. The
/// lowest level, which holds nearly all keys, has none, as nearly all keys that are asked for exist; those of the others are for a tenth of the keys, a byte or two for each.
fn layout(options: &Options) -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(options.write_buffer_bytes.max(64 << 10))
        .index_block_partitioning_policy(PartitioningPolicy::all(true))
        .filter_block_partitioning_policy(PartitioningPolicy::all(false))
        .filter_block_pinning_policy(PinningPolicy::all(true))
        .expect_point_read_hits(true)
}

fn open_database(dir: &Path, options: &Options) -> fjall::Result<Database> {
    let mut tries = 0;
    loop {
        let opened = Database::builder(dir).cache_size(options.cache_bytes).max_journaling_size(JOURNAL_BYTES).worker_threads(WORKERS).open();
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
        out.commit().map_err(failure)?;
        let bytes = batch.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, |v| v.len())).sum::<usize>() as u64;
        if self.since_note.fetch_add(bytes, Ordering::Relaxed) + bytes > self.note_every {
            self.note();
        }
        Ok(())
    }

    /// The engine merges tables when it flushes; what was left over when the writes ended would stay, and every read look into it. A flush sets it going.
    fn rest(&self) -> bool {
        let keyspace = &self.inner.keyspace;
        keyspace.tree.l0_run_count() >= MERGE && keyspace.rotate_memtable().is_ok_and(|rotated| rotated)
    }

    /// Writes what is in memory to a table, so that the next start has no journal to read.
    fn close(&self) {
        let keyspace = &self.inner.keyspace;
        let since = Instant::now();
        if keyspace.rotate_memtable().is_ok() {
            while keyspace.sealed_memtable_count() > 0 && since.elapsed() < LAST_FLUSH {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        self.note();
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
        let item = item.into_inner().map(|(k, v)| (Bytes(k), Bytes(v))).map_err(failure);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OPTIONS: Options = Options { cache_bytes: 1 << 20, write_buffer_bytes: 64 << 10 };

    fn fill(engine: &Fjall, from: u32, to: u32) {
        for n in from..to {
            let value = Some(Bytes::from(vec![n as u8; 1_000]));
            engine.commit(0, &Batch::from([(n.to_be_bytes().to_vec(), value)])).unwrap();
        }
    }

    fn count(engine: &Fjall) -> usize {
        engine.view(0).scan((std::ops::Bound::Unbounded, std::ops::Bound::Unbounded), false).count()
    }

    /// Bytes of batches in the journals.
    fn in_journals(dir: &Path) -> u64 {
        let files = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "jnl"));
        files.map(|p| fs::read(p).unwrap().iter().rposition(|b| *b != 0).map_or(0, |at| at as u64 + 1)).sum()
    }

    #[test]
    fn what_is_in_tables_is_not_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        fill(&engine, 0, 1_000);
        assert!(in_journals(dir.path()) > 1_000_000);
        engine.close();
        drop(engine);

        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        assert_eq!((in_journals(dir.path()), count(&engine)), (0, 1_000), "closed with everything in tables");
        fill(&engine, 1_000, 2_000);
        drop(engine);

        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        assert!(in_journals(dir.path()) < 500_000, "only the rest: {}", in_journals(dir.path()));
        assert_eq!(count(&engine), 2_000, "not closed");
        drop(engine);

        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        assert_eq!(count(&engine), 2_000, "opened and not written to");
        fill(&engine, 2_000, 2_001);
        engine.close();
        drop(engine);
        assert_eq!(count(&Fjall::open(dir.path(), &OPTIONS, None).unwrap()), 2_001);
    }

    #[test]
    fn a_note_dies_with_the_opening() {
        let dir = tempfile::tempdir().unwrap();
        drop(Fjall::open(dir.path(), &OPTIONS, None).unwrap());
        fjall_flushed::note(dir.path(), u64::MAX).unwrap();
        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        fill(&engine, 0, 10);
        drop(engine);
        assert_eq!(count(&Fjall::open(dir.path(), &OPTIONS, None).unwrap()), 10);
    }

    #[test]
    fn what_waits_for_a_merge_is_merged_in_a_quiet_moment() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Fjall::open(dir.path(), &OPTIONS, None).unwrap();
        let runs = || engine.inner.keyspace.tree.l0_run_count();
        // Tables of the same keys: none can be moved down unmerged.
        while runs() < MERGE {
            fill(&engine, 0, 80);
        }
        let since = Instant::now();
        while runs() >= MERGE {
            assert!(since.elapsed() < Duration::from_secs(20), "{} runs", runs());
            engine.rest();
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(!engine.rest(), "nothing more to do");
        assert_eq!(count(&engine), 80);
    }
}
