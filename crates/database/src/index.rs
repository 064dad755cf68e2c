//! The entries a document has in indexes.
use std::collections::BTreeSet;

use access::Action;
use protocol::Timestamp;
use serde_json::Value;

use crate::keys::{self, Part};
use crate::record::{Raw, View, damaged};
use crate::schema::{Collection, Index, IndexKind, Kind, Order, Status};
use crate::spatial::{Geometry, cells_of};
use crate::words::Entered;
use crate::{DbError, waiting};

/// What a part of an index is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Id,
    Created,
    Updated,
    Attribute { id: u16, kind: Kind, array: bool },
}

impl Source {
    /// Null in every record: attributes are numbered from one.
    const NOTHING: Self = Self::Attribute { id: 0, kind: Kind::String, array: false };

    /// The field of a name; `None` for what is not in the schema or sealed.
    pub(crate) fn of(collection: &Collection, key: &str) -> Option<Self> {
        Some(match key {
            "$id" => Self::Id,
            "$createdAt" => Self::Created,
            "$updatedAt" => Self::Updated,
            _ => {
                let a = collection.attribute(key)?;
                if a.encrypt {
                    return None;
                }
                Self::Attribute { id: a.id, kind: a.kind, array: a.array }
            }
        })
    }

    /// Type of its values.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Id => Kind::String,
            Self::Created | Self::Updated => Kind::Datetime,
            Self::Attribute { kind, .. } => kind,
        }
    }

    pub(crate) fn is_array(self) -> bool {
        matches!(self, Self::Attribute { array: true, .. })
    }

    /// Its value in a record.
    pub(crate) fn raw<'a>(self, view: &View<'a>) -> Result<Option<Raw<'a>>, DbError> {
        Ok(match self {
            Self::Id => Some(Raw::Text(view.id)),
            Self::Created => Some(Raw::Time(view.created_at)),
            Self::Updated => Some(Raw::Time(view.updated_at)),
            Self::Attribute { id, .. } => view.attribute(id)?,
        })
    }
}

/// A part of an index.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) key: String,
    pub(crate) source: Source,
    pub(crate) descending: bool,
    /// Values may be longer than what keys hold, so entries alone decide nothing.
    pub(crate) lossy: bool,
}

/// An index made ready for use.
#[derive(Clone, Debug)]
pub(crate) struct IndexPlan {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) kind: IndexKind,
    pub(crate) pieces: Vec<Piece>,
    /// Whether queries may use it.
    pub(crate) ready: bool,
    /// Documents without a value have no entry.
    pub(crate) sparse: bool,
}

impl IndexPlan {
    /// Of a declared index. Attributes it names and the collection lacks count as null, and so do encrypted ones: what is sealed in documents
    /// is not to be read in keys.
    pub(crate) fn new(collection: &Collection, index: &Index) -> Self {
        let piece = |(at, key): (usize, &String)| {
            let source = Source::of(collection, key).unwrap_or(Source::NOTHING);
            let size = collection.attribute(key).map_or(255, |a| a.size);
            let texts = matches!(source.kind(), Kind::String | Kind::Varchar | Kind::Text | Kind::Mediumtext | Kind::Longtext | Kind::Relationship);
            let descending = index.orders.get(at).copied().flatten() == Some(Order::Desc);
            Piece { key: key.clone(), source, descending, lossy: texts && size.saturating_mul(4) > keys::CUT as u64 }
        };
        Self {
            id: index.id,
            name: index.key.clone(),
            kind: index.kind,
            pieces: index.attributes.iter().enumerate().map(piece).collect(),
            ready: index.status == Status::Available,
            sparse: false,
        }
    }

    /// The built-in index on a time.
    pub(crate) fn time(key: &str, id: u16) -> Self {
        let source = if id == keys::CREATED { Source::Created } else { Source::Updated };
        let piece = Piece { key: key.to_owned(), source, descending: false, lossy: false };
        Self { id, name: key.to_owned(), kind: IndexKind::Key, pieces: vec![piece], ready: true, sparse: false }
    }

    pub(crate) fn has_array(&self) -> bool {
        self.pieces.iter().any(|p| p.source.is_array())
    }

    /// Adds the entries of a record: keys and whether each alone stands for its values (unique indexes).
    pub(crate) fn entries(&self, collection: u32, view: &View<'_>, out: &mut BTreeSet<Entry>) -> Result<(), DbError> {
        match self.kind {
            // Words are not entered one by one; see `crate::waiting`.
            IndexKind::Fulltext => return Ok(()),
            IndexKind::Spatial => return self.cells(collection, view, out),
            IndexKind::Key | IndexKind::Unique => {}
        }
        let mut prefixes = vec![(keys::index(collection, self.id), self.kind == IndexKind::Unique)];
        for piece in &self.pieces {
            let raw = piece.source.raw(view)?;
            if self.sparse && raw.is_none() {
                return Ok(());
            }
            if !piece.source.is_array() {
                for (key, unique) in &mut prefixes {
                    *unique &= push_raw(key, raw, piece.descending);
                }
                continue;
            }
            let mut next = Vec::new();
            for item in raw.into_iter().flat_map(Raw::items) {
                let item = item?;
                for (key, _) in &prefixes {
                    let mut key = key.clone();
                    push_raw(&mut key, Some(item), piece.descending);
                    next.push((key, false));
                }
            }
            prefixes = next;
        }
        out.extend(prefixes.into_iter().map(|(key, unique)| match unique {
            true => Entry { key, unique },
            false => Entry { key: keys::with_sequence(key, view.sequence), unique },
        }));
        Ok(())
    }

