//! Response formats of older clients.
use crate::Spec;
use serde_json::{Map, Value};

/// A response format.
#[derive(Clone, Debug)]
pub struct Format(());
impl Format {
    /// Parses the header's value; unreadable or empty is the newest.
    #[must_use]
    pub fn parse(_text: &str) -> Self {
        todo!()
    }
    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        todo!()
    }
    /// No step applies.
    #[must_use]
    pub fn is_current(&self) -> bool {
        todo!()
    }
    /// Newer than this server.
    #[must_use]
    pub fn is_newer_than_server(&self) -> bool {
        todo!()
    }
    /// Rewrites old parameters.
    pub fn request(&self, _method: &str, _map: &mut Map<String, Value>) -> Result<(), String> {
        todo!()
    }
    /// Rewrites a model for the old client.
    pub fn response(&self, _model: &str, _map: &mut Map<String, Value>) {
        todo!()
    }
}
/// `databases.listDocuments`: the first SDK name whose parameters cover what was sent.
#[must_use]
pub fn method_key(_spec: &Spec, _sent: &Map<String, Value>) -> String {
    todo!()
}
