//! Tells how a list is answered.
use access::Access;

use crate::catalog::Schema;
use crate::plan::{Chosen, Path};
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
}

impl Context<'_> {
    /// Runs a list and describes it.
    pub(crate) fn explain(&self, access: &Access, collection: &Collection, find: &Find) -> Result<Plan, DbError> {
        let schema = self.schema(collection)?;
        let visibility = Visibility::of(access, &schema.collection)?;
        checks::queries(&schema.collection, find)?;
        let chosen = match self.without_related(access, &schema, &find.filters)? {
            Some(filters) => self.run(&schema, visibility, &Find { filters: filters.into_owned(), ..find.clone() })?.1,
            None => None,
        };
        let (records, entries) = self.reads();
        Ok(match chosen {
            None => Plan { way: Way::Nothing, ordered: true, checked: 0, records, entries },
            Some(c) => {
                let checked = c.covered.iter().filter(|covered| !**covered).count();
                Plan { way: way(&schema, &c), ordered: c.ordered, checked, records, entries }
            }
        })
    }
}

fn way(schema: &Schema, chosen: &Chosen) -> Way {
    let name = |at: &usize| schema.indexes.get(*at).map(|i| i.name.clone()).unwrap_or_default();
    match &chosen.path {
        Path::Nothing => Way::Nothing,
        Path::Ids(_) => Way::Ids,
        Path::Documents { .. } => Way::Scan,
        Path::Roles { .. } => Way::Roles,
        Path::Index { at, .. } => Way::Index(name(at)),
        Path::Both { at, .. } => Way::RolesAndIndex(name(at)),
        Path::Found { at, .. } if schema.indexes.get(*at).is_some_and(|i| i.kind == IndexKind::Spatial) => Way::Spatial(name(at)),
        Path::Found { at, .. } => Way::Words(name(at)),
    }
}
