//! The client.
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use url::{Host, Url};

use crate::{Certificate, Exceptions};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for a certificate.
const PATIENCE: Duration = Duration::from_secs(10);

/// Method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names say it")]
pub enum Method {
    Get,
    Post,
}

/// What to send, and how much patience there is for the answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Where to, `http` or `https`.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
    /// Redirects that are followed.
    pub redirects: u8,
    /// Longest answer that is taken, bytes.
    pub max_bytes: usize,
    /// Longest wait for all of it.
    pub timeout: Duration,
    /// Whether the certificate must be good.
    pub verify: bool,
}

impl Request {
    /// A GET that follows no redirect, waits ten seconds and takes a mebibyte.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            redirects: 0,
            max_bytes: 1 << 20,
            timeout: Duration::from_secs(10),
            verify: true,
        }
    }

    /// A POST with a body, otherwise as [`get`](Self::get).
    #[must_use]
    pub fn post(url: impl Into<String>, kind: &str, body: impl Into<Bytes>) -> Self {
        Self { method: Method::Post, body: body.into(), ..Self::get(url) }.header("content-type", kind)
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, empty when there is none.
    pub content_type: String,
    /// Body.
    pub body: Bytes,
    /// Where it came from after redirects.
    pub url: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The URL is none, or not of the web.
    #[error("not a URL of the web: {0}")]
    Url(String),
    /// A header has characters that no header may have.
    #[error("header {0} cannot be sent")]
    Header(String),
    /// The address is not public.
    #[error("{0} is not a public address")]
    Private(String),
    /// Too many redirects.
    #[error("too many redirects")]
    Redirects,
    /// The answer is longer than wanted.
    #[error("the answer is too large")]
    TooLarge,
    /// It took too long.
    #[error("timed out")]
    Timeout,
    /// No connection, or it broke.
    #[error("{0}")]
    Connection(String),
}

/// Sends requests; cheap to clone.
#[derive(Clone)]
pub struct Client {
    strict: reqwest::Client,
    lax: reqwest::Client,
    exceptions: Arc<Exceptions>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("exceptions", &self.exceptions).finish_non_exhaustive()
    }
}

impl Client {
    /// Reaches the public internet and what the exceptions name.
    ///
    /// # Errors
    /// Why TLS cannot be set up.
    pub fn new(exceptions: Exceptions) -> Result<Self, FetchError> {
        // The first one wins; whoever else sets it sets the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exceptions = Arc::new(exceptions);
        let build = |verify: bool| {
            reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .pool_max_idle_per_host(4)
                .pool_idle_timeout(Duration::from_secs(30))
                .dns_resolver(Resolver(exceptions.clone()))
                .tls_certs_only(roots())
                .tls_danger_accept_invalid_certs(!verify)
                .tls_info(true)
                .build()
                .map_err(|e| FetchError::Connection(told(&e)))
        };
        Ok(Self { strict: build(true)?, lax: build(false)?, exceptions })
    }

    /// Whether the operator named a host, or the network of an address, as an exception.
    #[must_use]
    pub fn excepts(&self, host: &str) -> bool {
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(ip) => !crate::is_public(ip) && self.exceptions.reach(ip),
            Err(_) => self.exceptions.names(host),
        }
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// Why there is none; an answer with any status is one.
    pub async fn send(&self, request: Request) -> Result<Answer, FetchError> {
        let patience = request.timeout;
        tokio::time::timeout(patience, self.follow(request)).await.unwrap_or(Err(FetchError::Timeout))
    }

