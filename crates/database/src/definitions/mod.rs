//! Rules for making and changing attributes and indexes: limits, defaults, formats.
//!
//! The API tells more kinds of refusal apart than the engine does; what it needs is [`DefinitionError`] and
//! [`IndexRefusal`]. The engine checks again what would harm the store.
mod index;
mod width;

use protocol::check::{is_email, is_url, thousands};
use serde_json::Value;

use crate::structure::{in_range, is_wide, range_of, text_fits, text_wanted};
use crate::{Attribute, Collection, DbError, Kind};

pub use index::{IndexRefusal, MAX_INDEXES, validate_index};
pub use width::{MAX_WIDTH, row_width};

pub(crate) use index::check_index;

/// Most columns of a table, and how many of them every table has by itself.
const MAX_COLUMNS: usize = 1_017;
const OWN_COLUMNS: usize = 7;
/// Least size of texts that are stored sealed.
const MIN_SEALED: u64 = 150;

/// Why the definition of an attribute is refused; `kernel` kinds are named after these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// A default where there can be none.
    #[error("{0}")]
    DefaultUnsupported(String),
    /// A default, bound or element that cannot be.
    #[error("{0}")]
    ValueInvalid(String),
    /// A format the type does not have.
    #[error("{0}")]
    FormatUnsupported(String),
    /// Anything else that is wrong with the request.
    #[error("{0}")]
    BadRequest(String),
}

/// Checks a new attribute by itself. `noun` is what the caller calls it: `attribute` or `column`.
///
/// # Errors
/// In the order in which the reference looks.
pub fn validate_definition(a: &Attribute, noun: &str) -> Result<(), DefinitionError> {
    if a.encrypt && a.kind.is_text() && !matches!(a.kind, Kind::Text | Kind::Mediumtext | Kind::Longtext) && a.size < MIN_SEALED {
        let text = format!("Size too small. Encrypted strings require a minimum size of {MIN_SEALED} characters.");
        return Err(DefinitionError::BadRequest(text));
    }
    if a.format == "enum" {
        empty_elements(a)?;
    }
    default_fits(a)?;
    if !has_format(a) {
        return Err(DefinitionError::FormatUnsupported(format!("Format {} not available for {} columns.", a.format, a.kind.name())));
    }
    default_allowed(a, noun)
}

/// Checks the new state of a changed attribute.
///
/// # Errors
/// In the order in which the reference looks, which is another one than for new attributes.
pub fn validate_redefinition(a: &Attribute, noun: &str) -> Result<(), DefinitionError> {
    default_allowed(a, noun)?;
    if a.format == "enum" {
        if a.elements.is_empty() {
            return Err(DefinitionError::ValueInvalid("Enum elements must not be empty".to_owned()));
        }
        empty_elements(a)?;
    }
    default_fits(a)
}

fn empty_elements(a: &Attribute) -> Result<(), DefinitionError> {
    if a.elements.iter().any(String::is_empty) {
        return Err(DefinitionError::ValueInvalid("Each enum element must not be empty".to_owned()));
    }
    Ok(())
}

fn default_allowed(a: &Attribute, noun: &str) -> Result<(), DefinitionError> {
    if a.default.is_null() {
        return Ok(());
    }
    if a.required {
        return Err(DefinitionError::DefaultUnsupported(format!("Cannot set default value for required {noun}")));
    }
    if a.array {
        return Err(DefinitionError::DefaultUnsupported(format!("Cannot set default value for array {noun}s")));
    }
    Ok(())
}

/// Bounds against each other, and the default against size, bounds, elements and format.
fn default_fits(a: &Attribute) -> Result<(), DefinitionError> {
    let refuse = |text: String| Err(DefinitionError::ValueInvalid(text));
    if bounds_crossed(a) {
        return refuse("Minimum value must be lesser than maximum value".to_owned());
    }
    if a.default.is_null() {
        return Ok(());
    }
    match (&a.default, a.format.as_str()) {
        (Value::String(s), "enum") if !a.elements.contains(s) => refuse("Default value not found in elements".to_owned()),
        (Value::String(s), _) if a.kind.is_text() && !text_fits(a, s) => refuse(text_wanted(a)),
        (Value::String(s), "email") if !is_email(s) => refuse("Value must be a valid email address".to_owned()),
        (Value::String(s), "url") if !is_url(s) => refuse("Value must be a valid URL".to_owned()),
        (Value::String(s), "ip") if s.parse::<std::net::IpAddr>().is_err() => refuse("Value must be a valid IP address".to_owned()),
        (v @ Value::Number(_), _) if !in_range(a, v) => refuse(range_of(a)),
        _ => Ok(()),
    }
}

