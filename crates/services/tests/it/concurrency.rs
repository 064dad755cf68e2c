//! Bounds and one-time secrets under many callers at once: exactly as many succeed as may.
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

/// Callers at the same time.
const MANY: usize = 64;

/// What `call` answers on as many threads, let go together.
#[expect(clippy::unwrap_used, reason = "a thread that failed fails the test")]
fn together(count: usize, call: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let start = std::sync::Barrier::new(count);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|n| {
                let (start, call) = (&start, &call);
                scope.spawn(move || {
                    start.wait();
                    call(n)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

/// How many were answered with this status; all others read this error.
fn won(answers: &[Answer], status: u16, error: &str) -> usize {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == status);
    assert!(bad.iter().all(|a| a["type"] == error), "{:?}", bad.iter().map(|a| (a.status, a.str("type"))).collect::<Vec<_>>());
    good.len()
}

/// A value of the link in the last mail to somebody.
#[expect(clippy::expect_used, reason = "a mail that is not as it should be fails the test")]
fn secret(app: &TestApp, to: &str) -> String {
    let mail = app.mails().into_iter().rfind(|m| m.to == to).expect("a mail was sent");
    let (_, tail) = mail.text.split_once("secret=").expect("the mail has a link");
    tail.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[test]
fn no_more_users_than_the_project_allows() {
    let app = TestApp::new();
    app.set("auths", "limit", json!(10));
    let guest = app.guest();
    let answers = together(MANY, |_| guest.post("/account/sessions/anonymous", &json!({})));
    assert_eq!(won(&answers, 201, "user_count_exceeded"), 10);
    assert_eq!(app.key().get("/users").is(200)["total"], 10);
}

#[test]
fn no_more_sessions_than_the_project_allows() {
    let app = TestApp::new();
    app.set("auths", "maxSessions", json!(5));
    let (guest, key) = (app.guest(), app.key());
    key.post("/users", &json!({"userId": "ada", "email": "ada@example.com"})).is(201);
    let tokens: Vec<String> = (0..MANY).map(|_| key.post("/users/ada/tokens", &json!({})).is(201).str("secret")).collect();
    let answers = together(MANY, |n| guest.post("/account/sessions/token", &json!({"userId": "ada", "secret": tokens[n]})));
    assert_eq!(won(&answers, 201, ""), MANY);
    assert_eq!(key.get("/users/ada/sessions").is(200)["total"], 5);
}

#[test]
fn the_same_address_makes_one_account() {
    let app = TestApp::new();
    let key = app.key();
    let answers = together(MANY, |n| key.post("/users", &json!({"userId": format!("u{n}"), "email": "same@example.com"})));
    assert_eq!(won(&answers, 201, "user_already_exists"), 1);
    let answers = together(MANY, |_| app.guest().post("/account/tokens/magic-url", &json!({"userId": "unique()", "email": "new@example.com"})));
    let ids: std::collections::BTreeSet<String> = answers.iter().filter(|a| a.status == 201).map(|a| a.str("userId")).collect();
    let known = key.list("/users", &[json!({"method": "equal", "attribute": "email", "values": ["new@example.com"]})]);
    assert_eq!(known.is(200)["total"], 1);
    assert!(ids.iter().all(|id| *id == known["users"][0]["$id"]), "{ids:?}");
}

#[test]
fn a_secret_opens_once() {
    let app = TestApp::new();
    let (alice, guest) = (app.user("alice"), app.guest());
    let page = "http://localhost/back";
    alice.post("/account/verifications/email", &json!({"url": page})).is(201);
    let link = secret(&app, "alice@example.com");
    let answers = together(MANY, |_| guest.put("/account/verifications/email", &json!({"userId": "alice", "secret": link})));
    assert_eq!(won(&answers, 200, "user_invalid_token"), 1);
    guest.post("/account/tokens/magic-url", &json!({"userId": "x", "email": "alice@example.com", "url": page})).is(201);
    let link = secret(&app, "alice@example.com");
    let answers = together(MANY, |_| guest.put("/account/sessions/magic-url", &json!({"userId": "alice", "secret": link})));
    assert_eq!(won(&answers, 201, "user_invalid_token"), 1);
    guest.post("/account/recovery", &json!({"email": "alice@example.com", "url": page})).is(201);
    let link = secret(&app, "alice@example.com");
    let change = |n| guest.put("/account/recovery", &json!({"userId": "alice", "secret": link, "password": format!("new-password-{n}")}));
    let answers = together(8, change);
    assert_eq!(won(&answers, 200, "user_invalid_token"), 1);
    let works = |n: usize| guest.post("/account/sessions/email", &json!({"email": "alice@example.com", "password": format!("new-password-{n}")})).status == 201;
    let winner = answers.iter().position(|a| a.status == 200);
    assert_eq!((0..8).filter(|n| works(*n)).collect::<Vec<_>>(), winner.into_iter().collect::<Vec<_>>());
}

#[test]
fn an_invitation_is_accepted_once() {
    let app = TestApp::new();
    let owner = app.user("owner");
    owner.post("/teams", &json!({"teamId": "t", "name": "T"})).is(201);
    let invite = json!({"email": "new@example.com", "roles": ["a"], "url": "http://localhost/join"});
    let membership = owner.post("/teams/t/memberships", &invite);
    let (id, user) = (membership.is(201).str("$id"), membership.str("userId"));
    let body: Value = json!({"userId": user, "secret": secret(&app, "new@example.com")});
    let answers = together(MANY, |_| app.guest().patch(&format!("/teams/t/memberships/{id}/status"), &body));
    assert_eq!(won(&answers, 200, "membership_already_confirmed"), 1);
    assert_eq!((owner.get("/teams/t")["total"].clone(), app.key().get(&format!("/users/{user}/sessions"))["total"].clone()), (json!(2), json!(1)));
}

#[test]
fn an_organization_keeps_an_owner() {
    let app = TestApp::with(|s| {
        s.abuse = false;
        s.mail.capture = None;
    });
    let ada = app.organization("ada");
    let own = ada.get("/teams/ada/memberships").is(200)["memberships"][0]["$id"].as_str().unwrap_or("").to_owned();
    let path = format!("/teams/ada/memberships/{own}");
    let told = "There must be at least one owner in the organization.";
    ada.patch(&path, &json!({"roles": ["developer"]})).fails_with(400, "membership_downgrade_prohibited", told);
    ada.delete(&path).fails_with(400, "membership_deletion_prohibited", told);
    ada.patch(&path, &json!({"roles": ["owner", "developer"]})).is(200);
    app.join("ada", "bob", &["owner"]);
    ada.patch(&path, &json!({"roles": ["developer"]})).is(200);
    // Teams of a project may be left by their only owner.
    let user = app.user("eve");
    user.post("/teams", &json!({"teamId": "t", "name": "T"})).is(201);
    let own = user.get("/teams/t/memberships").is(200)["memberships"][0]["$id"].as_str().unwrap_or("").to_owned();
    user.delete(&format!("/teams/t/memberships/{own}")).is(204);
}
