//! Flows by mail and phone: what is sent, what it opens, and that it opens once.
use mail::Mail;
use serde_json::json;
use testkit::TestApp;

const PAGE: &str = "http://localhost/back?x=1#top";

/// Values of the link in a mail's text.
#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn link(mail: &Mail) -> std::collections::BTreeMap<String, String> {
    let url = mail.text.split_whitespace().find(|w| w.contains("secret=")).expect("the mail has a link");
    let query = url.split_once('?').expect("the link has a query").1.split('#').next().unwrap_or("");
    query.split('&').filter_map(|p| p.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn last(app: &TestApp, to: &str) -> Mail {
    app.mails().into_iter().rfind(|m| m.to == to).expect("a mail was sent")
}

/// The first six digits in a row.
#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn code(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit()).find(|w| w.len() == 6).expect("the text has a code").to_owned()
}

#[test]
fn a_link_verifies_the_address_once() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let token = alice.post("/account/verifications/email", &json!({"url": PAGE}));
    token.is(201);
    assert_eq!((token["userId"].as_str(), token["secret"].as_str(), token["phrase"].as_str()), (Some("alice"), Some(""), Some("")));
    let mail = last(&app, "alice@example.com");
    assert_eq!((mail.subject.as_str(), mail.to_name.as_str()), ("Account Verification for test", "alice"));
    assert!(mail.text.contains("Verify your email to activate your test account."), "{}", mail.text);
    assert!(mail.html.contains("href=\"http://localhost/back?x=1&userId=alice&secret="), "{}", mail.html);
    let values = link(&mail);
    assert_eq!((values["x"].as_str(), values["secret"].len()), ("1", 256));
    let guest = app.guest();
    let path = "/account/verifications/email";
    guest.put(path, &json!({"userId": "alice", "secret": "wrong"})).fails(401, "user_invalid_token");
    guest.put(path, &json!({"userId": "nobody", "secret": values["secret"]})).fails(404, "user_not_found");
    // A secret is good for what it was made for.
    guest.put("/account/sessions/magic-url", &json!({"userId": "alice", "secret": values["secret"]})).fails(401, "user_invalid_token");
    let done = guest.put(path, &json!({"userId": "alice", "secret": values["secret"]}));
    done.is(200);
    assert_eq!(done["secret"], "");
    guest.put(path, &json!({"userId": "alice", "secret": values["secret"]})).fails(401, "user_invalid_token");
    assert_eq!(alice.get("/account").is(200)["emailVerification"], true);
    alice.post("/account/verification", &json!({"url": PAGE})).fails(409, "user_email_already_verified");
    // What the store holds is a digest, and after use not even that.
    alice.post("/account/verifications/email", &json!({"url": "http://evil.example/"})).fails(400, "general_argument_invalid");
}

#[test]
fn links_end() {
    let app = TestApp::new();
    let alice = app.user("alice");
    alice.post("/account/verification", &json!({"url": PAGE})).is(201);
    let secret = link(&last(&app, "alice@example.com"))["secret"].clone();
    app.clock.advance(3_601);
    app.guest().put("/account/verification", &json!({"userId": "alice", "secret": secret})).fails(401, "user_invalid_token");
}

#[test]
fn open_redirects_are_refused() {
    let app = TestApp::new();
    let alice = app.user("alice");
    for url in [
        "http://evil.example",
        "http://localhost@evil.example/",
        "http://evil.example\\@localhost/",
        "javascript:alert(1)",
        "//evil.example",
        "http://localhost.evil.example",
        "http://localhost:80@evil.example/",
        "http://localhost\r\nBcc: x@evil.example",
        "http://evil.example/?http://localhost",
        "data:text/html,x",
        "http:\\\\evil.example",
    ] {
        alice.post("/account/verifications/email", &json!({"url": url})).fails(400, "general_argument_invalid");
        app.guest().post("/account/recovery", &json!({"email": "alice@example.com", "url": url})).fails(400, "general_argument_invalid");
        let token = json!({"userId": "x", "email": "x@example.com", "url": url});
        app.guest().post("/account/tokens/magic-url", &token).fails(400, "general_argument_invalid");
        app.guest().post("/account/sessions/magic-url", &token).fails(400, "general_argument_invalid");
        let invitation = json!({"email": "x@example.com", "roles": [], "url": url});
        alice.post("/teams/t/memberships", &invitation).fails(400, "general_argument_invalid");
    }
    let refused = alice.post("/account/verifications/email", &json!({"url": "http://evil.example/x"}));
    refused.fails_with(
        400,
        "general_argument_invalid",
        "Invalid `url` param: Invalid URI. Register your new client (evil.example) as a new Web platform on your project console dashboard",
    );
    assert!(app.mails().is_empty());
}

