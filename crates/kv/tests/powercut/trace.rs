//! Runs a process and records what it does to the files of a folder.
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::disk::Event;
use crate::workload;

const ENTRY: u8 = 1;
const EXIT: u8 = 2;
const STDOUT: u64 = 1;

/// Runs the command, which waits for a line before it begins, to its end.
#[allow(clippy::zombie_processes, reason = "the tracer waits for it with all its threads")]
pub(crate) fn record(mut command: Command, root: &Path) -> Vec<Event> {
    // What it acknowledges is seen on its way out.
    let mut child = command.stdout(Stdio::null()).spawn().expect("a process");
    let pid = Pid::from_raw(child.id().cast_signed());
    let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).expect("the right to trace a child; FERRITE_POWERCUTS=0 goes without");
    ptrace::interrupt(pid).expect("a stop");
    let memory = File::open(format!("/proc/{pid}/mem")).expect("the memory of a traced process");
    let mut tracer = Tracer { pid, root: root.canonicalize().expect("a folder"), memory, opening: HashMap::new(), events: Vec::new() };
    let mut stdin = child.stdin.take();
    loop {
        match waitpid(None, Some(WaitPidFlag::__WALL)).expect("a stop") {
            WaitStatus::PtraceSyscall(thread) => {
                tracer.stopped(thread);
                go_on(thread, None);
            }
            WaitStatus::PtraceEvent(thread, ..) => {
                go_on(thread, None);
                // The first stop: from here on everything is seen.
                if let Some(mut stdin) = stdin.take() {
                    stdin.write_all(b"\n").expect("a reader");
                }
            }
            WaitStatus::Stopped(thread, signal) => go_on(thread, Some(signal)),
            WaitStatus::Exited(thread, code) if thread == pid => {
                assert_eq!(code, 0, "the writer failed");
                return tracer.events;
            }
            WaitStatus::Signaled(thread, signal, _) if thread == pid => panic!("the writer died of {signal}"),
            _ => {}
        }
    }
}

fn go_on(thread: Pid, signal: Option<nix::sys::signal::Signal>) {
    match ptrace::syscall(thread, signal) {
        // It is ending.
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(e) => panic!("cannot go on: {e}"),
    }
}

/// A system call: number, arguments, result.
struct Call {
    number: i64,
    args: [u64; 6],
    result: i64,
}

struct Tracer {
    pid: Pid,
    root: PathBuf,
    memory: File,
    /// Threads within an `open` that will make a file.
    opening: HashMap<Pid, bool>,
    events: Vec<Event>,
}

impl Tracer {
    fn stopped(&mut self, thread: Pid) {
        let (Ok(info), Ok(regs)) = (ptrace::syscall_info(thread), ptrace::getregs(thread)) else { return };
        let args = [regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9];
        let call = Call { number: regs.orig_rax.cast_signed(), args, result: regs.rax.cast_signed() };
        match info.op {
            ENTRY => self.begins(thread, &call),
            EXIT if call.result >= 0 => self.ended(thread, &call),
            EXIT => assert!(!self.is_sync(&call), "a sync failed"),
            _ => {}
        }
    }

    fn begins(&mut self, thread: Pid, call: &Call) {
        let [a, b, c, d, ..] = call.args;
        match call.number {
            libc::SYS_openat => {
                let new = self.path_at(a, b).is_some_and(|path| !self.root.join(path).exists());
                self.opening.insert(thread, new);
            }
            libc::SYS_fsync | libc::SYS_fdatasync => {
                if let Some(path) = self.path_of(a) {
                    self.events.push(Event::SyncStart(path, thread.as_raw()));
                }
            }
            libc::SYS_write if a == STDOUT => {
                let text = String::from_utf8(self.bytes(b, c as usize)).expect("a line");
                let (thread, n) = workload::acknowledgement(&text).expect("an acknowledgement");
                self.events.push(Event::Acknowledged(thread, n));
            }
            libc::SYS_mmap => {
                let shared = d & libc::MAP_SHARED as u64 != 0 && c & libc::PROT_WRITE as u64 != 0;
                assert!(!shared || self.path_of(call.args[4]).is_none(), "writing through a mapping is not modelled");
            }
            libc::SYS_open | libc::SYS_creat | libc::SYS_truncate | libc::SYS_rename | libc::SYS_unlink | libc::SYS_mkdir | libc::SYS_rmdir => self.plain(call),
            libc::SYS_link | libc::SYS_linkat | libc::SYS_symlink | libc::SYS_symlinkat | libc::SYS_sync | libc::SYS_syncfs | libc::SYS_io_uring_setup => {
                panic!("system call {} is not modelled", call.number)
            }
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 | libc::SYS_sendfile => {
                assert!(self.path_of(a).is_none(), "system call {} is not modelled", call.number);
            }
            libc::SYS_copy_file_range => assert!(self.path_of(c).is_none(), "copy_file_range is not modelled"),
            _ => {}
        }
    }

    /// Calls that have a path only; the standard library uses some of them.
    fn plain(&mut self, call: &Call) {
        let path = self.absolute(&self.text(call.args[0]));
        let modelled = matches!(call.number, libc::SYS_rename | libc::SYS_unlink | libc::SYS_mkdir | libc::SYS_rmdir);
        assert!(modelled || path.is_none(), "system call {} is not modelled", call.number);
    }

