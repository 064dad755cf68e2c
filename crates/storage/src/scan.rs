//! Client of clamd's `INSTREAM` command (clamd(8)): the content is sent in pieces, each with its length as u32 in network
//! order, an empty piece ends it; the answer is one line.
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::{Result, StorageError};

/// Bytes of a piece sent to clamd.
const PIECE: usize = 128 * 1024;
/// Longest answer read.
const MAX_ANSWER: u64 = 4096;

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClamdAddress {
    /// `host:port`.
    Tcp(String),
    /// Path of a Unix socket.
    #[cfg(unix)]
    Unix(PathBuf),
}

/// How clamd is asked.
#[derive(Clone, Debug)]
pub struct ClamdConfig {
    /// Where it listens.
    pub address: ClamdAddress,
    /// Longest wait for the connection.
    pub connect_timeout: Duration,
    /// Longest wait for a single write, and for the verdict.
    pub io_timeout: Duration,
}

impl ClamdConfig {
    /// Five seconds to connect; two minutes for the verdict, as clamd itself gives up on a file after that time (`MaxScanTime`).
    #[must_use]
    pub fn new(address: ClamdAddress) -> Self {
        Self { address, connect_timeout: Duration::from_secs(5), io_timeout: Duration::from_secs(120) }
    }

    /// clamd's version line.
    ///
    /// # Errors
    /// `ScannerUnavailable` when it does not answer.
    pub async fn version(&self) -> Result<String> {
        let mut stream = self.connect().await?;
        in_time(self.io_timeout, stream.write_all(b"zVERSION\0")).await?;
        answer(&mut stream, self.io_timeout).await
    }

    async fn connect(&self) -> Result<Box<dyn Duplex>> {
        match &self.address {
            ClamdAddress::Tcp(address) => {
                let stream = in_time(self.connect_timeout, TcpStream::connect(address.as_str())).await?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            ClamdAddress::Unix(path) => {
                let stream = in_time(self.connect_timeout, tokio::net::UnixStream::connect(path)).await?;
                Ok(Box::new(stream))
            }
        }
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

fn unavailable(why: impl std::fmt::Display) -> StorageError {
    StorageError::ScannerUnavailable(why.to_string())
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = std::io::Result<T>>) -> Result<T> {
    timeout(limit, work).await.map_err(|_| unavailable("no answer in time"))?.map_err(unavailable)
}

/// The answer up to its zero byte.
async fn answer(stream: &mut Box<dyn Duplex>, limit: Duration) -> Result<String> {
    let mut line = Vec::new();
    let read = async {
        let mut limited = stream.take(MAX_ANSWER);
        while !line.contains(&0) && limited.read_buf(&mut line).await? > 0 {}
        Ok(())
    };
    in_time(limit, read).await?;
    // An answer without its end may have lost the part that matters.
    let end = line.iter().position(|b| *b == 0).ok_or_else(|| unavailable("the answer was cut off"))?;
    Ok(String::from_utf8_lossy(&line[..end]).trim().to_owned())
}

/// A scan under way.
pub(crate) struct Scan {
    stream: Box<dyn Duplex>,
    limit: Duration,
}

impl Scan {
    pub(crate) async fn begin(clamd: &ClamdConfig) -> Result<Self> {
        let mut stream = clamd.connect().await?;
        in_time(clamd.io_timeout, stream.write_all(b"zINSTREAM\0")).await?;
        Ok(Self { stream, limit: clamd.io_timeout })
    }

    /// Sends some of the content.
    pub(crate) async fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        for piece in bytes.chunks(PIECE) {
            let len = u32::try_from(piece.len()).map_err(unavailable)?;
            if let Err(e) = self.send(len, piece).await {
                // clamd says why before it hangs up, for instance that the stream is too long for it.
                return Err(match answer(&mut self.stream, Duration::from_secs(1)).await {
                    Ok(said) => unavailable(said),
                    Err(_) => e,
                });
            }
        }
        Ok(())
    }

    async fn send(&mut self, len: u32, piece: &[u8]) -> Result<()> {
        in_time(self.limit, self.stream.write_all(&len.to_be_bytes())).await?;
        in_time(self.limit, self.stream.write_all(piece)).await
    }

    /// Ends the content and waits for the verdict: only a clear "OK" is a success.
    pub(crate) async fn verdict(mut self) -> Result<()> {
        let sent = self.send(0, &[]).await;
        let said = match answer(&mut self.stream, self.limit).await {
            Ok(said) => said,
            Err(e) => return Err(sent.err().unwrap_or(e)),
        };
        let verdict = said.strip_prefix("stream: ").unwrap_or(&said);
        match verdict.strip_suffix(" FOUND") {
            Some(name) => Err(StorageError::Virus(name.to_owned())),
            None if verdict == "OK" => Ok(()),
            None => Err(unavailable(said)),
        }
    }
}
