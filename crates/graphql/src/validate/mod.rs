//! Whether a document fits the schema. One walk over it; at each node the rules are asked in one order, which is the order of the errors.
mod fragments;
mod limits;
mod overlap;
mod variables;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::ast::{Argument, Directive, FieldNode, FragmentDef, Literal, LiteralValue, OperationDef, Selection, SelectionSet, VariableDef};
use crate::coerce;
use crate::error::Error;
use crate::introspection::{DIRECTIVES, FIELDS};
use crate::parse::Document;
use crate::print;
use crate::schema::{Arg, Field, Kind, Schema, TypeId, TypeRef};
use crate::suggest;

/// What a document may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Deepest nesting of fields; `None` = any.
    pub depth: Option<u64>,
    /// Most fields, those of lists times their length; `None` = any.
    pub complexity: Option<u64>,
    /// Whether the schema may be asked for.
    pub introspection: bool,
    /// Whether asking for the schema counts as asking for anything else.
    pub introspection_counts: bool,
}

/// Most errors that are told.
const MAX_ERRORS: usize = 100;

/// Everything that is wrong with a document.
pub(crate) fn check(schema: &Schema, document: &Document, sent: &Map<String, Value>, limits: &Limits) -> Vec<Error> {
    let fragments: HashMap<&str, &FragmentDef> = document.fragments().map(|f| (f.name.text.as_str(), f)).collect();
    let mut check = Check { schema, document, fragments, limits, errors: Vec::new(), work: 0 };
    if !check.nesting_is_bearable() {
        return vec![Error::new("The document is nested too deeply.", [])];
    }
    let several = document.operations().nth(1).is_some();
    let mut names = HashMap::new();
    let mut known = HashMap::new();
    for definition in &document.definitions {
        match definition {
            crate::ast::Definition::Operation(operation) => check.operation(operation, several, &mut names),
            crate::ast::Definition::Fragment(fragment) => check.fragment(fragment, &mut known),
        }
        if check.errors.len() >= MAX_ERRORS {
            break;
        }
    }
    check.unused_fragments();
    if check.errors.is_empty() {
        check.complexity(sent);
    }
    check.errors.truncate(MAX_ERRORS);
    check.errors
}

struct Check<'a> {
    schema: &'a Schema,
    document: &'a Document,
    fragments: HashMap<&'a str, &'a FragmentDef>,
    limits: &'a Limits,
    errors: Vec<Error>,
    /// Comparisons made, which a hostile document could ask for without end.
    work: usize,
}

