//! Related documents in answers: what is selected, fetched level by level.
use std::collections::HashMap;
use std::sync::Arc;

use access::Access;

use super::Relation;
use super::links::readable;
use crate::catalog::Schema;
use crate::reading::Context;
use crate::{Collection, DbError, Document};

/// Levels of documents in an answer, the first included.
const LEVELS: usize = 3;
/// Most related documents in one answer.
const MAX_RELATED: usize = 50_000;
/// Most names that stand for everything that is related.
const MAX_NAMES: usize = 1_000;

/// What a `select` names: attributes of the document itself and, by relationship, of related documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Attributes of the document; `None` for all.
    pub own: Option<Vec<String>>,
    nested: Vec<(String, Vec<String>)>,
}

impl Selection {
    /// Of names as they were sent. A selection of nothing but related documents selects the whole document.
    #[must_use]
    pub fn new(collection: &Collection, names: &[String]) -> Self {
        let relations: Vec<Relation> = collection.relations().collect();
        Self::of(&relations, names, false)
    }

    /// `each`: every name stands for itself.
    fn of(relations: &[Relation], names: &[String], each: bool) -> Self {
        let mut out = Self { own: Some(Vec::new()), nested: Vec::new() };
        let (mut own, mut all) = (Vec::new(), false);
        for name in names {
            let split = name.split_once('.');
            let relation = split.and_then(|(first, _)| relations.iter().find(|r| r.key == first && !r.is_hidden()));
            let (Some(relation), Some((_, rest))) = (relation, split) else {
                all |= name == "*";
                own.push(name.clone());
                continue;
            };
            let rest = if rest.is_empty() { "*" } else { rest };
            match out.nested.iter_mut().find(|(key, _)| *key == relation.key) {
                Some((_, paths)) => paths.push(rest.to_owned()),
                None => out.nested.push((relation.key.clone(), vec![rest.to_owned()])),
            }
            if relation.is_list() {
                all |= each;
            } else {
                own.push(relation.key.clone());
            }
        }
        out.own = (!all && !own.is_empty()).then_some(own);
        out
    }

    /// Whether related documents are selected.
    #[must_use]
    pub fn names_related(&self) -> bool {
        !self.nested.is_empty()
    }

    /// Whether related documents of a relationship are selected.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        self.paths(key).is_some()
    }

    fn paths(&self, key: &str) -> Option<&[String]> {
        self.nested.iter().find(|(k, _)| k == key).map(|(_, paths)| paths.as_slice())
    }
}

/// A document with what is related to it.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The document.
    pub document: Arc<Document>,
    /// Its collection.
    pub collection: Arc<Collection>,
    /// Id by which clients know the collection; empty for the documents that were asked for.
    pub collection_id: String,
    /// Attributes to show; `None` for all.
    pub keep: Option<Vec<String>>,
    /// What stands for relationships instead of stored ids.
    pub related: Vec<(String, Related)>,
}

/// What stands for a relationship.
#[derive(Clone, Debug)]
pub enum Related {
    /// It is left out: it leads back, or too deep.
    Removed,
    /// There is a partner that the caller cannot see.
    Missing,
    /// The partner.
    One(Box<Tree>),
    /// All that the caller can see.
    Many(Vec<Tree>),
}

struct Node {
    document: Arc<Document>,
    schema: Arc<Schema>,
    collection_id: String,
    keep: Option<Vec<String>>,
    slots: Vec<(String, Slot)>,
}

enum Slot {
    Removed,
    Missing,
    One(usize),
    Many(Vec<usize>),
}

/// Documents of one collection on one level, reached the same way.
struct Wave {
    nodes: Vec<usize>,
    schema: Arc<Schema>,
    selection: Selection,
    /// The relationship that leads back.
    back: Option<String>,
}

fn too_many() -> DbError {
    DbError::Query("Invalid query: Too many related documents are selected".to_owned())
}

