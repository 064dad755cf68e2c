//! Projects: made, listed, changed, handed over; their answers are complete.
use serde_json::{Value, json};
use testkit::TestApp;

fn open() -> TestApp {
    TestApp::with(|s| {
        s.abuse = false;
        s.console.root_only = false;
    })
}

#[test]
fn a_new_project_is_complete() {
    let t = open();
    let admin = t.administrator("a");
    admin.post("/teams", &json!({"teamId": "org", "name": "Org"})).is(201);
    let made = admin.post("/projects", &json!({"projectId": "shop", "name": "Shop", "teamId": "org", "region": "default"}));
    made.is(201);
    assert_eq!((&made["status"], &made["teamId"], &made["devKeys"], &made["labels"]), (&json!("active"), &json!("org"), &json!([]), &json!([])));
    assert_eq!(
        (made["authMethods"].as_array().unwrap().len(), made["services"].as_array().unwrap().len(), made["protocols"].as_array().unwrap().len()),
        (7, 17, 3)
    );
    assert!(["authMethods", "services", "protocols"].iter().all(|l| made[*l].as_array().unwrap().iter().all(|i| i["enabled"] == true)));
    // What new projects start with.
    let policies = admin.with("x-appwrite-project", "shop").with("x-appwrite-mode", "admin").get("/project/policies");
    let policies: Vec<Value> = policies.is(200).json["policies"].as_array().unwrap().clone();
    let policy = |id: &str| policies.iter().find(|p| p["$id"] == id).unwrap().clone();
    assert_eq!(policies.len(), 10);
    assert_eq!(policy("session-duration")["duration"], 31_536_000);
    assert_eq!((policy("user-limit")["total"].clone(), policy("session-limit")["total"].clone()), (json!(0), json!(0)));
    assert_eq!(policy("session-invalidation")["enabled"], true);
    assert_eq!(
        policy("membership-privacy"),
        json!({"$id": "membership-privacy", "userId": false, "userEmail": false, "userPhone": false, "userName": false,
        "userMFA": false, "userAccessedAt": false})
    );
}

#[test]
fn bad_projects_are_refused() {
    let t = open();
    let admin = t.organization("org");
    let make = |body: Value| admin.post("/projects", &body);
    make(json!({"projectId": "org", "name": "x", "teamId": "org"})).fails(409, "project_already_exists");
    make(json!({"projectId": "console", "name": "x", "teamId": "org"})).fails(400, "project_reserved_project");
    make(json!({"projectId": "Upper", "name": "x", "teamId": "org"})).fails(400, "general_argument_invalid");
    make(json!({"projectId": "x", "name": "", "teamId": "org"})).fails(400, "general_argument_invalid");
    make(json!({"projectId": "x", "name": "x", "teamId": "org", "region": "zz"})).fails_with(
        400,
        "general_argument_invalid",
        "Invalid `region` param: Value must be one of (default)",
    );
    make(json!({"projectId": "x", "name": "x", "teamId": "nope"})).fails_with(
        401,
        "general_unauthorized_scope",
        "org@example.com (role: users) missing scopes ([\"projects.write\"])",
    );
    make(json!({"projectId": "x", "name": "x"})).fails(401, "general_unauthorized_scope");
    // Routes of one project know the console for none.
    admin.get("/project").fails(401, "general_unauthorized_scope");
    t.key().get("/projects").fails(401, "general_unauthorized_scope");
}

#[test]
fn lists_are_searched_and_selected() {
    let t = open();
    let admin = t.organization("org");
    for id in ["blog", "shop"] {
        admin.post("/projects", &json!({"projectId": id, "name": format!("My {id}"), "teamId": "org"})).is(201);
    }
    let in_org = admin.with("x-appwrite-organization", "org");
    for (path, who) in [("/projects", &admin), ("/organization/projects", &in_org)] {
        assert_eq!(who.get(path).ids("projects"), ["org", "blog", "shop"], "{path}");
        assert_eq!(who.get(&format!("{path}?search=blog")).ids("projects"), ["blog"]);
        let page = who.list(
            path,
            &[
                json!({"method": "equal", "attribute": "teamId", "values": ["org"]}),
                json!({"method": "limit", "values": [1]}),
                json!({"method": "orderDesc", "attribute": ""}),
            ],
        );
        assert_eq!((page.ids("projects"), page["total"].clone()), (vec!["shop".to_owned()], json!(3)));
        let picked = who.list(path, &[json!({"method": "select", "values": ["$id", "name"]}), json!({"method": "limit", "values": [1]})]);
        let keys: Vec<&String> = picked["projects"][0].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["$id", "$createdAt", "$updatedAt", "name"]);
        who.list(path, &[json!({"method": "cursorAfter", "values": ["nope"]})]).fails(400, "general_cursor_not_found");
    }
}

#[test]
fn organizations_manage_their_projects() {
    let t = open();
    let (a, b) = (t.organization("aa"), t.organization("bb"));
    let of_a = a.with("x-appwrite-organization", "aa");
    of_a.post("/organization/projects", &json!({"projectId": "new", "name": "New"})).is(201);
    assert_eq!(of_a.get("/organization/projects/new").is(200).str("teamId"), "aa");
    assert_eq!(of_a.patch("/organization/projects/new", &json!({"name": "Newer"})).is(200).str("name"), "Newer");
    of_a.get("/organization/projects/bb").fails(404, "project_not_found");
    of_a.delete("/organization/projects/bb").fails(404, "project_not_found");
    a.get("/organization/projects").fails(404, "team_not_found");
    // Handing over needs a place among those who take.
    a.patch("/projects/new/team", &json!({"teamId": "nope"})).fails(404, "team_not_found");
    a.patch("/projects/new/team", &json!({"teamId": "bb"})).fails(401, "user_unauthorized");
    t.join("bb", "aa", &["developer"]);
    assert_eq!(a.patch("/projects/new/team", &json!({"teamId": "bb"})).is(200).str("teamId"), "bb");
    assert_eq!(b.get("/projects").ids("projects"), ["bb", "new"]);
    of_a.get("/organization/projects/new").fails(404, "project_not_found");
    b.with("x-appwrite-organization", "bb").delete("/organization/projects/new").is(204);
    b.get("/projects/new").fails(404, "project_not_found");
}

