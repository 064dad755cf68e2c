//! What becomes of related documents when one is deleted; all in the transaction of the delete.
use std::collections::HashSet;
use std::sync::Arc;

use access::{Access, Action};
use protocol::Timestamp;

use super::{OnDelete, Relation, RelationKind, bounded};
use crate::catalog::Schema;
use crate::engine::Writer;
use crate::{DbError, Document};

/// A delete in progress.
struct Wave {
    at: Option<Timestamp>,
    /// Documents that go, by collection and sequence.
    going: HashSet<(u32, u64)>,
    /// How many others have changed or will go.
    changed: usize,
    /// Those whose turn has not come.
    pending: Vec<(Arc<Schema>, u64)>,
}

impl Writer<'_, '_> {
    /// Removes a document and, by the rules of its relationships, others. The cost follows the number of those that are related.
    pub(crate) fn delete_related(&mut self, access: &Access, schema: &Arc<Schema>, root: u64, at: Option<Timestamp>) -> Result<(), DbError> {
        let mut wave = Wave { at, changed: 0, going: HashSet::from([(schema.collection.id, root)]), pending: vec![(schema.clone(), root)] };
        let mut is_root = true;
        while let Some((schema, sequence)) = wave.pending.pop() {
            let document = self.document_at(&schema, sequence)?;
            // The first was judged before.
            if !std::mem::take(&mut is_root) {
                self.permit(access, &schema.collection, Action::Delete, &document.permissions)?;
            }
            for relation in &schema.relations {
                self.settle_one(&mut wave, &schema, relation, &document)?;
            }
            self.remove(&schema, sequence)?;
        }
        Ok(())
    }

    fn settle_one(&mut self, wave: &mut Wave, schema: &Schema, relation: &Relation, document: &Document) -> Result<(), DbError> {
        let mut partners = self.context().partners(schema.collection.id, relation, document)?;
        if relation.is_linked() {
            for partner in &partners {
                self.unlink(schema.collection.id, relation, document.sequence, *partner)?;
            }
        }
        partners.retain(|p| !wave.going.contains(&(relation.target, *p)));
        if partners.is_empty() {
            return Ok(());
        }
        wave.changed += partners.len();
        bounded(wave.changed)?;
        match relation.on_delete {
            OnDelete::Restrict if restricts(relation) => Err(DbError::Restricted),
            OnDelete::Cascade if cascades(relation) => {
                let other = self.schema_of(relation.target)?;
                for partner in partners {
                    wave.going.insert((relation.target, partner));
                    wave.pending.push((other.clone(), partner));
                }
                Ok(())
            }
            _ => self.forget(relation, &partners, wave.at),
        }
    }

    /// Partners that store the id of the document no longer do.
    fn forget(&mut self, relation: &Relation, partners: &[u64], at: Option<Timestamp>) -> Result<(), DbError> {
        let other = self.schema_of(relation.target)?;
        let stores = other.relations.iter().any(|r| r.key == relation.twin && r.is_stored());
        if stores {
            for partner in partners {
                self.point(&other, *partner, &relation.twin, None, at, None)?;
            }
        }
        Ok(())
    }
}

/// Whether partners on the other side keep a document from being deleted: the side that is pointed at, or the parent.
fn restricts(relation: &Relation) -> bool {
    match relation.kind {
        RelationKind::ManyToOne => !relation.is_parent,
        _ => relation.is_parent,
    }
}

/// Whether partners go with the document.
fn cascades(relation: &Relation) -> bool {
    match relation.kind {
        RelationKind::OneToOne => relation.is_stored(),
        RelationKind::ManyToOne => !relation.is_parent,
        RelationKind::OneToMany | RelationKind::ManyToMany => relation.is_parent,
    }
}
