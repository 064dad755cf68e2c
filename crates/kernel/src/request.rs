//! A request as the kernel sees it: no HTTP library, headers in lower case, the body read only when a step asks for it.
use std::net::IpAddr;
use std::path::PathBuf;

use bytes::Bytes;
use protocol::spec::Verb;
use serde_json::{Map, Value};

use crate::error::Result;

/// Headers in arrival order, names in lower case.
#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// First value of a header (name in lower case); empty values count as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }
}

/// One request.
pub struct Request {
    /// Method; HEAD arrives as GET with `head` set.
    pub verb: Verb,
    /// Answer without body.
    pub head: bool,
    /// Path, still percent-encoded, without query.
    pub path: String,
    /// Query string without `?`.
    pub query: String,
    /// Headers.
    pub headers: Headers,
    /// Address of the peer.
    pub peer: IpAddr,
    /// Arrived over TLS (here or, by `X-Forwarded-Proto`, at a proxy).
    pub https: bool,
    /// `Host` without port, lower case.
    pub hostname: String,
    /// Where the body comes from.
    pub body: Box<dyn Body>,
    /// Set for a call that another request makes: its parameters, in place of query and body.
    pub inner: Option<Inner>,
}

/// What a call within a request is made with.
#[derive(Debug, Default)]
pub struct Inner {
    /// Parameters by their names, those of the path included.
    pub params: Map<String, Value>,
    /// Files.
    pub files: Vec<FilePart>,
}

/// Source of a body; blocking calls, made from a pool thread.
pub trait Body: Send {
    /// The whole body, at most `max` bytes; longer ones are refused.
    fn bytes(&mut self, max: usize) -> Result<Bytes>;
    /// A `multipart/form-data` body: text fields in order and at most one spooled file per name.
    fn multipart(&mut self, max_fields: usize, max_file: u64) -> Result<Multipart>;
}

/// An empty body.
pub struct NoBody;
impl Body for NoBody {
    fn bytes(&mut self, _max: usize) -> Result<Bytes> {
        Ok(Bytes::new())
    }
    fn multipart(&mut self, _max_fields: usize, _max_file: u64) -> Result<Multipart> {
        Ok(Multipart::default())
    }
}

/// A parsed form body.
#[derive(Debug, Default)]
pub struct Multipart {
    /// Name and text of fields.
    pub fields: Vec<(String, String)>,
    /// Files.
    pub files: Vec<FilePart>,
}

/// An uploaded file part.
#[derive(Debug)]
pub struct FilePart {
    /// Field name.
    pub field: String,
    /// File name as the client gave it.
    pub filename: String,
    /// Length in bytes.
    pub len: u64,
    /// The bytes.
    pub content: FileContent,
}

/// Small parts stay in memory, larger ones too while there is room for them; the others go to a temporary file.
#[derive(Debug)]
pub enum FileContent {
    /// In memory, in pieces.
    Memory(Kept),
    /// In a file that is removed when this value is dropped.
    Spooled(SpooledFile),
}

/// The bytes of a part in memory, as they came.
#[derive(Debug, Default)]
pub struct Kept {
    /// One after another, they are the part.
    pub pieces: Vec<Bytes>,
    /// The room they take of what all parts together may; given back on drop.
    pub room: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl From<Bytes> for Kept {
    fn from(bytes: Bytes) -> Self {
        Self { pieces: vec![bytes], room: None }
    }
}

/// A temporary file, removed on drop.
#[derive(Debug)]
pub struct SpooledFile(pub PathBuf);
impl Drop for SpooledFile {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_file(&self.0)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %e, "could not remove a spooled upload");
        }
    }
}
