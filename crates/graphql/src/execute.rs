//! Running an operation: root fields come from the resolver, one after another; what is within them is taken from their value.
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::Operation;
use crate::ast::{Directive, FieldNode, FragmentDef, LiteralValue, Name, OperationDef, Selection, SelectionSet};
use crate::coerce::{self, Variables};
use crate::error::{Error, Step};
use crate::introspection::{DIRECTIVES, TYPENAME};
use crate::parse::{Document, parse};
use crate::schema::{Field, Kind, Schema, Source, TypeId, TypeRef};
use crate::validate::{self, Limits};

/// Where the values of root fields come from.
pub trait Resolver {
    /// The value of the field that the schema gave this number.
    ///
    /// # Errors
    /// What the client is told in its place.
    fn resolve(&mut self, root: usize, args: Map<String, Value>) -> Result<Value, String>;
}

/// The answer to one document.
#[derive(Debug, Default)]
pub struct Response {
    /// Errors in order.
    pub errors: Vec<Error>,
    /// What was found, unless nothing could be run.
    pub data: Option<Value>,
}

impl Response {
    /// As clients get it: errors where there are any, then the data.
    #[must_use]
    pub fn into_json(self, source: &str) -> Value {
        let mut map = Map::new();
        if !self.errors.is_empty() {
            map.insert("errors".into(), self.errors.iter().map(|e| e.to_json(source)).collect());
        }
        if let Some(data) = self.data {
            map.insert("data".into(), data);
        }
        Value::Object(map)
    }

    fn failed(errors: Vec<Error>) -> Self {
        Self { errors, data: None }
    }
}

/// Reads, checks and runs a document.
pub fn run(schema: &Schema, source: &str, operation: Option<&str>, sent: &Map<String, Value>, limits: &Limits, resolver: &mut dyn Resolver) -> Response {
    let document = match parse(source) {
        Ok(document) => document,
        Err(error) => return Response::failed(vec![error]),
    };
    let errors = validate::check(schema, &document, sent, limits);
    if !errors.is_empty() {
        return Response::failed(errors);
    }
    let operation = match choose(&document, operation) {
        Ok(operation) => operation,
        Err(error) => return Response::failed(vec![error]),
    };
    let variables = match coerce::variables(schema, operation, sent) {
        Ok(variables) => variables,
        Err(errors) => return Response::failed(errors),
    };
    let root = match operation.kind {
        Operation::Query => schema.query,
        Operation::Mutation => schema.mutation,
        Operation::Subscription => return Response::failed(vec![Error::at("Schema is not configured for subscriptions.", operation.pos)]),
    };
    let fragments = document.fragments().map(|f| (f.name.text.as_str(), f)).collect();
    let mut run = Run { schema, fragments, variables, resolver, errors: Vec::new(), path: Vec::new(), work: 0 };
    let data = run.object(root, &Value::Null, &[&operation.selections]);
    Response { errors: run.errors, data: Some(data) }
}

fn choose<'d>(document: &'d Document, name: Option<&str>) -> Result<&'d OperationDef, Error> {
    let Some(name) = name else {
        let mut operations = document.operations();
        let first = operations.next().ok_or_else(|| Error::new("Must provide an operation.", []))?;
        return match operations.next() {
            None => Ok(first),
            Some(_) => Err(Error::new("Must provide operation name if query contains multiple operations.", [])),
        };
    };
    let found = document.operations().find(|o| o.name.as_ref().is_some_and(|n| n.text == name));
    found.ok_or_else(|| Error::new(format!("Unknown operation named \"{name}\"."), []))
}

/// Most values of one answer: what a small document asks for can be without end where types name each other.
const MAX_WORK: usize = 500_000;

struct Run<'a> {
    schema: &'a Schema,
    fragments: HashMap<&'a str, &'a FragmentDef>,
    variables: Variables,
    resolver: &'a mut dyn Resolver,
    errors: Vec<Error>,
    path: Vec<Step>,
    work: usize,
}

/// The fields of an object by their names in the answer, in order of the document.
#[derive(Default)]
struct Collected<'d> {
    fields: Vec<(&'d str, Vec<&'d FieldNode>)>,
    places: HashMap<&'d str, usize>,
    visited: HashSet<&'d str>,
}

impl<'d> Collected<'d> {
    fn add(&mut self, node: &'d FieldNode) {
        let place = *self.places.entry(node.key()).or_insert(self.fields.len());
        match self.fields.get_mut(place) {
            Some((_, nodes)) => nodes.push(node),
            None => self.fields.push((node.key(), vec![node])),
        }
    }
}

