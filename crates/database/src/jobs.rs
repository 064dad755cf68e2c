//! Work that is too long for one transaction: filling indexes, removing what was dropped. It is written down in the store,
//! done in batches, and goes on after a restart where it stopped.
//!
//! Jobs take turns, a batch each, so that a large index keeps nobody's small one waiting. One that fails is put off and tried again; the others go on.
use std::collections::HashSet;
use std::ops::Bound;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kv::Read;
use parking_lot::Mutex;

use crate::engine::{Shared, Writer};
use crate::index;
use crate::record::{View, damaged};
use crate::scan::{Sequences, documents};
use crate::{Collection, DbError, Status, catalog, enter, keys};

/// What one transaction does of a job: others wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion {
    /// Bytes of documents: words of long texts take time to find.
    bytes: usize,
    /// Entries of an index.
    entries: usize,
}

impl Portion {
    /// Everything at once.
    pub(crate) const ALL: Self = Self { bytes: usize::MAX, entries: usize::MAX };
    /// A few milliseconds of work.
    const BATCH: Self = Self { bytes: 512 << 10, entries: 3_000 };
}

/// Documents read before what they need is written.
const READ_AT_ONCE: usize = 100;
/// Keys removed in one transaction.
const BATCH_KEYS: u64 = 4_000;
/// How long to wait after a failure, e.g. a full disk.
const RETRY: Duration = Duration::from_secs(5);

/// Why a unique index failed, as the reference says it.
pub(crate) const TAKEN: &str = "Document already exists";
/// Why an index failed that met a record that does not decode.
const DAMAGED: &str = "A stored document is damaged";

/// Something left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Remove all keys with a prefix.
    Sweep(Vec<u8>),
    /// Remove what a dropped collection has left.
    Drop(u32),
    /// Fill an index; its value is the sequence reached.
    Build { collection: u32, index: u16 },
    /// Enter the words that wait in a full-text index.
    Enter { collection: u32, index: u16 },
}

/// An index being filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build {
    pub(crate) collection: u32,
    pub(crate) index: u16,
    /// Sequence reached.
    pub(crate) after: u64,
}

impl Job {
    pub(crate) fn key(&self) -> Vec<u8> {
        match self {
            Self::Sweep(prefix) => [&[keys::table::JOB, b's'], prefix.as_slice()].concat(),
            Self::Drop(collection) => [&[keys::table::JOB, b'd'][..], &collection.to_be_bytes()].concat(),
            Self::Build { collection, index } => [&[keys::table::JOB, b'b'][..], &collection.to_be_bytes(), &index.to_be_bytes()].concat(),
            Self::Enter { collection, index } => [&[keys::table::JOB, b'e'][..], &collection.to_be_bytes(), &index.to_be_bytes()].concat(),
        }
    }

    fn read(key: &[u8]) -> Option<Self> {
        let (kind, rest) = key.get(1..)?.split_first()?;
        match kind {
            b's' if !rest.is_empty() => Some(Self::Sweep(rest.to_vec())),
            b'd' => Some(Self::Drop(u32::from_be_bytes(*rest.first_chunk()?))),
            b'b' | b'e' => {
                let (collection, index) = (u32::from_be_bytes(*rest.first_chunk()?), u16::from_be_bytes(*rest.get(4..)?.first_chunk()?));
                Some(if *kind == b'b' { Self::Build { collection, index } } else { Self::Enter { collection, index } })
            }
            _ => None,
        }
    }
}

impl Writer<'_, '_> {
    /// Leaves work for the background; `reached` is where it goes on.
    pub(crate) fn leave(&mut self, job: &Job, reached: Vec<u8>) {
        self.jobs = true;
        self.tx.put(job.key(), reached);
    }

    pub(crate) fn leave_build(&mut self, build: &Build) {
        self.jobs = true;
        let job = Job::Build { collection: build.collection, index: build.index };
        self.tx.put(job.key(), build.after.to_be_bytes().to_vec());
    }

    /// Fills an index from some documents; where it got, `None` at the end.
    pub(crate) fn build_some(&mut self, build: &Build, portion: Portion) -> Result<Option<Build>, DbError> {
        let Some(schema) = catalog::load(&*self.tx, build.collection)? else { return Ok(None) };
        let Some(plan) = schema.indexes.iter().find(|i| i.id == build.index) else { return Ok(None) };
        let mut within = Sequences::ALL.beyond(build.after, false);
        let (mut bytes, mut entries) = (0, 0);
        loop {
            // Documents are read some at a time: what is written must not be scanned at once.
            let rows = documents(&*self.tx, build.collection, within, false).take(READ_AT_ONCE).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = rows.last() else { return Ok(None) };
            within = within.beyond(last.sequence, false);
            let after = last.sequence;
            for row in rows {
                let record = row.record.ok_or_else(|| damaged("document"))?;
                let view = View::new(row.sequence, &record)?;
                let found = index::entries(std::slice::from_ref(plan), build.collection, &view)?;
                self.check_unique(&schema, &view, found.iter())?;
                (bytes, entries) = (bytes + record.len(), entries + found.len());
                for entry in found {
                    let value = entry.value(row.sequence);
                    self.tx.put(entry.key, value);
                }
                entries += self.fill_words(build.collection, plan, &view)?;
            }
            if bytes >= portion.bytes || entries >= portion.entries {
                return Ok(Some(Build { after, ..*build }));
            }
        }
    }