#[test]
fn a_lost_password_is_replaced() {
    let app = TestApp::new();
    let alice = app.user("alice");
    let guest = app.guest();
    guest.post("/account/recovery", &json!({"email": "nobody@example.com", "url": PAGE})).fails(404, "user_not_found");
    guest.post("/account/recovery", &json!({"email": "Alice@Example.com", "url": PAGE})).is(201);
    let mail = last(&app, "alice@example.com");
    assert_eq!(mail.subject, "Password Reset for test");
    let secret = link(&mail)["secret"].clone();
    let set = |secret: &str, password: &str| guest.put("/account/recovery", &json!({"userId": "alice", "secret": secret, "password": password}));
    set("wrong", "a-new-password").fails(401, "user_invalid_token");
    set(&secret, "short").fails(400, "general_argument_invalid");
    set(&secret, "a-new-password").is(200);
    set(&secret, "another-password").fails(401, "user_invalid_token");
    // Old sessions and the old password are gone.
    alice.get("/account").is(401);
    guest.post("/account/sessions/email", &json!({"email": "alice@example.com", "password": "password-alice"})).fails(401, "user_invalid_credentials");
    let alice = app.sign_in("alice@example.com", "a-new-password");
    assert_eq!(alice.get("/account").is(200)["emailVerification"], true);
}

#[test]
fn magic_links_sign_in_and_make_accounts() {
    let app = TestApp::new();
    let guest = app.guest();
    let token = guest.post("/account/tokens/magic-url", &json!({"userId": "new", "email": "New@Example.com", "url": PAGE, "phrase": true}));
    token.is(201);
    let phrase = token.str("phrase");
    assert!(phrase.contains(' ') && token["secret"] == "");
    let mail = last(&app, "new@example.com");
    assert_eq!(mail.subject, "test Login");
    assert!(
        mail.text.contains(&phrase) && mail.text.contains("Security phrase") && mail.text.contains("Sign in to test with your secure link. Expires in 1 hour.")
    );
    let values = link(&mail);
    assert_eq!((values["userId"].as_str(), values["secret"].len(), values["project"].as_str()), ("new", 64, "test"));
    let swap = |secret: &str| guest.put("/account/sessions/magic-url", &json!({"userId": "new", "secret": secret}));
    swap("bad").fails(401, "user_invalid_token");
    let session = swap(&values["secret"]);
    session.is(201);
    assert_eq!((session["provider"].as_str(), &session["factors"]), (Some("magic-url"), &json!(["email"])));
    swap(&values["secret"]).fails(401, "user_invalid_token");
    let user = app.key().get("/users/new");
    assert_eq!((user["email"].as_str(), user["emailVerification"].as_bool(), user["passwordUpdate"].as_str()), (Some("new@example.com"), Some(true), Some("")));
    // Without a phrase none is spoken of, and somebody known keeps their id.
    let token = guest.post("/account/tokens/magic-url", &json!({"userId": "other", "email": "new@example.com"}));
    assert_eq!((token.is(201)["userId"].as_str(), token["phrase"].as_str()), (Some("new"), Some("")));
    assert!(!last(&app, "new@example.com").text.to_lowercase().contains("phrase"));
    // Servers are told the secret.
    let token = app.key().post("/account/tokens/magic-url", &json!({"userId": "x", "email": "new@example.com"}));
    assert_eq!(token.is(201).str("secret").len(), 64);
}

