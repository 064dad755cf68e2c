use serde_json::{Map, Value, json};

use super::*;

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

fn answered(format: &str, model: &str, value: Value) -> Value {
    let format = Format::parse(format);
    let mut map = map(value);
    format.response(model, &mut map);
    let once = map.clone();
    format.response(model, &mut map);
    assert_eq!(once, map, "{model} twice");
    Value::Object(map)
}

fn asked(format: &str, method: &str, value: Value) -> Value {
    let mut map = map(value);
    Format::parse(format).request(method, &mut map).unwrap();
    Value::Object(map)
}

#[test]
fn which_steps_apply() {
    for (text, steps) in
        [("", 0), ("1.9.5", 0), ("2.5.0", 0), ("1.9.4", 1), ("1.9.0", 5), ("1.8.0", 6), ("1.8.9", 6), ("1.4.0", 10), ("1.3.7", 11), ("abc", 11)]
    {
        let format = Format::parse(text);
        assert_eq!(format.steps().len(), steps, "{text}");
        assert_eq!(format.is_current(), steps == 0, "{text}");
        assert_eq!(format.is_newer_than_server(), text == "2.5.0", "{text}");
        assert_eq!(format.as_str(), text);
    }
}

#[test]
fn users_and_accounts() {
    let user = || json!({"$id": "u", "mfa": false, "targets": [], "impersonator": false, "impersonatorUserId": null});
    assert_eq!(answered("1.9.5", "user", user()), user());
    assert_eq!(answered("1.8.0", "account", user()), json!({"$id": "u", "mfa": false, "targets": []}));
    assert_eq!(answered("1.4.0", "account", user()), json!({"$id": "u", "mfa": false, "targets": []}));
    assert_eq!(answered("1.4.0", "user", user()), json!({"$id": "u"}));
    assert_eq!(answered("1.4.0", "userList", json!({"total": 1, "users": [user()]})), json!({"total": 1, "users": [{"$id": "u"}]}));
}

#[test]
fn sequences_were_integers() {
    let document =
        || json!({"$id": "a", "$sequence": "7", "rel": {"$id": "b", "$sequence": "8"}, "many": [{"$id": "c", "$sequence": "x"}], "data": {"$sequence": "9"}});
    let old = json!({"$id": "a", "$sequence": 7, "rel": {"$id": "b", "$sequence": 8}, "many": [{"$id": "c", "$sequence": 0}], "data": {"$sequence": "9"}});
    assert_eq!(answered("1.8.0", "document", document()), old);
    assert_eq!(answered("1.8.0", "row", document()), old);
    assert_eq!(answered("1.9.0", "document", document()), document());
    let numbers = |format: &str| Format::parse(format).numbers_documents();
    assert_eq!(["1.4.0", "1.8.0", "1.9.0", "1.9.4", "2.5.0", ""].map(numbers), [true, true, false, false, false, false]);
    assert_eq!(answered("1.7.0", "documentList", json!({"total": 1, "documents": [document()]})), json!({"total": 1, "documents": [old]}));
}

#[test]
fn sessions_tokens_memberships() {
    assert_eq!(answered("1.4.0", "session", json!({"$id": "s", "secret": "", "factors": [], "mfaUpdatedAt": ""})), json!({"$id": "s", "mfaUpdatedAt": ""}));
    assert_eq!(answered("1.5.0", "session", json!({"$id": "s", "secret": ""})), json!({"$id": "s", "secret": ""}));
    assert_eq!(answered("1.4.0", "token", json!({"secret": "", "phrase": ""})), json!({"secret": ""}));
    assert_eq!(answered("1.8.0", "membership", json!({"userPhone": "", "mfa": true})), json!({"mfa": true}));
    assert_eq!(answered("1.4.0", "membership", json!({"userPhone": "", "mfa": true})), json!({}));
}

#[test]
fn queries_of_1_4() {
    let params = || json!({"queries": ["equal(\"a\", [1])", "limit(2)"]});
    let json = json!({"queries": ["{\"method\":\"equal\",\"attribute\":\"a\",\"values\":[1]}", "{\"method\":\"limit\",\"values\":[2]}"]});
    assert_eq!(asked("1.4.0", "users.list", params()), json);
    assert_eq!(asked("1.5.0", "users.list", params()), params());
    assert_eq!(asked("1.4.0", "tablesDB.list", params()), params());
    let mut bad = map(json!({"queries": ["nonsense"]}));
    assert_eq!(Format::parse("1.4.0").request("users.list", &mut bad), Err("Invalid query".into()));
}

