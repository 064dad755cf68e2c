//! Streams of bytes from what a request brings.
use std::io::{self, Read as _};
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::read::offload;

/// Bytes read from a file or another reader at once.
const PIECE: usize = 256 * 1024;

/// A body as the store takes it.
pub type Source = BoxStream<'static, io::Result<Bytes>>;

/// A body at hand.
#[must_use]
pub fn bytes(body: Bytes) -> Source {
    stream::iter((!body.is_empty()).then_some(Ok(body))).boxed()
}

/// A body at hand in pieces.
#[must_use]
pub fn pieces(pieces: Vec<Bytes>) -> Source {
    stream::iter(pieces.into_iter().filter(|p| !p.is_empty()).map(Ok)).boxed()
}

/// A body from a reader, in pieces of at most 256 KiB.
pub fn reader(reader: impl AsyncRead + Send + Unpin + 'static) -> Source {
    stream::try_unfold(reader, |mut reader| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        while piece.len() < PIECE {
            let room = PIECE - piece.len();
            if (&mut reader).take(room as u64).read_buf(&mut piece).await? == 0 {
                break;
            }
        }
        Ok((!piece.is_empty()).then(|| (piece.freeze(), reader)))
    })
    .boxed()
}

/// A body from a file (a spooled form part, for instance), in pieces of 256 KiB. Outside of a runtime it is read where it is asked for.
#[must_use]
pub fn file(path: PathBuf) -> Source {
    let opened = async move { offload(true, move || Ok(std::fs::File::open(path))).await };
    stream::once(opened)
        .flat_map(|opened| match opened.map_err(io::Error::other).and_then(|file| file) {
            Ok(file) => stream::try_unfold(file, next_piece).left_stream(),
            Err(e) => stream::iter([Err(e)]).right_stream(),
        })
        .boxed()
}

async fn next_piece(mut file: std::fs::File) -> io::Result<Option<(Bytes, std::fs::File)>> {
    let read = move || {
        let mut piece = Vec::with_capacity(PIECE);
        let done = (&mut file).take(PIECE as u64).read_to_end(&mut piece);
        Ok(done.map(|_| (piece, file)))
    };
    let (piece, file) = offload(true, read).await.map_err(io::Error::other)??;
    Ok((!piece.is_empty()).then(|| (piece.into(), file)))
}