impl Context<'_> {
    /// Documents with their related ones: those selected or, without a selection, all.
    pub(crate) fn expand(
        &self,
        access: &Access,
        collection: &Collection,
        documents: Vec<Arc<Document>>,
        selection: Option<&Selection>,
    ) -> Result<Vec<Tree>, DbError> {
        let schema = self.schema(collection)?;
        let count = documents.len();
        let node = |document| Node { document, schema: schema.clone(), collection_id: String::new(), keep: None, slots: Vec::new() };
        let mut nodes: Vec<Node> = documents.into_iter().map(node).collect();
        let first = Wave { nodes: (0..count).collect(), schema, selection: selection.cloned().unwrap_or_default(), back: None };
        let mut waves = vec![first];
        for depth in 1..=LEVELS {
            let mut next = Vec::new();
            for wave in waves {
                self.step(access, &wave, selection.is_some(), depth == LEVELS, &mut nodes, &mut next)?;
            }
            waves = next;
        }
        let mut budget = MAX_RELATED + count;
        (0..count).map(|at| tree(&nodes, at, &mut budget)).collect()
    }

    fn step(&self, access: &Access, wave: &Wave, explicit: bool, is_last: bool, nodes: &mut Vec<Node>, next: &mut Vec<Wave>) -> Result<(), DbError> {
        for relation in &wave.schema.relations {
            let paths = wave.selection.paths(&relation.key);
            if relation.is_hidden() || wave.back.as_ref() == Some(&relation.key) || (explicit && paths.is_none()) {
                continue;
            }
            if is_last {
                set_all(nodes, &wave.nodes, &relation.key, || Slot::Removed);
                continue;
            }
            let other = self.other(relation)?;
            let selection = paths.map(|p| Selection::of(&other.relations, p, true)).unwrap_or_default();
            let found = self.fetch_partners(access, wave, relation, &other, &selection, nodes)?;
            if found.is_empty() {
                continue;
            }
            if relation.two_way {
                set_all(nodes, &found, &relation.twin, || Slot::Removed);
            }
            next.push(Wave { nodes: found, schema: other, selection, back: relation.two_way.then(|| relation.twin.clone()) });
        }
        Ok(())
    }

    /// Fetches the partners of all documents of a wave, each once, and puts them in place.
    fn fetch_partners(
        &self,
        access: &Access,
        wave: &Wave,
        relation: &Relation,
        other: &Arc<Schema>,
        selection: &Selection,
        nodes: &mut Vec<Node>,
    ) -> Result<Vec<usize>, DbError> {
        let mut wanted: Vec<(usize, Vec<u64>)> = Vec::with_capacity(wave.nodes.len());
        for at in &wave.nodes {
            let Some(node) = nodes.get(*at) else { continue };
            let document = node.document.clone();
            wanted.push((*at, self.partners(wave.schema.collection.id, relation, &document)?));
        }
        let mut sequences: Vec<u64> = wanted.iter().flat_map(|(_, s)| s.iter().copied()).collect();
        sequences.sort_unstable();
        sequences.dedup();
        let mut found = Vec::new();
        let mut places: HashMap<u64, usize> = HashMap::with_capacity(sequences.len());
        for sequence in sequences {
            let Some(document) = self.document(&other.collection, sequence, None)? else { continue };
            if !readable(access, &other.collection, &document.permissions) {
                continue;
            }
            if nodes.len() >= MAX_RELATED {
                return Err(too_many());
            }
            places.insert(sequence, nodes.len());
            found.push(nodes.len());
            let keep = selection.own.clone();
            nodes.push(Node { document, schema: other.clone(), collection_id: relation.related.clone(), keep, slots: Vec::new() });
        }
        for (at, sequences) in wanted {
            let Some(node) = nodes.get_mut(at) else { continue };
            let there: Vec<usize> = sequences.iter().filter_map(|s| places.get(s).copied()).collect();
            let slot = match (relation.is_list(), there.first()) {
                (true, _) => Slot::Many(there),
                (false, Some(one)) => Slot::One(*one),
                (false, None) if node.document.value(&relation.key).is_null() => continue,
                (false, None) => Slot::Missing,
            };
            node.slots.push((relation.key.clone(), slot));
        }
        Ok(found)
    }

    /// Names of all related documents: of every relationship, theirs too, without coming back to a collection on the way.
    pub(crate) fn all_related(&self, collection: &Collection) -> Result<Vec<String>, DbError> {
        let mut names = Vec::new();
        let schema = self.schema(collection)?;
        self.add_related(&schema, "", &mut vec![schema.collection.id], &mut names)?;
        Ok(names)
    }

    fn add_related(&self, schema: &Schema, prefix: &str, path: &mut Vec<u32>, names: &mut Vec<String>) -> Result<(), DbError> {
        for relation in schema.relations.iter().filter(|r| !r.is_hidden()) {
            if path.contains(&relation.target) {
                continue;
            }
            names.push(format!("{prefix}{}.*", relation.key));
            if path.len() < LEVELS && names.len() < MAX_NAMES {
                let other = self.other(relation)?;
                path.push(relation.target);
                self.add_related(&other, &format!("{prefix}{}.", relation.key), path, names)?;
                path.pop();
            }
        }
        Ok(())
    }
}

fn set_all(nodes: &mut [Node], which: &[usize], key: &str, slot: impl Fn() -> Slot) {
    for at in which {
        if let Some(node) = nodes.get_mut(*at) {
            node.slots.push((key.to_owned(), slot()));
        }
    }
}

/// Shared documents are shown wherever they belong, so the answer may be larger than what was fetched.
fn tree(nodes: &[Node], at: usize, budget: &mut usize) -> Result<Tree, DbError> {
    *budget = budget.checked_sub(1).ok_or_else(too_many)?;
    let node = nodes.get(at).ok_or_else(too_many)?;
    let mut related = Vec::with_capacity(node.slots.len());
    for (key, slot) in &node.slots {
        let value = match slot {
            Slot::Removed => Related::Removed,
            Slot::Missing => Related::Missing,
            Slot::One(one) => Related::One(Box::new(tree(nodes, *one, budget)?)),
            Slot::Many(many) => Related::Many(many.iter().map(|one| tree(nodes, *one, budget)).collect::<Result<_, _>>()?),
        };
        related.push((key.clone(), value));
    }
    Ok(Tree {
        document: node.document.clone(),
        collection: node.schema.collection.clone(),
        collection_id: node.collection_id.clone(),
        keep: node.keep.clone(),
        related,
    })
}
