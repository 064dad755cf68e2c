//! Types and values as messages show them.
use serde_json::Value;

use crate::ast::{Literal, LiteralValue, TypeNode};

/// A type as it was written.
pub(crate) fn type_node(node: &TypeNode) -> String {
    match node {
        TypeNode::Named(name) => name.text.clone(),
        TypeNode::List(inner, _) => format!("[{}]", type_node(inner)),
        TypeNode::NonNull(inner, _) => format!("{}!", type_node(inner)),
    }
}

/// A value of a document.
pub(crate) fn literal(literal: &Literal) -> String {
    match &literal.value {
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::Int(text) | LiteralValue::Float(text) | LiteralValue::Enum(text) => text.clone(),
        LiteralValue::Text(text) => Value::from(text.as_str()).to_string(),
        LiteralValue::Bool(b) => b.to_string(),
        LiteralValue::List(items) => format!("[{}]", items.iter().map(self::literal).collect::<Vec<_>>().join(", ")),
        LiteralValue::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {}", name.text, self::literal(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        LiteralValue::Variable(name) => format!("${name}"),
    }
}

/// A value of the variables.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::String(s) if s.is_empty() => "(empty string)".to_owned(),
        Value::String(s) => format!("\"{s}\""),
        other => other.to_string(),
    }
}
