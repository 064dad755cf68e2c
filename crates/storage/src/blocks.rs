//! The index of a compressed object: where its blocks lie.
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::Result;
use crate::format::{BLOCK, decompress, entry_len};
use crate::read::Reader;
use crate::types::Compression;

/// Lengths of the blocks, checked against the footer. Four bytes for each MiB of the file.
pub(crate) struct Index {
    entries: Vec<u32>,
    size: u64,
}

/// A block and what is wanted of it.
pub(crate) struct Block {
    /// Where it lies in the payload.
    pub(crate) body: Range<u64>,
    /// Bytes of the file in it.
    pub(crate) len: usize,
    entry: u32,
    wanted: Range<usize>,
}

impl Index {
    /// Reads the index of a file of `size` bytes.
    pub(crate) async fn load(reader: &Arc<Reader>, size: u64) -> Result<Self> {
        let footer = reader.footer().await?;
        if footer.size != size {
            return Err(reader.bad("length of the file"));
        }
        let bytes = reader.payload(footer.body..footer.body + footer.blocks * 4).await?;
        let (entries, rest) = bytes.as_chunks::<4>();
        let entries: Vec<u32> = entries.iter().map(|e| u32::from_le_bytes(*e)).collect();
        let sum: u64 = entries.iter().map(|e| entry_len(*e)).sum();
        let sound = rest.is_empty() && entries.len() as u64 == footer.blocks && sum == footer.body;
        if !sound || entries.iter().any(|e| !(1..=BLOCK as u64).contains(&entry_len(*e))) {
            return Err(reader.bad("index of the blocks"));
        }
        Ok(Self { entries, size })
    }

    /// The blocks that hold a range of the file; `range` is not empty and lies within it.
    pub(crate) fn covering(self, range: Range<u64>) -> impl Iterator<Item = Block> + Send + 'static {
        let block = BLOCK as u64;
        let size = self.size;
        let first = range.start / block;
        let count = (range.end - 1) / block + 1 - first;
        let skip = usize::try_from(first).unwrap_or(usize::MAX);
        let mut at: u64 = self.entries.iter().take(skip).map(|e| entry_len(*e)).sum();
        let entries = self.entries.into_iter().skip(skip).zip(first..first + count);
        entries.map(move |(entry, number)| {
            let start = number * block;
            let end = size.min(start + block);
            let body = at..at + entry_len(entry);
            at = body.end;
            // Both are at most one block away from the start of this one.
            let within = |n: u64| usize::try_from(n.clamp(start, end) - start).unwrap_or(0);
            Block { body, len: within(end), entry, wanted: within(range.start)..within(range.end) }
        })
    }
}

impl Block {
    /// What is wanted of the block, from its stored bytes; `None` when they are not such a block.
    pub(crate) fn open(&self, how: Compression, bytes: &[u8]) -> Option<Bytes> {
        let block = decompress(how, self.entry, bytes, self.len)?;
        Some(Bytes::from(block).slice(self.wanted.clone()))
    }
}
