//! How a document is stored.
//!
//! ```text
//! format, schema version, id, created, updated, permissions, (attribute id, value)…
//! ```
//! Numbers are varints. Values describe themselves, attributes are named by their stable number: adding, dropping and
//! renaming attributes leaves records as they are. Null is not stored.
use protocol::Timestamp;
use serde_json::{Map, Number, Value};

use crate::error::StoreError;
use crate::spatial::Geometry;
use crate::{Collection, DbError, Document, Kind, Sealer};

const FORMAT: u8 = 1;

const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
const LIST: u8 = 6;
const TIME: u8 = 7;
const JSON: u8 = 8;
const SEALED: u8 = 9;
const GEOMETRY: u8 = 10;

/// The error of a record that does not decode.
pub(crate) fn damaged(what: &str) -> DbError {
    DbError::Store(StoreError { message: format!("damaged record: {what}"), retryable: false })
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push((v & 0x7F) as u8 | 0x80);
        v >>= 7;
    }
    out.push((v & 0x7F) as u8);
}

fn put_signed(out: &mut Vec<u8>, v: i64) {
    put_varint(out, ((v << 1) ^ (v >> 63)).cast_unsigned());
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, b: &[u8]) {
    put_varint(out, b.len() as u64);
    out.extend_from_slice(b);
}

/// Reads from the front of a slice; `None` when it ends early.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut v = 0;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            v |= u64::from(b & 0x7F) << shift;
            if b < 0x80 {
                return Some(v);
            }
        }
        None
    }
    fn signed(&mut self) -> Option<i64> {
        let v = self.varint()?;
        Some((v >> 1).cast_signed() ^ -((v & 1).cast_signed()))
    }
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.varint()?).ok()?;
        self.take(n)
    }
    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// Writes a document.
pub(crate) fn encode(collection: &Collection, document: &Document, sealer: Option<&dyn Sealer>) -> Result<Vec<u8>, DbError> {
    let mut out = Vec::with_capacity(256);
    out.push(FORMAT);
    put_varint(&mut out, u64::from(collection.version));
    put_bytes(&mut out, document.id.as_bytes());
    put_signed(&mut out, document.created_at.0);
    put_signed(&mut out, document.updated_at.0);
    let mut permissions = Vec::new();
    for p in &document.permissions {
        put_bytes(&mut permissions, p.as_bytes());
    }
    put_bytes(&mut out, &permissions);
    for attribute in &collection.attributes {
        let Some(value) = document.data.get(&attribute.key).filter(|v| !v.is_null()) else { continue };
        put_varint(&mut out, u64::from(attribute.id));
        if !attribute.encrypt {
            put_value(&mut out, attribute.kind, value);
            continue;
        }
        let mut plain = Vec::new();
        put_value(&mut plain, attribute.kind, value);
        let sealer = sealer.ok_or_else(|| damaged("an encrypted attribute needs a key ring"))?;
        let sealed = sealer.seal(&plain).map_err(|m| damaged(&m))?;
        out.push(SEALED);
        put_bytes(&mut out, &sealed);
    }
    Ok(out)
}

fn put_value(out: &mut Vec<u8>, kind: Kind, value: &Value) {
    match (kind, value) {
        (Kind::Point | Kind::Linestring | Kind::Polygon, v) if let Ok(geometry) = Geometry::read(v) => {
            out.push(GEOMETRY);
            put_bytes(out, &geometry.encode());
        }
        (Kind::Json | Kind::Point | Kind::Linestring | Kind::Polygon, v) | (_, v @ (Value::Object(_) | Value::Null)) => put_json(out, v),
        (_, Value::Bool(b)) => out.push(if *b { TRUE } else { FALSE }),
        (Kind::Double, Value::Number(n)) => put_float(out, n.as_f64().unwrap_or_default()),
        (_, Value::Number(n)) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => {
                out.push(INT);
                put_signed(out, i);
            }
            (None, Some(f)) if n.is_f64() => put_float(out, f),
            _ => put_json(out, value),
        },
        (Kind::Datetime, Value::String(s)) if let Some(t) = Timestamp::parse(s) => {
            out.push(TIME);
            put_signed(out, t.0);
        }
        (_, Value::String(s)) => {
            out.push(TEXT);
            put_bytes(out, s.as_bytes());
        }
        (_, Value::Array(items)) => {
            let mut list = Vec::new();
            for item in items {
                put_value(&mut list, kind, item);
            }
            out.push(LIST);
            put_bytes(out, &list);
        }
    }
}