    fn ended(&mut self, thread: Pid, call: &Call) {
        let [a, b, c, d, e, _] = call.args;
        let here = u64::from(libc::AT_FDCWD.cast_unsigned());
        let event = match call.number {
            libc::SYS_openat => self.opened(thread, call),
            libc::SYS_write => self.path_of(a).map(|path| {
                let data = self.bytes(b, call.result as usize);
                Event::Write(path, self.position(a) - data.len() as u64, data.into())
            }),
            libc::SYS_pwrite64 => self.path_of(a).map(|path| Event::Write(path, d, self.bytes(b, call.result as usize).into())),
            libc::SYS_ftruncate => self.path_of(a).map(|path| Event::SetLen(path, b)),
            libc::SYS_fallocate => self.path_of(a).and_then(|path| {
                assert!(b == 0 || b == libc::FALLOC_FL_KEEP_SIZE as u64, "such a fallocate is not modelled");
                let len = std::fs::metadata(self.root.join(&path)).expect("a file").len();
                (b == 0).then_some(Event::SetLen(path, len))
            }),
            libc::SYS_fsync | libc::SYS_fdatasync => self.path_of(a).map(|_| Event::SyncEnd(thread.as_raw())),
            libc::SYS_mkdir => self.path_at(here, a).map(Event::MakeDir),
            libc::SYS_mkdirat => self.path_at(a, b).map(Event::MakeDir),
            libc::SYS_unlink | libc::SYS_rmdir => self.path_at(here, a).map(Event::Remove),
            libc::SYS_unlinkat => self.path_at(a, b).map(Event::Remove),
            libc::SYS_rename => self.renamed(self.path_at(here, a), self.path_at(here, b)),
            libc::SYS_renameat => self.renamed(self.path_at(a, b), self.path_at(c, d)),
            libc::SYS_renameat2 => {
                assert!(e & !u64::from(libc::RENAME_NOREPLACE) == 0, "such a rename is not modelled");
                self.renamed(self.path_at(a, b), self.path_at(c, d))
            }
            // `sync_file_range` is no sync: it flushes neither the drive's cache nor the file's length.
            _ => None,
        };
        self.events.extend(event);
    }

    fn opened(&mut self, thread: Pid, call: &Call) -> Option<Event> {
        let new = self.opening.remove(&thread)?;
        let path = self.path_of(call.result.cast_unsigned())?;
        let flags = call.args[2] as i32;
        assert!(flags & libc::O_TMPFILE != libc::O_TMPFILE, "files without a name are not modelled");
        assert!(flags & (libc::O_DSYNC | libc::O_DIRECT) == 0, "such an open is not modelled");
        if flags & libc::O_CREAT != 0 && new {
            return Some(Event::Create(path));
        }
        (flags & libc::O_TRUNC != 0).then_some(Event::SetLen(path, 0))
    }

    fn renamed(&self, from: Option<PathBuf>, to: Option<PathBuf>) -> Option<Event> {
        match (from, to) {
            (None, None) => None,
            (Some(from), Some(to)) => Some(Event::Rename(from, to)),
            (from, to) => panic!("a rename into or out of the folder: {from:?} {to:?}"),
        }
    }

    fn is_sync(&self, call: &Call) -> bool {
        matches!(call.number, libc::SYS_fsync | libc::SYS_fdatasync) && self.path_of(call.args[0]).is_some()
    }

    /// The path of an open file within the folder.
    fn path_of(&self, fd: u64) -> Option<PathBuf> {
        let path = std::fs::read_link(format!("/proc/{}/fd/{}", self.pid, fd as i32)).ok()?;
        // Of files without a name nothing can be left.
        if path.to_string_lossy().ends_with(" (deleted)") {
            return None;
        }
        self.absolute(&path)
    }

    /// The path that a call names.
    fn path_at(&self, dir: u64, path: u64) -> Option<PathBuf> {
        let path = self.text(path);
        if path.is_absolute() {
            return self.absolute(&path);
        }
        let link = if dir as i32 == libc::AT_FDCWD { "cwd".to_owned() } else { format!("fd/{}", dir as i32) };
        self.absolute(&std::fs::read_link(format!("/proc/{}/{link}", self.pid)).ok()?.join(path))
    }

    fn absolute(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(&self.root).ok().map(Path::to_owned)
    }

    fn position(&self, fd: u64) -> u64 {
        let info = std::fs::read_to_string(format!("/proc/{}/fdinfo/{}", self.pid, fd as i32)).expect("an open file");
        let line = info.lines().find_map(|l| l.strip_prefix("pos:")).expect("a position");
        line.trim().parse().expect("a number")
    }

    fn bytes(&self, address: u64, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        self.memory.read_exact_at(&mut out, address).expect("memory");
        out
    }

    fn text(&self, address: u64) -> PathBuf {
        let mut out = Vec::new();
        let mut byte = [0];
        while self.memory.read_exact_at(&mut byte, address + out.len() as u64).is_ok() && byte != [0] {
            out.push(byte[0]);
        }
        PathBuf::from(String::from_utf8_lossy(&out).into_owned())
    }
}
