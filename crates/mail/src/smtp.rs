//! The way to a mail server.
use std::error::Error as _;
use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{SmtpTransport, Transport as _};

use crate::{BadMail, Mail};

/// Longest wait for the server at each step.
const TIMEOUT: Duration = Duration::from_secs(15);
/// As long when a person waits for the answer.
const SHORT: Duration = Duration::from_secs(5);

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secure {
    /// Not at all.
    #[default]
    None,
    /// TLS after `STARTTLS`, which the server must offer.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl Secure {
    /// From the value of a setting: empty, `tls` (STARTTLS) or `ssl`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "none" => Some(Self::None),
            "tls" | "starttls" => Some(Self::StartTls),
            "ssl" | "smtps" => Some(Self::Tls),
            _ => None,
        }
    }
}

/// A mail server and how to get in.
#[derive(Clone, Default)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub secure: Secure,
    /// User; no sign-in when empty.
    pub username: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("host", &self.host).field("port", &self.port).field("secure", &self.secure).finish_non_exhaustive()
    }
}

/// Why a mail did not go.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It never will.
    #[error("{0}")]
    Permanent(String),
    /// It may later.
    #[error("{0}")]
    Transient(String),
}

impl From<BadMail> for SendError {
    fn from(e: BadMail) -> Self {
        Self::Permanent(e.to_string())
    }
}

/// Mozilla's roots of trust and those of the machine.
fn roots() -> &'static [Certificate] {
    static ROOTS: OnceLock<Vec<Certificate>> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let native = rustls_native_certs::load_native_certs().certs;
        let all = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::<[u8]>::as_ref).chain(native.iter().map(AsRef::as_ref));
        all.filter_map(|der| Certificate::from_der(der.to_vec()).ok()).collect()
    })
}

fn tls(host: &str) -> Result<TlsParameters, SendError> {
    // The first one wins; whoever else sets it sets the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    for root in roots() {
        builder = builder.add_root_certificate(root.clone());
    }
    builder.build().map_err(|e| SendError::Permanent(told(&e)))
}

fn transport(server: &Server, timeout: Duration, us: &str) -> Result<SmtpTransport, SendError> {
    let tls = match server.secure {
        Secure::None => Tls::None,
        Secure::StartTls => Tls::Required(tls(&server.host)?),
        Secure::Tls => Tls::Wrapper(tls(&server.host)?),
    };
    let name = if us.is_empty() { ClientId::default() } else { ClientId::Domain(us.to_owned()) };
    let mut builder = SmtpTransport::builder_dangerous(&server.host).port(server.port).tls(tls).timeout(Some(timeout)).hello_name(name);
    if !server.username.is_empty() {
        builder = builder.credentials(Credentials::new(server.username.clone(), server.password.clone()));
    }
    Ok(builder.build())
}

/// Sends a mail; `us` is the name this server gives itself.
pub fn send(server: &Server, mail: &Mail, id: &str, us: &str) -> Result<(), SendError> {
    let message = mail.message(id)?;
    transport(server, TIMEOUT, us)?.send(&message).map(|_| ()).map_err(failed)
}

/// Connects, signs in and says good-bye: whether the settings work.
pub fn hello(server: &Server, us: &str) -> Result<(), SendError> {
    match transport(server, SHORT, us)?.test_connection() {
        Ok(true) => Ok(()),
        Ok(false) => Err(SendError::Transient("the server closed the connection".to_owned())),
        Err(e) => Err(failed(e)),
    }
}

fn failed(e: lettre::transport::smtp::Error) -> SendError {
    let text = told(&e);
    // 5xx says never, with an exception: a wrong sign-in is mended by the operator, not by the receiver.
    let credentials = e.status().is_some_and(|c| matches!(c.to_string().as_str(), "530" | "534" | "535" | "538"));
    if e.is_permanent() && !credentials { SendError::Permanent(text) } else { SendError::Transient(text) }
}

/// The error with its causes.
fn told(e: &lettre::transport::smtp::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(inner) = cause {
        let late = inner.downcast_ref::<std::io::Error>().is_some_and(|e| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        let more = if late { "the server did not answer in time".to_owned() } else { inner.to_string() };
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}
