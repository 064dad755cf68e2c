//! A GraphQL document with its variables: read, checked and run over a small schema.
#![no_main]
use graphql::{Arg, Complexity, Field, Kind, Limits, Resolver, Schema, SchemaBuilder, Source, TypeRef, run};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

struct Answers;
impl Resolver for Answers {
    fn resolve(&mut self, _: usize, args: Map<String, Value>) -> Result<Value, String> {
        Ok(json!({"$id": args, "friends": [{"$id": "a"}, {"$id": null}]}))
    }
}

fn schema() -> Option<Schema> {
    let mut b = SchemaBuilder::new();
    let named = |b: &SchemaBuilder, name: &str| b.find(name).map(TypeRef::Named);
    let text = named(&b, "String")?;
    let field = |name: &str, ty: TypeRef, source: Source, args: Vec<Arg>| Field {
        name: name.to_owned(),
        description: String::new(),
        args,
        ty,
        source,
        complexity: Complexity::One,
    };
    let id = text.clone();
    let user = b.define("User", "", |b| {
        let friends = b.find("User").map(|user| field("friends", TypeRef::Named(user).list(), Source::Member("friends".to_owned()), Vec::new()));
        Kind::Object([Some(field("_id", id, Source::Member("$id".to_owned()), Vec::new())), friends].into_iter().flatten().collect())
    });
    let user = TypeRef::Named(user);
    let args = || vec![Arg { name: "userId".to_owned(), ty: text.clone() }, Arg { name: "queries".to_owned(), ty: text.clone().list() }];
    let query = vec![field("usersGet", user.clone(), Source::Root(0), args())];
    Some(b.build(query, vec![field("usersCreate", user, Source::Root(1), args())]))
}

fuzz_target!(|data: (&str, &str)| {
    let Some(schema) = schema() else { return };
    let sent = serde_json::from_str::<Map<String, Value>>(data.1).unwrap_or_default();
    let limits = Limits { depth: Some(8), complexity: Some(100), introspection: true, introspection_counts: false };
    run(&schema, data.0, None, &sent, &limits, &mut Answers).into_json(data.0);
});