fn bounds_crossed(a: &Attribute) -> bool {
    match (a.min.as_i64(), a.max.as_i64()) {
        (Some(min), Some(max)) => min > max,
        _ => matches!((a.min.as_f64(), a.max.as_f64()), (Some(min), Some(max)) if min > max),
    }
}

fn has_format(a: &Attribute) -> bool {
    match a.format.as_str() {
        "" => true,
        "email" | "enum" | "ip" | "url" => a.kind == Kind::String,
        "datetime" => a.kind == Kind::Datetime,
        "intRange" => matches!(a.kind, Kind::Integer | Kind::Bigint),
        "bigintRange" => a.kind == Kind::Bigint,
        "floatRange" => a.kind == Kind::Double,
        _ => false,
    }
}

/// What the engine insists on for a new attribute: a free key, room in the row, a size its type can have, a default of
/// its type.
pub(crate) fn check_attribute(collection: &Collection, a: &Attribute) -> Result<(), DbError> {
    if collection.attributes.iter().any(|b| b.key.eq_ignore_ascii_case(&a.key)) {
        return Err(DbError::Exists("attribute"));
    }
    let count = collection.attributes.len() + 1 + OWN_COLUMNS;
    if count > MAX_COLUMNS {
        return Err(DbError::Limit(format!(
            "Column limit reached. Cannot create new attribute. Current attribute count is {count} but the maximum is {MAX_COLUMNS}. \
             Remove some attributes to free up space."
        )));
    }
    check_width(row_width(collection) + width::of(a))?;
    check_size(a)?;
    check_default(a)
}

/// What it insists on for a changed one.
pub(crate) fn check_change(collection: &Collection, key: &str, a: &Attribute) -> Result<(), DbError> {
    let before = collection.attribute(key).map_or(0, width::of);
    if width::of(a) > before {
        check_width(row_width(collection) - before + width::of(a))?;
    }
    check_size(a)?;
    check_default(a)?;
    index::check_still_required(collection, key, a)?;
    index::check_resize(collection, key, a)
}

fn check_width(width: u64) -> Result<(), DbError> {
    if width < MAX_WIDTH {
        return Ok(());
    }
    Err(DbError::Limit(format!(
        "Row width limit reached. Cannot create new attribute. Current row width is {width} bytes but the maximum is {MAX_WIDTH} bytes. \
         Reduce the size of existing attributes or remove some attributes to free up space."
    )))
}

fn check_size(a: &Attribute) -> Result<(), DbError> {
    let (most, shown) = match a.kind {
        Kind::String => (1_073_741_824, thousands(1_073_741_824)),
        Kind::Varchar => (16_381, thousands(16_381)),
        Kind::Text => (65_535, "65535".to_owned()),
        Kind::Mediumtext => (16_777_215, "16777215".to_owned()),
        Kind::Longtext => (4_294_967_295, "4294967295".to_owned()),
        _ => return Ok(()),
    };
    if a.size > most { Err(DbError::Limit(format!("Max size allowed for {} is: {shown}", a.kind.name()))) } else { Ok(()) }
}

/// A default must be of the attribute's type: it goes into documents unasked.
fn check_default(a: &Attribute) -> Result<(), DbError> {
    let items = match &a.default {
        Value::Null => return Ok(()),
        _ if a.required => return Err(DbError::Structure("Cannot set a default value for a required attribute".to_owned())),
        Value::Array(items) if a.array => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if !a.array && a.default.is_array() && !a.kind.is_spatial() && a.kind != Kind::Json {
        return Err(DbError::Structure("Cannot set an array default value for a non-array attribute".to_owned()));
    }
    let fits = |v: &Value| match a.kind {
        Kind::Integer => v.as_i64().is_some_and(|n| is_wide(a) || i32::try_from(n).is_ok()),
        Kind::Bigint => v.is_i64() || v.is_string(),
        Kind::Double => v.is_number(),
        Kind::Boolean => v.is_boolean(),
        Kind::Point | Kind::Linestring | Kind::Polygon => v.is_array(),
        Kind::Json | Kind::Relationship => true,
        _ => v.is_string(),
    };
    match items.iter().find(|v| !v.is_null() && !fits(v)) {
        Some(v) => {
            let shown = v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            Err(DbError::Structure(format!("Default value {shown} does not match given type {}", a.kind.name())))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
