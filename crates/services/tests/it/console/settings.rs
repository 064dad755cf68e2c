//! Keys, platforms, switches, variables, labels: set, shown, and obeyed.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// An app with a project `org`, its administrator by the older paths, and a server key with the scopes of the project's settings.
fn app() -> (TestApp, Client, Client) {
    let t = TestApp::new();
    let admin = t.organization("org");
    let scopes: Vec<&str> = protocol::scopes::PROJECT_NAMES.to_vec();
    let secret = admin.post("/projects/org/keys", &json!({"keyId": "all", "name": "all", "scopes": scopes})).is(201).str("secret");
    let server = t.guest().without("origin").with("x-appwrite-project", "org").with("x-appwrite-key", &secret);
    (t, admin, server)
}

#[test]
fn keys_live_as_long_as_they_are_said_to() {
    let (t, admin, server) = app();
    let made = server.post("/project/keys", &json!({"keyId": "mine", "name": "Mine", "scopes": ["users.read"], "expire": "2040-01-01T00:00:00.000+00:00"}));
    assert_eq!(
        (made.is(201)["expire"].clone(), made["sdks"].clone(), made["accessedAt"].clone()),
        (json!("2040-01-01T00:00:00.000+00:00"), json!([]), json!(""))
    );
    let with = |secret: &str| t.guest().without("origin").with("x-appwrite-project", "org").with("x-appwrite-key", secret);
    with(&made.str("secret")).get("/users").is(200);
    with(&made.str("secret")).get("/teams").fails(401, "general_unauthorized_scope");
    server.post("/project/keys", &json!({"keyId": "mine", "name": "x", "scopes": []})).fails(409, "key_already_exists");
    server.post("/project/keys", &json!({"keyId": "x", "name": "x"})).fails_with(400, "general_argument_invalid", "Param \"scopes\" is not optional.");
    server.post("/project/keys", &json!({"keyId": "x", "name": "x", "scopes": ["nope"]})).fails(400, "general_argument_invalid");
    // Another set of scopes counts at once, and so does an end.
    let changed = admin.put("/projects/org/keys/mine", &json!({"name": "Mine", "scopes": ["teams.read"]}));
    assert_eq!((changed.is(200)["expire"].clone(), changed["secret"].clone()), (json!(""), made["secret"].clone()));
    with(&made.str("secret")).get("/users").fails(401, "general_unauthorized_scope");
    with(&made.str("secret")).get("/teams").is(200);
    server.put("/project/keys/mine", &json!({"name": "Mine", "scopes": ["teams.read"], "expire": "2020-01-01T00:00:00.000+00:00"})).is(200);
    with(&made.str("secret")).get("/teams").fails(401, "project_key_expired");
    assert_eq!(server.get("/project/keys").ids("keys"), ["all", "mine"]);
    admin.delete("/projects/org/keys/mine").is(204);
    server.get("/project/keys/mine").fails(404, "key_not_found");
    with(&made.str("secret")).get("/teams").fails(401, "user_unauthorized");
    // Keys of other projects are not there.
    let secret = t.key().sends("x-appwrite-key").unwrap().to_owned();
    with(&secret).get("/users").fails(401, "user_unauthorized");
}

#[test]
fn ephemeral_keys_end_by_themselves() {
    let (t, admin, server) = app();
    let made = server.post("/project/keys/ephemeral", &json!({"scopes": ["users.read"], "duration": 60}));
    let secret = made.is(201).str("secret");
    assert!(secret.starts_with("ephemeral_"));
    let by = |project: &str| t.guest().without("origin").with("x-appwrite-project", project).with("x-appwrite-key", &secret);
    by("org").get("/users").is(200);
    by("org").get("/teams").fails(401, "general_unauthorized_scope");
    by("test").get("/users").fails(401, "general_unauthorized_scope");
    t.clock.advance(61);
    by("org").get("/users").fails(401, "general_unauthorized_scope");
    server.post("/project/keys/ephemeral", &json!({"scopes": [], "duration": 3601})).fails(400, "general_argument_invalid");
    let old = admin.with("x-appwrite-response-format", "1.9.0").post("/projects/org/jwts", &json!({"scopes": ["users.read"], "duration": 900}));
    assert_eq!((old.is(201)["projectId"].clone(), old.json.as_object().unwrap().contains_key("jwt")), (json!("org"), true));
}

