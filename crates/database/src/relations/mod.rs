//! Relationships: attributes that name documents of another collection (or their own).
//!
//! A relationship is a pair of attributes, one on each side, that know each other. Where a side can have only one partner it stores the partner's id, with
//! an index over it; where it can have many they are found through the index of the other side. Many-to-many links are kept in a table of their own, once
//! for each direction ([`keys::links`](crate::keys::links)). The twin of a one-way relationship is hidden: nobody can name it, but deletes heed it.
mod define;
mod delete;
pub(crate) mod filter;
mod links;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde_json::{Map, Value, json};

use crate::catalog::Schema;
use crate::index::{IndexPlan, Piece, Source};
use crate::structure::fault;
use crate::{Attribute, DbError, IndexKind, Kind, Status};

pub use define::RelationSpec;
pub use read::{Related, Selection, Tree};
pub(crate) use write::{Level, Owner, Preset};

/// How many documents of each side belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of the contract")]
pub enum RelationKind {
    OneToOne,
    OneToMany,
    ManyToOne,
    ManyToMany,
}

impl RelationKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OneToOne => "oneToOne",
            Self::OneToMany => "oneToMany",
            Self::ManyToOne => "manyToOne",
            Self::ManyToMany => "manyToMany",
        }
    }
    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::OneToOne, Self::OneToMany, Self::ManyToOne, Self::ManyToMany].into_iter().find(|k| k.name() == name)
    }
}

/// What becomes of partners when a document is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The document cannot be deleted.
    Restrict,
    /// They are deleted, too.
    Cascade,
    /// They no longer name it.
    SetNull,
}

impl OnDelete {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restrict => "restrict",
            Self::Cascade => "cascade",
            Self::SetNull => "setNull",
        }
    }
    /// The rule of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Restrict, Self::Cascade, Self::SetNull].into_iter().find(|k| k.name() == name)
    }
}

/// One side of a relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Key of the attribute.
    pub key: String,
    /// Its stable number.
    pub(crate) attribute: u16,
    /// How many belong together, seen from the parent.
    pub kind: RelationKind,
    /// The side the relationship was made on.
    pub is_parent: bool,
    /// Whether the child's side can be seen.
    pub two_way: bool,
    /// Id by which clients know the other collection.
    pub related: String,
    /// Key the other side has, or would have, for clients.
    pub two_way_key: String,
    /// What becomes of partners.
    pub on_delete: OnDelete,
    /// Number of the other collection.
    pub(crate) target: u32,
    /// Key of the other side's attribute.
    pub(crate) twin: String,
    /// Number of the index over the stored ids.
    pub(crate) index: Option<u16>,
}

impl Relation {
    /// What an attribute says, when it is a relationship.
    #[must_use]
    pub fn of(a: &Attribute) -> Option<Self> {
        if a.kind != Kind::Relationship {
            return None;
        }
        let text = |key: &str| a.options.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| a.options.get(key).and_then(Value::as_u64);
        Some(Self {
            key: a.key.clone(),
            attribute: a.id,
            kind: RelationKind::from_name(text("relationType"))?,
            is_parent: text("side") != "child",
            two_way: a.options.get("twoWay").and_then(Value::as_bool).unwrap_or(false),
            related: text("relatedCollection").to_owned(),
            two_way_key: text("twoWayKey").to_owned(),
            on_delete: OnDelete::from_name(text("onDelete")).unwrap_or(OnDelete::Restrict),
            target: number("target").and_then(|n| u32::try_from(n).ok())?,
            twin: text("twin").to_owned(),
            index: number("index").and_then(|n| u16::try_from(n).ok()),
        })
    }

    /// As an attribute keeps it.
    fn options(&self) -> Value {
        json!({
            "relatedCollection": self.related, "relationType": self.kind.name(), "twoWay": self.two_way, "twoWayKey": self.two_way_key,
            "onDelete": self.on_delete.name(), "side": if self.is_parent { "parent" } else { "child" },
            "target": self.target, "twin": self.twin, "index": self.index,
        })
    }

    /// Whether a document can have many partners on the other side.
    #[must_use]
    pub fn is_list(&self) -> bool {
        match self.kind {
            RelationKind::OneToOne => false,
            RelationKind::OneToMany => self.is_parent,
            RelationKind::ManyToOne => !self.is_parent,
            RelationKind::ManyToMany => true,
        }
    }

    /// Whether documents of this side store the id of their partner.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        !self.is_list() && (self.kind != RelationKind::OneToOne || self.is_parent || self.two_way)
    }

    /// Whether it is there for the engine alone.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        !self.is_parent && !self.two_way
    }

    /// Whether links are in the table of links.
    fn is_linked(&self) -> bool {
        self.kind == RelationKind::ManyToMany
    }

    /// Whether each document may be named by one other only.
    fn is_exclusive(&self) -> bool {
        self.kind == RelationKind::OneToOne
    }

    /// The index over stored ids. Documents without partner have no entry, so it need not be filled when a relationship is made.
    pub(crate) fn plan(&self) -> Option<IndexPlan> {
        let source = Source::Attribute { id: self.attribute, kind: Kind::Relationship, array: false };
        let piece = Piece { key: self.key.clone(), source, descending: false, lossy: false };
        let kind = if self.is_exclusive() { IndexKind::Unique } else { IndexKind::Key };
        self.index.map(|id| IndexPlan { id, name: self.key.clone(), kind, pieces: vec![piece], ready: true, sparse: true })
    }
}

/// Whether an attribute is there for the engine alone.
#[must_use]
pub fn is_hidden(a: &Attribute) -> bool {
    a.kind == Kind::Relationship && Relation::of(a).is_none_or(|r| r.is_hidden())
}

/// The state of an attribute of a relationship: what is not available cannot be named.
fn status(relation: &Relation) -> Status {
    if relation.is_hidden() { Status::Processing } else { Status::Available }
}

/// Most related documents that one delete or one list changes.
const MAX_CHANGED: usize = 100_000;

/// Refuses to change more related documents than one transaction should.
fn bounded(changed: usize) -> Result<(), DbError> {
    if changed <= MAX_CHANGED {
        return Ok(());
    }
    Err(DbError::Relationship("More than 100,000 related documents would have to change at once.".to_owned()))
}

/// Values that data have for relationships, by their place in the schema.
pub(crate) type Given = Vec<(usize, Value)>;

/// Takes what is about relationships out of data.
pub(crate) fn take(schema: &Schema, data: &mut Map<String, Value>) -> Result<Given, DbError> {
    let mut given = Vec::new();
    for (at, relation) in schema.relations.iter().enumerate() {
        let Some(value) = data.shift_remove(&relation.key) else { continue };
        if relation.is_hidden() {
            return Err(fault(&format!("Unknown attribute: \"{}\"", relation.key)));
        }
        given.push((at, value));
    }
    Ok(given)
}
