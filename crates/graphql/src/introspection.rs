//! What a schema tells of itself: ordinary objects whose members are computed. A type is the value `{"type": number}`, `{"list": …}` or
//! `{"required": …}`, so that nothing is written out that nobody asks for.
use serde_json::{Map, Value, json};

use crate::schema::{Arg, Complexity, Compute, Field, Kind, Schema, SchemaBuilder, Source, Type, TypeId, TypeRef};

pub(crate) const TYPENAME: &str = "__typename";
/// Names of the fields that ask for the schema.
pub(crate) const FIELDS: [&str; 2] = ["__schema", "__type"];

/// Directives: name, what it says, where it may stand, whether it takes `if`.
pub(crate) const DIRECTIVES: [(&str, &str, &[&str]); 2] = [
    (
        "include",
        "Directs the executor to include this field or fragment only when the `if` argument is true.",
        &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
    ),
    ("skip", "Directs the executor to skip this field or fragment when the `if` argument is true.", &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"]),
];

struct Types {
    text: TypeRef,
    boolean: TypeRef,
}

fn field(name: &str, ty: TypeRef, compute: Compute) -> Field {
    Field { name: name.to_owned(), description: String::new(), args: Vec::new(), ty, source: Source::Computed(compute), complexity: Complexity::One }
}

fn member(name: &str, ty: TypeRef) -> Field {
    Field { name: name.to_owned(), description: String::new(), args: Vec::new(), ty, source: Source::Member(name.to_owned()), complexity: Complexity::One }
}

/// Defines the types; gives the fields that ask for them.
pub(crate) fn define(b: &mut SchemaBuilder) -> Vec<Field> {
    let scalar = |b: &mut SchemaBuilder, name: &str| TypeRef::Named(b.define(name, "", |_| Kind::Scalar));
    let types = Types { text: scalar(b, "String"), boolean: scalar(b, "Boolean") };
    let ty = TypeRef::Named(b.define("__Type", "A type of the schema.", |b| Kind::Object(of_type(b, &types))));
    let schema = TypeRef::Named(b.define("__Schema", "What can be asked for.", |b| Kind::Object(of_schema(b, &types, &ty))));
    let mut by_name = field("__type", ty, |schema, _, args| {
        let id = args.get("name").and_then(Value::as_str).and_then(|name| schema.find(name));
        id.map_or(Value::Null, of_id)
    });
    by_name.args = vec![Arg { name: "name".to_owned(), ty: types.text.clone().required() }];
    let typename = field(TYPENAME, types.text.required(), |_, _, _| Value::Null);
    vec![field("__schema", schema.required(), |_, _, _| json!({})), by_name, typename]
}

fn of_schema(b: &mut SchemaBuilder, types: &Types, ty: &TypeRef) -> Vec<Field> {
    let directive = TypeRef::Named(b.define("__Directive", "A directive.", |b| Kind::Object(of_directive(b, types))));
    vec![
        field("types", ty.clone().required().list().required(), |schema, _, _| schema.names().map(|(_, id)| of_id(id)).collect()),
        field("queryType", ty.clone().required(), |schema, _, _| of_id(schema.query)),
        field("mutationType", ty.clone(), |schema, _, _| of_id(schema.mutation)),
        field("subscriptionType", ty.clone(), |_, _, _| Value::Null),
        field("directives", directive.required().list().required(), |schema, _, _| directives(schema)),
        field("description", types.text.clone(), |_, _, _| Value::Null),
    ]
}

fn of_type(b: &mut SchemaBuilder, types: &Types) -> Vec<Field> {
    let Some(this) = b.find("__Type").map(TypeRef::Named) else { return Vec::new() };
    let kinds = ["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"];
    let kind = TypeRef::Named(b.define("__TypeKind", "What a type is.", |_| Kind::Enum(kinds.to_vec())));
    let input = TypeRef::Named(b.define("__InputValue", "An argument.", |_| Kind::Object(of_input(types, &this))));
    let of_field = TypeRef::Named(b.define("__Field", "A field.", |_| Kind::Object(of_field(types, &this, &input))));
    let value = TypeRef::Named(b.define("__EnumValue", "A value of an enum.", |_| Kind::Object(deprecable(types, Vec::new()))));
    let deprecated = |mut field: Field| {
        field.args = vec![Arg { name: "includeDeprecated".to_owned(), ty: types.boolean.clone() }];
        field
    };
    vec![
        field("kind", kind.required(), |schema, this, _| kind_of(schema, this).into()),
        field("name", types.text.clone(), |schema, this, _| named(schema, this).map_or(Value::Null, |ty| ty.name.as_str().into())),
        field("description", types.text.clone(), |schema, this, _| named(schema, this).map_or(Value::Null, |ty| about(&ty.description))),
        field("specifiedByURL", types.text.clone(), |_, _, _| Value::Null),
        deprecated(field("fields", of_field.required().list(), fields)),
        field("interfaces", this.clone().required().list(), |schema, this, _| object(schema, this).map_or(Value::Null, |_| json!([]))),
        field("possibleTypes", this.clone().required().list(), |schema, this, _| match named(schema, this).map(|ty| &ty.kind) {
            Some(Kind::Union(members, _)) => members.iter().copied().map(of_id).collect(),
            _ => Value::Null,
        }),
        deprecated(field("enumValues", value.required().list(), |schema, this, _| match named(schema, this).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => names.iter().map(|name| json!({"name": name, "isDeprecated": false})).collect(),
            _ => Value::Null,
        })),
        deprecated(field("inputFields", input.required().list(), |_, _, _| Value::Null)),
        field("ofType", this, |_, this, _| this.get("list").or_else(|| this.get("required")).cloned().unwrap_or_default()),
        field("isOneOf", types.boolean.clone(), |_, _, _| Value::Null),
    ]
}