impl<'a> Run<'a> {
    fn object(&mut self, ty: TypeId, value: &Value, sets: &[&'a SelectionSet]) -> Value {
        let mut collected = Collected::default();
        for set in sets {
            self.collect(ty, set, &mut collected);
        }
        let mut out = Map::with_capacity(collected.fields.len());
        for (key, nodes) in collected.fields {
            let Some(node) = nodes.first() else { continue };
            let Some(field) = self.schema.field(ty, &node.name.text) else { continue };
            self.path.push(Step::Key(key.to_owned()));
            self.work += 1;
            let result = match self.work {
                MAX_WORK => self.fail(Error::at("The answer is too large.", node.pos)),
                work if work > MAX_WORK => Value::Null,
                _ if field.name == TYPENAME => self.schema.get(ty).name.as_str().into(),
                _ => self.field(field, value, &nodes),
            };
            self.path.pop();
            out.insert(key.to_owned(), result);
        }
        Value::Object(out)
    }

    fn collect(&self, ty: TypeId, set: &'a SelectionSet, out: &mut Collected<'a>) {
        for selection in &set.items {
            match selection {
                Selection::Field(node) if self.wanted(&node.directives) => out.add(node),
                Selection::Inline { on, directives, selections, .. } if self.wanted(directives) && self.is_of(ty, on.as_ref()) => {
                    self.collect(ty, selections, out);
                }
                Selection::Spread { name, directives, .. } if self.wanted(directives) && out.visited.insert(&name.text) => {
                    if let Some(fragment) = self.fragments.get(name.text.as_str()).filter(|f| self.is_of(ty, Some(&f.on))) {
                        self.collect(ty, &fragment.selections, out);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether an object of a type is one of what was named, its own type or a union; without a name it is.
    fn is_of(&self, ty: TypeId, on: Option<&Name>) -> bool {
        on.is_none_or(|on| self.schema.find(&on.text).is_some_and(|on| self.schema.possible(on).contains(&ty)))
    }

    /// Not skipped, and not left out.
    fn wanted(&self, directives: &[Directive]) -> bool {
        DIRECTIVES.iter().all(|(name, ..)| {
            let found = directives.iter().find(|d| d.name.text == *name);
            found.is_none_or(|d| condition(d, &self.variables) == (*name == "include"))
        })
    }

    fn field(&mut self, field: &'a Field, parent: &Value, nodes: &[&'a FieldNode]) -> Value {
        let Some(node) = nodes.first() else { return Value::Null };
        let positions: Vec<usize> = nodes.iter().map(|n| n.pos).collect();
        let args = match coerce::arguments(self.schema, &field.args, node, &self.variables) {
            Ok(args) => args,
            Err(error) => return self.fail(error),
        };
        let value = match &field.source {
            Source::Root(number) => match self.resolver.resolve(*number, args) {
                Ok(value) => value,
                Err(message) => return self.fail(Error::new(message, positions)),
            },
            Source::Member(name) => parent.get(name).cloned().unwrap_or_default(),
            Source::Computed(compute) => compute(self.schema, parent, &args),
        };
        self.complete(&field.ty, value, nodes)
    }

    fn fail(&mut self, mut error: Error) -> Value {
        error.path.clone_from(&self.path);
        self.errors.push(error);
        Value::Null
    }

    fn complete(&mut self, ty: &TypeRef, value: Value, nodes: &[&'a FieldNode]) -> Value {
        match (ty, value) {
            (_, Value::Null) => Value::Null,
            (TypeRef::NonNull(inner), value) => self.complete(inner, value, nodes),
            (TypeRef::List(inner), Value::Array(items)) => {
                let mut out = Vec::with_capacity(items.len());
                for (i, item) in items.into_iter().enumerate() {
                    self.path.push(Step::Index(i));
                    out.push(self.complete(inner, item, nodes));
                    self.path.pop();
                }
                Value::Array(out)
            }
            (TypeRef::List(inner), one) => Value::Array(vec![self.complete(inner, one, nodes)]),
            (TypeRef::Named(id), value) => self.named(*id, value, nodes),
        }
    }

    fn named(&mut self, id: TypeId, value: Value, nodes: &[&'a FieldNode]) -> Value {
        let sets: Vec<&SelectionSet> = nodes.iter().filter_map(|n| n.selections.as_ref()).collect();
        let ty = self.schema.get(id);
        match &ty.kind {
            Kind::Object(_) => self.object(id, &value, &sets),
            Kind::Union(members, choose) => match choose(&value).and_then(|i| members.get(i)) {
                Some(member) => self.object(*member, &value, &sets),
                None => Value::Null,
            },
            Kind::Scalar | Kind::Enum(_) => leaf(&ty.name, value),
        }
    }
}

/// A value where a scalar is due: texts are made of numbers and truths.
fn leaf(name: &str, value: Value) -> Value {
    match (name, value) {
        ("String", Value::Number(n)) => n.to_string().into(),
        ("String", Value::Bool(b)) => (if b { "1" } else { "" }).into(),
        (_, value) => value,
    }
}

/// What `if` of a directive says.
pub(crate) fn condition(directive: &Directive, variables: &Variables) -> bool {
    let given = directive.arguments.iter().find(|a| a.name.text == "if");
    match given.map(|a| &a.value.value) {
        Some(LiteralValue::Bool(b)) => *b,
        Some(LiteralValue::Variable(name)) => variables.get(name).and_then(Value::as_bool).unwrap_or(false),
        _ => false,
    }
}
