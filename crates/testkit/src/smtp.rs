//! A mail server for tests: takes what it is given on a loopback port, or refuses it as told.
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// What a server took: envelope and message.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Line of the sender, e.g. `MAIL FROM:<a@example.com>`.
    pub from: String,
    /// Lines of the receivers.
    pub to: Vec<String>,
    /// Head and body.
    pub data: String,
    /// User and password of the sign-in, as sent (base64); empty without one.
    pub auth: String,
}

#[derive(Debug, Default)]
struct State {
    taken: Vec<Taken>,
    /// Answers to the next receivers instead of taking them.
    refusals: Vec<String>,
}

/// The server; its thread ends with the process.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl SmtpServer {
    /// Listens on a free port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = server.state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = state.clone();
                std::thread::spawn(move || {
                    let _ = talk(&stream, &state);
                });
            }
        });
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next receiver is answered so, e.g. `550 no such mailbox`.
    pub fn refuse(&self, answer: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).refusals.push(answer.to_owned());
    }

    /// What it took so far.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).taken.clone()
    }
}

fn talk(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let say = |text: &str| (&*stream).write_all(format!("{text}\r\n").as_bytes());
    say("220 tests")?;
    let mut mail = Taken::default();
    let mut auth = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        let word = line.split_whitespace().next().unwrap_or("").to_uppercase();
        match word.as_str() {
            "EHLO" | "HELO" => {
                say("250-tests")?;
                say("250 AUTH PLAIN LOGIN")?;
            }
            "AUTH" => {
                auth = line.split_whitespace().last().unwrap_or("").to_owned();
                say("235 in")?;
            }
            "MAIL" => {
                mail = Taken { from: line, auth: auth.clone(), ..Taken::default() };
                say("250 ok")?;
            }
            "RCPT" => {
                let refusal = state.lock().unwrap_or_else(PoisonError::into_inner).refusals.pop();
                match refusal {
                    Some(answer) => say(&answer)?,
                    None => {
                        mail.to.push(line);
                        say("250 ok")?;
                    }
                }
            }
            "DATA" => {
                say("354 go")?;
                loop {
                    let mut piece = String::new();
                    if reader.read_line(&mut piece)? == 0 || piece == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(piece.strip_prefix('.').unwrap_or(&piece));
                }
                state.lock().unwrap_or_else(PoisonError::into_inner).taken.push(std::mem::take(&mut mail));
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 ok")?,
        }
    }
}