impl<'a> Check<'a> {
    fn report(&mut self, message: impl Into<String>, positions: impl Into<Vec<usize>>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(Error::new(message, positions));
        }
    }

    fn operation(&mut self, operation: &'a OperationDef, several: bool, names: &mut HashMap<&'a str, usize>) {
        match &operation.name {
            None if several => self.report("This anonymous operation must be the only defined operation.", [operation.pos]),
            Some(name) => match names.get(name.text.as_str()) {
                Some(first) => self.report(format!("There can be only one operation named \"{}\".", name.text), [*first, name.pos]),
                None => drop(names.insert(&name.text, name.pos)),
            },
            None => {}
        }
        let root = match operation.kind {
            crate::Operation::Query => Some(self.schema.query),
            crate::Operation::Mutation => Some(self.schema.mutation),
            crate::Operation::Subscription => None,
        };
        self.variable_defs(&operation.variables);
        self.directives(&operation.directives, if root == Some(self.schema.mutation) { "MUTATION" } else { "QUERY" });
        self.selections(&operation.selections, root);
        self.variables(operation);
        self.depth(operation);
    }

    fn variable_defs(&mut self, defs: &'a [VariableDef]) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for def in defs {
            let name = def.name.text.as_str();
            match known.get(name) {
                Some(first) => self.report(format!("There can be only one variable named \"{name}\"."), [*first, def.name.pos]),
                None => drop(known.insert(name, def.name.pos)),
            }
            self.type_name(def.ty.name());
            let ty = coerce::type_of(self.schema, &def.ty);
            if ty.as_ref().is_some_and(|ty| !coerce::is_input(self.schema, ty.named())) {
                let message = format!("Variable \"${name}\" cannot be non-input type \"{}\".", print::type_node(&def.ty));
                self.report(message, [def.ty.pos()]);
            } else if let (Some(default), Some(ty)) = (&def.default, ty) {
                self.literal(default, &ty);
            }
            self.directives(&def.directives, "VARIABLE_DEFINITION");
        }
    }

    /// The type of a name, told when there is none.
    fn type_name(&mut self, name: &'a crate::ast::Name) -> Option<TypeId> {
        let found = self.schema.find(&name.text);
        if found.is_none() {
            let hint = suggest::did_you_mean(&name.text, self.schema.names().map(|(name, _)| name));
            self.report(format!("Unknown type \"{}\".{hint}", name.text), [name.pos]);
        }
        found
    }

    fn selections(&mut self, set: &'a SelectionSet, parent: Option<TypeId>) {
        for selection in &set.items {
            match selection {
                Selection::Field(node) => self.field(node, parent),
                Selection::Spread { name, directives, pos } => {
                    self.spread(name, *pos, parent);
                    self.directives(directives, "FRAGMENT_SPREAD");
                }
                Selection::Inline { on, directives, selections, pos } => {
                    let ty = match on {
                        None => parent,
                        Some(on) => self.condition(on, parent, *pos),
                    };
                    self.directives(directives, "INLINE_FRAGMENT");
                    self.selections(selections, ty);
                }
            }
        }
        // Told when the set is complete, after what is wrong within.
        if let Some(parent) = parent {
            self.overlap(set, parent);
        }
    }

    fn field(&mut self, node: &'a FieldNode, parent: Option<TypeId>) {
        let field = parent.and_then(|parent| self.schema.field(parent, &node.name.text));
        if let (Some(parent), None) = (parent, field) {
            self.unknown_field(node, parent);
        }
        if !self.limits.introspection && FIELDS.contains(&node.name.text.as_str()) {
            self.report("GraphQL introspection is not allowed, but the query contained __schema or __type", [node.pos]);
        }
        if let Some(field) = field {
            self.leaf(node, field);
            self.arguments(&node.arguments, &field.args, &|arg| {
                let on = parent.map_or("", |id| self.schema.get(id).name.as_str());
                format!("Unknown argument \"{arg}\" on field \"{}\" of type \"{on}\".", field.name)
            });
        }
        self.directives(&node.directives, "FIELD");
        if let Some(set) = &node.selections {
            let ty = field.map(|f| f.ty.named()).filter(|id| self.schema.get(*id).is_composite());
            self.selections(set, ty);
        }
        if let Some(field) = field {
            self.required(node, field);
        }
    }

    fn unknown_field(&mut self, node: &FieldNode, parent: TypeId) {
        let ty = self.schema.get(parent);
        let hint = match &ty.kind {
            Kind::Union(members, _) => {
                let have = members.iter().map(|id| self.schema.get(*id)).filter(|member| member.field(&node.name.text).is_some());
                let names: Vec<&str> = have.map(|member| member.name.as_str()).collect();
                if names.is_empty() { String::new() } else { format!(" Did you mean to use an inline fragment on {}?", suggest::or_list(&names)) }
            }
            _ => suggest::did_you_mean(&node.name.text, ty.fields().iter().map(|f| f.name.as_str())),
        };
        self.report(format!("Cannot query field \"{}\" on type \"{}\".{hint}", node.name.text, ty.name), [node.pos]);
    }

    /// Fields are asked of objects, and of nothing else.
    fn leaf(&mut self, node: &FieldNode, field: &Field) {
        let composite = self.schema.get(field.ty.named()).is_composite();
        let (name, ty) = (&node.name.text, self.schema.show(&field.ty));
        match &node.selections {
            Some(set) if !composite => self.report(format!("Field \"{name}\" of type \"{ty}\" must not have a sub selection."), [set.pos]),
            None if composite => self.report(format!("Field \"{name}\" of type \"{ty}\" must have a sub selection."), [node.pos]),
            _ => {}
        }
    }

    fn arguments(&mut self, given: &'a [Argument], defs: &[Arg], unknown: &dyn Fn(&str) -> String) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut told = Vec::new();
        for argument in given {
            let name = argument.name.text.as_str();
            let def = defs.iter().find(|def| def.name == name);
            if def.is_none() {
                let hint = suggest::did_you_mean(name, defs.iter().map(|def| def.name.as_str()));
                told.push((format!("{}{hint}", unknown(name)), vec![argument.pos], None));
            }
            match known.get(name) {
                Some(first) => told.push((format!("There can be only one argument named \"{name}\"."), vec![*first, argument.name.pos], None)),
                None => drop(known.insert(name, argument.name.pos)),
            }
            if let Some(def) = def {
                told.push((String::new(), Vec::new(), Some((&argument.value, &def.ty))));
            }
        }
        for (message, positions, value) in told {
            match value {
                Some((value, ty)) => self.literal(value, ty),
                None => self.report(message, positions),
            }
        }
    }

    /// Whether a value is one of its type.
    fn literal(&mut self, node: &'a Literal, ty: &TypeRef) {
        match (&node.value, ty.nullable()) {
            (LiteralValue::Variable(_), _) => {}
            (LiteralValue::Null, _) if ty.is_required() => {
                self.report(format!("Expected value of type \"{}\", found null.", self.schema.show(ty)), [node.pos]);
            }
            (LiteralValue::Null, _) => {}
            (LiteralValue::List(items), TypeRef::List(inner)) => items.iter().for_each(|item| self.literal(item, inner)),
            (_, ty) => {
                if let Some(why) = coerce::refusal(self.schema, ty.named(), node) {
                    self.report(why, [node.pos]);
                }
                self.input_fields(node);
            }
        }
    }

    /// Fields of an object that is a value have names of their own.
    fn input_fields(&mut self, node: &'a Literal) {
        match &node.value {
            LiteralValue::List(items) => items.iter().for_each(|item| self.input_fields(item)),
            LiteralValue::Object(fields) => {
                let mut known: HashMap<&str, usize> = HashMap::new();
                for (name, value) in fields {
                    match known.get(name.text.as_str()) {
                        Some(first) => self.report(format!("There can be only one input field named \"{}\".", name.text), [*first, name.pos]),
                        None => drop(known.insert(&name.text, name.pos)),
                    }
                    self.input_fields(value);
                }
            }
            _ => {}
        }
    }

    fn required(&mut self, node: &FieldNode, field: &Field) {
        for def in field.args.iter().filter(|def| def.ty.is_required()) {
            if !node.arguments.iter().any(|a| a.name.text == def.name) {
                let ty = self.schema.show(&def.ty);
                let message = format!("Field \"{}\" argument \"{}\" of type \"{ty}\" is required but not provided.", node.name.text, def.name);
                self.report(message, [node.pos]);
            }
        }
    }

    fn directives(&mut self, directives: &'a [Directive], place: &str) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for directive in directives {
            let name = directive.name.text.as_str();
            match DIRECTIVES.iter().find(|(known, ..)| *known == name) {
                None => self.report(format!("Unknown directive \"@{name}\"."), [directive.pos]),
                Some((.., places)) if !places.contains(&place) => {
                    self.report(format!("Directive \"{name}\" may not be used on \"{place}\"."), [directive.pos]);
                }
                Some(_) => {}
            }
            match known.get(name) {
                Some(first) => self.report(format!("The directive \"{name}\" can only be used once at this location."), [*first, directive.pos]),
                None => drop(known.insert(name, directive.pos)),
            }
            self.directive(directive);
        }
    }

    fn directive(&mut self, directive: &'a Directive) {
        let name = &directive.name.text;
        let Some(boolean) = self.schema.find("Boolean").filter(|_| DIRECTIVES.iter().any(|(known, ..)| known == name)) else { return };
        let defs = [Arg { name: "if".to_owned(), ty: TypeRef::Named(boolean).required() }];
        self.arguments(&directive.arguments, &defs, &|arg| format!("Unknown argument \"{arg}\" on directive \"@{name}\"."));
        if !directive.arguments.iter().any(|a| a.name.text == "if") {
            self.report(format!("Directive \"@{name}\" argument \"if\" of type \"Boolean!\" is required but not provided."), [directive.pos]);
        }
    }

    /// Names of the fragments that a set reaches.
    fn reached(&self, set: &'a SelectionSet, out: &mut HashSet<&'a str>) {
        for selection in &set.items {
            match selection {
                Selection::Field(node) => {
                    if let Some(set) = &node.selections {
                        self.reached(set, out);
                    }
                }
                Selection::Inline { selections, .. } => self.reached(selections, out),
                Selection::Spread { name, .. } => {
                    if out.insert(&name.text)
                        && let Some(fragment) = self.fragments.get(name.text.as_str())
                    {
                        self.reached(&fragment.selections, out);
                    }
                }
            }
        }
    }
}
