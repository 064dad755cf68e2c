//! Variables: that they are declared, used, and of a type that fits where they stand.
use std::collections::{HashMap, HashSet};

use super::Check;
use crate::ast::{Argument, Directive, Literal, LiteralValue, OperationDef, Selection, SelectionSet, VariableDef};
use crate::coerce;
use crate::schema::{Arg, TypeId, TypeRef};

/// A place where a variable stands.
struct Usage<'a> {
    name: &'a str,
    pos: usize,
    /// What is expected there, when that is known.
    ty: Option<TypeRef>,
}

impl<'a> Check<'a> {
    pub(super) fn variables(&mut self, operation: &'a OperationDef) {
        let root = match operation.kind {
            crate::Operation::Mutation => self.schema.mutation,
            _ => self.schema.query,
        };
        let usages = self.usages(operation, root);
        let defs: HashMap<&str, &VariableDef> = operation.variables.iter().map(|def| (def.name.text.as_str(), def)).collect();
        for usage in usages.iter().filter(|usage| !defs.contains_key(usage.name)) {
            let of = operation.name.as_ref().map_or_else(|| " by operation \"\"".to_owned(), |_| String::new());
            self.report(format!("Variable \"${}\" is not defined{of}.", usage.name), [usage.pos, operation.pos]);
        }
        let used: HashSet<&str> = usages.iter().map(|usage| usage.name).collect();
        for def in operation.variables.iter().filter(|def| !used.contains(def.name.text.as_str())) {
            let of = operation.name.as_ref().map_or_else(String::new, |name| format!(" in operation \"{}\"", name.text));
            self.report(format!("Variable \"${}\" is never used{of}.", def.name.text), [def.pos]);
        }
        for usage in usages {
            let Some(def) = defs.get(usage.name) else { continue };
            let Some((expected, ty)) = usage.ty.zip(coerce::type_of(self.schema, &def.ty)) else { continue };
            if !fits(&ty, def, &expected) {
                let (ty, expected) = (self.schema.show(&ty), self.schema.show(&expected));
                let message = format!("Variable \"${}\" of type \"{ty}\" used in position expecting type \"{expected}\".", usage.name);
                self.report(message, [def.pos, usage.pos]);
            }
        }
    }

    /// Where variables stand in an operation and in the fragments it reaches.
    fn usages(&self, operation: &'a OperationDef, root: TypeId) -> Vec<Usage<'a>> {
        let mut out = Vec::new();
        self.of_directives(&operation.directives, &mut out);
        self.of_set(&operation.selections, Some(root), &mut out);
        let mut fragments = HashSet::new();
        self.reached(&operation.selections, &mut fragments);
        // In order of the document, whatever order they were reached in.
        for fragment in self.document.fragments().filter(|f| fragments.contains(f.name.text.as_str())) {
            self.of_directives(&fragment.directives, &mut out);
            self.of_set(&fragment.selections, self.schema.find(&fragment.on.text), &mut out);
        }
        out
    }

    fn of_set(&self, set: &'a SelectionSet, parent: Option<TypeId>, out: &mut Vec<Usage<'a>>) {
        for selection in &set.items {
            match selection {
                Selection::Field(node) => {
                    let field = parent.and_then(|parent| self.schema.field(parent, &node.name.text));
                    of_arguments(&node.arguments, field.map_or(&[], |f| &f.args), out);
                    self.of_directives(&node.directives, out);
                    if let Some(set) = &node.selections {
                        self.of_set(set, field.map(|f| f.ty.named()), out);
                    }
                }
                Selection::Inline { on, directives, selections, .. } => {
                    self.of_directives(directives, out);
                    self.of_set(selections, on.as_ref().map_or(parent, |on| self.schema.find(&on.text)), out);
                }
                Selection::Spread { directives, .. } => self.of_directives(directives, out),
            }
        }
    }

    fn of_directives(&self, directives: &'a [Directive], out: &mut Vec<Usage<'a>>) {
        let boolean = self.schema.find("Boolean").map(|id| TypeRef::Named(id).required());
        for argument in directives.iter().flat_map(|d| &d.arguments) {
            of_literal(&argument.value, boolean.as_ref(), out);
        }
    }
}

fn of_arguments<'a>(arguments: &'a [Argument], defs: &[Arg], out: &mut Vec<Usage<'a>>) {
    for argument in arguments {
        let ty = defs.iter().find(|def| def.name == argument.name.text).map(|def| &def.ty);
        of_literal(&argument.value, ty, out);
    }
}

fn of_literal<'a>(node: &'a Literal, ty: Option<&TypeRef>, out: &mut Vec<Usage<'a>>) {
    match &node.value {
        LiteralValue::Variable(name) => out.push(Usage { name, pos: node.pos, ty: ty.cloned() }),
        LiteralValue::List(items) => {
            let inner = match ty.map(TypeRef::nullable) {
                Some(TypeRef::List(inner)) => Some(inner.as_ref()),
                _ => None,
            };
            items.iter().for_each(|item| of_literal(item, inner, out));
        }
        LiteralValue::Object(fields) => fields.iter().for_each(|(_, value)| of_literal(value, None, out)),
        _ => {}
    }
}

/// Whether a variable's values can stand where another type is expected. A default makes up for null.
fn fits(ty: &TypeRef, def: &VariableDef, expected: &TypeRef) -> bool {
    if expected.is_required() && !ty.is_required() {
        let default = def.default.as_ref().is_some_and(|d| !matches!(d.value, LiteralValue::Null));
        return default && is_kind_of(ty, expected.nullable());
    }
    is_kind_of(ty, expected)
}

fn is_kind_of(ty: &TypeRef, expected: &TypeRef) -> bool {
    match (ty, expected) {
        (TypeRef::NonNull(a), TypeRef::NonNull(b)) => is_kind_of(a, b),
        (_, TypeRef::NonNull(_)) => false,
        (TypeRef::NonNull(a), b) => is_kind_of(a, b),
        (TypeRef::List(a), TypeRef::List(b)) => is_kind_of(a, b),
        (a, b) => a == b,
    }
}
