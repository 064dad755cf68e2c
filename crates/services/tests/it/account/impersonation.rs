//! Acting as another user.
use serde_json::json;
use testkit::TestApp;

#[test]
fn impersonators_act_as_others_and_nobody_else_does() {
    let app = TestApp::new();
    let (alice, bob) = (app.user("alice"), app.user("bob"));
    let key = app.key();
    key.patch("/users/bob/phone", &json!({"number": "+14155550100"})).is(200);
    let as_bob = alice.with("x-appwrite-impersonate-user-id", "bob");
    assert_eq!(as_bob.get("/account").is(200)["$id"], "alice", "not marked yet");
    key.patch("/users/alice/impersonator", &json!({"impersonator": true})).is(200);
    let me = alice.get("/account");
    assert_eq!((me.is(200)["$id"].as_str(), &me["impersonatorUserId"]), (Some("alice"), &json!(null)));
    for (header, value) in [("id", "bob"), ("email", "Bob@Example.com"), ("phone", "+14155550100")] {
        let seen = alice.with(&format!("x-appwrite-impersonate-user-{header}"), value).get("/account");
        assert_eq!((seen.is(200)["$id"].as_str(), seen["impersonatorUserId"].as_str()), (Some("bob"), Some("alice")), "{header}");
    }
    assert_eq!(alice.get("/account?impersonateUserId=bob").is(200)["$id"], "bob");
    // They may look users up; nobody unknown is acted as.
    alice.get("/users").is(200);
    bob.get("/users").fails(401, "general_unauthorized_scope");
    assert_eq!(alice.with("x-appwrite-impersonate-user-id", "nobody").get("/account").is(200)["$id"], "alice");
    assert_eq!(bob.with("x-appwrite-impersonate-user-id", "alice").get("/account").is(200)["$id"], "bob");
    // What is done is done as the other, and the log names who did it.
    as_bob.patch("/account/name", &json!({"name": "Robert"})).is(200);
    assert_eq!(bob.get("/account").is(200)["name"], "Robert");
    kernel::audit::flush(&app.app);
    let log = alice.get("/account/logs");
    assert_eq!(log.is(200)["logs"][0]["event"], "user.update");
    // Whoever is stopped as themselves is stopped as somebody else, too.
    key.patch("/users/alice/status", &json!({"status": false})).is(200);
    as_bob.get("/account").fails(403, "user_blocked");
}
