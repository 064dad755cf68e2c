//! Fields of one name in the answer must be one field.
use std::collections::{HashMap, HashSet};

use super::Check;
use crate::ast::{FieldNode, Selection, SelectionSet};
use crate::print;
use crate::schema::{Field, Kind, TypeId, TypeRef};

/// Most fields looked at for one document.
const MAX_WORK: usize = 200_000;

/// A field with the type it is asked of.
#[derive(Clone, Copy)]
struct Asked<'a> {
    node: &'a FieldNode,
    parent: TypeId,
    field: Option<&'a Field>,
}

/// Why fields of one name are not one, and where they are.
struct Conflict {
    why: String,
    first: Vec<usize>,
    second: Vec<usize>,
}

type Groups<'a> = Vec<(&'a str, Vec<Asked<'a>>)>;

#[derive(Default)]
struct Collected<'a> {
    groups: Groups<'a>,
    places: HashMap<&'a str, usize>,
    visited: HashSet<&'a str>,
}

impl<'a> Check<'a> {
    pub(super) fn overlap(&mut self, set: &'a SelectionSet, parent: TypeId) {
        let groups = self.groups(&[(set, parent)]);
        for (name, asked) in &groups {
            let Some((first, others)) = asked.split_first() else { continue };
            for other in others {
                if let Some(conflict) = self.conflict(*first, *other, false) {
                    let positions: Vec<usize> = conflict.first.iter().chain(&conflict.second).copied().collect();
                    let message = format!(
                        "Fields \"{name}\" conflict because {}. Use different aliases on the fields to fetch both if this was intentional.",
                        conflict.why
                    );
                    self.report(message, positions);
                }
            }
        }
    }

    /// The fields of sets, those of their fragments included, by their names in the answer.
    fn groups(&mut self, sets: &[(&'a SelectionSet, TypeId)]) -> Groups<'a> {
        let mut out = Collected::default();
        for (set, parent) in sets {
            self.collect(set, *parent, &mut out);
        }
        if self.work > MAX_WORK { Vec::new() } else { out.groups }
    }

    fn collect(&mut self, set: &'a SelectionSet, parent: TypeId, out: &mut Collected<'a>) {
        for selection in &set.items {
            self.work += 1;
            if self.work > MAX_WORK {
                return;
            }
            match selection {
                Selection::Field(node) => {
                    let asked = Asked { node, parent, field: self.schema.field(parent, &node.name.text) };
                    let place = *out.places.entry(node.key()).or_insert(out.groups.len());
                    match out.groups.get_mut(place) {
                        Some((_, group)) => group.push(asked),
                        None => out.groups.push((node.key(), vec![asked])),
                    }
                }
                Selection::Inline { on, selections, .. } => {
                    if let Some(ty) = on.as_ref().map_or(Some(parent), |on| self.schema.find(&on.text)) {
                        self.collect(selections, ty, out);
                    }
                }
                Selection::Spread { name, .. } => {
                    if out.visited.insert(&name.text)
                        && let Some(fragment) = self.fragments.get(name.text.as_str())
                        && let Some(ty) = self.schema.find(&fragment.on.text)
                    {
                        self.collect(&fragment.selections, ty, out);
                    }
                }
            }
        }
    }

    /// What keeps two fields from being one. Those of different objects never meet: only their shapes must agree.
    fn conflict(&mut self, a: Asked<'a>, b: Asked<'a>, apart: bool) -> Option<Conflict> {
        let is_object = |id| matches!(self.schema.get(id).kind, Kind::Object(_));
        let apart = apart || (a.parent != b.parent && is_object(a.parent) && is_object(b.parent));
        let plain = |why: String| Some(Conflict { why, first: vec![a.node.pos], second: vec![b.node.pos] });
        if !apart {
            let (x, y) = (&a.node.name.text, &b.node.name.text);
            if x != y {
                return plain(format!("{x} and {y} are different fields"));
            }
            if arguments(a.node) != arguments(b.node) {
                return plain("they have differing arguments".to_owned());
            }
        }
        let (x, y) = (a.field?, b.field?);
        if self.shapes_differ(&x.ty, &y.ty) {
            return plain(format!("they return conflicting types {} and {}", self.schema.show(&x.ty), self.schema.show(&y.ty)));
        }
        let (Some(set), Some(other)) = (&a.node.selections, &b.node.selections) else { return None };
        let groups = self.groups(&[(set, x.ty.named()), (other, y.ty.named())]);
        let mut found = Vec::new();
        for (name, asked) in &groups {
            let Some((first, others)) = asked.split_first() else { continue };
            found.extend(others.iter().find_map(|o| self.conflict(*first, *o, apart)).map(|c| (*name, c)));
        }
        if found.is_empty() {
            return None;
        }
        let why = found.iter().map(|(name, c)| format!("subfields \"{name}\" conflict because {}", c.why)).collect::<Vec<_>>().join(" and ");
        let places =
            |start: usize, of: fn(&Conflict) -> &Vec<usize>| std::iter::once(start).chain(found.iter().flat_map(|(_, c)| of(c).iter().copied())).collect();
        Some(Conflict { why, first: places(a.node.pos, |c| &c.first), second: places(b.node.pos, |c| &c.second) })
    }

    fn shapes_differ(&self, a: &TypeRef, b: &TypeRef) -> bool {
        match (a, b) {
            (TypeRef::List(a), TypeRef::List(b)) | (TypeRef::NonNull(a), TypeRef::NonNull(b)) => self.shapes_differ(a, b),
            (TypeRef::Named(a), TypeRef::Named(b)) => a != b && !(self.schema.get(*a).is_composite() && self.schema.get(*b).is_composite()),
            _ => true,
        }
    }
}

/// Arguments in one order, as they were written.
fn arguments(node: &FieldNode) -> Vec<(&str, String)> {
    let mut out: Vec<(&str, String)> = node.arguments.iter().map(|a| (a.name.text.as_str(), print::literal(&a.value))).collect();
    out.sort();
    out
}
