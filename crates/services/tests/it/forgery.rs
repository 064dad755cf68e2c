//! Credentials that are forged, old, somebody else's or slipped in.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::TestApp;

fn b64(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Claims of a JWT.
fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[test]
fn jwts_cannot_be_made_or_changed() {
    let app = TestApp::new();
    let (ada, _) = (app.user("ada"), app.user("bob"));
    let jwt = ada.post("/account/jwts", &json!({})).is(201).str("jwt");
    let parts: Vec<&str> = jwt.split('.').collect();
    let mut of_bob = claims(&jwt);
    of_bob["userId"] = "bob".into();
    let mut later = claims(&jwt);
    later["exp"] = (later["exp"].as_i64().unwrap() + 1_000_000).into();
    // A key ring of another server signs as well as ours does.
    let stranger = crypto::Keyring::new(&["somebody else's secret".to_owned()]).unwrap();
    let strange = stranger.sign_jwt(claims(&jwt).as_object().unwrap()).unwrap();
    let header = |alg: &str| b64(&json!({"typ": "JWT", "alg": alg}));
    let forged = [
        format!("{}.{}.", header("none"), parts[1]),
        format!("{}.{}.{}", header("none"), parts[1], parts[2]),
        format!("{}.{}.{}", header("None"), b64(&of_bob), parts[2]),
        format!("{}.{}.{}", header("HS512"), parts[1], parts[2]),
        format!("{}.{}.{}", header("RS256"), parts[1], parts[2]),
        format!("{}.{}.{}", header("ES256"), parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], b64(&of_bob), parts[2]),
        format!("{}.{}.{}", parts[0], b64(&later), parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{jwt}.{}", parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], STANDARD.encode([0; 32])),
        strange,
        "..".to_owned(),
        "a".repeat(100_000),
    ];
    for token in forged {
        let short: String = token.chars().take(60).collect();
        let answer = app.guest().with("x-appwrite-jwt", &token).get("/account");
        assert_eq!((answer.status, answer["type"].as_str()), (401, Some("user_jwt_invalid")), "{short}");
    }
    assert_eq!(app.guest().with("x-appwrite-jwt", &jwt).get("/account").is(200)["$id"], "ada");
}

#[test]
fn jwts_end_when_they_say_and_when_their_user_does() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let jwt = |seconds: i64| ada.post("/account/jwts", &json!({"duration": seconds})).is(201).str("jwt");
    let (short, long) = (jwt(60), jwt(3_600));
    let by = |jwt: &str| app.guest().with("x-appwrite-jwt", jwt);
    app.clock.advance(59);
    by(&short).get("/account").is(200);
    app.clock.advance(1);
    by(&short).get("/account").fails(401, "user_jwt_invalid");
    // Blocked and deleted users are refused at once, by whatever they show.
    app.key().patch("/users/ada/status", &json!({"status": false})).is(200);
    by(&long).get("/account").fails(403, "user_blocked");
    ada.get("/teams").fails(403, "user_blocked");
    app.key().patch("/users/ada/status", &json!({"status": true})).is(200);
    by(&long).get("/account").is(200);
    app.key().delete("/users/ada").is(204);
    by(&long).get("/account").fails(401, "general_unauthorized_scope");
    ada.get("/account").fails(401, "general_unauthorized_scope");
}

#[test]
fn one_kind_of_token_is_not_another() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let jwt = ada.post("/account/jwts", &json!({})).is(201).str("jwt");
    // A user's token is no key, whatever is put in front of it.
    for prefix in ["ephemeral_", "dynamic_", "standard_", ""] {
        let answer = app.guest().with("x-appwrite-key", &format!("{prefix}{jwt}")).get("/users");
        assert_eq!(answer.status, 401, "{prefix}: {}", answer.text());
    }
    // A file's token is no user's.
    let ring = &app.app.keyring;
    let now = app.app.now().0 / 1_000;
    let file = ring.sign_jwt(json!({"resourceId": "b:f", "projectId": app.project, "exp": now + 60}).as_object().unwrap()).unwrap();
    let answer = app.guest().with("x-appwrite-jwt", &file).get("/account");
    assert_eq!(answer.status, 401, "{}", answer.text());
}

#[test]
fn a_session_that_was_slipped_in_is_not_taken_over() {
    let app = TestApp::new();
    let ada = app.user("ada");
    let own = ada.sends("cookie").unwrap().to_owned();
    let name = format!("a_session_{}", app.project);
    let planted = kernel::cookies::encode_session("ada", &"0".repeat(256));
    let browser = app.guest().with("cookie", &format!("{name}={planted}"));
    let credentials = json!({"email": "ada@example.com", "password": "password-ada"});
    let signed_in = browser.post("/account/sessions/email", &credentials);
    let fresh = signed_in.is(201).cookie(&name).unwrap();
    assert_ne!(fresh, planted);
    // What was planted opens nothing, before or after.
    browser.get("/account").fails(401, "general_unauthorized_scope");
    // A session's secret goes with its user: not with another's id, another project, or the digest that is kept.
    let (_, secret) = kernel::cookies::decode_session(&fresh).unwrap();
    app.user("bob");
    let digest = crypto::sha256_hex(secret.as_bytes());
    for value in [kernel::cookies::encode_session("bob", &secret), kernel::cookies::encode_session("ada", &digest), STANDARD.encode("{\"id\":\"ada\"}")] {
        app.guest().with("cookie", &format!("{name}={value}")).get("/account").fails(401, "general_unauthorized_scope");
    }
    let (other, _) = app.make_project("other");
    let elsewhere = app.guest().with("x-appwrite-project", &other).with("cookie", &format!("a_session_{other}={fresh}"));
    elsewhere.get("/account").fails(401, "general_unauthorized_scope");
    assert_eq!(ada.get("/account").is(200)["$id"], "ada", "{own}");
}

#[test]
fn nothing_tells_an_unknown_user_from_a_wrong_password() {
    let app = TestApp::new();
    let (guest, key) = (app.guest(), app.key());
    app.user("ada");
    app.user("blocked");
    key.patch("/users/blocked/status", &json!({"status": false})).is(200);
    key.post("/users", &json!({"userId": "bare", "email": "bare@example.com"})).is(201);
    key.post("/users/md5", &json!({"userId": "old", "email": "old@example.com", "password": "5f4dcc3b5aa765d61d8327deb882cf99"})).is(201);
    let ask = |who: &str| {
        let begun = std::time::Instant::now();
        let answer = guest.post("/account/sessions/email", &json!({"email": format!("{who}@example.com"), "password": "wrong-password"}));
        (answer, begun.elapsed())
    };
    let unknown = ask("nobody").0;
    unknown.fails(401, "user_invalid_credentials");
    let shown = |a: &testkit::Answer| (a.status, a.text(), a.headers.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>());
    for who in ["ada", "blocked", "bare", "old"] {
        assert_eq!(shown(&ask(who).0), shown(&unknown), "{who}");
    }
    // The quickest of some, as others use the machine too.
    let quickest = |who: &str| (0..4).map(|_| ask(who).1).min().unwrap_or_default().as_secs_f64();
    let base = quickest("nobody");
    for who in ["ada", "blocked", "bare", "old"] {
        let ratio = quickest(who) / base;
        assert!((0.5..2.0).contains(&ratio), "{who}: {ratio}");
    }
    // Neither do secrets of links and codes.
    let swap = |user: &str| guest.post("/account/sessions/token", &json!({"userId": user, "secret": "123456"}));
    swap("nobody").fails(401, "user_invalid_token");
    assert_eq!(shown(&swap("ada")), shown(&swap("nobody")));
}
