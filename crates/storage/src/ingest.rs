//! One pass from a stream of bytes to a stored object: count, scan, digest, sniff, compress, protect, put.
use std::sync::Arc;

use bytes::Bytes;
use crypto::Keyring;
use futures_util::{Stream, StreamExt as _};
use object_store::ObjectStore;

use crate::error::{Result, StorageError};
use crate::format::{Encoded, Encoder, Mode};
use crate::mime::Sniffer;
use crate::name;
use crate::scan::{ClamdConfig, Scan};
use crate::sink::Sink;
use crate::types::Compression;

/// Bytes given to the encoder at once; bounds what collects in memory whatever the pieces of the source are.
const STEP: usize = 64 * 1024;

/// What to make of a stream.
pub(crate) struct Ingest<'a> {
    pub(crate) store: &'a Arc<dyn ObjectStore>,
    pub(crate) keyring: &'a Keyring,
    pub(crate) key: String,
    pub(crate) mode: Mode,
    pub(crate) compression: Compression,
    /// Also find digests and type.
    pub(crate) describe: bool,
    pub(crate) scanner: Option<&'a ClamdConfig>,
    /// Exact length, when it is known.
    pub(crate) expected: Option<u64>,
    /// Fewest bytes taken.
    pub(crate) min: u64,
    /// Most bytes taken.
    pub(crate) max: u64,
    /// Bytes of a part.
    pub(crate) part: usize,
}

/// A stored object.
pub(crate) struct Ingested {
    pub(crate) key: String,
    pub(crate) encoded: Encoded,
    /// Type, if asked for.
    pub(crate) sniffer: Option<Sniffer>,
}

impl Ingest<'_> {
    /// Stores the stream. On any error nothing stays behind and nothing was visible.
    pub(crate) async fn run(self, source: impl Stream<Item = Result<Bytes>> + Send) -> Result<Ingested> {
        let mut sink = Sink::new(Arc::clone(self.store), name::path(&self.key)?);
        match self.pump(&mut sink, source).await {
            Ok(done) => Ok(done),
            Err(e) => {
                sink.abort().await;
                Err(e)
            }
        }
    }

    async fn pump(self, sink: &mut Sink, source: impl Stream<Item = Result<Bytes>> + Send) -> Result<Ingested> {
        let mut source = std::pin::pin!(source);
        let mut encoder = Encoder::new(&self.key, self.mode, self.compression, self.describe, self.keyring)?;
        let mut sniffer = self.describe.then(Sniffer::default);
        let mut scan = match self.scanner {
            Some(clamd) => Some(Scan::begin(clamd).await?),
            None => None,
        };
        let limit = self.expected.unwrap_or(self.max).min(self.max);
        let mut size: u64 = 0;
        while let Some(bytes) = source.next().await {
            let bytes = bytes?;
            size += bytes.len() as u64;
            if size > limit {
                return Err(StorageError::TooLarge { limit });
            }
            for step in bytes.chunks(STEP) {
                if let Some(scan) = &mut scan {
                    scan.feed(step).await?;
                }
                if let Some(sniffer) = &mut sniffer {
                    sniffer.feed(step);
                }
                encoder.write(step)?;
                while let Some(part) = encoder.take(self.part) {
                    sink.part(part).await?;
                }
            }
        }
        let expected = self.expected.unwrap_or(self.min);
        if size < expected {
            return Err(StorageError::Truncated { expected, got: size });
        }
        let mut encoded = encoder.finish()?;
        if let Some(scan) = scan {
            scan.verdict().await?;
        }
        let mut rest = std::mem::take(&mut encoded.rest);
        while rest.len() > self.part {
            sink.part(rest.split_to(self.part)).await?;
        }
        sink.finish(rest).await?;
        Ok(Ingested { key: self.key, encoded, sniffer })
    }
}
