//! Values of variables and arguments.
use serde_json::{Map, Number, Value};

use crate::ast::{Argument, FieldNode, Literal, LiteralValue, OperationDef, TypeNode, VariableDef};
use crate::error::{Error, Step};
use crate::print;
use crate::schema::{Arg, Kind, Schema, TypeId, TypeRef};

/// Variables by name; those that nobody sent and that have no default are missing.
pub(crate) type Variables = Map<String, Value>;

/// The type that was written; nothing when there is none of the name.
pub(crate) fn type_of(schema: &Schema, node: &TypeNode) -> Option<TypeRef> {
    Some(match node {
        TypeNode::Named(name) => TypeRef::Named(schema.find(&name.text)?),
        TypeNode::List(inner, _) => type_of(schema, inner)?.list(),
        TypeNode::NonNull(inner, _) => type_of(schema, inner)?.required(),
    })
}

/// Whether values of a type can be sent.
pub(crate) fn is_input(schema: &Schema, id: TypeId) -> bool {
    matches!(schema.get(id).kind, Kind::Scalar | Kind::Enum(_))
}

/// The variables of an operation, as they were sent.
pub(crate) fn variables(schema: &Schema, operation: &OperationDef, sent: &Map<String, Value>) -> Result<Variables, Vec<Error>> {
    let mut out = Map::new();
    let mut errors = Vec::new();
    for def in &operation.variables {
        if let Err(mut more) = variable(schema, def, sent.get(&def.name.text), &mut out) {
            errors.append(&mut more);
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn variable(schema: &Schema, def: &VariableDef, sent: Option<&Value>, out: &mut Variables) -> Result<(), Vec<Error>> {
    let name = &def.name.text;
    let Some(ty) = type_of(schema, &def.ty).filter(|ty| is_input(schema, ty.named())) else {
        let ty = print::type_node(&def.ty);
        let message = format!("Variable \"${name}\" expected value of type \"{ty}\" which cannot be used as an input type.");
        return Err(vec![Error::at(message, def.ty.pos())]);
    };
    match (sent, &def.default) {
        (None, Some(default)) => {
            out.insert(name.clone(), literal(schema, default, &ty, &Map::new()).unwrap_or_default());
        }
        (None, None) if ty.is_required() => {
            let message = format!("Variable \"${name}\" of required type \"{}\" was not provided.", schema.show(&ty));
            return Err(vec![Error::at(message, def.pos)]);
        }
        (None, None) => {}
        (Some(Value::Null), _) if ty.is_required() => {
            let message = format!("Variable \"${name}\" of non-null type \"{}\" must not be null.", schema.show(&ty));
            return Err(vec![Error::at(message, def.pos)]);
        }
        (Some(value), _) => {
            let mut wrong = Vec::new();
            let taken = input(schema, value, &ty, &mut Vec::new(), &mut wrong);
            if !wrong.is_empty() {
                let error = |w: Wrong| {
                    let at = if w.path.is_empty() { String::new() } else { format!(" at \"{name}{}\"", w.path) };
                    Error::at(format!("Variable \"${name}\" got invalid value {}{at}; {}", w.value, w.why), def.pos)
                };
                return Err(wrong.into_iter().map(error).collect());
            }
            out.insert(name.clone(), taken);
        }
    }
    Ok(())
}

/// A part of a sent value that its type does not take.
struct Wrong {
    value: String,
    path: String,
    why: String,
}

fn input(schema: &Schema, value: &Value, ty: &TypeRef, path: &mut Vec<Step>, wrong: &mut Vec<Wrong>) -> Value {
    let mut refuse = |why: String, path: &[Step]| {
        wrong.push(Wrong { value: print::value(value), path: show(path), why });
        Value::Null
    };
    match ty {
        TypeRef::NonNull(_) if value.is_null() => refuse(format!("Expected non-nullable type \"{}\" not to be null.", schema.show(ty)), path),
        TypeRef::NonNull(inner) => input(schema, value, inner, path, wrong),
        _ if value.is_null() => Value::Null,
        TypeRef::List(inner) => match value {
            Value::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    path.push(Step::Index(i));
                    out.push(input(schema, item, inner, path, wrong));
                    path.pop();
                }
                Value::Array(out)
            }
            one => Value::Array(vec![input(schema, one, inner, path, wrong)]),
        },
        TypeRef::Named(id) => match scalar(&schema.get(*id).name, value) {
            Ok(value) => value,
            Err(why) => refuse(why, path),
        },
    }
}

fn show(path: &[Step]) -> String {
    path.iter()
        .map(|step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Index(i) => format!("[{i}]"),
        })
        .collect()
}

/// A sent value as a scalar takes it.
fn scalar(name: &str, value: &Value) -> Result<Value, String> {
    let shown = || print::value(value);
    match name {
        "String" | "ID" if !value.is_string() => Err(format!("{name} cannot represent a non string value: {}", shown())),
        "Boolean" if !value.is_boolean() => Err(format!("Boolean cannot represent a non boolean value: {}", shown())),
        "Float" if !value.is_number() => Err(format!("Float cannot represent non numeric value: {}", shown())),
        "Int" => match whole(value) {
            None => Err(format!("Int cannot represent non-integer value: {}", shown())),
            Some(n) if i32::try_from(n).is_err() => Err(format!("Int cannot represent non 32-bit signed integer value: {}", shown())),
            Some(n) => Ok(n.into()),
        },
        "Assoc" => Ok(match value {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        }),
        _ => Ok(value.clone()),
    }
}

/// A whole number, also when it is written with a point.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15).map(|f| f as i64))
}

