//! Types of arguments from checks, types of answers from models.
use std::sync::LazyLock;

use graphql::{Complexity, Field, Kind, SchemaBuilder, Source, TypeId, TypeRef};
use protocol::models::{self, Model};
use protocol::{Check, Param};

use super::data;

/// A value of any form.
pub(super) const JSON: &str = "Json";
/// An object, also as JSON text.
pub(super) const ASSOC: &str = "Assoc";
/// A file of the request.
pub(super) const FILE: &str = "InputFile";

/// Field that is plain JSON elsewhere and one of several models here.
const HASH_OPTIONS: &str = "hashOptions";

/// What is known of each way of hashing passwords.
static HASHES: LazyLock<Vec<&'static Model>> = LazyLock::new(|| {
    let names = ["algoArgon2", "algoScrypt", "algoScryptModified", "algoBcrypt", "algoPhpass", "algoSha", "algoMd5"];
    names.into_iter().filter_map(models::find).collect()
});

/// `User` of `user`.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), chars.as_str()))
}

pub(super) fn scalar(b: &mut SchemaBuilder, name: &str) -> TypeRef {
    TypeRef::Named(b.define(name, "", |_| Kind::Scalar))
}

/// The type of an argument. Items of a list that must be sent must be there, too.
pub(super) fn argument(b: &mut SchemaBuilder, param: &Param) -> TypeRef {
    let nullable = matches!(param.check, Check::Nullable(_)) || (param.required && param.nullable);
    let ty = of_check(b, &param.check, param.required);
    if param.required && !nullable { ty.required() } else { ty }
}

fn of_check(b: &mut SchemaBuilder, check: &Check, required: bool) -> TypeRef {
    match check {
        Check::Nullable(inner) => of_check(b, inner, false),
        Check::List(inner, _) => {
            let item = of_check(b, inner, required);
            (if required { item.required() } else { item }).list()
        }
        Check::Queries(_) | Check::QueriesPaging | Check::QueryTexts | Check::Permissions { .. } => scalar(b, "String").list(),
        Check::Bool => scalar(b, "Boolean"),
        Check::Int { .. } | Check::Int32 | Check::Int32Loose | Check::Int64 | Check::Number => scalar(b, "Int"),
        Check::Float | Check::FloatRange { .. } => scalar(b, "Float"),
        Check::Prefs => scalar(b, ASSOC),
        Check::JsonObject | Check::Operation { .. } | Check::Spatial(_) | Check::MockNumber => scalar(b, JSON),
        _ => scalar(b, "String"),
    }
}

/// The type of a model by its name.
pub(super) fn model(b: &mut SchemaBuilder, name: &str) -> TypeRef {
    match models::find(name) {
        Some(model) => TypeRef::Named(object(b, model)),
        None => scalar(b, JSON),
    }
}

fn object(b: &mut SchemaBuilder, model: &'static Model) -> TypeId {
    b.define(&capital(model.name), model.title, |b| Kind::Object(fields(b, model)))
}

fn fields(b: &mut SchemaBuilder, model: &'static Model) -> Vec<Field> {
    let text = scalar(b, "String");
    let mut out = Vec::new();
    if model.any {
        out.push(field("data", "Fields of one's own, as JSON.", text, Source::Computed(data::free)));
    } else if model.fields.is_empty() {
        out.push(field("status", "Says that it is done.", text, Source::Computed(data::done)));
    }
    for f in model.fields {
        // `$` is no letter of names here.
        let name = f.name.replace('$', "_");
        let one = match f.kind {
            models::Kind::Text | models::Kind::Datetime => scalar(b, "String"),
            models::Kind::Integer => scalar(b, "Int"),
            models::Kind::Float => scalar(b, "Float"),
            models::Kind::Boolean => scalar(b, "Boolean"),
            models::Kind::Json if f.name == HASH_OPTIONS => union(b, &name, &HASHES),
            models::Kind::Json => scalar(b, JSON),
            models::Kind::Of([only]) => TypeRef::Named(object(b, only)),
            models::Kind::Of(several) => union(b, &name, several),
        };
        let ty = if f.list { one.list() } else { one };
        out.push(field(&name, "", ty, Source::Member(f.name.to_owned())));
    }
    out
}

pub(super) fn field(name: &str, description: &str, ty: TypeRef, source: Source) -> Field {
    Field { name: name.to_owned(), description: description.to_owned(), args: Vec::new(), ty, source, complexity: Complexity::One }
}

/// One of several models, under the name of the field.
fn union(b: &mut SchemaBuilder, name: &str, several: &'static [&'static Model]) -> TypeRef {
    TypeRef::Named(b.define(&capital(name), "", |b| {
        let members = several.iter().map(|model| object(b, model)).collect();
        let choose = move |value: &serde_json::Value| {
            let chosen = models::choose(several, value.as_object()?)?;
            several.iter().position(|model| model.name == chosen.name)
        };
        Kind::Union(members, Box::new(choose))
    }))
}
