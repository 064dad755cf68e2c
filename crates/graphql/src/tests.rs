//! Documents against a small schema: what is answered, and the words of what is wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests: what is unexpected fails them")]
use serde_json::{Map, Value, json};

use crate::{Arg, Complexity, Field, Kind, Limits, Resolver, Schema, SchemaBuilder, Source, TypeRef, run};

const OPEN: Limits = Limits { depth: None, complexity: None, introspection: true, introspection_counts: true };

fn field(name: &str, ty: TypeRef, source: Source) -> Field {
    Field { name: name.to_owned(), description: String::new(), args: Vec::new(), ty, source, complexity: Complexity::One }
}

fn schema() -> Schema {
    let mut b = SchemaBuilder::new();
    let text = TypeRef::Named(b.find("String").unwrap());
    let int = TypeRef::Named(b.find("Int").unwrap());
    let truth = TypeRef::Named(b.find("Boolean").unwrap());
    let any = TypeRef::Named(b.define("Json", "", |_| Kind::Scalar));
    let file = TypeRef::Named(b.define("InputFile", "", |_| Kind::Scalar));
    let member = |name: &str, key: &str, ty: &TypeRef| field(name, ty.clone(), Source::Member(key.to_owned()));
    let cat = b.define("Cat", "", |_| Kind::Object(vec![member("name", "name", &text), member("lives", "lives", &int)]));
    let dog = b.define("Dog", "", |_| Kind::Object(vec![member("name", "name", &text), member("barks", "barks", &truth)]));
    let choose = |v: &Value| Some(usize::from(v.get("barks").is_some()));
    let pet = b.define("Pet", "", |_| Kind::Union(vec![cat, dog], Box::new(choose)));
    let user = b.define("User", "", |b| {
        let friends = TypeRef::Named(b.find("User").unwrap()).list();
        Kind::Object(vec![
            member("_id", "$id", &text),
            member("name", "name", &text),
            member("friends", "friends", &friends),
            field("pets", TypeRef::Named(pet).list(), Source::Member("pets".into())),
        ])
    });
    let with = |mut f: Field, args: Vec<(&str, TypeRef)>| {
        f.args = args.into_iter().map(|(name, ty)| Arg { name: name.to_owned(), ty }).collect();
        f
    };
    let user = TypeRef::Named(user);
    let mut list = with(field("usersList", user.clone().list(), Source::Root(2)), vec![("queries", text.clone().list())]);
    list.complexity = Complexity::Times(|args| args.get("queries").and_then(Value::as_array).map_or(25, |q| q.len() as u64));
    let echo = vec![("text", text.clone()), ("n", int), ("on", truth), ("any", any.clone()), ("list", text.clone().list())];
    let queries = vec![
        with(field("usersGet", user.clone(), Source::Root(0)), vec![("userId", text.clone().required())]),
        with(field("echo", any, Source::Root(1)), echo),
        list,
    ];
    let mutations = vec![
        with(field("usersCreate", user, Source::Root(0)), vec![("userId", text.clone().required())]),
        with(field("upload", text, Source::Root(3)), vec![("file", file.required())]),
    ];
    b.build(queries, mutations)
}

struct Answers;
impl Resolver for Answers {
    fn resolve(&mut self, root: usize, args: Map<String, Value>) -> Result<Value, String> {
        match root {
            0 if args["userId"] == "bad id" => Err("Invalid `userId` param".to_owned()),
            0 => Ok(json!({"$id": args["userId"], "name": "A", "friends": [{"$id": "f"}], "pets": [{"name": "c", "lives": 9}, {"name": "d", "barks": true}]})),
            2 => Ok(json!([{"$id": "a"}, {"$id": "b"}])),
            _ => Ok(Value::Object(args)),
        }
    }
}

fn ask_with(source: &str, variables: Value, limits: &Limits) -> Value {
    let Value::Object(variables) = variables else { panic!("variables are a map") };
    run(&schema(), source, None, &variables, limits, &mut Answers).into_json(source)
}

fn ask(source: &str) -> Value {
    ask_with(source, json!({}), &OPEN)
}