/// Why a literal is none of a scalar's; nothing when it is. Variables are judged elsewhere.
pub(crate) fn refusal(schema: &Schema, id: TypeId, node: &Literal) -> Option<String> {
    use LiteralValue as L;
    let ty = schema.get(id);
    if !matches!(ty.kind, Kind::Scalar) {
        return Some(format!("Expected value of type \"{}\", found {}.", ty.name, print::literal(node)));
    }
    let fits = match (ty.name.as_str(), &node.value) {
        ("String", L::Text(_)) | ("ID", L::Text(_) | L::Int(_)) | ("Boolean", L::Bool(_)) | ("Float", L::Int(_) | L::Float(_)) => true,
        ("Int", L::Int(text)) => text.parse::<i32>().is_ok(),
        ("String" | "ID" | "Boolean" | "Float" | "Int", _) => false,
        ("InputFile", _) => {
            return Some(format!(
                "`InputFile` cannot be hardcoded in query, be sure to conform to GraphQL multipart request specification. Instead got: {}",
                kind(node)
            ));
        }
        _ => true,
    };
    let what = match ty.name.as_str() {
        "String" | "ID" => "a non string value",
        "Boolean" => "a non boolean value",
        "Float" => "non numeric value",
        _ => "non-integer value",
    };
    (!fits).then(|| format!("{} cannot represent {what}: {}", ty.name, print::literal(node)))
}

fn kind(node: &Literal) -> &'static str {
    match node.value {
        LiteralValue::Null => "NullValue",
        LiteralValue::Int(_) => "IntValue",
        LiteralValue::Float(_) => "FloatValue",
        LiteralValue::Text(_) => "StringValue",
        LiteralValue::Bool(_) => "BooleanValue",
        LiteralValue::Enum(_) => "EnumValue",
        LiteralValue::List(_) => "ListValue",
        LiteralValue::Object(_) => "ObjectValue",
        LiteralValue::Variable(_) => "Variable",
    }
}

/// The value of a literal that was checked; nothing when a variable is missing where there must be one.
pub(crate) fn literal(schema: &Schema, node: &Literal, ty: &TypeRef, variables: &Variables) -> Option<Value> {
    match (&node.value, ty) {
        (LiteralValue::Variable(name), _) => {
            let value = variables.get(name)?;
            (!ty.is_required() || !value.is_null()).then(|| value.clone())
        }
        (LiteralValue::Null, TypeRef::NonNull(_)) => None,
        (LiteralValue::Null, _) => Some(Value::Null),
        (_, TypeRef::NonNull(inner)) => literal(schema, node, inner, variables),
        (LiteralValue::List(items), TypeRef::List(inner)) => items
            .iter()
            .map(|item| match literal(schema, item, inner, variables) {
                // A variable that nobody sent is null among the items.
                None if matches!(item.value, LiteralValue::Variable(_)) && !inner.is_required() => Some(Value::Null),
                other => other,
            })
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        (_, TypeRef::List(inner)) => Some(Value::Array(vec![literal(schema, node, inner, variables)?])),
        (_, TypeRef::Named(id)) => {
            let value = plain(node, variables);
            match (schema.get(*id).name.as_str(), value) {
                ("Assoc", Value::String(text)) => Some(serde_json::from_str(&text).unwrap_or_default()),
                (_, value) => Some(value),
            }
        }
    }
}

/// A literal as JSON.
fn plain(node: &Literal, variables: &Variables) -> Value {
    match &node.value {
        LiteralValue::Null => Value::Null,
        LiteralValue::Int(text) => text.parse::<i64>().map_or_else(|_| float(text), Value::from),
        LiteralValue::Float(text) => float(text),
        LiteralValue::Text(text) | LiteralValue::Enum(text) => text.as_str().into(),
        LiteralValue::Bool(b) => (*b).into(),
        LiteralValue::List(items) => items.iter().map(|item| plain(item, variables)).collect(),
        LiteralValue::Object(fields) => fields.iter().map(|(name, value)| (name.text.clone(), plain(value, variables))).collect::<Map<_, _>>().into(),
        LiteralValue::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
    }
}

fn float(text: &str) -> Value {
    text.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

/// The arguments of a field; those that were not given are missing.
pub(crate) fn arguments(schema: &Schema, defs: &[Arg], node: &FieldNode, variables: &Variables) -> Result<Map<String, Value>, Error> {
    let mut out = Map::new();
    for def in defs {
        let given = node.arguments.iter().find(|a| a.name.text == def.name);
        if let Some(value) = argument(schema, def, given, node.pos, variables)? {
            out.insert(def.name.clone(), value);
        }
    }
    Ok(out)
}

fn argument(schema: &Schema, def: &Arg, given: Option<&Argument>, pos: usize, variables: &Variables) -> Result<Option<Value>, Error> {
    let (name, ty) = (&def.name, schema.show(&def.ty));
    let required = def.ty.is_required();
    match given.map(|a| (&a.value, &a.value.value)) {
        None if required => Err(Error::at(format!("Argument \"{name}\" of required type \"{ty}\" was not provided."), pos)),
        None => Ok(None),
        Some((node, LiteralValue::Variable(variable))) => match variables.get(variable) {
            None if required => Err(Error::at(
                format!("Argument \"{name}\" of required type \"{ty}\" was provided the variable \"${variable}\" which was not provided a runtime value."),
                node.pos,
            )),
            Some(Value::Null) if required => Err(Error::at(format!("Argument \"{name}\" of non-null type \"{ty}\" must not be null."), pos)),
            found => Ok(found.cloned()),
        },
        Some((node, _)) => match literal(schema, node, &def.ty, variables) {
            Some(value) => Ok(Some(value)),
            None => Err(Error::at(format!("Argument \"{name}\" has invalid value {}.", print::literal(node)), node.pos)),
        },
    }
}
