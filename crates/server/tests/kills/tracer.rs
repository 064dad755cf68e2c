//! A process that dies before its n-th operation on files, wherever in it that is.
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Of those that tell begin and end of a system call.
const ENTRY: u8 = 1;
/// More operations than any process does.
const NEVER: i64 = i64::MAX / 2;

/// A process under watch.
pub(crate) struct Traced {
    pid: Pid,
    left: Arc<AtomicI64>,
    thread: JoinHandle<()>,
    /// First line of its output.
    pub(crate) line: String,
}

impl Traced {
    /// Starts the command and waits for its first line. `network`: what it sends counts as an operation, too.
    pub(crate) fn start(mut command: Command, root: &Path, network: bool) -> Self {
        let left = Arc::new(AtomicI64::new(NEVER));
        let (send, started) = channel();
        let watch = Watch { pid: Pid::from_raw(0), root: root.canonicalize().unwrap(), network, left: left.clone() };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let thread = std::thread::spawn(move || watch.run(command, &send));
        let (pid, stdout): (Pid, _) = started.recv().unwrap();
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self { pid, left, thread, line }
    }

    /// From now on the process goes through `operations` more and dies before the next one.
    pub(crate) fn arm(&self, operations: i64) {
        self.left.store(operations, Ordering::SeqCst);
    }

    /// The process lives on, unless it had to die already; whether it had.
    pub(crate) fn disarm(&self) -> bool {
        self.left.swap(NEVER, Ordering::SeqCst) < 0
    }

    /// Ends it at once, whatever it does.
    pub(crate) fn end(self) {
        let _ = kill(self.pid, Signal::SIGKILL);
        self.thread.join().unwrap();
    }
}

struct Watch {
    pid: Pid,
    root: PathBuf,
    network: bool,
    left: Arc<AtomicI64>,
}

impl Watch {
    #[allow(clippy::zombie_processes, reason = "the tracer waits for it with all its threads")]
    fn run(mut self, mut command: Command, started: &Sender<(Pid, std::process::ChildStdout)>) {
        let mut child = command.spawn().unwrap();
        self.pid = Pid::from_raw(child.id().cast_signed());
        let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
        ptrace::seize(self.pid, options).expect("the right to trace a child");
        ptrace::interrupt(self.pid).unwrap();
        started.send((self.pid, child.stdout.take().unwrap())).unwrap();
        // Other tests have children of their own.
        let ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            match waitpid(None, Some(ours)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    self.stopped(thread);
                    go_on(thread, None);
                }
                Ok(WaitStatus::PtraceEvent(thread, ..)) => go_on(thread, None),
                Ok(WaitStatus::Stopped(thread, signal)) => go_on(thread, Some(signal)),
                Ok(WaitStatus::Exited(thread, _) | WaitStatus::Signaled(thread, ..)) if thread == self.pid => return,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(e) => panic!("{e}"),
            }
        }
    }

    fn stopped(&self, thread: Pid) {
        if self.left.load(Ordering::SeqCst) > NEVER / 2 {
            return;
        }
        let (Ok(info), Ok(regs)) = (ptrace::syscall_info(thread), ptrace::getregs(thread)) else { return };
        if info.op == ENTRY && self.changes(regs.orig_rax.cast_signed(), regs.rdi, regs.rdx) && self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            kill(self.pid, Signal::SIGKILL).unwrap();
        }
    }

    /// Whether a call changes something that outlives the process.
    fn changes(&self, number: i64, fd: u64, third: u64) -> bool {
        match number {
            libc::SYS_write | libc::SYS_writev => self.is_file(fd) || self.network && self.is_socket(fd),
            libc::SYS_pwrite64 | libc::SYS_pwritev | libc::SYS_fsync | libc::SYS_fdatasync | libc::SYS_ftruncate => self.is_file(fd),
            libc::SYS_sendto | libc::SYS_sendmsg => self.network,
            libc::SYS_openat => third & libc::O_CREAT as u64 != 0,
            libc::SYS_rename
            | libc::SYS_renameat
            | libc::SYS_renameat2
            | libc::SYS_unlink
            | libc::SYS_unlinkat
            | libc::SYS_link
            | libc::SYS_linkat
            | libc::SYS_mkdir
            | libc::SYS_mkdirat
            | libc::SYS_rmdir => true,
            _ => false,
        }
    }

    fn target(&self, fd: u64) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/fd/{fd}", self.pid)).ok()
    }

    fn is_file(&self, fd: u64) -> bool {
        self.target(fd).is_some_and(|p| p.starts_with(&self.root))
    }

    fn is_socket(&self, fd: u64) -> bool {
        self.target(fd).is_some_and(|p| p.to_string_lossy().starts_with("socket:"))
    }
}

fn go_on(thread: Pid, signal: Option<Signal>) {
    match ptrace::syscall(thread, signal) {
        // It is ending.
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(e) => panic!("cannot go on: {e}"),
    }
}
