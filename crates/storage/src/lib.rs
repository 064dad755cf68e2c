//! Buckets' bytes: chunked upload, scan, compress, encrypt, put; ranged, authenticated reads; limits.
mod blocks;
mod derived;
mod error;
mod format;
mod ingest;
mod local;
mod mime;
mod name;
mod read;
mod scan;
mod sink;
pub mod source;
mod staging;
mod store;
mod types;

pub use derived::{Derived, DerivedLimits};
pub use error::{Result, StorageError};
pub use format::FORMAT_VERSION;
pub use name::UploadId;
pub use read::ByteStream;
pub use scan::{ClamdAddress, ClamdConfig};
pub use store::{BlobStore, StoredKey};
pub use types::{BlobMeta, BlobRef, CHUNK_BYTES, Compression, Device, Limits, PutOptions, Staged, StagedChunk, StorageConfig};
