//! From tokens to a document.
use crate::ast::{
    Argument, Definition, Directive, FieldNode, FragmentDef, Literal, LiteralValue, Name, Operation, OperationDef, Selection, SelectionSet, TypeNode,
    VariableDef,
};
use crate::error::Error;
use crate::token::{Kind, Lexer, Token};

/// Deepest nesting of selections, values and types.
const MAX_NESTING: usize = 128;

/// A document that was read, not yet checked.
#[derive(Debug)]
pub struct Document {
    pub(crate) definitions: Vec<Definition>,
}

impl Document {
    /// What the operation of a name, or the only one, does; nothing when there is no such one.
    #[must_use]
    pub fn operation(&self, name: Option<&str>) -> Option<Operation> {
        let mut found = None;
        for operation in self.operations() {
            match name {
                Some(name) if operation.name.as_ref().is_some_and(|n| n.text == name) => return Some(operation.kind),
                Some(_) => {}
                None if found.is_some() => return None,
                None => found = Some(operation.kind),
            }
        }
        found
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = &OperationDef> {
        self.definitions.iter().filter_map(|d| match d {
            Definition::Operation(operation) => Some(operation),
            Definition::Fragment(_) => None,
        })
    }

    pub(crate) fn fragments(&self) -> impl Iterator<Item = &FragmentDef> {
        self.definitions.iter().filter_map(|d| match d {
            Definition::Fragment(fragment) => Some(fragment),
            Definition::Operation(_) => None,
        })
    }
}

/// Reads a document.
///
/// # Errors
/// The first error of its syntax.
pub fn parse(source: &str) -> Result<Document, Error> {
    let mut lexer = Lexer::new(source);
    let token = lexer.next()?;
    let mut parser = Parser { lexer, token, nesting: 0 };
    let mut definitions = vec![parser.definition()?];
    while parser.token.kind != Kind::End {
        definitions.push(parser.definition()?);
    }
    Ok(Document { definitions })
}

struct Parser {
    lexer: Lexer,
    token: Token,
    nesting: usize,
}

type Parsed<T> = Result<T, Error>;

impl Parser {
    fn advance(&mut self) -> Parsed<Token> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn peek(&self, sign: &'static str) -> bool {
        self.token.kind == Kind::Sign(sign)
    }