/// Name and description, more, and that nothing of it is out of date.
fn deprecable(types: &Types, more: Vec<Field>) -> Vec<Field> {
    let mut fields = vec![member("name", types.text.clone().required()), member("description", types.text.clone())];
    fields.extend(more);
    fields.extend([member("isDeprecated", types.boolean.clone().required()), member("deprecationReason", types.text.clone())]);
    fields
}

fn of_field(types: &Types, ty: &TypeRef, input: &TypeRef) -> Vec<Field> {
    deprecable(types, vec![member("args", input.clone().required().list().required()), member("type", ty.clone().required())])
}

fn of_input(types: &Types, ty: &TypeRef) -> Vec<Field> {
    deprecable(types, vec![member("type", ty.clone().required()), member("defaultValue", types.text.clone())])
}

fn of_directive(b: &mut SchemaBuilder, types: &Types) -> Vec<Field> {
    let locations = ["QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "VARIABLE_DEFINITION"];
    let location = TypeRef::Named(b.define("__DirectiveLocation", "Where a directive may stand.", |_| Kind::Enum(locations.to_vec())));
    let mut fields = vec![member("name", types.text.clone().required()), member("description", types.text.clone())];
    fields.push(member("isRepeatable", types.boolean.clone().required()));
    fields.push(member("locations", location.required().list().required()));
    if let Some(input) = b.find("__InputValue").map(TypeRef::Named) {
        fields.push(member("args", input.required().list().required()));
    }
    fields
}

fn of_id(id: TypeId) -> Value {
    json!({"type": id.0})
}

fn of_ref(ty: &TypeRef) -> Value {
    match ty {
        TypeRef::Named(id) => of_id(*id),
        TypeRef::List(inner) => json!({"list": of_ref(inner)}),
        TypeRef::NonNull(inner) => json!({"required": of_ref(inner)}),
    }
}

fn named<'s>(schema: &'s Schema, this: &Value) -> Option<&'s Type> {
    let id = this.get("type").and_then(Value::as_u64).and_then(|id| usize::try_from(id).ok())?;
    Some(schema.get(TypeId(id)))
}

fn object<'s>(schema: &'s Schema, this: &Value) -> Option<&'s [Field]> {
    match named(schema, this).map(|ty| &ty.kind) {
        Some(Kind::Object(fields)) => Some(fields),
        _ => None,
    }
}

/// What there is to say; null when that is nothing.
fn about(description: &str) -> Value {
    if description.is_empty() { Value::Null } else { description.into() }
}

fn kind_of(schema: &Schema, this: &Value) -> &'static str {
    match named(schema, this).map(|ty| &ty.kind) {
        Some(Kind::Scalar) => "SCALAR",
        Some(Kind::Enum(_)) => "ENUM",
        Some(Kind::Object(_)) => "OBJECT",
        Some(Kind::Union(..)) => "UNION",
        None if this.get("list").is_some() => "LIST",
        None => "NON_NULL",
    }
}

fn fields(schema: &Schema, this: &Value, _: &Map<String, Value>) -> Value {
    let one = |f: &Field| json!({"name": f.name, "description": about(&f.description), "args": args(&f.args), "type": of_ref(&f.ty), "isDeprecated": false});
    object(schema, this).map_or(Value::Null, |fields| fields.iter().map(one).collect())
}

fn args(args: &[Arg]) -> Value {
    args.iter().map(|a| json!({"name": a.name, "type": of_ref(&a.ty), "isDeprecated": false})).collect()
}

fn directives(schema: &Schema) -> Value {
    let condition = schema.find("Boolean").map_or(Value::Null, |id| json!([{"name": "if", "type": {"required": of_id(id)}, "isDeprecated": false}]));
    let one = |(name, description, locations): &(&str, &str, &[&str])| json!({"name": name, "description": description, "isRepeatable": false, "locations": locations, "args": condition});
    DIRECTIVES.iter().map(one).collect()
}