fn put_float(out: &mut Vec<u8>, f: f64) {
    out.push(FLOAT);
    out.extend_from_slice(&f.to_le_bytes());
}

fn put_json(out: &mut Vec<u8>, v: &Value) {
    out.push(JSON);
    put_bytes(out, v.to_string().as_bytes());
}

/// A stored value, not yet decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    List(&'a [u8]),
    Time(Timestamp),
    Json(&'a [u8]),
    Sealed(&'a [u8]),
    /// See [`Geometry::decode`].
    Geometry(&'a [u8]),
}

fn raw<'a>(c: &mut Cursor<'a>) -> Option<Raw<'a>> {
    Some(match c.byte()? {
        FALSE => Raw::Bool(false),
        TRUE => Raw::Bool(true),
        INT => Raw::Int(c.signed()?),
        FLOAT => Raw::Float(f64::from_le_bytes(*c.take(8)?.first_chunk()?)),
        TEXT => Raw::Text(c.text()?),
        LIST => Raw::List(c.bytes()?),
        TIME => Raw::Time(Timestamp(c.signed()?)),
        JSON => Raw::Json(c.bytes()?),
        SEALED => Raw::Sealed(c.bytes()?),
        GEOMETRY => Raw::Geometry(c.bytes()?),
        _ => return None,
    })
}

/// Moves past a value without looking into it.
fn skip(c: &mut Cursor<'_>) -> Option<()> {
    match c.byte()? {
        FALSE | TRUE => {}
        INT | TIME => drop(c.varint()?),
        FLOAT => drop(c.take(8)?),
        TEXT | LIST | JSON | SEALED | GEOMETRY => drop(c.bytes()?),
        _ => return None,
    }
    Some(())
}

impl<'a> Raw<'a> {
    /// As JSON. Sealed values need the sealer.
    pub(crate) fn value(self, sealer: Option<&dyn Sealer>) -> Result<Value, DbError> {
        Ok(match self {
            Raw::Bool(b) => Value::Bool(b),
            Raw::Int(i) => i.into(),
            Raw::Float(f) => Number::from_f64(f).map_or(Value::Null, Value::Number),
            Raw::Text(s) => s.into(),
            Raw::Time(t) => t.format().into(),
            Raw::Geometry(b) => Geometry::decode(b).ok_or_else(|| damaged("geometry"))?.to_value(),
            Raw::Json(b) => serde_json::from_slice(b).map_err(|e| damaged(&e.to_string()))?,
            Raw::List(_) => {
                let mut list = Vec::new();
                for item in self.items() {
                    list.push(item?.value(sealer)?);
                }
                Value::Array(list)
            }
            Raw::Sealed(b) => {
                let sealer = sealer.ok_or_else(|| damaged("an encrypted attribute needs a key ring"))?;
                let plain = sealer.open(b).map_err(|m| damaged(&m))?;
                let inner = raw(&mut Cursor(&plain)).ok_or_else(|| damaged("sealed value"))?;
                if matches!(inner, Raw::Sealed(_)) {
                    return Err(damaged("sealed twice"));
                }
                inner.value(None)?
            }
        })
    }

