//! Second factors: set up, asked for, given, lost.
use serde_json::{Value, json};
use testkit::{Client, TestApp};

fn now(app: &TestApp) -> u64 {
    u64::try_from(app.app.now().0 / 1_000).unwrap_or(0)
}

#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn otp(app: &TestApp, secret: &str) -> String {
    crypto::totp::code(secret, now(app)).expect("the secret is Base32")
}

/// Adds and verifies an authenticator; its secret.
fn with_totp(app: &TestApp, user: &Client) -> String {
    let made = user.post("/account/mfa/authenticators/totp", &json!({}));
    made.is(200);
    let secret = made.str("secret");
    user.put("/account/mfa/authenticators/totp", &json!({"otp": otp(app, &secret)})).is(200);
    secret
}

fn challenge(user: &Client, factor: &str) -> String {
    user.post("/account/mfa/challenges", &json!({"factor": factor})).is(201).str("$id")
}

fn give(user: &Client, id: &str, otp: &str) -> testkit::Answer {
    user.put("/account/mfa/challenge", &json!({"challengeId": id, "otp": otp}))
}

#[test]
fn a_session_without_the_second_factor_can_do_nothing_else() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let path = "/account/mfa/authenticators/totp";
    let made = alice.post(path, &json!({}));
    assert!(made.is(200).str("uri").starts_with("otpauth://totp/test%3Aalice%40example.com?issuer=test&secret="), "{}", made.text());
    alice.put(path, &json!({"otp": "000000"})).fails(401, "user_invalid_token");
    assert_eq!(alice.get("/account/mfa/factors").is(200)["totp"], false);
    let secret = with_totp(&app, &alice);
    alice.post(path, &json!({})).fails(409, "user_authenticator_already_verified");
    assert_eq!(alice.get("/account/mfa/factors").is(200)["totp"], true);
    assert_eq!(alice.patch("/account/mfa", &json!({"mfa": true})).is(200)["mfa"], true);
    // The session it was switched on in has the factor.
    alice.get("/account").is(200);
    let other = app.sign_in("alice@example.com", "password-alice");
    for p in ["/account", "/account/prefs", "/teams"] {
        other.get(p).fails(401, "user_more_factors_required");
    }
    other.get("/account/mfa/factors").is(200);
    let id = challenge(&other, "totp");
    give(&other, &id, "000000").fails(401, "user_invalid_token");
    give(&other, "nope", "000000").fails(401, "user_invalid_token");
    // Nobody answers for somebody else.
    let bob = app.user("bob");
    give(&bob, &id, &otp(&app, &secret)).fails(401, "user_invalid_token");
    let session = give(&other, &id, &otp(&app, &secret));
    session.is(200);
    assert_eq!(session["factors"], json!(["password", "totp"]));
    assert!(!session.str("mfaUpdatedAt").is_empty());
    other.get("/account").is(200);
    give(&other, &id, &otp(&app, &secret)).fails(401, "user_invalid_token");
}

#[test]
fn challenges_end() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let secret = with_totp(&app, &alice);
    let id = challenge(&alice, "totp");
    app.clock.advance(3_601);
    give(&alice, &id, &otp(&app, &secret)).fails(401, "user_invalid_token");
}

#[test]
fn protected_routes_want_a_recent_challenge() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let secret = with_totp(&app, &alice);
    let codes = "/account/mfa/recovery-codes";
    alice.get(codes).fails(401, "user_challenge_required");
    let made = alice.post(codes, &json!({}));
    assert_eq!(made.is(201)["recoveryCodes"].as_array().map(Vec::len), Some(6));
    alice.post(codes, &json!({})).fails(409, "user_recovery_codes_already_exists");
    alice.delete("/account/mfa/authenticators/totp").fails(401, "user_challenge_required");
    give(&alice, &challenge(&alice, "totp"), &otp(&app, &secret)).is(200);
    assert_eq!(alice.get(codes).is(200).json["recoveryCodes"], made.json["recoveryCodes"]);
    assert_ne!(alice.patch(codes, &json!({})).is(200).json["recoveryCodes"], made.json["recoveryCodes"]);
    app.clock.advance(1_801);
    alice.delete("/account/mfa/authenticators/totp").fails(401, "user_challenge_required");
    give(&alice, &challenge(&alice, "totp"), &otp(&app, &secret)).is(200);
    alice.delete("/account/mfa/authenticators/totp").is(204);
    alice.delete("/account/mfa/authenticators/totp").fails(404, "user_authenticator_not_found");
}

#[test]
fn recovery_codes_work_once_and_are_sealed() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let made = alice.post("/account/mfa/recovery-codes", &json!({}));
    let first = made.is(201)["recoveryCodes"][0].as_str().map(str::to_owned).expect("there are codes");
    let users = app.app.collection(app.app.project("test").unwrap().unwrap().namespace, "users").unwrap();
    let stored = app.app.db.read().get(&access::Access::system("a test looks"), &users, "alice").unwrap().unwrap();
    assert!(!Value::Object(stored.data.clone()).to_string().contains(&first));
    // In both spellings that clients have.
    for factor in ["recoveryCode", "recoverycode"] {
        let id = challenge(&alice, factor);
        give(&alice, &id, "0000000000").fails(401, "user_invalid_token");
    }
    let session = give(&alice, &challenge(&alice, "recoverycode"), &first);
    assert!(session.is(200)["factors"].as_array().is_some_and(|f| f.contains(&json!("recoveryCode"))));
    give(&alice, &challenge(&alice, "recoveryCode"), &first).fails(401, "user_invalid_token");
    // Servers manage them, too.
    let key = app.key();
    assert_eq!(key.get("/users/alice/mfa/recovery-codes").is(200)["recoveryCodes"].as_array().map(Vec::len), Some(5));
    key.put("/users/alice/mfa/recovery-codes", &json!({})).is(200);
    with_totp(&app, &alice);
    assert_eq!(key.get("/users/alice/mfa/factors").is(200)["totp"], true);
    key.delete("/users/alice/mfa/authenticators/totp").is(204);
    key.delete("/users/alice/mfa/authenticators/totp").fails(404, "user_authenticator_not_found");
}

#[test]
fn codes_go_by_mail_and_phone_once_verified() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let ask = |factor: &str| alice.post("/account/mfa/challenges", &json!({"factor": factor}));
    ask("email").fails(400, "user_email_not_verified");
    ask("phone").fails(400, "user_phone_not_found");
    ask("zz").fails_with(400, "general_argument_invalid", "Invalid `factor` param: Value must be one of (email, phone, totp, recoverycode)");
    let key = app.key();
    key.patch("/users/alice/verification", &json!({"emailVerification": true})).is(200);
    key.patch("/users/alice/phone", &json!({"number": "+14155550100"})).is(200);
    ask("phone").fails(400, "user_phone_not_verified");
    key.patch("/users/alice/verification/phone", &json!({"phoneVerification": true})).is(200);
    alice.patch("/account/mfa", &json!({"mfa": true})).is(200);
    let other = app.sign_in("alice@example.com", "password-alice");
    let find = |text: &str| text.split(|c: char| !c.is_ascii_digit()).find(|w| w.len() == 6).map(str::to_owned).expect("a code");
    let id = challenge(&other, "email");
    let mail = app.mails().pop().expect("a mail");
    assert!(mail.subject.starts_with("Verification Code for test"));
    assert_eq!(give(&other, &id, &find(&mail.text)).is(200)["factors"], json!(["password", "email"]));
    let id = challenge(&other, "phone");
    let text = app.texts().pop().expect("a message");
    give(&other, &id, &find(text["message"].as_str().unwrap_or(""))).is(200);
}
