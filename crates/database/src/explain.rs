//! Tells how a list is answered.
use std::cell::RefCell;

use access::Access;

use crate::catalog::Schema;
use crate::plan::Path;
use crate::reading::Context;
use crate::visibility::Visibility;
use crate::{Collection, DbError, Find, IndexKind, checks};

/// The way to the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing had to be read.
    Nothing,
    /// By `$id`.
    Ids,
    /// The documents in order of sequence.
    Scan,
    /// What the caller's roles may read.
    Roles,
    /// An index, by key; `$createdAt` and `$updatedAt` are built in.
    Index(String),
    /// What an index and the caller's roles have in common.
    RolesAndIndex(String),
    /// The words of a full-text index, by key.
    Words(String),
    /// A spatial index, by key.
    Spatial(String),
    /// Several ways, one for each branch of an `or`.
    Union(Vec<Way>),
}

/// How a list was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The way to the documents.
    pub way: Way,
    /// Documents came in the wanted order; otherwise they were sorted.
    pub ordered: bool,
    /// Conditions that had to be checked on documents.
    pub checked: usize,
    /// Records read.
    pub records: u64,
    /// Index entries read.
    pub entries: u64,
    /// Why this way.
    pub why: &'static str,
    /// What was weighed; empty when there was nothing to weigh.
    pub considered: Vec<Considered>,
}

/// A way that was weighed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The way.
    pub way: Way,
    /// Its rows come in the wanted order.
    pub ordered: bool,
    /// Entries or documents it would read to its end; an estimate.
    pub reads: u64,
    /// What it was expected to cost for this list, in entries.
    pub cost: u64,
}

/// How a way was chosen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thoughts {
    pub(crate) why: &'static str,
    pub(crate) considered: Vec<Considered>,
}

impl Context<'_> {
    /// Runs a list and describes it.
    pub(crate) fn explain(mut self, access: &Access, collection: &Collection, find: &Find) -> Result<Plan, DbError> {
        self.thoughts = Some(RefCell::default());
        let schema = self.schema(collection)?;
        let visibility = Visibility::of(access, &schema.collection)?;
        checks::queries(&schema.collection, find)?;
        let (chosen, nothing) = match self.without_related(access, &schema, &find.filters)? {
            Some(filters) => (self.run(&schema, visibility, &Find { filters: filters.into_owned(), ..find.clone() })?.1, "only the count was asked for"),
            None => (None, "no related document meets the conditions"),
        };
        let (records, entries) = self.reads();
        let Thoughts { why, considered } = self.thoughts.take().map(RefCell::into_inner).unwrap_or_default();
        Ok(match chosen {
            None => Plan { way: Way::Nothing, ordered: true, checked: 0, records, entries, why: nothing, considered },
            Some(c) => {
                let checked = c.covered.iter().filter(|covered| !**covered).count();
                Plan { way: way(&schema, &c.path), ordered: c.ordered, checked, records, entries, why, considered }
            }
        })
    }

    /// Notes how a way is chosen; costs nothing unless somebody asked.
    pub(crate) fn think(&self, why: &'static str, considered: impl FnOnce() -> Vec<Considered>) {
        if let Some(thoughts) = &self.thoughts {
            thoughts.replace(Thoughts { why, considered: considered() });
        }
    }
}

pub(crate) fn way(schema: &Schema, path: &Path) -> Way {
    let name = |at: &usize| schema.indexes.get(*at).map(|i| i.name.clone()).unwrap_or_default();
    match path {
        Path::Nothing => Way::Nothing,
        Path::Ids(_) => Way::Ids,
        Path::Documents { .. } => Way::Scan,
        Path::Roles { .. } => Way::Roles,
        Path::Index { at, .. } => Way::Index(name(at)),
        Path::Both { at, .. } => Way::RolesAndIndex(name(at)),
        Path::Found { at, .. } if schema.indexes.get(*at).is_some_and(|i| i.kind == IndexKind::Spatial) => Way::Spatial(name(at)),
        Path::Found { at, .. } => Way::Words(name(at)),
        Path::Union { branches, .. } => Way::Union(branches.iter().map(|b| way(schema, b)).collect()),
    }
}
