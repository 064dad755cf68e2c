//! Fragments: that they exist, fit where they are spread, are used, and do not hold themselves.
use std::collections::{HashMap, HashSet};

use super::Check;
use crate::ast::{FragmentDef, Name, Selection, SelectionSet};
use crate::schema::TypeId;

impl<'a> Check<'a> {
    pub(super) fn fragment(&mut self, fragment: &'a FragmentDef, known: &mut HashMap<&'a str, usize>) {
        let on = self.type_name(&fragment.on);
        let composite = on.filter(|id| self.schema.get(*id).is_composite());
        if on.is_some() && composite.is_none() {
            let message = format!("Fragment \"{}\" cannot condition on non composite type \"{}\".", fragment.name.text, fragment.on.text);
            self.report(message, [fragment.on.pos]);
        }
        match known.get(fragment.name.text.as_str()) {
            Some(first) => self.report(format!("There can be only one fragment named \"{}\".", fragment.name.text), [*first, fragment.name.pos]),
            None => drop(known.insert(&fragment.name.text, fragment.name.pos)),
        }
        self.cycle(fragment);
        self.directives(&fragment.directives, "FRAGMENT_DEFINITION");
        self.selections(&fragment.selections, composite);
    }

    /// The type of an inline fragment.
    pub(super) fn condition(&mut self, on: &'a Name, parent: Option<TypeId>, pos: usize) -> Option<TypeId> {
        let ty = self.type_name(on)?;
        if !self.schema.get(ty).is_composite() {
            self.report(format!("Fragment cannot condition on non composite type \"{}\".", on.text), [on.pos]);
            return None;
        }
        if let Some(parent) = parent.filter(|parent| !self.may_be(*parent, ty)) {
            let parent = &self.schema.get(parent).name;
            let message = format!("Fragment cannot be spread here as objects of type \"{parent}\" can never be of type \"{}\".", on.text);
            self.report(message, [pos]);
        }
        Some(ty)
    }

    pub(super) fn spread(&mut self, name: &'a Name, pos: usize, parent: Option<TypeId>) {
        let Some(fragment) = self.fragments.get(name.text.as_str()) else {
            self.report(format!("Unknown fragment \"{}\".", name.text), [name.pos]);
            return;
        };
        let Some((parent, ty)) = parent.zip(self.schema.find(&fragment.on.text)) else { return };
        if self.schema.get(ty).is_composite() && !self.may_be(parent, ty) {
            let (parent, ty) = (&self.schema.get(parent).name, &fragment.on.text);
            let message = format!("Fragment \"{}\" cannot be spread here as objects of type \"{parent}\" can never be of type \"{ty}\".", name.text);
            self.report(message, [pos]);
        }
    }

    /// Whether an object can be of both types.
    fn may_be(&self, a: TypeId, b: TypeId) -> bool {
        let of_b = self.schema.possible(b);
        self.schema.possible(a).iter().any(|id| of_b.contains(id))
    }

    /// Told once for each fragment that reaches itself, by the shortest way there is.
    fn cycle(&mut self, fragment: &'a FragmentDef) {
        let start = fragment.name.text.as_str();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut queue: Vec<(&'a SelectionSet, Vec<(&'a str, usize)>)> = vec![(&fragment.selections, Vec::new())];
        while let Some((set, way)) = queue.pop() {
            for (name, pos) in spreads(set) {
                let mut way = way.clone();
                way.push((name, pos));
                if name == start {
                    let via: Vec<&str> = way.iter().rev().skip(1).rev().map(|(name, _)| *name).collect();
                    let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
                    let positions: Vec<usize> = way.iter().map(|(_, pos)| *pos).collect();
                    self.report(format!("Cannot spread fragment \"{start}\" within itself{via}."), positions);
                    return;
                }
                if seen.insert(name)
                    && let Some(next) = self.fragments.get(name)
                {
                    queue.insert(0, (&next.selections, way));
                }
            }
        }
    }

    pub(super) fn unused_fragments(&mut self) {
        let mut used = HashSet::new();
        for operation in self.document.operations() {
            self.reached(&operation.selections, &mut used);
        }
        for fragment in self.document.fragments().filter(|f| !used.contains(f.name.text.as_str())) {
            self.report(format!("Fragment \"{}\" is never used.", fragment.name.text), [fragment.pos]);
        }
    }
}

/// Names and places of the spreads of a set.
fn spreads(set: &SelectionSet) -> Vec<(&str, usize)> {
    let mut out = Vec::new();
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match selection {
                Selection::Field(node) => sets.extend(&node.selections),
                Selection::Inline { selections, .. } => sets.push(selections),
                Selection::Spread { name, pos, .. } => out.push((name.text.as_str(), *pos)),
            }
        }
    }
    out
}