#[test]
fn codes_by_mail_sign_in() {
    let app = TestApp::new();
    let guest = app.guest();
    guest.post("/account/tokens/email", &json!({"userId": "otp", "email": "otp@example.com"})).is(201);
    let mail = last(&app, "otp@example.com");
    let otp = code(&mail.text);
    assert_eq!(mail.subject, "OTP for test Login");
    assert!(mail.text.contains(&format!("Use OTP {otp} to sign in to test. Expires in 15 minutes.")), "{}", mail.text);
    let swap = |secret: &str| guest.post("/account/sessions/token", &json!({"userId": "otp", "secret": secret}));
    swap(if otp == "000000" { "000001" } else { "000000" }).fails(401, "user_invalid_token");
    app.clock.advance(901);
    swap(&otp).fails(401, "user_invalid_token");
    guest.post("/account/tokens/email", &json!({"userId": "otp", "email": "otp@example.com"})).is(201);
    let otp = code(&last(&app, "otp@example.com").text);
    let session = swap(&otp);
    assert_eq!((session.is(201)["provider"].as_str(), &session["factors"]), (Some("token"), &json!(["email"])));
    swap(&otp).fails(401, "user_invalid_token");
}

#[test]
fn codes_by_phone_sign_in_and_verify() {
    let app = TestApp::new();
    let guest = app.guest();
    let asked = guest.post("/account/tokens/phone", &json!({"userId": "ph", "phone": "+14155550199"}));
    assert_eq!(asked.is(201)["secret"], "");
    let text = app.texts().pop().expect("a message was sent");
    assert_eq!(text["to"], "+14155550199");
    let otp = code(text["message"].as_str().unwrap_or(""));
    let session = guest.put("/account/sessions/phone", &json!({"userId": "ph", "secret": otp}));
    assert_eq!((session.is(201)["provider"].as_str(), &session["factors"]), (Some("phone"), &json!(["phone"])));
    assert_eq!(app.key().get("/users/ph").is(200)["phoneVerification"], true);
    // A number that is mocked is sent nothing.
    let key = app.key();
    key.post("/project/mock-phones", &json!({"number": "+14155550555", "otp": "123456"})).is(201);
    key.post("/project/mock-phones", &json!({"number": "+14155550555", "otp": "123456"})).fails(409, "mock_number_already_exists");
    guest.post("/account/tokens/phone", &json!({"userId": "mock", "phone": "+14155550555"})).is(201);
    assert_eq!(app.texts().len(), 1);
    guest.put("/account/sessions/phone", &json!({"userId": "mock", "secret": "123456"})).is(201);
    key.put("/project/mock-phones/+14155550555", &json!({"number": "+14155550555", "otp": "654321"})).is(200);
    assert_eq!(key.get("/project/mock-phones").is(200)["mockNumbers"][0]["otp"], "654321");
    key.delete("/project/mock-phones/+14155550555").is(204);
    key.get("/project/mock-phones/+14155550555").fails(404, "mock_number_not_found");
    // The account's own number.
    let alice = app.user("alice");
    alice.post("/account/verifications/phone", &json!({})).fails(400, "user_phone_not_found");
    alice.patch("/account/phone", &json!({"phone": "+14155550200", "password": "password-alice"})).is(200);
    alice.post("/account/verifications/phone", &json!({})).is(201);
    let otp = code(app.texts().pop().expect("a message was sent")["message"].as_str().unwrap_or(""));
    app.guest().put("/account/verification/phone", &json!({"userId": "alice", "secret": otp})).is(200);
    assert_eq!(alice.get("/account").is(200)["phoneVerification"], true);
}

