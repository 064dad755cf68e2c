//! Streams of bytes from what a request brings.
use std::io;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _};

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

/// A body from a file (a spooled form part, for instance).
#[must_use]
pub fn file(path: PathBuf) -> Source {
    async move {
        match tokio::fs::File::open(path).await {
            Ok(mut file) => {
                file.set_max_buf_size(PIECE);
                reader(file)
            }
            Err(e) => stream::iter([Err(e)]).boxed(),
        }
    }
    .flatten_stream()
    .boxed()
}