#[test]
fn related_documents_before_1_8() {
    let all = "{\"method\":\"select\",\"values\":[\"*\",\"*.*\"]}";
    let limit = "{\"method\":\"limit\",\"values\":[1]}";
    let some = "{\"method\":\"select\",\"values\":[\"a\"]}";
    let star = "{\"method\":\"select\",\"values\":[\"*\"]}";
    assert_eq!(asked("1.7.0", "databases.getDocument", json!({})), json!({"queries": [all]}));
    assert_eq!(asked("1.7.0", "databases.listDocuments", json!({"queries": [limit, "", " "]})), json!({"queries": [limit, all]}));
    assert_eq!(asked("1.7.0", "databases.listDocuments", json!({"queries": [some, limit]})), json!({"queries": [some, limit]}));
    assert_eq!(asked("1.7.0", "databases.listDocuments", json!({"queries": [some, star, limit]})), json!({"queries": [limit, all]}));
    assert_eq!(asked("1.4.0", "databases.listDocuments", json!({"queries": ["limit(1)"]})), json!({"queries": [limit, all]}));
    assert_eq!(asked("1.7.0", "tablesDB.listRows", json!({})), json!({}));
    assert_eq!(asked("1.8.0", "databases.listDocuments", json!({})), json!({}));
    assert_eq!(asked("1.7.0", "databases.listDocuments", json!({"queries": [5]})), json!({"queries": [5]}));
    assert!(Format::parse("1.7.0").request("databases.listDocuments", &mut map(json!({"queries": ["{"]}))).is_err());
}

#[test]
fn settings_of_a_project() {
    assert_eq!(asked("1.8.0", "project.updateService", json!({"service": "teams", "status": false})), json!({"serviceId": "teams", "enabled": false}));
    assert_eq!(asked("1.9.0", "project.updateProtocol", json!({"api": "realtime", "status": true})), json!({"protocolId": "websocket", "enabled": true}));
    assert_eq!(asked("1.9.1", "project.updateAuthMethod", json!({"method": "jwt", "status": true})), json!({"enabled": true, "methodId": "jwt"}));
    assert_eq!(asked("1.9.1", "project.updateUserLimitPolicy", json!({"limit": 0})), json!({"total": null}));
    assert_eq!(
        asked("1.8.0", "project.createApplePlatform", json!({"name": "n", "key": "com.x", "store": "", "hostname": ""})),
        json!({"name": "n", "platformId": "unique()", "bundleIdentifier": "com.x"})
    );
    assert_eq!(asked("1.8.0", "project.updateWebPlatform", json!({"key": "k", "store": "s", "hostname": "h"})), json!({"key": "k", "hostname": "h"}));
    assert_eq!(asked("1.8.0", "project.createKey", json!({"scopes": null})), json!({"scopes": [], "keyId": "unique()"}));
}

#[test]
fn a_project_was_flat() {
    let project = json!({"$id": "p", "authMethods": [{"$id": "jwt", "enabled": false}], "services": [], "protocols": [{"$id": "rest", "enabled": false}], "smtpReplyToEmail": "a", "smtpReplyToName": "b",
        "$raw": {"auths": {"limit": 5, "membershipsMfa": true}, "logo": "l", "oAuthProviders": {"githubAppid": "x", "githubEnabled": true},
            "platforms": [{"type": "apple", "key": "com.x", "name": "n"}], "keys": [{"name": "k", "secret": "s"}]}});
    let flat = answered("1.9.4", "project", project.clone());
    assert_eq!(flat["authJWT"], false);
    assert_eq!((&flat["authMembershipsUserPhone"], &flat["authMembershipsUserAccessedAt"]), (&json!(false), &json!(false)));
    assert_eq!((&flat["authMockNumbers"], flat.get("serviceStatusForAdvisor")), (&json!([]), None));
    assert_eq!(flat["authEmailPassword"], true);
    assert_eq!(flat["serviceStatusForTablesdb"], true);
    assert_eq!(flat["protocolStatusForRest"], false);
    assert_eq!((&flat["authLimit"], &flat["authDuration"], &flat["logo"]), (&json!(5), &json!(31_536_000), &json!("l")));
    let github = flat["oAuthProviders"].as_array().unwrap().iter().find(|p| p["key"] == "github").unwrap();
    assert_eq!(*github, json!({"key": "github", "name": "GitHub", "appId": "x", "secret": "", "enabled": true}));
    assert_eq!(flat["platforms"][0]["bundleIdentifier"], "com.x");
    assert_eq!(flat["keys"][0]["secret"], "s");
    let old = answered("1.8.0", "projectList", json!({"total": 1, "projects": [project.clone()]}));
    let old = &old["projects"][0];
    assert_eq!((&old["platforms"][0]["key"], &old["platforms"][0]["store"]), (&json!("com.x"), &json!("")));
    for gone in ["$raw", "authMethods", "smtpReplyToName", "smtpReplyToEmail", "authMembershipsUserPhone", "authMembershipsUserAccessedAt"] {
        assert_eq!(old.get(gone), None, "{gone}");
    }
    assert_eq!(old["smtpReplyTo"], "a");
    assert_eq!(answered("", "project", json!({"$id": "p", "$raw": {}})), json!({"$id": "p"}));
}