    /// The certificate that a host shows and that is trusted.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn certificate(&self, host: &str) -> Result<Certificate, FetchError> {
        let url = parse(&format!("https://{host}/"))?;
        self.check(&url)?;
        let answer = tokio::time::timeout(PATIENCE, self.strict.head(url).send()).await.map_err(|_| FetchError::Timeout)?.map_err(|e| failed(&e))?;
        let shown = answer.extensions().get::<reqwest::tls::TlsInfo>().and_then(reqwest::tls::TlsInfo::peer_certificate);
        shown.and_then(Certificate::parse).ok_or_else(|| FetchError::Connection("the certificate cannot be read".into()))
    }

    async fn follow(&self, request: Request) -> Result<Answer, FetchError> {
        let client = if request.verify { &self.strict } else { &self.lax };
        let mut url = parse(&request.url)?;
        let mut headers = headers(&request.headers)?;
        let (mut method, mut body) = (request.method, request.body.clone());
        for left in (0..=request.redirects).rev() {
            self.check(&url)?;
            let verb = if method == Method::Get { reqwest::Method::GET } else { reqwest::Method::POST };
            let mut sending = client.request(verb, url.clone()).headers(headers.clone());
            if !body.is_empty() {
                sending = sending.body(body.clone());
            }
            let answer = sending.send().await.map_err(|e| failed(&e))?;
            let status = answer.status().as_u16();
            let target = match answer.headers().get(LOCATION) {
                Some(to) if matches!(status, 301..=303 | 307 | 308) && request.redirects > 0 => to.to_str().ok().and_then(|to| url.join(to).ok()),
                _ => None,
            };
            let Some(next) = target else { return read(answer, request.max_bytes).await };
            if left == 0 {
                return Err(FetchError::Redirects);
            }
            if matches!(status, 301..=303) {
                (method, body) = (Method::Get, Bytes::new());
                headers.remove(CONTENT_TYPE);
            }
            // What was meant for one server is not shown to another.
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
                headers.remove(COOKIE);
            }
            url = parse(next.as_str())?;
        }
        Err(FetchError::Redirects)
    }

    /// Refuses addresses written out in a URL; names are judged when they are resolved.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(FetchError::Url(url.to_string())),
        };
        if self.exceptions.reach(ip) { Ok(()) } else { Err(FetchError::Private(ip.to_string())) }
    }
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url).ok().filter(|u| matches!(u.scheme(), "http" | "https")).ok_or_else(|| FetchError::Url(url.to_owned()))
}

fn headers(list: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in list {
        let bad = || FetchError::Header(name.clone());
        map.append(HeaderName::try_from(name.as_str()).map_err(|_| bad())?, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad())?);
    }
    Ok(map)
}

async fn read(mut answer: reqwest::Response, max: usize) -> Result<Answer, FetchError> {
    let told_length = answer.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if told_length.is_some_and(|n| n > max as u64) {
        return Err(FetchError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(|e| failed(&e))? {
        if body.len() + piece.len() > max {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answer { status: answer.status().as_u16(), content_type, body: body.freeze(), url: answer.url().to_string() })
}

/// Resolves names to addresses that may be called, and to no other.
#[derive(Debug)]
struct Resolver(Arc<Exceptions>);

/// The mark of a refused address on its way through the client's errors.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
struct Refused(String);

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let exceptions = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let named = exceptions.names(&host);
            let good: Vec<SocketAddr> = found.filter(|a| named || exceptions.reach(a.ip())).collect();
            if good.is_empty() {
                return Err(Box::new(Refused(host)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(good.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

fn failed(e: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(e);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return FetchError::Private(refused.0.clone());
        }
        cause = inner.source();
    }
    if e.is_timeout() { FetchError::Timeout } else { FetchError::Connection(told(e)) }
}

/// The innermost cause, which is the one that tells; never the URL, which may carry a secret.
fn told(e: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = e;
    while let Some(inner) = last.source() {
        last = inner;
    }
    if last.is::<reqwest::Error>() { "the request failed".to_owned() } else { last.to_string() }
}

/// Mozilla's roots of trust and those of the machine.
fn roots() -> Vec<reqwest::Certificate> {
    let native = rustls_native_certs::load_native_certs();
    for e in &native.errors {
        tracing::debug!(error = %e, "some certificates of the machine could not be read");
    }
    let all = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::<[u8]>::as_ref).chain(native.certs.iter().map(AsRef::as_ref));
    all.filter_map(|der| reqwest::Certificate::from_der(der).ok()).collect()
}

#[cfg(test)]
mod tests;
