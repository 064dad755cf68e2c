//! What a handler answers, and what the adapter sends.
use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde_json::{Map, Value};

/// A handler's answer; the pipeline shapes models by name and response format.
pub enum Reply {
    /// A model of the contract by name, its fields in any order; status of the declaration unless changed in `Cx`.
    Model(&'static str, Map<String, Value>),
    /// A list model: name, key of the items, item model, items, total.
    List {
        /// Name of the list model, e.g. `teamList`.
        model: &'static str,
        /// Key of the items, e.g. `teams`.
        key: &'static str,
        /// Model of an item.
        item: &'static str,
        /// Items.
        items: Vec<Map<String, Value>>,
        /// Matches in all.
        total: u64,
    },
    /// The JSON text of a model or list; for handlers that write it themselves where the format is plain.
    Written(Bytes),
    /// No body.
    Empty,
    /// Text or other bytes with a content type.
    Bytes(&'static str, Bytes),
    /// Anything else: a ready reply.
    Raw(RawReply),
}

impl Reply {
    /// A list with its four names.
    pub fn list(model: &'static str, key: &'static str, item: &'static str, items: Vec<Map<String, Value>>, total: u64) -> Self {
        Self::List { model, key, item, items, total }
    }
}

/// Body of a ready reply.
pub enum Body {
    /// Nothing.
    Empty,
    /// Bytes at hand.
    Bytes(Bytes),
    /// A stream of known length; an error ends the connection.
    Stream(u64, BoxStream<'static, Result<Bytes, std::io::Error>>),
}

/// A ready reply: status, headers, body.
pub struct RawReply {
    /// HTTP status.
    pub status: u16,
    /// Headers in order; names in any case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
}

/// A cookie to set.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value; empty removes the cookie.
    pub value: String,
    /// Seconds since 1970; 0 for removal.
    pub expires: i64,
    /// `SameSite=None` attribute.
    pub same_site_none: bool,
}