#[test]
fn older_clients_see_the_flat_project() {
    let t = open();
    let admin = t.organization("org");
    admin.post("/projects/org/keys", &json!({"keyId": "k", "name": "k", "scopes": ["users.read"]})).is(201);
    admin
        .with("x-appwrite-response-format", "1.8.0")
        .post("/projects/org/platforms", &json!({"type": "flutter-android", "name": "app", "key": "com.example"}))
        .is(201);
    admin.patch("/projects/org", &json!({"name": "Org", "description": "About it", "legalName": "Ltd"})).is(200);
    let old = admin.with("x-appwrite-response-format", "1.8.0").get("/projects/org");
    old.is(200);
    assert_eq!((&old["description"], &old["legalName"], &old["authDuration"]), (&json!("About it"), &json!("Ltd"), &json!(31_536_000)));
    assert_eq!((&old["authEmailPassword"], &old["serviceStatusForDatabases"]), (&json!(true), &json!(true)));
    assert_eq!((&old["platforms"][0]["key"], &old["platforms"][0]["type"]), (&json!("com.example"), &json!("android")));
    assert!(old["keys"][0]["secret"].as_str().unwrap().starts_with("standard_"));
    assert!(old.json.get("authMethods").is_none());
}

#[test]
fn older_consoles_tell_a_provider_and_see_webhooks_with_the_project() {
    let t = open();
    let admin = t.organization("org");
    let told = json!({"provider": "github", "appId": "app", "secret": "word", "enabled": true});
    let old = admin.with("x-appwrite-response-format", "1.8.0");
    let shown = old.patch("/projects/org/oauth2", &told);
    let github = |a: &testkit::Answer| a.is(200)["oAuthProviders"].as_array().unwrap().iter().find(|p| p["key"] == "github").unwrap().clone();
    assert_eq!(github(&shown), json!({"key": "github", "name": "GitHub", "appId": "app", "secret": "", "enabled": true}));
    // What is not said stays.
    assert_eq!(github(&old.patch("/projects/org/oauth2", &json!({"provider": "github", "enabled": false})))["appId"], "app");
    let here = admin.with("x-appwrite-project", "org").with("x-appwrite-mode", "admin");
    let now = here.get("/project/oauth2/github");
    assert_eq!((&now.is(200)["clientId"], &now["clientSecret"], &now["enabled"]), (&json!("app"), &json!(""), &json!(false)));
    old.patch("/projects/org/oauth2", &json!({"provider": "nope"})).fails(400, "general_argument_invalid");
    // The providers of tests are there in development only.
    old.patch("/projects/org/oauth2", &json!({"provider": "mock"})).fails(400, "project_provider_unsupported");
    t.organization("two").patch("/projects/org/oauth2", &told).fails(401, "user_unauthorized");
    let hook = json!({"webhookId": "hook", "name": "Hook", "url": "https://example.com/h", "events": ["users.*.create"], "secret": "a-secret-key"});
    here.post("/webhooks", &hook).is(201);
    let project = old.get("/projects/org");
    assert_eq!((&project["webhooks"][0]["name"], &project["webhooks"][0]["secret"]), (&json!("Hook"), &json!("a-secret-key")));
    let select = |what: &str| format!("/projects?queries[0]=%7B%22method%22%3A%22select%22%2C%22values%22%3A%5B%22{what}%22%5D%7D");
    let refused = "Invalid `queries` param: Invalid query: Attribute not found in schema: nothing";
    admin.get(&select("nothing")).fails_with(400, "general_argument_invalid", refused);
    admin.get(&select("name")).is(200);
}

#[test]
fn settings_pages_and_the_command_line_tool_find_empty_lists() {
    let t = open();
    let admin = t.organization("org").with("x-appwrite-project", "org").with("x-appwrite-mode", "admin");
    for (path, key) in [
        ("/vcs/installations", "installations"),
        ("/proxy/rules", "rules"),
        ("/migrations", "migrations"),
        ("/functions", "functions"),
        ("/sites", "sites"),
        ("/messaging/topics", "topics"),
    ] {
        assert_eq!(admin.get(path).is(200).json, json!({"total": 0, key: []}), "{path}");
        t.guest().get(path).fails(401, "general_unauthorized_scope");
    }
    admin
        .get("/proxy/rules?queries[0]=%7B%22method%22%3A%22equal%22%2C%22attribute%22%3A%22zz%22%2C%22values%22%3A%5B1%5D%7D")
        .fails(400, "general_argument_invalid");
    admin.get("/migrations?queries[0]=%7B%22method%22%3A%22cursorAfter%22%2C%22values%22%3A%5B%22x%22%5D%7D").fails(400, "general_cursor_not_found");
    for path in ["/functions/runtimes", "/functions/x", "/sites/frameworks", "/messaging/messages", "/messaging/providers"] {
        admin.get(path).fails(501, "general_not_implemented");
    }
    admin.post("/functions", &json!({})).fails(501, "general_not_implemented");
}
