//! GraphQL: documents of clients and servers through the whole pipeline.
use protocol::spec::Verb;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp, Upload};

fn ask(client: &Client, query: &str, variables: &Value) -> Answer {
    client.post("/graphql", &json!({"query": query, "variables": variables}))
}

/// What a document without variables finds.
fn data(client: &Client, query: &str) -> Value {
    let answer = ask(client, query, &json!({}));
    assert_eq!(answer.is(200)["errors"], Value::Null, "{query}");
    answer["data"].clone()
}

/// What the first error of a document says.
fn refusal(client: &Client, query: &str) -> String {
    ask(client, query, &json!({})).is(200)["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

fn collection(key: &Client) {
    key.post("/databases", &json!({"databaseId": "db", "name": "D"})).is(201);
    let rights = ["read(\"users\")", "create(\"users\")"];
    key.post("/databases/db/collections", &json!({"collectionId": "c", "name": "C", "permissions": rights, "documentSecurity": true})).is(201);
    key.post("/databases/db/collections/c/attributes/string", &json!({"key": "s", "size": 64, "required": false})).is(202);
    key.post("/databases/db/collections/c/attributes/integer", &json!({"key": "n", "required": false, "array": true})).is(202);
}

#[test]
fn queries_and_mutations_of_documents() {
    let app = TestApp::new();
    let (key, ada) = (app.key(), app.user("ada"));
    collection(&key);
    let create = "mutation Create($id: String!, $data: Json!, $p: [String!]) {
        databasesCreateDocument(databaseId: \"db\", collectionId: \"c\", documentId: $id, data: $data, permissions: $p) { _id _permissions _createdAt data }
    }";
    let made = ask(&ada, create, &json!({"id": "d1", "data": {"s": "a/ü"}, "p": ["read(\"user:ada\")"]}));
    let document = &made.is(200)["data"]["databasesCreateDocument"];
    assert_eq!((&document["_id"], &document["_permissions"]), (&json!("d1"), &json!(["read(\"user:ada\")"])));
    assert!(document["_createdAt"].as_str().is_some_and(|t| t.starts_with("20")));
    let free: Value = serde_json::from_str(document["data"].as_str().unwrap()).unwrap();
    assert_eq!(free, json!({"s": "a/ü", "n": {}, "$permissions": {"0": "read(\"user:ada\")"}}));
    let list = "query($q: [String]) { databasesListDocuments(databaseId: \"db\", collectionId: \"c\", queries: $q) { total documents { _id data } } }";
    let found = ask(&key, list, &json!({"q": [json!({"method": "equal", "attribute": "s", "values": ["a/ü"]}).to_string()]}));
    assert_eq!(found["data"]["databasesListDocuments"]["total"], 1);
    let missing = ask(&app.user("bob"), "{ databasesGetDocument(databaseId: \"db\", collectionId: \"c\", documentId: \"d2\") { _id } }", &json!({}));
    assert_eq!(missing["errors"][0]["path"], json!(["databasesGetDocument"]));
    assert_eq!(missing["data"], json!({"databasesGetDocument": null}));
    let several = "mutation($d: [Json!]!) { databasesCreateDocuments(databaseId: \"db\", collectionId: \"c\", documents: $d) { total documents { _id } } }";
    let several = ask(&key, several, &json!({"d": [{"$id": "m1"}, {"$id": "m2", "s": "x"}]}));
    assert_eq!(several["data"]["databasesCreateDocuments"], json!({"total": 2, "documents": [{"_id": "m1"}, {"_id": "m2"}]}));
    // A type for each kind of attribute.
    let kinds = "{ databasesListAttributes(databaseId: \"db\", collectionId: \"c\") { attributes { __typename ... on AttributeString { key size } ... on AttributeInteger { key array } } } }";
    let kinds = data(&key, kinds);
    let expected = json!([{"__typename": "AttributeString", "key": "s", "size": 64}, {"__typename": "AttributeInteger", "key": "n", "array": true}]);
    assert_eq!(kinds["databasesListAttributes"]["attributes"], expected);
    let row = "{ tablesDBGetRow(databaseId: \"db\", tableId: \"c\", rowId: \"d1\") { _tableId data } }";
    assert_eq!(data(&key, row)["tablesDBGetRow"]["_tableId"], "c");
}

#[test]
fn callers_are_who_they_are() {
    let app = TestApp::new();
    let (key, ada, guest) = (app.key(), app.user("ada"), app.guest());
    assert_eq!(data(&ada, "{ accountGet { _id prefs { data } } }"), json!({"accountGet": {"_id": "ada", "prefs": {"data": "{}"}}}));
    assert!(refusal(&guest, "{ accountGet { _id } }").contains("missing scopes"));
    assert!(refusal(&ada, "{ usersList { total } }").contains("missing scopes"));
    assert_eq!(data(&key, "{ usersList { total users { name } } }")["usersList"]["total"], 1);
    let hash = data(&key, "{ usersGet(userId: \"ada\") { hash hashOptions { ... on AlgoArgon2 { type memoryCost } ... on AlgoMd5 { type } } } }");
    assert_eq!((&hash["usersGet"]["hash"], &hash["usersGet"]["hashOptions"]["type"]), (&json!("argon2"), &json!("argon2")));
    let weak = app.key_with(&["users.read"]);
    assert!(refusal(&weak, "mutation { usersCreate(userId: \"x\") { _id } }").contains("missing scopes"));
    let updated = "mutation { accountUpdatePrefs(prefs: \"{\\\"a\\\": [1]}\") { prefs { data } } }";
    assert_eq!(data(&ada, updated)["accountUpdatePrefs"]["prefs"]["data"], "{\"a\":{\"0\":1}}");
    // One's own checks of parameters, with the words of the endpoint.
    assert!(
        refusal(&key, "mutation { usersCreate(userId: \"bad id\") { _id } }").starts_with("Invalid `userId` param: Parameter must contain at most 36 chars.")
    );
}

#[test]
fn sessions_made_by_a_document_set_their_cookies() {
    let app = TestApp::new();
    app.user("ada");
    let source = "mutation($e: String!, $p: String!) { accountCreateEmailPasswordSession(email: $e, password: $p) { userId } }";
    let answer = ask(&app.guest(), source, &json!({"e": "ada@example.com", "p": "password-ada"}));
    assert_eq!(answer.is(200)["data"]["accountCreateEmailPasswordSession"]["userId"], "ada");
    assert!(answer.cookie("a_session_test").is_some() && answer.header("x-fallback-cookies").is_some());
}

#[test]
fn projects_are_apart() {
    let app = TestApp::new();
    let (other, secret) = app.make_project("other");
    app.key().post("/teams", &json!({"teamId": "t", "name": "T"})).is(201);
    let foreign = app.guest().with("x-appwrite-project", &other).with("x-appwrite-key", &secret);
    assert_eq!(data(&foreign, "{ teamsList { total } }"), json!({"teamsList": {"total": 0}}));
    assert!(refusal(&foreign, "{ teamsGet(teamId: \"t\") { _id } }").contains("could not be found"));
}

#[test]
fn several_documents_are_answered_by_a_list() {
    let app = TestApp::new();
    let guest = app.guest();
    let one = json!({"query": "{ localeListContinents { total } }"});
    let two = guest.post("/graphql", &json!([one, {"query": "{ nope }"}]));
    assert_eq!(two.is(200).json[0], json!({"data": {"localeListContinents": {"total": 7}}}));
    assert_eq!(two.json[1]["errors"][0]["message"], "Cannot query field \"nope\" on type \"Query\".");
    assert_eq!(guest.post("/graphql", &json!([one])).is(200).json, json!({"data": {"localeListContinents": {"total": 7}}}));
    guest.post("/graphql", &Value::Array(vec![one.clone(); 11])).fails_with(400, "graphql_too_many_queries", "Too many queries.");
    for none in [json!({}), json!([]), json!({"foo": 1}), json!({"query": ""}), json!([one, {}])] {
        guest.post("/graphql", &none).fails_with(400, "graphql_no_query", "Param \"query\" is not optional.");
    }
    guest.post("/graphql/mutation", &one).is(200);
    let by_sdk = guest.with("x-sdk-graphql", "true");
    assert_eq!(by_sdk.post("/graphql", &json!({"query": one})).is(200)["data"]["localeListContinents"]["total"], 7);
}

#[test]
fn documents_come_in_other_forms() {
    let app = TestApp::new();
    let guest = app.guest();
    let text = "query A { localeListContinents { total } } query B { localeListCurrencies { total } }";
    let plain = guest.raw(Verb::Post, "/graphql", "application/graphql", "{ localeListContinents { total } }".into());
    assert_eq!(plain.is(200)["data"]["localeListContinents"]["total"], 7);
    let named = guest.post("/graphql", &json!({"query": text, "operationName": "B"}));
    assert_eq!(named.is(200)["data"]["localeListCurrencies"]["total"], 117);
    assert_eq!(refusal(&guest, text), "Must provide operation name if query contains multiple operations.");
    let encode = |text: &str| text.replace(' ', "+").replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let read = guest.get(&format!("/graphql?query={}&operationName=A", encode(text)));
    assert_eq!(read.is(200)["data"]["localeListContinents"]["total"], 7);
    let variables = encode("{\"on\": false}");
    let skipped = guest.get(&format!("/graphql?query={}&variables={variables}", encode("query($on:Boolean!) { localeGet @include(if: $on) { ip } }")));
    assert_eq!(skipped.is(200).json, json!({"data": {}}));
    guest.get("/graphql").fails_with(400, "general_argument_invalid", "Param \"query\" is not optional.");
    guest.get("/graphql?query=").fails(400, "graphql_no_query");
    let changes = guest.get(&format!("/graphql?query={}", encode("mutation { accountCreateAnonymousSession { _id } }")));
    assert_eq!(changes.fails(405, "graphql_method_unsupported").header("allow"), Some("POST"));
}

#[test]
fn wrong_documents_are_answered_by_errors_alone() {
    let app = TestApp::new();
    let answer = ask(&app.guest(), "query {", &json!({}));
    assert_eq!(answer.is(200).json, json!({"errors": [{"message": "Syntax Error: Expected Name, found <EOF>", "locations": [{"line": 1, "column": 8}]}]}));
    assert_eq!(refusal(&app.guest(), "{ localeGets { ip } }"), "Cannot query field \"localeGets\" on type \"Query\". Did you mean \"localeGet\"?");
    let missing = ask(&app.guest(), "query($u: String!) { usersGet(userId: $u) { _id } }", &json!({}));
    assert_eq!(missing["errors"][0]["message"], "Variable \"$u\" of required type \"String!\" was not provided.");
}

#[test]
fn switches_of_the_project_hold() {
    let app = TestApp::new();
    let (guest, ada) = (app.guest(), app.user("ada"));
    let source = "{ localeListContinents { total } }";
    app.set("services", "locale", json!(false));
    assert_eq!(refusal(&guest, source), "The requested service is disabled. You can enable the service from the Appwrite console.");
    app.set("services", "locale", json!(true));
    app.set("apis", "rest", json!(false));
    assert_eq!(data(&ada, source)["localeListContinents"]["total"], 7);
    ada.get("/locale/continents").fails(403, "general_api_disabled");
    app.set("apis", "graphql", json!(false));
    ask(&ada, source, &json!({})).fails(403, "general_api_disabled");
    data(&app.key(), source);
    app.set("apis", "graphql", json!(true));
    app.set("services", "graphql", json!(false));
    ask(&ada, source, &json!({})).fails(403, "general_service_disabled");
}

#[test]
fn limits_hold() {
    let app = TestApp::with(|s| {
        s.abuse = true;
        s.graphql.complexity = 60;
    });
    let key = app.key();
    assert_eq!(refusal(&key, "{ usersList { users { _id name } } }"), "Max query complexity should be 60 but got 75.");
    assert_eq!(refusal(&key, "{ usersList(queries: [\"{\\\"method\\\":\\\"limit\\\",\\\"values\\\":[5]}\"]) { users { _id name } } }"), "");
    let deep = "{ __schema { types { fields { args { type { name } } } } } }";
    assert_eq!(refusal(&key, deep), "Max query depth should be 3 but got 4.");
    // The route counts nothing, its fields do: as many documents as by REST.
    key.post("/databases", &json!({"databaseId": "db", "name": "d"})).is(201);
    key.post("/databases/db/collections", &json!({"collectionId": "c", "name": "c", "permissions": ["create(\"any\")"]})).is(201);
    key.post("/databases/db/collections/c/attributes/string", &json!({"key": "s", "size": 5, "required": false})).is(202);
    let guest = app.guest();
    let make =
        "mutation { databasesCreateDocument(databaseId: \"db\", collectionId: \"c\", documentId: \"unique()\", data: \"{\\\"s\\\":\\\"x\\\"}\") { _id } }";
    let refused: Vec<String> = (0..121).map(|_| refusal(&guest, make)).collect();
    assert!(refused[..120].iter().all(String::is_empty), "{:?}", refused.iter().find(|r| !r.is_empty()));
    assert_eq!(refused[120], "Rate limit for the current endpoint has been exceeded. Please try again after some time.");
    let open = TestApp::with(|s| {
        s.abuse = true;
        s.production = false;
    });
    let types = data(&open.guest(), deep);
    assert!(types["__schema"]["types"].as_array().is_some_and(|types| types.len() > 100));
    let shut = TestApp::with(|s| s.graphql.introspection = false);
    assert_eq!(refusal(&shut.guest(), deep), "GraphQL introspection is not allowed, but the query contained __schema or __type");
}

#[test]
fn files_come_in_a_form() {
    let app = TestApp::new();
    let key = app.key();
    let bucket = "mutation { storageCreateBucket(bucketId: \"bk\", name: \"B\", permissions: [\"create(\\\"any\\\")\"]) { _id fileSecurity } }";
    assert_eq!(data(&key, bucket)["storageCreateBucket"], json!({"_id": "bk", "fileSecurity": false}));
    let source = "mutation($id: String!, $file: InputFile!) { storageCreateFile(bucketId: \"bk\", fileId: $id, file: $file) { _id name sizeOriginal } }";
    let operations = json!({"query": source, "variables": {"id": "f1", "file": null}}).to_string();
    let map = json!({"file": ["variables.file"]}).to_string();
    let sent = key.upload("/graphql", &[("operations", &operations), ("map", &map)], &Upload { filename: "a.txt", bytes: b"hello" });
    assert_eq!(sent.is(200).json, json!({"data": {"storageCreateFile": {"_id": "f1", "name": "a.txt", "sizeOriginal": 5}}}));
    // What is no JSON is sent as it is.
    let content = ask(&key, "{ storageGetFileView(bucketId: \"bk\", fileId: \"f1\") { status } }", &json!({}));
    assert_eq!((content.is(200).text().as_str(), content.header("content-type").map(|t| t.starts_with("text/plain"))), ("hello", Some(true)));
    let gone = ask(&key, "mutation { storageDeleteFile(bucketId: \"bk\", fileId: \"f1\") { status } }", &json!({}));
    assert_eq!(gone.is(204).text(), "");
    let unsent = key.upload("/graphql", &[("operations", &operations)], &Upload { filename: "a.txt", bytes: b"hello" });
    assert_eq!(unsent["errors"][0]["message"], "Variable \"$file\" of non-null type \"InputFile!\" must not be null.");
}
