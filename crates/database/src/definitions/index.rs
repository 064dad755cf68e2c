//! Which indexes can be.
use crate::{Attribute, Collection, DbError, Index, IndexKind, Kind, Status};

/// Most indexes of a collection: 64 less those every collection has.
pub const MAX_INDEXES: usize = 58;
/// Most characters (of four bytes) of all parts of an index.
const MAX_LENGTH: i64 = 768;
/// What a list counts for.
const LIST_LENGTH: i64 = 255;
/// What `$id` counts for.
const ID_LENGTH: i64 = 255;
/// Keys the reference's store has taken.
const RESERVED: [&str; 4] = ["primary", "_created_at", "_updated_at", "_tenant_id"];

/// Why an index is refused. Each is its own kind of error in the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexRefusal {
    /// There are as many as there may be.
    #[error("Index limit reached. Cannot create new index.")]
    Limit,
    /// No attribute of that key.
    #[error("Invalid index attribute \"{0}\" not found")]
    UnknownAttribute(String),
    /// The attribute is a relationship. The text calls it what the caller does.
    #[error("{0}")]
    Relationship(String),
    /// The attribute is still being made, or going.
    #[error("The requested attribute '{0}' is not yet available. Please try again later.")]
    NotAvailable(String),
    /// The rest; the text is the reference's.
    #[error("{0}")]
    Invalid(String),
}

impl From<IndexRefusal> for DbError {
    fn from(refusal: IndexRefusal) -> Self {
        match refusal {
            IndexRefusal::Limit => Self::Limit(refusal.to_string()),
            other => Self::Index(other.to_string()),
        }
    }
}

/// Checks an index an app asks for. `noun` is what the caller calls attributes: `attribute` or `column`.
///
/// # Errors
/// In the order in which the reference looks.
pub fn validate_index(collection: &Collection, index: &Index, noun: &str) -> Result<(), IndexRefusal> {
    if collection.indexes.len() >= MAX_INDEXES {
        return Err(IndexRefusal::Limit);
    }
    for key in &index.attributes {
        let a = match collection.attribute(key) {
            Some(a) => a,
            None if matches!(key.as_str(), "$id" | "$createdAt" | "$updatedAt") => continue,
            None => return Err(IndexRefusal::UnknownAttribute(key.clone())),
        };
        if a.kind == Kind::Relationship {
            return Err(IndexRefusal::Relationship(format!("Cannot create an index for a relationship {noun}: {key}")));
        }
        if a.status != Status::Available {
            return Err(IndexRefusal::NotAvailable(key.clone()));
        }
        if a.array {
            return refuse("Creating indexes on array attributes is not currently supported.");
        }
    }
    check_index(collection, index)
}

/// What the engine insists on. Lists can be parts of plain indexes here; the API does not offer it.
pub(crate) fn check_index(collection: &Collection, index: &Index) -> Result<(), IndexRefusal> {
    if collection.indexes.len() >= MAX_INDEXES {
        return Err(IndexRefusal::Limit);
    }
    let parts = index.attributes.iter().map(|key| Part::of(collection, key)).collect::<Result<Vec<_>, _>>()?;
    if parts.is_empty() {
        return refuse("No attributes provided for index");
    }
    for (at, key) in index.attributes.iter().enumerate() {
        if index.attributes.iter().take(at).any(|k| k.eq_ignore_ascii_case(key)) {
            return refuse("Duplicate attributes provided");
        }
    }
    if let Some(part) = parts.iter().find(|p| index.kind == IndexKind::Fulltext && !p.kind.is_text()) {
        return refuse(&format!("Attribute \"{}\" cannot be part of a fulltext index, must be of type string", part.key));
    }
    check_lists(index, &parts)?;
    check_lengths(index, &parts)?;
    if RESERVED.iter().any(|r| r.eq_ignore_ascii_case(&index.key)) {
        return refuse("Index key name is reserved");
    }
    check_spatial(index, &parts)
}