    /// One batch of a job; the collection of an index that it ended to fill, or failed to.
    fn work(&mut self, job: &Job, value: &[u8]) -> Result<Option<Arc<Collection>>, DbError> {
        match job {
            // Prepared outside of a transaction; see `crate::enter`.
            Job::Enter { .. } => {}
            Job::Sweep(prefix) => match self.sweep_some(prefix, value, BATCH_KEYS)? {
                Some(reached) => self.leave(job, reached),
                None => self.tx.delete(job.key()),
            },
            Job::Drop(collection) => match self.remove_some(*collection, value, BATCH_KEYS)? {
                Some(reached) => self.leave(job, reached),
                None => self.tx.delete(job.key()),
            },
            Job::Build { collection, index } => {
                let build = Build { collection: *collection, index: *index, after: keys::number(value).unwrap_or(0) };
                match self.build_some(&build, Portion::BATCH) {
                    Ok(Some(next)) => self.leave_build(&next),
                    Ok(None) => {
                        self.tx.delete(job.key());
                        return self.set_index(*collection, *index, Status::Available, String::new());
                    }
                    Err(DbError::Unique(_)) => {
                        self.tx.delete(job.key());
                        return self.fail_index(*collection, *index, TAKEN);
                    }
                    Err(DbError::Store(e)) if !e.retryable => {
                        tracing::error!(error = %e, collection, index, "an index cannot be filled");
                        self.tx.delete(job.key());
                        return self.fail_index(*collection, *index, DAMAGED);
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(None)
    }
}

enum Message {
    Wake,
    /// Answer when nothing is left, or only what fails.
    Settle(Sender<()>),
}

/// The background thread's handle; when dropped, the thread ends after its batch.
pub(crate) struct Jobs(Mutex<Sender<Message>>);

impl Jobs {
    /// Starts the thread; it first looks for work left over.
    pub(crate) fn start(shared: &Arc<Shared>) -> Result<Self, DbError> {
        let (sender, receiver) = channel();
        let weak = Arc::downgrade(shared);
        std::thread::Builder::new().name("database-jobs".to_owned()).spawn(move || run(&weak, &receiver)).map_err(|e| DbError::from(kv::KvError::from(e)))?;
        Ok(Self(Mutex::new(sender)))
    }

    pub(crate) fn wake(&self) {
        let _ = self.0.lock().send(Message::Wake);
    }

    pub(crate) fn settle(&self) {
        let (sender, receiver) = channel();
        if self.0.lock().send(Message::Settle(sender)).is_ok() {
            let _ = receiver.recv();
        }
    }
}

fn run(shared: &Weak<Shared>, messages: &Receiver<Message>) {
    let mut turns = Turns::default();
    let mut waiting: Vec<Sender<()>> = Vec::new();
    loop {
        let worked = match shared.upgrade() {
            Some(shared) => turns.next(&shared),
            None => return,
        };
        let message = if worked {
            messages.try_recv().or_else(|e| if e == TryRecvError::Empty { Ok(Message::Wake) } else { Err(()) })
        } else {
            for w in waiting.drain(..) {
                let _ = w.send(());
            }
            if turns.put_off.is_empty() {
                messages.recv().map_err(|_| ())
            } else {
                let message = messages.recv_timeout(RETRY);
                if matches!(message, Err(RecvTimeoutError::Timeout)) {
                    turns.put_off.clear();
                }
                message.or_else(|e| if e == RecvTimeoutError::Timeout { Ok(Message::Wake) } else { Err(()) })
            }
        };
        match message {
            Ok(Message::Wake) => {}
            Ok(Message::Settle(sender)) => waiting.push(sender),
            Err(()) => return,
        }
    }
}

/// Whose turn it is.
#[derive(Default)]
struct Turns {
    /// Key of the job that had the last batch.
    last: Vec<u8>,
    /// Jobs that failed, until they are tried again.
    put_off: HashSet<Vec<u8>>,
}

impl Turns {
    /// One batch of the next job; whether there was one.
    fn next(&mut self, shared: &Arc<Shared>) -> bool {
        let key = match self.find(shared) {
            Ok(Some(key)) => key,
            Ok(None) => return false,
            Err(e) => {
                tracing::error!(error = %e, "background work cannot be read; trying again");
                self.put_off.insert(Vec::new());
                return false;
            }
        };
        self.last.clone_from(&key);
        if let Err(e) = work_off(shared, key.clone()) {
            tracing::error!(error = %e, "background work failed; trying again");
            self.put_off.insert(key);
        }
        true
    }

    /// The first job after the last one, or the first of all.
    fn find(&self, shared: &Shared) -> Result<Option<Vec<u8>>, DbError> {
        let snapshot = shared.store.read();
        let all = [keys::table::JOB];
        let end = keys::after(&all);
        for from in [Bound::Excluded(self.last.as_slice()), Bound::Included(&all[..])] {
            if matches!(from, Bound::Excluded([])) {
                continue;
            }
            for item in snapshot.scan(from, Bound::Excluded(&end), false) {
                let (key, _) = item?;
                if !self.put_off.contains(&key[..]) {
                    return Ok(Some(key.to_vec()));
                }
            }
        }
        Ok(None)
    }
}

/// One batch of a job.
fn work_off(shared: &Arc<Shared>, key: Vec<u8>) -> Result<(), DbError> {
    let job = Job::read(&key).ok_or_else(|| damaged("background job"))?;
    if let Job::Enter { collection, index } = job {
        return enter::enter(shared, collection, index);
    }
    let filled = if let Job::Build { index, .. } = &job { Some(*index) } else { None };
    let done = shared.write(move |w| match w.tx.get(&key)? {
        Some(value) => w.work(&job, &value),
        // It was taken back in the meantime.
        None => Ok(None),
    })?;
    if let (Some(collection), Some(watcher)) = (done, shared.watcher.get())
        && let Some(index) = collection.indexes.iter().find(|i| Some(i.id) == filled)
    {
        watcher.built(&collection, index);
    }
    Ok(())
}
