//! Cutting fjall's journal: off its end a batch torn by a power cut, or one whose sync failed; off its begin what is in the tables already.
//!
//! Format of fjall 3 journals (`<number>.jnl`, little endian, padded with zeros to a preallocated length):
//! * start of a batch: `01`, item count u32, sequence number u64;
//! * item: `02`, type u8, compression u8, keyspace u64, key length u16, value length u32, stored length u32, key, value;
//! * end: `03`, checksum u64, four fixed bytes;
//! * clearing of a keyspace: `04`, keyspace u64.
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::KvError;
use crate::folder::sync_dir;

/// Where a batch begins in a journal, and its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    offset: u64,
    seqno: u64,
}

/// A removed last batch, kept next to the journal until it is known that it may go.
pub(crate) struct Cut {
    journal: PathBuf,
    offset: u64,
    length: u64,
    removed: Vec<u8>,
}

impl Cut {
    /// Removes the last batch (complete or not) of the newest journal that has one.
    pub(crate) fn last_batch(dir: &Path) -> Result<Option<Self>, KvError> {
        for journal in journals(dir)?.into_iter().rev() {
            let (starts, end) = batches(&journal)?;
            let Some(start) = starts.last() else { continue };
            let mut file = OpenOptions::new().read(true).write(true).open(&journal)?;
            let length = file.metadata()?.len();
            let mut removed = Vec::new();
            file.seek(SeekFrom::Start(start.offset))?;
            (&mut file).take(end - start.offset).read_to_end(&mut removed)?;
            truncate(&file, start.offset)?;
            return Ok(Some(Self { journal, offset: start.offset, length, removed }));
        }
        Ok(None)
    }

    /// Bytes removed, without padding.
    pub(crate) fn len(&self) -> usize {
        self.removed.len()
    }

    /// Undoes the cut.
    pub(crate) fn put_back(&self) -> Result<(), KvError> {
        let mut file = OpenOptions::new().write(true).open(&self.journal)?;
        file.set_len(self.offset)?;
        file.seek(SeekFrom::Start(self.offset))?;
        file.write_all(&self.removed)?;
        file.set_len(self.length)?;
        file.sync_all()?;
        Ok(())
    }
}

/// Removes every batch with this sequence number or a later one.
pub(crate) fn cut_from(dir: &Path, seqno: u64) -> Result<(), KvError> {
    for journal in journals(dir)?.into_iter().rev() {
        let (starts, _) = batches(&journal)?;
        let Some(start) = starts.iter().find(|s| s.seqno >= seqno) else { continue };
        truncate(&OpenOptions::new().write(true).open(&journal)?, start.offset)?;
    }
    sync_dir(dir)
}

/// Removes every batch up to and including this sequence number. One journal remains, empty if need be: an engine that finds none starts its
/// sequence numbers anew.
pub(crate) fn cut_until(dir: &Path, seqno: u64) -> Result<(), KvError> {
    let journals = journals(dir)?;
    let newest = journals.len().saturating_sub(1);
    for (n, journal) in journals.iter().enumerate() {
        let (starts, end) = batches(journal)?;
        let Some(last) = starts.iter().rposition(|s| s.seqno <= seqno) else { continue };
        let from = starts.get(last + 1).map_or(end, |next| next.offset);
        let used = used(journal, end)?;
        if used == from && n < newest {
            std::fs::remove_file(journal)?;
        } else {
            keep(journal, from, used)?;
        }
    }
    sync_dir(dir)
}

/// Where the last byte that is no padding ends. What cannot be read stays for the engine to judge.
fn used(journal: &Path, end: u64) -> Result<u64, KvError> {
    let mut file = File::open(journal)?;
    let (mut at, mut used) = (file.seek(SeekFrom::Start(end))?, end);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(used);
        }
        if let Some(last) = buffer.iter().take(count).rposition(|byte| *byte != 0) {
            used = at + last as u64 + 1;
        }
        at += count as u64;
    }
}

/// Replaces a journal by this part of it.
fn keep(journal: &Path, from: u64, to: u64) -> Result<(), KvError> {
    let fresh = journal.with_extension("new");
    let mut source = File::open(journal)?;
    source.seek(SeekFrom::Start(from))?;
    let mut source = source.take(to - from);
    let mut file = File::create(&fresh)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        // Not `io::copy`, which leaves the copying to the kernel by a call that the power-cut harness does not know.
        let count = source.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        file.write_all(bytes)?;
    }
    file.sync_all()?;
    Ok(std::fs::rename(fresh, journal)?)
}

fn truncate(file: &File, length: u64) -> Result<(), KvError> {
    file.set_len(length)?;
    file.sync_all()?;
    Ok(())
}

/// The journals of a database, oldest first.
fn journals(dir: &Path) -> Result<Vec<PathBuf>, KvError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".jnl"));
        if let Some(number) = number.and_then(|n| n.parse::<u64>().ok()) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The batches of a journal by structure (checksums are the engine's business), and where the last readable entry ends.
fn batches(journal: &Path) -> Result<(Vec<Start>, u64), KvError> {
    let file = File::open(journal)?;
    let length = file.metadata()?.len();
    let mut reader = Reader { inner: BufReader::new(file), at: 0, length };
    let mut starts = Vec::new();
    loop {
        let offset = reader.at;
        match reader.entry() {
            Ok(Some(seqno)) => starts.push(Start { offset, seqno }),
            Ok(None) => {}
            Err(e) if matches!(e.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData) => {
                return Ok((starts, offset));
            }
            Err(e) => return Err(e.into()),
        }
    }
}

struct Reader {
    inner: BufReader<File>,
    at: u64,
    length: u64,
}

impl Reader {
    /// Passes one entry; the sequence number if it starts a batch.
    fn entry(&mut self) -> io::Result<Option<u64>> {
        match u8::from_le_bytes(self.bytes()?) {
            1 => {
                self.skip(4)?;
                Ok(Some(u64::from_le_bytes(self.bytes()?)))
            }
            2 => {
                self.skip(10)?;
                let key = u16::from_le_bytes(self.bytes()?);
                self.skip(4)?;
                let value = u32::from_le_bytes(self.bytes()?);
                self.skip(u64::from(key) + u64::from(value))?;
                Ok(None)
            }
            3 => self.skip(12).map(|()| None),
            4 => self.skip(8).map(|()| None),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        self.inner.read_exact(&mut out)?;
        self.at += N as u64;
        Ok(out)
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        if self.at + count > self.length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.inner.seek_relative(i64::try_from(count).map_err(|_| ErrorKind::InvalidData)?)?;
        self.at += count;
        Ok(())
    }
}
