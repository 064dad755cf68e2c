//! A document as it was read. Positions are characters before a node.

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names say it")]
pub enum Operation {
    Query,
    Mutation,
    Subscription,
}

#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) enum Definition {
    Operation(OperationDef),
    Fragment(FragmentDef),
}

#[derive(Debug)]
pub(crate) struct OperationDef {
    pub(crate) kind: Operation,
    pub(crate) name: Option<Name>,
    pub(crate) variables: Vec<VariableDef>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: SelectionSet,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) struct FragmentDef {
    pub(crate) name: Name,
    pub(crate) on: Name,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: SelectionSet,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) struct VariableDef {
    pub(crate) name: Name,
    pub(crate) ty: TypeNode,
    pub(crate) default: Option<Literal>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) enum TypeNode {
    Named(Name),
    List(Box<TypeNode>, usize),
    NonNull(Box<TypeNode>, usize),
}

impl TypeNode {
    pub(crate) fn pos(&self) -> usize {
        match self {
            Self::Named(name) => name.pos,
            Self::List(_, pos) | Self::NonNull(_, pos) => *pos,
        }
    }
    /// The name within.
    pub(crate) fn name(&self) -> &Name {
        match self {
            Self::Named(name) => name,
            Self::List(inner, _) | Self::NonNull(inner, _) => inner.name(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct SelectionSet {
    pub(crate) items: Vec<Selection>,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) enum Selection {
    Field(FieldNode),
    Spread { name: Name, directives: Vec<Directive>, pos: usize },
    Inline { on: Option<Name>, directives: Vec<Directive>, selections: SelectionSet, pos: usize },
}

#[derive(Debug)]
pub(crate) struct FieldNode {
    pub(crate) alias: Option<Name>,
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: Option<SelectionSet>,
    pub(crate) pos: usize,
}

impl FieldNode {
    /// Its name in the answer.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_ref().map_or(&self.name.text, |alias| &alias.text)
    }
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: Name,
    pub(crate) value: Literal,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) struct Directive {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) struct Literal {
    pub(crate) value: LiteralValue,
    pub(crate) pos: usize,
}

#[derive(Debug)]
pub(crate) enum LiteralValue {
    Null,
    /// As it was written.
    Int(String),
    Float(String),
    Text(String),
    Bool(bool),
    Enum(String),
    List(Vec<Literal>),
    Object(Vec<(Name, Literal)>),
    Variable(String),
}