#[test]
fn pages_of_this_machine_may_call_until_the_console_has_a_name() {
    for (local_pages, status) in [(true, 200), (false, 403)] {
        let t = TestApp::with(|s| {
            (s.domain, s.console_domain, s.local_pages) = ("api.example.com".into(), "api.example.com".into(), local_pages);
        });
        for id in t.key().get("/project/platforms").ids("platforms") {
            t.key().delete(&format!("/project/platforms/{id}")).is(204);
        }
        let page = |origin: &str| t.guest().with("origin", origin).get("/locale").status;
        assert_eq!([page("http://localhost:3000"), page("https://api.example.com"), page("http://localhost.example.com")], [status, 200, 403]);
    }
}

#[test]
fn platforms_decide_which_pages_may_call() {
    let (t, admin, server) = app();
    let page = |origin: &str| t.guest().with("x-appwrite-project", "org").with("origin", origin);
    page("https://app.example.com").get("/locale").fails(403, "general_unknown_origin");
    let web = server.post("/project/platforms/web", &json!({"platformId": "web", "name": "Web", "hostname": "app.example.com"}));
    assert_eq!((web.is(201)["type"].clone(), web["hostname"].clone(), web["key"].clone()), (json!("web"), json!("app.example.com"), json!("")));
    page("https://app.example.com").get("/locale").is(200);
    let kinds = [
        ("apple", "bundleIdentifier", "appwrite-ios"),
        ("android", "applicationId", "appwrite-android"),
        ("windows", "packageIdentifierName", "appwrite-windows"),
        ("linux", "packageName", "appwrite-linux"),
    ];
    for (kind, field, scheme) in kinds {
        let app = format!("com.example.{kind}");
        let made = server.post(&format!("/project/platforms/{kind}"), &json!({"platformId": kind, "name": kind, field: app}));
        assert_eq!((made.is(201)["type"].clone(), made[field].clone()), (json!(kind), json!(app)));
        page(&format!("{scheme}://{app}")).get("/locale").is(200);
        let got = server.get(&format!("/project/platforms/{kind}"));
        assert_eq!(got.json, made.json);
        let changed = server.put(&format!("/project/platforms/{kind}/{kind}"), &json!({"platformId": kind, "name": "Other", field: "com.other"}));
        assert_eq!((changed.is(200)[field].clone(), changed["name"].clone()), (json!("com.other"), json!("Other")));
        server.put(&format!("/project/platforms/{kind}/web"), &json!({"name": "x", field: "x"})).fails(400, "platform_method_unsupported");
        server.put(&format!("/project/platforms/web/{kind}"), &json!({"name": "x", "hostname": "x.example"})).fails(400, "platform_method_unsupported");
    }
    assert_eq!(server.get("/project/platforms").ids("platforms"), ["web", "apple", "android", "windows", "linux"]);
    server.post("/project/platforms/web", &json!({"platformId": "web", "name": "x", "hostname": "x.example"})).fails(409, "platform_already_exists");
    server.post("/project/platforms/web", &json!({"platformId": "x", "name": "x"})).fails_with(
        400,
        "general_argument_invalid",
        "Param \"hostname\" is not optional.",
    );
    admin.post("/projects/org/platforms", &json!({"type": "web", "name": "w", "hostname": "localhost"})).fails_with(
        400,
        "general_argument_invalid",
        "Param \"platformId\" is not optional.",
    );
    admin.post("/projects/org/platforms", &json!({"platformId": "x", "type": "zz", "name": "w"})).fails(400, "general_bad_request");
    server.delete("/project/platforms/web").is(204);
    page("https://app.example.com").get("/locale").fails(403, "general_unknown_origin");
}

