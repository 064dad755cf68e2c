//! How deep and how large a document is. Fragments are measured once, however often they are spread.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Check;
use crate::ast::{Directive, FieldNode, OperationDef, Selection, SelectionSet};
use crate::coerce::{self, Variables};
use crate::error::Error;
use crate::execute::condition;
use crate::introspection::FIELDS;
use crate::schema::{Complexity, TypeId};

/// Deepest nesting of selections, through fragments: everything that walks a document does so on the stack.
const MAX_NESTING: usize = 200;

/// A fragment holds itself.
#[derive(Clone, Copy)]
struct Endless;

impl<'a> Check<'a> {
    /// Whether the document can be walked; asked before all else.
    pub(super) fn nesting_is_bearable(&self) -> bool {
        let mut known = HashMap::new();
        let fragments = self.document.fragments().map(|f| &f.selections);
        self.document.operations().map(|o| &o.selections).chain(fragments).all(|set| self.nesting(set, 0, &mut known).is_some())
    }

    /// Levels within a set; nothing when they are too many. What holds itself is walked once.
    fn nesting(&self, set: &'a SelectionSet, level: usize, known: &mut HashMap<&'a str, usize>) -> Option<usize> {
        if level > MAX_NESTING {
            return None;
        }
        let mut deepest = 0;
        for selection in &set.items {
            let below = match selection {
                Selection::Field(node) => match &node.selections {
                    Some(set) => self.nesting(set, level + 1, known)?,
                    None => 0,
                },
                Selection::Inline { selections, .. } => self.nesting(selections, level + 1, known)?,
                Selection::Spread { name, .. } => {
                    let name = name.text.as_str();
                    match (known.get(name), self.fragments.get(name)) {
                        (Some(below), _) => *below,
                        (None, None) => 0,
                        (None, Some(fragment)) => {
                            known.insert(name, 0);
                            let below = self.nesting(&fragment.selections, level + 1, known)?;
                            known.insert(name, below);
                            below
                        }
                    }
                }
            };
            deepest = deepest.max(below + 1);
        }
        (level + deepest <= MAX_NESTING).then_some(deepest)
    }

    pub(super) fn depth(&mut self, operation: &'a OperationDef) {
        let Some(max) = self.limits.depth else { return };
        let found = match self.depth_of(&operation.selections, &mut HashMap::new()) {
            Ok(depth) => depth.unwrap_or(0),
            Err(Endless) => max.saturating_add(1),
        };
        if found > max {
            self.report(format!("Max query depth should be {max} but got {found}."), []);
        }
    }

    /// The deepest level of a set on which a field has fields; nothing when none has.
    fn depth_of(&self, set: &'a SelectionSet, known: &mut HashMap<&'a str, Result<Option<u64>, Endless>>) -> Result<Option<u64>, Endless> {
        let mut deepest = None;
        for selection in &set.items {
            let depth = match selection {
                Selection::Field(node) if !self.limits.introspection_counts && FIELDS.contains(&node.name.text.as_str()) => None,
                Selection::Field(node) => match &node.selections {
                    Some(set) => Some(self.depth_of(set, known)?.map_or(0, |depth| depth + 1)),
                    None => None,
                },
                Selection::Inline { selections, .. } => self.depth_of(selections, known)?,
                Selection::Spread { name, .. } => self.depth_of_fragment(&name.text, known)?,
            };
            deepest = deepest.max(depth);
        }
        Ok(deepest)
    }

    fn depth_of_fragment(&self, name: &'a str, known: &mut HashMap<&'a str, Result<Option<u64>, Endless>>) -> Result<Option<u64>, Endless> {
        if let Some(depth) = known.get(name) {
            return *depth;
        }
        let Some(fragment) = self.fragments.get(name) else { return Ok(None) };
        // Met again before it is known, it holds itself.
        known.insert(name, Err(Endless));
        let depth = self.depth_of(&fragment.selections, known);
        known.insert(name, depth);
        depth
    }

    pub(super) fn complexity(&mut self, sent: &Map<String, Value>) {
        let Some(max) = self.limits.complexity else { return };
        for operation in self.document.operations() {
            let root = if operation.kind == crate::Operation::Mutation { self.schema.mutation } else { self.schema.query };
            let variables = coerce::variables(self.schema, operation, sent);
            let mut sum = Sum { check: self, variables: variables.as_ref().ok(), needed: false, known: HashMap::new() };
            let found = sum.of_set(&operation.selections, Some(root));
            // What cannot be measured is told here, without its place.
            if sum.needed
                && let Err(errors) = variables
            {
                let message = errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("\n\n");
                self.errors.push(Error::new(message, []));
                return;
            }
            if found > max {
                self.report(format!("Max query complexity should be {max} but got {found}."), []);
                return;
            }
        }
    }
}

struct Sum<'c, 'a> {
    check: &'c Check<'a>,
    variables: Option<&'c Variables>,
    /// Values of variables were asked for.
    needed: bool,
    known: HashMap<&'a str, u64>,
}

impl<'a> Sum<'_, 'a> {
    fn of_set(&mut self, set: &'a SelectionSet, parent: Option<TypeId>) -> u64 {
        set.items.iter().fold(0, |sum: u64, selection| sum.saturating_add(self.of_selection(selection, parent)))
    }

    fn of_selection(&mut self, selection: &'a Selection, parent: Option<TypeId>) -> u64 {
        match selection {
            Selection::Field(node) => self.of_field(node, parent),
            Selection::Inline { on, selections, .. } => {
                let ty = on.as_ref().map_or(parent, |on| self.check.schema.find(&on.text));
                self.of_set(selections, ty)
            }
            Selection::Spread { name, .. } => {
                let name = name.text.as_str();
                if let Some(known) = self.known.get(name) {
                    return *known;
                }
                let Some(fragment) = self.check.fragments.get(name) else { return 0 };
                let found = self.of_set(&fragment.selections, self.check.schema.find(&fragment.on.text));
                self.known.insert(name, found);
                found
            }
        }
    }

    fn of_field(&mut self, node: &'a FieldNode, parent: Option<TypeId>) -> u64 {
        let free = if self.check.limits.introspection_counts { &FIELDS[..1] } else { &FIELDS[..] };
        if free.contains(&node.name.text.as_str()) || self.left_out(&node.directives) {
            return 0;
        }
        let field = parent.and_then(|parent| self.check.schema.field(parent, &node.name.text));
        let within = node.selections.as_ref().map_or(0, |set| self.of_set(set, field.map(|f| f.ty.named())));
        match field.map(|f| (f, f.complexity)) {
            Some((field, Complexity::Times(times))) => {
                self.needed = true;
                let none = Map::new();
                let args = coerce::arguments(self.check.schema, &field.args, node, self.variables.unwrap_or(&none));
                within.saturating_mul(times(&args.unwrap_or_default()))
            }
            _ => within.saturating_add(1),
        }
    }

    fn left_out(&mut self, directives: &[Directive]) -> bool {
        self.needed |= !directives.is_empty();
        let none = Map::new();
        let variables = self.variables.unwrap_or(&none);
        directives.iter().any(|d| match d.name.text.as_str() {
            "include" => !condition(d, variables),
            "skip" => condition(d, variables),
            _ => false,
        })
    }
}
