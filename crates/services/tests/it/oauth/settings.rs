//! What a project tells about its apps at providers.
use super::*;

#[test]
fn secrets_go_in_and_do_not_come_out() {
    let app = TestApp::new();
    let key = app.key();
    let set = key.patch("/project/oauth2/github", &json!({"clientId": "id", "clientSecret": "top-secret"}));
    assert_eq!(set.is(200).json, json!({"$id": "github", "enabled": true, "clientId": "id", "clientSecret": ""}));
    for path in ["/project/oauth2", "/project/oauth2/github"] {
        assert!(!key.get(path).is(200).text().contains("top-secret"));
    }
    let one = key.patch("/project/oauth2/apple", &json!({"serviceId": "s", "keyId": "k", "teamId": "t", "p8File": "pem-text", "enabled": false}));
    assert_eq!(one.is(200).json, json!({"$id": "apple", "enabled": false, "serviceId": "s", "keyId": "k", "teamId": "t", "p8File": ""}));
    // What is not sent stays.
    let one = key.patch("/project/oauth2/keycloak", &json!({"clientId": "c", "clientSecret": "s", "endpoint": "e", "realmName": "r"}));
    assert_eq!(one.is(200)["enabled"], true);
    let one = key.patch("/project/oauth2/keycloak", &json!({"realmName": "other"}));
    assert_eq!((&one["endpoint"], &one["realmName"], &one["clientId"]), (&json!("e"), &json!("other"), &json!("c")));
    assert_eq!(key.get("/project/oauth2/google")["prompt"], json!(["consent"]));
}

#[test]
fn what_is_missing_is_told() {
    let app = TestApp::new();
    let key = app.key();
    let on = |provider: &str, mut more: Value| {
        more["enabled"] = true.into();
        key.patch(&format!("/project/oauth2/{provider}"), &more)
    };
    let invalid = "general_argument_invalid";
    on("github", json!({})).fails_with(
        400,
        invalid,
        "Could not enable OAuth2 provider: Client ID and Client Secret are required when enabling OAuth2 provider.",
    );
    let app_of = |more: Value| {
        let mut all = json!({"clientId": "c", "clientSecret": "s"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    on("keycloak", app_of(json!({"endpoint": "e"}))).fails_with(400, invalid, "Could not enable OAuth2 provider: Keycloak realm name is required.");
    on("okta", app_of(json!({}))).fails_with(400, invalid, "Domain is required when enabling Okta OAuth2 provider.");
    on("oidc", app_of(json!({"tokenUrl": "http://x/token"}))).fails_with(
        400,
        invalid,
        "Enabling OpenID Connect requires either wellKnownURL, or all of authorizationURL, tokenURL, and userInfoURL.",
    );
    on("google", app_of(json!({"prompt": ["none", "consent"]}))).fails_with(
        400,
        invalid,
        "When \"none\" is used as a prompt value, it must be the only element in the array.",
    );
    on("google", app_of(json!({"prompt": []}))).fails_with(400, invalid, "Prompt array cannot be empty.");
    key.get("/project/oauth2/mock").fails(400, "project_provider_unsupported");
    key.get("/project/oauth2/nope").fails(400, invalid);
}

#[test]
fn lists() {
    let app = TestApp::new();
    let key = app.key();
    let all = key.get("/project/oauth2");
    assert_eq!((&all.is(200)["total"], all["providers"].as_array().unwrap().len()), (&json!(42), 42));
    let some = key.list("/project/oauth2", &[json!({"method": "limit", "values": [2]}), json!({"method": "offset", "values": [1]})]);
    assert_eq!(some.ids("providers"), ["apple", "auth0"]);
    assert_eq!(some["total"], 42);
    let console = app.guest().without("origin").with("x-appwrite-project", "console").get("/console/oauth2-providers");
    assert_eq!(console.is(200)["total"], 42);
    let apple = console["oAuth2Providers"].as_array().unwrap().iter().find(|p| p["$id"] == "apple").unwrap();
    assert_eq!(
        apple["parameters"].as_array().unwrap().iter().map(|p| p["$id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["serviceId", "keyId", "teamId", "p8File"]
    );
    app.guest().get("/project/oauth2").fails(401, "general_unauthorized_scope");
    app.key_with(&["oauth2.read"]).patch("/project/oauth2/github", &json!({})).fails(401, "general_unauthorized_scope");
}
