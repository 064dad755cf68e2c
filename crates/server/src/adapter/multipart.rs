//! Forms with files: text fields stay in memory, small files too, larger ones go to a temporary file in the data folder.
use std::path::Path;

use actix_multipart::{Field, Multipart as Parser};
use actix_web::http::header::HeaderMap;
use actix_web::web;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use kernel::{FileContent, FilePart, Multipart, RawReply, SpooledFile};
use tokio::io::AsyncWriteExt as _;

use super::body::IDLE;
use super::error;

/// Longest text field.
const MAX_FIELD: usize = 1 << 20;
/// Most fields and files together.
const MAX_PARTS: usize = 500;
/// Files up to this size stay in memory.
const IN_MEMORY: usize = 512 << 10;

fn broken(why: impl std::fmt::Display) -> RawReply {
    error(400, &format!("The multipart body is broken: {why}"), "general_argument_invalid")
}

/// Reads a whole form. A file longer than `max_file` is cut off there with its length one byte over, which the upload
/// endpoint answers with its own error.
pub(super) async fn read(headers: &HeaderMap, payload: web::Payload, spool: &Path, max_file: u64) -> Result<Multipart, RawReply> {
    let mut parser = Parser::new(headers, payload);
    let mut form = Multipart::default();
    loop {
        let next = tokio::time::timeout(IDLE, parser.next()).await.map_err(|_| error(408, "The request body did not arrive in time.", "general_argument_invalid"))?;
        let Some(field) = next else { return Ok(form) };
        let field = field.map_err(broken)?;
        if form.fields.len() + form.files.len() >= MAX_PARTS {
            return Err(broken("too many parts"));
        }
        let name = field.name().unwrap_or("").to_owned();
        let filename = field.content_disposition().and_then(|d| d.get_filename().map(str::to_owned).or_else(|| d.get_filename_ext().map(|e| String::from_utf8_lossy(&e.value).into_owned())));
        match filename {
            Some(filename) => form.files.push(file(field, name, filename, spool, max_file).await?),
            None => {
                let bytes = text(field).await?;
                form.fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
}

async fn piece(field: &mut Field) -> Result<Option<Bytes>, RawReply> {
    let next = tokio::time::timeout(IDLE, field.next()).await.map_err(|_| error(408, "The request body did not arrive in time.", "general_argument_invalid"))?;
    next.transpose().map_err(broken)
}

async fn text(mut field: Field) -> Result<Bytes, RawReply> {
    let mut out = BytesMut::new();
    while let Some(p) = piece(&mut field).await? {
        if out.len() + p.len() > MAX_FIELD {
            return Err(broken("a field is too long"));
        }
        out.extend_from_slice(&p);
    }
    Ok(out.freeze())
}

async fn file(mut field: Field, name: String, filename: String, spool: &Path, max: u64) -> Result<FilePart, RawReply> {
    let mut head = BytesMut::new();
    let mut spooled: Option<(tokio::fs::File, SpooledFile)> = None;
    let mut len: u64 = 0;
    let io = |e: std::io::Error| {
        tracing::error!(error = %e, "an upload could not be spooled");
        error(500, "Server Error", "general_server_error")
    };
    while let Some(p) = piece(&mut field).await? {
        len += p.len() as u64;
        if len > max {
            continue; // read on without keeping, so that the client gets its answer
        }
        if spooled.is_none() && head.len() + p.len() > IN_MEMORY {
            let path = spool.join(crypto::random_hex(32));
            let file = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await.map_err(io)?;
            spooled = Some((file, SpooledFile(path)));
        }
        match &mut spooled {
            None => head.extend_from_slice(&p),
            Some((file, _)) => {
                if !head.is_empty() {
                    file.write_all(&head.split()).await.map_err(io)?;
                }
                file.write_all(&p).await.map_err(io)?;
            }
        }
    }
    let content = match spooled {
        None => FileContent::Memory(head.freeze()),
        Some((mut file, path)) => {
            file.flush().await.map_err(io)?;
            FileContent::Spooled(path)
        }
    };
    Ok(FilePart { field: name, filename, len, content })
}