#[test]
fn the_newest_clients_miss_nothing() {
    let collection = || json!({"$id": "c", "attributes": [{"key": "a", "type": "integer"}], "indexes": [{"key": "i"}]});
    assert_eq!(answered("2.3.0", "collection", collection()), collection());
    let strict = answered("2.5.0", "collection", collection());
    assert_eq!((&strict["description"], &strict["attributes"][0]["description"], &strict["indexes"][0]["description"]), (&json!(""), &json!(""), &json!("")));
    let file = answered("2.5.0", "fileList", json!({"total": 1, "files": [{"name": "a.txt", "sizeOriginal": 3}]}));
    assert_eq!(file["files"][0], json!({"name": "a.txt", "sizeOriginal": 3, "folder": "", "key": "a.txt", "sizeActual": 3}));
}

#[test]
fn typed_clients_miss_nothing() {
    let database = |format: &str, name: &str, version: &str| {
        let mut map = Map::from_iter([("$id".to_owned(), json!("d"))]);
        Format::of_client(format, name, version).response("database", &mut map);
        map.contains_key("policies") && map.contains_key("archives")
    };
    for (format, name, version) in [("1.8.0", "Python", "16.0.0"), ("1.9.5", "Python", "21.0.0"), ("1.9.0", "Dart", "22.0.0"), ("2.5.0", "Deno", "1.0.0")] {
        assert!(database(format, name, version), "{format} {name} {version}");
    }
    let mut staged = Map::from_iter([("$id".to_owned(), json!("r"))]);
    Format::of_client("1.9.5", "Python", "20.1.0").response("row", &mut staged);
    assert_eq!((&staged["$createdAt"], &staged["$updatedAt"]), (&json!(""), &json!("")));
    let mut project = Map::from_iter([("smtpPort".to_owned(), json!(""))]);
    Format::of_client("1.9.1", "Rust", "0.3.0").response("project", &mut project);
    assert_eq!((&project["smtpPort"], &project["billingLimits"]["users"]), (&json!(0), &json!(0)));
    for (format, name, version) in
        [("1.8.0", "Python", "13.6.1"), ("1.7.0", "Dart", "16.0.0"), ("1.9.5", "Node.js", "24.0.0"), ("", "Python", "20.0.0"), ("1.9.5", "", "")]
    {
        assert!(!database(format, name, version), "{format} {name} {version}");
    }
}

#[test]
fn a_short_lived_key() {
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"projectId":"p"}"#);
    let secret = format!("ephemeral_h.{claims}.s");
    let key = answered("1.9.2", "ephemeralKey", json!({"$id": "", "name": "", "scopes": [], "secret": secret}));
    assert_eq!(key, json!({"scopes": [], "projectId": "p", "jwt": secret}));
}

/// Every model with every step: no panic, and doing it twice changes nothing.
#[test]
fn steps_may_be_done_twice() {
    for format in ["1.0.0", "1.4.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "1.9.1", "1.9.2", "1.9.3", "1.9.4", "2.5.0"] {
        for model in models::all() {
            let _ = answered(format, model.name, Value::Object(models::shape(model.name, Map::new(), true)));
        }
    }
}