#[test]
fn development_keys_open_origins_until_they_end() {
    let (t, admin, _) = app();
    let made = admin.post("/projects/org/dev-keys", &json!({"name": "d", "expire": "2040-01-01T00:00:00.000+00:00"}));
    let (id, secret) = (made.is(201).str("$id"), made.str("secret"));
    assert_eq!((secret.len(), made["sdks"].clone()), (256, json!([])));
    let page = t.guest().with("x-appwrite-project", "org").with("origin", "https://any.example");
    page.with("x-appwrite-dev-key", &secret).with("x-sdk-name", "python").get("/locale").is(200);
    // The browser may read what it was told, errors too.
    let refused = page.with("x-appwrite-dev-key", &secret).post("/account/sessions/email", &json!({"email": "a@b.co", "password": "password"}));
    refused.fails(401, "user_invalid_credentials");
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://any.example"));
    // Nor does it matter where people are sent back to.
    let link = |url: &str| json!({"userId": "unique()", "email": "a@example.com", "url": url});
    page.with("x-appwrite-dev-key", &secret).post("/account/tokens/magic-url", &link("https://any.example/back")).is(201);
    let plain = t.guest().with("x-appwrite-project", "org");
    plain.post("/account/tokens/magic-url", &link("https://any.example/back")).fails(400, "general_argument_invalid");
    page.with("x-appwrite-dev-key", "0").get("/locale").fails(403, "general_unknown_origin");
    let used = admin.get(&format!("/projects/org/dev-keys/{id}"));
    assert_eq!((used.is(200)["sdks"].clone(), used.str("accessedAt").is_empty()), (json!(["python"]), false));
    assert_eq!(admin.get("/projects/org").json["devKeys"][0]["secret"], json!(secret));
    admin.put(&format!("/projects/org/dev-keys/{id}"), &json!({"name": "d", "expire": "2020-01-01T00:00:00.000+00:00"})).is(200);
    page.with("x-appwrite-dev-key", &secret).get("/locale").fails(403, "general_unknown_origin");
    assert_eq!(admin.get("/projects/org/dev-keys").json["total"], 1);
    admin.delete(&format!("/projects/org/dev-keys/{id}")).is(204);
    admin.get(&format!("/projects/org/dev-keys/{id}")).fails(404, "key_not_found");
}

#[test]
fn switches_are_obeyed_by_users_and_not_by_servers() {
    let (t, admin, server) = app();
    let guest = t.guest().with("x-appwrite-project", "org");
    let enabled = |answer: &testkit::Answer, list: &str, id: &str| answer[list].as_array().unwrap().iter().find(|i| i["$id"] == id).unwrap()["enabled"].clone();
    let off = server.patch("/project/services/locale", &json!({"enabled": false}));
    assert_eq!(enabled(off.is(200), "services", "locale"), json!(false));
    guest.get("/locale").fails(403, "general_service_disabled");
    server.get("/locale").is(200);
    // Of a service that is not served yet it is told that it is off, too.
    server.patch("/project/services/messaging", &json!({"enabled": false})).is(200);
    guest.get("/messaging/providers").fails(403, "general_service_disabled");
    server.get("/messaging/providers").fails(501, "general_not_implemented");
    server.patch("/project/services/messaging", &json!({"enabled": true})).is(200);
    guest.get("/messaging/providers").fails(501, "general_not_implemented");
    let on = admin.patch("/projects/org/service", &json!({"serviceId": "locale", "enabled": true}));
    assert_eq!(enabled(on.is(200), "services", "locale"), json!(true));
    guest.get("/locale").is(200);
    // Other settings stay as they are.
    admin.with("x-appwrite-response-format", "1.8.0").patch("/projects/org/api", &json!({"api": "rest", "status": false})).is(200);
    guest.get("/locale").fails(403, "general_api_disabled");
    guest.get("/messaging/providers").fails(403, "general_api_disabled");
    server.patch("/project/protocols/rest", &json!({"enabled": true})).is(200);
    guest.get("/locale").is(200);
    server.patch("/project/auth-methods/anonymous", &json!({"enabled": false})).is(200);
    guest.post("/account/sessions/anonymous", &json!({})).fails(501, "user_auth_method_unsupported");
    assert_eq!(enabled(&admin.get("/projects/org"), "authMethods", "anonymous"), json!(false));
    for (path, body) in [
        ("services/nope", json!({"enabled": true})),
        ("protocols/smoke", json!({"enabled": true})),
        ("auth-methods/luck", json!({"enabled": true})),
        ("services/locale", json!({})),
    ] {
        server.patch(&format!("/project/{path}"), &body).fails(400, "general_argument_invalid");
    }
}

#[test]
fn settings_changed_at_once_are_all_kept() {
    let (_t, _, server) = app();
    let ids: Vec<&str> = protocol::project::SERVICES.iter().copied().filter(|s| *s != "project").collect();
    std::thread::scope(|scope| {
        for id in &ids {
            let server = server.clone();
            scope.spawn(move || server.patch(&format!("/project/services/{id}"), &json!({"enabled": false})).is(200).status);
        }
    });
    let project = server.get("/project");
    let on: Vec<&Value> = project["services"].as_array().unwrap().iter().filter(|s| s["enabled"] == true).map(|s| &s["$id"]).collect();
    assert_eq!(on, ["project"]);
}

