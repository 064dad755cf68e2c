//! Root fields: each is a call of its endpoint, with all of a request's steps.
use graphql::Resolver;
use kernel::{Cx, FilePart, Inner, RawReply, ReplyBody};
use protocol::openapi::upload_part;
use serde_json::{Map, Value};

use super::schema::SCHEMA;

/// Headers of a call's answer that go with the answer to the whole, besides cookies.
const FALLBACK: &str = "x-fallback-cookies";
/// Headers of a call's answer that the whole has of its own.
const OWN: [&str; 4] = ["access-control-", "x-debug-fallback", "x-content-type-options", "x-ratelimit-"];

/// The calls of one request.
pub(super) struct Calls<'c, 'r> {
    cx: &'c Cx<'r>,
    files: Vec<FilePart>,
    headers: Vec<(String, String)>,
    /// An answer that is no JSON, which is sent in place of all others.
    instead: Option<RawReply>,
    /// Status of the last answer without a body, as long as no call answered otherwise.
    empty: Option<u16>,
    others: bool,
}

/// What the calls leave.
pub(super) struct Ended {
    pub(super) headers: Vec<(String, String)>,
    pub(super) instead: Option<RawReply>,
}

impl<'c, 'r> Calls<'c, 'r> {
    pub(super) fn new(cx: &'c Cx<'r>, files: Vec<FilePart>) -> Self {
        Self { cx, files, headers: Vec::new(), instead: None, empty: None, others: false }
    }

    /// Where every call answered nothing, so does the whole.
    pub(super) fn end(self) -> Ended {
        let empty = self.empty.filter(|_| !self.others);
        let nothing = |status| RawReply { status, headers: vec![("content-type".to_owned(), "text/html".to_owned())], body: ReplyBody::Empty };
        Ended { headers: self.headers, instead: self.instead.or_else(|| empty.map(nothing)) }
    }

    /// Cookies of a later call replace those of an earlier one.
    fn keep(&mut self, headers: &[(String, String)]) {
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            let same = |(n, v): &(String, String)| *n == name && (name == FALLBACK || cookie(v) == cookie(value));
            if name == "set-cookie" || name == FALLBACK {
                self.headers.retain(|header| !same(header));
                self.headers.push((name, value.clone()));
            }
        }
    }

    /// The file that an argument names.
    fn take(&mut self, part: &'static str, args: &mut Map<String, Value>) -> Vec<FilePart> {
        let sent = args.shift_remove(part);
        let place = sent.as_ref().and_then(Value::as_str).and_then(|name| self.files.iter().position(|f| f.field == name));
        let file = place.map(|place| FilePart { field: part.to_owned(), ..self.files.swap_remove(place) });
        file.into_iter().collect()
    }

    fn fail(&mut self, message: impl Into<String>) -> Result<Value, String> {
        self.others = true;
        Err(message.into())
    }
}

impl Resolver for Calls<'_, '_> {
    fn resolve(&mut self, root: usize, mut args: Map<String, Value>) -> Result<Value, String> {
        let Some(endpoint) = SCHEMA.endpoints.get(root) else { return self.fail("Server Error") };
        let part = endpoint.spec.sdk.first().and_then(|sdk| upload_part(sdk));
        let files = part.map(|part| self.take(part, &mut args)).unwrap_or_default();
        let reply = self.cx.call(endpoint, Inner { params: args, files });
        self.keep(&reply.headers);
        let kind = reply.headers.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let is_json = kind.is_some_and(|(_, kind)| kind.starts_with("application/json"));
        match reply.body {
            ReplyBody::Bytes(text) if is_json => match serde_json::from_slice::<Value>(&text) {
                Ok(value) if reply.status < 400 => {
                    self.others = true;
                    Ok(value)
                }
                Ok(value) => self.fail(value.get("message").and_then(Value::as_str).unwrap_or("Server Error")),
                Err(_) => self.fail("Server Error"),
            },
            _ if reply.status >= 400 => self.fail("Server Error"),
            ReplyBody::Empty if reply.status == 204 => {
                self.empty = Some(reply.status);
                Ok(Value::Null)
            }
            body => {
                let mut headers = reply.headers;
                headers.retain(|(name, _)| {
                    let name = name.to_ascii_lowercase();
                    name != "set-cookie" && name != FALLBACK && !OWN.iter().any(|own| name.starts_with(own))
                });
                // Only one answer can be sent: the first.
                self.instead.get_or_insert(RawReply { status: reply.status, headers, body });
                Ok(Value::Null)
            }
        }
    }
}

/// Name of a cookie.
fn cookie(header: &str) -> &str {
    header.split('=').next().unwrap_or_default()
}
