//! Response formats of older and newer clients.
//!
//! A client names the format it understands in a header. Everything inside speaks the newest one; for an older client
//! the steps between the two rewrite its parameters (oldest step first) and our models (newest step first). One file
//! per step.
mod legacy;
mod map;
mod newer;
mod project;
mod v1_3;
mod v1_4;
mod v1_5;
mod v1_6;
mod v1_7;
mod v1_8;
mod v1_9;
mod version;

use serde_json::{Map, Value};

use crate::models::{self, Kind, Model};
use crate::{Spec, VERSION};

/// In a `select`, every relationship of the collection, theirs too, to the usual depth: what clients before 1.8 expect
/// when they select nothing. The database knows the relationships, so it is resolved there.
pub const ALL_RELATED: &str = "*.*";

/// What a client has for parameters.
type Params = Map<String, Value>;

/// What lies between a format and the one before it.
struct Step {
    /// Clients of formats before this one need the step.
    before: &'static str,
    /// Rewrites the parameters of an SDK method.
    request: fn(&str, &mut Params) -> Result<(), String>,
    /// Rewrites one model, not what is nested in it. Doing it twice is as good as once.
    response: fn(&str, &mut Map<String, Value>),
}

/// Oldest first.
const STEPS: [&Step; 11] =
    [&v1_3::STEP, &v1_4::STEP, &v1_5::STEP, &v1_6::STEP, &v1_7::STEP, &v1_8::STEP, &v1_9::TO_0, &v1_9::TO_1, &v1_9::TO_2, &v1_9::TO_3, &v1_9::TO_4];

/// A response format.
#[derive(Clone, Debug)]
pub struct Format {
    text: String,
    /// First of the steps that apply.
    first: usize,
    newer: bool,
    /// Clients that refuse answers without fields that came after our version.
    strict: bool,
}

impl Format {
    /// Parses the header's value; empty is the newest. Anything that is no version is older than all of them, as in the
    /// reference.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let older = |than: &str| !text.is_empty() && version::compare(text, than).is_lt();
        let newer_than = |than: &str| !text.is_empty() && version::compare(text, than).is_gt();
        Self {
            text: text.to_owned(),
            first: STEPS.iter().position(|step| older(step.before)).unwrap_or(STEPS.len()),
            newer: newer_than(VERSION),
            strict: newer_than(newer::LENIENT),
        }
    }

    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// No step applies to requests.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.first == STEPS.len()
    }

    /// The format of a client that names itself, too: some of this version and older ones refuse answers without fields that only the makers' own cloud sends.
    #[must_use]
    pub fn of_client(text: &str, name: &str, version: &str) -> Self {
        let format = Self::parse(text);
        let strict = format.strict || (!text.is_empty() && version::compare(text, newer::TYPED_SINCE).is_ge() && newer::is_typed(name, version));
        Self { strict, ..format }
    }

    /// Whether the steps make numbers of the `$sequence` of documents, which is all they do to those without related ones.
    #[must_use]
    pub fn numbers_documents(&self) -> bool {
        self.steps().iter().any(|step| step.before == v1_8::STEP.before)
    }

    /// Newer than this server.
    #[must_use]
    pub fn is_newer_than_server(&self) -> bool {
        self.newer
    }

    /// Rewrites old parameters; `method` is the SDK name from [`method_key`].
    ///
    /// # Errors
    /// The text of a 400 `general_query_invalid`.
    pub fn request(&self, method: &str, map: &mut Map<String, Value>) -> Result<(), String> {
        self.steps().iter().try_for_each(|step| (step.request)(method, map))
    }

    /// Rewrites a model, and those nested in it, for the client.
    pub fn response(&self, model: &str, map: &mut Map<String, Value>) {
        if (!self.is_current() || self.strict)
            && let Some(model) = models::find(model)
        {
            self.rewrite(model, map);
        }
        project::drop_raw(model, map);
    }

    fn steps(&self) -> &'static [&'static Step] {
        STEPS.get(self.first..).unwrap_or_default()
    }

    fn rewrite(&self, model: &Model, map: &mut Map<String, Value>) {
        for field in model.fields {
            let Kind::Of(models) = field.kind else { continue };
            match map.get_mut(field.name) {
                Some(Value::Object(inner)) => self.rewrite_one_of(models, inner),
                Some(Value::Array(items)) => items.iter_mut().filter_map(Value::as_object_mut).for_each(|item| self.rewrite_one_of(models, item)),
                _ => {}
            }
        }
        for step in self.steps().iter().rev() {
            (step.response)(model.name, map);
        }
        if self.strict {
            newer::response(model.name, map);
        }
    }

    fn rewrite_one_of(&self, models: &[&'static Model], map: &mut Map<String, Value>) {
        if let Some(model) = models::choose(models, map) {
            self.rewrite(model, map);
        }
    }
}

/// `databases.listDocuments`: the SDK name whose parameters are meant. An endpoint with several names is called by none
/// of them when something was sent that it does not know.
#[must_use]
pub fn method_key(spec: &Spec, sent: &Map<String, Value>) -> String {
    let known = |name: &str| spec.params.iter().any(|p| p.name_in(spec.vocab) == name || p.aliases.contains(&name));
    match spec.sdk {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, ..] if sent.keys().all(|name| known(name)) => (*first).to_owned(),
        _ => "unknown.unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests;
