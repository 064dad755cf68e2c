//! The socket in the data folder: one JSON line asks, one JSON line answers. Who may open the file may administer.
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use kernel::App;
use serde_json::{Value, json};

use super::Command;

/// Name of the socket in the data folder.
const NAME: &str = "admin.sock";
/// Longest line.
const MAX_LINE: u64 = 64 << 10;
/// Longest wait for the other side to speak. Maintenance of a large server takes its time.
const PATIENCE: Duration = Duration::from_secs(600);
/// The same for commands that go through all files.
const LONG_PATIENCE: Duration = Duration::from_secs(7 * 86_400);
/// Paths of sockets are at most 107 bytes long.
const MAX_PATH: usize = 100;

/// The path to use, and what must stay open meanwhile: a folder with a long name is reached through its descriptor.
fn path(data: &Path) -> std::io::Result<(PathBuf, Option<File>)> {
    let direct = data.join(NAME);
    if direct.as_os_str().len() <= MAX_PATH {
        return Ok((direct, None));
    }
    let folder = File::open(data)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd())), Some(folder)))
}

/// The server's side.
pub(crate) struct Listener {
    data: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Listens in the data folder. The caller holds the lock of the folder, so a socket that is there is a leftover.
    pub(crate) fn start(data: &Path, app: Arc<App>) -> std::io::Result<Self> {
        let (path, folder) = path(data)?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = stopping.clone();
        let thread = std::thread::Builder::new().name("admin".into()).spawn(move || {
            let _folder = folder;
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    // Some commands take hours; the others do not wait for them.
                    let app = app.clone();
                    let started = std::thread::Builder::new().name("admin command".into()).spawn(move || serve(stream, &app));
                    if let Err(e) = started {
                        tracing::warn!(error = %e, "no thread for a command of the administrator");
                    }
                }
            }
        })?;
        Ok(Self { data: data.to_owned(), stopping, thread })
    }

    /// Stops listening and removes the socket.
    pub(crate) fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        let Ok((path, _folder)) = path(&self.data) else { return };
        if UnixStream::connect(&path).is_ok() {
            let _ = self.thread.join();
        }
        let _ = std::fs::remove_file(&path);
    }
}

fn serve(stream: UnixStream, app: &Arc<App>) {
    // Somebody who connects and says nothing must not keep others out for long.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let _ = stream.set_write_timeout(Some(Duration::from_secs(5)));
    let mut line = String::new();
    if BufReader::new(&stream).take(MAX_LINE).read_line(&mut line).is_err() || line.is_empty() {
        return;
    }
    let run = || {
        let asked: Value = serde_json::from_str(&line).map_err(|e| format!("not a JSON line: {e}"))?;
        Command::from_json(&asked)?.run(app)
    };
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|_| Err("the server failed; see its log".into()));
    let answer = match result {
        Ok(ok) => json!({"ok": ok}),
        Err(error) => json!({"error": error}),
    };
    let _ = writeln!(&stream, "{answer}");
}

/// Asks the running server; `None` when none runs on this folder.
pub(crate) fn call(data: &Path, command: &Command) -> Result<Option<Value>, String> {
    let nobody = |e: &std::io::Error| matches!(e.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused);
    let (path, _folder) = match path(data) {
        Ok(p) => p,
        Err(e) if nobody(&e) => return Ok(None),
        Err(e) => return Err(format!("{}: {e}", data.display())),
    };
    let stream = match UnixStream::connect(&path) {
        Ok(s) => s,
        Err(e) if nobody(&e) => return Ok(None),
        Err(e) if e.kind() == ErrorKind::PermissionDenied => {
            return Err(format!("{} belongs to another user; run this command as the user of the server", data.join(NAME).display()));
        }
        Err(e) => return Err(format!("{}: {e}", data.join(NAME).display())),
    };
    let lost = |e: std::io::Error| format!("the running server did not answer: {e}");
    let long = matches!(command, Command::StorageMove { .. } | Command::StorageVerify);
    stream.set_read_timeout(Some(if long { LONG_PATIENCE } else { PATIENCE })).map_err(lost)?;
    writeln!(&stream, "{}", command.to_json()).map_err(lost)?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).map_err(lost)?;
    let answer: Value = serde_json::from_str(&line).map_err(|_| "the running server gave no readable answer; see its log".to_owned())?;
    match (answer.get("ok"), answer.get("error").and_then(Value::as_str)) {
        (Some(ok), _) => Ok(Some(ok.clone())),
        (None, Some(error)) => Err(error.to_owned()),
        _ => Err("the running server gave no readable answer; see its log".into()),
    }
}
