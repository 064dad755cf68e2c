//! What a request wants an attribute to be, and the rules that do not depend on the collection.
use database::{Attribute, Kind, Status};
use kernel::{Error, Result};
use protocol::spec::Vocab;
use protocol::{Check, ErrorKind, Timestamp};
use serde_json::Value;

/// Shortest text that may be encrypted, characters: sealing makes it longer.
const ENCRYPTED_MIN: u64 = 150;
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

    /// The rules in the order the original applies them.
    pub(crate) fn check(&self, vocab: Vocab) -> Result<()> {
        let value_invalid = |text: String| Error::with(pick(vocab, ErrorKind::AttributeValueInvalid, ErrorKind::ColumnValueInvalid), text);
        if self.encrypt && self.kind == Kind::String && self.size < ENCRYPTED_MIN {
            return Err(Error::with(
                ErrorKind::GeneralBadRequest,
                format!("Size too small. Encrypted strings require a minimum size of {ENCRYPTED_MIN} characters."),
            ));
        }
        self.check_bounds().map_err(value_invalid)?;
        self.check_elements().map_err(value_invalid)?;
        self.check_default_value().map_err(value_invalid)?;
        self.check_default_place(vocab)
    }

    fn check_bounds(&self) -> Result<(), String> {
        let (Some(min), Some(max)) = (self.min.as_f64(), self.max.as_f64()) else { return Ok(()) };
        if min > max { Err("Minimum value must be lesser than maximum value".into()) } else { Ok(()) }
    }

    fn check_elements(&self) -> Result<(), String> {
        if self.format != "enum" {
            return Ok(());
        }
        if self.elements.iter().any(String::is_empty) || self.elements.is_empty() {
            return Err("Enum elements must not be empty".into());
        }
        match self.default.as_str() {
            Some(d) if !self.elements.iter().any(|e| e == d) => Err("Default value not found in elements".into()),
            _ => Ok(()),
        }
    }

    fn check_default_value(&self) -> Result<(), String> {
        if self.default.is_null() {
            return Ok(());
        }
        match self.kind {
            Kind::String | Kind::Varchar if self.format.is_empty() => {
                let max = usize::try_from(self.size).unwrap_or(usize::MAX);
                Check::Text { min: 0, max }.apply(self.default.clone()).map(drop)
            }
            Kind::Integer | Kind::Bigint => {
                let (min, max) = (self.min.as_i64().unwrap_or(i64::MIN), self.max.as_i64().unwrap_or(i64::MAX));
                Check::Int { min, max }.apply(self.default.clone()).map(drop)
            }
            Kind::Double => {
                let (min, max) = (self.min.as_f64().unwrap_or(-f64::MAX), self.max.as_f64().unwrap_or(f64::MAX));
                Check::FloatRange { min, max }.apply(self.default.clone()).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Defaults go with optional single values only.
    fn check_default_place(&self, vocab: Vocab) -> Result<()> {
        if self.default.is_null() {
            return Ok(());
        }
        let kind = pick(vocab, ErrorKind::AttributeDefaultUnsupported, ErrorKind::ColumnDefaultUnsupported);
        let word = if vocab == Vocab::Tables { "column" } else { "attribute" };
        if self.required {
            return Err(Error::with(kind, format!("Cannot set default value for required {word}")));
        }
        if self.array {
            return Err(Error::with(kind, format!("Cannot set default value for array {word}s")));
        }
        Ok(())
    }

    /// The engine's form. Datetimes are kept as they are shown.
    pub(crate) fn build(self, now: Timestamp) -> Attribute {
        let default = match (self.kind, self.default.as_str().and_then(Timestamp::parse)) {
            (Kind::Datetime, Some(at)) => at.format().into(),
            _ => self.default,
        };
        let format = if self.kind == Kind::Datetime { "datetime" } else { self.format };
        Attribute {
            id: 0,
            key: self.key,
            kind: self.kind,
            size: self.size,
            required: self.required,
            array: self.array,
            default,
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
