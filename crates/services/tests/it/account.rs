//! Sign-up, sign-in, sessions, JWTs, and changes of the account.
mod impersonation;
mod mails;
mod mfa;
mod policies;

use serde_json::json;
use testkit::TestApp;

#[test]
fn sign_up_and_in() {
    let app = TestApp::new();
    let guest = app.guest();
    let made = guest.post("/account", &json!({"userId": "ada", "email": "Ada@Example.com", "password": "correct-horse", "name": "Ada"}));
    made.is(201);
    assert_eq!(made["email"], "ada@example.com");
    assert!(made.json.get("password").is_none(), "accounts show no hash");
    assert_eq!(made["targets"][0]["identifier"], "ada@example.com");
    guest.post("/account", &json!({"userId": "eve", "email": "ada@example.com", "password": "correct-horse"})).fails(409, "user_already_exists");
    guest.post("/account", &json!({"userId": "ada", "email": "eve@example.com", "password": "correct-horse"})).fails(409, "user_already_exists");
    for (email, password) in [("ada@example.com", "wrong-horse"), ("nobody@example.com", "correct-horse")] {
        let refused = guest.post("/account/sessions/email", &json!({"email": email, "password": password}));
        refused.fails_with(401, "user_invalid_credentials", "Invalid credentials. Please check the email and password.");
    }
    let session = guest.post("/account/sessions/email", &json!({"email": "ADA@example.com", "password": "correct-horse"}));
    session.is(201);
    assert_eq!((&session["secret"], &session["current"], &session["provider"]), (&json!(""), &json!(true), &json!("email")));
    assert!(session.cookie("a_session_test").is_some() && session.cookie("a_session_test_legacy").is_some());
}

