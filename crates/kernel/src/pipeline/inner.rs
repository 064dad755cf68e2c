//! Calls that a request makes of other endpoints, with the caller's headers and by all of the pipeline's steps.
use serde_json::Value;

use crate::cx::Cx;
use crate::endpoint::{Endpoint, Matched};
use crate::reply::RawReply;
use crate::request::{Inner, NoBody, Request};

impl Cx<'_> {
    /// Calls an endpoint as the caller of this request. The values of its path are among the parameters.
    #[must_use]
    pub fn call(&self, endpoint: &'static Endpoint, inner: Inner) -> RawReply {
        let spec = endpoint.spec;
        let mut path = Vec::new();
        let parts = spec.path.split('/').map(|part| match part.strip_prefix(':') {
            None => part.to_owned(),
            Some(name) => {
                let value = match inner.params.get(name) {
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                path.push((name.to_owned(), value.clone()));
                value
            }
        });
        let text = parts.collect::<Vec<_>>().join("/");
        let matched = Matched { endpoint, path, template: spec.path };
        let request = Request {
            verb: spec.verb,
            head: false,
            path: text,
            query: self.req.query.clone(),
            headers: self.req.headers.clone(),
            peer: self.req.peer,
            https: self.req.https,
            hostname: self.req.hostname.clone(),
            body: Box::new(NoBody),
            inner: Some(inner),
        };
        self.app.answer(request, &matched)
    }
}