#[test]
fn variables_keep_their_secrets() {
    let (_t, _, server) = app();
    let open = server.post("/project/variables", &json!({"variableId": "v1", "key": "COLOR", "value": "red", "secret": false}));
    assert_eq!((open.is(201)["value"].clone(), open["resourceType"].clone()), (json!("red"), json!("project")));
    let secret = server.post("/project/variables", &json!({"variableId": "v2", "key": "TOKEN", "value": "hush"}));
    assert_eq!((secret.is(201)["value"].clone(), secret["secret"].clone()), (json!(""), json!(true)));
    server.post("/project/variables", &json!({"variableId": "v3", "key": "TOKEN", "value": "x"})).fails(409, "variable_already_exists");
    server.post("/project/variables", &json!({"variableId": "v1", "key": "OTHER", "value": "x"})).fails(409, "variable_already_exists");
    server.put("/project/variables/v2", &json!({"secret": false})).fails(400, "variable_cannot_unset_secret");
    server.put("/project/variables/v1", &json!({})).fails(400, "general_argument_invalid");
    server.put("/project/variables/v1", &json!({"key": "TOKEN"})).fails(409, "variable_already_exists");
    assert_eq!(server.put("/project/variables/v1", &json!({"value": "blue", "secret": true})).is(200)["value"], "");
    assert_eq!(server.get("/project/variables").ids("variables"), ["v1", "v2"]);
    server.delete("/project/variables/v1").is(204);
    server.get("/project/variables/v1").fails(404, "variable_not_found");
}

#[test]
fn labels_usage_and_pings_are_told() {
    let (t, admin, server) = app();
    let labelled = admin.put("/projects/org/labels", &json!({"labels": ["vip", "vip", "eu"]}));
    assert_eq!(labelled.is(200)["labels"], json!(["vip", "eu"]));
    server.put("/project/labels", &json!({"labels": ["no spaces"]})).fails(400, "general_argument_invalid");
    let found = admin.list("/projects", &[json!({"method": "contains", "attribute": "labels", "values": ["eu"]})]);
    assert_eq!(found.ids("projects"), ["org"]);
    t.guest().with("x-appwrite-project", "org").get("/ping").is(200);
    let project = server.get("/project");
    assert_eq!((project["pingCount"].clone(), project.str("pingedAt").is_empty()), (json!(1), false));
    server.post("/users", &json!({"userId": "u", "email": "u@example.com", "password": "password-u"})).is(201);
    let mode = admin.with("x-appwrite-project", "org").with("x-appwrite-mode", "admin");
    let usage = mode.get("/project/usage?startDate=2026-01-01&endDate=2026-01-08");
    usage.is(200);
    let users = usage["users"].as_array().unwrap();
    assert_eq!((users.len(), users[6]["value"].clone(), users[5]["value"].clone(), usage["usersTotal"].clone()), (7, json!(1), json!(0), json!(1)));
    assert!(["requests", "network", "executions", "databasesReads"].iter().all(|k| usage[*k].as_array().unwrap().len() == 7));
    mode.get("/project/usage?startDate=0001-01-01&endDate=9999-12-31&period=1h").is(200);
    mode.get("/project/usage").fails(400, "general_argument_invalid");
    server.get("/project/usage?startDate=2026-01-01&endDate=2026-01-08").fails(401, "general_unauthorized_scope");
}

#[test]
fn the_console_is_told_about_the_server() {
    let (t, admin, _) = app();
    let told = admin.get("/console/variables");
    assert_eq!(
        (told.is(200)["_APP_STORAGE_LIMIT"].clone(), told["_APP_VCS_ENABLED"].clone(), told["maxIndexLength"].clone()),
        (json!(30_000_000), json!(false), json!(768))
    );
    t.console_guest().get("/console/variables").fails(401, "general_unauthorized_scope");
    let scopes = admin.get("/console/scopes/project");
    assert_eq!(scopes.is(200)["total"], scopes["scopes"].as_array().unwrap().len());
    let described = |name: &str| scopes["scopes"].as_array().unwrap().iter().find(|s| s["$id"] == name).unwrap()["description"].clone();
    assert_eq!(described("users.read"), "Access to read users");
    assert_eq!(admin.get("/console/scopes/organization").is(200).ids("scopes"), ["projects.read", "projects.write", "devKeys.read", "devKeys.write"]);
    admin.get("/console/resources?type=rules&value=shop.example.com").is(204);
    admin.get("/console/resources?type=rules&value=localhost").fails(400, "general_argument_invalid");
    admin.get("/console/resources?type=rules&value=https%3A%2F%2Fx.example").fails(400, "general_argument_invalid");
    // A project is not the console.
    t.key().get("/console/resources?type=rules&value=x.example").fails(401, "general_access_forbidden");
}
