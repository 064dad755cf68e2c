//! Who gets in, and as what.
use serde_json::json;
use testkit::TestApp;

#[test]
fn only_the_first_account_is_made_by_signing_up() {
    let t = TestApp::new();
    t.administrator("root");
    let again = t.console_guest().post("/account", &json!({"userId": "two", "email": "two@example.com", "password": "password-two"}));
    again.fails(501, "user_console_count_exceeded");
    let open = TestApp::with(|s| {
        s.abuse = false;
        s.console.root_only = false;
    });
    open.administrator("one");
    open.administrator("two");
}

#[test]
fn of_many_who_sign_up_at_once_one_becomes_root() {
    let t = TestApp::new();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let sign_up = |n: usize| {
            let guest = t.console_guest();
            move || guest.post("/account", &json!({"userId": "unique()", "email": format!("r{n}@example.com"), "password": "password-root"})).status
        };
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(sign_up(n))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|s| matches!(s, 201 | 501)), "{statuses:?}");
}

#[test]
fn lists_of_who_may_sign_up_count() {
    let t = TestApp::with(|s| {
        s.console.emails = vec!["boss@example.com".into()];
    });
    let sign_up = |email: &str| t.console_guest().post("/account", &json!({"userId": "unique()", "email": email, "password": "password-x"}));
    sign_up("other@example.com").fails(401, "user_email_not_whitelisted");
    sign_up("Boss@example.com").is(201);
    // A project's own users are nobody's business here.
    t.guest().post("/account", &json!({"userId": "u", "email": "other@example.com", "password": "password-x"})).is(201);
    let t = TestApp::with(|s| s.console.ips = vec!["203.0.113.9".into()]);
    let body = json!({"userId": "unique()", "email": "a@example.com", "password": "password-x"});
    t.console_guest().post("/account", &body).fails(401, "user_ip_not_whitelisted");
    t.console_guest().with("x-forwarded-for", "203.0.113.9").post("/account", &body).is(201);
}

#[test]
fn administrators_act_on_projects_of_their_organization_only() {
    let t = TestApp::with(|s| {
        s.abuse = false;
        s.console.root_only = false;
    });
    let (a, b) = (t.organization("aa"), t.organization("bb"));
    let on = |who: &testkit::Client, project: &str| who.with("x-appwrite-project", project).with("x-appwrite-mode", "admin");
    on(&a, "aa").get("/users").is(200);
    on(&a, "aa").post("/users", &json!({"userId": "u", "email": "u@example.com", "password": "password-u"})).is(201);
    on(&b, "aa").get("/users").fails(401, "user_unauthorized");
    // The project made by the command line has no organization.
    on(&a, "test").get("/users").fails(401, "user_unauthorized");
    // Without the mode the session of the console is none of the project's.
    a.with("x-appwrite-project", "aa").get("/users").fails(401, "general_unauthorized_scope");
    a.with("x-appwrite-mode", "admin").get("/account").fails(400, "general_bad_request");
    // The older paths name the project; the header names the console.
    a.get("/projects/aa").is(200);
    a.get("/projects/aa/keys").is(200);
    b.get("/projects/aa").fails(401, "user_unauthorized");
    b.delete("/projects/aa").fails(401, "user_unauthorized");
    b.patch("/projects/aa", &json!({"name": "stolen"})).fails(401, "user_unauthorized");
    b.patch("/projects/aa/team", &json!({"teamId": "bb"})).fails(401, "user_unauthorized");
    b.get("/projects/aa/dev-keys").fails(401, "user_unauthorized");
    t.console_guest().get("/projects/aa").fails_with(401, "general_unauthorized_scope", "User (role: guests) missing scopes ([\"project.read\"])");
    let seen = b.get("/projects");
    assert_eq!(seen.ids("projects"), ["bb"]);
    b.with("x-appwrite-organization", "aa").get("/organization/projects").fails(401, "user_unauthorized");
    b.with("x-appwrite-organization", "nope").get("/organization/projects").fails(404, "team_not_found");
    // Naming an organization opens nothing else of the console.
    assert_eq!(b.with("x-appwrite-organization", "bb").get("/teams").ids("teams"), ["bb"]);
}

#[test]
fn roles_decide_what_members_may_do() {
    let t = TestApp::with(|s| {
        s.abuse = false;
        s.console.root_only = false;
    });
    let owner = t.organization("org");
    owner.post("/projects", &json!({"projectId": "other", "name": "other", "teamId": "org"})).is(201);
    let member = |id: &str, roles: &[&str]| {
        let client = t.administrator(id);
        t.join("org", id, roles);
        client
    };
    let on = |who: &testkit::Client, project: &str| who.with("x-appwrite-project", project).with("x-appwrite-mode", "admin");
    let developer = member("dev", &["developer"]);
    on(&developer, "org").get("/users").is(200);
    developer.patch("/projects/org", &json!({"name": "by a developer"})).is(200);
    // Of one project only.
    let narrow = member("narrow", &["project-org-developer"]);
    on(&narrow, "org").get("/users").is(200);
    on(&narrow, "other").get("/users").fails(404, "project_not_found");
    narrow.patch("/projects/other", &json!({"name": "x"})).fails(401, "general_unauthorized_scope");
    assert_eq!(narrow.get("/projects").ids("projects"), ["org"]);
    // A role that means nothing.
    let analyst = member("analyst", &["analyst"]);
    on(&analyst, "org").get("/users").fails(404, "project_not_found");
    analyst.post("/projects", &json!({"projectId": "more", "name": "more", "teamId": "org"})).fails(401, "general_unauthorized_scope");
}

#[test]
fn what_is_used_is_noted_once_a_day() {
    let t = TestApp::with(|s| s.abuse = false);
    let admin = t.organization("org");
    let key = admin.post("/projects/org/keys", &json!({"keyId": "k", "name": "k", "scopes": ["users.read", "users.write"]}));
    let server = t.guest().without("origin").with("x-appwrite-project", "org").with("x-appwrite-key", &key.str("secret"));
    server.get("/users").is(200);
    let at = |key: &str| admin.get("/projects/org/keys/k").str(key);
    let first = at("accessedAt");
    assert!(!first.is_empty());
    t.clock.advance(3_600);
    server.get("/users").is(200);
    assert_eq!(at("accessedAt"), first, "not on every request");
    t.clock.advance(24 * 3_600);
    server.get("/users").is(200);
    assert_ne!(at("accessedAt"), first);
    server.with("x-sdk-name", "Python").get("/users").is(200);
    server.with("x-sdk-name", "Something else").get("/users").is(200);
    assert_eq!(admin.get("/projects/org/keys/k").json["sdks"], json!(["python"]));
    server.post("/users", &json!({"userId": "u", "email": "u@example.com", "password": "password-u"})).is(201);
    assert_eq!(server.get("/users/u").str("accessedAt"), "");
    let session = server.post("/users/u/sessions", &json!({})).is(201).str("secret");
    let user = t.guest().with("x-appwrite-project", "org").with("x-appwrite-session", &session);
    let account = user.get("/account").is(200).str("accessedAt");
    assert!(!account.is_empty(), "shown by the request that is noted");
    assert_eq!(server.get("/users/u").str("accessedAt"), account);
}
