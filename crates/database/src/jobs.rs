//! Work that is too long for one transaction: filling indexes, removing what was dropped. It is written down in the store,
//! done in batches, and goes on after a restart where it stopped.
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kv::Read;
use parking_lot::Mutex;

use crate::engine::{Shared, Writer};
use crate::index;
use crate::record::{View, damaged};
use crate::scan::{Sequences, documents};
use crate::{DbError, Status, catalog, keys};

/// Documents or keys handled in one transaction.
const BATCH: u64 = 1_000;
/// How long to wait after a failure, e.g. a full disk.
const RETRY: Duration = Duration::from_secs(5);

/// Something left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Remove all keys with a prefix.
    Sweep(Vec<u8>),
    /// Fill an index; its value is the sequence reached.
    Build { collection: u32, index: u16 },
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
            Self::Build { collection, index } => [&[keys::table::JOB, b'b'][..], &collection.to_be_bytes(), &index.to_be_bytes()].concat(),
        }
    }

    fn read(key: &[u8]) -> Option<Self> {
        let (kind, rest) = key.get(1..)?.split_first()?;
        match kind {
            b's' if !rest.is_empty() => Some(Self::Sweep(rest.to_vec())),
            b'b' => Some(Self::Build { collection: u32::from_be_bytes(*rest.first_chunk()?), index: u16::from_be_bytes(*rest.get(4..)?.first_chunk()?) }),
            _ => None,
        }
    }
}

impl Writer<'_, '_> {
    /// Leaves work for the background.
    pub(crate) fn leave(&mut self, job: &Job) {
        self.jobs = true;
        self.tx.put(job.key(), Vec::new());
    }

    pub(crate) fn leave_build(&mut self, build: &Build) {
        self.jobs = true;
        let job = Job::Build { collection: build.collection, index: build.index };
        self.tx.put(job.key(), build.after.to_be_bytes().to_vec());
    }

    /// Fills an index from up to so many documents; where it got, `None` at the end.
    pub(crate) fn build_some(&mut self, build: &Build, most: u64) -> Result<Option<Build>, DbError> {
        let Some(schema) = catalog::load(&*self.tx, build.collection)? else { return Ok(None) };
        let Some(plan) = schema.indexes.iter().find(|i| i.id == build.index) else { return Ok(None) };
        let within = Sequences::ALL.beyond(build.after, false);
        let mut rows = Vec::new();
        let mut more = false;
        for row in documents(&*self.tx, build.collection, within, false) {
            if rows.len() as u64 >= most {
                more = true;
                break;
            }
            rows.push(row?);
        }
        let mut after = build.after;
        for row in rows {
            let bytes = row.record.ok_or_else(|| damaged("document"))?;
            let view = View::new(row.sequence, &bytes)?;
            let entries = index::entries(std::slice::from_ref(plan), build.collection, &view)?;
            self.check_unique(&schema, &view, entries.iter())?;
            for entry in entries {
                let value = entry.value(row.sequence);
                self.tx.put(entry.key, value);
            }
            after = row.sequence;
        }
        Ok(more.then_some(Build { after, ..*build }))
    }

    /// One batch of a job.
    fn work(&mut self, job: &Job, value: &[u8]) -> Result<(), DbError> {
        match job {
            Job::Sweep(prefix) => {
                if self.sweep_some(prefix, BATCH)? {
                    self.tx.delete(job.key());
                }
            }
            Job::Build { collection, index } => {
                let build = Build { collection: *collection, index: *index, after: keys::number(value).unwrap_or(0) };
                match self.build_some(&build, BATCH) {
                    Ok(Some(next)) => self.leave_build(&next),
                    Ok(None) => {
                        self.tx.delete(job.key());
                        self.set_index(*collection, *index, Status::Available, String::new())?;
                    }
                    Err(DbError::Unique(_)) => {
                        self.tx.delete(job.key());
                        self.fail_index(*collection, *index)?;
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(())
    }
}

enum Message {
    Wake,
    /// Answer when nothing is left.
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
    let mut waiting: Vec<Sender<()>> = Vec::new();
    loop {
        let wait = {
            let Some(shared) = shared.upgrade() else { return };
            match work_off(&shared) {
                Ok(true) => Some(Duration::ZERO),
                Ok(false) => None,
                Err(e) => {
                    tracing::error!(error = %e, "background work failed; trying again");
                    Some(RETRY)
                }
            }
        };
        let message = match wait {
            Some(Duration::ZERO) => messages.try_recv().or_else(|e| if e == std::sync::mpsc::TryRecvError::Empty { Ok(Message::Wake) } else { Err(()) }),
            Some(time) => messages.recv_timeout(time).or_else(|e| if e == std::sync::mpsc::RecvTimeoutError::Timeout { Ok(Message::Wake) } else { Err(()) }),
            None => {
                waiting.drain(..).for_each(|w| {
                    let _ = w.send(());
                });
                messages.recv().map_err(|_| ())
            }
        };
        match message {
            Ok(Message::Wake) => {}
            Ok(Message::Settle(sender)) => waiting.push(sender),
            Err(()) => return,
        }
    }
}

/// One batch of the first job; whether there was one.
fn work_off(shared: &Arc<Shared>) -> Result<bool, DbError> {
    let snapshot = shared.store.read();
    let Some(first) = snapshot.prefix(&[keys::table::JOB], false).next() else { return Ok(false) };
    let (key, _) = first?;
    let job = Job::read(&key).ok_or_else(|| damaged("background job"))?;
    shared.write(move |w| -> Result<(), DbError> {
        // It may have been taken back since.
        match w.tx.get(&key)? {
            Some(value) => w.work(&job, &value),
            None => Ok(()),
        }
    })?;
    Ok(true)
}
