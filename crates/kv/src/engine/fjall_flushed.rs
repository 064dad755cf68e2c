//! Which part of fjall's journal is in its tables already, so that opening need not read it again.
//!
//! The engine starts a new journal only after 64 MB, whatever has reached the tables since, and reads all of it when it is opened: most of a second.
//! This note beside the journals says up to which batch the tables have everything; what it covers is taken off the journals before they are read.
//! A note that is missing, old or damaged costs time, never data: it is written only after the tables it speaks of are synced, and it is gone before
//! an opened store takes a write, as sequence numbers may begin below it then.
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::fjall_journal;
use crate::KvError;
use crate::folder::sync_dir;

const NOTE: &str = "flushed";

/// Notes that the tables hold every batch up to this one. Not synced: a note lost in a power cut is an old one.
pub(crate) fn note(dir: &Path, seqno: u64) -> io::Result<()> {
    let bytes = seqno.to_le_bytes();
    let fresh = dir.join(format!("{NOTE}.new"));
    fs::write(&fresh, [bytes.as_slice(), &crc32fast::hash(&bytes).to_le_bytes()].concat())?;
    fs::rename(fresh, dir.join(NOTE))
}

/// Takes what the note covers off the journals.
pub(crate) fn drop_covered(dir: &Path) -> Result<(), KvError> {
    match read(dir)? {
        Some(seqno) => fjall_journal::cut_until(dir, seqno),
        None => Ok(()),
    }
}

/// Removes the note, durably.
pub(crate) fn forget(dir: &Path) -> Result<(), KvError> {
    match fs::remove_file(dir.join(NOTE)) {
        Ok(()) => sync_dir(dir),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
    }
}

fn read(dir: &Path) -> Result<Option<u64>, KvError> {
    let bytes = match fs::read(dir.join(NOTE)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let Some((seqno, sum)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
    Ok((crc32fast::hash(seqno).to_le_bytes() == sum).then(|| u64::from_le_bytes(*seqno)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_note_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        note(dir.path(), 7).unwrap();
        assert_eq!(read(dir.path()).unwrap(), Some(7));
        let mut bytes = fs::read(dir.path().join(NOTE)).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            fs::write(dir.path().join(NOTE), &bytes).unwrap();
            assert_eq!(read(dir.path()).unwrap(), None);
            bytes[at] ^= 1;
            fs::write(dir.path().join(NOTE), &bytes[..at]).unwrap();
            assert_eq!(read(dir.path()).unwrap(), None);
        }
        forget(dir.path()).unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        forget(dir.path()).unwrap();
    }
}
