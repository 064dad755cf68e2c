//! What a project's settings ask of accounts: bounds of users and sessions, and rules for passwords.
use access::Access;
use database::{Namespace, Update};
use serde_json::{Value, json};
use testkit::TestApp;

/// An app whose project has these settings under `auths`.
#[expect(clippy::unwrap_used, reason = "a failed set-up fails the test")]
fn app(auths: &Value) -> TestApp {
    let app = TestApp::new();
    let data = json!({"settings": {"auths": auths}}).as_object().unwrap().clone();
    let (id, now) = (app.project.clone(), app.app.now());
    app.app
        .write(move |tx| {
            let projects = tx.collection(Namespace(0), "projects")?;
            let update = Update { data, permissions: None, updated_at: now, created_at: None, touch: true, unless_newer: None };
            Ok(tx.update(&Access::system("settings of a test"), &projects, &id, update)?)
        })
        .unwrap();
    app
}

fn sign_up(app: &TestApp, id: &str, password: &str, name: &str) -> testkit::Answer {
    app.guest().post("/account", &json!({"userId": id, "email": format!("{id}@example.com"), "password": password, "name": name}))
}

#[test]
fn the_oldest_sessions_end_beyond_the_bound() {
    let app = app(&json!({"maxSessions": 2}));
    let first = app.user("ada");
    let second = app.sign_in("ada@example.com", "password-ada");
    first.get("/account").is(200);
    app.key().post("/users/ada/sessions", &json!({})).is(201);
    first.get("/account").is(200); // What servers make does not count.
    let third = app.sign_in("ada@example.com", "password-ada");
    first.get("/account").fails(401, "general_unauthorized_scope");
    assert_eq!(third.get("/account/sessions")["total"], 2);
    second.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn sessions_are_without_bound_unless_the_project_sets_one() {
    let app = TestApp::new();
    let first = app.user("ada");
    for _ in 0..11 {
        app.key().post("/users/ada/sessions", &json!({})).is(201);
    }
    app.sign_in("ada@example.com", "password-ada");
    assert_eq!(first.get("/account/sessions").is(200)["total"], 13);
}

#[test]
fn users_are_bounded() {
    let app = app(&json!({"limit": 1}));
    sign_up(&app, "ada", "password-ada", "Ada").is(201);
    sign_up(&app, "bob", "password-bob", "Bob").fails(400, "user_count_exceeded");
    // Told before anything about the account.
    sign_up(&app, "ada", "password-ada", "Ada").fails(400, "user_count_exceeded");
    app.guest().post("/account/sessions/anonymous", &json!({})).fails(400, "user_count_exceeded");
    app.key().post("/users", &json!({"userId": "carl"})).is(201);
}

#[test]
fn common_passwords_are_refused() {
    let app = app(&json!({"passwordDictionary": true}));
    sign_up(&app, "ada", "football", "Ada").fails(400, "general_argument_invalid");
    app.key().post("/users", &json!({"userId": "ada", "password": "football"})).fails(400, "general_argument_invalid");
    let ada = app.user("ada");
    ada.patch("/account/password", &json!({"password": "football", "oldPassword": "password-ada"})).fails(400, "general_argument_invalid");
    app.key().patch("/users/ada/password", &json!({"password": "football"})).fails(400, "general_argument_invalid");
}

#[test]
fn personal_passwords_are_refused() {
    let app = app(&json!({"personalDataCheck": true}));
    for password in ["x-WALTER-x-12", "xx-walt-heisen-xx", "my-secret-w1!"] {
        let body = json!({"userId": "w1", "email": "walt@example.com", "password": password, "name": "Walter"});
        app.guest().post("/account", &body).fails(400, "password_personal_data");
    }
    // The name as a whole counts, not its words.
    let body = json!({"userId": "unrelated-id", "email": "qq9@example.com", "password": "walter-correct-horse", "name": "Walter White"});
    app.guest().post("/account", &body).is(201);
}

#[test]
fn old_passwords_do_not_come_back() {
    let app = app(&json!({"passwordHistory": 2}));
    let ada = app.user("ada");
    let change = |new: &str, old: &str| ada.patch("/account/password", &json!({"password": new, "oldPassword": old}));
    change("password-ada", "password-ada").fails(400, "password_recently_used");
    change("second-password", "password-ada").is(200);
    change("third-password", "second-password").is(200);
    change("second-password", "third-password").fails(400, "password_recently_used");
    change("password-ada", "third-password").is(200);
}

#[test]
fn a_changed_password_ends_sessions_where_the_project_says_so() {
    let app = TestApp::new();
    let ada = app.user("ada");
    app.key().patch("/users/ada/password", &json!({"password": "by-the-server"})).is(200);
    ada.get("/account").fails(401, "general_unauthorized_scope");
    let lenient = self::app(&json!({"invalidateSessions": false}));
    let (ada, other) = (lenient.user("ada"), lenient.sign_in("ada@example.com", "password-ada"));
    ada.patch("/account/password", &json!({"password": "new-password", "oldPassword": "password-ada"})).is(200);
    other.get("/account").is(200);
    lenient.key().patch("/users/ada/password", &json!({"password": "by-the-server"})).is(200);
    ada.get("/account").is(200);
}

#[test]
fn a_jwt_changes_the_password_and_lives() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let jwt = ada.post("/account/jwts", &json!({})).is(201).str("jwt");
    let by_jwt = app.guest().with("x-appwrite-jwt", &jwt);
    by_jwt.patch("/account/password", &json!({"password": "new-password", "oldPassword": "password-ada"})).is(200);
    by_jwt.get("/account").is(200);
    ada.get("/account").is(200);
}