#[test]
fn without_a_way_out_flows_say_so() {
    let app = TestApp::with(|s| {
        s.abuse = false;
        s.mail.capture = None;
        s.mail.sms = kernel::Sms::Off;
    });
    let (alice, guest) = (app.user("alice"), app.guest());
    alice.post("/account/verifications/email", &json!({"url": PAGE})).fails_with(503, "general_smtp_disabled", "SMTP Disabled");
    guest.post("/account/recovery", &json!({"email": "alice@example.com", "url": PAGE})).fails(503, "general_smtp_disabled");
    guest.post("/account/tokens/magic-url", &json!({"userId": "x", "email": "x@example.com"})).fails_with(503, "general_smtp_disabled", "SMTP disabled");
    guest.post("/account/tokens/email", &json!({"userId": "x", "email": "x@example.com"})).fails(503, "general_smtp_disabled");
    guest.post("/account/tokens/phone", &json!({"userId": "x", "phone": "+14155550199"})).fails(503, "general_phone_disabled");
    assert!(app.key().get("/users/x").status == 404, "nobody is made on the way");
}

#[test]
fn names_and_links_cannot_write_the_mail() {
    let app = TestApp::new();
    let evil = "Eve\r\nBcc: victim@example.com <b>{{redirect}}</b>";
    let (guest, key) = (app.guest(), app.key());
    key.post("/users", &json!({"userId": "eve", "email": "eve@example.com", "password": "password-eve", "name": evil})).is(201);
    let url = "http://localhost/x\"></a><h1>INJECTED</h1>";
    guest.post("/account/recovery", &json!({"email": "eve@example.com", "url": url})).is(201);
    let mail = last(&app, "eve@example.com");
    assert!(!mail.html.contains("<h1>") && !mail.html.contains("<b>{{"), "{}", mail.html);
    let wire = String::from_utf8(mail.message("x").unwrap().formatted()).unwrap();
    let head = wire.split("\r\n\r\n").next().unwrap_or("");
    assert!(!head.lines().any(|l| l.to_lowercase().starts_with("bcc")), "{head}");
    guest.post("/account/tokens/email", &json!({"userId": "x", "email": "a@example.com\r\nBcc: b@example.com"})).fails(400, "general_argument_invalid");
    // Names of teams are in subjects, those of the invited in the address.
    let owner = app.user("owner");
    owner.post("/teams", &json!({"teamId": "t", "name": "T\r\nBcc: victim@example.com\r\n\r\n<b>x</b>"})).is(201);
    let invitation = json!({"email": "a@example.com", "roles": [], "url": "http://localhost/join", "name": "A\r\nBcc: v@example.com\" <v@example.com>,"});
    owner.post("/teams/t/memberships", &invitation).is(201);
    let mail = last(&app, "a@example.com");
    assert!(!mail.html.contains("<b>x</b>"), "{}", mail.html);
    let wire = String::from_utf8(mail.message("x").unwrap().formatted()).unwrap();
    let head = wire.split("\r\n\r\n").next().unwrap_or("");
    assert!(!head.lines().any(|l| l.to_lowercase().starts_with("bcc")), "{head}");
    assert_eq!(head.lines().filter(|l| l.starts_with("To: ")).count(), 1);
    assert!(head.contains("<a@example.com>") && !head.contains("<v@example.com>"), "{head}");
}

#[test]
fn sign_ins_are_told_where_the_project_wants_it() {
    let app = TestApp::new();
    app.set("auths", "sessionAlerts", json!(true));
    let email = "alice@example.com";
    app.user("alice");
    assert!(app.mails().is_empty(), "the first sign-in is no news");
    app.sign_in(email, "password-alice");
    let mail = last(&app, email);
    assert!(mail.subject.starts_with("Security alert: new session") && mail.text.contains("New login detected on test"), "{mail:?}");
    assert!(mail.text.contains("127.0.0.1") && mail.text.contains("Unknown"), "{}", mail.text);
    // Who came by a mail knows.
    app.guest().post("/account/tokens/email", &json!({"userId": "x", "email": email})).is(201);
    let otp = code(&last(&app, email).text);
    app.guest().post("/account/sessions/token", &json!({"userId": "alice", "secret": otp})).is(201);
    assert_eq!(app.mails().len(), 2);
}

#[test]
fn mails_speak_the_language_of_the_request() {
    let app = TestApp::new();
    app.user("alice");
    app.guest().with("x-appwrite-locale", "de").post("/account/recovery", &json!({"email": "alice@example.com", "url": PAGE})).is(201);
    assert_eq!(last(&app, "alice@example.com").subject, "Neues Passwort für test");
}
