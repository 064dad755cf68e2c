//! What a request wants an attribute to be.
use database::{Attribute, DefinitionError, Kind, Status};
use kernel::{Error, Result};
use protocol::spec::Vocab;
use protocol::{ErrorKind, Timestamp};
use serde_json::Value;

/// Largest number kept in four bytes.
const INT32_MAX: i64 = 2_147_483_647;

/// An attribute to be made.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    pub(crate) required: bool,
    pub(crate) default: Value,
    pub(crate) array: bool,
    pub(crate) format: &'static str,
    pub(crate) elements: Vec<String>,
    pub(crate) min: Value,
    pub(crate) max: Value,
    pub(crate) encrypt: bool,
}

impl Wanted {
    /// Of a type, with nothing else said.
    pub(crate) fn new(kind: Kind, key: String, required: bool, default: Value, array: bool) -> Self {
        Self { key, kind, size: 0, required, default, array, format: "", elements: Vec::new(), min: Value::Null, max: Value::Null, encrypt: false }
    }

    /// A string in a format.
    pub(crate) fn formatted(format: &'static str, size: u64, key: String, required: bool, default: Value, array: bool) -> Self {
        Self { size, format, ..Self::new(Kind::String, key, required, default, array) }
    }

    /// Bounds of integers; absent ones are those of the type.
    pub(crate) fn between_ints(mut self, min: Option<i64>, max: Option<i64>) -> Self {
        let max = max.unwrap_or(i64::MAX);
        self.min = min.unwrap_or(i64::MIN).into();
        self.max = max.into();
        self.size = if self.kind == Kind::Integer && max <= INT32_MAX { 4 } else { 8 };
        self.format = "intRange";
        self
    }

    /// Bounds of floats; absent ones are those of the type.
    pub(crate) fn between_floats(mut self, min: Option<f64>, max: Option<f64>) -> Self {
        self.min = min.unwrap_or(-f64::MAX).into();
        self.max = max.unwrap_or(f64::MAX).into();
        self.format = "floatRange";
        self
    }

    /// The engine's form. Defaults are kept as they are told.
    pub(crate) fn build(self, now: Timestamp) -> Attribute {
        let format = if self.kind == Kind::Datetime { "datetime" } else { self.format };
        Attribute {
            id: 0,
            key: self.key,
            kind: self.kind,
            size: self.size,
            required: self.required,
            array: self.array,
            default: self.default,
            format: format.to_owned(),
            elements: self.elements,
            min: self.min,
            max: self.max,
            encrypt: self.encrypt,
            options: Value::Null,
            status: Status::Available,
            error: String::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

pub(crate) fn pick(vocab: Vocab, collections: ErrorKind, tables: ErrorKind) -> ErrorKind {
    if vocab == Vocab::Tables { tables } else { collections }
}

/// Refuses a new attribute that cannot be, whatever the collection.
pub(crate) fn check_new(attribute: &Attribute, vocab: Vocab) -> Result<()> {
    database::validate_definition(attribute, noun(vocab)).map_err(|e| refusal(e, vocab))
}

/// Refuses the new state of an attribute that cannot be, whatever the collection.
pub(crate) fn check_changed(attribute: &Attribute, vocab: Vocab) -> Result<()> {
    database::validate_redefinition(attribute, noun(vocab)).map_err(|e| refusal(e, vocab))
}

fn noun(vocab: Vocab) -> &'static str {
    if vocab == Vocab::Tables { "column" } else { "attribute" }
}

fn refusal(e: DefinitionError, vocab: Vocab) -> Error {
    use ErrorKind as K;
    match e {
        DefinitionError::DefaultUnsupported(text) => Error::with(pick(vocab, K::AttributeDefaultUnsupported, K::ColumnDefaultUnsupported), text),
        DefinitionError::ValueInvalid(text) => Error::with(pick(vocab, K::AttributeValueInvalid, K::ColumnValueInvalid), text),
        DefinitionError::FormatUnsupported(text) => Error::with(pick(vocab, K::AttributeFormatUnsupported, K::ColumnFormatUnsupported), text),
        DefinitionError::BadRequest(text) => Error::with(K::GeneralBadRequest, text),
    }
}
