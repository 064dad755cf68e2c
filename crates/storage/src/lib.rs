//! Buckets' bytes: chunked upload, scan, compress, encrypt, put; ranged, authenticated reads; limits.
mod blocks;
mod device;
mod error;
mod format;
mod ingest;
mod layered;
mod local;
mod mime;
mod moving;
mod name;
mod read;
mod scan;
mod sink;
pub mod source;
mod staging;
mod store;
mod types;
mod wait;

pub use device::{Azure, Device, Gcs, S3};
pub use error::{Result, StorageError};
pub use format::FORMAT_VERSION;
pub use moving::{Move, Moved};
pub use name::UploadId;
pub use read::ByteStream;
pub use scan::{ClamdAddress, ClamdConfig};
pub use store::{BlobStore, StoredKey};
pub use types::{BlobMeta, BlobRef, CHUNK_BYTES, Compression, Limits, PutOptions, Staged, StagedChunk, StorageConfig};