    /// The words of a record in a full-text index, packed.
    pub(crate) fn words(&self, view: &View<'_>) -> Result<Vec<u8>, DbError> {
        let mut entered = Entered::default();
        'all: for piece in &self.pieces {
            let Some(raw) = piece.source.raw(view)? else { continue };
            for item in raw.items() {
                let Raw::Text(s) = item? else { continue };
                if !entered.add(s) {
                    break 'all;
                }
            }
        }
        Ok(waiting::pack(entered.iter()))
    }

    fn cells(&self, collection: u32, view: &View<'_>, out: &mut BTreeSet<Entry>) -> Result<(), DbError> {
        for piece in &self.pieces {
            let Some(Raw::Geometry(bytes)) = piece.source.raw(view)? else { continue };
            let geometry = Geometry::decode(bytes).ok_or_else(|| damaged("geometry"))?;
            for cell in cells_of(&geometry.area()) {
                let key = keys::with_sequence(keys::index(collection, self.id), cell);
                out.insert(Entry { key: keys::with_sequence(key, view.sequence), unique: false });
            }
        }
        Ok(())
    }
}

/// An index entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    /// The key ends in the values and the sequence is its value: no other document may have it.
    pub(crate) unique: bool,
}

impl Entry {
    pub(crate) fn value(&self, sequence: u64) -> Vec<u8> {
        if self.unique { sequence.to_be_bytes().to_vec() } else { Vec::new() }
    }
}

/// Appends a stored value; whether it is complete and not null.
pub(crate) fn push_raw(key: &mut Vec<u8>, raw: Option<Raw<'_>>, descending: bool) -> bool {
    let (part, whole) = match raw {
        None | Some(Raw::Json(_) | Raw::Sealed(_) | Raw::List(_) | Raw::Geometry(_)) => (Part::Null, false),
        Some(Raw::Bool(b)) => (Part::Bool(b), true),
        Some(Raw::Int(i)) => (Part::Int(i), true),
        Some(Raw::Float(f)) => (Part::Float(f), true),
        Some(Raw::Time(t)) => (Part::Int(t.0), true),
        Some(Raw::Text(s)) => (Part::Text(s), s.len() <= keys::CUT),
    };
    keys::push_part(key, part, descending);
    whole
}

/// Appends a value of a query as it would be stored in a column of that type; `None` when it cannot be.
pub(crate) fn push_value(key: &mut Vec<u8>, kind: Kind, value: &Value, descending: bool) -> Option<()> {
    let part = match (kind, value) {
        (_, Value::Null) => Part::Null,
        (Kind::Boolean, Value::Bool(b)) => Part::Bool(*b),
        (Kind::Integer | Kind::Bigint, Value::Number(n)) => Part::Int(n.as_i64()?),
        (Kind::Integer | Kind::Bigint, Value::String(s)) => Part::Int(s.parse().ok()?),
        (Kind::Double, Value::Number(n)) => Part::Float(n.as_f64()?),
        (Kind::Datetime, Value::String(s)) => Part::Int(Timestamp::parse(s)?.0),
        (Kind::String | Kind::Varchar | Kind::Text | Kind::Mediumtext | Kind::Longtext | Kind::Relationship, Value::String(s)) => Part::Text(s),
        _ => return None,
    };
    keys::push_part(key, part, descending);
    Some(())
}

/// All entries of a record, in all indexes of a collection.
pub(crate) fn entries(indexes: &[IndexPlan], collection: u32, view: &View<'_>) -> Result<BTreeSet<Entry>, DbError> {
    let mut out = BTreeSet::new();
    for index in indexes {
        index.entries(collection, view, &mut out)?;
    }
    Ok(out)
}

/// Name of the index an entry belongs to.
pub(crate) fn owner<'s>(indexes: &'s [IndexPlan], entry: &Entry) -> Option<&'s IndexPlan> {
    let id = u16::from_be_bytes(*entry.key.get(5..)?.first_chunk()?);
    indexes.iter().find(|i| i.id == id)
}

/// Roles that permissions let read.
pub(crate) fn readers<'p>(permissions: impl Iterator<Item = &'p str>) -> BTreeSet<&'p str> {
    permissions.filter_map(|p| Action::Read.role_in(p)).collect()
}

/// Splits the key of an entry as found by a scan into its parts and the document's sequence.
pub(crate) fn split(key: &[u8], value: &[u8]) -> Result<(usize, u64), DbError> {
    if let Some(sequence) = keys::number(value) {
        return Ok((key.len(), sequence));
    }
    let sequence = keys::sequence_of(key).ok_or_else(|| damaged("index entry"))?;
    Ok((key.len() - 8, sequence))
}
