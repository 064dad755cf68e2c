//! Callers: each has its headers and sends requests through the whole pipeline.
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use kernel::{App, Body, FileContent, FilePart, Headers, Multipart, Request};
use protocol::spec::Verb;
use serde_json::Value;

use crate::Answer;

/// A caller with fixed headers.
#[derive(Clone)]
pub struct Client {
    app: Arc<App>,
    headers: Vec<(String, String)>,
}

/// A file to be sent in a form.
#[derive(Clone, Debug)]
pub struct Upload<'a> {
    /// Name of the file.
    pub filename: &'a str,
    /// Its bytes, or those of the chunk.
    pub bytes: &'a [u8],
}

struct FormBody(Vec<(String, String)>, Option<(String, Bytes)>);
struct BytesBody(Bytes);

impl Body for BytesBody {
    fn bytes(&mut self, _max: usize) -> kernel::Result<Bytes> {
        Ok(self.0.clone())
    }
    fn multipart(&mut self, _max_fields: usize, _max_file: u64) -> kernel::Result<Multipart> {
        Ok(Multipart::default())
    }
}

impl Body for FormBody {
    fn bytes(&mut self, _max: usize) -> kernel::Result<Bytes> {
        Ok(Bytes::new())
    }
    fn multipart(&mut self, _max_fields: usize, _max_file: u64) -> kernel::Result<Multipart> {
        let files = self.1.take().map(|(filename, bytes)| FilePart {
            field: "file".to_owned(),
            filename,
            len: bytes.len() as u64,
            content: FileContent::Memory(bytes.into()),
        });
        Ok(Multipart { fields: std::mem::take(&mut self.0), files: files.into_iter().collect() })
    }
}

impl Client {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app, headers: vec![("user-agent".to_owned(), "ferrite-tests".to_owned())] }
    }

    /// The same caller with one header more, or another value of it.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.without(name);
        other.headers.push((name.to_lowercase(), value.to_owned()));
        other
    }

    /// The same caller without a header.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        other
    }

    /// A header this caller sends.
    #[must_use]
    pub fn sends(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// GET; the path is below `/v1` and may have a query.
    pub fn get(&self, path: &str) -> Answer {
        self.send(Verb::Get, path, None, Box::new(kernel::NoBody))
    }

    /// GET with queries, each in its JSON form.
    pub fn list(&self, path: &str, queries: &[Value]) -> Answer {
        let encode = |q: &Value| percent(&q.to_string());
        let text: Vec<String> = queries.iter().map(|q| format!("queries[]={}", encode(q))).collect();
        let joint = if path.contains('?') { '&' } else { '?' };
        self.get(&format!("{path}{joint}{}", text.join("&")))
    }

    /// POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Verb::Post, path, body)
    }

    /// PUT with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.json(Verb::Put, path, body)
    }

    /// PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json(Verb::Patch, path, body)
    }

    /// DELETE without a body.
    pub fn delete(&self, path: &str) -> Answer {
        self.json(Verb::Delete, path, &Value::Object(serde_json::Map::new()))
    }

    /// Any method with a JSON body.
    pub fn json(&self, verb: Verb, path: &str, body: &Value) -> Answer {
        self.raw(verb, path, "application/json", body.to_string().into())
    }

    /// Any method with any bytes.
    pub fn raw(&self, verb: Verb, path: &str, content_type: &str, body: Bytes) -> Answer {
        self.send(verb, path, Some(content_type), Box::new(BytesBody(body)))
    }

    /// POST of a form with a file.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], file: &Upload<'_>) -> Answer {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let body = FormBody(fields, Some((file.filename.to_owned(), Bytes::copy_from_slice(file.bytes))));
        self.send(Verb::Post, path, Some("multipart/form-data; boundary=x"), Box::new(body))
    }

    fn send(&self, verb: Verb, path: &str, content_type: Option<&str>, body: Box<dyn Body>) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = self.headers.clone();
        if let Some(kind) = content_type {
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        let reply = self.app.handle(Request {
            verb,
            head: false,
            path: format!("/v1{path}"),
            query: query.to_owned(),
            headers: Headers(headers),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            https: false,
            hostname: "localhost".to_owned(),
            body,
            inner: None,
        });
        let bytes = match reply.body {
            kernel::ReplyBody::Empty => Vec::new(),
            kernel::ReplyBody::Bytes(b) => b.to_vec(),
            kernel::ReplyBody::Stream(_, mut stream) => self.app.runtime.block_on(async {
                let mut all = Vec::new();
                while let Some(piece) = stream.next().await {
                    all.extend_from_slice(&piece.expect("the stream runs to its end"));
                }
                all
            }),
        };
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: reply.status, headers: reply.headers, bytes, json }
    }
}

/// Percent-encodes everything but letters and digits.
fn percent(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
