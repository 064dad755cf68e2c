//! A schema as data: types by number, fields with their arguments and where their values come from.
use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::introspection;

/// Number of a type in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub(crate) usize);

/// A type where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeRef {
    /// The type itself, or null.
    Named(TypeId),
    /// A list of them, or null.
    List(Box<TypeRef>),
    /// Never null.
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// A list of this.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }
    /// This, but never null.
    #[must_use]
    pub fn required(self) -> Self {
        if matches!(self, Self::NonNull(_)) { self } else { Self::NonNull(Box::new(self)) }
    }
    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
    /// Without its outermost "never null".
    pub(crate) fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }
    pub(crate) fn named(&self) -> TypeId {
        match self {
            Self::Named(id) => *id,
            Self::List(inner) | Self::NonNull(inner) => inner.named(),
        }
    }
}

/// A computed member: of the schema, the object and the arguments.
pub type Compute = fn(&Schema, &Value, &Map<String, Value>) -> Value;
/// Which of a union's types an object is of.
pub type Choose = Box<dyn Fn(&Value) -> Option<usize> + Send + Sync>;

/// Where the value of a field comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From the resolver, which knows it by this number.
    Root(usize),
    /// The member of this name.
    Member(String),
    /// Computed from the object.
    Computed(Compute),
}

/// What a field counts towards the complexity of a document.
#[derive(Clone, Copy, Debug)]
pub enum Complexity {
    /// One, and what its fields count.
    One,
    /// What its fields count, times what its arguments ask for.
    Times(fn(&Map<String, Value>) -> u64),
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name.
    pub name: String,
    /// What it must be.
    pub ty: TypeRef,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Its arguments in order.
    pub args: Vec<Arg>,
    /// What it is.
    pub ty: TypeRef,
    /// Where it comes from.
    pub source: Source,
    /// What it counts.
    pub complexity: Complexity,
}

/// What a type is.
pub enum Kind {
    /// A value without fields.
    Scalar,
    /// One of these names.
    Enum(Vec<&'static str>),
    /// Fields by name, in order.
    Object(Vec<Field>),
    /// One of several objects.
    Union(Vec<TypeId>, Choose),
}

/// A type.
pub struct Type {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// What it is.
    pub kind: Kind,
    /// Places of an object's fields by name.
    pub(crate) index: HashMap<String, usize>,
}

impl Type {
    pub(crate) fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Object(fields) => fields,
            _ => &[],
        }
    }
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields().get(*self.index.get(name)?)
    }
    pub(crate) fn is_composite(&self) -> bool {
        matches!(self.kind, Kind::Object(_) | Kind::Union(..))
    }
}

/// A schema, complete.
pub struct Schema {
    types: Vec<Type>,
    by_name: BTreeMap<String, TypeId>,
    pub(crate) query: TypeId,
    pub(crate) mutation: TypeId,
    /// `__schema`, `__type` of the query; `__typename` is every object's.
    pub(crate) meta: Type,
}

impl Schema {
    #[expect(clippy::indexing_slicing, reason = "ids are made by the builder of this very schema and each is defined")]
    pub(crate) fn get(&self, id: TypeId) -> &Type {
        &self.types[id.0]
    }
    pub(crate) fn find(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, TypeId)> {
        self.by_name.iter().map(|(name, id)| (name.as_str(), *id))
    }
    /// The text of a type.
    pub(crate) fn show(&self, ty: &TypeRef) -> String {
        match ty {
            TypeRef::Named(id) => self.get(*id).name.clone(),
            TypeRef::List(inner) => format!("[{}]", self.show(inner)),
            TypeRef::NonNull(inner) => format!("{}!", self.show(inner)),
        }
    }
    /// Field of a type, those of introspection included.
    pub(crate) fn field(&self, parent: TypeId, name: &str) -> Option<&Field> {
        let found = self.get(parent).field(name);
        found.or_else(|| self.meta.field(name).filter(|_| name == introspection::TYPENAME || parent == self.query))
    }
    /// The objects a type may be.
    pub(crate) fn possible(&self, id: TypeId) -> Vec<TypeId> {
        match &self.get(id).kind {
            Kind::Object(_) => vec![id],
            Kind::Union(members, _) => members.clone(),
            _ => Vec::new(),
        }
    }
    /// Fields of the query and the mutation, by name.
    pub fn roots(&self) -> impl Iterator<Item = &Field> {
        self.get(self.query).fields().iter().chain(self.get(self.mutation).fields())
    }
}

/// Puts a schema together. A type may be used before it is defined; its number is given for its name.
#[derive(Default)]
pub struct SchemaBuilder {
    types: Vec<Type>,
    by_name: BTreeMap<String, TypeId>,
}

impl SchemaBuilder {
    /// With the scalars that every schema has.
    #[must_use]
    pub fn new() -> Self {
        let mut builder = Self::default();
        for (name, description) in [
            ("Boolean", "`true` or `false`."),
            ("Float", "A number."),
            ("Int", "A whole number; 32 bits where it is an argument."),
            ("String", "A text."),
            ("ID", "A text that names something."),
        ] {
            builder.define(name, description, |_| Kind::Scalar);
        }
        builder
    }

    /// The number of a type that is defined already.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    /// Defines a type unless its name is taken. While `kind` makes it, its number is known already, so that types may name each other.
    pub fn define(&mut self, name: &str, description: &str, kind: impl FnOnce(&mut Self) -> Kind) -> TypeId {
        if let Some(id) = self.find(name) {
            return id;
        }
        let id = TypeId(self.types.len());
        self.by_name.insert(name.to_owned(), id);
        self.types.push(Type { name: name.to_owned(), description: description.to_owned(), kind: Kind::Scalar, index: HashMap::new() });
        let kind = kind(self);
        if let Some(ty) = self.types.get_mut(id.0) {
            ty.index = index(&kind);
            ty.kind = kind;
        }
        id
    }

    /// The schema with its two roots.
    #[must_use]
    pub fn build(mut self, query: Vec<Field>, mutation: Vec<Field>) -> Schema {
        let query = self.define("Query", "What can be read.", |_| Kind::Object(query));
        let mutation = self.define("Mutation", "What can be changed.", |_| Kind::Object(mutation));
        let meta = Kind::Object(introspection::define(&mut self));
        let meta = Type { name: String::new(), description: String::new(), index: index(&meta), kind: meta };
        Schema { types: self.types, by_name: self.by_name, query, mutation, meta }
    }
}

fn index(kind: &Kind) -> HashMap<String, usize> {
    match kind {
        Kind::Object(fields) => fields.iter().enumerate().map(|(i, field)| (field.name.clone(), i)).collect(),
        _ => HashMap::new(),
    }
}
