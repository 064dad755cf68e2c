//! Forms with files: text fields stay in memory, small files too, larger ones go to a temporary file in the data folder.
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use actix_multipart::{Field, Multipart as Parser};
use actix_web::http::header::HeaderMap;
use actix_web::web;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use kernel::{FileContent, FilePart, Kept, Multipart, RawReply, SpooledFile};

use super::body::late;
use super::{State, error};

/// Longest text field.
const MAX_FIELD: usize = 1 << 20;
/// Most fields and files together.
const MAX_PARTS: usize = 500;
/// So much of a file beyond the limit is read, so that the client gets its answer instead of a broken connection.
const MAX_IGNORED: u64 = 64 << 20;
/// A file that the original takes in no request, which have 12 MiB there with what is around it. Here it is taken when the request names the project it is for.
const MAX_NAMELESS: u64 = (12 << 20) - 1;
/// Files up to this size stay in memory whatever else is there.
const IN_MEMORY: usize = 512 << 10;
/// Files up to this size stay in memory while there is room for them.
const WITH_ROOM: u64 = (ROOM * STEP) as u64;
/// What files of the second kind may take together, in steps of [`STEP`]: two parts of the size clients send.
pub(crate) const ROOM: usize = 11;
const STEP: usize = 1 << 20;
/// Bytes written to a temporary file at once.
const WRITTEN_AT_ONCE: usize = 256 << 10;

fn broken(why: impl std::fmt::Display) -> RawReply {
    error(400, &format!("The multipart body is broken: {why}"), "general_argument_invalid")
}

/// Reads a whole form. A file longer than the server's limit is cut off there with its length one byte over, which the upload
/// endpoint answers with its own error. `named` tells whether the request names a project.
pub(super) async fn read(headers: &HeaderMap, payload: web::Payload, named: bool, state: &State) -> Result<Multipart, RawReply> {
    let mut parser = Parser::new(headers, payload);
    let mut form = Multipart::default();
    loop {
        let next = tokio::time::timeout(state.patience.piece, parser.next()).await.map_err(|_| late())?;
        let Some(field) = next else { return Ok(form) };
        let field = field.map_err(broken)?;
        if form.fields.len() + form.files.len() >= MAX_PARTS {
            return Err(broken("too many parts"));
        }
        let name = field.name().unwrap_or("").to_owned();
        let filename = field
            .content_disposition()
            .and_then(|d| d.get_filename().map(str::to_owned).or_else(|| d.get_filename_ext().map(|e| String::from_utf8_lossy(&e.value).into_owned())));
        match filename {
            Some(filename) => form.files.push(file(field, name, filename, named, state).await?),
            None => {
                let bytes = text(field, state.patience.piece).await?;
                form.fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
}

async fn piece(field: &mut Field, patience: Duration) -> Result<Option<Bytes>, RawReply> {
    let next = tokio::time::timeout(patience, field.next()).await.map_err(|_| late())?;
    next.transpose().map_err(broken)
}

async fn text(mut field: Field, patience: Duration) -> Result<Bytes, RawReply> {
    let mut out = BytesMut::new();
    while let Some(p) = piece(&mut field, patience).await? {
        if out.len() + p.len() > MAX_FIELD {
            return Err(broken("a field is too long"));
        }
        out.extend_from_slice(&p);
    }
    Ok(out.freeze())
}

/// Takes more room when `len` bytes need it; whether there was enough.
fn fits(kept: &mut Kept, len: u64, state: &State) -> bool {
    if len <= IN_MEMORY as u64 {
        return true;
    }
    let held = kept.room.as_ref().map_or(0, tokio::sync::OwnedSemaphorePermit::num_permits);
    let needed = usize::try_from(len.div_ceil(STEP as u64)).unwrap_or(usize::MAX);
    if len > WITH_ROOM || needed <= held {
        return len <= WITH_ROOM;
    }
    let more = u32::try_from(needed - held).ok().and_then(|n| state.room.clone().try_acquire_many_owned(n).ok());
    match (more, &mut kept.room) {
        (None, _) => false,
        (Some(more), Some(room)) => {
            room.merge(more);
            true
        }
        (Some(more), none) => {
            *none = Some(more);
            true
        }
    }
}

/// A temporary file that is being written: pieces of a connection are small, and each write goes to another thread.
struct Spool {
    file: std::fs::File,
    path: SpooledFile,
    waiting: Vec<Bytes>,
    waiting_len: usize,
}

impl Spool {
    async fn new(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(crypto::random_hex(32));
        let open = {
            let path = path.clone();
            move || std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
        };
        let file = blocking(open).await?;
        Ok(Self { file, path: SpooledFile(path), waiting: Vec::new(), waiting_len: 0 })
    }

    async fn add(&mut self, piece: Bytes) -> std::io::Result<()> {
        self.waiting_len += piece.len();
        self.waiting.push(piece);
        if self.waiting_len >= WRITTEN_AT_ONCE { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> std::io::Result<()> {
        self.waiting_len = 0;
        let (pieces, mut file) = (std::mem::take(&mut self.waiting), self.file.try_clone()?);
        blocking(move || pieces.iter().try_for_each(|p| file.write_all(p))).await
    }

    async fn end(mut self) -> std::io::Result<SpooledFile> {
        self.write().await?;
        Ok(self.path)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

async fn file(mut field: Field, name: String, filename: String, named: bool, state: &State) -> Result<FilePart, RawReply> {
    let max = if named { state.app.settings.storage_limit } else { MAX_NAMELESS };
    let mut kept = Kept::default();
    let mut spool: Option<Spool> = None;
    let mut len: u64 = 0;
    let io = |e: std::io::Error| {
        tracing::error!(error = %e, "an upload could not be spooled");
        error(500, "Server Error", "general_server_error")
    };
    while let Some(p) = piece(&mut field, state.patience.piece).await? {
        len += p.len() as u64;
        if len > max.saturating_add(MAX_IGNORED) {
            return Err(error(413, "The file is far larger than any this server takes.", "storage_invalid_file_size"));
        }
        if len > max {
            continue;
        }
        if spool.is_none() && !fits(&mut kept, len, state) {
            let mut fresh = Spool::new(&state.spool).await.map_err(io)?;
            fresh.waiting = std::mem::take(&mut kept).pieces;
            spool = Some(fresh);
        }
        match &mut spool {
            None => kept.pieces.push(p),
            Some(spool) => spool.add(p).await.map_err(io)?,
        }
    }
    if !named && len > max {
        return Err(error(413, "A file of this size is taken by a project only, and the request names none.", "storage_invalid_file_size"));
    }
    let content = match spool {
        None => FileContent::Memory(kept),
        Some(spool) => FileContent::Spooled(spool.end().await.map_err(io)?),
    };
    Ok(FilePart { field: name, filename, len, content })
}