    fn skip(&mut self, sign: &'static str) -> Parsed<bool> {
        let found = self.peek(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: &Kind) -> Parsed<Token> {
        if self.token.kind == *kind {
            return self.advance();
        }
        Err(Error::syntax(&format!("Expected {}, found {}", kind.name(), self.token.describe()), self.token.pos))
    }

    fn sign(&mut self, sign: &'static str) -> Parsed<Token> {
        self.expect(&Kind::Sign(sign))
    }

    fn keyword(&mut self, word: &str) -> Parsed<()> {
        if self.is_word(word) {
            self.advance()?;
            return Ok(());
        }
        Err(Error::syntax(&format!("Expected \"{word}\", found {}", self.token.describe()), self.token.pos))
    }

    fn is_word(&self, word: &str) -> bool {
        self.token.kind == Kind::Name && self.token.text == word
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(Error::syntax(&format!("Unexpected {}", self.token.describe()), self.token.pos))
    }

    /// At least one, between two signs.
    fn many<T>(&mut self, open: &'static str, one: impl Fn(&mut Self) -> Parsed<T>, close: &'static str) -> Parsed<Vec<T>> {
        self.sign(open)?;
        let mut out = vec![one(self)?];
        while !self.skip(close)? {
            out.push(one(self)?);
        }
        Ok(out)
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= MAX_NESTING {
            return Err(Error::syntax(&format!("Recursion depth limit of {MAX_NESTING} exceeded"), self.token.pos));
        }
        self.nesting += 1;
        let out = inner(self);
        self.nesting -= 1;
        out
    }

    fn name(&mut self) -> Parsed<Name> {
        let token = self.expect(&Kind::Name)?;
        Ok(Name { text: token.text, pos: token.pos })
    }

    fn definition(&mut self) -> Parsed<Definition> {
        match (&self.token.kind, self.token.text.as_str()) {
            (Kind::Sign("{"), _) | (Kind::Name, "query" | "mutation" | "subscription") => self.operation().map(Definition::Operation),
            (Kind::Name, "fragment") => self.fragment().map(Definition::Fragment),
            _ => self.unexpected(),
        }
    }

    fn operation(&mut self) -> Parsed<OperationDef> {
        let pos = self.token.pos;
        if self.peek("{") {
            let selections = self.selections()?;
            return Ok(OperationDef { kind: Operation::Query, name: None, variables: Vec::new(), directives: Vec::new(), selections, pos });
        }
        let kind = match self.advance()?.text.as_str() {
            "mutation" => Operation::Mutation,
            "subscription" => Operation::Subscription,
            _ => Operation::Query,
        };
        let name = if self.token.kind == Kind::Name { Some(self.name()?) } else { None };
        let variables = if self.peek("(") { self.many("(", Self::variable_def, ")")? } else { Vec::new() };
        let directives = self.directives(false)?;
        Ok(OperationDef { kind, name, variables, directives, selections: self.selections()?, pos })
    }

    fn variable_def(&mut self) -> Parsed<VariableDef> {
        let pos = self.sign("$")?.pos;
        let name = self.name()?;
        self.sign(":")?;
        let ty = self.type_node()?;
        let default = if self.skip("=")? { Some(self.value(true)?) } else { None };
        Ok(VariableDef { name, ty, default, directives: self.directives(true)?, pos })
    }

    fn type_node(&mut self) -> Parsed<TypeNode> {
        self.nested(|this| {
            let pos = this.token.pos;
            let inner = if this.skip("[")? {
                let inner = this.type_node()?;
                this.sign("]")?;
                TypeNode::List(Box::new(inner), pos)
            } else {
                TypeNode::Named(this.name()?)
            };
            Ok(if this.skip("!")? { TypeNode::NonNull(Box::new(inner), pos) } else { inner })
        })
    }

    fn fragment(&mut self) -> Parsed<FragmentDef> {
        let pos = self.token.pos;
        self.keyword("fragment")?;
        let name = self.fragment_name()?;
        self.keyword("on")?;
        let on = self.name()?;
        let directives = self.directives(false)?;
        Ok(FragmentDef { name, on, directives, selections: self.selections()?, pos })
    }

    fn fragment_name(&mut self) -> Parsed<Name> {
        if self.is_word("on") {
            return self.unexpected();
        }
        self.name()
    }

    fn selections(&mut self) -> Parsed<SelectionSet> {
        self.nested(|this| {
            let pos = this.token.pos;
            Ok(SelectionSet { items: this.many("{", Self::selection, "}")?, pos })
        })
    }

    fn selection(&mut self) -> Parsed<Selection> {
        if self.peek("...") { self.spread() } else { self.field().map(Selection::Field) }
    }

    fn field(&mut self) -> Parsed<FieldNode> {
        let pos = self.token.pos;
        let first = self.name()?;
        let (alias, name) = if self.skip(":")? { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selections = if self.peek("{") { Some(self.selections()?) } else { None };
        Ok(FieldNode { alias, name, arguments, directives, selections, pos })
    }

    fn spread(&mut self) -> Parsed<Selection> {
        let pos = self.sign("...")?.pos;
        let typed = self.is_word("on");
        if typed {
            self.advance()?;
        } else if self.token.kind == Kind::Name {
            let name = self.fragment_name()?;
            return Ok(Selection::Spread { name, directives: self.directives(false)?, pos });
        }
        let on = if typed { Some(self.name()?) } else { None };
        let directives = self.directives(false)?;
        Ok(Selection::Inline { on, directives, selections: self.selections()?, pos })
    }

    fn arguments(&mut self, constant: bool) -> Parsed<Vec<Argument>> {
        if !self.peek("(") {
            return Ok(Vec::new());
        }
        let one = |this: &mut Self| {
            let name = this.name()?;
            this.sign(":")?;
            let pos = name.pos;
            Ok(Argument { name, value: this.value(constant)?, pos })
        };
        self.many("(", one, ")")
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Directive>> {
        let mut out = Vec::new();
        while self.peek("@") {
            let pos = self.advance()?.pos;
            let name = self.name()?;
            out.push(Directive { name, arguments: self.arguments(constant)?, pos });
        }
        Ok(out)
    }

    fn value(&mut self, constant: bool) -> Parsed<Literal> {
        self.nested(|this| {
            let pos = this.token.pos;
            let value = match (&this.token.kind, this.token.text.as_str()) {
                (Kind::Sign("["), _) => this.list(constant)?,
                (Kind::Sign("{"), _) => this.object(constant)?,
                (Kind::Sign("$"), _) if !constant => {
                    this.advance()?;
                    LiteralValue::Variable(this.name()?.text)
                }
                (Kind::End | Kind::Sign(_), _) => return this.unexpected(),
                _ => scalar(this.advance()?),
            };
            Ok(Literal { value, pos })
        })
    }

    fn list(&mut self, constant: bool) -> Parsed<LiteralValue> {
        self.sign("[")?;
        let mut items = Vec::new();
        while !self.skip("]")? {
            items.push(self.value(constant)?);
        }
        Ok(LiteralValue::List(items))
    }

    fn object(&mut self, constant: bool) -> Parsed<LiteralValue> {
        self.sign("{")?;
        let mut fields = Vec::new();
        while !self.skip("}")? {
            let name = self.name()?;
            self.sign(":")?;
            fields.push((name, self.value(constant)?));
        }
        Ok(LiteralValue::Object(fields))
    }
}

fn scalar(token: Token) -> LiteralValue {
    match (token.kind, token.text.as_str()) {
        (Kind::Int, _) => LiteralValue::Int(token.text),
        (Kind::Float, _) => LiteralValue::Float(token.text),
        (Kind::Name, "true") => LiteralValue::Bool(true),
        (Kind::Name, "false") => LiteralValue::Bool(false),
        (Kind::Name, "null") => LiteralValue::Null,
        (Kind::Name, _) => LiteralValue::Enum(token.text),
        _ => LiteralValue::Text(token.text),
    }
}
