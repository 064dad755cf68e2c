//! Writing of a container, in one pass and bounded memory.
use bytes::Bytes;
use crypto::{Digests, Keyring};

use super::segment::Sealer;
use super::{BLOCK, FORMAT_VERSION, Footer, HEADER, Header, Mode, SEGMENT, compress};
use crate::error::{Result, StorageError};
use crate::types::Compression;

/// Turns the bytes of a file into those of an object. Holds at most one block, what was not taken yet and four bytes per block written.
pub(crate) struct Encoder {
    key: String,
    compression: Compression,
    sealer: Sealer,
    digests: Option<Digests>,
    /// Bytes of the file that wait for the rest of their block; unused without compression.
    block: Vec<u8>,
    index: Vec<u8>,
    size: u64,
    body: u64,
    /// Bytes of the object not taken yet; from `open` on they belong to a segment that is not protected yet.
    out: Vec<u8>,
    open: usize,
    taken: u64,
}

/// The end of an object and what is known about its file.
pub(crate) struct Encoded {
    /// Bytes of the object not taken before.
    pub(crate) rest: Bytes,
    /// Bytes of the object in all.
    pub(crate) stored: u64,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// MD5 and SHA-256 of the file, if asked for.
    pub(crate) digests: Option<([u8; 16], [u8; 32])>,
    /// Version of the format.
    pub(crate) format: u8,
}

impl Encoder {
    /// Begins the object `key`; `digests` asks for MD5 and SHA-256 of the file.
    pub(crate) fn new(key: &str, mode: Mode, compression: Compression, digests: bool, keyring: &Keyring) -> Result<Self> {
        let failed = || StorageError::Io { source: "no data key could be made".into(), retryable: true };
        let (sealer, stream) = Sealer::new(mode, compression, key, keyring).ok_or_else(failed)?;
        let header = Header { mode, compression, stream }.encode(key).ok_or_else(failed)?;
        Ok(Self {
            key: key.to_owned(),
            compression,
            sealer,
            digests: digests.then(Digests::new),
            block: Vec::new(),
            index: Vec::new(),
            size: 0,
            body: 0,
            out: header.to_vec(),
            open: HEADER,
            taken: 0,
        })
    }

    /// Adds bytes of the file.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        if let Some(digests) = &mut self.digests {
            digests.update(bytes);
        }
        self.size += bytes.len() as u64;
        if self.compression == Compression::None {
            self.body += bytes.len() as u64;
            return self.payload(bytes);
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.end_block()?;
            }
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<()> {
        let mut frame = Vec::new();
        let entry = compress::compress(self.compression, &self.block, &mut frame)?;
        self.block.clear();
        self.index.extend_from_slice(&entry.to_le_bytes());
        self.body += frame.len() as u64;
        self.payload(&frame)
    }

    /// Adds bytes of the payload. A full segment stays open until more comes, because only then it is known not to be the last.
    fn payload(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let room = (SEGMENT as usize).saturating_sub(self.out.len() - self.open);
            if room == 0 {
                self.end_segment(false)?;
                continue;
            }
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.out.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn end_segment(&mut self, last: bool) -> Result<()> {
        self.sealer.seal(&mut self.out, self.open, last).ok_or(StorageError::TooLarge { limit: SEGMENT << 32 })?;
        self.open = self.out.len();
        Ok(())
    }

    /// Finished bytes of the object, once there are at least `part` of them; then exactly that many.
    pub(crate) fn take(&mut self, part: usize) -> Option<Bytes> {
        if self.open < part {
            return None;
        }
        let rest = self.out.split_off(part);
        self.open -= part;
        self.taken += part as u64;
        Some(std::mem::replace(&mut self.out, rest).into())
    }

    /// Ends the object.
    pub(crate) fn finish(mut self) -> Result<Encoded> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        let digests = self.digests.take().map(Digests::finish);
        let blocks = self.index.len() as u64 / 4;
        let footer = Footer { blocks, size: self.size, body: self.body, sha256: digests.map(|d| d.1) };
        let mut tail = std::mem::take(&mut self.index);
        tail.extend_from_slice(&footer.encode());
        self.payload(&tail)?;
        self.end_segment(true)?;
        tracing::trace!(key = self.key, size = self.size, "encoded");
        Ok(Encoded { stored: self.taken + self.out.len() as u64, rest: self.out.into(), size: self.size, digests, format: FORMAT_VERSION })
    }
}