    /// Elements of a list; the value itself otherwise.
    pub(crate) fn items(self) -> impl Iterator<Item = Result<Raw<'a>, DbError>> {
        let (mut rest, mut single) = match self {
            Raw::List(b) => (Cursor(b), None),
            other => (Cursor(&[]), Some(other)),
        };
        std::iter::from_fn(move || {
            if let Some(one) = single.take() {
                return Some(Ok(one));
            }
            if rest.0.is_empty() {
                return None;
            }
            let item = raw(&mut rest);
            if item.is_none() {
                rest = Cursor(&[]);
            }
            Some(item.ok_or_else(|| damaged("list")))
        })
    }
}

/// A record with its head read; attributes are looked up when asked for.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) sequence: u64,
    pub(crate) id: &'a str,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    permissions: &'a [u8],
    attributes: &'a [u8],
}

impl<'a> View<'a> {
    /// Reads the head.
    pub(crate) fn new(sequence: u64, bytes: &'a [u8]) -> Result<Self, DbError> {
        Self::read(sequence, bytes).ok_or_else(|| damaged("head"))
    }

    fn read(sequence: u64, bytes: &'a [u8]) -> Option<Self> {
        let mut c = Cursor(bytes);
        if c.byte()? != FORMAT {
            return None;
        }
        c.varint()?;
        let id = c.text()?;
        let (created_at, updated_at) = (Timestamp(c.signed()?), Timestamp(c.signed()?));
        let permissions = c.bytes()?;
        Some(Self { sequence, id, created_at, updated_at, permissions, attributes: c.0 })
    }

    /// Permission strings.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = &'a str> {
        let mut c = Cursor(self.permissions);
        std::iter::from_fn(move || c.text())
    }

    /// A stored value; `None` when null.
    pub(crate) fn attribute(&self, id: u16) -> Result<Option<Raw<'a>>, DbError> {
        let mut c = Cursor(self.attributes);
        while !c.0.is_empty() {
            let found = c.varint().ok_or_else(|| damaged("attribute id"))?;
            if found == u64::from(id) {
                return raw(&mut c).map(Some).ok_or_else(|| damaged("value"));
            }
            skip(&mut c).ok_or_else(|| damaged("value"))?;
        }
        Ok(None)
    }

    /// All stored values in the order they were written.
    fn all(&self) -> impl Iterator<Item = Result<(u16, Raw<'a>), DbError>> {
        let mut c = Cursor(self.attributes);
        std::iter::from_fn(move || {
            if c.0.is_empty() {
                return None;
            }
            let pair = c.varint().and_then(|id| Some((u16::try_from(id).ok()?, raw(&mut c)?)));
            if pair.is_none() {
                c = Cursor(&[]);
            }
            Some(pair.ok_or_else(|| damaged("value")))
        })
    }

    /// The document, in schema order; with `select` only those attributes.
    pub(crate) fn document(&self, collection: &Collection, select: Option<&[String]>, sealer: Option<&dyn Sealer>) -> Result<Document, DbError> {
        let mut stored = self.all().collect::<Result<Vec<_>, _>>()?;
        let mut data = Map::with_capacity(collection.attributes.len());
        let all = select.is_none_or(|s| s.iter().any(|k| k == "*"));
        for (at, attribute) in collection.attributes.iter().enumerate() {
            if !all && !select.is_some_and(|s| s.contains(&attribute.key)) {
                continue;
            }
            // Records are written in schema order, so the wanted value mostly is where it is looked for first.
            let found = match stored.get(at) {
                Some((id, _)) if *id == attribute.id => Some(at),
                _ => stored.iter().position(|(id, _)| *id == attribute.id),
            };
            let value = match found.and_then(|i| stored.get_mut(i)) {
                Some((_, raw)) => raw.value(sealer)?,
                None => Value::Null,
            };
            data.insert(attribute.key.clone(), value);
        }
        Ok(Document {
            id: self.id.to_owned(),
            sequence: self.sequence,
            created_at: self.created_at,
            updated_at: self.updated_at,
            permissions: self.permissions().map(str::to_owned).collect(),
            data,
        })
    }
}
