//! Signing in with an account elsewhere, against a provider on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]
mod idp;
mod linking;
mod settings;

use idp::{CLIENT, Idp, SECRET};
use serde_json::{Value, json};
use testkit::{Answer, Client, Peer, TestApp};
use url::Url;

const PAGES: &str = "success=http%3A%2F%2Flocalhost%2Fok%3Fa%3D1&failure=http%3A%2F%2Flocalhost%2Ffail";

/// An app whose project knows the provider.
struct World {
    app: TestApp,
    idp: Idp,
}

/// A browser: keeps the cookies it is given.
#[derive(Clone)]
struct Browser {
    client: Client,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn of(client: Client) -> Self {
        let cookies = client.sends("cookie").unwrap_or_default().split("; ").filter_map(|c| c.split_once('='));
        let cookies = cookies.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Self { client: client.without("cookie").without("origin"), cookies }
    }

    fn get(&mut self, path: &str) -> Answer {
        let line = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        let client = if line.is_empty() { self.client.clone() } else { self.client.with("cookie", &line) };
        let answer = client.get(path);
        for (_, set) in answer.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie")) {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(n, _)| n != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    /// Follows a redirect within the server.
    fn follow(&mut self, answer: &Answer) -> Answer {
        self.get(location(answer).split_once("/v1").expect("a route of the server").1)
    }
}

#[track_caller]
fn location(answer: &Answer) -> String {
    answer.is(301);
    answer.header("location").unwrap().to_owned()
}

/// A value of the query of a redirect.
#[track_caller]
fn asked(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(&location(answer)).unwrap();
    url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

/// The error an app's page for failures is told.
#[track_caller]
fn failure(answer: &Answer) -> Value {
    assert!(location(answer).starts_with("http://localhost/fail?error="), "{}", location(answer));
    serde_json::from_str(&asked(answer, "error").unwrap()).unwrap()
}

impl World {
    fn new() -> Self {
        let (app, idp) = (TestApp::with(|s| (s.abuse, s.production) = (false, false)), Idp::start());
        let told = json!({"clientId": CLIENT, "clientSecret": SECRET, "wellKnownURL": idp.url("/.well-known/openid-configuration"), "enabled": true});
        app.key().patch("/project/oauth2/oidc", &told).is(200);
        Self { app, idp }
    }

    fn browser(&self) -> Browser {
        Browser::of(self.app.guest())
    }

    /// Begins a login and gets as far as the way back.
    fn agreed(&self, browser: &mut Browser, kind: &str, person: &Value) -> Answer {
        let begun = browser.get(&format!("/account/{kind}/oauth2/oidc?{PAGES}"));
        let back = self.idp.agree(&location(&begun), person);
        let handed = browser.get(&format!("/account/sessions/oauth2/callback/oidc/{}?{back}", self.app.project));
        handed.is(301);
        handed
    }

    /// A whole login.
    fn login(&self, browser: &mut Browser, kind: &str, person: &Value) -> Answer {
        let handed = self.agreed(browser, kind, person);
        browser.follow(&handed)
    }
}

fn ada(verified: bool) -> Value {
    json!({"sub": "p-ada", "email": "Ada@Example.com", "email_verified": verified, "name": "Ada L"})
}

#[test]
fn a_session_comes_of_it() {
    let w = World::new();
    let mut browser = w.browser();
    let done = w.login(&mut browser, "sessions", &ada(true));
    assert_eq!(location(&done), "http://localhost/ok?a=1");
    let account = browser.get("/account");
    assert_eq!(
        (account.is(200)["email"].clone(), account["name"].clone(), account["emailVerification"].clone()),
        (json!("ada@example.com"), json!("Ada L"), json!(true))
    );
    let session = browser.get("/account/sessions/current");
    assert_eq!((&session["provider"], &session["providerUid"]), (&json!("oidc"), &json!("p-ada")));
    assert!(session.str("providerAccessToken").starts_with("access-") && session.str("providerRefreshToken").starts_with("refresh-"));
    assert_eq!(session["factors"], json!(["email", "oauth2"]));
    let identities = browser.get("/account/identities");
    assert_eq!((&identities["total"], &identities["identities"][0]["providerEmail"]), (&json!(1), &json!("ada@example.com")));
    assert_eq!(identities["identities"][0]["providerAccessToken"], session["providerAccessToken"]);
    // A second login finds the same account and brings the identity up to date.
    let mut other = w.browser();
    w.login(&mut other, "sessions", &ada(true)).is(301);
    assert_eq!(other.get("/account")["$id"], account["$id"]);
    let again = other.get("/account/identities");
    assert_eq!(again["total"], 1);
    assert_ne!(again["identities"][0]["providerAccessToken"], session["providerAccessToken"]);
}

#[test]
fn tokens_are_sealed_where_they_are_kept() {
    let w = World::new();
    let mut browser = w.browser();
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    let access = access::Access::System("a test looks");
    let ns = w.app.app.project(&w.app.project).unwrap().unwrap().namespace;
    for table in ["sessions", "identities"] {
        let coll = w.app.app.collection(ns, table).unwrap();
        let docs = w.app.app.db.read().find(&access, &coll, &database::Find { limit: 10, ..database::Find::default() }).unwrap().documents;
        assert!(docs.iter().all(|d| !d.str("providerAccessToken").is_empty() && !format!("{d:?}").contains("access-")), "{table}");
    }
    let project = w.app.app.project(&w.app.project).unwrap().unwrap();
    assert!(!format!("{:?}", project.settings).contains(SECRET));
}

#[test]
fn a_token_comes_of_it_and_works_once() {
    let w = World::new();
    // Begun by an app's server, gone through by a browser that was never here before.
    let begun = w.app.guest().get(&format!("/account/tokens/oauth2/oidc?{PAGES}"));
    let back = w.idp.agree(&location(&begun), &ada(true));
    let mut browser = w.browser();
    let handed = browser.get(&format!("/account/sessions/oauth2/callback/oidc/{}?{back}", w.app.project));
    let done = browser.follow(&handed);
    assert!(done.cookie(&format!("a_session_{}", w.app.project)).is_none());
    let body = json!({"userId": asked(&done, "userId").unwrap(), "secret": asked(&done, "secret").unwrap()});
    let session = w.app.guest().post("/account/sessions/token", &body);
    assert_eq!(session.is(201)["provider"], "oidc");
    w.app.guest().post("/account/sessions/token", &body).fails(401, "user_invalid_token");
    // A late one does not work at all.
    let mut late = w.browser();
    let done = w.login(&mut late, "tokens", &ada(true));
    w.app.clock.advance(61);
    let body = json!({"userId": asked(&done, "userId").unwrap(), "secret": asked(&done, "secret").unwrap()});
    w.app.guest().post("/account/sessions/token", &body).fails(401, "user_invalid_token");
}

#[test]
fn extending_a_session_refreshes_its_tokens() {
    let w = World::new();
    let mut browser = w.browser();
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    let before = browser.get("/account/sessions/current");
    let line = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let after = browser.client.with("cookie", &line).patch("/account/sessions/current", &json!({}));
    after.is(200);
    assert_ne!(after["providerAccessToken"], before["providerAccessToken"]);
    assert_ne!(after["providerRefreshToken"], before["providerRefreshToken"]);
    assert!(w.idp.heard().iter().any(|h| h.field("grant_type") == "refresh_token" && h.field("refresh_token") == before.str("providerRefreshToken")));
}

#[test]
fn whoever_comes_back_must_have_begun() {
    let w = World::new();
    // A stranger's code slipped to another browser.
    let mut stranger = w.browser();
    let handed = w.agreed(&mut stranger, "sessions", &ada(true));
    let mut victim = w.browser();
    assert_eq!(failure(&victim.follow(&handed))["type"], "user_oauth2_bad_request");
    assert!(victim.cookies.is_empty());
    // To a browser somebody is signed in with: the account must not open to the stranger.
    let mut bob = Browser::of(w.app.user("bob"));
    let handed = w.agreed(&mut stranger, "sessions", &ada(true));
    assert_eq!(failure(&bob.follow(&handed))["type"], "user_oauth2_bad_request");
    assert_eq!(bob.get("/account/identities")["total"], 0);
    // Also where the stranger asked for a token, which is bound to no browser.
    let handed = w.agreed(&mut stranger, "tokens", &ada(true));
    assert_eq!(failure(&bob.follow(&handed))["type"], "user_oauth2_bad_request");
    // The same code a second time: the provider does not know it any more.
    let mut own = w.browser();
    let handed = w.agreed(&mut own, "sessions", &ada(true));
    assert_eq!(location(&own.follow(&handed)), "http://localhost/ok?a=1");
    let mut again = own.clone();
    again.cookies.retain(|(n, _)| !n.starts_with("a_session"));
    let error = failure(&again.follow(&handed));
    assert_eq!(
        error,
        json!({"message": "Failed to obtain access token. The OpenID Connect OAuth2 provider returned an error: invalid_grant: no",
        "type": "user_oauth2_bad_request", "code": 400})
    );
}

#[test]
fn a_state_is_ours_fresh_and_for_this_project_and_provider() {
    let w = World::new();
    let mut browser = w.browser();
    let begun = browser.get(&format!("/account/sessions/oauth2/oidc?{PAGES}"));
    let state = asked(&begun, "state").unwrap();
    assert!(!location(&begun).contains("localhost%2Fok"), "nothing can be read in it");
    let arrive = |b: &mut Browser, provider: &str, state: &str| b.get(&format!("/account/sessions/oauth2/{provider}/redirect?code=x&state={state}"));
    let bad = |a: &Answer| {
        assert_eq!(a.status, 400, "{}", a.text());
        assert!(a.header("content-type").unwrap().starts_with("text/html") && a.text().contains("begun here"), "{}", a.text());
    };
    let mut flipped = state.clone().into_bytes();
    flipped[40] = if flipped[40] == b'A' { b'B' } else { b'A' };
    bad(&arrive(&mut browser, "oidc", &String::from_utf8(flipped).unwrap()));
    bad(&browser.get("/account/sessions/oauth2/oidc/redirect?code=x"));
    bad(&arrive(&mut browser, "oidc", "%7B%22success%22%3A%22http%3A%2F%2Flocalhost%22%7D"));
    bad(&arrive(&mut browser, "google", &state));
    let (other, _) = w.app.make_project("other");
    let mut elsewhere = Browser { client: browser.client.with("x-appwrite-project", &other), ..browser.clone() };
    bad(&arrive(&mut elsewhere, "oidc", &state));
    w.app.clock.advance(901);
    bad(&arrive(&mut browser, "oidc", &state));
}

#[test]
fn redirects_stay_with_the_project() {
    let w = World::new();
    let guest = w.app.guest().without("origin");
    for evil in ["http%3A%2F%2Fevil.example%2Fok", "https%3A%2F%2Flocalhost%40evil.example", "javascript%3Aalert(1)", "%2F%2Fevil.example"] {
        for kind in ["sessions", "tokens"] {
            let answer = guest.get(&format!("/account/{kind}/oauth2/oidc?success={evil}"));
            assert_eq!(answer.status, 400, "{evil}: {}", answer.text());
            assert_eq!(guest.get(&format!("/account/{kind}/oauth2/oidc?failure={evil}")).status, 400, "{evil}");
        }
    }
    assert_eq!(guest.get("/account/sessions/oauth2/nope").status, 400);
    assert_eq!(guest.get("/account/sessions/oauth2/google").status, 412);
}

#[test]
fn what_the_provider_says_reaches_the_app() {
    let w = World::new();
    let mut browser = w.browser();
    let begun = browser.get(&format!("/account/sessions/oauth2/oidc?{PAGES}"));
    let state = asked(&begun, "state").unwrap();
    let project = &w.app.project;
    let handed = browser.get(&format!("/account/sessions/oauth2/callback/oidc/{project}?error=access_denied&error_description=No%20thanks&state={state}"));
    let error = failure(&browser.follow(&handed));
    assert_eq!(error["message"], "The OpenID Connect OAuth2 provider returned an error: access_denied: No thanks");
    assert_eq!((&error["type"], &error["code"]), (&json!("user_oauth2_provider_error"), &json!(424)));
    // An app's secret that the provider does not take.
    w.app.key().patch("/project/oauth2/oidc", &json!({"clientSecret": "wrong"})).is(200);
    assert_eq!(failure(&w.login(&mut browser, "sessions", &ada(true)))["type"], "user_oauth2_unauthorized");
    // A provider without an id for its user.
    w.app.key().patch("/project/oauth2/oidc", &json!({"clientSecret": SECRET})).is(200);
    assert_eq!(failure(&w.login(&mut browser, "sessions", &json!({"email": "a@b.co"})))["type"], "user_missing_id");
    // Switched off meanwhile.
    let handed = w.agreed(&mut browser, "sessions", &ada(true));
    w.app.key().patch("/project/oauth2/oidc", &json!({"enabled": false})).is(200);
    assert_eq!(failure(&browser.follow(&handed))["type"], "project_provider_disabled");
}

#[test]
fn phones_are_told_the_session_by_the_page() {
    let w = World::new();
    let mut browser = w.browser();
    let begun = browser.get("/account/sessions/oauth2/oidc");
    let back = w.idp.agree(&location(&begun), &ada(true));
    let handed = browser.get(&format!("/account/sessions/oauth2/callback/oidc/{}?{back}", w.app.project));
    let done = browser.follow(&handed);
    let key = format!("a_session_{}", w.app.project);
    assert!(location(&done).starts_with("http://localhost/console/auth/oauth2/success?project="));
    assert_eq!((asked(&done, "key"), asked(&done, "secret")), (Some(key.clone()), done.cookie(&key)));
}

#[test]
fn the_providers_of_the_tests_work_in_development_only() {
    let w = World::new();
    let project = w.app.app.project(&w.app.project).unwrap().unwrap();
    assert!(project.setting("oAuthProviders", "mockEnabled").is_null());
    let production = TestApp::new();
    assert_eq!(production.guest().get("/account/sessions/oauth2/mock").status, 412);
}

#[test]
fn a_login_that_fails_is_no_event() {
    let w = World::new();
    let heard = Peer::start(|_| (200, "{}".to_owned()));
    let hook = json!({"webhookId": "h", "name": "h", "url": heard.url("/"), "events": ["users.*.sessions.*.create", "users.*.create"]});
    w.app.key().post("/webhooks", &hook).is(201);
    let mut browser = w.browser();
    let begun = browser.get(&format!("/account/sessions/oauth2/oidc?{PAGES}"));
    let state = asked(&begun, "state").unwrap();
    failure(&browser.get(&format!("/account/sessions/oauth2/oidc/redirect?error=denied&state={state}")));
    while w.app.app.run_due_jobs().unwrap() > 0 {}
    assert!(heard.heard().is_empty(), "{:?}", heard.heard());
    w.login(&mut browser, "sessions", &ada(true)).is(301);
    while w.app.app.run_due_jobs().unwrap() > 0 {}
    let names: Vec<String> = heard.heard().iter().map(|h| h.header("x-appwrite-webhook-events").split(',').next().unwrap().to_owned()).collect();
    let id = browser.get("/account").str("$id");
    let session = browser.get("/account/sessions/current").str("$id");
    let mut wanted = vec![format!("users.{id}.create"), format!("users.{id}.sessions.{session}.create")];
    wanted.sort();
    let mut names = names;
    names.sort();
    assert_eq!(names, wanted);
}