/// After a text attribute grew, the indexes on it must still be possible.
pub(super) fn check_resize(collection: &Collection, key: &str, changed: &Attribute) -> Result<(), DbError> {
    let grown = collection.attribute(key).is_some_and(|old| changed.kind.is_text() && changed.size > old.size);
    if !grown {
        return Ok(());
    }
    for index in collection.indexes.iter().filter(|i| i.attributes.iter().any(|k| k == key)) {
        let parts = index.attributes.iter().filter_map(|k| if k == key { Some(Part::from(changed)) } else { Part::of(collection, k).ok() });
        let named = Index { attributes: index.attributes.iter().map(|k| if k == key { changed.key.clone() } else { k.clone() }).collect(), ..index.clone() };
        check_lengths(&named, &parts.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// One attribute of an index.
struct Part<'a> {
    key: &'a str,
    kind: Kind,
    size: i64,
    array: bool,
    required: bool,
}

impl<'a> From<&'a Attribute> for Part<'a> {
    fn from(a: &'a Attribute) -> Self {
        Part { key: &a.key, kind: a.kind, size: i64::try_from(a.size).unwrap_or(i64::MAX), array: a.array, required: a.required }
    }
}

impl<'a> Part<'a> {
    fn of(collection: &'a Collection, key: &'a str) -> Result<Self, IndexRefusal> {
        match (key, collection.attribute(key)) {
            (_, Some(a)) => Ok(a.into()),
            ("$id", None) => Ok(Part { key, kind: Kind::String, size: ID_LENGTH, array: false, required: true }),
            ("$createdAt" | "$updatedAt", None) => Ok(Part { key, kind: Kind::Datetime, size: 0, array: false, required: false }),
            _ => Err(IndexRefusal::UnknownAttribute(key.to_owned())),
        }
    }

    /// Most it can count for.
    fn length(&self) -> i64 {
        match self.kind {
            _ if self.array => LIST_LENGTH,
            kind if kind.is_text() => self.size,
            Kind::Double => 2,
            _ => 1,
        }
    }
}

fn refuse(text: &str) -> Result<(), IndexRefusal> {
    Err(IndexRefusal::Invalid(text.to_owned()))
}

/// The length asked for at a place; zero is none.
fn asked(index: &Index, at: usize) -> Option<i64> {
    index.lengths.get(at).copied().flatten().filter(|n| *n != 0)
}

fn check_lists(index: &Index, parts: &[Part<'_>]) -> Result<(), IndexRefusal> {
    for (at, part) in parts.iter().enumerate() {
        if part.array && index.kind != IndexKind::Key {
            let name = index.kind.name();
            let (first, rest) = name.split_at(1);
            return refuse(&format!("\"{}{rest}\" index is forbidden on array attributes", first.to_ascii_uppercase()));
        }
        if part.array && parts.iter().take(at).any(|p| p.array) {
            return refuse("An index may only contain one array attribute");
        }
        if !part.array && !part.kind.is_text() && asked(index, at).is_some() {
            return refuse(&format!("Cannot set a length on \"{}\" attributes", part.kind.name()));
        }
    }
    Ok(())
}

fn check_lengths(index: &Index, parts: &[Part<'_>]) -> Result<(), IndexRefusal> {
    if index.kind == IndexKind::Fulltext {
        return Ok(());
    }
    if index.lengths.len() > index.attributes.len() {
        return refuse("Invalid index lengths. Count of lengths must be equal or less than the number of attributes.");
    }
    let mut total: i64 = 0;
    for (at, part) in parts.iter().enumerate() {
        let most = part.length();
        let length = if part.kind.is_text() && !part.array { asked(index, at).unwrap_or(most) } else { most };
        if length < 0 {
            return refuse(&format!("Negative index length provided for {}", part.key));
        }
        if length > most {
            // The stray quotation mark is part of the text.
            return refuse(&format!("Index length {length} is larger than the size for {}: {most}\"", part.key));
        }
        total = total.saturating_add(length);
    }
    if total > MAX_LENGTH { refuse(&format!("Index length is longer than the maximum: {MAX_LENGTH}")) } else { Ok(()) }
}

fn check_spatial(index: &Index, parts: &[Part<'_>]) -> Result<(), IndexRefusal> {
    if index.kind != IndexKind::Spatial {
        return match parts.iter().find(|p| p.kind.is_spatial()) {
            Some(p) => {
                refuse(&format!("Cannot create {} index on spatial attribute \"{}\". Spatial attributes require spatial indexes.", index.kind.name(), p.key))
            }
            None => Ok(()),
        };
    }
    let [part] = parts else { return refuse("Spatial index must have exactly one attribute") };
    if !part.kind.is_spatial() {
        return refuse(&format!(
            "Spatial index can only be created on spatial attributes (point, linestring, polygon). Attribute \"{}\" is of type \"{}\"",
            part.key,
            part.kind.name()
        ));
    }
    if part.required { Ok(()) } else { refuse(&no_nulls(part.key)) }
}

fn no_nulls(key: &str) -> String {
    format!("Spatial indexes do not allow null values. Mark the attribute \"{key}\" as required or create the index on a column with no null values.")
}

/// An attribute with a spatial index stays required.
pub(super) fn check_still_required(collection: &Collection, key: &str, changed: &Attribute) -> Result<(), DbError> {
    let indexed = || collection.indexes.iter().any(|i| i.kind == IndexKind::Spatial && i.attributes.iter().any(|k| k == key));
    if changed.kind.is_spatial() && !changed.required && indexed() { Err(DbError::Index(no_nulls(&changed.key))) } else { Ok(()) }
}
