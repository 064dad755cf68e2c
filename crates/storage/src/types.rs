//! What callers give to and get from the store.
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crypto::Keyring;

use crate::device::Device;
use crate::scan::ClamdConfig;

/// Size of the chunks that clients of the protocol send, bytes.
pub const CHUNK_BYTES: u64 = 5 * 1024 * 1024;

/// Bounds of a store.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of one file, whatever a call allows.
    pub max_file: u64,
}

impl Default for Limits {
    /// 5 TiB: the largest object of the S3 protocol.
    fn default() -> Self {
        Self { max_file: 5 << 40 }
    }
}

/// How a store is opened.
#[derive(Clone)]
pub struct StorageConfig {
    /// Local folder: staging always, blobs too for the local device. Made when absent, readable by the owner only.
    pub root: PathBuf,
    /// Device of the blobs.
    pub device: Device,
    /// Keys that wrap the data keys of files.
    pub keyring: Arc<Keyring>,
    /// Virus scanner; without one nothing is scanned.
    pub scanner: Option<ClamdConfig>,
    /// Bounds.
    pub limits: Limits,
}

/// How the bytes of a file are made smaller before they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// Name in the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// From its name in the protocol.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Zstd].into_iter().find(|c| c.name() == name)
    }
}

/// How a file is stored.
#[derive(Clone, Debug, Default)]
pub struct PutOptions {
    /// Compression.
    pub compression: Compression,
    /// Encrypt under a key of its own.
    pub encrypt: bool,
    /// Scan before the file becomes visible. Without a configured scanner this has no effect (the operator switched scanning off).
    pub antivirus: bool,
    /// Name the client gave; only used where content alone does not tell the type.
    pub file_name: String,
    /// Leave the staged chunks in place; the caller removes them with `abort` once its own record of the file is durable.
    pub keep_staging: bool,
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Name of the object.
    pub key: String,
    /// Bytes of the file.
    pub size_original: u64,
    /// Bytes it occupies.
    pub size_stored: u64,
    /// MD5 of the file, 32 hex digits: the protocol's `signature`. Not a protection against anything.
    pub md5: String,
    /// SHA-256 of the file, 64 hex digits.
    pub sha256: String,
    /// Type found from the content.
    pub mime: String,
    /// Compression.
    pub compression: Compression,
    /// Encrypted.
    pub encrypted: bool,
    /// Version of the container format.
    pub format: u8,
}

impl BlobMeta {
    /// What a reader needs.
    #[must_use]
    pub fn blob_ref(&self) -> BlobRef {
        BlobRef { key: self.key.clone(), size_original: self.size_original, size_stored: self.size_stored, encrypted: self.encrypted }
    }
}

/// What a reader needs to know about a blob. It comes from the caller's own records: an object that does not match them
/// (another length, a plain object where a sealed one was written) counts as damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRef {
    /// Name of the object.
    pub key: String,
    /// Bytes of the file.
    pub size_original: u64,
    /// Bytes it occupies.
    pub size_stored: u64,
    /// Encrypted.
    pub encrypted: bool,
}

/// Which bytes of an upload have arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Bytes announced.
    pub total: u64,
    /// Distinct chunks in order of their starts; they may overlap.
    pub chunks: Vec<Range<u64>>,
}

impl Staged {
    /// Stretches present, in order, merged.
    #[must_use]
    pub fn ranges(&self) -> Vec<Range<u64>> {
        let mut out: Vec<Range<u64>> = Vec::new();
        for chunk in &self.chunks {
            match out.last_mut() {
                Some(last) if chunk.start <= last.end => last.end = last.end.max(chunk.end),
                _ => out.push(chunk.clone()),
            }
        }
        out
    }

    /// Distinct bytes present.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.ranges().iter().map(|r| r.end - r.start).sum()
    }

    /// Every byte is present.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.chunks.is_empty() && self.received() == self.total
    }
}

/// An acknowledged chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedChunk {
    /// Number of the chunk, counted from 1 in steps of [`CHUNK_BYTES`], as the protocol counts.
    pub index: u64,
    /// Bytes of the chunk.
    pub len: u64,
    /// The upload with this chunk.
    pub staged: Staged,
}
