//! Users as a server manages them.
use serde_json::json;
use testkit::TestApp;

#[test]
fn users_are_made_found_and_removed() {
    let app = TestApp::new();
    let key = app.key();
    let made = key.post("/users", &json!({"userId": "u1", "email": "U1@example.com", "phone": "+14155550001", "password": "password123", "name": "User One"}));
    made.is(201);
    assert_eq!((&made["hash"], &made["hashOptions"]["memory_cost"]), (&json!("argon2"), &json!(65536)));
    assert_eq!(made["targets"].as_array().unwrap().len(), 2);
    let bare = key.post("/users", &json!({"userId": "u2"}));
    assert_eq!((&bare["email"], &bare["password"], &bare["passwordUpdate"]), (&json!(""), &json!(null), &json!("")));
    key.post("/users", &json!({"userId": "u3"})).is(201);
    key.post("/users", &json!({"userId": "unique()", "phone": "+14155550001"})).fails(409, "user_already_exists");
    assert_eq!(key.get("/users")["total"], 3);
    assert_eq!(key.list("/users", &[json!({"method": "equal", "attribute": "email", "values": ["u1@example.com"]})]).ids("users"), ["u1"]);
    assert_eq!(key.list("/users", &[json!({"method": "cursorAfter", "values": ["u1"]}), json!({"method": "limit", "values": [1]})]).ids("users"), ["u2"]);
    key.list("/users", &[json!({"method": "cursorAfter", "values": ["nope"]})]).fails_with(
        400,
        "general_cursor_not_found",
        "User 'nope' for the 'cursor' value not found.",
    );
    assert_eq!(key.get("/users?search=One").ids("users"), ["u1"]);
    key.get("/users/nope").fails(404, "user_not_found");
    key.delete("/users/u1").is(204);
    key.get("/users/u1").fails(404, "user_not_found");
    key.post("/users", &json!({"userId": "u1", "email": "u1@example.com"})).is(201);
    app.guest().get("/users").fails(401, "general_unauthorized_scope");
}

#[test]
fn imported_passwords_sign_in_and_are_hashed_anew() {
    let app = TestApp::new();
    let key = app.key();
    key.post("/users/md5", &json!({"userId": "um", "email": "um@example.com", "password": "144fa7eaa4904e8ee120651997f70dcc"})).is(201);
    key.post("/users/phpass", &json!({"userId": "up", "email": "up@example.com", "password": "$P$Br387rwferoKN7uwHZqNMu98q3U8RO."})).is(201);
    key.post(
        "/users/argon2",
        &json!({"userId": "ua", "email": "ua@example.com", "password": "$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI"}),
    )
    .is(201);
    for id in ["um", "up", "ua"] {
        app.sign_in(&format!("{id}@example.com"), "appwrite");
        let user = key.get(&format!("/users/{id}"));
        assert_eq!(user["hash"], "argon2", "{id}");
        assert!(user.str("password").starts_with("$argon2id$"), "{id}");
        app.sign_in(&format!("{id}@example.com"), "appwrite");
    }
    key.post("/users/md5", &json!({"userId": "bad", "email": "bad@example.com", "password": "not a digest"})).fails(400, "general_argument_invalid");
}

#[test]
fn labels_are_roles_at_once() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let key = app.key();
    assert_eq!(key.put("/users/ada/labels", &json!({"labels": ["vip", "vip", "admin"]})).is(200)["labels"], json!(["vip", "admin"]));
    assert_eq!(ada.get("/account")["labels"], json!(["vip", "admin"]));
    assert_eq!(key.list("/users", &[json!({"method": "contains", "attribute": "labels", "values": ["vip"]})]).ids("users"), ["ada"]);
}

#[test]
fn a_token_is_good_for_one_session() {
    let app = TestApp::new();
    let key = app.key();
    key.post("/users", &json!({"userId": "u1"})).is(201);
    let token = key.post("/users/u1/tokens", &json!({"length": 10})).is(201).str("secret");
    assert_eq!(token.len(), 10);
    let exchange = || app.guest().post("/account/sessions/token", &json!({"userId": "u1", "secret": token}));
    assert_eq!(exchange().is(201)["provider"], "token");
    exchange().fails(401, "user_invalid_token");
    let late = key.post("/users/u1/tokens", &json!({"expire": 60})).str("secret");
    app.clock.advance(61);
    app.guest().post("/account/sessions/token", &json!({"userId": "u1", "secret": late})).fails(401, "user_invalid_token");
}

#[test]
fn a_server_makes_sessions_and_sees_their_secret() {
    let app = TestApp::new();
    let key = app.key();
    key.post("/users", &json!({"userId": "u1"})).is(201);
    let secret = key.post("/users/u1/sessions", &json!({})).is(201).str("secret");
    let user = app.guest().with("x-appwrite-session", &secret);
    assert_eq!(user.get("/account").is(200)["$id"], "u1");
    assert_eq!(key.get("/users/u1/sessions")["total"], 1);
    key.delete("/users/u1/sessions").is(204);
    user.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn what_a_user_did_is_in_the_log() {
    let app = TestApp::new();
    app.user("ada").patch("/account/name", &json!({"name": "Ada"})).is(200);
    let logs = app.key().get("/users/ada/logs");
    let events: Vec<&str> = logs["logs"].as_array().unwrap().iter().map(|l| l["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["user.update", "session.create", "user.create"]);
}