fn message(source: &str) -> String {
    ask(source)["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn fields_aliases_fragments_and_unions() {
    let source = "query Q { u: usersGet(userId: \"x\") { ...F pets { __typename ... on Cat { lives } ... on Dog { barks } } } }
        fragment F on User { _id friends { _id name } }";
    let expected = json!({"data": {"u": {"_id": "x", "friends": [{"_id": "f", "name": null}],
        "pets": [{"__typename": "Cat", "lives": 9}, {"__typename": "Dog", "barks": true}]}}});
    assert_eq!(ask(source), expected);
}

#[test]
fn values_and_variables() {
    let source = r#"{ echo(text: "a\u00e9\n\ud83d\ude00", n: -3, on: true, any: {a: [1, 2.5, x], b: null}, list: "one") }"#;
    assert_eq!(ask(source)["data"]["echo"], json!({"text": "aé\n😀", "n": -3, "on": true, "any": {"a": [1, 2.5, "x"], "b": null}, "list": ["one"]}));
    let source = "query($t: String = \"d\", $l: [String!], $x: Json) { echo(text: $t, list: $l, any: {in: $x}) }";
    assert_eq!(ask_with(source, json!({"l": ["a"], "x": {"y": 1}}), &OPEN)["data"]["echo"], json!({"text": "d", "any": {"in": {"y": 1}}, "list": ["a"]}));
    let block = "{ echo(text: \"\"\"\n    Hello,\n      World!\n  \"\"\") }";
    assert_eq!(ask(block)["data"]["echo"]["text"], "Hello,\n  World!");
    let skip = "query($a: Boolean!) { echo(n: 1) @include(if: $a) b: echo(n: 2) @skip(if: $a) }";
    assert_eq!(ask_with(skip, json!({"a": true}), &OPEN)["data"], json!({"echo": {"n": 1}}));
}

#[test]
fn errors_of_fields_have_places_and_paths() {
    let expected = json!({"errors": [{"message": "Invalid `userId` param", "locations": [{"line": 1, "column": 12}], "path": ["usersCreate"]}], "data": {"usersCreate": null}});
    assert_eq!(ask("mutation { usersCreate(userId:\"bad id\") { _id } }"), expected);
}

#[test]
fn syntax() {
    assert_eq!(ask("query {"), json!({"errors": [{"message": "Syntax Error: Expected Name, found <EOF>", "locations": [{"line": 1, "column": 8}]}]}));
    for (source, expected) in [
        ("", "Unexpected <EOF>"),
        ("{ a(", "Expected Name, found <EOF>"),
        ("{ a(b:) }", "Unexpected )"),
        ("{}", "Expected Name, found }"),
        ("nope", "Unexpected Name \"nope\""),
        ("{ a ? }", "Cannot parse the unexpected character \"?\"."),
        ("{ a(b: \"x }", "Unterminated string."),
        ("{ a(b: 01) }", "Invalid number, unexpected digit after 0: \"1\""),
        ("{ a(b: 1.) }", "Invalid number, expected digit but got: \")\""),
        ("{ a(b: 'x') }", "Unexpected single quote character ('), did you mean to use a double quote (\")?"),
        ("{ ...on }", "Expected Name, found }"),
        ("fragment on on X { a }", "Unexpected Name \"on\""),
        ("query($a: String = $b) { a }", "Unexpected $"),
    ] {
        assert_eq!(message(source), format!("Syntax Error: {expected}"), "{source}");
    }
    let deep = format!("{{ echo(any: {}", "[".repeat(100_000));
    assert_eq!(message(&deep), "Syntax Error: Recursion depth limit of 128 exceeded");
    assert!(message(&format!("{{ {} }}", "a ".repeat(60_000))).contains("tokens"));
}

#[test]
fn rules() {
    assert_eq!(
        ask("query { nope }"),
        json!({"errors": [{"message": "Cannot query field \"nope\" on type \"Query\".", "locations": [{"line": 1, "column": 9}]}]})
    );
    for (source, expected) in [
        ("{ userGet(userId: \"x\") { _id } }", "Cannot query field \"userGet\" on type \"Query\". Did you mean \"usersGet\"?"),
        ("{ usersGet(userId: \"x\") }", "Field \"usersGet\" of type \"User\" must have a sub selection."),
        ("{ echo { a } }", "Field \"echo\" of type \"Json\" must not have a sub selection."),
        ("{ usersGet { _id } }", "Field \"usersGet\" argument \"userId\" of type \"String!\" is required but not provided."),
        ("{ usersGet(userId: 5) { _id } }", "String cannot represent a non string value: 5"),
        ("{ usersGet(userId: null) { _id } }", "Expected value of type \"String!\", found null."),
        ("{ echo(n: \"5\") }", "Int cannot represent non-integer value: \"5\""),
        ("{ echo(on: 1) }", "Boolean cannot represent a non boolean value: 1"),
        ("{ echo(tekst: \"x\") }", "Unknown argument \"tekst\" on field \"echo\" of type \"Query\". Did you mean \"text\" or \"list\"?"),
        ("{ echo(n: 1, n: 2) }", "There can be only one argument named \"n\"."),
        ("{ echo(any: {a: 1, a: 2}) }", "There can be only one input field named \"a\"."),
        ("{ echo @nope }", "Unknown directive \"@nope\"."),
        ("{ echo @skip }", "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided."),
        ("{ ...F }", "Unknown fragment \"F\"."),
        ("{ echo } fragment F on User { _id }", "Fragment \"F\" is never used."),
        ("{ ...F } fragment F on Query { ...F }", "Cannot spread fragment \"F\" within itself."),
        ("{ ...F } fragment F on User { _id }", "Fragment \"F\" cannot be spread here as objects of type \"Query\" can never be of type \"User\"."),
        ("{ ... on Nope { a } }", "Unknown type \"Nope\"."),
        ("query($a: String) { echo }", "Variable \"$a\" is never used."),
        ("query Q { echo(text: $a) }", "Variable \"$a\" is not defined."),
        ("query($a: Int) { echo(text: $a) }", "Variable \"$a\" of type \"Int\" used in position expecting type \"String\"."),
        ("query($a: String) { usersGet(userId: $a) { _id } }", "Variable \"$a\" of type \"String\" used in position expecting type \"String!\"."),
        ("query($a: User) { echo(any: $a) }", "Variable \"$a\" cannot be non-input type \"User\"."),
        ("{ echo } { echo }", "This anonymous operation must be the only defined operation."),
        ("query A { echo } query A { echo }", "There can be only one operation named \"A\"."),
        ("query A { echo } query B { echo }", "Must provide operation name if query contains multiple operations."),
        (
            "{ a: echo(n: 1) a: echo(n: 2) }",
            "Fields \"a\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.",
        ),
        (
            "mutation { upload(file: \"x\") }",
            "`InputFile` cannot be hardcoded in query, be sure to conform to GraphQL multipart request specification. Instead got: StringValue",
        ),
    ] {
        assert_eq!(message(source), expected, "{source}");
    }
    assert_eq!(ask("subscription { echo }")["errors"][0]["message"], "Schema is not configured for subscriptions.");
}

#[test]
fn fields_of_one_name_may_meet() {
    let fine = "{ usersGet(userId: \"x\") { name } usersGet(userId: \"x\") { _id } }";
    assert_eq!(ask(fine)["data"]["usersGet"], json!({"name": "A", "_id": "x"}));
    let apart = "{ usersGet(userId: \"x\") { pets { ... on Cat { a: lives } ... on Dog { a: barks } } } }";
    assert!(message(apart).starts_with("Fields \"a\" conflict because they return conflicting types Int and Boolean."));
    let below = "{ usersGet(userId: \"x\") { friends { a: name } friends { a: _id } } }";
    assert!(message(below).contains("subfields \"a\" conflict because name and _id are different fields"));
}

#[test]
fn wrong_variables() {
    let source = "query($a: String!, $n: Int) { echo(text: $a, n: $n) }";
    let say = |variables: Value| ask_with(source, variables, &OPEN)["errors"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(say(json!({})), "Variable \"$a\" of required type \"String!\" was not provided.");
    assert_eq!(say(json!({"a": null})), "Variable \"$a\" of non-null type \"String!\" must not be null.");
    assert_eq!(say(json!({"a": 5})), "Variable \"$a\" got invalid value 5; String cannot represent a non string value: 5");
    assert_eq!(say(json!({"a": "", "n": 1.5})), "Variable \"$n\" got invalid value 1.5; Int cannot represent non-integer value: 1.5");
    let list = ask_with("query($l: [String]) { echo(list: $l) }", json!({"l": ["a", {}]}), &OPEN);
    assert_eq!(list["errors"][0]["message"], "Variable \"$l\" got invalid value {} at \"l[1]\"; String cannot represent a non string value: {}");
}

#[test]
fn limits() {
    let limits = Limits { depth: Some(1), complexity: Some(30), introspection: false, introspection_counts: true };
    let say = |source: &str| ask_with(source, json!({}), &limits)["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(say("{ usersGet(userId: \"x\") { friends { _id } } }"), "");
    assert_eq!(say("{ usersGet(userId: \"x\") { friends { ...F } } } fragment F on User { friends { _id } }"), "Max query depth should be 1 but got 2.");
    assert_eq!(say("{ usersList { _id } }"), "");
    assert_eq!(say("{ usersList { _id name } }"), "Max query complexity should be 30 but got 50.");
    assert_eq!(say("{ usersList(queries: [\"a\", \"b\"]) { _id name } }"), "");
    assert_eq!(say("{ __schema { types { name } } }"), "GraphQL introspection is not allowed, but the query contained __schema or __type");
}

#[test]
fn hostile_documents_end() {
    let fields = |i: usize| format!("fields {{ type {{ ofType {{ ...F{} }} }} }}", i + 1);
    let bomb: String = (0..40).map(|i| format!("fragment F{i} on __Type {{ a: {} b: {} }} ", fields(i), fields(i))).collect();
    let bomb = format!("{{ __type(name: \"User\") {{ ...F0 }} }} {bomb} fragment F40 on __Type {{ name }}");
    assert_eq!(message(&bomb), "The answer is too large.");
    let limits = Limits { depth: Some(3), complexity: Some(250), ..OPEN };
    assert_eq!(ask_with(&bomb, json!({}), &limits)["errors"][0]["message"], "Max query depth should be 3 but got 120.");
    let chain: String = (0..6_000).map(|i| format!("fragment F{i} on Query {{ ...F{} }} ", i + 1)).collect();
    assert_eq!(message(&format!("{{ ...F0 }} {chain} fragment F6000 on Query {{ echo }}")), "The document is nested too deeply.");
    let ring: String = (0..100).map(|i| format!("fragment F{i} on Query {{ ...F{} }} ", (i + 1) % 100)).collect();
    assert!(message(&format!("{{ ...F0 }} {ring}")).starts_with("Cannot spread fragment \"F0\" within itself via F1, F2"));
    let same = "a: usersGet(userId: \"x\") { name } ".repeat(4_000);
    assert_eq!(message(&format!("{{ {same} }}")), "");
}

#[test]
fn introspection() {
    let source =
        "{ __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name args { name type { kind ofType { name } } } } }
        __type(name: \"User\") { kind name fields { name type { kind name ofType { kind name } } args { name } } }
        pet: __type(name: \"Pet\") { kind possibleTypes { name } fields { name } } none: __type(name: \"No\") { name } }";
    let data = &ask(source)["data"];
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    assert_eq!(data["__schema"]["directives"][0]["args"][0], json!({"name": "if", "type": {"kind": "NON_NULL", "ofType": {"name": "Boolean"}}}));
    let friends = json!({"name": "friends", "type": {"kind": "LIST", "name": null, "ofType": {"kind": "OBJECT", "name": "User"}}, "args": []});
    assert_eq!(data["__type"]["fields"][2], friends);
    assert_eq!(data["pet"], json!({"kind": "UNION", "possibleTypes": [{"name": "Cat"}, {"name": "Dog"}], "fields": null}));
    assert_eq!(data["none"], Value::Null);
}

#[test]
fn damaged_documents_do_no_harm() {
    let source = "query Q($a: [String!] = [\"x\"], $b: Json) @skip(if: true) { u: usersGet(userId: \"\\u00e9\") { ...F pets { ... on Cat { lives } } }
        echo(n: -1.5e3, list: $a, any: {a: [$b, null, X], t: \"\"\"block\"\"\"}) # end
        } fragment F on User { _id friends { name } }";
    let signs = ["{", "}", "(", ")", "[", "]", "\"", "\\", "$", "!", ":", "...", "é", "\u{0}", "on", "fragment", "9", "-", "@", "\"\"\"", "\n"];
    let chars: Vec<char> = source.chars().collect();
    for at in 0..chars.len() {
        let (before, after): (String, String) = (chars[..at].iter().collect(), chars[at + 1..].iter().collect());
        ask(&before);
        for sign in signs {
            let answer = ask(&format!("{before}{sign}{after}"));
            assert!(answer.get("data").is_some() || answer.get("errors").is_some());
        }
    }
}