#[test]
fn guests_and_keys_have_no_account() {
    let app = TestApp::new();
    app.guest().get("/account").fails_with(401, "general_unauthorized_scope", "User (role: guests) missing scopes ([\"account\"])");
    app.key().get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn a_session_is_listed_extended_and_ended() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let other = app.sign_in("ada@example.com", "password-ada");
    let listed = ada.get("/account/sessions");
    assert_eq!(listed["total"], 2);
    let current: Vec<bool> = listed["sessions"].as_array().unwrap().iter().map(|s| s["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false]);
    app.clock.advance(100);
    let before = listed["sessions"][0]["expire"].clone();
    let extended = ada.patch("/account/sessions/current", &json!({}));
    assert_ne!(extended.is(200)["expire"], before);
    assert_eq!((&extended["countryName"], &ada.get("/account/sessions/current")["countryName"]), (&json!(""), &json!("Unknown")));
    ada.delete("/account/sessions/current").is(204);
    ada.get("/account").fails(401, "general_unauthorized_scope");
    other.get("/account").is(200);
    other.delete("/account/sessions").is(204);
    other.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn sessions_end_when_their_time_is_up() {
    let app = TestApp::new();
    let ada = app.user("ada");
    app.clock.advance(31_536_000 - 60);
    ada.get("/account").is(200);
    app.clock.advance(120);
    ada.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn jwts_live_and_die_with_their_session() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let jwt = ada.post("/account/jwts", &json!({"duration": 60})).is(201).str("jwt");
    let by_jwt = app.guest().with("x-appwrite-jwt", &jwt);
    assert_eq!(by_jwt.get("/account").is(200)["$id"], "ada");
    by_jwt.get("/account/sessions/current").fails(404, "user_session_not_found");
    by_jwt.post("/account/jwts", &json!({})).fails(404, "user_session_not_found");
    ada.with("x-appwrite-jwt", &jwt).get("/account").fails(403, "user_jwt_and_cookie_set");
    app.guest().with("x-appwrite-jwt", "no.jwt.atall").get("/account").fails(401, "user_jwt_invalid");
    let (other, _) = app.make_project("other");
    by_jwt.with("x-appwrite-project", &other).get("/account").fails(401, "user_jwt_invalid");
    app.clock.advance(61);
    by_jwt.get("/account").fails(401, "user_jwt_invalid");
    let jwt = ada.post("/account/jwts", &json!({})).str("jwt");
    ada.delete("/account/sessions/current").is(204);
    app.guest().with("x-appwrite-jwt", &jwt).get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn the_account_changes() {
    let app = TestApp::new();
    let ada = app.user("ada");
    assert_eq!(ada.patch("/account/name", &json!({"name": "Ada L"})).is(200)["name"], "Ada L");
    ada.patch("/account/prefs", &json!({"prefs": {"theme": "dark"}})).is(200);
    assert_eq!(ada.get("/account/prefs").json, json!({"theme": "dark"}));
    ada.patch("/account/prefs", &json!({"prefs": "dark"})).fails_with(400, "general_argument_invalid", "Invalid `prefs` param: Value must be a valid object.");
    ada.patch("/account/email", &json!({"email": "lovelace@example.com", "password": "wrong-horse"})).fails(401, "user_invalid_credentials");
    let changed = ada.patch("/account/email", &json!({"email": "lovelace@example.com", "password": "password-ada"}));
    assert_eq!(changed.is(200)["targets"][0]["identifier"], "lovelace@example.com");
    let second = app.sign_in("lovelace@example.com", "password-ada");
    ada.patch("/account/password", &json!({"password": "new-password", "oldPassword": "wrong-horse"})).fails(401, "user_invalid_credentials");
    ada.patch("/account/password", &json!({"password": "new-password", "oldPassword": "password-ada"})).is(200);
    ada.get("/account").is(200);
    second.get("/account").fails(401, "general_unauthorized_scope");
    app.sign_in("lovelace@example.com", "new-password");
}

#[test]
fn an_anonymous_account_becomes_a_named_one() {
    let app = TestApp::new();
    let session = app.guest().post("/account/sessions/anonymous", &json!({}));
    let value = session.is(201).cookie("a_session_test").unwrap();
    let visitor = app.guest().with("cookie", &format!("a_session_test={value}"));
    app.user("ada");
    visitor.patch("/account/email", &json!({"email": "ada@example.com", "password": "correct-horse"})).fails(409, "user_target_already_exists");
    let named = visitor.patch("/account/email", &json!({"email": "named@example.com", "password": "correct-horse"}));
    assert_eq!(named.is(200)["targets"], json!([]), "who had no target gets none");
    app.sign_in("named@example.com", "correct-horse");
    visitor.post("/account/sessions/anonymous", &json!({})).fails(401, "user_session_already_exists");
}

#[test]
fn who_blocks_themselves_comes_back_when_a_server_says_so() {
    let app = TestApp::new();
    let (ada, other) = (app.user("ada"), app.sign_in("ada@example.com", "password-ada"));
    assert_eq!(ada.patch("/account/status", &json!({})).is(200)["status"], false);
    other.get("/account").fails(403, "user_blocked");
    app.key().patch("/users/ada/status", &json!({"status": true})).is(200);
    other.get("/account").is(200);
}

#[test]
fn blocked_and_deleted_accounts_are_shut_out() {
    let app = TestApp::new();
    let ada = app.user("ada");
    app.key().patch("/users/ada/status", &json!({"status": false})).is(200);
    ada.get("/account").fails(403, "user_blocked");
    app.guest().post("/account/sessions/email", &json!({"email": "ada@example.com", "password": "password-ada"})).fails(403, "user_blocked");
    app.key().patch("/users/ada/status", &json!({"status": true})).is(200);
    ada.get("/account").is(200);
    app.key().delete("/users/ada").is(204);
    ada.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn sign_ins_are_limited_by_address() {
    let app = TestApp::with(|_| {});
    app.user("ada");
    let wrong = || app.guest().post("/account/sessions/email", &json!({"email": "ada@example.com", "password": "wrong-horse"}));
    let first = wrong();
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), (Some("10"), Some("9")));
    for _ in 0..9 {
        wrong().fails(401, "user_invalid_credentials");
    }
    wrong().fails(429, "general_rate_limit_exceeded");
    app.guest().post("/account/sessions/email", &json!({"email": "ada@example.com"})).fails(429, "general_rate_limit_exceeded");
    app.key().post("/account/sessions/email", &json!({"email": "ada@example.com", "password": "password-ada"})).is(201);
    app.clock.advance(3_600);
    app.sign_in("ada@example.com", "password-ada");
}
